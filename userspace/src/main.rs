//! The `airlens` command.
fn main() {}
