//! What is compared, and what differs.

use std::{collections::BTreeSet, fmt::Debug};

/// A value that both read differently.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The element's id; `-` for what is in front of the elements, `*` for the list of them.
    pub(crate) element: &'static str,
    pub(crate) field: &'static str,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

/// The comparisons of one request.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) compared: usize,
    /// Elements with a value to compare.
    pub(crate) elements: BTreeSet<&'static str>,
    pub(crate) differences: Vec<Difference>,
}

impl Rows {
    #[expect(clippy::needless_pass_by_value, reason = "callers make both values for this call")]
    pub(crate) fn same<T: Debug + PartialEq>(
        &mut self,
        element: &'static str,
        field: &'static str,
        ours: T,
        theirs: T,
    ) {
        self.compared += 1;
        self.elements.insert(element);
        if ours != theirs {
            self.differences.push(Difference {
                element,
                field,
                ours: format!("{ours:?}"),
                theirs: format!("{theirs:?}"),
            });
        }
    }
}
