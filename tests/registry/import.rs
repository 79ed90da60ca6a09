//! Keys that come from elsewhere.

use keyctl::domain::{Refusal, Status};
use keyctl::ops::{Imported, Moved, Offer, Selection, StillValid};
use keyctl::{Access, Error, Key, KeyId};

use super::requests::{prune, revoke};
use super::{Place, at, request};

fn offered(place: &mut Place, dry_run: bool, offers: Vec<Offer>) -> Result<Imported, Error> {
    let mut offers = offers.into_iter();
    let mut added = 0;
    let imported = place.registry.import(
        dry_run,
        at(50),
        || Ok::<_, Error>(offers.next()),
        |_| added += 1,
    );
    if let Ok(imported) = &imported {
        assert_eq!(imported.imported_count, added);
    }
    imported
}

/// A key of another store, last used at 40.
fn foreign(app: &str) -> Key {
    let (key, _) = Place::new().issue(&request(app, None));
    Key {
        last_used_at: Some(at(40)),
        ..key
    }
}

fn prune_away(place: &mut Place, key: &Key) {
    let selections = vec![Selection::Token(key.digest.clone())];
    let ended = place.registry.revoke(&revoke(selections), at(60)).unwrap();
    assert_eq!(ended.len(), 1);
    let pruned = place.registry.prune(&prune(), at(60), |_| {}).unwrap();
    assert_eq!(pruned.len(), 1);
}

#[test]
fn a_key_is_added_once_and_stays_as_it_is_here() {
    let mut place = Place::new();
    let key = foreign("web");
    let tried = offered(&mut place, true, vec![Offer::Key(key.clone())]).unwrap();
    assert_eq!((tried.imported_count, place.events()), (1, 1));
    // The same token twice is one key.
    let again = Key {
        id: KeyId::generate().unwrap(),
        ..key.clone()
    };
    let done = offered(
        &mut place,
        false,
        vec![Offer::Key(key.clone()), Offer::Key(again)],
    )
    .unwrap();
    assert_eq!((done.imported_count, done.present_count), (1, 1));
    assert_eq!(place.key(&key.id, &key.workspace), key);
    // One use that is yet to come is none that was seen.
    let eager = Key {
        last_used_at: Some(at(70)),
        ..foreign("web")
    };
    offered(&mut place, false, vec![Offer::Key(eager.clone())]).unwrap();
    assert_eq!(
        place.key(&eager.id, &eager.workspace).last_used_at,
        Some(at(50))
    );
    let other = Key {
        access: Access::App("chat".parse().unwrap()),
        ..key.clone()
    };
    let ended = Key {
        revoked_at: Some(at(45)),
        ..key.clone()
    };
    let offers = vec![
        Offer::Key(other.clone()),
        Offer::Key(ended.clone()),
        Offer::Key(ended),
        Offer::Key(other),
    ];
    let done = offered(&mut place, false, offers).unwrap();
    let still_valid = StillValid {
        id: key.id.clone(),
        workspace: key.workspace.clone(),
        status_here: Status::Active,
        status_there: Status::Revoked,
    };
    let expected = Imported {
        present_count: 4,
        differing: vec![key.id.clone()],
        still_valid: vec![still_valid],
        ..Imported::default()
    };
    assert_eq!(done, expected, "each is named once");
    assert_eq!(place.events(), 3);
}

#[test]
fn what_was_pruned_here_stays_away() {
    let mut place = Place::new();
    let (one, two) = (foreign("web"), foreign("web"));
    offered(&mut place, false, vec![Offer::Key(one.clone())]).unwrap();
    prune_away(&mut place, &one);
    let done = offered(&mut place, false, vec![Offer::Key(one), Offer::Key(two)]).unwrap();
    assert_eq!((done.imported_count, done.pruned_count), (1, 1));
}

#[test]
fn no_key_stands_in_for_another_of_its_token() {
    let mut place = Place::new();
    let key = foreign("web");
    let wider = Key {
        id: KeyId::generate().unwrap(),
        access: Access::App("chat".parse().unwrap()),
        ..key.clone()
    };
    let (id, other) = (wider.id.clone(), key.id.clone());
    let refused = offered(
        &mut place,
        false,
        vec![Offer::Key(key.clone()), Offer::Key(wider)],
    );
    let taken = Refusal::TokenTaken { id, other };
    assert!(matches!(refused, Err(Error::Refused(refusal)) if refusal == taken));
    let offers = || vec![Offer::Key(key.clone()), Offer::LeftOut(key.digest.clone())];
    let left_out = Refusal::TokenLeftOut { id: key.id.clone() };
    let refused = offered(&mut place, false, offers());
    assert!(matches!(refused, Err(Error::Refused(refusal)) if refusal == left_out));
    assert_eq!(place.events(), 1);
    // One that was here before does not depend on what is left out.
    offered(&mut place, false, vec![Offer::Key(key.clone())]).unwrap();
    let done = offered(&mut place, false, offers()).unwrap();
    assert_eq!((done.imported_count, done.present_count), (0, 1));
}

#[test]
fn more_keys_than_a_portion_are_all_added() {
    let mut place = Place::new();
    let key = foreign("web");
    let keys: Vec<Key> = (0..300)
        .map(|number: u16| {
            let mut digest = [0; 32];
            digest[..2].copy_from_slice(&number.to_be_bytes());
            Key {
                id: KeyId::generate().unwrap(),
                digest: keyctl::domain::Digest::from_bytes(digest),
                ..key.clone()
            }
        })
        .collect();
    let offers = || keys.iter().cloned().map(Offer::Key).collect();
    let done = offered(&mut place, false, offers()).unwrap();
    assert_eq!((done.imported_count, place.events()), (300, 301));
    let done = offered(&mut place, false, offers()).unwrap();
    assert_eq!((done.imported_count, done.present_count), (0, 300));
}

#[test]
fn what_was_pruned_elsewhere_and_works_here_is_named() {
    let mut there = Place::new();
    let (key, _) = there.issue(&request("web", None));
    let mut here = Place::new();
    here.issue(&request("web", None));
    offered(&mut here, false, vec![Offer::Key(key.clone())]).unwrap();
    prune_away(&mut there, &key);
    let mut records = Vec::new();
    let each = |record| {
        records.push(record);
        Ok::<_, Error>(())
    };
    there.registry.export(each).unwrap();
    let mut records = records.into_iter();
    let moved =
        here.registry
            .import_export(false, at(70), || Ok::<_, Error>(records.next()), |_| {});
    let Moved::Added {
        imported,
        has_other_policy,
    } = moved.unwrap()
    else {
        panic!("the store was taken over");
    };
    assert!(!has_other_policy);
    let [named] = &imported.still_valid[..] else {
        panic!("{imported:?}");
    };
    assert_eq!((&named.id, named.status_there), (&key.id, Status::Revoked));
}

#[test]
fn a_store_with_a_past_stays_the_one_it_is_though_it_has_no_keys() {
    let mut there = Place::new();
    let (key, _) = there.issue(&request("web", None));
    let mut here = Place::new();
    let limit = keyctl::domain::Choice::MaxKeysPerTarget(Some(3));
    here.registry.set_policy(limit, at(20)).unwrap();
    let store_id = here.registry.head().unwrap().store_id;
    let mut records = Vec::new();
    let each = |record| {
        records.push(record);
        Ok::<_, Error>(())
    };
    there.registry.export(each).unwrap();
    let mut records = records.into_iter();
    let next = || Ok::<_, Error>(records.next());
    let moved = here.registry.import_export(false, at(70), next, |_| {});
    assert!(matches!(
        moved,
        Ok(Moved::Added {
            has_other_policy: true,
            ..
        })
    ));
    assert_eq!(here.registry.head().unwrap().store_id, store_id);
    assert_eq!(here.key(&key.id, &key.workspace).digest, key.digest);
}
