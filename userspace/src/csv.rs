//! Lines of CSV (RFC 4180), as Python's `csv` writes them in its dialect `excel`.

/// Appends a cell: quoted where it must be, no comma behind it.
pub(crate) fn cell(text: &str, line: &mut String) {
    if text.contains(['"', ',', '\r', '\n']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

/// A line with its end.
pub(crate) fn line<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let mut line = String::with_capacity(256);
    for (place, text) in cells.into_iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        cell(text.as_ref(), &mut line);
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_it_must() {
        assert_eq!(
            line(["a b", "", "a,b", "say \"a\"", "a\nb"]),
            "a b,,\"a,b\",\"say \"\"a\"\"\",\"a\nb\"\r\n"
        );
    }
}
