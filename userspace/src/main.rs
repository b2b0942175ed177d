//! The `airlens` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    airlens::cli::main()
}
