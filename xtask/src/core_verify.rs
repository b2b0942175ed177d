//! Proof that recovered source files are those that the toolchain itself was built from.
//!
//! The metadata of the host's `libcore` names each file that it was compiled from, as
//! `/rustc/COMMIT/library/…`, and holds the MD5 of its text (`rustc_span::SourceFile`, the same
//! digest that debuggers get). Files that it does not name belong to other platforms: they are not
//! verified, and `sysroot` refuses a build that reads one.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Component, Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::core_docs::SourceFile;

type Digest = [u8; 16];

/// Returns the paths of the files that the host's `core` was built from, all of which are among
/// `files` with the very same text; or an error that lists those that are not.
pub(crate) fn verify(files: &[SourceFile], metadata: &[u8], commit: &str) -> Result<BTreeSet<PathBuf>> {
    let named = named_files(metadata, commit);
    if named.is_empty() {
        bail!("the metadata of this toolchain's libcore names no source file");
    }
    let digests: HashMap<&Path, Digest> = files
        .iter()
        .map(|file| (file.path.as_path(), md5::compute(&file.text).0))
        .collect();
    let known = present(&digests.values().copied().collect(), metadata);
    let mut wrong = Vec::new();
    for path in &named {
        match digests.get(path.as_path()) {
            None => wrong.push(format!("{}: missing", path.display())),
            Some(digest) if !known.contains(digest) => {
                wrong.push(format!("{}: differs", path.display()));
            }
            Some(_) => {}
        }
    }
    if !wrong.is_empty() {
        bail!(
            "{} of the {} files that this toolchain's libcore was built from are not what its \
             rust-docs show:\n  {}",
            wrong.len(),
            named.len(),
            wrong.join("\n  ")
        );
    }
    Ok(named)
}

/// The source files named in the metadata, as paths in the Rust repository.
fn named_files(metadata: &[u8], commit: &str) -> BTreeSet<PathBuf> {
    let prefix = format!("/rustc/{commit}/").into_bytes();
    let mut names = BTreeSet::new();
    let mut rest = metadata;
    while let Some(slash) = rest.iter().position(|byte| *byte == b'/') {
        rest = &rest[slash..];
        match rest.strip_prefix(prefix.as_slice()) {
            None => rest = &rest[1..],
            Some(after) => {
                rest = after;
                let length = after.iter().take_while(|byte| in_path(**byte)).count();
                if let Ok(name) = str::from_utf8(&after[..length])
                    && name.starts_with("library/")
                    && name.ends_with(".rs")
                {
                    names.insert(normal(Path::new(name)));
                }
            }
        }
    }
    names
}

fn in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-./".contains(&byte)
}

/// The path without `.` and `..`: `core/src/../../stdarch` is `stdarch`.
pub(crate) fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut result, part| {
        match part {
            Component::ParentDir => {
                result.pop();
            }
            Component::CurDir => {}
            part => result.push(part),
        }
        result
    })
}

/// Those digests that stand somewhere in the metadata.
fn present(digests: &HashSet<Digest>, metadata: &[u8]) -> HashSet<Digest> {
    // Most positions are ruled out by their first two octets.
    let mut starts = vec![false; 1 << 16];
    for digest in digests {
        starts[usize::from(u16::from_le_bytes([digest[0], digest[1]]))] = true;
    }
    metadata
        .windows(size_of::<Digest>())
        .filter(|window| starts[usize::from(u16::from_le_bytes([window[0], window[1]]))])
        .filter_map(|window| Digest::try_from(window).ok())
        .filter(|window| digests.contains(window))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: PathBuf::from(path),
            text: text.to_owned(),
        }
    }

    /// Metadata as rustc lays it out: a name, an end mark, the digest.
    fn metadata(files: &[(&str, &str)]) -> Vec<u8> {
        let mut metadata = b"rust\0\0\0\x09".to_vec();
        for (path, text) in files {
            metadata.extend(format!("/rustc/c0ffee/{path}").bytes());
            metadata.extend([0xc1, 0x3b, 0x00]);
            metadata.extend(md5::compute(text).0);
        }
        metadata
    }

    #[test]
    fn files_of_the_hosts_build_are_verified_and_others_are_not() {
        let metadata = metadata(&[
            ("library/core/src/lib.rs", "lib"),
            ("library/core/src/../../stdarch/x86.rs", "x86"),
        ]);
        let files = [
            file("library/core/src/lib.rs", "lib"),
            file("library/stdarch/x86.rs", "x86"),
            file("library/stdarch/arm.rs", "whatever"),
        ];
        let verified = verify(&files, &metadata, "c0ffee").unwrap();
        assert_eq!(
            verified.into_iter().collect::<Vec<_>>(),
            [
                PathBuf::from("library/core/src/lib.rs"),
                PathBuf::from("library/stdarch/x86.rs")
            ]
        );
    }

    #[test]
    fn a_changed_and_a_missing_file_are_named() {
        let metadata = metadata(&[("library/core/src/any.rs", "any"), ("library/core/src/cell.rs", "cell")]);
        let files = [file("library/core/src/any.rs", "any, changed")];
        let error = verify(&files, &metadata, "c0ffee").unwrap_err().to_string();
        assert!(error.contains("library/core/src/any.rs: differs"), "{error}");
        assert!(error.contains("library/core/src/cell.rs: missing"), "{error}");
    }

    #[test]
    fn metadata_of_another_toolchain_verifies_nothing() {
        let metadata = metadata(&[("library/core/src/lib.rs", "lib")]);
        let files = [file("library/core/src/lib.rs", "lib")];
        assert!(verify(&files, &metadata, "decaf").is_err());
    }
}
