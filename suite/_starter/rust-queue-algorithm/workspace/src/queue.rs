//! The queue from which the next job is taken.

/// Jobs by rank, lowest first. Among equals the job that has had its rank for
/// longest comes first.
#[derive(Debug, Default)]
pub struct Queue {}

impl Queue {
    /// An empty queue.
    pub fn new() -> Queue {
        Queue::default()
    }

    /// Adds a job behind those of the same rank. False if one of that name is
    /// there already, which then stays as it is.
    pub fn push(&mut self, _name: &str, _rank: i64) -> bool {
        todo!()
    }

    /// Gives a job another rank and returns the one it had; None if there is no
    /// such job. With another rank the job comes behind those that have it
    /// already; with the rank that it has it keeps its turn.
    pub fn update(&mut self, _name: &str, _rank: i64) -> Option<i64> {
        todo!()
    }

    /// Takes the job out and returns its rank; None if there is no such job.
    pub fn remove(&mut self, _name: &str) -> Option<i64> {
        todo!()
    }

    /// The next job, which stays.
    pub fn peek(&self) -> Option<(&str, i64)> {
        todo!()
    }

    /// Takes the next job out.
    pub fn pop(&mut self) -> Option<(String, i64)> {
        todo!()
    }

    /// How many jobs there are.
    pub fn len(&self) -> usize {
        todo!()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
