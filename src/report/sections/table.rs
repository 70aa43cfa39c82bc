//! The numbers with their errors.

use super::super::number::{labeled, short, with_error};
use super::super::results::Results;
use super::{Content, Section};

/// One table of all scalar observables the catalog knows, a row per rung.
#[must_use]
pub fn section(results: &Results) -> Section {
    let known = |name: &str| super::super::catalog::place(name).0 != usize::MAX;
    let scalars: Vec<_> = results
        .observables()
        .into_iter()
        .filter(|observable| observable.mean.width == 1 && known(&observable.name))
        .collect();
    let mut content = Vec::new();
    // More columns than this are wider than a page.
    for part in scalars.chunks(7) {
        let mut header = vec![results.temperature_label()];
        header.extend(
            part.iter().map(|observable| labeled(&observable.name.replace('_', " "), &observable.units)),
        );
        let mut rows = vec![header];
        for (rung, temperature) in results.temperature().iter().enumerate() {
            let mut row = vec![short(*temperature)];
            row.extend(part.iter().map(|o| with_error(o.mean.at(rung, 0), o.error.at(rung, 0))));
            rows.push(row);
        }
        content.push(Content::Table(rows));
    }
    Section::new(
        "numbers",
        "Numbers",
        "Digits in parentheses are the standard error of the last digits: 1.2345(67) is 1.2345 \u{b1} 0.0067. All \
         digits and all other observables are in observables.csv and summary.json.",
        content,
    )
}
