//! What a name that there is not was meant to be.

use super::keys::KEYS;

/// The message of serde about a key that there is not, with what may have been meant in place of all names that there are.
pub(super) fn explained(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next().filter(|_| message.starts_with("unknown field ")) else {
        return listed(message);
    };
    if let Some(meant) = nearest(unknown, quoted) {
        return format!("unknown field `{unknown}`: did you mean `{meant}`?");
    }
    let mut elsewhere = KEYS.iter().filter_map(|key| match key.name.rsplit_once('.') {
        Some((section, name)) if name == unknown => Some(format!("in the section [{section}]")),
        None if key.name == unknown => Some("before the first section".to_owned()),
        _ => None,
    });
    match elsewhere.next() {
        Some(place) => format!("unknown field `{unknown}`: it stands {place}"),
        None => message.to_owned(),
    }
}

/// A list of one is forgotten to be a list.
fn listed(message: &str) -> String {
    let text = message.strip_prefix("invalid type: string ");
    match text.and_then(|rest| rest.strip_suffix(", expected a sequence")) {
        Some(text) => format!("{text} stands where a list is expected: write [{text}]"),
        None => message.to_owned(),
    }
}

/// The one that differs least, if that is little for its length.
pub(super) fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = unknown.get(..unknown.len().min(64))?;
    let known = known.into_iter().map(|name| (distance(unknown, name), name));
    let (distance, name) = known.min()?;
    (distance <= (unknown.len() / 3).max(1)).then_some(name)
}

/// How many letters are to be put in, taken out or replaced (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut corner = line;
        let mut left = line + 1;
        for (cell, other) in row.iter_mut().zip(std::iter::once(None).chain(to.chars().map(Some))) {
            left = match other {
                None => line + 1,
                Some(other) => (corner + usize::from(letter != other)).min(left + 1).min(*cell + 1),
            };
            corner = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (from, to, expected) in [
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("chanel", "channel", 1),
            ("same", "same", 0),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn names() {
        let known = ["interface", "channel", "country"];
        assert_eq!(nearest("chanel", known), Some("channel"));
        assert_eq!(nearest("file", known), None);
        assert_eq!(nearest("", ["air"]), None);
        // A cut within a letter is no name of ours.
        assert_eq!(nearest(&format!("x{}", "é".repeat(60)), known), None);
    }

    #[test]
    fn messages() {
        for (message, expected) in [
            (
                "unknown field `chanel`, expected one of `mode`, `channel`",
                "unknown field `chanel`: did you mean `channel`?",
            ),
            (
                "unknown field `token_file`, expected one of `mode`, `channel`",
                "unknown field `token_file`: it stands in the section [monitoring]",
            ),
            (
                "unknown field `data`, expected one of `level`, `format`",
                "unknown field `data`: it stands before the first section",
            ),
            (
                "unknown field `colour`, expected one of `level`, `format`",
                "unknown field `colour`, expected one of `level`, `format`",
            ),
            (
                "invalid type: string \"eth0\", expected a sequence",
                "\"eth0\" stands where a list is expected: write [\"eth0\"]",
            ),
            ("something else", "something else"),
        ] {
            assert_eq!(explained(message), expected);
        }
    }
}
