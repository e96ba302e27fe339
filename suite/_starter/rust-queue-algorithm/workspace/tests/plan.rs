use dispatch::{parse, Job, PlanError};

fn job(name: &str, rank: i64) -> Job {
    Job {
        name: name.to_string(),
        rank,
    }
}

#[test]
fn reads_jobs_and_comments() {
    let plan = "# tonight\nbackup 10\n\n  mail   -3 # first\n";
    assert_eq!(parse(plan), Ok(vec![job("backup", 10), job("mail", -3)]));
}

#[test]
fn empty_plan() {
    assert_eq!(parse(""), Ok(vec![]));
}

#[test]
fn names_the_line_of_a_mistake() {
    assert_eq!(parse("a 1\nb"), Err(PlanError::NoRank(2)));
    assert_eq!(
        parse("a x").unwrap_err().to_string(),
        "line 1: \"x\" is no rank"
    );
}
