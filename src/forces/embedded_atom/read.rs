//! Which layout a potential file has, by its name and by what is in it.

use super::tokens::Lines;
use super::{EmbeddedAtom, Layout, funcfl, setfl};
use crate::foundation::{Error, Result};

/// Reads a potential. Names that end in .alloy, .setfl and .set are eam/alloy, in .fs eam/fs, in .funcfl funcfl; any
/// other name leaves it to the numbers in the file. The numbers must not contradict the name.
///
/// # Errors
/// `Error::Configuration` with the line and what was expected there.
pub fn parse(bytes: &[u8], name: &str) -> Result<EmbeddedAtom> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Configuration(format!("{name}: the file is empty: expected a potential.")));
    }
    let by_name = layout_of_name(name)?;
    match (by_name, looks_like_funcfl(bytes)) {
        (Some(Layout::Funcfl), _) | (None, true) => funcfl::mix(&[funcfl::read(bytes, name)?], name),
        (Some(layout), true) => Err(contradiction(name, layout, Layout::Funcfl)),
        (Some(layout), false) => {
            let other = if layout == Layout::Alloy { Layout::FinnisSinclair } else { Layout::Alloy };
            setfl::parse(bytes, name, layout).map_err(|complaint| match setfl::parse(bytes, name, other) {
                Ok(_) => contradiction(name, layout, other),
                Err(_) => complaint.into_error(name),
            })
        }
        (None, false) => setfl::parse(bytes, name, Layout::Alloy).or_else(|as_alloy| {
            setfl::parse(bytes, name, Layout::FinnisSinclair).map_err(|as_fs| {
                // The layout that makes sense of more lines is the one meant.
                let meant = if as_fs.line > as_alloy.line { as_fs } else { as_alloy };
                meant.into_error(name)
            })
        }),
    }
}

fn contradiction(name: &str, by_name: Layout, by_numbers: Layout) -> Error {
    let ending = match by_numbers {
        Layout::Alloy => ".eam.alloy",
        Layout::FinnisSinclair => ".eam.fs",
        Layout::Funcfl => ".eam",
    };
    Error::Configuration(format!(
        "{name}: by its name this is {}, but its numbers are laid out as {}: \
         expected a name that ends in {ending}, or another file.",
        by_name.name(),
        by_numbers.name()
    ))
}

fn layout_of_name(name: &str) -> Result<Option<Layout>> {
    let ending = name.rsplit(['.', '/']).next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "alloy" | "setfl" | "set" => Ok(Some(Layout::Alloy)),
        "fs" => Ok(Some(Layout::FinnisSinclair)),
        "funcfl" => Ok(Some(Layout::Funcfl)),
        "adp" | "cdeam" | "he" | "meam" => Err(Error::Configuration(format!(
            "{name}: files that end in .{ending} hold another form of potential: \
             expected eam/alloy, eam/fs or funcfl."
        ))),
        _ => Ok(None),
    }
}

/// Whether the second and third lines are those of a funcfl file, where setfl files have comments.
fn looks_like_funcfl(bytes: &[u8]) -> bool {
    let mut lines = Lines::new(bytes);
    if lines.comment("").is_err() {
        return false;
    }
    let begins_with_numbers = |lines: &mut Lines<'_>, count: usize| {
        lines.next_words().is_some_and(|words| (0..count).all(|index| words.number(index).is_some()))
    };
    begins_with_numbers(&mut lines, 3) && begins_with_numbers(&mut lines, 5)
}
