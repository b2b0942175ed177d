//! An expression as words, each with its place.

/// What is wrong with an expression, and where: the column counts characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("filter, column {column}: {message}")]
pub struct FilterError {
    /// The place.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl FilterError {
    pub(super) fn new(column: usize, message: impl Into<String>) -> Self {
        Self {
            column,
            message: message.into(),
        }
    }
}

/// A word and where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) column: usize,
}

/// Operators, the longest first.
const OPERATORS: [&str; 12] = ["&&", "||", ">=", "<=", "!=", "==", "!", ">", "<", "=", "(", ")"];

fn is_separator(character: char) -> bool {
    character.is_whitespace() || "()!<>=&|".contains(character)
}

/// The words of an expression, and the column behind them.
pub(super) fn words(text: &str) -> Result<(Vec<Word<'_>>, usize), FilterError> {
    let (mut words, mut rest, mut column) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator));
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if let Some(operator) = operator {
            operator.len()
        } else {
            rest.find(is_separator).unwrap_or(rest.len())
        };
        if length == 0 {
            return Err(FilterError::new(column, format!("{first:?} alone: use && and ||")));
        }
        let (word, behind) = rest.split_at(length);
        if !first.is_whitespace() {
            words.push(Word { text: word, column });
        }
        column += word.chars().count();
        rest = behind;
    }
    Ok((words, column))
}
