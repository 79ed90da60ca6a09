//! Stores that are as their log says, and stores that were altered.

use super::*;
use crate::domain::{Change, Choice, Entry, Timestamp, sample_key};

const STORE: &str = "store_0123456789abcdef";

fn entry(change: &Change) -> Entry {
    Entry {
        at: Timestamp::from_unix(1_000).unwrap(),
        actor: "alice".parse().unwrap(),
        action: change.action(),
        workspace: change.key().map(|key| key.workspace.clone()),
        key_id: change.key().map(|key| key.id.clone()),
        row_digest: change.row_digest(),
        detail: "{}".to_owned(),
    }
}

/// What a store holds.
#[derive(Clone)]
struct Held {
    events: Vec<Event>,
    head: Head,
    policy: Policy,
    rows: Vec<(i64, Key)>,
}

/// A store with two keys, of which one is revoked, one that was pruned, and
/// a policy of its own: 7 events.
fn held() -> Held {
    let (one, two, gone) = (sample_key(), sample_key(), sample_key());
    let revoked = Key {
        revoked_at: Timestamp::from_unix(2_000),
        ..one.clone()
    };
    let policy = Policy::default().with(Choice::MaxKeysPerTarget(None));
    let changes = [
        Change::StoreCreated,
        Change::Issued(one.clone()),
        Change::Issued(gone.clone()),
        Change::PolicyChanged {
            before: Policy::default(),
            after: policy.clone(),
        },
        Change::Issued(two.clone()),
        Change::Updated {
            action: Action::Revoked,
            before: one,
            after: revoked.clone(),
            reason: None,
        },
        Change::Pruned(gone),
    ];
    let mut head = Head {
        store_id: STORE.to_owned(),
        seq: 0,
        hash: None,
    };
    let mut events = Vec::new();
    for change in &changes {
        let event = Event::next(&head, entry(change));
        head.seq = event.seq;
        head.hash = Some(event.hash.clone());
        events.push(event);
    }
    Held {
        events,
        head,
        policy,
        rows: vec![(2, revoked), (5, two)],
    }
}

fn check(held: &Held, kept: Option<&KeptHead>) -> Result<Checked, Discrepancy> {
    let mut audit = Audit::new(STORE, kept);
    for event in &held.events {
        audit.event(event)?;
    }
    audit.end_of_log(&held.head)?;
    audit.policy(&held.policy)?;
    for (added_by, key) in &held.rows {
        audit.row(*added_by, &KeyMark::of(key))?;
    }
    audit.finish()
}

/// The same, each row along with the event of its number.
fn check_along(held: &Held) -> Result<Checked, Discrepancy> {
    let mut audit = Audit::new(STORE, None);
    let mark = |(_, key): &(i64, Key)| KeyMark::of(key);
    for event in &held.events {
        let row = held.rows.iter().find(|(seq, _)| *seq == event.seq);
        audit.event_with_row(&event.as_row(), row.map(mark))?;
    }
    audit.end_of_log(&held.head)?;
    audit.policy(&held.policy)?;
    let in_question = audit.settle()?;
    let last = held.head.seq;
    for row in held
        .rows
        .iter()
        .filter(|(seq, _)| !(1..=last).contains(seq))
    {
        audit.row(row.0, &mark(row))?;
    }
    for id in in_question {
        let row = held.rows.iter().find(|(_, key)| key.id == id);
        audit.looked_up(&id, row.map(mark).as_ref())?;
    }
    audit.finish()
}

#[test]
fn what_is_as_it_was_left_is_found_so() {
    let held = held();
    let checked = check(&held, None).unwrap();
    assert_eq!(check_along(&held), Ok(checked.clone()));
    assert_eq!((checked.head, checked.key_count), (held.head, 2));
    assert_eq!(checked.matches_head_at, None);
}

#[test]
fn the_first_difference_is_named() {
    let whole = held();
    let (one, two) = (whole.rows[0].1.id.clone(), whole.rows[1].1.id.clone());
    type Tamper = fn(&mut Held);
    let altered = |seq| Discrepancy::EventAltered { seq };
    let cases: Vec<(Tamper, Discrepancy)> = vec![
        (
            |held| held.events[2].entry.actor = "bob".parse().unwrap(),
            altered(3),
        ),
        (
            |held| held.events[2].hash = held.events[1].hash.clone(),
            altered(3),
        ),
        (
            |held| held.events.swap(1, 2),
            Discrepancy::EventMissing { seq: 2 },
        ),
        (
            |held| drop(held.events.remove(2)),
            Discrepancy::EventMissing { seq: 3 },
        ),
        (
            |held| {
                let again = held.events[2].clone();
                held.events.insert(3, again);
            },
            altered(3),
        ),
        (
            // The number is not in its hash, its place is.
            |held| held.events[2].seq = 2,
            altered(2),
        ),
        (
            // Cut off, and the head left as it was.
            |held| drop(held.events.pop()),
            Discrepancy::HeadAltered { last: 6, head: 7 },
        ),
        (
            |held| held.head.hash = None,
            Discrepancy::HeadAltered { last: 7, head: 7 },
        ),
        (
            |held| held.policy = Policy::default(),
            Discrepancy::PolicyAltered { seq: Some(4) },
        ),
        (
            |held| held.rows[0].1.revoked_at = None,
            Discrepancy::RowAltered {
                id: one.clone(),
                seq: 6,
            },
        ),
        (
            |held| held.rows[1].0 = 9,
            Discrepancy::RowAltered {
                id: two.clone(),
                seq: 5,
            },
        ),
        (
            |held| drop(held.rows.pop()),
            Discrepancy::RowMissing { id: two, seq: 5 },
        ),
    ];
    for (number, (tamper, expected)) in cases.into_iter().enumerate() {
        let mut held = whole.clone();
        tamper(&mut held);
        assert_eq!(check_along(&held), Err(expected.clone()), "case {number}");
        assert_eq!(check(&held, None), Err(expected), "case {number}");
    }
    let mut added = whole.clone();
    let stranger = sample_key();
    added.rows.push((8, stranger.clone()));
    let unknown = Discrepancy::RowUnknown { id: stranger.id };
    assert_eq!(check_along(&added), Err(unknown.clone()));
    assert_eq!(check(&added, None), Err(unknown));
    let mut twice = whole.clone();
    twice.rows.push(whole.rows[0].clone());
    let unknown = Discrepancy::RowUnknown { id: one };
    assert_eq!(check(&twice, None), Err(unknown));
}

/// A store after these things happened to two keys, as long as they could: what is
/// at hand is changed and put back, pruned and added again.
fn after(keys: &[Key; 2], happenings: &[(usize, Happening)]) -> Held {
    let mut rows: [Option<(i64, Key)>; 2] = [None, None];
    let mut held = Held {
        events: Vec::new(),
        head: Head {
            store_id: STORE.to_owned(),
            seq: 0,
            hash: None,
        },
        policy: Policy::default(),
        rows: Vec::new(),
    };
    for (which, happening) in happenings {
        let row = &mut rows[*which];
        let seq = held.head.seq + 1;
        let change = match (happening, row.take()) {
            (Happening::Added, None) => {
                *row = Some((seq, keys[*which].clone()));
                Change::Issued(keys[*which].clone())
            }
            (Happening::Pruned, Some((_, key))) => Change::Pruned(key),
            (Happening::Switched, Some((added_by, before))) => {
                let off = before.disabled_at.is_none();
                let after = Key {
                    disabled_at: off.then_some(Timestamp::MIN),
                    ..before.clone()
                };
                *row = Some((added_by, after.clone()));
                Change::Updated {
                    action: if off {
                        Action::Disabled
                    } else {
                        Action::Enabled
                    },
                    before,
                    after,
                    reason: None,
                }
            }
            (_, as_it_is) => {
                *row = as_it_is;
                Change::StoreCreated
            }
        };
        let event = Event::next(&held.head, entry(&change));
        held.head.seq = event.seq;
        held.head.hash = Some(event.hash.clone());
        held.events.push(event);
    }
    held.rows = rows.into_iter().flatten().collect();
    held.rows.sort_by_key(|(seq, _)| *seq);
    held
}

#[derive(Debug, Clone, Copy)]
enum Happening {
    Added,
    Switched,
    Pruned,
}

proptest::proptest! {
    #[test]
    fn rows_that_come_along_are_judged_like_those_that_come_later(
        happenings in proptest::collection::vec(
            (0..2usize, proptest::sample::select(vec![
                Happening::Added, Happening::Switched, Happening::Pruned,
            ])),
            1..12,
        ),
        row in 0..2usize,
        alteration in 0..6,
    ) {
        let mut held = after(&[sample_key(), sample_key()], &happenings);
        let count = held.rows.len();
        match (alteration, held.rows.get_mut(row)) {
            (0, Some(row)) => row.1.disabled_at = Timestamp::from_unix(7),
            (1, Some(row)) => row.1.disabled_at = None,
            (2, Some(row)) => row.1.id = sample_key().id,
            (3, Some(row)) => row.0 = 40,
            (4, Some(_)) => drop(held.rows.remove(row)),
            // Put where the other one is, or to another event.
            (5, Some(_)) if count == 2 => {
                let first = held.rows[0].0;
                held.rows[0].0 = held.rows[1].0;
                held.rows[1].0 = first;
            }
            (5, Some(row)) => row.0 = row.0 % held.head.seq + 1,
            _ => {}
        }
        let later = check(&held, None);
        let along = check_along(&held);
        proptest::prop_assert_eq!(later.is_ok(), along.is_ok(), "{:?} {:?}", later, along);
        if count == 1 {
            proptest::prop_assert_eq!(later, along);
        }
    }

    #[test]
    fn a_row_that_is_there_again_or_still_is_not_passed_over(
        happenings in proptest::collection::vec(
            (0..1usize, proptest::sample::select(vec![
                Happening::Added, Happening::Switched, Happening::Pruned,
            ])),
            1..10,
        ),
        cut in 0..10usize,
    ) {
        let keys = [sample_key(), sample_key()];
        let whole = after(&keys, &happenings);
        // The row as an earlier event left it.
        let earlier = after(&keys, &happenings[..cut.min(happenings.len())]);
        let held = Held { rows: earlier.rows, ..whole };
        proptest::prop_assert_eq!(check(&held, None), check_along(&held));
    }
}

#[test]
fn a_policy_that_no_event_changed_is_the_default() {
    let mut audit = Audit::new(STORE, None);
    for event in held().events.iter().take(3) {
        audit.event(event).unwrap();
    }
    let other = Policy::default().with(Choice::MaxKeysPerTarget(Some(11)));
    assert_eq!(audit.policy(&Policy::default()), Ok(()));
    let altered = Discrepancy::PolicyAltered { seq: None };
    assert_eq!(audit.policy(&other), Err(altered.clone()));
    let by_event = Discrepancy::PolicyAltered { seq: Some(4) };
    assert!(altered.to_string().contains("no event changed it"));
    assert!(by_event.to_string().contains("event 4"));
}

#[test]
fn a_kept_head_shows_what_was_cut_off() {
    let whole = held();
    let hash = |seq: usize| whole.events[seq - 1].hash.to_string();
    let at = |store: &str, seq: usize| format!("{store} {seq} {}", hash(seq));
    // The last three events undone as well as can be.
    let older = Held {
        events: whole.events[..4].to_vec(),
        head: Head {
            seq: 4,
            hash: Some(whole.events[3].hash.clone()),
            ..whole.head.clone()
        },
        ..whole.clone()
    };
    let cases = [
        (&whole, hash(7), Ok(Some(7))),
        (&whole, hash(3), Ok(Some(3))),
        (&whole, at(STORE, 3), Ok(Some(3))),
        (&older, hash(4), Ok(Some(4))),
        (&older, hash(7), Err(Discrepancy::HeadUnknown)),
        (
            &older,
            at(STORE, 7),
            Err(Discrepancy::HeadAhead { seq: 7, last: 4 }),
        ),
        (
            &whole,
            format!("{STORE} 3 {}", "0".repeat(64)),
            Err(Discrepancy::HeadUnknown),
        ),
        (
            &whole,
            format!("{STORE} 7 {}", hash(3)),
            Err(Discrepancy::HeadUnknown),
        ),
        (
            &whole,
            format!("{STORE} 4 {}", hash(3)),
            Err(Discrepancy::HeadUnknown),
        ),
        (
            &whole,
            format!("store_other 3 {}", hash(3)),
            Err(Discrepancy::OtherStore {
                kept: "store_other".to_owned(),
                found: STORE.to_owned(),
            }),
        ),
    ];
    for (held, kept, expected) in cases {
        let kept: KeptHead = kept.parse().unwrap();
        let mut audit = Audit::new(STORE, Some(&kept));
        for event in &held.events {
            audit.event(event).unwrap();
        }
        let found = audit.end_of_log(&held.head);
        assert_eq!(found.map(|()| audit.matches_head_at), expected, "{kept:?}");
    }
    for text in ["", "x", "a b", "store 1x 00", "store 1 00", "a b c d"] {
        assert!(text.parse::<KeptHead>().is_err(), "{text:?}");
    }
}
