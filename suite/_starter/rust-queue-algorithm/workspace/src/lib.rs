//! Decides in which order jobs run.

pub mod plan;
pub mod queue;

pub use plan::{parse, Job, PlanError};
pub use queue::Queue;
