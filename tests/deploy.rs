//! `scripts/` and `docs/deploy/`: each file held against the program that is to read it. Needs root, systemd's and Prometheus's tools.

#[path = "deploy/unit.rs"]
mod unit_file;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use airlens_tests::support::{
    cli::{Said, airlens},
    python,
    run::Place,
};
use anyhow::{Context as _, Result, ensure};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn unit() -> Result<String> {
    Ok(fs::read_to_string(root().join("scripts/systemd/airlens.service"))?)
}

/// All values of a setting of the unit.
fn settings(unit: &str, name: &str) -> Vec<String> {
    let lines = unit
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    lines.map(str::to_owned).collect()
}

/// What a program of the system says, which has to end well.
fn passed(command: &mut Command, package: &str) -> Result<String> {
    let output = command.output().with_context(|| format!("install {package}"))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(said)
}

#[test]
fn prometheus_takes_the_scrape_configurations() -> Result<()> {
    let deploy = root().join("docs/deploy");
    let check = |path: &Path| {
        passed(
            Command::new("promtool").args(["check", "config"]).arg(path),
            "prometheus",
        )
    };
    let folder = tempfile::tempdir()?;
    let plain = folder.path().join("prometheus.yml");
    let text = fs::read_to_string(deploy.join("prometheus/prometheus.yml"))?;
    fs::write(&plain, &text)?;
    ensure!(check(&plain)?.contains("SUCCESS"));
    // What is commented out is right as well.
    let (head, secured) = text
        .split_once("  # - job_name: airlens-secured")
        .context("no secured job")?;
    let secured = format!("  # - job_name: airlens-secured{secured}")
        .replace("\n  # ", "\n  ")
        .replacen("  # ", "  ", 1);
    let files =
        [("airlens-token", "secret"), ("airlens-ca.pem", "")].map(|(name, text)| (folder.path().join(name), text));
    for (path, text) in &files {
        fs::write(path, text)?;
    }
    let secured = secured.replace("/etc/prometheus", &folder.path().display().to_string());
    fs::write(&plain, format!("{head}{secured}"))?;
    ensure!(check(&plain)?.contains("SUCCESS"));
    // Debian's Prometheus has no Kubernetes discovery; all else is checked.
    let kubernetes = fs::read_to_string(deploy.join("kubernetes/prometheus.yml"))?;
    let discovery = "    kubernetes_sd_configs:\n      - role: pod\n        namespaces:\n          names: [airlens]\n";
    ensure!(kubernetes.contains(discovery));
    let other = "    static_configs:\n      - targets: [\"localhost:9474\"]\n";
    fs::write(&plain, kubernetes.replace(discovery, other))?;
    ensure!(check(&plain)?.contains("SUCCESS"));
    Ok(())
}

#[test]
fn kubernetes_takes_the_manifests() -> Result<()> {
    let python = python::bin()?;
    let folder = root().join("docs/deploy/kubernetes");
    let validate = |path: &Path| {
        let mut command = Command::new(python.join("kubernetes-validate"));
        passed(
            command.args(["-k", "1.31", "--strict"]).arg(path),
            "kubernetes-validate by `cargo xtask setup`",
        )
    };
    let said = validate(&folder.join("daemonset.yaml"))?;
    for resource in ["namespace/airlens", "configmap/airlens", "daemonset/airlens"] {
        ensure!(said.contains(&format!("passed for resource {resource}")), "{said}");
    }
    // The patch applied as `kubectl patch` would: maps merge, containers by name, null removes.
    let script = r#"
import sys, yaml
def merge(old, new):
    for key, value in new.items():
        if value is None:
            old.pop(key, None)
        elif isinstance(value, dict):
            merge(old.setdefault(key, {}), value)
        elif isinstance(value, list) and key == "containers":
            for item in value:
                merge(next(one for one in old[key] if one["name"] == item["name"]), item)
        else:
            old[key] = value
documents = list(yaml.safe_load_all(open(sys.argv[1])))
daemon = next(one for one in documents if one["kind"] == "DaemonSet")
merge(daemon, yaml.safe_load(open(sys.argv[2])))
container = daemon["spec"]["template"]["spec"]["containers"][0]
assert container["livenessProbe"]["httpGet"]["path"] == "/healthz" and "exec" not in container["readinessProbe"]
print(yaml.safe_dump(daemon))
"#;
    let mut command = Command::new(python.join("python"));
    command
        .args(["-c", script])
        .arg(folder.join("daemonset.yaml"))
        .arg(folder.join("probe-http.yaml"));
    let patched = tempfile::Builder::new().suffix(".yaml").tempfile()?;
    fs::write(patched.path(), passed(&mut command, "kubernetes-validate")?)?;
    ensure!(validate(patched.path())?.contains("passed for resource daemonset/airlens"));
    // What the container runs is what the binary takes, with the unit's capabilities.
    let manifest = fs::read_to_string(folder.join("daemonset.yaml"))?;
    for arguments in [
        &["health", "--live", "--timeout", "4"],
        &["health", "--ready", "--timeout", "2"],
    ] {
        let quoted = format!(
            "[/usr/bin/airlens, {}, {}, --timeout, {:?}]",
            arguments[0], arguments[1], arguments[3]
        );
        ensure!(manifest.contains(&quoted), "{quoted}");
        let said = Said::by(Place::new()?.name_run(airlens([])?.args(arguments)))?;
        ensure!(said.code == Some(2) && said.out.starts_with("CRITICAL: "), "{said:?}");
    }
    for capability in settings(&unit()?, "CapabilityBoundingSet").join(" ").split(' ') {
        let name = capability.trim_start_matches("CAP_");
        ensure!(name == "CHOWN" || manifest.contains(name), "{capability}");
    }
    let configuration = manifest.split_once("airlens.toml: |\n").context("no configuration")?.1;
    let configuration = configuration.split_once("\n---").context("no end")?.0;
    let file = tempfile::Builder::new().suffix(".toml").tempfile()?;
    let lines: Vec<_> = configuration.lines().map(str::trim_start).collect();
    fs::write(file.path(), lines.join("\n"))?;
    let said = Said::by(airlens(["config", "check"])?.arg(file.path()))?;
    ensure!(said.code == Some(0), "{said:?}");
    Ok(())
}

#[test]
fn logstash_reads_our_log() -> Result<()> {
    // Logstash is in no Debian: its blocks close, and it reads where the unit may write.
    let text = fs::read_to_string(root().join("docs/deploy/logstash/airlens.conf"))?;
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect();
    assert_eq!(
        code.replace("%{", "").matches('{').count(),
        code.matches('}').count() - code.matches("%{").count()
    );
    for block in [
        "input {",
        "filter {",
        "output {",
        "codec => json",
        "/var/log/airlens/airlens.log",
    ] {
        ensure!(code.contains(block), "{block}");
    }
    assert_eq!(settings(&unit()?, "LogsDirectory"), ["airlens"]);
    Ok(())
}

#[test]
fn nagios_takes_the_services() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let main = [
        format!(
            "cfg_file={}",
            root().join("docs/deploy/nagios/airlens.cfg").canonicalize()?.display()
        ),
        format!("cfg_file={}", path("templates.cfg")),
        format!("log_file={}", path("log")),
        format!("check_result_path={}", folder.path().display()),
        format!("object_cache_file={}", path("objects")),
        "nagios_user=root\nnagios_group=root".to_owned(),
    ];
    fs::write(folder.path().join("nagios.cfg"), main.join("\n"))?;
    let templates = "define timeperiod {\n timeperiod_name 24x7\n alias always\n monday 00:00-24:00\n}\n\
        define contact {\n contact_name one\n host_notifications_enabled 0\n service_notifications_enabled 0\n \
        host_notification_period 24x7\n service_notification_period 24x7\n host_notification_commands none\n \
        service_notification_commands none\n}\n\
        define command {\n command_name none\n command_line /bin/true\n}\n\
        define host {\n host_name localhost\n address 127.0.0.1\n max_check_attempts 1\n check_period 24x7\n contacts one\n \
        notification_interval 0\n notification_period 24x7\n}\n\
        define service {\n name generic-service\n register 0\n max_check_attempts 3\n check_interval 1\n retry_interval 1\n \
        check_period 24x7\n notification_interval 0\n notification_period 24x7\n contacts one\n}\n";
    fs::write(folder.path().join("templates.cfg"), templates)?;
    let mut nagios = Command::new("nagios4");
    let said = passed(nagios.arg("-v").arg(folder.path().join("nagios.cfg")), "nagios4-core")?;
    ensure!(
        said.contains("Total Errors:   0") && said.contains("Checked 2 services"),
        "{said}"
    );
    Ok(())
}

/// Files of the table in docs/deploy are there, and all that are there are in the table.
#[test]
fn the_table_is_whole() -> Result<()> {
    let deploy = root().join("docs/deploy");
    let table = fs::read_to_string(deploy.join("README.md"))?;
    for folder in fs::read_dir(&deploy)? {
        let folder = folder?.path();
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            let name = file.strip_prefix(&deploy)?.display().to_string();
            ensure!(table.contains(&format!("]({name})")), "{name}");
        }
    }
    Ok(())
}
