//! The lines of an export: what is read of them is written as it was read, and
//! what is taken in comes out again. The log is made to fit the rest, as
//! somebody could who knows how logs are made: made-up input never would.
#![no_main]

#[path = "../../src/cli"]
mod cli {
    pub(crate) mod record;
}
#[path = "support/moved.rs"]
mod moved;

use keyctl::domain::{Action, Event, Head, Refusal};
use keyctl::ops::{Moved, Record, check_export};
use keyctl::{Error, Location, Registry, Timestamp};
use libfuzzer_sys::fuzz_target;

/// Gives the last event of each key, and of the policy, the digest of what is
/// there, and each event its place and its hash.
fn make_fit(records: &mut [Record]) {
    let left: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Key { key, .. } => Some((Some(key.id.clone()), key.row_digest())),
            Record::Policy(policy) => Some((None, policy.row_digest())),
            Record::Head(_) | Record::Event(_) | Record::End { .. } => None,
        })
        .collect();
    let Some((Record::Head(head), log)) = records.split_first_mut() else {
        return;
    };
    (head.seq, head.hash) = (0, None);
    for record in log {
        if let Record::Event(event) = record {
            let mut entry = event.entry.clone();
            let row = left.iter().find(|(id, _)| *id == entry.key_id);
            if let Some((id, digest)) = row
                && (id.is_some() || entry.action == Action::PolicyChanged)
            {
                entry.row_digest = Some(digest.clone());
            }
            *event = Event::next(head, entry);
            *head = Head {
                seq: event.seq,
                hash: Some(event.hash.clone()),
                ..head.clone()
            };
        }
    }
}

fn check(records: &[Record]) -> Result<(), Error> {
    let mut given = records.iter().cloned();
    check_export(|| Ok(given.next()))
}

fuzz_target!(|data: &[u8]| {
    let Some(mut records) = moved::records(data) else {
        return;
    };
    let _ = check(&records);
    make_fit(&mut records);
    if check(&records).is_err() {
        return;
    }
    let nowhere = Location::File("/nowhere/keys.db".into());
    let actor = "alice".parse().expect("an actor");
    let mut registry = Registry::pretend(&nowhere, actor).expect("a store in memory");
    let mut given = records.iter().cloned();
    let taken = registry.import_export(false, Timestamp::MAX, || Ok(given.next()), |_| {});
    match taken {
        Ok(Moved::TakenOver { .. }) => {
            assert!(moved::exported(&mut registry).expect("it can be read") == records);
            registry.audit(None).expect("it is intact");
        }
        Err(Error::Refused(Refusal::TokenTaken { .. })) => {}
        other => panic!("{other:?}"),
    }
});
