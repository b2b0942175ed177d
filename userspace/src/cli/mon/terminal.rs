//! The terminal: taken over, drawn on, given back whatever happens.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use jiff::tz::TimeZone;
use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor::Show,
        event::{self, Event},
        execute,
        terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
    },
};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    draw::draw,
    keys::command,
    model::{Model, Then},
    skin::Skin,
    source::{Look, Want, look},
};
use crate::publish::query::{Asked, QueryError};

/// What happens.
enum Happening {
    Input(Event),
    Looked(Result<Box<Look>, QueryError>),
    End,
}

/// Shows the run with these files until a person has seen enough.
pub(super) fn show(run: Asked, interval: Duration, mut model: Model, skin: Skin) -> anyhow::Result<()> {
    let (happen, happenings) = mpsc::channel();
    let wants = looks(run, happen.clone())?;
    signals(happen.clone())?;
    let screen = Screen::take()?;
    keys(happen)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let result = go_on(&mut terminal, &mut model, skin, interval, &wants, &happenings);
    // The cursor is where the shell's was before anything else is said.
    drop(terminal);
    drop(screen);
    result
}

fn go_on<W: Write>(
    terminal: &mut Terminal<CrosstermBackend<W>>,
    model: &mut Model,
    skin: Skin,
    interval: Duration,
    wants: &Sender<Want>,
    happenings: &Receiver<Happening>,
) -> anyhow::Result<()> {
    let zone = TimeZone::system();
    let started = Instant::now();
    let mut next = started;
    let mut asked = false;
    loop {
        if !asked && !model.paused && Instant::now() >= next {
            next = (next + interval).max(Instant::now());
            // The thread that answers lives as long as this one listens.
            asked = wants.send(model.want()).is_ok();
        }
        let mut first = None;
        terminal.draw(|frame| first = draw(model, skin, &zone, frame.area(), frame.buffer_mut()))?;
        model.scroll = first.unwrap_or(model.scroll);
        let patience = if asked || model.paused {
            Duration::from_secs(3600)
        } else {
            next.saturating_duration_since(Instant::now())
        };
        match happenings.recv_timeout(patience) {
            Ok(Happening::Looked(answer)) => {
                asked = false;
                match answer {
                    // It was asked before the picture was held.
                    Ok(_) if model.paused => {}
                    Ok(look) => model.apply(*look),
                    Err(error @ QueryError::Permission(_)) => return Err(error.into()),
                    Err(error) => model.unanswered(started.elapsed().as_secs_f64(), error.to_string()),
                }
            }
            Ok(Happening::Input(Event::Key(key))) => match command(key).map(|command| model.command(command)) {
                Some(Then::Quit) => return Ok(()),
                Some(Then::Look) => {
                    next = Instant::now();
                }
                Some(Then::Nothing) | None => {}
            },
            // Another size: drawn anew.
            Ok(Happening::Input(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Happening::End) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Asks the run on a thread of its own: who presses keys does not wait for it.
fn looks(run: Asked, happen: Sender<Happening>) -> anyhow::Result<Sender<Want>> {
    let (wants, wanted) = mpsc::channel::<Want>();
    let started = Instant::now();
    thread::Builder::new()
        .name("airlens-look".to_owned())
        .spawn(move || {
            for want in wanted {
                let answer = look(&run, &want, started.elapsed().as_secs_f64()).map(Box::new);
                if happen.send(Happening::Looked(answer)).is_err() {
                    return;
                }
            }
        })
        .context("can't start a thread")?;
    Ok(wants)
}

/// Reads keys until the process ends.
fn keys(happen: Sender<Happening>) -> anyhow::Result<()> {
    thread::Builder::new()
        .name("airlens-keys".to_owned())
        .spawn(move || {
            while let Ok(input) = event::read() {
                if happen.send(Happening::Input(input)).is_err() {
                    return;
                }
            }
            // The terminal is gone.
            let _ = happen.send(Happening::End);
        })
        .context("can't start a thread")?;
    Ok(())
}

/// Hears what asks the process to end.
fn signals(happen: Sender<Happening>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let mut signals = Vec::new();
    {
        let _inside = runtime.enter();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            signals.push(signal(kind)?);
        }
    }
    thread::Builder::new()
        .name("airlens-signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                let [interrupt, terminate, hangup] = signals.as_mut_slice() else {
                    return;
                };
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
            });
            let _ = happen.send(Happening::End);
        })
        .context("can't start a thread")?;
    Ok(())
}

/// The terminal in raw mode, on its other screen. Given back once: when this is dropped, or by a panic before it says why.
struct Screen {
    taken: Arc<AtomicBool>,
}

impl Screen {
    fn take() -> anyhow::Result<Self> {
        let taken = Arc::new(AtomicBool::new(true));
        let (told, before) = (Arc::clone(&taken), panic::take_hook());
        panic::set_hook(Box::new(move |panic| {
            give_back(&told);
            before(panic);
        }));
        enable_raw_mode().context("this terminal can't be drawn on: use --once")?;
        let screen = Self { taken };
        execute!(io::stdout(), EnterAlternateScreen)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back(&self.taken);
    }
}

/// By the terminal's own file: another thread may hold standard output.
fn give_back(taken: &AtomicBool) {
    if !taken.swap(false, Ordering::SeqCst) {
        return;
    }
    // If the terminal is gone there is nothing to give back.
    let _ = disable_raw_mode();
    if let Ok(mut terminal) = OpenOptions::new().write(true).open("/dev/tty") {
        let _ = execute!(terminal, LeaveAlternateScreen, Show);
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    #[ignore = "it takes the terminal over: the test below runs it in tmux"]
    fn panics_on_the_screen() {
        let _screen = Screen::take().unwrap();
        print!("what nobody is to see any more");
        io::stdout().flush().unwrap();
        panic!("what went wrong");
    }

    #[test]
    fn a_panic_gives_the_terminal_back_and_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let tmux = |arguments: &[&str]| {
            let mut command = Command::new("tmux");
            command.arg("-S").arg(folder.path().join("tmux")).args(arguments);
            let output = command.stdin(Stdio::null()).output().expect("install tmux");
            assert!(output.status.success(), "{arguments:?}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let own = std::env::current_exe().unwrap();
        let panics = "cli::mon::terminal::tests::panics_on_the_screen";
        let shell = format!(
            "RUST_BACKTRACE=0 {} --ignored --nocapture --exact {panics}; stty -a; cat",
            own.display()
        );
        tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50", &shell]);
        let started = Instant::now();
        let screen = loop {
            let screen = tmux(&["capture-pane", "-p"]);
            if screen.contains("icanon") {
                break screen;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{screen}");
            thread::sleep(Duration::from_millis(50));
        };
        let state = tmux(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]);
        tmux(&["kill-server"]);
        assert_eq!(state.trim(), "0 1");
        assert!(screen.contains("what went wrong"), "{screen}");
        assert!(screen.contains(" icanon") && screen.contains(" echo "), "{screen}");
        assert!(!screen.contains("nobody is to see"), "{screen}");
    }
}
