//! A disk that is full or broken, at whichever call it shows: a command says so
//! and has done nothing, or has done everything; it never says that it did what
//! it did not, never panics, and never tells a token. The same for a system
//! without its random generator.

#[path = "../support/aftermath.rs"]
mod aftermath;
#[path = "../support/campaign.rs"]
mod campaign;
#[path = "../support/cases.rs"]
mod cases;
#[path = "../support/operations.rs"]
mod operations;
#[path = "../support/start.rs"]
mod start;
#[path = "../support/strace.rs"]
mod strace;
#[path = "../support/mod.rs"]
mod support;
#[expect(dead_code, reason = "this one has a weakness of its own")]
#[path = "../support/weakened.rs"]
mod weakened;

mod controls;
mod fault;

use rand::seq::SliceRandom;

use aftermath::State;
use cases::{Case, PROGRAM, cases, places, starts};
use fault::{CALLS, Outcome, READING, fail, faults};
use strace::two_at_a_time;

#[test]
fn on_a_broken_disk_a_command_fails_and_says_so() {
    let more_keys = campaign::size(0, 60);
    let starts = starts(more_keys);
    let cases: Vec<Case<'_>> = cases(&starts)
        .into_iter()
        .filter(|case| !case.is_held)
        .collect();
    let mut faults = faults(&places(PROGRAM, &cases), CALLS);
    faults.shuffle(&mut campaign::generator());
    faults.truncate(campaign::size(200, usize::MAX));
    let outcomes = two_at_a_time(&faults, |fault| fail(PROGRAM, fault));
    let count = |wanted: fn(&Outcome) -> bool| {
        outcomes
            .iter()
            .flatten()
            .filter(|outcome| wanted(outcome))
            .count()
    };
    let refused = count(|outcome| outcome.code != 0);
    let borne = count(|outcome| outcome.code == 0);
    let losses: Vec<&String> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    campaign::report(&format!(
        "{} faults, {refused} refused, {borne} borne, {} losses",
        faults.len(),
        losses.len()
    ));
    assert!(losses.is_empty(), "{losses:#?}");
    assert!(refused > faults.len() / 4, "many of them are felt");
}

#[test]
fn without_the_random_generator_no_key_is_made() {
    let starts = starts(0);
    let mut cases = cases(&starts);
    cases.retain(|case| case.operation.args.contains(&"create") && !case.is_held);
    let outcomes = without_randomness(&cases);
    for outcome in &outcomes {
        let is_kept = |outcome: &Outcome| outcome.code == 0 || outcome.state == State::Before;
        assert!(
            outcome.as_ref().is_ok_and(is_kept),
            "{:?}",
            outcome.as_ref().err()
        );
    }
    // The C library draws too, and can do without.
    let refused = outcomes
        .iter()
        .flatten()
        .filter(|outcome| outcome.code != 0);
    let refused = refused.count();
    campaign::report(&format!(
        "{} without randomness, {refused} refused",
        outcomes.len()
    ));
    assert!(
        refused >= 4 * cases.len(),
        "a token and an id are drawn, once and for ever"
    );
}

#[test]
fn without_the_random_generator_nothing_panics() {
    let starts = starts(0);
    let mut cases = cases(&starts);
    cases.retain(|case| !case.is_held);
    let outcomes = without_randomness(&cases);
    let losses: Vec<&String> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    assert!(losses.is_empty(), "{losses:#?}");
}

/// Each draw fails, alone and with all that follow.
fn without_randomness(cases: &[Case<'_>]) -> Vec<Result<Outcome, String>> {
    let mut places = places(PROGRAM, cases);
    places.retain(|(_, call)| call.name == "getrandom");
    two_at_a_time(&faults(&places, &[("getrandom", READING)]), |fault| {
        fail(PROGRAM, fault)
    })
}
