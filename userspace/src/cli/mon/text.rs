//! Text for cells: names that can't steer a terminal or shift a column, and numbers for people.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Marks that may stand on one letter; more of them run into other lines.
const MARKS: usize = 2;

/// Letters that are looked at: a name from the air has 32 octets, one of a file may have any number.
const LONGEST: usize = 256;

/// A name as it may be shown: control and direction characters are written out, and what terminals disagree about
/// (joiners, variation selectors, skin tones) is left out, so that its width is the sum of its letters'.
pub(super) fn safe(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut marks = 0;
    for letter in name.chars().take(LONGEST) {
        match letter {
            '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{fe00}'..='\u{fe0f}' => {}
            '\u{1f3fb}'..='\u{1f3ff}' | '\u{feff}' | '\u{ad}' => {}
            '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{61c}' => {
                text.extend(letter.escape_unicode());
            }
            '\u{e0000}'..='\u{e0fff}' => text.extend(letter.escape_unicode()),
            _ => match letter.width() {
                None => text.extend(letter.escape_default()),
                Some(0) => {
                    marks += 1;
                    if marks <= MARKS && !text.is_empty() {
                        text.push(letter);
                    }
                    continue;
                }
                Some(_) => text.push(letter),
            },
        }
        marks = 0;
    }
    text
}

/// Columns that a safe text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a safe text in at most so many columns; `end` stands where something was cut.
pub(super) fn fit(text: &str, columns: usize, end: char) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut fitted = String::new();
    let mut room = columns.saturating_sub(1);
    for letter in text.chars() {
        let needed = letter.width().unwrap_or(0);
        if needed > room {
            break;
        }
        room -= needed;
        fitted.push(letter);
    }
    if columns > 0 {
        fitted.push(end);
    }
    fitted
}

/// Both ends of a safe text in at most so many columns: addresses begin alike, and their ports stand at the end.
pub(super) fn fit_middle(text: &str, columns: usize, cut: char) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut fitted = fit(text, columns.div_ceil(2), cut);
    let mut room = columns.saturating_sub(width(&fitted));
    let mut end = Vec::new();
    for letter in text.chars().rev() {
        let Some(left) = room.checked_sub(letter.width().unwrap_or(0)) else {
            break;
        };
        room = left;
        end.push(letter);
    }
    fitted.extend(end.iter().rev());
    fitted
}

/// `1,523`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits and a unit by thousands: `850 Mbit/s` for `scaled(8.5e8, "bit/s")`.
pub(super) fn scaled(number: f64, unit: &str) -> String {
    const PREFIXES: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    let (mut number, mut prefix) = (number.max(0.0), 0);
    while number >= 999.5 && prefix + 1 < PREFIXES.len() {
        number /= 1000.0;
        prefix += 1;
    }
    let digits = match number {
        number if prefix == 0 && number.fract() == 0.0 || number >= 99.95 => 0,
        number if number >= 9.995 || prefix == 0 => 1,
        _ => 2,
    };
    format!("{number:.digits$} {}{unit}", PREFIXES[prefix])
        .trim_end()
        .to_owned()
}

/// `5d 12h 34m`, `12m 3s`, `3s`: two or three units.
pub(super) fn span(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {seconds}s"),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h {minutes}m"),
    }
}

/// One unit: `3s`, `12m`, `5h`, `104d`.
pub(super) fn short_span(seconds: f64) -> String {
    match seconds.max(0.0) {
        seconds if seconds < 100.0 => format!("{seconds:.0}s"),
        seconds if seconds < 6000.0 => format!("{:.0}m", (seconds / 60.0).floor()),
        seconds if seconds < 360_000.0 => format!("{:.0}h", (seconds / 3600.0).floor()),
        seconds => format!("{:.0}d", (seconds / 86_400.0).floor()),
    }
}

/// `32.5%` of a share.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_names_are_tame() {
        for (name, shown) in [
            ("café 📡", "café 📡"),
            ("\u{1b}[2J\u{7}x", "\\u{1b}[2J\\u{7}x"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("👨\u{200d}👩", "👨👩"),
            ("❤\u{fe0f}", "❤"),
            ("e\u{301}\u{301}\u{301}\u{301}", "e\u{301}\u{301}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{301}x", "x"),
            ("new\nline", "new\\nline"),
        ] {
            assert_eq!(safe(name), shown, "{name:?}");
        }
    }

    #[test]
    fn cuts_at_columns_not_letters() {
        assert_eq!(fit("漢字漢字", 5, '…'), "漢字…");
        assert_eq!(fit("漢字漢字", 4, '…'), "漢…");
        assert_eq!(fit("漢字漢字", 8, '…'), "漢字漢字");
        assert_eq!(fit_middle("[2001:db8::1]:35712", 13, '…'), "[2001:…:35712");
        assert_eq!(fit_middle("漢字漢字", 5, '…'), "漢…字");
        assert_eq!(fit_middle("abc", 3, '…'), "abc");
        assert_eq!(
            (fit("abc", 1, '~'), fit("abc", 0, '~')),
            ("~".to_owned(), String::new())
        );
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(
            [0, 999, 1523, 1_048_576].map(grouped),
            ["0", "999", "1,523", "1,048,576"]
        );
        assert_eq!(scaled(8.5e8, "bit/s"), "850 Mbit/s");
        assert_eq!(
            [0.0, 12.0, 12.34, 999.96, 45_600.0, 1.8e19].map(|number| scaled(number, "")),
            ["0", "12", "12.3", "1.00 k", "45.6 k", "18.0 E"]
        );
        assert_eq!(
            [3, 723, 8000, 477_240].map(span),
            ["3s", "12m 3s", "2h 13m", "5d 12h 34m"]
        );
        assert_eq!([3.2, 125.0, 7200.0, 9e6].map(short_span), ["3s", "2m", "2h", "104d"]);
        assert_eq!(percent(0.325), "32.5%");
    }

    proptest! {
        #[test]
        fn no_text_steers_or_grows(name in any::<String>(), columns in 0usize..60) {
            let text = safe(&name);
            prop_assert!(!text.chars().any(char::is_control));
            let fitted = fit(&text, columns, '…');
            prop_assert!(fitted.chars().map(|letter| letter.width().unwrap_or(9)).sum::<usize>() <= columns.max(width(&text).min(columns)));
        }
    }
}
