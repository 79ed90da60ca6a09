//! Operations on stores, and the system calls that each makes.

use super::operations::{OPERATIONS, Operation, Past};
use super::start::{Start, with_store};
use super::strace::{Call, calls, two_at_a_time};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_keyctl");

/// No transaction: what a statement changes is kept at once. SQLite does nothing about
/// a pragma that it does not know.
pub(crate) const PIECEMEAL: (&str, &str) = ("BEGIN IMMEDIATE", "PRAGMA no_begin");

/// A command and what it begins with.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) start: &'a Start,
    /// Whether another process has the store open.
    pub(crate) is_held: bool,
}

/// Stores of each past, with so many more keys than three.
pub(crate) fn starts(more_keys: usize) -> Vec<Start> {
    vec![
        Start::new(Past::Nothing, 0),
        Start::new(Past::Store, more_keys),
        Start::new(Past::Store, more_keys).with_log(),
        Start::new(Past::FirstVersion, more_keys),
        Start::new(Past::BackedUp, more_keys),
        Start::new(Past::Lost, more_keys),
        Start::new(Past::Ruined, more_keys),
    ]
}

/// Each operation on each store that it is for, alone and beside another process.
pub(crate) fn cases(starts: &[Start]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for operation in OPERATIONS {
        for start in starts.iter().filter(|start| start.past == operation.past) {
            let ways: &[bool] = match start.past.can_be_held() {
                true => &[false, true],
                false => &[false],
            };
            cases.extend(ways.iter().map(|is_held| Case {
                operation,
                start,
                is_held: *is_held,
            }));
        }
    }
    cases
}

/// Every call of every case.
pub(crate) fn places<'a>(program: &str, cases: &[Case<'a>]) -> Vec<(Case<'a>, Call)> {
    let of_case = |case: &Case<'a>| {
        let sandbox = case.start.copy();
        let _holder = case.is_held.then(|| case.start.hold(&sandbox));
        calls(&sandbox, program, &with_store(case.operation.args))
    };
    let found = two_at_a_time(cases, of_case);
    let all = cases.iter().zip(found);
    all.flat_map(|(case, calls)| calls.into_iter().map(|call| (*case, call)))
        .collect()
}
