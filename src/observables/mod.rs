//! Floor 3: measurements that do not belong to one model.

pub mod structure_factor;
