//! An integration test of this package makes cargo build the binary with the workspace's tests; those of package
//! `airlens-tests` run it.

use std::process::Command;

#[test]
fn the_binary_is_built_where_the_other_tests_look_for_it() {
    let binary = env!("CARGO_BIN_EXE_airlens");
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(std::path::Path::parent).unwrap();
    assert_eq!(std::path::Path::new(binary), profile.join("airlens"));
    let output = Command::new(binary).arg("--version").output().unwrap();
    let expected = format!("airlens {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
