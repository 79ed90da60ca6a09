//! What every engine promises: one list of cases, run on each of them.

use std::ops::ControlFlow;
use std::sync::Barrier;
use std::thread;

use keyctl::domain::{
    Action, Choice, Digest, Entry, Event, Head, Lifetime, MaskedToken, Policy, Standing,
    StoreError, StoreFault,
};
use keyctl::store::{
    EventFilter, Filter, IfMissing, Order, Page, Part, Reach, Store, Tx, open, peek,
};
use keyctl::{Access, Datasets, Key, KeyId, Location, Scopes, Target, Timestamp, Workspace};
use proptest::prelude::*;

use crate::site::Site;

/// A place for one store of some engine; each opening is a connection of its own.
pub(super) struct Place(Site);

impl Place {
    pub(super) fn new() -> Place {
        Place(Site::new())
    }

    pub(super) fn location(&self) -> Location {
        self.0.location()
    }

    pub(super) fn open(&self) -> Box<dyn Store> {
        open(&self.location(), IfMissing::Create).unwrap()
    }
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn bound_to(ids: &[&str]) -> Access {
    Access::Datasets(Datasets::new(ids.iter().map(|id| id.parse().unwrap())).unwrap())
}

/// A live key with nothing optional, its id and digest made from a number.
pub(super) fn key(number: u8) -> Key {
    Key {
        id: format!("key_{number:016}").parse().unwrap(),
        workspace: Workspace::default(),
        name: None,
        description: None,
        access: bound_to(&["ds_1"]),
        scopes: Scopes::full(),
        digest: Digest::from_bytes([number; 32]),
        masked_token: MaskedToken::nothing(),
        created_at: at(1_000),
        created_by: "tester".parse().unwrap(),
        expires_at: None,
        last_used_at: None,
        disabled_at: None,
        revoked_at: None,
        revoke_reason: None,
        replaces: None,
        replaced_by: None,
    }
}

/// Adds keys, each with its event.
pub(super) fn insert(store: &mut dyn Store, keys: &[Key]) {
    let mut tx = store.write().unwrap();
    for key in keys {
        tx.insert_key(key).unwrap();
        let event = event_after(&tx.head().unwrap(), key);
        tx.append_event(&event).unwrap();
    }
    tx.commit().unwrap();
}

pub(super) fn ids(store: &mut dyn Store, filter: &Filter, page: &Page) -> Vec<KeyId> {
    let mut ids = Vec::new();
    let tx = store.read().unwrap();
    tx.keys(filter, page, &mut |key| {
        ids.push(key.id);
        ControlFlow::Continue(())
    })
    .unwrap();
    ids
}

fn event_after(head: &Head, key: &Key) -> Event {
    Event::next(
        head,
        Entry {
            at: at(2_000),
            actor: "tester".parse().unwrap(),
            action: Action::Issued,
            workspace: Some(key.workspace.clone()),
            key_id: Some(key.id.clone()),
            row_digest: Some(key.row_digest()),
            detail: "{}".to_owned(),
        },
    )
}

#[test]
fn a_key_is_read_as_it_was_written() {
    let place = Place::new();
    let mut store = place.open();
    let full = Key {
        workspace: "team".parse().unwrap(),
        name: Some("ci".parse().unwrap()),
        description: Some("a\n\u{1b}b".parse().unwrap()),
        access: bound_to(&["b", "a"]),
        scopes: "read write".parse().unwrap(),
        expires_at: Some(at(9_000)),
        disabled_at: Some(at(2_000)),
        revoked_at: Some(at(3_000)),
        revoke_reason: Some("why".parse().unwrap()),
        replaces: Some(key(8).id),
        replaced_by: Some(key(9).id),
        ..key(1)
    };
    let others = [
        Key {
            access: Access::AllDatasets,
            ..key(2)
        },
        Key {
            access: Access::App("web".parse().unwrap()),
            ..key(3)
        },
    ];
    insert(
        store.as_mut(),
        &[std::slice::from_ref(&full), &others].concat(),
    );
    let tx = store.read().unwrap();
    for expected in [&full, &others[0], &others[1]] {
        assert_eq!(tx.key(&expected.id).unwrap().as_ref(), Some(expected));
        let by_digest = tx.key_by_digest(&expected.digest).unwrap();
        assert_eq!(by_digest.as_ref(), Some(expected));
    }
    assert_eq!(tx.key(&key(7).id).unwrap(), None);
    assert_eq!(tx.key_by_digest(&key(7).digest).unwrap(), None);
}

#[test]
fn many_keys_are_found_as_each_by_itself() {
    let place = Place::new();
    let mut store = place.open();
    let shape = |number: u8| match number % 4 {
        0 => Key {
            access: bound_to(&["b", "a", "ds_1"]),
            description: Some("a\n\u{1b}b".parse().unwrap()),
            revoked_at: Some(at(3_000)),
            revoke_reason: Some("why".parse().unwrap()),
            ..key(number)
        },
        1 => Key {
            access: Access::AllDatasets,
            expires_at: Some(at(9_000)),
            replaces: Some(key(8).id),
            ..key(number)
        },
        2 => Key {
            workspace: "team".parse().unwrap(),
            access: Access::App("web".parse().unwrap()),
            disabled_at: Some(at(2_000)),
            ..key(number)
        },
        _ => Key {
            name: Some("ci".parse().unwrap()),
            scopes: "read write".parse().unwrap(),
            ..key(number)
        },
    };
    let keys: Vec<Key> = (0..200).map(shape).collect();
    insert(store.as_mut(), &keys);
    let uses: Vec<_> = keys
        .iter()
        .step_by(3)
        .map(|k| (k.id.clone(), at(7_000)))
        .collect();
    store.touch(&uses).unwrap();
    let tx = store.read().unwrap();
    // Some twice, some of no key; in order and in none; few and many.
    let wanted = (0..=255).chain((0..=255).rev()).chain([7, 7, 7]);
    let digests: Vec<Digest> = wanted.map(|number| key(number).digest).collect();
    for count in [0, 1, 2, 15, 16, 255, 256, 257, digests.len()] {
        let digests = &digests[..count];
        let mut found = vec![None; count];
        tx.keys_by_digests(digests, &mut |place, key| {
            assert_eq!(found[place].replace(key), None, "once each");
        })
        .unwrap();
        let by_itself = |digest| tx.key_by_digest(digest).unwrap();
        let expected: Vec<Option<Key>> = digests.iter().map(by_itself).collect();
        assert_eq!(found, expected, "{count}");
        let standings = standings(tx.as_ref(), digests);
        let expected = expected.into_iter().map(|key| key.map(Standing::from));
        assert!(standings.into_iter().eq(expected), "{count}");
    }
}

/// How keys stand, by way of their numbers.
fn standings(tx: &dyn Tx, digests: &[Digest]) -> Vec<Option<Standing>> {
    let (mut places, mut numbers) = (Vec::new(), Vec::new());
    tx.numbers_of_digests(digests, &mut |place, number| {
        places.push(place);
        numbers.push(number);
    })
    .unwrap();
    let mut found = vec![None; digests.len()];
    tx.standings_of_numbers(&numbers, &mut |nth, standing| {
        let before = found[places[nth]].replace(standing);
        assert_eq!(before, None, "once each");
    })
    .unwrap();
    found
}

#[test]
fn what_is_not_committed_leaves_nothing() {
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    {
        let mut tx = store.write().unwrap();
        let head = tx.head().unwrap();
        tx.insert_key(&key(2)).unwrap();
        tx.update_key(&Key {
            revoked_at: Some(at(5)),
            ..key(1)
        })
        .unwrap();
        tx.append_event(&event_after(&head, &key(2))).unwrap();
    }
    let mut reopened = place.open();
    for store in [&mut store, &mut reopened] {
        let tx = store.read().unwrap();
        assert_eq!(tx.key(&key(1).id).unwrap(), Some(key(1)));
        assert_eq!(tx.key(&key(2).id).unwrap(), None);
        assert_eq!(tx.head().unwrap().seq, 1);
    }
}

#[test]
fn a_row_is_written_again_whole_or_taken_away_whole() {
    let place = Place::new();
    let mut store = place.open();
    let before = Key {
        access: bound_to(&["a", "b"]),
        ..key(1)
    };
    insert(store.as_mut(), &[before]);
    let after = Key {
        access: bound_to(&["b"]),
        scopes: "read".parse().unwrap(),
        revoked_at: Some(at(5)),
        ..key(1)
    };
    let mut tx = store.write().unwrap();
    tx.update_key(&after).unwrap();
    tx.commit().unwrap();
    assert_eq!(
        store.read().unwrap().key(&after.id).unwrap(),
        Some(after.clone())
    );
    store.touch(&[(after.id.clone(), at(7))]).unwrap();
    let mut tx = store.write().unwrap();
    tx.delete_key(&after.id).unwrap();
    tx.commit().unwrap();
    assert_eq!(store.read().unwrap().key(&after.id).unwrap(), None);
    // Neither its bindings nor its use are left to a key that comes after it.
    insert(store.as_mut(), &[key(1)]);
    assert_eq!(store.read().unwrap().key(&after.id).unwrap(), Some(key(1)));
}

#[test]
fn rows_that_are_not_there_and_rows_that_are_there_twice_are_faults() {
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    let mut head = store.read().unwrap().head().unwrap();
    let same_digest = Key {
        digest: key(1).digest,
        ..key(2)
    };
    let same_id = Key {
        id: key(1).id,
        ..key(2)
    };
    // What has failed once may be good for nothing more, or go on.
    type Verb<'a> = dyn Fn(&mut dyn Tx) -> Result<(), StoreError> + 'a;
    let cases: [&Verb<'_>; 4] = [
        &|tx| tx.update_key(&key(2)),
        &|tx| tx.delete_key(&key(2).id),
        &|tx| tx.insert_key(&same_digest),
        &|tx| tx.insert_key(&same_id),
    ];
    for (number, case) in cases.iter().enumerate() {
        let mut tx = store.write().unwrap();
        let last = key(10 + number as u8);
        tx.insert_key(&last).unwrap();
        assert!(case(tx.as_mut()).is_err(), "case {number}");
        let is_kept = tx
            .append_event(&event_after(&head, &last))
            .and_then(|()| tx.commit())
            .is_ok();
        let all = ids(store.as_mut(), &Filter::default(), &Page::default());
        assert_eq!(all.contains(&last.id), is_kept, "case {number}");
        head = store.read().unwrap().head().unwrap();
        assert!(!all.contains(&key(2).id), "case {number}");
    }
}

#[test]
fn use_goes_forward_only_and_outlives_a_row_written_whole() {
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    let last_use = |store: &mut dyn Store| {
        let key = store.read().unwrap().key(&key(1).id).unwrap();
        key.and_then(|key| key.last_used_at)
    };
    store
        .touch(&[(key(1).id, at(50)), (key(9).id, at(50))])
        .unwrap();
    assert_eq!(last_use(store.as_mut()), Some(at(50)));
    store.touch(&[(key(1).id, at(40))]).unwrap();
    assert_eq!(last_use(store.as_mut()), Some(at(50)));
    let mut tx = store.write().unwrap();
    tx.update_key(&Key {
        last_used_at: None,
        ..key(1)
    })
    .unwrap();
    tx.commit().unwrap();
    assert_eq!(last_use(store.as_mut()), Some(at(50)));
    store.touch(&[(key(1).id, at(60))]).unwrap();
    assert_eq!(last_use(store.as_mut()), Some(at(60)));
}

#[test]
fn a_key_is_restored_under_the_number_it_had() {
    let place = Place::new();
    let mut store = place.open();
    let used = Key {
        last_used_at: Some(at(50)),
        ..key(1)
    };
    let mut tx = store.write().unwrap();
    tx.expect_many().unwrap();
    tx.restore_key(7, &used).unwrap();
    tx.restore_key(4, &key(2)).unwrap();
    tx.record_use(&key(1).id, at(50)).unwrap();
    tx.record_use(&key(1).id, at(40)).unwrap();
    tx.commit().unwrap();
    let is_taken = store.write().unwrap().restore_key(7, &key(3));
    assert!(is_taken.is_err(), "a number that is taken");
    let is_lost = store.write().unwrap().record_use(&key(9).id, at(40));
    assert!(is_lost.is_err(), "no such key");
    let mut rows = Vec::new();
    let tx = store.read().unwrap();
    tx.rows(&mut |added_by, key| {
        rows.push((added_by, key));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(rows, [(4, key(2)), (7, used)]);
}

#[test]
fn a_key_brings_its_last_use_along() {
    let place = Place::new();
    let mut store = place.open();
    let used = Key {
        last_used_at: Some(at(50)),
        ..key(1)
    };
    let mut tx = store.write().unwrap();
    tx.insert_key(&used).unwrap();
    let event = event_after(&tx.head().unwrap(), &used);
    tx.append_event(&event).unwrap();
    tx.commit().unwrap();
    let last_use = |store: &mut dyn Store| {
        let key = store.read().unwrap().key(&used.id).unwrap();
        key.and_then(|key| key.last_used_at)
    };
    assert_eq!(last_use(store.as_mut()), Some(at(50)));
    store.touch(&[(used.id.clone(), at(40))]).unwrap();
    assert_eq!(last_use(store.as_mut()), Some(at(50)));
    store.touch(&[(used.id.clone(), at(60))]).unwrap();
    assert_eq!(last_use(store.as_mut()), Some(at(60)));
}

#[test]
fn of_very_many_keys_each_comes_before_what_belongs_to_it() {
    let place = Place::new();
    let mut store = place.open();
    let mut tx = store.write().unwrap();
    tx.expect_many().unwrap();
    for number in 1..=1_700_u16 {
        let mut digest = [0; 32];
        digest[..2].copy_from_slice(&number.to_be_bytes());
        let key = Key {
            id: format!("key_{number:016}").parse().unwrap(),
            digest: Digest::from_bytes(digest),
            last_used_at: Some(at(50)),
            ..key(1)
        };
        tx.insert_key(&key).unwrap();
        let event = event_after(&tx.head().unwrap(), &key);
        tx.append_event(&event).unwrap();
    }
    tx.commit().unwrap();
    let tx = store.read().unwrap();
    let mut count = 0;
    tx.rows(&mut |_, key| {
        assert_eq!(key.last_used_at, Some(at(50)));
        count += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(count, 1_700);
    for part in Part::ALL {
        tx.check(part).unwrap();
    }
}

#[test]
fn many_rows_that_were_expected_are_undone_like_any_other() {
    let place = Place::new();
    let mut store = place.open();
    let mut tx = store.write().unwrap();
    tx.expect_many().unwrap();
    for number in 1..=200 {
        tx.insert_key(&key(number)).unwrap();
        let event = event_after(&tx.head().unwrap(), &key(number));
        tx.append_event(&event).unwrap();
    }
    drop(tx);
    let all = ids(store.as_mut(), &Filter::default(), &Page::default());
    assert_eq!(all, []);
    assert_eq!(store.read().unwrap().head().unwrap().seq, 0);
}

#[test]
fn many_rows_are_found_while_more_are_to_come() {
    let place = Place::new();
    let mut store = place.open();
    let mut tx = store.write().unwrap();
    tx.expect_many().unwrap();
    let add = |tx: &mut dyn Tx, key: &Key| {
        tx.insert_key(key).unwrap();
        let event = event_after(&tx.head().unwrap(), key);
        tx.append_event(&event).unwrap();
        tx.record_use(&key.id, at(40)).unwrap();
    };
    add(tx.as_mut(), &key(1));
    add(tx.as_mut(), &key(2));
    assert_eq!(tx.key_by_digest(&key(3).digest).unwrap(), None);
    let found = tx.key_by_digest(&key(2).digest).unwrap();
    assert_eq!(found.map(|key| key.id), Some(key(2).id));
    add(tx.as_mut(), &key(3));
    tx.commit().unwrap();
    let filter = Filter {
        reach: Reach::BoundTo("ds_1".parse().unwrap()),
        ..Filter::default()
    };
    let all = ids(store.as_mut(), &filter, &Page::default());
    assert_eq!(all, [1, 2, 3].map(|number| key(number).id));
    let tx = store.read().unwrap();
    for number in 1..=3 {
        let found = tx.key(&key(number).id).unwrap().unwrap();
        assert_eq!(found.last_used_at, Some(at(40)));
    }
    for part in Part::ALL {
        tx.check(part).unwrap();
    }
}

#[test]
fn of_many_rows_one_that_is_there_twice_leaves_none() {
    let same_digest = Key {
        digest: key(1).digest,
        ..key(2)
    };
    let same_id = Key {
        id: key(1).id,
        ..key(2)
    };
    for twice in [same_digest, same_id] {
        let place = Place::new();
        let mut store = place.open();
        let mut tx = store.write().unwrap();
        tx.expect_many().unwrap();
        let mut add = |key: &Key| {
            tx.insert_key(key)?;
            let event = event_after(&tx.head()?, key);
            tx.append_event(&event)
        };
        let added = add(&key(1)).and_then(|()| add(&twice));
        assert!(added.and_then(|()| tx.commit()).is_err(), "{twice:?}");
        let all = ids(store.as_mut(), &Filter::default(), &Page::default());
        assert_eq!(all, []);
    }
}

#[test]
fn of_a_row_that_was_read_what_differs_is_written() {
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    let revoked = Key {
        revoked_at: Some(at(5)),
        ..key(1)
    };
    let bound = Key {
        access: bound_to(&["a", "b"]),
        revoked_at: None,
        name: Some("ci".parse().unwrap()),
        ..key(1)
    };
    for (before, after) in [(key(1), &revoked), (revoked.clone(), &bound)] {
        let mut tx = store.write().unwrap();
        tx.change_key(&before, after).unwrap();
        tx.commit().unwrap();
        let found = store.read().unwrap().key(&after.id).unwrap();
        assert_eq!(found.as_ref(), Some(after));
    }
    let gone = Key {
        revoked_at: Some(at(5)),
        ..key(2)
    };
    let changed = store.write().unwrap().change_key(&key(2), &gone);
    assert!(changed.is_err(), "no such row");
}

#[test]
fn a_store_becomes_another_only_before_its_log_begins() {
    let place = Place::new();
    let mut store = place.open();
    let event = |store: &mut dyn Store, action, of: Option<&Key>| {
        let mut tx = store.write().unwrap();
        let head = tx.head().unwrap();
        let mut event = event_after(&head, &key(1));
        event.entry.action = action;
        event.entry.key_id = of.map(|key| key.id.clone());
        tx.append_event(&Event::next(&head, event.entry)).unwrap();
        tx.commit().unwrap();
    };
    let adopt = |store: &mut dyn Store, id| {
        let mut tx = store.write().unwrap();
        let adopted = tx.adopt(id).and_then(|()| tx.head());
        tx.commit().unwrap();
        adopted.map(|head| (head.store_id, head.seq, head.hash))
    };
    let taken = |id: &str| (id.to_owned(), 0, None);
    assert_eq!(adopt(store.as_mut(), "store_a").unwrap(), taken("store_a"));
    event(store.as_mut(), Action::StoreCreated, None);
    assert_eq!(adopt(store.as_mut(), "store_b").unwrap(), taken("store_b"));
    assert_eq!(events(store.as_mut(), EventFilter::default()), []);
    event(store.as_mut(), Action::Pruned, Some(&key(1)));
    assert!(adopt(store.as_mut(), "store_c").is_err(), "a log");
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    assert!(adopt(store.as_mut(), "store_d").is_err(), "a key");
}

#[test]
fn recording_a_use_does_not_wait_for_a_writer() {
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    let mut other = place.open();
    let writing = store.write().unwrap();
    // Either there is nothing to wait for, or that is the answer.
    if let Err(error) = other.touch(&[(key(1).id, at(50))]) {
        assert_eq!(error.fault(), &StoreFault::Locked);
    }
    drop(writing);
    other.touch(&[(key(1).id, at(50))]).unwrap();
}

#[test]
fn events_follow_one_another_or_are_refused() {
    let place = Place::new();
    let mut store = place.open();
    let mut tx = store.write().unwrap();
    let start = tx.head().unwrap();
    assert_eq!((start.seq, &start.hash), (0, &None));
    let first = event_after(&start, &key(1));
    tx.append_event(&first).unwrap();
    let head = tx.head().unwrap();
    assert_eq!((head.seq, head.hash.as_ref()), (1, Some(&first.hash)));
    assert_eq!(head.store_id, start.store_id);
    let second = event_after(&head, &key(2));
    tx.append_event(&second).unwrap();
    assert!(tx.append_event(&first).is_err(), "a number that was used");
    let gap = Event {
        seq: 9,
        ..second.clone()
    };
    assert!(tx.append_event(&gap).is_err(), "a gap");
    tx.commit().unwrap();
    assert_eq!(
        events(store.as_mut(), EventFilter::default()),
        [first, second.clone()]
    );
    assert_eq!(
        store.read().unwrap().head().unwrap().hash,
        Some(second.hash)
    );
}

fn events(store: &mut dyn Store, filter: EventFilter) -> Vec<Event> {
    let mut events = Vec::new();
    let tx = store.read().unwrap();
    tx.events(&filter, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    })
    .unwrap();
    events
}

#[test]
fn events_are_found_by_what_they_say() {
    let place = Place::new();
    let mut store = place.open();
    let entry = |seconds, actor: &str, action, key: Option<&Key>| Entry {
        at: at(seconds),
        actor: actor.parse().unwrap(),
        action,
        workspace: key.map(|key| key.workspace.clone()),
        key_id: key.map(|key| key.id.clone()),
        row_digest: None,
        detail: "{}".to_owned(),
    };
    let other = Key {
        workspace: "other".parse().unwrap(),
        ..key(2)
    };
    let mut tx = store.write().unwrap();
    for entry in [
        entry(10, "alice", Action::StoreCreated, None),
        entry(20, "alice", Action::Issued, Some(&key(1))),
        entry(30, "bob", Action::Issued, Some(&other)),
        entry(30, "alice", Action::Revoked, Some(&key(1))),
    ] {
        let head = tx.head().unwrap();
        tx.append_event(&Event::next(&head, entry)).unwrap();
    }
    tx.commit().unwrap();
    let any = EventFilter::default;
    let cases = [
        (any(), vec![1, 2, 3, 4]),
        (
            EventFilter {
                key_id: Some(key(1).id),
                ..any()
            },
            vec![2, 4],
        ),
        (
            EventFilter {
                workspace: Some("other".parse().unwrap()),
                ..any()
            },
            vec![3],
        ),
        (
            EventFilter {
                since: Some(at(20)),
                ..any()
            },
            vec![2, 3, 4],
        ),
        (
            EventFilter {
                since: Some(at(31)),
                ..any()
            },
            vec![],
        ),
        (
            EventFilter {
                actor: Some("alice".parse().unwrap()),
                action: Some(Action::Issued),
                ..any()
            },
            vec![2],
        ),
    ];
    for (filter, expected) in cases {
        let found: Vec<i64> = events(store.as_mut(), filter.clone())
            .iter()
            .map(|event| event.seq)
            .collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[test]
fn rows_come_with_the_number_of_the_event_that_added_them() {
    let place = Place::new();
    let mut store = place.open();
    let other = Key {
        workspace: "other".parse().unwrap(),
        ..key(3)
    };
    insert(store.as_mut(), &[key(2), other.clone()]);
    let mut tx = store.write().unwrap();
    tx.delete_key(&key(2).id).unwrap();
    let event = event_after(&tx.head().unwrap(), &key(2));
    tx.append_event(&event).unwrap();
    tx.commit().unwrap();
    insert(store.as_mut(), &[key(1)]);
    let mut rows = Vec::new();
    let tx = store.read().unwrap();
    tx.rows(&mut |added_by, key| {
        rows.push((added_by, key));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(rows, [(2, other), (4, key(1))]);
}

#[test]
fn a_long_answer_has_what_belongs_to_each_key() {
    let place = Place::new();
    let mut store = place.open();
    let bound = |number: u8| match number {
        // As much as there is room for at once, several times over.
        10 | 20 | 30 => (0..2_500).map(|i| format!("{i:0>200}")).collect(),
        number => (0..=number % 3).map(|i| format!("ds_{i}")).collect(),
    };
    let keys: Vec<Key> = (1..=250)
        .map(|number: u8| {
            let ids: Vec<String> = bound(number);
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            Key {
                // In another order than they are issued in.
                id: format!("key_{:016}", u64::from(number) * 163 % 251)
                    .parse()
                    .unwrap(),
                access: match number % 5 {
                    0 if number > 30 => Access::AllDatasets,
                    _ => bound_to(&ids),
                },
                last_used_at: number
                    .is_multiple_of(2)
                    .then(|| at(3_000 + i64::from(number))),
                ..key(number)
            }
        })
        .collect();
    let mut tx = store.write().unwrap();
    tx.expect_many().unwrap();
    for key in &keys {
        tx.insert_key(key).unwrap();
        let event = event_after(&tx.head().unwrap(), key);
        tx.append_event(&event).unwrap();
    }
    for key in &keys {
        if let Some(at) = key.last_used_at {
            tx.record_use(&key.id, at).unwrap();
        }
    }
    tx.commit().unwrap();

    let filter = Filter {
        workspace: Some(Workspace::default()),
        ..Filter::default()
    };
    let tx = store.read().unwrap();
    for order in [Order::CreatedAt, Order::Name] {
        let page = Page {
            order,
            ..Page::default()
        };
        let mut listed = Vec::new();
        tx.keys(&filter, &page, &mut |key| {
            listed.push(key);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(listed == keys, "{order:?}");
    }
    let mut rows = Vec::new();
    tx.rows(&mut |_, key| {
        rows.push(key);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(rows == keys);
}

#[test]
fn a_policy_is_read_as_it_was_written() {
    let place = Place::new();
    let mut store = place.open();
    assert_eq!(store.read().unwrap().policy().unwrap(), Policy::default());
    let choices = [
        Choice::MaxKeysPerTarget(None),
        Choice::DefaultExpiry(Some(Lifetime::from_seconds(90))),
        Choice::MaxExpiry(Some(Lifetime::from_seconds(86_400))),
        Choice::LastUsedInterval(Lifetime::from_seconds(0)),
    ];
    let mut policy = Policy::default();
    for choice in choices {
        policy = policy.with(choice);
        let mut tx = store.write().unwrap();
        tx.set_policy(&policy).unwrap();
        tx.commit().unwrap();
        assert_eq!(place.open().read().unwrap().policy().unwrap(), policy);
    }
    let mut tx = store.write().unwrap();
    tx.set_policy(&Policy::default()).unwrap();
    tx.commit().unwrap();
    assert_eq!(store.read().unwrap().policy().unwrap(), Policy::default());
}

#[test]
fn whoever_peeks_waits_for_nobody_and_writes_nothing() {
    let place = Place::new();
    let peeked = || -> Result<Vec<KeyId>, StoreFault> {
        let mut store = peek(&place.location()).map_err(|error| error.fault().clone())?;
        Ok(ids(store.as_mut(), &Filter::default(), &Page::default()))
    };
    assert_eq!(peeked(), Err(StoreFault::Missing));
    assert_eq!(peeked(), Err(StoreFault::Missing), "none was made");
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    // While another has it open, and while that one writes.
    assert_eq!(peeked(), Ok(vec![key(1).id]));
    let writing = store.write().unwrap();
    assert_eq!(peeked(), Ok(vec![key(1).id]));
    drop(writing);
    drop(store);
    assert_eq!(peeked(), Ok(vec![key(1).id]));
    let mut store = peek(&place.location()).unwrap();
    let refused = store.write().err().unwrap();
    assert_eq!(*refused.fault(), StoreFault::ReadOnly);
}

#[test]
fn stores_have_ids_of_their_own() {
    let id = |place: &Place| place.open().read().unwrap().head().unwrap().store_id;
    let (one, other) = (Place::new(), Place::new());
    assert_eq!(id(&one), id(&one));
    assert_ne!(id(&one), id(&other));
}

#[test]
fn names_and_beginnings_of_ids_are_looked_up_in_their_workspace() {
    let place = Place::new();
    let mut store = place.open();
    let other = || Some("other".parse().unwrap());
    insert(
        store.as_mut(),
        &[
            Key {
                name: Some("ci".parse().unwrap()),
                ..key(1)
            },
            Key {
                name: Some("ci".parse().unwrap()),
                workspace: other().unwrap(),
                ..key(12)
            },
            Key {
                name: Some("CI".parse().unwrap()),
                ..key(13)
            },
        ],
    );
    let mut found = |filter: Filter| ids(store.as_mut(), &filter, &Page::default());
    let named = Filter {
        name: Some("ci".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(found(named.clone()), [key(1).id, key(12).id]);
    assert_eq!(
        found(Filter {
            workspace: other(),
            ..named
        }),
        [key(12).id]
    );
    let prefix = |text: &str| Filter {
        id_prefix: Some(text.to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        found(prefix("key_000000000000001")),
        [key(12).id, key(13).id]
    );
    assert_eq!(found(prefix("key_0000000000000013")), [key(13).id]);
    assert_eq!(found(prefix("key_1")), []);
}

#[test]
fn a_page_goes_on_where_the_last_one_ended_whatever_the_order() {
    let place = Place::new();
    let mut store = place.open();
    let named = |number: u8, name: &str| Key {
        name: (!name.is_empty()).then(|| name.parse().unwrap()),
        ..key(number)
    };
    insert(
        store.as_mut(),
        &[
            Key {
                created_at: at(30),
                expires_at: Some(at(500)),
                ..named(5, "b")
            },
            Key {
                created_at: at(10),
                ..named(4, "")
            },
            Key {
                created_at: at(10),
                expires_at: Some(at(400)),
                ..named(3, "b")
            },
            Key {
                created_at: at(20),
                ..named(2, "a")
            },
            Key {
                created_at: at(10),
                ..named(1, "")
            },
        ],
    );
    store
        .touch(&[(key(3).id, at(70)), (key(1).id, at(60))])
        .unwrap();
    let cases = [
        (Order::CreatedAt, [4, 3, 1, 2, 5]),
        (Order::ExpiresAt, [3, 5, 4, 2, 1]),
        (Order::LastUsedAt, [5, 4, 2, 1, 3]),
        (Order::Name, [2, 5, 3, 4, 1]),
        (Order::Id, [1, 2, 3, 4, 5]),
    ];
    for (order, mut expected) in cases {
        for descending in [false, true] {
            let expected_ids = expected.map(|number| key(number).id);
            for (index, after) in expected_ids.iter().enumerate() {
                let page = Page {
                    order,
                    descending,
                    after: None,
                };
                let all = ids(store.as_mut(), &Filter::default(), &page);
                assert_eq!(all, expected_ids, "{order:?} {descending}");
                let page = Page {
                    after: Some(after.clone()),
                    ..page
                };
                let rest = ids(store.as_mut(), &Filter::default(), &page);
                assert_eq!(rest, expected_ids[index + 1..], "{order:?} {descending}");
            }
            expected.reverse();
        }
    }
}

#[test]
fn a_reader_sees_one_state_throughout() {
    let place = Place::new();
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    let mut other = place.open();
    let tx = store.read().unwrap();
    assert_eq!(tx.key(&key(2).id).unwrap(), None);
    insert(other.as_mut(), &[key(2)]);
    assert_eq!(tx.key(&key(2).id).unwrap(), None);
    drop(tx);
    assert_eq!(store.read().unwrap().key(&key(2).id).unwrap(), Some(key(2)));
}

#[test]
fn of_two_writers_one_waits_and_sees_what_the_other_did() {
    const ROUNDS: i64 = 25;
    let place = Place::new();
    drop(place.open());
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut store = place.open();
                barrier.wait();
                for _ in 0..ROUNDS {
                    let mut tx = store.write().unwrap();
                    // Read and write: a lost update would break the sequence.
                    let head = tx.head().unwrap();
                    tx.append_event(&event_after(&head, &key(1))).unwrap();
                    tx.commit().unwrap();
                }
            });
        }
    });
    let mut store = place.open();
    assert_eq!(store.read().unwrap().head().unwrap().seq, 4 * ROUNDS);
}

fn any_access() -> impl Strategy<Value = Access> {
    let dataset = prop::sample::select(vec!["ds_1", "ds_2", "ds_3"]);
    prop_oneof![
        prop::collection::vec(dataset, 1..3).prop_map(|ids| bound_to(&ids)),
        Just(Access::AllDatasets),
        prop::sample::select(vec!["ds_1", "web"]).prop_map(|id| Access::App(id.parse().unwrap())),
    ]
}

fn any_key() -> impl Strategy<Value = Key> {
    let time = || prop::option::of((990i64..1_010).prop_map(at));
    let workspace = prop::sample::select(vec!["default", "other"]);
    (
        any_access(),
        workspace,
        time(),
        time(),
        time(),
        any::<bool>(),
    )
        .prop_map(
            |(access, workspace, expires_at, disabled_at, revoked_at, is_replaced)| Key {
                access,
                workspace: workspace.parse().unwrap(),
                expires_at,
                disabled_at,
                revoked_at,
                replaced_by: is_replaced.then(|| key(99).id),
                ..key(0)
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Where SQL repeats a rule for speed, it says what the rule says.
    #[test]
    fn counts_and_lists_agree_with_the_rules(keys in prop::collection::vec(any_key(), 0..30)) {
        let now = at(1_000);
        let place = Place::new();
        let mut store = place.open();
        let keys: Vec<Key> = keys
            .into_iter()
            .zip(1u8..)
            .map(|(random, number)| Key { id: key(number).id, digest: key(number).digest, ..random })
            .collect();
        insert(store.as_mut(), &keys);
        let workspace = Workspace::default();
        let target = |id: &str| Target::Dataset(id.parse().unwrap());
        for target in [
            target("ds_1"),
            target("ds_2"),
            target("none"),
            Target::App("ds_1".parse().unwrap()),
            Target::App("web".parse().unwrap()),
            Target::AllDatasets,
        ] {
            let is_counted = |key: &&Key| {
                key.workspace == workspace
                    && key.is_live(now)
                    && key.access.targets().contains(&target)
            };
            let count = store.read().unwrap().count_live(&workspace, &target, now).unwrap();
            prop_assert_eq!(count, keys.iter().filter(is_counted).count() as u64, "{}", target);

            let reach = match &target {
                Target::Dataset(id) => Reach::Dataset(id.clone()),
                Target::App(id) => Reach::App(id.clone()),
                Target::AllDatasets => continue,
            };
            let filter = Filter { reach, ..Filter::default() };
            let reaching: Vec<KeyId> = keys
                .iter()
                .filter(|key| key.access.covers(Some(&target)))
                .map(|key| key.id.clone())
                .collect();
            prop_assert_eq!(ids(store.as_mut(), &filter, &Page::default()), reaching);
        }
        let filter = Filter { reach: Reach::BoundTo("ds_1".parse().unwrap()), ..Filter::default() };
        let bound: Vec<KeyId> = keys
            .iter()
            .filter(|key| key.access.targets().contains(&target("ds_1")))
            .map(|key| key.id.clone())
            .collect();
        prop_assert_eq!(ids(store.as_mut(), &filter, &Page::default()), bound);
    }
}
