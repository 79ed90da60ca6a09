//! Tokens that others know.

use keyctl::domain::{Lifetime, Status};
use keyctl::leak::finder::Form;
use keyctl::leak::findings::Coverage;
use keyctl::leak::walk::scan_reader;
use keyctl::ops::{Leak, Leaks, Outcome, Owner, RevokeLeakedRequest};
use keyctl::{Error, Workspace};

use super::{Place, at, request, workspace};

fn leaked(place: &mut Place, text: &str, workspace: Option<&Workspace>, least: Form) -> Leaks {
    let scan = |keep: keyctl::leak::findings::Keep<'_>| {
        scan_reader("log", &mut text.as_bytes(), keep, &Coverage::default())
    };
    place.registry.find_leaks(workspace, least, scan).unwrap()
}

#[test]
fn a_token_that_is_found_is_its_keys_or_nobodys() {
    let mut place = Place::new();
    let (key, token) = place.issue(&request("web", None));
    let (_, stranger) = Place::new().issue(&request("web", None));
    let unchecked = "app-0123456789ABCDEFGHIJKLNG";
    let text = format!(
        "{} {} {unchecked} {unchecked} {}\n",
        token.expose(),
        stranger.expose(),
        token.expose()
    );
    let mut ids = |workspace: Option<&Workspace>, least| {
        let leaks = leaked(&mut place, &text, workspace, least).leaks;
        leaks
            .iter()
            .map(|leak| leak.key().map(|key| key.id.clone()))
            .collect::<Vec<_>>()
    };
    let own = Some(key.id.clone());
    assert_eq!(ids(None, Form::Checked), [own.clone(), None, own.clone()]);
    assert_eq!(
        ids(Some(&workspace("acme")), Form::Checked),
        [None, None, None]
    );
    let leaks = leaked(&mut place, &text, None, Form::Checked).leaks;
    assert!(leaks[0].is_live(at(20)) && !leaks[1].is_live(at(20)));
    assert!(matches!(leaks[1].owner, Owner::Unknown));
    let findings = leaks.into_iter().map(|leak| leak.finding).collect();
    let candidates = Leak::candidates(findings);
    assert!(
        candidates.len() == 3
            && candidates
                .iter()
                .all(|leak| matches!(leak.owner, Owner::Unasked))
    );
}

fn leak_of(
    place: &mut Place,
    tokens: &[&keyctl::Token],
    grace: Option<u64>,
    replace: bool,
) -> RevokeLeakedRequest {
    place.registry.audit(None).unwrap();
    RevokeLeakedRequest {
        tokens: tokens.iter().map(|token| token.digest()).collect(),
        token_workspace: None,
        grace: grace.map(Lifetime::from_seconds),
        replace,
        reason: "leaked".parse().unwrap(),
        dry_run: false,
    }
}

#[test]
fn a_leaked_key_ends_once_and_has_one_successor() {
    let mut place = Place::new();
    let (key, token) = place.issue(&request("web", Some("ci")));
    let (_, stranger) = Place::new().issue(&request("web", None));
    let request = leak_of(&mut place, &[&token, &stranger, &token], Some(60), true);
    let before = place.events();
    let tried = RevokeLeakedRequest {
        dry_run: true,
        ..request.clone()
    };
    let done = place
        .registry
        .revoke_leaked(&tried, at(20), |_| panic!("a token was delivered"));
    assert_eq!((done.unwrap().len(), place.events()), (3, before));
    let refused = place
        .registry
        .revoke_leaked(&request, at(20), |_| Err(std::io::Error::other("full")));
    assert!(matches!(refused, Err(Error::Delivery(_))));
    assert_eq!(place.events(), before);
    let mut delivered = 0;
    let done = place
        .registry
        .revoke_leaked(&request, at(20), |successors| {
            delivered = successors.len();
            Ok(())
        });
    let done = done.unwrap();
    assert_eq!(delivered, 1);
    let outcomes: Vec<_> = done.iter().map(|one| one.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Ending, Outcome::UnknownToken, Outcome::Ending]
    );
    assert_eq!(
        done[0].successor.as_ref().unwrap().replaces,
        Some(key.id.clone())
    );
    assert_eq!(
        place.key(&key.id, &Workspace::default()).expires_at,
        Some(at(80))
    );
    assert_eq!(place.events(), before + 2);
    // It has its successor, and no more of its grace.
    let again = place
        .registry
        .revoke_leaked(&request, at(40), |_| panic!("a token was delivered"))
        .unwrap();
    assert_eq!(
        (again[0].outcome, &again[0].successor),
        (Outcome::Ending, &None)
    );
    assert_eq!(
        place.key(&key.id, &Workspace::default()).expires_at,
        Some(at(80))
    );
    assert_eq!(place.events(), before + 2);
    let at_once = RevokeLeakedRequest {
        grace: None,
        ..request
    };
    place
        .registry
        .revoke_leaked(&at_once, at(50), |_| Ok(()))
        .unwrap();
    let ended = place.key(&key.id, &Workspace::default());
    assert_eq!(
        (ended.status(at(50)), ended.revoke_reason.unwrap().as_str()),
        (Status::Revoked, "leaked")
    );
    let done = place
        .registry
        .revoke_leaked(&at_once, at(60), |_| Ok(()))
        .unwrap();
    assert_eq!(done[0].outcome, Outcome::AlreadyRevoked);
}

#[test]
fn a_successor_lives_no_longer_than_the_policy_allows() {
    let mut place = Place::new();
    let (_, token) = place.issue(&request("web", None));
    let max = keyctl::domain::Choice::MaxExpiry(Some(Lifetime::from_seconds(100)));
    place.registry.set_policy(max, at(15)).unwrap();
    let request = leak_of(&mut place, &[&token], None, true);
    let done = place
        .registry
        .revoke_leaked(&request, at(20), |_| Ok(()))
        .unwrap();
    let (old, new) = (
        done[0].key.as_ref().unwrap(),
        done[0].successor.as_ref().unwrap(),
    );
    assert_eq!(new.expires_at, Some(at(120)));
    assert_eq!(old.revoked_at, Some(at(20)));
    assert_eq!(old.revoke_reason.as_ref().unwrap().as_str(), "leaked");
}
