//! Exports that are what their own log says, and still cannot be taken in.

use keyctl::domain::{Event, Head, Refusal};
use keyctl::ops::{Moved, Record, check_export};
use keyctl::{Access, Error, IssueRequest, Key, Registry, Scopes, Timestamp, Workspace};

use crate::site::Site;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

struct Place(Site);

impl Place {
    fn new() -> Place {
        Place(Site::new())
    }

    fn registry(&self) -> Registry {
        Registry::create(&self.0.location(), "alice".parse().unwrap(), at(1)).unwrap()
    }
}

fn issue(registry: &mut Registry, app: &str) -> Key {
    let request = IssueRequest {
        workspace: Workspace::default(),
        access: Access::App(app.parse().unwrap()),
        name: None,
        description: None,
        scopes: Scopes::full(),
        expiry: None,
        dry_run: false,
    };
    registry.issue(&request, at(2), |_, _| Ok(())).unwrap()
}

fn exported(registry: &mut Registry) -> Vec<Record> {
    let mut records = Vec::new();
    registry
        .export(|record| {
            records.push(record);
            Ok::<_, Error>(())
        })
        .unwrap();
    records
}

fn import(registry: &mut Registry, records: &[Record]) -> Result<Moved, Error> {
    let mut records = records.iter().cloned();
    registry.import_export(false, at(3), || Ok(records.next()), |_| {})
}

/// The records with another digest for each key, and a log that fits: what
/// somebody who knows how logs are made could hand over.
fn forged(records: &[Record], alter: impl Fn(&mut Key)) -> Vec<Record> {
    let mut records = records.to_vec();
    let mut digests = Vec::new();
    for record in &mut records {
        if let Record::Key { added_by, key } = record {
            alter(key);
            digests.push((*added_by, key.row_digest()));
        }
    }
    let mut head = Head {
        store_id: "store_0123456789abcdef".to_owned(),
        seq: 0,
        hash: None,
    };
    for record in &mut records {
        if let Record::Event(event) = record {
            let digest = digests.iter().find(|(seq, _)| *seq == event.seq);
            let mut entry = event.entry.clone();
            if let Some((_, digest)) = digest {
                entry.row_digest = Some(digest.clone());
            }
            *event = Event::next(&head, entry);
            head.seq = event.seq;
            head.hash = Some(event.hash.clone());
        }
    }
    records[0] = Record::Head(head);
    records
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_two_keys_have_one_token_or_one_id() {
    let place = Place::new();
    let mut registry = place.registry();
    let (one, two) = (issue(&mut registry, "one"), issue(&mut registry, "two"));
    let records = exported(&mut registry);
    let same_token = forged(&records, |key| key.digest = one.digest.clone());
    let mut given = same_token.iter().cloned();
    check_export::<Error>(|| Ok(given.next())).unwrap();
    let empty = Place::new();
    assert_eq!(
        refusal(import(&mut empty.registry(), &same_token)),
        Refusal::TokenTaken {
            id: two.id.clone(),
            other: one.id.clone(),
        }
    );
    assert_eq!(empty.registry().head().unwrap().seq, 1);
    let stranger = issue(&mut Place::new().registry(), "stranger");
    let same_id = forged(&records, |key| {
        if key.id == one.id {
            key.digest = stranger.digest.clone();
        }
    });
    let id = one.id;
    assert_eq!(
        refusal(import(&mut registry, &same_id)),
        Refusal::IdTaken { id }
    );
    assert_eq!(exported(&mut registry), records, "nothing was changed");
}

#[test]
fn an_empty_store_is_taken_over_and_one_with_a_past_is_not() {
    let place = Place::new();
    let mut registry = place.registry();
    let key = issue(&mut registry, "one");
    let records = exported(&mut registry);
    let copy = Place::new();
    let mut copy = copy.registry();
    let moved = import(&mut copy, &records).unwrap();
    let head = registry.head().unwrap();
    assert_eq!(moved, Moved::TakenOver { head, key_count: 1 });
    assert_eq!(exported(&mut copy), records);
    // Its log goes on from there.
    issue(&mut copy, "two");
    copy.audit(None).unwrap();
    let Moved::Added { imported, .. } = import(&mut copy, &records).unwrap() else {
        panic!("it was taken over again");
    };
    assert_eq!((imported.imported_count, imported.present_count), (0, 1));
    let history = copy.history(&key.id).unwrap();
    assert_eq!(history.len(), 1);
}

#[test]
fn a_failing_source_leaves_nothing() {
    let place = Place::new();
    let mut registry = place.registry();
    issue(&mut registry, "one");
    let records = exported(&mut registry);
    for stop_at in 0..records.len() {
        let mut given = records.iter().take(stop_at).cloned();
        let target = Place::new();
        let failed = target.registry().import_export(
            false,
            at(3),
            || {
                given
                    .next()
                    .map(Some)
                    .ok_or(Error::Refused(Refusal::ExportDisordered))
            },
            |_| {},
        );
        assert_eq!(refusal(failed), Refusal::ExportDisordered);
        assert_eq!(target.registry().head().unwrap().seq, 1);
        // An input that ends there is not whole.
        let cut = import(&mut target.registry(), &records[..stop_at]);
        assert_eq!(refusal(cut), Refusal::ExportCut);
    }
}
