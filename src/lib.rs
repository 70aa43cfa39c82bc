//! vitrum
pub mod foundation;
pub mod models;
pub mod observables;
pub mod parallel;
pub mod report;
pub mod system;
