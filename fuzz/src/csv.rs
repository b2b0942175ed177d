//! A reader of one line of CSV (RFC 4180), strict.

/// The line's fields; `None` where it is no such line, ended by CR LF and with nothing behind.
pub fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let end = rest.find([',', '\r', '\n', '"'])?;
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => return (behind == "\r\n").then_some(fields),
        }
    }
}

/// A field's text up to its closing quote, and what follows.
fn quoted_field(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (text, behind) = rest.split_once('"')?;
        field.push_str(text);
        match behind.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, behind)),
        }
    }
}
