//! Floor 2: where the degrees of freedom sit and who is whose neighbor.

pub mod atoms;
pub mod brick;
mod cell_grid;
pub mod cell_packing;
pub mod composition;
pub mod crystal;
pub mod hypercubic;
pub mod neighbor_search;
pub mod neighbors;
pub mod packing;
mod parts;
pub mod periodic_box;
pub mod position_grid;
pub mod pyrochlore;
pub mod pyrochlore_packing;
pub mod velocities;
