//! `cargo xtask test`: everything that shows that airlens works, in steps.

use std::{env, process::Command};

use anyhow::Result;

use crate::{build, cache::Cache, ebpf, packages, project::Project, python, setup, steps::Steps};

pub(crate) fn run(project: &Project, quick: bool) -> Result<()> {
    let mut steps = Steps::default();
    check_formatting(project, &mut steps);
    let mut tools = None;
    steps.check("set-up", || {
        packages::provide_for_tests(project)?;
        python::provide_for_tests(project, &Cache::open()?)?;
        tools = Some(setup::for_building(project)?);
        Ok(())
    });
    let built = tools.is_some_and(|tools| {
        steps.check("lints of the kernel programs", || ebpf::lint(project, &tools));
        steps.check("build", || {
            ebpf::build(project, &tools)?;
            build::binary(project)
        })
    });
    if built && quick {
        tests_of_workspace(project, &mut steps);
        println!("\nleft out for --quick: fuzzing and the virtual machines");
    } else if built {
        // The processors are idle for a part of the time: what is left over is for fuzzing, at the lowest priority.
        let mut fuzz = project.command("nice");
        fuzz.args(["-n", "19"]).arg(&project.xtask).arg("fuzz");
        steps.count_beside("fuzzing", &mut fuzz, |steps| {
            tests_of_workspace(project, steps);
            steps.count("virtual machines", project.command(&project.xtask).arg("vm"));
        });
    } else {
        println!("\nleft out: lints and tests, for they need the build");
    }
    if !project.root.join("../shared/corpus").is_dir() {
        println!("left out: the assertions on ../shared/corpus, which is not there");
    }
    steps.close()
}

fn tests_of_workspace(project: &Project, steps: &mut Steps) {
    steps.check_command("lints", &mut clippy(project));
    steps.count("tests", &mut tests(project));
    steps.count("documentation tests", &mut doc_tests(project));
}

fn check_formatting(project: &Project, steps: &mut Steps) {
    steps.check_command("formatting", project.cargo("fmt").args(["--all", "--check"]));
    steps.check_command(
        "formatting of the kernel programs",
        project.cargo("fmt").arg("--check").current_dir(project.ebpf()),
    );
}

fn clippy(project: &Project) -> Command {
    let mut clippy = project.cargo("clippy");
    clippy
        .args(["--workspace", "--all-targets", "--locked"])
        .args(["--", "--deny", "warnings"]);
    clippy
}

/// What property tests draw their cases from, unless the caller's environment has another seed: two runs of one tree give
/// one answer, as fuzzing does. A bare `cargo nextest run` and `cargo xtask fuzz --seconds` look for what is new.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "1");

/// nextest where it is installed, else cargo's own runner; neither stops at a failure.
fn tests(project: &Project) -> Command {
    let mut tests = runner(project);
    if env::var_os(SEED.0).is_none() {
        tests.env(SEED.0, SEED.1);
    }
    tests
}

fn runner(project: &Project) -> Command {
    let has_nextest = project
        .cargo("nextest")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if has_nextest {
        let mut nextest = project.cargo("nextest");
        nextest.args(["run", "--workspace", "--locked", "--no-fail-fast"]);
        nextest
    } else {
        println!("cargo-nextest is not installed: cargo test runs the tests");
        let mut test = project.cargo("test");
        test.args(["--workspace", "--locked", "--no-fail-fast"])
            .args(["--lib", "--bins", "--tests"]);
        test
    }
}

fn doc_tests(project: &Project) -> Command {
    let mut test = project.cargo("test");
    test.args(["--workspace", "--locked", "--no-fail-fast", "--doc"]);
    test
}
