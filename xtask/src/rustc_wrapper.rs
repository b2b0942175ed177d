//! rustc as cargo calls it, made to forget where the checkout is.
//!
//! Two checkouts of one commit shall give the same kernel programs, octet for octet. Cargo puts
//! the absolute path of `common`, which is outside of the kernel programs' workspace, into the
//! `-C metadata` of our crates, and from there it gets into every symbol; and the folder of a
//! crate from the registry has the name of the registry that it came from. Cargo has no setting
//! for either, so xtask calls itself in the place of rustc (`RUSTC_WRAPPER`) and corrects both.

use std::{
    env,
    ffi::OsString,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::project::Project;

/// Holds the project's root, and says that xtask was started in the place of rustc.
const ROOT: &str = "AIRLENS_RUSTC_WRAPPER_ROOT";

/// Flags, separated by spaces, that our own crates alone are compiled with; then nothing is made forgotten.
const FLAGS: &str = "AIRLENS_RUSTC_WRAPPER_FLAGS";

/// But not these: build scripts, and fuzz targets that read JSON again, which would take most of their time.
const PLAIN: [&str; 3] = ["build_script_build", "clients", "profile"];

/// Makes a call of cargo compile our own crates, and nothing else, with more flags. Cargo doesn't see them: it compiles
/// nothing anew when they change.
pub(crate) fn wrap_with(cargo: &mut Command, project: &Project, flags: &[&str]) {
    wrap(cargo, project);
    cargo.env(FLAGS, flags.join(" "));
}

/// Makes a call of cargo use this wrapper.
pub(crate) fn wrap(cargo: &mut Command, project: &Project) {
    cargo.env("RUSTC_WRAPPER", &project.xtask).env(ROOT, &project.root);
}

/// The project's root, where xtask was started in the place of rustc.
pub(crate) fn requested() -> Option<PathBuf> {
    env::var_os(ROOT).map(PathBuf::from)
}

/// Becomes rustc.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut args = env::args_os().skip(1);
    let rustc = args.next().context("cargo names the compiler first")?;
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let name = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let args: Vec<_> = args.collect();
    let args = match package {
        _ if env::var_os(FLAGS).is_some() => with_flags(args, &name, &env::var(FLAGS).unwrap_or_default()),
        Some(package) if package.starts_with(root) => with_metadata(args, &name),
        Some(package) => with_remap(args, &package, &format!("{name}-{version}")),
        // A question about the compiler, for no package.
        None => args,
    };
    let error = Command::new(&rustc).args(args).exec();
    Err(error).with_context(|| format!("cannot run {}", rustc.to_string_lossy()))
}

/// Our own crates are told apart by their names alone.
fn with_metadata(args: Vec<OsString>, name: &str) -> Vec<OsString> {
    args.into_iter()
        .map(|arg| {
            let is_metadata = arg.to_str().is_some_and(|arg| arg.starts_with("metadata="));
            if is_metadata {
                OsString::from(format!("metadata={name}"))
            } else {
                arg
            }
        })
        .collect()
}

fn with_flags(mut args: Vec<OsString>, package: &str, flags: &str) -> Vec<OsString> {
    let mut pairs = args.iter().zip(args.iter().skip(1));
    let is_plain = pairs.any(|(name, value)| name == "--crate-name" && PLAIN.iter().any(|plain| value == plain));
    if package.starts_with("airlens") && !is_plain {
        args.extend(flags.split(' ').map(OsString::from));
    }
    args
}

fn with_remap(mut args: Vec<OsString>, package: &Path, name: &str) -> Vec<OsString> {
    let mut remap = OsString::from("--remap-path-prefix=");
    remap.push(package);
    remap.push(format!("=/crates/{name}"));
    args.push(remap);
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_metadata_changes() {
        let args = ["--crate-name", "a", "-C", "metadata=12ab", "-C", "lto"].map(OsString::from);
        assert_eq!(
            with_metadata(args.to_vec(), "a-name"),
            ["--crate-name", "a", "-C", "metadata=a-name", "-C", "lto"]
        );
    }

    #[test]
    fn only_our_crates_get_more_flags() {
        let call = |name: &str| ["--crate-name", name, "src/lib.rs"].map(OsString::from).to_vec();
        let flags = |package, name| with_flags(call(name), package, "-Ca -Cb").len() - call(name).len();
        assert_eq!(flags("airlens", "airlens"), 2);
        assert_eq!(flags("airlens-fuzz", "radiotap"), 2);
        assert_eq!(flags("airlens", "build_script_build"), 0);
        assert_eq!(flags("serde", "serde"), 0);
    }

    #[test]
    fn a_crates_folder_is_its_name_and_version() {
        assert_eq!(
            with_remap(vec![], Path::new("/home/a/registry/b-1.0.0"), "b-1.0.0"),
            ["--remap-path-prefix=/home/a/registry/b-1.0.0=/crates/b-1.0.0"]
        );
    }
}
