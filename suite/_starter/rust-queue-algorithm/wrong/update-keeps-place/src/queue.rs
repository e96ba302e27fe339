//! The queue from which the next job is taken.

use std::collections::HashMap;

/// One job in the heap. Entries compare by rank and then by turn, which is
/// unique, so that equals never change places.
#[derive(Debug)]
struct Entry {
    rank: i64,
    turn: u64,
    name: String,
}

impl Entry {
    fn key(&self) -> (i64, u64) {
        (self.rank, self.turn)
    }
}

/// Jobs by rank, lowest first. Among equals the job that has had its rank for
/// longest comes first.
#[derive(Debug, Default)]
pub struct Queue {
    heap: Vec<Entry>,
    place: HashMap<String, usize>, // where in the heap a job is
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
        if self.place.contains_key(name) {
            return false;
        }
        let at = self.heap.len();
        let turn = self.next_turn();
        self.heap.push(Entry {
            rank,
            turn,
            name: name.to_string(),
        });
        self.place.insert(name.to_string(), at);
        self.up(at);
        true
    }

    /// Gives a job another rank and returns the one it had; None if there is no
    /// such job. With another rank the job comes behind those that have it
    /// already; with the rank that it has it keeps its turn.
    pub fn update(&mut self, name: &str, rank: i64) -> Option<i64> {
        let at = *self.place.get(name)?;
        let old = self.heap[at].rank;
        if rank != old {
            self.heap[at].rank = rank;
            self.settle(at);
        }
        Some(old)
    }

    /// Takes the job out and returns its rank; None if there is no such job.
    pub fn remove(&mut self, name: &str) -> Option<i64> {
        let at = *self.place.get(name)?;
        Some(self.take(at).rank)
    }

    /// The next job, which stays.
    pub fn peek(&self) -> Option<(&str, i64)> {
        self.heap.first().map(|e| (e.name.as_str(), e.rank))
    }

    /// Takes the next job out.
    pub fn pop(&mut self) -> Option<(String, i64)> {
        if self.heap.is_empty() {
            return None;
        }
        let e = self.take(0);
        Some((e.name, e.rank))
    }

    /// How many jobs there are.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// Takes the entry at a place out; the last one takes the place.
    fn take(&mut self, at: usize) -> Entry {
        let last = self.heap.len() - 1;
        self.swap(at, last);
        let e = self.heap.pop().expect("an entry at every place");
        self.place.remove(&e.name);
        if at < last {
            self.settle(at);
        }
        e
    }

    fn settle(&mut self, at: usize) {
        let at = self.up(at);
        self.down(at);
    }

    fn up(&mut self, mut at: usize) -> usize {
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.heap[parent].key() <= self.heap[at].key() {
                break;
            }
            self.swap(parent, at);
            at = parent;
        }
        at
    }

    fn down(&mut self, mut at: usize) {
        loop {
            let mut least = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.heap.len() && self.heap[child].key() < self.heap[least].key() {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.swap(at, least);
            at = least;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        for at in [a, b] {
            let name = &self.heap[at].name;
            if let Some(place) = self.place.get_mut(name) {
                *place = at;
            }
        }
    }
}
