//! Floor 2: where the degrees of freedom sit and who is whose neighbor.

pub mod packing;
pub mod pyrochlore;
