//! Floor 2: where the degrees of freedom sit and who is whose neighbor.

pub mod brick;
pub mod cell_packing;

pub mod hypercubic;
mod parts;
pub mod pyrochlore;
pub mod pyrochlore_packing;
