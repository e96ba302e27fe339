//! Plays scripts of calls on a queue. It knows no expected answer: the judge does.

mod metr;

use dispatch::{plan, Queue};
use metr::{Args, Error, Value};

fn main() {
    metr::serve(&[("play", play), ("order", order), ("churn", churn)]);
}

/// One operation after the other on a new queue; each one's result as text.
fn play(a: &Args) -> Result<Value, Error> {
    let mut q = Queue::new();
    let mut out = Vec::new();
    for op in a.texts(0)? {
        let w: Vec<&str> = op.split(' ').collect();
        let rank = |i: usize| w[i].parse::<i64>().map_err(|e| Error::new("ValueError", e));
        out.push(match w[0] {
            "push" => q.push(w[1], rank(2)?).to_string(),
            "update" => format!("{:?}", q.update(w[1], rank(2)?)),
            "remove" => format!("{:?}", q.remove(w[1])),
            "peek" => format!("{:?}", q.peek()),
            "pop" => format!("{:?}", q.pop()),
            "len" => q.len().to_string(),
            "empty" => q.is_empty().to_string(),
            _ => return Err(Error::new("ValueError", op)),
        });
    }
    Ok(out.into())
}

/// The names of a plan's jobs in order.
fn order(a: &Args) -> Result<Value, Error> {
    let jobs = plan::parse(a.text(0)?).map_err(|e| Error::new("ValueError", e))?;
    Ok(plan::order(&jobs).into())
}

/// Pushes n jobs, changes each one's rank, takes half of them out again and
/// returns the order of the rest. The ranks come from the judge.
fn churn(a: &Args) -> Result<Value, Error> {
    let (first, then) = (a.ints(0)?, a.ints(1)?);
    let mut q = Queue::new();
    for (i, rank) in first.iter().enumerate() {
        q.push(&i.to_string(), *rank);
    }
    for (i, rank) in then.iter().enumerate() {
        q.update(&i.to_string(), *rank);
    }
    for i in (0..first.len()).step_by(2) {
        q.remove(&i.to_string());
    }
    let mut out = Vec::new();
    while let Some((name, _)) = q.pop() {
        out.push(name);
    }
    Ok(out.into())
}
