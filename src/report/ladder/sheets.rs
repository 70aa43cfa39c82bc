//! The tables of a ladder for spreadsheets.

use super::super::csv::Sheet;
use super::super::results::Results;

/// All tables there is something for, with the names of their files.
#[must_use]
pub fn all(results: &Results) -> Vec<(String, Sheet)> {
    let mut sheets = vec![("observables.csv".to_string(), observables(results))];
    let mut add = |name: &str, sheet: Option<Sheet>| {
        if let Some(sheet) = sheet {
            sheets.push((name.to_string(), sheet));
        }
    };
    add("exchange.csv", exchange(results));
    add("round_trips.csv", round_trips(results));
    add("moves.csv", moves(results));
    add("relaxation.csv", relaxation(results));
    add("relaxation_time.csv", relaxation_time(results));
    add("equilibration.csv", equilibration(results));
    add("equilibrated.csv", equilibrated(results));
    for plane in results.children("/structure_factor/") {
        for kind in results.children(&format!("/structure_factor/{plane}/")) {
            add(&format!("structure_factor_{plane}_{kind}.csv"), structure_factor(results, plane, kind));
        }
    }
    sheets
}

fn observables(results: &Results) -> Sheet {
    let mut sheet = Sheet::new(&["temperature"]);
    sheet.rows = results.temperature().iter().map(|t| vec![*t]).collect();
    for observable in results.observables() {
        for component in 0..observable.mean.width {
            let name = match observable.mean.width {
                1 => observable.name.clone(),
                _ => format!("{}_{component}", observable.name),
            };
            sheet.header.extend([name.clone(), format!("{name}_error")]);
            for (rung, row) in sheet.rows.iter_mut().enumerate() {
                row.extend([observable.mean.at(rung, component), observable.error.at(rung, component)]);
            }
        }
    }
    sheet
}

fn exchange(results: &Results) -> Option<Sheet> {
    let acceptance = results.by_pair("/ladder/exchange_acceptance")?;
    let barrier = results.by_pair("/ladder/communication_barrier");
    let upward = results.by_rung("/ladder/upward_fraction").filter(|upward| upward.width == 1);
    let mut sheet = Sheet::new(&["temperature", "next_temperature", "exchange_acceptance"]);
    if barrier.is_some() {
        sheet.header.push("communication_barrier".into());
    }
    if upward.is_some() {
        sheet.header.extend(["upward_fraction", "next_upward_fraction"].map(String::from));
    }
    for (pair, temperatures) in results.temperature().windows(2).enumerate() {
        let mut row = vec![temperatures[0], temperatures[1], acceptance[pair]];
        row.extend(barrier.as_ref().map(|barrier| barrier[pair]));
        if let Some(upward) = &upward {
            row.extend([upward.at(pair, 0), upward.at(pair + 1, 0)]);
        }
        sheet.rows.push(row);
    }
    Some(sheet)
}

fn round_trips(results: &Results) -> Option<Sheet> {
    let trips = results.list("/ladder/round_trips")?;
    let mut sheet = Sheet::new(&["replica", "round_trips"]);
    sheet.rows = trips.iter().enumerate().map(|(replica, count)| vec![replica as f64, *count]).collect();
    Some(sheet)
}

/// Temperature first, then one column for each table below `folder` that has one number per rung.
fn columns_by_rung(results: &Results, folder: &str, leaf: &str, suffix: &str) -> Option<Sheet> {
    let mut sheet = Sheet::new(&["temperature"]);
    sheet.rows = results.temperature().iter().map(|t| vec![*t]).collect();
    for name in results.children(folder) {
        let path = format!("{folder}{name}/{leaf}");
        if let Some(column) = results.by_rung(&path).filter(|column| column.width == 1) {
            sheet.header.push(format!("{name}{suffix}"));
            for (rung, row) in sheet.rows.iter_mut().enumerate() {
                row.push(column.at(rung, 0));
            }
        }
    }
    (sheet.header.len() > 1).then_some(sheet)
}

fn moves(results: &Results) -> Option<Sheet> {
    columns_by_rung(results, "/moves/", "acceptance", "_acceptance")
}

fn relaxation(results: &Results) -> Option<Sheet> {
    let times = results.list("/relaxation/time")?;
    let mut sheet = Sheet::new(&["temperature", "time"]);
    for temperature in results.temperature() {
        sheet.rows.extend(times.iter().map(|time| vec![*temperature, *time]));
    }
    for name in results.children("/relaxation/") {
        let read = |leaf: &str| results.by_rung(&format!("/relaxation/{name}/{leaf}"));
        let Some(mean) = read("mean").filter(|mean| mean.width == times.len()) else { continue };
        let error = read("error").filter(|error| error.width == times.len());
        sheet.header.extend([name.to_string(), format!("{name}_error")]);
        for (index, row) in sheet.rows.iter_mut().enumerate() {
            row.extend([mean.values[index], error.as_ref().map_or(f64::NAN, |error| error.values[index])]);
        }
    }
    Some(sheet)
}

fn relaxation_time(results: &Results) -> Option<Sheet> {
    let mut sheet = columns_by_rung(results, "/relaxation/", "relaxation_time", "_relaxation_time")?;
    let errors = columns_by_rung(results, "/relaxation/", "relaxation_time_error", "_relaxation_time_error");
    if let Some(errors) = errors {
        sheet.header.extend(errors.header.into_iter().skip(1));
        for (row, more) in sheet.rows.iter_mut().zip(errors.rows) {
            row.extend(more.into_iter().skip(1));
        }
    }
    Some(sheet)
}

fn equilibration(results: &Results) -> Option<Sheet> {
    let (start, end) = (results.list("/equilibration/start")?, results.list("/equilibration/end")?);
    let (bins, rungs) = (start.len().min(end.len()), results.rungs());
    let mut sheet = Sheet::new(&["start", "end", "temperature"]);
    for bin in 0..bins {
        sheet.rows.extend(results.temperature().iter().map(|t| vec![start[bin], end[bin], *t]));
    }
    for name in results.children("/equilibration/") {
        let read = |leaf: &str| {
            let (_, values) = results.array(&format!("/equilibration/{name}/{leaf}"))?;
            (values.len() == bins * rungs).then_some(values)
        };
        let Some(mean) = read("mean") else { continue };
        let error = read("error").unwrap_or_else(|| vec![f64::NAN; mean.len()]);
        sheet.header.extend([name.to_string(), format!("{name}_error")]);
        for (row, (mean, error)) in sheet.rows.iter_mut().zip(mean.into_iter().zip(error)) {
            row.extend([mean, error]);
        }
    }
    Some(sheet)
}

/// 1 yes, 0 no, 2 undecided, and the drifts in standard deviations.
fn equilibrated(results: &Results) -> Option<Sheet> {
    let flags = results.by_rung("/equilibration/equilibrated").filter(|flags| flags.width == 1)?;
    let drifts = columns_by_rung(results, "/equilibration/", "drift", "_drift");
    let mut sheet = drifts.unwrap_or_else(|| {
        let mut sheet = Sheet::new(&["temperature"]);
        sheet.rows = results.temperature().iter().map(|t| vec![*t]).collect();
        sheet
    });
    sheet.header.insert(1, "equilibrated".into());
    for (row, flag) in sheet.rows.iter_mut().zip(flags.values) {
        row.insert(1, flag);
    }
    Some(sheet)
}

fn structure_factor(results: &Results, plane: &str, kind: &str) -> Option<Sheet> {
    let map = super::super::sections::structure_factor::Map::read(results, plane, kind)?;
    let error = results
        .array(&format!("/structure_factor/{plane}/{kind}/error"))
        .map(|(_, values)| values)
        .filter(|values| values.len() == map.mean.len());
    let mut sheet = Sheet::new(&["temperature", "horizontal", "vertical", "mean", "error"]);
    let mut index = 0;
    for temperature in results.temperature() {
        for vertical in &map.vertical {
            for horizontal in &map.horizontal {
                let error = error.as_ref().map_or(f64::NAN, |error| error[index]);
                sheet.rows.push(vec![*temperature, *horizontal, *vertical, map.mean[index], error]);
                index += 1;
            }
        }
    }
    Some(sheet)
}
