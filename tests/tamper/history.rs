//! A store in which everything has happened, and what an audit says of it.

use keyctl::domain::{Choice, Discrepancy, KeptHead, Lifetime, Selector};
use keyctl::ops::{
    EditRequest, Matching, PruneRequest, RevokeMatchingRequest, RotateRequest, Switch,
    SwitchRequest,
};
use keyctl::{
    Access, Datasets, Error, IssueRequest, Location, Registry, Scopes, StoreFault, Timestamp,
    Workspace,
};

/// The UUID that a key of each kind is bound to, in its own form.
pub(crate) const UUID: &str = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// What an audit said: whether all is well, or what was named.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Difference(Discrepancy),
    BadRow(String),
}

pub(crate) fn audit(location: &Location, kept: Option<&KeptHead>) -> Found {
    let mut registry = Registry::open(location, "auditor".parse().unwrap()).unwrap();
    match registry.audit(kept) {
        Ok(_) => Found::Nothing,
        Err(Error::Altered(difference)) => Found::Difference(difference),
        Err(Error::Store(error)) => match error.fault() {
            fault @ (StoreFault::BadRow { .. } | StoreFault::Corrupt) => {
                Found::BadRow(fault.to_string())
            }
            fault => panic!("{fault}"),
        },
        Err(error) => panic!("{error}"),
    }
}

/// Every operation, on keys of every kind.
pub(crate) fn live(registry: &mut Registry) {
    let bound = |ids: &[&str]| {
        Access::Datasets(Datasets::new(ids.iter().map(|id| id.parse().unwrap())).unwrap())
    };
    let mut ids = Vec::new();
    for (access, name, expiry) in [
        (bound(&["a"]), Some("one"), Some("90d")),
        (bound(&["a", "b"]), Some("two"), None),
        (Access::AllDatasets, None, Some("1y")),
        (Access::App("web".parse().unwrap()), Some("web"), None),
        (Access::App("old".parse().unwrap()), None, Some("1s")),
        (bound(&["c"]), Some("last"), None),
        (bound(&[UUID]), None, None),
        (Access::App(UUID.parse().unwrap()), None, None),
    ] {
        let request = IssueRequest {
            workspace: Workspace::default(),
            access,
            name: name.map(|name| name.parse().unwrap()),
            description: name.map(|_| "a remark".parse().unwrap()),
            scopes: Scopes::full(),
            expiry: expiry.map(|expiry| expiry.parse().unwrap()),
            dry_run: false,
        };
        let key = registry.issue(&request, at(10), |_, _| Ok(())).unwrap();
        ids.push(Selector::Id(key.id));
    }
    let workspace = Workspace::default;
    let rotate = RotateRequest {
        workspace: workspace(),
        selector: ids[0].clone(),
        grace: None,
        expiry: None,
        dry_run: false,
    };
    registry.rotate(&rotate, at(20), |_, _| Ok(())).unwrap();
    let disable = SwitchRequest {
        workspace: workspace(),
        selectors: vec![ids[2].clone()],
        to: Switch::Disabled,
        reason: Some("on leave".parse().unwrap()),
    };
    registry.switch(&disable, at(30)).unwrap();
    let edit = EditRequest {
        workspace: workspace(),
        selector: ids[3].clone(),
        name: None,
        description: None,
        expiry: Some("2y".parse().unwrap()),
        added_scopes: vec!["read".parse().unwrap()],
        removed_scopes: Vec::new(),
        dry_run: false,
    };
    registry.edit(&edit, at(40)).unwrap();
    for matching in [
        Matching::DatasetGone("b".parse().unwrap()),
        Matching::DatasetGone("c".parse().unwrap()),
    ] {
        let revoke = RevokeMatchingRequest {
            workspace: workspace(),
            matching,
            agreed: None,
            expected_count: Some(1),
            reason: Some("gone".parse().unwrap()),
            dry_run: false,
        };
        registry.revoke_matching(&revoke, at(50), |_| {}).unwrap();
    }
    let prune = PruneRequest {
        workspace: workspace(),
        revoked: false,
        expired: true,
        older_than: Lifetime::from_seconds(1),
        agreed: None,
        dry_run: false,
    };
    let pruned = registry.prune(&prune, at(60), |_| {}).unwrap();
    assert_eq!(pruned.len(), 1);
    for choice in [
        Choice::MaxKeysPerTarget(Some(20)),
        Choice::DefaultExpiry(Some(Lifetime::from_seconds(86_400))),
    ] {
        registry.set_policy(choice, at(70)).unwrap();
    }
}

/// The end of every key.
pub(crate) fn everything() -> RevokeMatchingRequest {
    RevokeMatchingRequest {
        workspace: Workspace::default(),
        matching: Matching::Keys {
            app: None,
            expired: false,
            unused_for: None,
        },
        agreed: None,
        expected_count: None,
        reason: None,
        dry_run: false,
    }
}
