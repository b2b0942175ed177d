//! Finds the kernel programs' object and hands its path to the library, which embeds it; makes the table of the IEEE
//! registry.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, path::PathBuf, process::exit};

#[path = "src/profile/identity/short_name.rs"]
mod short_name;

use short_name::short_name;

fn main() {
    println!("cargo::rerun-if-env-changed=AIRLENS_EBPF_OBJECT");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/profile/identity/short_name.rs");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let object =
        env::var_os("AIRLENS_EBPF_OBJECT").map_or_else(|| manifest.join("../target/ebpf/airlens.bpf.o"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", object.display());
    let Ok(object) = fs::canonicalize(&object) else {
        println!(
            "cargo::error=no kernel programs at {}: run `cargo xtask build-ebpf` first, or name an object in AIRLENS_EBPF_OBJECT",
            object.display()
        );
        exit(1);
    };
    println!("cargo::rustc-env=AIRLENS_EBPF_OBJECT={}", object.display());
    if let Err(error) = registry() {
        println!("cargo::error=can't write the table of the IEEE registry: {error}");
        exit(1);
    }
}

/// Writes what `profile/identity/registry.rs` includes: for each length of prefix a sorted table to numbers of owners, and
/// the owners' names, full then short, in one text with the places where each begins. No pointers: nothing to relocate
/// when the program starts.
fn registry() -> Result<(), Box<dyn Error>> {
    let mut tables = [24u32, 28, 36].map(|bits| (bits, BTreeMap::new()));
    let mut numbers = BTreeMap::new();
    let (mut names, mut starts) = (String::new(), vec![0]);
    // In the order of the prefixes: the same crate makes the same table.
    let entries: BTreeMap<_, _> = oui_data::OUI_ENTRIES.entries().collect();
    for (prefix, entry) in entries {
        // The crate writes a line end where the registry has two spaces.
        let name = entry.organization().split_whitespace().collect::<Vec<_>>().join(" ");
        let next = numbers.len();
        let number = *numbers.entry(name.clone()).or_insert(next);
        if number == next {
            for name in [&name, &short_name(&name)] {
                names.push_str(name);
                starts.push(names.len());
            }
        }
        let bits = u32::try_from(prefix.len() * 4)?;
        if let Some((_, table)) = tables.iter_mut().find(|(length, _)| *length == bits) {
            table.insert(u64::from_str_radix(prefix, 16)?, number);
        }
    }
    let mut code = String::new();
    for (bits, table) in &tables {
        let kind = if *bits > 32 { "u64" } else { "u32" };
        writeln!(
            code,
            "static PREFIXES_{bits}: [{kind}; {}] = {:?};",
            table.len(),
            Vec::from_iter(table.keys())
        )?;
        writeln!(
            code,
            "static OWNERS_{bits}: [u16; {}] = {:?};",
            table.len(),
            Vec::from_iter(table.values())
        )?;
    }
    writeln!(code, "static STARTS: [u32; {}] = {starts:?};", starts.len())?;
    writeln!(code, "static NAMES: &str = include_str!(\"owners.txt\");")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::write(out.join("owners.txt"), names)?;
    fs::write(out.join("registry.rs"), code)?;
    Ok(())
}
