//! What keys ask for.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::{Command, View};

/// Lines of a page.
const PAGE: usize = 10;

/// What a key asks for; its release, and what it does with Ctrl, asks for nothing.
pub(super) fn command(key: KeyEvent) -> Option<Command> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c')).then_some(Command::Quit);
    }
    Some(match key.code {
        KeyCode::Char('q') => Command::Quit,
        KeyCode::Char(digit @ '1'..='5') => Command::Show(View::ALL[usize::from(digit as u8 - b'1')]),
        KeyCode::Tab | KeyCode::Right => Command::NextView,
        KeyCode::BackTab | KeyCode::Left => Command::PreviousView,
        KeyCode::Up | KeyCode::Char('k') => Command::Up(1),
        KeyCode::Down | KeyCode::Char('j') => Command::Down(1),
        KeyCode::PageUp => Command::Up(PAGE),
        KeyCode::PageDown => Command::Down(PAGE),
        KeyCode::Home | KeyCode::Char('g') => Command::First,
        KeyCode::End | KeyCode::Char('G') => Command::Last,
        KeyCode::Enter => Command::Open,
        KeyCode::Esc | KeyCode::Backspace => Command::Close,
        KeyCode::Char('s') => Command::Sort,
        KeyCode::Char('p' | ' ') => Command::Pause,
        KeyCode::Char('?' | 'h') => Command::Help,
        _ => Command::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let plain = |code| command(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(plain(KeyCode::Char('3')), Some(Command::Show(View::Flows)));
        assert_eq!(plain(KeyCode::Char('6')), Some(Command::Other));
        assert_eq!(plain(KeyCode::PageDown), Some(Command::Down(10)));
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(command(interrupt), Some(Command::Quit));
    }
}
