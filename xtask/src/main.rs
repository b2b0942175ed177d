//! `cargo xtask …`: set-up, eBPF build, demo, tests, VM and benches.
//!
//! Every command does the set-up that it needs by itself and leaves the binary in
//! `target/release/airlens`.

mod bench;
mod build;
mod cache;
mod command;
mod core_docs;
mod core_verify;
mod demo;
mod ebpf;
mod fuzz;
mod linker;
mod packages;
mod parallel;
mod project;
mod python;
mod rustc_wrapper;
mod setup;
mod steps;
mod summary;
mod sysroot;
mod test;
mod toolchain;
mod vm;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::project::Project;

/// Builds, shows, tests and measures airlens.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what building and testing need, then build
    Setup,
    /// Build the kernel programs into target/ebpf/airlens.bpf.o, then the binary
    BuildEbpf {
        /// Build the object only; target/release/airlens stays as it is
        #[arg(long)]
        no_binary: bool,
        /// Build target/ebpf/bench.bpf.o too, with the programs of the benches
        #[arg(long)]
        benches: bool,
    },
    /// Build, then run `airlens demo`
    Demo {
        /// Arguments of `airlens demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Check formatting and lints, build, and run every test
    Test {
        /// Leave out fuzzing and the virtual machines
        #[arg(long)]
        quick: bool,
    },
    /// Build, then run airlens on real mac80211 in virtual machines
    Vm(vm::VmArgs),
    /// Build the fuzz targets, then run them: without options as long as in a test run
    Fuzz(fuzz::FuzzArgs),
    /// Build, then run the benches
    Bench {
        /// Arguments of `cargo bench`
        #[arg(allow_hyphen_values = true)]
        args: Vec<OsString>,
        /// Arguments of the benches themselves
        #[arg(last = true)]
        benches: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let result = match rustc_wrapper::requested() {
        Some(root) => rustc_wrapper::run(&root),
        None => run(Cli::parse().task),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The steps of a test run have said what failed.
            if !error.is::<steps::Failed>() {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let project = Project::new()?;
    match task {
        Task::Setup => setup::run(&project),
        Task::BuildEbpf { no_binary, benches } => {
            build::run(&project, !no_binary)?;
            if benches {
                bench::object(&project)?;
            }
            Ok(())
        }
        Task::Demo { args } => demo::run(&project, args),
        Task::Test { quick } => test::run(&project, quick),
        Task::Vm(args) => {
            let counts = vm::run(&project, args)?;
            anyhow::ensure!(counts.failed == 0, "{} VM checks failed", counts.failed);
            Ok(())
        }
        Task::Fuzz(args) => {
            let counts = fuzz::run(&project, &args)?;
            anyhow::ensure!(counts.failed == 0, "{} fuzz targets failed", counts.failed);
            Ok(())
        }
        Task::Bench { args, benches } => bench::run(&project, args, benches),
    }
}
