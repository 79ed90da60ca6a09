//! Pruning: the records of keys that ended long ago are removed. The log keeps
//! what happened to them.

use std::collections::BTreeSet;

use super::Registry;
use super::sweep::{Progress, change_each, select};
use crate::domain::{Change, Error, Key, KeyId, Lifetime, Status, Timestamp, Workspace};
use crate::store::Filter;

/// Which records to remove.
#[derive(Debug, Clone)]
pub struct PruneRequest {
    /// Of this workspace.
    pub workspace: Workspace,
    /// Those of keys that are revoked.
    pub revoked: bool,
    /// Those of keys that are expired, and not revoked.
    pub expired: bool,
    /// That have been so for at least this time.
    pub older_than: Lifetime,
    /// No others than these: what somebody agreed to. `None` is any.
    pub agreed: Option<BTreeSet<KeyId>>,
    /// Whether to undo it all at the end.
    pub dry_run: bool,
}

impl Registry {
    /// Removes records in one transaction; the keys that they were of, in the
    /// order of their issue.
    ///
    /// # Errors
    /// The store's faults.
    pub fn prune(
        &mut self,
        request: &PruneRequest,
        now: Timestamp,
        mut progress: impl FnMut(Progress),
    ) -> Result<Vec<Key>, Error> {
        let filter = Filter {
            workspace: Some(request.workspace.clone()),
            ..Filter::default()
        };
        let agreed = request.agreed.as_ref();
        self.change(request.dry_run, now, |tx, actor, now| {
            let ids = select(tx, &filter, |key| {
                is_due(request, key, now) && agreed.is_none_or(|agreed| agreed.contains(&key.id))
            })?;
            let mut pruned = Vec::new();
            let plan = |key: Key| {
                pruned.push(key.clone());
                Change::Pruned(key)
            };
            change_each(tx, (actor, now), &ids, plan, &mut progress)?;
            Ok(pruned)
        })
    }
}

/// Whether a key ended long enough ago, in a way that was asked for.
fn is_due(request: &PruneRequest, key: &Key, now: Timestamp) -> bool {
    let ended_at = match key.status(now) {
        Status::Revoked if request.revoked => key.revoked_at,
        Status::Expired if request.expired => key.expires_at,
        Status::Active | Status::Disabled | Status::Expired | Status::Revoked => None,
    };
    ended_at.is_some_and(|at| at <= now.saturating_sub(request.older_than))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_key;

    #[test]
    fn only_what_ended_long_enough_ago_is_due() {
        let at = Timestamp::from_unix;
        let now = at(10_000).unwrap();
        // revoked_at, disabled_at, expires_at; due as revoked, due as expired
        let cases = [
            (None, None, None, false, false),
            (at(9_900), None, None, true, false),
            (at(9_901), None, None, false, false),
            (None, None, at(9_900), false, true),
            (None, None, at(9_901), false, false),
            (None, None, at(10_001), false, false),
            // What it is counts, not what it would be otherwise.
            (at(9_901), None, at(9_900), false, false),
            (at(9_900), None, at(9_901), true, false),
            (None, at(5), at(9_900), false, false),
            (None, at(5), None, false, false),
        ];
        for (revoked_at, disabled_at, expires_at, as_revoked, as_expired) in cases {
            let key = Key {
                revoked_at,
                disabled_at,
                expires_at,
                ..sample_key()
            };
            for (revoked, expired, due) in [
                (true, false, as_revoked),
                (false, true, as_expired),
                (true, true, as_revoked || as_expired),
                (false, false, false),
            ] {
                let request = PruneRequest {
                    workspace: Workspace::default(),
                    revoked,
                    expired,
                    older_than: Lifetime::from_seconds(100),
                    agreed: None,
                    dry_run: false,
                };
                assert_eq!(is_due(&request, &key, now), due, "{key:?}");
            }
        }
    }
}
