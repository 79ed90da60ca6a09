//! Which keys are found.

use std::ops::ControlFlow;

use keyctl::domain::{Outline, Refusal, Selector, Status};
use keyctl::ops::{ListQuery, Listing, RotateRequest, Selection};
use keyctl::store::{Page, Reach};
use keyctl::{Error, IssueRequest, Key, KeyId, Registry, Workspace};

use super::requests::{id, revoke};
use super::{Place, at, datasets, request, workspace};

/// The beginning of an id, so many characters of it.
fn prefix(key: &Key, len: usize) -> Selector {
    key.id.as_str()[..len].parse().unwrap()
}

#[test]
fn a_key_is_found_in_its_workspace_alone() {
    let mut place = Place::new();
    let (here, _) = place.issue(&request("web", Some("ci")));
    let (there, _) = place.issue(&IssueRequest {
        workspace: workspace("acme"),
        ..request("web", Some("ci"))
    });
    let (default, acme) = (Workspace::default(), workspace("acme"));
    let mut found = |workspace: &Workspace, selector: Selector| {
        let found = place.registry.find(workspace, &selector, at(20));
        found.map(|key| key.id)
    };
    for (workspace, key) in [(&default, &here), (&acme, &there)] {
        assert_eq!(found(workspace, id(key)).unwrap(), key.id);
        assert_eq!(found(workspace, "ci".parse().unwrap()).unwrap(), key.id);
        assert_eq!(found(workspace, prefix(key, 15)).unwrap(), key.id);
    }
    match found(&acme, id(&here)) {
        Err(Error::NoMatch { elsewhere, .. }) => assert_eq!(elsewhere, Some(default)),
        other => panic!("{other:?}"),
    }
    match found(&acme, prefix(&here, 15)) {
        Err(Error::NoMatch { elsewhere, .. }) => assert_eq!(elsewhere, None),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        found(&acme, "cd".parse().unwrap()),
        Err(Error::NoMatch { .. })
    ));
}

#[test]
fn a_name_of_two_live_keys_names_both_and_means_none() {
    let mut place = Place::new();
    let (one, _) = place.issue(&request("web", Some("ci")));
    let (two, _) = place.issue(&request("chat", Some("ci")));
    let default = Workspace::default();
    let ci = "ci".parse().unwrap();
    match place.registry.find(&default, &ci, at(20)) {
        Err(Error::Refused(Refusal::Ambiguous { candidates, .. })) => {
            let ids: Vec<&KeyId> = candidates.iter().map(|candidate| &candidate.id).collect();
            assert_eq!(ids, [&one.id, &two.id]);
            assert_eq!(candidates[0].access, one.access);
        }
        other => panic!("{other:?}"),
    }
    let edit = |name| keyctl::ops::EditRequest {
        workspace: Workspace::default(),
        selector: id(&one),
        name: Some(name),
        description: None,
        expiry: Some("5s".parse().unwrap()),
        added_scopes: Vec::new(),
        removed_scopes: Vec::new(),
        dry_run: false,
    };
    place
        .registry
        .edit(&edit(one.name.clone()), at(20))
        .unwrap();
    // The other is the only live one when this one has ended.
    let found = place.registry.find(&default, &ci, at(25)).unwrap();
    assert_eq!(found.id, two.id);
}

#[test]
fn a_token_is_looked_up_where_it_may_be() {
    let mut place = Place::new();
    let (key, token) = place.issue(&request("web", None));
    let (_, other) = Place::new().issue(&request("web", None));
    let default = Workspace::default();
    let acme = workspace("acme");
    for (workspace, found) in [(Some(&default), true), (None, true), (Some(&acme), false)] {
        let by_token = place.registry.find_by_token(workspace, &token).unwrap();
        assert_eq!(by_token.map(|key| key.id), found.then(|| key.id.clone()));
    }
    assert_eq!(place.registry.find_by_token(None, &other).unwrap(), None);
    let masked = |registry: &mut Registry, workspace| {
        let keys = registry.keys_masked(workspace, &key.masked_token);
        keys.unwrap().len()
    };
    assert_eq!(masked(&mut place.registry, None), 1);
    assert_eq!(masked(&mut place.registry, Some(&default)), 1);
    assert_eq!(masked(&mut place.registry, Some(&acme)), 0);
    let nothing = keyctl::domain::MaskedToken::nothing();
    assert_eq!(place.registry.keys_masked(None, &nothing).unwrap(), []);
    end(&mut place, &key);
    assert_eq!(masked(&mut place.registry, None), 0);
}

fn end(place: &mut Place, key: &Key) {
    let selections = vec![Selection::Key(id(key))];
    let ended = place.registry.revoke(&revoke(selections), at(30));
    assert_eq!(ended.unwrap().len(), 1);
}

fn rotated(place: &mut Place, key: &Key, grace: Option<&str>) -> Key {
    let rotate = RotateRequest {
        workspace: Workspace::default(),
        selector: id(key),
        grace: grace.map(|grace| grace.parse().unwrap()),
        expiry: None,
        dry_run: false,
    };
    let rotation = place.registry.rotate(&rotate, at(40), |made, token| {
        assert_eq!(made.key.digest, token.digest());
        assert_eq!(made.key.masked_token, token.mask());
        Ok(())
    });
    rotation.unwrap().key
}

#[test]
fn predecessors_that_still_open_something_are_named_the_youngest_first() {
    let mut place = Place::new();
    let (first, _) = place.issue(&request("web", Some("ci")));
    let second = rotated(&mut place, &first, Some("100s"));
    let third = rotated(&mut place, &second, None);
    let fourth = rotated(&mut place, &third, Some("50s"));
    let mut valid = |now| {
        let keys = place.registry.valid_predecessors(&fourth, at(now)).unwrap();
        keys.into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!(valid(50), [third.id, first.id.clone()]);
    assert_eq!(valid(90), [first.id]);
    assert_eq!(valid(140), []);
    let history = place.registry.history(&second.id).unwrap();
    assert_eq!(history.len(), 2, "issued and rotated");
}

#[test]
fn a_list_tells_what_it_leaves_out() {
    let mut place = Place::new();
    let (one, _) = place.issue(&request("web", Some("one")));
    let (two, _) = place.issue(&IssueRequest {
        access: datasets(&["a"]),
        ..request("web", None)
    });
    let (three, _) = place.issue(&request("web", Some("three")));
    place.issue(&IssueRequest {
        workspace: workspace("acme"),
        ..request("web", Some("four"))
    });
    end(&mut place, &one);
    let query = ListQuery {
        workspace: Workspace::default(),
        reach: Reach::Anything,
        name: None,
        statuses: vec![Status::Active],
        expiring_within: None,
        unused_for: None,
        page: Page::default(),
        limit: None,
    };
    let whole = |hidden_count| Listing {
        hidden_count: Some(hidden_count),
        has_more: false,
    };
    let cut = Listing {
        hidden_count: None,
        has_more: true,
    };
    let app = Reach::App("web".parse().unwrap());
    let named = Some("t*".parse().unwrap());
    let every = vec![Status::Active, Status::Revoked];
    let cases = [
        (query.clone(), vec![&two.id, &three.id], whole(1)),
        (
            ListQuery {
                limit: Some(2),
                ..query.clone()
            },
            vec![&two.id, &three.id],
            whole(1),
        ),
        (
            ListQuery {
                limit: Some(1),
                ..query.clone()
            },
            vec![&two.id],
            cut,
        ),
        (
            ListQuery {
                limit: Some(0),
                ..query.clone()
            },
            vec![],
            cut,
        ),
        (
            ListQuery {
                reach: app,
                ..query.clone()
            },
            vec![&three.id],
            whole(1),
        ),
        (
            ListQuery {
                name: named,
                ..query.clone()
            },
            vec![&three.id],
            whole(0),
        ),
        (
            ListQuery {
                statuses: every,
                ..query.clone()
            },
            vec![&one.id, &two.id, &three.id],
            whole(0),
        ),
    ];
    for (query, expected, expected_listing) in cases {
        let mut keys = Vec::new();
        let each = |key: Key| {
            keys.push(key);
            ControlFlow::Continue(())
        };
        let listing = place.registry.list(&query, at(50), each).unwrap();
        let ids: Vec<_> = keys.iter().map(|key| &key.id).collect();
        assert_eq!(ids, expected, "{query:?}");
        assert_eq!(listing, expected_listing, "{query:?}");
        let mut outlines = Vec::new();
        let each = |outline: Outline| {
            outlines.push(outline);
            ControlFlow::Continue(())
        };
        let listing = place.registry.list(&query, at(50), each).unwrap();
        assert!(outlines.into_iter().eq(keys.into_iter().map(Outline::from)));
        assert_eq!(listing, expected_listing, "{query:?}");
    }
    let stopped = |_: Key| ControlFlow::Break(());
    let listing = place.registry.list(&query, at(50), stopped).unwrap();
    assert_eq!((listing.hidden_count, listing.has_more), (None, false));
    let named = place.registry.named_keys(&Workspace::default()).unwrap();
    assert_eq!(
        named.iter().map(|key| &key.id).collect::<Vec<_>>(),
        [&one.id, &three.id]
    );
    let workspaces = place.registry.some_workspaces().unwrap();
    assert!(
        workspaces
            .iter()
            .eq([&workspace("acme"), &Workspace::default()])
    );
}
