//! Documents held against their schemas.

use airlens::publish::schema;
use anyhow::{Context as _, Result, ensure};
use jsonschema::Validator;
use serde_json::Value;

/// What documents of this schema of `docs/schemas` are held against.
///
/// # Errors
///
/// There is no such schema, or it is none.
pub fn validator(name: &str) -> Result<Validator> {
    let schema = schema::find(name).with_context(|| format!("no schema {name}"))?;
    Ok(jsonschema::draft202012::new(&schema.bundled())?)
}

/// Holds each of some documents against its schema.
///
/// # Errors
///
/// As [`validator`], or one breaks it: how, and the document.
pub fn valid<'a>(name: &str, documents: impl IntoIterator<Item = &'a Value>) -> Result<()> {
    let validator = validator(name)?;
    for document in documents {
        hold(&validator, document).with_context(|| name.to_owned())?;
    }
    Ok(())
}

/// Holds a document against a schema that stands in no file.
///
/// # Errors
///
/// It is no schema, or the document breaks it: how, and the document.
pub fn keeps_to(schema: &Value, document: &Value) -> Result<()> {
    hold(&jsonschema::draft202012::new(schema)?, document)
}

fn hold(validator: &Validator, document: &Value) -> Result<()> {
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    ensure!(errors.is_empty(), "{errors:?}: {document:#}");
    Ok(())
}
