//! Independently computed cells of sixteen atoms, smaller than twice the cutoff and triclinic.

#![allow(dead_code)]

use serde::Deserialize;

/// A cell and what is known of it; tensors are in the order xx yy zz xy xz yz.
#[derive(Deserialize)]
pub struct Cell {
    pub name: String,
    pub elements: Vec<String>,
    /// Edges.
    pub rows: [[f64; 3]; 3],
    pub kinds: Vec<usize>,
    pub positions: Vec<[f64; 3]>,
    pub energy: f64,
    pub energies: Vec<f64>,
    pub densities: Vec<f64>,
    pub forces: Vec<[f64; 3]>,
    pub virial: [f64; 6],
    pub virials: Vec<[f64; 6]>,
}

/// The cell of a name.
pub fn cell(name: &str) -> Cell {
    let cells: Vec<Cell> = serde_json::from_str(include_str!("../data/embedded_atom_cells.json")).unwrap();
    cells.into_iter().find(|cell| cell.name == name).unwrap()
}
