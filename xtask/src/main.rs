//! `cargo xtask …`: set-up, eBPF build, demo, tests, VM and benches.
use clap::Parser;

mod vm;

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
enum Xtask {
    /// Run airlens on real mac80211 in virtual machines
    Vm(vm::VmArgs),
}

fn main() -> anyhow::Result<()> {
    let Xtask::Vm(args) = Xtask::parse();
    let counts = vm::run(args)?;
    anyhow::ensure!(counts.failed == 0, "{} VM checks failed", counts.failed);
    Ok(())
}
