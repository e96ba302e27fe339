//! The queue from which the next job is taken.

use std::collections::{BTreeSet, HashMap};

/// Jobs by rank, lowest first. Among equals the job that has had its rank for
/// longest comes first.
#[derive(Debug, Default)]
pub struct Queue {
    order: BTreeSet<(i64, u64, String)>,
    jobs: HashMap<String, (i64, u64)>, // rank and turn
    turn: u64,
}

impl Queue {
    /// An empty queue.
    pub fn new() -> Queue {
        Queue::default()
    }

    /// Adds a job behind those of the same rank. False if one of that name is
    /// there already, which then stays as it is.
    pub fn push(&mut self, name: &str, rank: i64) -> bool {
        if self.jobs.contains_key(name) {
            return false;
        }
        self.turn += 1;
        self.jobs.insert(name.to_string(), (rank, self.turn));
        self.order.insert((rank, self.turn, name.to_string()));
        true
    }

    /// Gives a job another rank and returns the one it had; None if there is no
    /// such job. With another rank the job comes behind those that have it
    /// already; with the rank that it has it keeps its turn.
    pub fn update(&mut self, name: &str, rank: i64) -> Option<i64> {
        let (old, _) = *self.jobs.get(name)?;
        if old != rank {
            self.remove(name);
            self.push(name, rank);
        }
        Some(old)
    }

    /// Takes the job out and returns its rank; None if there is no such job.
    pub fn remove(&mut self, name: &str) -> Option<i64> {
        let (rank, turn) = self.jobs.remove(name)?;
        self.order.remove(&(rank, turn, name.to_string()));
        Some(rank)
    }

    /// The next job, which stays.
    pub fn peek(&self) -> Option<(&str, i64)> {
        self.order
            .first()
            .map(|(rank, _, name)| (name.as_str(), *rank))
    }

    /// Takes the next job out.
    pub fn pop(&mut self) -> Option<(String, i64)> {
        let (rank, _, name) = self.order.pop_first()?;
        self.jobs.remove(&name);
        Some((name, rank))
    }

    /// How many jobs there are.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
