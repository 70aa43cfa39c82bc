//! TOML to sections, with messages that name the key, the line and the nearest known key.

use crate::foundation::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The tables a configuration may have.
const TABLES: [&str; 5] = ["run", "system", "method", "parallel", "measure"];

/// The text of a configuration and where it comes from.
#[derive(Debug, Clone)]
pub struct Document {
    /// File name for messages.
    pub name: String,
    /// TOML text, with `--set` applied.
    pub text: String,
}

impl Document {
    /// Reads a file and applies `key.path=value` settings.
    ///
    /// # Errors
    /// `Error::Usage` if the file is missing or a setting is malformed; `Error::Configuration` if it is no TOML.
    pub fn read(path: &Path, settings: &[String]) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|cause| {
            Error::Usage(format!(
                "cannot read the configuration {name}: {cause}. Expected the path of a TOML file; \
                 `vitrum models NAME` prints one to start from."
            ))
        })?;
        let document = Document { name, text };
        let document = document.with_settings(settings)?;
        document.check_tables()?;
        Ok(document)
    }

    /// Applies `key.path=value` settings; values are TOML, or strings where they are not.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn with_settings(mut self, settings: &[String]) -> Result<Self> {
        if settings.is_empty() {
            return Ok(self);
        }
        let mut tree: toml_edit::DocumentMut = self
            .text
            .parse()
            .map_err(|cause: toml_edit::TomlError| self.error(cause.span(), cause.message()))?;
        for setting in settings {
            let malformed = || {
                Error::Usage(format!(
                    "--set {setting} is not understood: expected table.key=value, such as method.copies=4."
                ))
            };
            let (path, value) = setting.split_once('=').ok_or_else(malformed)?;
            let value: toml_edit::Value = value
                .trim()
                .parse()
                .unwrap_or_else(|_| toml_edit::Value::from(value.trim().trim_matches('"')));
            let keys: Vec<&str> = path.split('.').map(str::trim).collect();
            if keys.len() < 2 || keys.iter().any(|key| key.is_empty()) {
                return Err(malformed());
            }
            let (last, tables) = keys.split_last().ok_or_else(malformed)?;
            let mut table: &mut dyn toml_edit::TableLike = tree.as_table_mut();
            for key in tables {
                table = table
                    .entry(key)
                    .or_insert_with(toml_edit::table)
                    .as_table_like_mut()
                    .ok_or_else(malformed)?;
            }
            table.insert(last, toml_edit::value(value));
        }
        self.text = tree.to_string();
        Ok(self)
    }

    fn check_tables(&self) -> Result<()> {
        let tree: toml::Table =
            toml::from_str(&self.text).map_err(|cause| self.error(cause.span(), cause.message()))?;
        for (key, value) in &tree {
            if !TABLES.contains(&key.as_str()) {
                let message = unknown("table or key", key, &TABLES.map(String::from));
                return Err(self.error(self.find_key(key), &message));
            }
            if !value.is_table() {
                return Err(self.error(self.find_key(key), &format!("[{key}] must be a table")));
            }
        }
        Ok(())
    }

    fn find_key(&self, key: &str) -> Option<std::ops::Range<usize>> {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let bare = line.trim_start().trim_start_matches('[').trim_start();
            let rest = bare.strip_prefix(key);
            if rest.is_some_and(|rest| rest.starts_with([']', '.', '=', ' ', '\n'])) {
                return Some(start..start + line.len());
            }
            start += line.len();
        }
        None
    }

    /// One section; an absent one is an error naming it.
    ///
    /// # Errors
    /// `Error::Configuration` with line and key.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        match self.optional_section(name)? {
            Some(section) => Ok(section),
            None => Err(self.error(
                None,
                &format!("the table [{name}] is missing: every configuration needs one (`vitrum models` shows examples)"),
            )),
        }
    }

    /// One section, if it is there. The whole text is parsed each time, so that errors know their line.
    ///
    /// # Errors
    /// `Error::Configuration` with line and key.
    pub fn optional_section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        macro_rules! only {
            ($field:ident) => {{
                #[derive(Deserialize)]
                #[serde(bound = "T: DeserializeOwned")]
                struct Only<T> {
                    $field: Option<T>,
                }
                toml::from_str::<Only<T>>(&self.text).map(|only| only.$field)
            }};
        }
        let parsed = match name {
            "run" => only!(run),
            "system" => only!(system),
            "method" => only!(method),
            "parallel" => only!(parallel),
            _ => only!(measure),
        };
        parsed.map_err(|cause| self.error(cause.span(), &explain(cause.message())))
    }

    /// A configuration error with the line it is on.
    #[must_use]
    pub fn error(&self, span: Option<std::ops::Range<usize>>, message: &str) -> Error {
        let place = span.filter(|span| span.start <= self.text.len()).map(|span| {
            let line = self.text[..span.start].matches('\n').count();
            let content = self.text.lines().nth(line).unwrap_or_default().trim();
            format!(", line {} (`{content}`)", line + 1)
        });
        Error::Configuration(format!("{}{}: {message}.", self.name, place.unwrap_or_default()))
    }
}

/// Turns the parser's list of expected fields into the nearest known key and the list.
fn explain(message: &str) -> String {
    let quoted: Vec<String> = message.split('`').skip(1).step_by(2).map(String::from).collect();
    match quoted.split_first() {
        Some((found, known)) if message.starts_with("unknown field") => unknown("key", found, known),
        Some((found, known)) if message.starts_with("unknown variant") => unknown("value", found, known),
        Some((missing, _)) if message.starts_with("missing field") => {
            format!("the key {missing} is missing: it has no default")
        }
        _ => message.trim_end_matches('.').replace('\n', " "),
    }
}

fn unknown(what: &str, found: &str, known: &[String]) -> String {
    let nearest = known.iter().min_by_key(|name| strsim::damerau_levenshtein(name, found));
    let close = nearest.filter(|name| strsim::jaro_winkler(name, found) > 0.75);
    let guess = close.map_or(String::new(), |name| format!("did you mean {name}? "));
    format!("unknown {what} {found}; {guess}Known here: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document { name: "test.toml".into(), text: text.into() }
    }

    #[test]
    fn settings_replace_and_add_values_of_every_type() {
        let settings =
            ["run.seed=7", "method.moves.ice_loops = 3", "run.output=some/where", "measure.every=5"];
        let changed = document("[run]\nseed = 1\n").with_settings(&settings.map(String::from)).unwrap();
        let tree: toml::Table = toml::from_str(&changed.text).unwrap();
        assert_eq!(tree["run"]["seed"].as_integer(), Some(7));
        assert_eq!(tree["run"]["output"].as_str(), Some("some/where"));
        assert_eq!(tree["method"]["moves"]["ice_loops"].as_integer(), Some(3));
        assert!(document("").with_settings(&["seed=1".into()]).is_err());
    }

    #[test]
    fn an_unknown_key_is_named_with_line_and_nearest_known_key() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct Run {
            seed: Option<i64>,
            output: Option<String>,
        }
        let error = document("[run]\n\nsede = 1\n").optional_section::<Run>("run").unwrap_err().to_string();
        assert!(
            error.contains("line 3") && error.contains("sede") && error.contains("did you mean seed?"),
            "{error}"
        );
    }
}
