//! Which keys end, and which are removed: what was agreed to, and no others.

use std::collections::{BTreeMap, BTreeSet};

use keyctl::domain::{Choice, Refusal, Status};
use keyctl::ops::{
    Matching, Outcome, Progress, PruneRequest, RevokeMatchingRequest, RevokeRequest, Selection,
};
use keyctl::{Error, IssueRequest, Workspace};

use super::requests::{everything, id, matching, prune, revoke};
use super::{Place, at, datasets, request, workspace};

#[test]
fn no_more_happens_than_was_agreed_to() {
    let mut place = Place::new();
    let (one, _) = place.issue(&IssueRequest {
        access: datasets(&["a"]),
        ..request("web", None)
    });
    let (two, _) = place.issue(&IssueRequest {
        access: datasets(&["a", "b"]),
        ..request("web", None)
    });
    place.issue(&IssueRequest {
        workspace: workspace("acme"),
        access: datasets(&["a"]),
        ..request("web", None)
    });
    let gone = || Matching::DatasetGone("a".parse().unwrap());
    let mut outcomes = |request: &RevokeMatchingRequest| {
        let mut seen = Vec::new();
        let revocations = place
            .registry
            .revoke_matching(request, at(20), |progress| seen.push(progress));
        let outcomes =
            revocations.map(|done| done.iter().map(|one| one.outcome).collect::<Vec<_>>());
        (outcomes, seen)
    };
    // What was agreed to is no longer what would happen.
    let agreed = BTreeMap::from([
        (one.id.clone(), Outcome::Unbound),
        (two.id.clone(), Outcome::Revoked),
    ]);
    let none = RevokeMatchingRequest {
        agreed: Some(agreed),
        ..matching(gone())
    };
    assert_eq!(outcomes(&none).0.unwrap(), []);
    let agreed = BTreeMap::from([(two.id.clone(), Outcome::Unbound)]);
    let differing = RevokeMatchingRequest {
        agreed: Some(agreed),
        expected_count: Some(2),
        ..matching(gone())
    };
    let refused = Refusal::CountDiffers {
        expected: 2,
        found: 1,
    };
    assert!(matches!(outcomes(&differing).0, Err(Error::Refused(refusal)) if refusal == refused));
    let counted = RevokeMatchingRequest {
        expected_count: Some(1),
        ..differing
    };
    let (done, seen) = outcomes(&counted);
    assert_eq!(done.unwrap(), [Outcome::Unbound]);
    assert_eq!(seen, [Progress { done: 0, total: 1 }]);
    assert_eq!(outcomes(&matching(gone())).0.unwrap(), [Outcome::Revoked]);
    assert_eq!(
        place.key(&one.id, &Workspace::default()).status(at(20)),
        Status::Revoked
    );
    assert_eq!(
        place.key(&two.id, &Workspace::default()).access,
        datasets(&["b"])
    );
    let strangers = PruneRequest {
        agreed: Some(BTreeSet::from([two.id.clone()])),
        ..prune()
    };
    assert_eq!(
        place.registry.prune(&strangers, at(30), |_| {}).unwrap(),
        []
    );
    let theirs = PruneRequest {
        workspace: workspace("acme"),
        ..prune()
    };
    assert_eq!(place.registry.prune(&theirs, at(30), |_| {}).unwrap(), []);
    let agreed = PruneRequest {
        agreed: Some(BTreeSet::from([one.id.clone()])),
        ..prune()
    };
    assert_eq!(
        place.registry.prune(&agreed, at(30), |_| {}).unwrap()[0].id,
        one.id
    );
    place.registry.audit(None).unwrap();
}

#[test]
fn many_keys_are_changed_portion_by_portion() {
    let mut place = Place::new();
    place
        .registry
        .set_policy(Choice::MaxKeysPerTarget(None), at(5))
        .unwrap();
    for _ in 0..300 {
        place.issue(&request("web", None));
    }
    let mut seen = Vec::new();
    let revoked = place
        .registry
        .revoke_matching(&matching(everything()), at(20), |progress| {
            seen.push(progress.done)
        });
    assert_eq!(revoked.unwrap().len(), 300);
    assert_eq!(seen, [0, 256]);
}

#[test]
fn of_what_is_selected_all_is_revoked_or_nothing() {
    let mut place = Place::new();
    let (key, token) = place.issue(&request("web", Some("ci")));
    let (other, _) = place.issue(&request("web", None));
    let missing = || Selection::Key("missing".parse().unwrap());
    let both = || vec![Selection::Key(id(&key)), missing()];
    let before = place.events();
    let refused = place.registry.revoke(&revoke(both()), at(20));
    assert!(matches!(refused, Err(Error::NoMatch { .. })));
    let elsewhere = RevokeRequest {
        token_workspace: Some(workspace("acme")),
        ..revoke(vec![Selection::Token(token.digest()), Selection::Malformed])
    };
    let outcomes = |done: Vec<keyctl::ops::Revocation>| {
        done.iter()
            .map(|one| one.outcome.as_str())
            .collect::<Vec<_>>()
    };
    let unknown = place.registry.revoke(&elsewhere, at(20)).unwrap();
    assert_eq!(outcomes(unknown), ["unknown_token", "unknown_token"]);
    assert_eq!(place.events(), before);
    let selections = vec![
        Selection::Key(id(&key)),
        missing(),
        Selection::Token(token.digest()),
        Selection::Token(other.digest.clone()),
    ];
    let lenient = RevokeRequest {
        if_exists: true,
        expected_count: Some(2),
        ..revoke(selections)
    };
    let done = place.registry.revoke(&lenient, at(20)).unwrap();
    assert_eq!(
        outcomes(done),
        ["revoked", "not_found", "already_revoked", "revoked"]
    );
}

#[test]
fn a_target_has_no_more_live_keys_than_the_policy_says() {
    let mut place = Place::new();
    let limit = Choice::MaxKeysPerTarget(Some(1));
    place.registry.set_policy(limit, at(5)).unwrap();
    let expiring = IssueRequest {
        expiry: Some("5s".parse().unwrap()),
        ..request("web", None)
    };
    let (first, _) = place.issue(&expiring);
    let mut issue = |now| {
        let issued = place
            .registry
            .issue(&request("web", None), at(now), |_, _| Ok(()));
        issued.map(|_| ())
    };
    let full = |result| {
        matches!(
            result,
            Err(Error::Refused(Refusal::LimitReached { limit: 1, .. }))
        )
    };
    assert!(full(issue(14)));
    issue(15).unwrap();
    let revive = keyctl::ops::EditRequest {
        workspace: Workspace::default(),
        selector: id(&first),
        name: None,
        description: None,
        expiry: Some("1y".parse().unwrap()),
        added_scopes: Vec::new(),
        removed_scopes: Vec::new(),
        dry_run: false,
    };
    assert!(full(place.registry.edit(&revive, at(20)).map(|_| ())));
}
