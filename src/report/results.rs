//! Reading the tables of a ladder: everything that is missing or has the wrong shape is simply not there.

use super::number::labeled;
use super::tables::Tables;
use crate::foundation::table::Table;
use std::collections::BTreeMap;
use std::ops::Deref;

/// Numbers per rung, `width` of them for each.
#[derive(Debug, Clone, PartialEq)]
pub struct PerRung {
    /// All numbers, rung by rung.
    pub values: Vec<f64>,
    /// Numbers per rung.
    pub width: usize,
}

impl PerRung {
    /// Component `component` at `rung`.
    #[must_use]
    pub fn at(&self, rung: usize, component: usize) -> f64 {
        self.values.get(rung * self.width + component).copied().unwrap_or(f64::NAN)
    }
}

/// An observable on all rungs.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Name in the results file.
    pub name: String,
    /// Mean values.
    pub mean: PerRung,
    /// Standard errors, not a number where there are none.
    pub error: PerRung,
    /// Integrated autocorrelation times in measurements.
    pub autocorrelation_time: Option<PerRung>,
    /// Units.
    pub units: String,
    /// Definition.
    pub description: String,
}

/// The tables of one run with the ladder they belong to.
pub struct Results<'a> {
    tables: Tables<'a>,
    temperature: Vec<f64>,
    cold_to_hot: Vec<usize>,
}

impl<'a> Deref for Results<'a> {
    type Target = Tables<'a>;

    fn deref(&self) -> &Tables<'a> {
        &self.tables
    }
}

impl<'a> Results<'a> {
    /// Finds the ladder; `None` if the tables are not those of a ladder of temperatures.
    #[must_use]
    pub fn new(tables: &'a BTreeMap<String, Table>) -> Option<Self> {
        let temperature = tables.get("/ladder/temperature").map(Table::numbers).unwrap_or_default();
        if temperature.is_empty() {
            return None;
        }
        let mut cold_to_hot: Vec<usize> = (0..temperature.len()).collect();
        cold_to_hot.sort_by(|&a, &b| temperature[a].total_cmp(&temperature[b]));
        Some(Results { tables: Tables(tables), temperature, cold_to_hot })
    }

    /// Temperatures of the rungs.
    #[must_use]
    pub fn temperature(&self) -> &[f64] {
        &self.temperature
    }

    /// Number of rungs.
    #[must_use]
    pub fn rungs(&self) -> usize {
        self.temperature.len()
    }

    /// Rungs from the coldest to the hottest.
    #[must_use]
    pub fn cold_to_hot(&self) -> &[usize] {
        &self.cold_to_hot
    }

    /// The units of temperature.
    #[must_use]
    pub fn temperature_units(&self) -> &str {
        self.units("/ladder/temperature")
    }

    /// The label of a temperature axis.
    #[must_use]
    pub fn temperature_label(&self) -> String {
        labeled("temperature T", self.temperature_units())
    }

    /// Coldest, middle and hottest rung, as far as they differ.
    #[must_use]
    pub fn selected_rungs(&self) -> Vec<(usize, &'static str)> {
        let last = self.rungs() - 1;
        match last {
            0 => vec![(self.cold_to_hot[0], "only rung")],
            1 => vec![(self.cold_to_hot[0], "coldest"), (self.cold_to_hot[1], "hottest")],
            _ => vec![
                (self.cold_to_hot[0], "coldest"),
                (self.cold_to_hot[last / 2], "middle"),
                (self.cold_to_hot[last], "hottest"),
            ],
        }
    }

    /// A table with one number per pair of neighboring rungs.
    #[must_use]
    pub fn by_pair(&self, path: &str) -> Option<Vec<f64>> {
        self.list(path).filter(|list| list.len() + 1 == self.rungs())
    }

    /// A table whose first axis is the rungs.
    #[must_use]
    pub fn by_rung(&self, path: &str) -> Option<PerRung> {
        let (shape, values) = self.array(path)?;
        (shape.first() == Some(&self.rungs())).then(|| PerRung { width: values.len() / self.rungs(), values })
    }

    /// An observable with its error.
    #[must_use]
    pub fn observable(&self, name: &str) -> Option<Measured> {
        let path = format!("/observables/{name}/mean");
        let table = self.tables.0.get(&path)?;
        let mean = self.by_rung(&path)?;
        let same = |part: &str| {
            self.by_rung(&format!("/observables/{name}/{part}")).filter(|other| other.width == mean.width)
        };
        let error = same("error")
            .unwrap_or_else(|| PerRung { values: vec![f64::NAN; mean.values.len()], width: mean.width });
        Some(Measured {
            name: name.to_string(),
            error,
            autocorrelation_time: same("autocorrelation_time"),
            mean,
            units: table.units.clone(),
            description: table.description.clone(),
        })
    }

    /// All observables, in the order of the catalog.
    #[must_use]
    pub fn observables(&self) -> Vec<Measured> {
        let mut names = self.children("/observables/");
        names.sort_by_key(|name| super::catalog::place(name));
        names.into_iter().filter_map(|name| self.observable(name)).collect()
    }

    /// "yes", "no" or "undecided" for each rung, `None` where it is unknown.
    #[must_use]
    pub fn equilibrated(&self) -> Option<Vec<Option<&'static str>>> {
        let flags = self.by_rung("/equilibration/equilibrated").filter(|flags| flags.width == 1)?;
        let word = |flag: &f64| match *flag {
            0.0 => Some("no"),
            1.0 => Some("yes"),
            2.0 => Some("undecided"),
            _ => None,
        };
        Some(flags.values.iter().map(word).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn tables_of_the_wrong_shape_do_not_exist() {
        let mut tables = example::tables();
        if let Some(table) = tables.get_mut("/observables/energy/mean") {
            table.shape = vec![3];
        }
        let results = Results::new(&tables).expect("a ladder");
        assert!(results.observable("energy").is_none());
        assert!(results.observable("specific_heat").is_some());
        assert!(results.children("/observables/").contains(&"energy"));
    }
}
