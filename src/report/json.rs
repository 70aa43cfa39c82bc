//! The summary for programs.

use super::tables::Tables;
use super::{Input, file, subject};
use crate::foundation::{Error, Result};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Writes `summary.json` into `directory` (normally `DIR/report`) and returns its path.
///
/// # Errors
/// `Error::Storage` if the results are of no known kind or the file cannot be written.
pub fn write_json(input: &Input, directory: &Path) -> Result<PathBuf> {
    let particular = subject::of(input)?.summary();
    let name = "summary.json";
    let mut summary = general(input);
    if let Value::Object(entries) = particular {
        summary.extend(entries);
    }
    let mut text = serde_json::to_string_pretty(&summary)
        .map_err(|cause| Error::storage("write", &directory.join(name), &cause))?;
    text.push('\n');
    file::write(directory, name, &text)
}

/// What every summary has.
fn general(input: &Input) -> Map<String, Value> {
    let tables = Tables(input.tables);
    let status: Value =
        input.status.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let mut entries = Map::new();
    entries.insert("title".into(), json!(input.title));
    entries.insert("model".into(), json!(tables.text("/run/model")));
    entries.insert("version".into(), json!(tables.text("/run/version")));
    entries.insert("status".into(), status);
    entries.insert("notes".into(), json!(input.notes));
    entries
}

/// What is not a finite number becomes null, because JSON has no word for it.
#[must_use]
pub fn numbers(list: &[f64]) -> Value {
    list.iter().map(|value| if value.is_finite() { json!(value) } else { Value::Null }).collect()
}
