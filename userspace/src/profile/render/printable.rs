//! Names from the air and of files, for terminals.

/// A name that is made to look like terminal control must not act as one.
pub fn printable(name: &str) -> String {
    let mut printable = String::new();
    for character in name.chars() {
        match character {
            '\'' | '"' => printable.push(character),
            _ => printable.extend(character.escape_debug()),
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cant_steer_the_terminal() {
        assert_eq!(printable("Anna's \u{1f680}\x1b[2J"), "Anna's \u{1f680}\\u{1b}[2J");
    }
}
