//! placeholder until merge
use crate::foundation::{Result, table::Table};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
pub struct Input<'a> {
    pub tables: &'a BTreeMap<String, Table>,
    pub title: String,
    pub status: Option<String>,
    pub notes: Vec<String>,
}
pub fn write_html(_: &Input, _: &Path) -> Result<PathBuf> {
    Ok(PathBuf::new())
}
pub fn write_csv(_: &Input, _: &Path) -> Result<Vec<PathBuf>> {
    Ok(vec![])
}
pub fn write_json(_: &Input, _: &Path) -> Result<PathBuf> {
    Ok(PathBuf::new())
}
pub fn text_tables(_: &Input) -> String {
    String::new()
}
