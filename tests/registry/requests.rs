//! Requests that ask for as much as there is, to be narrowed.

use keyctl::domain::{Lifetime, Selector};
use keyctl::ops::{Matching, PruneRequest, RevokeMatchingRequest, RevokeRequest, Selection};
use keyctl::{Key, Workspace};

pub(super) fn revoke(selections: Vec<Selection>) -> RevokeRequest {
    RevokeRequest {
        workspace: Workspace::default(),
        token_workspace: None,
        selections,
        reason: None,
        if_exists: false,
        expected_count: None,
        dry_run: false,
    }
}

pub(super) fn matching(matching: Matching) -> RevokeMatchingRequest {
    RevokeMatchingRequest {
        workspace: Workspace::default(),
        matching,
        agreed: None,
        expected_count: None,
        reason: None,
        dry_run: false,
    }
}

pub(super) fn prune() -> PruneRequest {
    PruneRequest {
        workspace: Workspace::default(),
        revoked: true,
        expired: false,
        older_than: Lifetime::from_seconds(0),
        agreed: None,
        dry_run: false,
    }
}

pub(super) fn everything() -> Matching {
    Matching::Keys {
        app: None,
        expired: false,
        unused_for: None,
    }
}

pub(super) fn id(key: &Key) -> Selector {
    Selector::Id(key.id.clone())
}
