//! What is tried out leaves nothing, and neither does what is so already.

use keyctl::ops::{
    EditRequest, Outcome, PruneRequest, RevokeMatchingRequest, RevokeRequest, RotateRequest,
    Selection, Switch, SwitchRequest,
};
use keyctl::{IssueRequest, Registry, StoreFault, Workspace};

use crate::site::Site;

use super::requests::{everything, id, matching, prune, revoke};
use super::{Place, at, request};

#[test]
fn a_dry_run_says_what_would_be_and_leaves_all_as_it_is() {
    let mut place = Place::new();
    let (key, _) = place.issue(&request("web", Some("ci")));
    let before = place.events();
    let registry = &mut place.registry;
    let tried = IssueRequest {
        dry_run: true,
        ..request("web", None)
    };
    registry
        .issue(&tried, at(20), |_, _| panic!("a token was delivered"))
        .unwrap();
    let rotate = RotateRequest {
        workspace: Workspace::default(),
        selector: id(&key),
        grace: None,
        expiry: None,
        dry_run: true,
    };
    registry
        .rotate(&rotate, at(20), |_, _| panic!("a token was delivered"))
        .unwrap();
    let edit = EditRequest {
        workspace: Workspace::default(),
        selector: id(&key),
        name: Some(None),
        description: None,
        expiry: None,
        added_scopes: Vec::new(),
        removed_scopes: Vec::new(),
        dry_run: true,
    };
    assert_eq!(registry.edit(&edit, at(20)).unwrap().after.name, None);
    let tried = RevokeRequest {
        dry_run: true,
        ..revoke(vec![Selection::Key(id(&key))])
    };
    assert_eq!(
        registry.revoke(&tried, at(20)).unwrap()[0].outcome,
        Outcome::Revoked
    );
    let tried = RevokeMatchingRequest {
        dry_run: true,
        ..matching(everything())
    };
    assert_eq!(
        registry
            .revoke_matching(&tried, at(20), |_| {})
            .unwrap()
            .len(),
        1
    );
    assert_eq!(place.events(), before);
    assert_eq!(place.key(&key.id, &Workspace::default()), key);
    place
        .registry
        .revoke_matching(&matching(everything()), at(20), |_| {})
        .unwrap();
    let tried = PruneRequest {
        dry_run: true,
        ..prune()
    };
    assert_eq!(
        place.registry.prune(&tried, at(30), |_| {}).unwrap().len(),
        1
    );
    assert_eq!(place.events(), before + 1);
}

#[test]
fn a_store_is_made_once_and_only_where_that_is_asked_for() {
    let place = Place::new();
    let alice = || "alice".parse().unwrap();
    let elsewhere = Site::new();
    let nowhere = elsewhere.location();
    let missing = |opened: Result<Registry, keyctl::StoreError>| {
        let error = opened.err().unwrap();
        assert_eq!(error.fault(), &StoreFault::Missing);
    };
    missing(Registry::open(&nowhere, alice()));
    missing(Registry::peek(&nowhere, alice()));
    let mut pretended = Registry::pretend(&nowhere, alice()).unwrap();
    pretended
        .issue(&request("web", None), at(5), |_, _| Ok(()))
        .unwrap();
    drop(pretended);
    missing(Registry::open(&nowhere, alice()));
    let location = place.location();
    let store_id = |mut registry: Registry| registry.head().unwrap().store_id;
    let id = store_id(Registry::create(&location, alice(), at(9)).unwrap());
    for again in [Registry::open, Registry::peek, Registry::pretend] {
        assert_eq!(store_id(again(&location, alice()).unwrap()), id);
    }
    let mut registry = Registry::create(&location, alice(), at(9)).unwrap();
    assert_eq!(
        registry.audit(None).unwrap().head.seq,
        1,
        "it was made once"
    );
}

#[test]
fn what_is_so_already_is_not_told_again() {
    let mut place = Place::new();
    let (key, _) = place.issue(&request("web", None));
    let switch = |to| SwitchRequest {
        workspace: Workspace::default(),
        selectors: vec![id(&key)],
        to,
        reason: None,
    };
    let policy = place.registry.policy().unwrap();
    let limit = |count| keyctl::domain::Choice::MaxKeysPerTarget(Some(count));
    let before = place.events();
    place
        .registry
        .switch(&switch(Switch::Enabled), at(20))
        .unwrap();
    place.registry.set_policy(limit(10), at(20)).unwrap();
    assert_eq!(place.events(), before);
    let switched = place
        .registry
        .switch(&switch(Switch::Disabled), at(20))
        .unwrap();
    assert!(switched[0].is_changed && switched[0].key.disabled_at == Some(at(20)));
    let changed = place.registry.set_policy(limit(11), at(20)).unwrap();
    assert_eq!(
        (&changed.before, changed.after.max_keys_per_target),
        (&policy, Some(11))
    );
    assert_eq!(place.events(), before + 2);
}
