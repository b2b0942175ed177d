//! Every answer of every route as the OpenAPI document says.

use std::{
    collections::{HashMap, hash_map::Entry},
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::Ordering,
};

use airlens::publish::schema;
use airlens_tests::support::python;
use anyhow::{Context as _, Result, ensure};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::server::{Answer, Server, curl};

/// A station that the made-up run knows.
const KNOWN: &str = "aa:bb:cc:dd:ee:ff";

/// What an API says of itself.
struct Description {
    document: Value,
    /// By schema; each takes a while to make.
    validators: HashMap<String, Validator>,
}

/// Holds an answer to the operation `get` of `path`.
fn hold(description: &mut Description, path: &str, answer: &Answer) -> Result<()> {
    let document = &description.document;
    let operation = &document["paths"][path]["get"];
    let response = &operation["responses"][answer.status.to_string()];
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).context("leads nowhere")?,
        None => response,
    };
    ensure!(response.is_object(), "{path}: {} is not described", answer.status);
    let kind = answer.header("content-type").context("no content type")?;
    let kind = kind.split(';').next().unwrap_or_default();
    let schema = &response["content"][kind]["schema"];
    ensure!(
        schema.is_object(),
        "{path}: {} as {kind} is not described",
        answer.status
    );
    if kind.ends_with("json") {
        let key = schema.to_string();
        let validator = match description.validators.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let mut whole = json!({ "components": document["components"].clone() });
                for (key, value) in schema.as_object().context("no schema")? {
                    whole[key] = value.clone();
                }
                new.insert(jsonschema::draft202012::new(&whole)?)
            }
        };
        let body = answer.json()?;
        let errors: Vec<_> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
        ensure!(errors.is_empty(), "{path}: {errors:?}: {body:#}");
    }
    Ok(())
}

#[test]
fn every_answer_is_as_described() -> Result<()> {
    let server = Server::open()?;
    let document = server.get("/api/openapi.json", &[])?.json()?;
    let mut description = Description {
        document: document.clone(),
        validators: HashMap::new(),
    };
    let paths: Vec<_> = document["paths"]
        .as_object()
        .context("no paths")?
        .keys()
        .cloned()
        .collect();
    assert_eq!(paths.len(), 16);
    for capturing in [false, true] {
        server.view.capturing.store(capturing, Ordering::Relaxed);
        for path in paths.iter().filter(|path| *path != "/api/events") {
            for id in [
                KNOWN,
                "aa:bb:cc:dd:ee:01",
                "aa:bb:cc:dd:ee:bb",
                "..%2f..%2fetc%2fpasswd",
                "%00",
                "x",
            ] {
                let asked = path.replace("{id}", id);
                let answer = server.get(&asked, &[])?;
                hold(&mut description, path, &answer)?;
                for (name, value) in [
                    ("x-content-type-options", "nosniff"),
                    ("cache-control", "no-store"),
                    ("cross-origin-resource-policy", "same-origin"),
                ] {
                    assert_eq!(answer.header(name), Some(value), "{asked}: {name}");
                }
                ensure!(answer.header("access-control-allow-origin").is_none(), "{answer:?}");
                let head = curl(&["--head", &server.url(&asked)])?;
                assert_eq!((head.status, head.body.as_str()), (answer.status, ""), "HEAD {asked}");
                if !path.contains("{id}") {
                    break;
                }
            }
            for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"]
                .iter()
                .take(if capturing { 5 } else { 1 })
            {
                let refused = server.get(path, &["--request", method])?;
                refused.problem(405)?;
                hold(&mut description, path, &refused)?;
                assert_eq!(refused.header("allow"), Some("get, head"), "{method} {path}");
            }
            hold(
                &mut description,
                path,
                &server.get(path, &["--request", "GET", "--data", "x"])?,
            )?;
        }
    }
    for (query, path) in [
        ("/api/flows?limit=0", "/api/flows"),
        ("/api/clients?top=1", "/api/clients"),
        ("/api/events?as=x", "/api/events"),
    ] {
        let answer = server.get(query, &[])?;
        answer.problem(400)?;
        hold(&mut description, path, &answer)?;
    }
    Ok(())
}

#[test]
fn a_browser_keeps_the_pages_files_and_asks_whether_they_are_the_same() -> Result<()> {
    let server = Server::open()?;
    let folder = tempfile::TempDir::new()?;
    for (path, coding) in [("/", "identity"), ("/app.js", "identity"), ("/app.js", "gzip")] {
        let file = folder.path().join("tag");
        let file = file.to_str().context("no UTF-8")?;
        let coding = format!("Accept-Encoding: {coding}");
        let head = ["--head", "--header", &coding];
        let whole = server.get(path, &[&head[..], &["--etag-save", file]].concat())?;
        assert_eq!((whole.status, whole.header("cache-control")), (200, Some("no-cache")));
        let tag = whole.header("etag").context("no tag")?.to_owned();
        ensure!(tag.starts_with('"') && tag.ends_with('"'), "it is no strong one: {tag}");
        let again = server.get(path, &["--header", &coding, "--etag-compare", file])?;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        for name in ["etag", "cache-control", "vary"] {
            assert_eq!(again.header(name), whole.header(name), "{path}: {name}");
        }
        let other = server.get(path, &["--header", "If-None-Match: \"0123\""])?;
        assert_eq!(other.status, 200);
        ensure!(
            coding.ends_with("identity") == (other.header("etag") == Some(&tag)),
            "{other:?}"
        );
    }
    Ok(())
}

#[test]
fn what_is_asked_is_counted_by_route() -> Result<()> {
    let server = Server::open()?;
    for id in ["aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:01", "1", "2"] {
        server.get(&format!("/api/clients/{id}"), &[])?;
    }
    server.get("/nowhere", &[])?.problem(404)?;
    server.get("/elsewhere", &["--request", "POST"])?.problem(405)?;
    assert_eq!(server.get("/", &[])?.status, 200);
    server.get("/app.js", &["--request", "POST"])?.problem(405)?;
    let counts = server.requests.snapshot();
    let counts: Vec<_> = counts
        .iter()
        .map(|count| (&*count.route, count.status, count.count))
        .collect();
    assert_eq!(
        counts,
        [
            ("/api/clients/{id}", 200, 1),
            ("/api/clients/{id}", 404, 3),
            ("page", 200, 1),
            ("page", 405, 1),
            ("unknown", 404, 1),
            ("unknown", 405, 1)
        ]
    );
    Ok(())
}

#[test]
fn the_code_to_join_is_shown_where_there_is_a_network() -> Result<()> {
    let server = Server::open()?;
    let none = server.get("/qr.svg", &[])?;
    ensure!(none.problem(404)?.contains("no network"), "{none:?}");
    server.view.capturing.store(true, Ordering::Relaxed);
    let code = server.get("/qr.svg", &[])?;
    assert_eq!((code.status, code.header("content-type")), (200, Some("image/svg+xml")));
    ensure!(
        code.body.contains("<svg") && !code.body.contains("profiler"),
        "{}",
        code.body
    );
    Ok(())
}

/// The Python of the environment that `cargo xtask setup` makes.
fn python() -> Result<PathBuf> {
    Ok(python::bin()?.join("python"))
}

/// Says `valid`, or what is wrong.
fn judged(document: &Value) -> Result<String> {
    let script = "import json, sys\nfrom openapi_spec_validator import OpenAPIV31SpecValidator as V\n\
                  errors = [e.message for e in V(json.load(sys.stdin)).iter_errors()]\n\
                  print('; '.join(errors) or 'valid')";
    let mut child = Command::new(python()?)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(document.to_string().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{error}");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[test]
fn pythons_validator_takes_the_description() -> Result<()> {
    let server = Server::open()?;
    let mut document = server.get("/api/openapi.json", &[])?.json()?;
    assert_eq!(judged(&document)?, "valid");
    document["paths"]["/api/status"]["get"]["responses"] = json!({ "200": {} });
    ensure!(judged(&document)? != "valid", "it takes anything");
    Ok(())
}

#[test]
fn components_are_the_schemas() -> Result<()> {
    let server = Server::open()?;
    let document = server.get("/api/openapi.json", &[])?.json()?;
    for one in schema::SCHEMAS {
        let component = &document["components"]["schemas"][one.name];
        assert_eq!(component["title"], one.title(), "{}", one.name);
    }
    Ok(())
}
