//! The tables on the terminal.

use super::tables::Tables;
use super::{Input, subject};

/// Aligned tables with the main results, as `vitrum report` prints them; for results of no known kind, the reason why
/// there are none.
#[must_use]
pub fn text_tables(input: &Input) -> String {
    let subject = match subject::of(input) {
        Ok(subject) => subject,
        Err(error) => return format!("{error}\n"),
    };
    let tables = Tables(input.tables);
    let mut text = input.title.clone();
    for path in ["/run/model", "/run/version"] {
        if let Some(value) = tables.text(path) {
            text.push_str("  ");
            text.push_str(value.trim());
        }
    }
    text.push_str("\n\n");
    text.push_str(&subject.text());
    for note in &input.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

/// Rows of cells as columns, flush right.
#[must_use]
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::super::number::with_error;
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_rung_has_a_line_with_errors_in_parentheses() {
        let tables = example::tables();
        let text = text_tables(&example::input(&tables));
        assert!(text.contains("equilibrated"));
        let energy = with_error(
            tables["/observables/energy/mean"].numbers()[3],
            tables["/observables/energy/error"].numbers()[3],
        );
        assert!(energy.contains('(') && text.contains(&energy));
        let rungs = tables["/ladder/temperature"].numbers().len();
        assert!(text.lines().count() > rungs);
        let lengths: Vec<usize> = text.lines().skip(2).take(rungs).map(str::len).collect();
        assert!(lengths.iter().all(|length| *length <= 120), "{lengths:?}");
    }

    #[test]
    fn without_a_ladder_the_text_says_why() {
        let tables = BTreeMap::new();
        assert!(text_tables(&example::input(&tables)).contains("neither those of a ladder"));
    }
}
