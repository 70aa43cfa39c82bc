//! TOML to sections, with messages that name the key, the line and the nearest known key.

use crate::foundation::{Error, Result};
use crate::models::unknown;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::Path;
use toml_edit::{Item, TableLike};

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
    /// `Error::Usage` if the file cannot be read or a setting is malformed; `Error::Configuration` if it is no TOML.
    pub fn read(path: &Path, settings: &[String]) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|cause| {
            Error::Usage(format!(
                "cannot read the configuration {name}: {cause}. Expected the path of a TOML file; \
                 `vitrum models NAME` prints one to start from."
            ))
        })?;
        let text = String::from_utf8(bytes).map_err(|cause| {
            let valid = &cause.as_bytes()[..cause.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
            Error::Configuration(format!("{name}, line {line}: this is no text: expected TOML in UTF-8."))
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
            .map_err(|cause: toml_edit::TomlError| self.syntax_error(cause.span(), cause.message()))?;
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
            let mut table: &mut dyn TableLike = tree.as_table_mut();
            let mut inline = false;
            let mut rest = tables.iter();
            while let Some(key) = rest.next() {
                let item = table.entry(key).or_insert_with(toml_edit::table);
                inline |= item.is_value();
                table = if is_list(item) {
                    let element = rest.next().ok_or_else(malformed)?;
                    element_mut(item, element).ok_or_else(|| no_element(setting, key, element))?
                } else {
                    item.as_table_like_mut().ok_or_else(malformed)?
                };
            }
            let mut value = value;
            if !inline {
                // Messages quote the line, and so say where the value comes from.
                value.decor_mut().set_suffix(" # from --set");
            }
            table.insert(last, toml_edit::value(value));
        }
        self.text = tree.to_string();
        Ok(self)
    }

    fn check_tables(&self) -> Result<()> {
        let tree: toml::Table =
            toml::from_str(&self.text).map_err(|cause| self.syntax_error(cause.span(), cause.message()))?;
        for (key, value) in &tree {
            if !TABLES.contains(&key.as_str()) {
                let message = unknown("table or key", key, key, &TABLES);
                return Err(self.error(self.span_of(&[key]), &message));
            }
            if !value.is_table() {
                let message = format!("{key} = {value} is no table: expected [{key}] with keys below it");
                return Err(self.error(self.span_of(&[key]), &message));
            }
        }
        Ok(())
    }

    /// The text as a tree that knows where its keys are; `None` if it is no TOML.
    fn tree(&self) -> Option<toml_edit::Document<&str>> {
        toml_edit::Document::parse(self.text.as_str()).ok()
    }

    /// Where a key is, or else the innermost table around it that is there.
    #[must_use]
    pub fn span_of(&self, keys: &[&str]) -> Option<Range<usize>> {
        let tree = self.tree()?;
        let mut table: &dyn TableLike = tree.as_table();
        let mut found = None;
        let mut keys = keys.iter();
        while let Some(key) = keys.next() {
            let Some((key, item)) = table.get_key_value(key) else { break };
            found = key.span().or_else(|| item.span()).or(found);
            let inner = if is_list(item) {
                let wanted = keys.next();
                let element = elements(item).into_iter().find(|element| element.is(wanted.copied()));
                element.map(|element| {
                    found = element.span.or(found.take());
                    element.table
                })
            } else {
                item.as_table_like()
            };
            match inner {
                Some(inner) => table = inner,
                None => break,
            }
        }
        found
    }

    /// Whether a key is there.
    #[must_use]
    pub fn contains(&self, table: &str, key: &str) -> bool {
        let tree = self.tree();
        let table = tree.as_ref().and_then(|tree| tree.get(table)?.as_table_like());
        table.is_some_and(|table| table.contains_key(key))
    }

    /// The keys around a place in the text, outermost first.
    fn keys_at(&self, position: usize) -> Vec<String> {
        fn search(table: &dyn TableLike, position: usize, keys: &mut Vec<String>) -> bool {
            for (name, item) in table.iter() {
                keys.push(name.into());
                let spans = [table.key(name).and_then(toml_edit::Key::span), item.span()];
                let here = spans.into_iter().flatten().any(|span| span.contains(&position));
                for element in elements(item) {
                    keys.push(element.label.clone());
                    let inside = element.span.is_some_and(|span| span.contains(&position));
                    if search(element.table, position, keys) || inside {
                        return true;
                    }
                    keys.pop();
                }
                if item.as_table_like().is_some_and(|inner| search(inner, position, keys)) || here {
                    return true;
                }
                keys.pop();
            }
            false
        }
        let mut keys = Vec::new();
        if let Some(tree) = self.tree() {
            search(tree.as_table(), position, &mut keys);
        }
        keys
    }

    /// Adds file and line to a message that begins with the key it is about, as "[system] size = 0 is ...".
    #[must_use]
    pub fn locate(&self, message: &str) -> Error {
        let mut keys = Vec::new();
        if let Some((table, rest)) = message.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            keys.extend(table.split('.'));
            keys.extend(rest.split([' ', ':']).next().unwrap_or_default().split('.'));
        }
        self.error(self.span_of(&keys), message)
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
        parsed.map_err(|cause| {
            let keys = cause.span().map_or_else(Vec::new, |span| self.keys_at(span.start));
            let keys = if keys.is_empty() { vec![name.to_string()] } else { keys };
            self.error(cause.span(), &explain(cause.message(), &keys))
        })
    }

    fn syntax_error(&self, span: Option<Range<usize>>, message: &str) -> Error {
        let message = message.trim().replace('\n', ", ");
        let too_large = ["as i128, expected any valid TOML value", "u64 value was too large"];
        let text = if too_large.iter().any(|end| message.ends_with(end)) {
            "this integer is too large: expected at most 2^63 - 1".into()
        } else if message.starts_with("string values must be quoted") {
            "there is no value, or a text without quotes: expected a number, true, false, a list or a \"text\"".into()
        } else if message == "duplicate key" {
            "this key or table is there already: expected it once".into()
        } else {
            format!("this is no valid TOML: {message}")
        };
        self.error(span, &text)
    }

    /// A configuration error with the line it is on.
    #[must_use]
    pub fn error(&self, span: Option<Range<usize>>, message: &str) -> Error {
        let before = span.and_then(|span| self.text.get(..span.start));
        let place = before.map(|before| {
            let line = before.matches('\n').count();
            let content = self.text.lines().nth(line).unwrap_or_default().trim();
            let mut shown: String = content.chars().take(LONGEST_QUOTE).filter(|c| !c.is_control()).collect();
            if content.chars().count() > LONGEST_QUOTE {
                shown.push_str("...");
            }
            format!(", line {} (`{shown}`)", line + 1)
        });
        let message = message.trim_end_matches('.');
        Error::Configuration(format!("{}{}: {message}.", self.name, place.unwrap_or_default()))
    }
}

/// A table in a list of tables.
struct Element<'a> {
    number: usize,
    /// Its name, or else its number from 1.
    label: String,
    table: &'a dyn TableLike,
    span: Option<Range<usize>>,
}

impl Element<'_> {
    fn is(&self, wanted: Option<&str>) -> bool {
        wanted.is_some_and(|wanted| self.label == wanted || self.number.to_string() == wanted)
    }
}

/// Whether an item is a list of tables.
fn is_list(item: &Item) -> bool {
    let is_list = |list: &toml_edit::Array| list.iter().any(toml_edit::Value::is_inline_table);
    item.is_array_of_tables() || item.as_array().is_some_and(is_list)
}

/// The tables of a list of tables; of anything else nothing.
fn elements(item: &Item) -> Vec<Element<'_>> {
    let tables: Vec<(usize, &dyn TableLike, Option<Range<usize>>)> = match item {
        Item::ArrayOfTables(list) => {
            (1..).zip(list).map(|(number, table)| (number, table as &dyn TableLike, table.span())).collect()
        }
        Item::Value(toml_edit::Value::Array(list)) => (1..)
            .zip(list)
            .filter_map(|(number, value)| {
                let table = value.as_inline_table()?;
                Some((number, table as &dyn TableLike, table.span()))
            })
            .collect(),
        _ => Vec::new(),
    };
    let labeled = tables.into_iter().map(|(number, table, span)| {
        let name = table.get("name").and_then(Item::as_str).filter(|name| !name.is_empty());
        Element { number, label: name.map_or(number.to_string(), String::from), table, span }
    });
    labeled.collect()
}

/// The table of a list that has this name, or this number from 1.
fn element_mut<'a>(item: &'a mut Item, wanted: &str) -> Option<&'a mut dyn TableLike> {
    let number = elements(item).into_iter().find(|element| element.is(Some(wanted)))?.number;
    match item {
        Item::ArrayOfTables(list) => list.get_mut(number - 1).map(|table| table as &mut dyn TableLike),
        Item::Value(toml_edit::Value::Array(list)) => {
            list.get_mut(number - 1)?.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}

fn no_element(setting: &str, list: &str, element: &str) -> Error {
    Error::Usage(format!(
        "--set {setting}: there is no {element} in {list}: expected the name of one of them, or its number from 1."
    ))
}

/// Characters of a line that messages quote.
const LONGEST_QUOTE: usize = 100;

/// Keys as messages write them: "[method] temperatures.count", with the table alone in brackets.
fn dotted(keys: &[String]) -> String {
    match keys.split_first() {
        Some((table, [])) => format!("[{table}]"),
        Some((table, rest)) => format!("[{table}] {}", rest.join(".")),
        None => String::new(),
    }
}

/// Turns the parser's words into what was found, what was expected, and the nearest known key.
fn explain(message: &str, keys: &[String]) -> String {
    let message = message.trim().trim_end_matches('.').replace('\n', ", ");
    let quoted: Vec<String> = message.split('`').skip(1).step_by(2).map(String::from).collect();
    let key = dotted(keys);
    match quoted.split_first() {
        Some((found, known)) if message.starts_with("unknown field") => {
            let table = keys.strip_suffix(std::slice::from_ref(found)).unwrap_or(keys);
            unknown("key", &dotted(&[table, std::slice::from_ref(found)].concat()), found, known)
        }
        Some((found, known)) if message.starts_with("unknown variant") => {
            format!("{key}: {}", unknown("value", found, found, known))
        }
        Some((missing, _)) if message.starts_with("missing field") => {
            let missing = dotted(&[keys, std::slice::from_ref(missing)].concat());
            format!("{missing} is missing: expected it, because it has no default")
        }
        _ => match message.split_once(", expected ") {
            Some((found, expected)) => format!("{key}: {}, expected {}", found, in_words(expected)),
            None => format!("{key}: {message}"),
        },
    }
}

/// What a type is called outside the program.
fn in_words(expected: &str) -> String {
    match expected {
        "i64" => "an integer".into(),
        "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a string" => "a text in quotes".into(),
        "a sequence" => "a list".into(),
        other if other.starts_with("struct ") => "a table".into(),
        other => other.replace("an array of length", "a list of length"),
    }
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
    fn settings_reach_tables_in_lists_by_name_and_by_number() {
        let listed = "[[method.stages]]\nname = 'melt'\n[[method.stages]]\nname = 'hold'\nsteps = 1\n";
        let inline = "[method]\nstages = [{ name = 'melt' }, { name = 'hold', steps = 1 }]\n";
        for text in [listed, inline] {
            let settings = ["method.stages.hold.steps=5", "method.stages.1.box.kind=free"].map(String::from);
            let changed = document(text).with_settings(&settings).unwrap();
            let tree: toml::Table = toml::from_str(&changed.text).unwrap();
            let stages = tree["method"]["stages"].as_array().unwrap();
            assert_eq!(stages.len(), 2);
            assert_eq!(stages[1]["steps"].as_integer(), Some(5));
            assert_eq!(stages[0]["box"]["kind"].as_str(), Some("free"));
            for wrong in
                ["method.stages.3.steps=5", "method.stages.0.steps=5", "method.stages.quench.steps=5"]
            {
                let message = document(text).with_settings(&[wrong.into()]).unwrap_err().to_string();
                assert!(message.contains("in stages: expected the name of one of them"), "{message}");
            }
            assert!(document(text).with_settings(&["method.stages.hold=5".into()]).is_err());
        }
    }

    #[test]
    fn keys_of_tables_in_lists_are_found_with_their_lines() {
        let text = "[method]\nkind = 'a'\n\n[[method.stages]]\nname = 'melt'\nsteps = 1\n\n\
                    [[method.stages]]\nsteps = 2\ntemperature = { from = 3.0 }\n";
        let document = document(text);
        let place = |message: &str| document.locate(message).to_string();
        assert!(place("[method] stages.melt.steps = 1").contains("line 6 (`steps = 1`)"));
        assert!(place("[method] stages.1.steps = 1").contains("line 6 (`steps = 1`)"));
        assert!(place("[method] stages.2.steps: no").contains("line 9 (`steps = 2`)"));
        assert!(place("[method] stages.2.temperature.from: no").contains("line 10"));
        assert!(place("[method] stages.melt.box is missing").contains("line 4 (`[[method.stages]]`)"));
        assert!(place("[method] stages.2.box is missing").contains("line 8 (`[[method.stages]]`)"));
        let at = |text: &str| document.keys_at(document.text.find(text).unwrap()).join(".");
        assert_eq!(at("steps = 1"), "method.stages.melt.steps");
        assert_eq!(at("steps = 2"), "method.stages.2.steps");
        assert_eq!(at("from"), "method.stages.2.temperature.from");
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
