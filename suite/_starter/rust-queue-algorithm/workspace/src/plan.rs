//! Reads plans: one job a line, `NAME RANK`, `#` begins a comment.

use crate::queue::Queue;
use std::fmt;

/// One job of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub name: String,
    pub rank: i64,
}

/// What is wrong with a plan, and in which line, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    NoRank(usize),
    BadRank(usize, String),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::NoRank(line) => write!(f, "line {line}: a job needs a rank"),
            PlanError::BadRank(line, text) => write!(f, "line {line}: {text:?} is no rank"),
        }
    }
}

impl std::error::Error for PlanError {}

/// Reads a plan.
pub fn parse(text: &str) -> Result<Vec<Job>, PlanError> {
    let mut jobs = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let Some((name, rank)) = line.split_once(char::is_whitespace) else {
            return Err(PlanError::NoRank(i + 1));
        };
        let rank = rank.trim();
        let rank = rank
            .parse()
            .map_err(|_| PlanError::BadRank(i + 1, rank.to_string()))?;
        jobs.push(Job {
            name: name.to_string(),
            rank,
        });
    }
    Ok(jobs)
}

/// The names of the jobs in the order in which they run. Of jobs with the same
/// name the first counts.
pub fn order(jobs: &[Job]) -> Vec<String> {
    let mut queue = Queue::new();
    for job in jobs {
        queue.push(&job.name, job.rank);
    }
    let mut names = Vec::new();
    while let Some((name, _)) = queue.pop() {
        names.push(name);
    }
    names
}
