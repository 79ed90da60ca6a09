//! Revoking by what keys have in common, rather than one by one.

use std::collections::BTreeMap;

use super::Registry;
use super::revoke::{Outcome, Revocation, revoked_key};
use super::sweep::{Progress, change_each, select};
use crate::domain::{
    Access, Action, Change, Error, Key, KeyId, Lifetime, Refusal, Remark, Status, TargetId,
    Timestamp, Workspace,
};
use crate::store::{Filter, Reach};

/// Which keys to revoke; those that are revoked already fit nothing.
#[derive(Debug, Clone)]
pub struct RevokeMatchingRequest {
    /// Of this workspace.
    pub workspace: Workspace,
    /// That fit this.
    pub matching: Matching,
    /// No others than these, and nothing else than this: what somebody agreed
    /// to. `None` is anything.
    pub agreed: Option<BTreeMap<KeyId, Outcome>>,
    /// How many there must be.
    pub expected_count: Option<u64>,
    /// Why, for the record and the log.
    pub reason: Option<Remark>,
    /// Whether to undo it all at the end.
    pub dry_run: bool,
}

/// What keys have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// They are bound to a dataset that is gone. A key that is bound to others
    /// too is not revoked but loses this binding; workspace-wide keys are not
    /// bound to it, and stay.
    DatasetGone(TargetId),
    /// All of these hold; none of them is every key.
    Keys {
        /// They are of this app.
        app: Option<TargetId>,
        /// They are expired.
        expired: bool,
        /// They have not been used for this long, as
        /// [`Key::is_unused_for`] says.
        unused_for: Option<Lifetime>,
    },
}

impl Registry {
    /// Revokes every key that fits, in one transaction; what became of each, in
    /// the order of their issue.
    ///
    /// # Errors
    /// [`Refusal::CountDiffers`] if there are not as many as expected; then
    /// nothing was changed at all.
    pub fn revoke_matching(
        &mut self,
        request: &RevokeMatchingRequest,
        now: Timestamp,
        mut progress: impl FnMut(Progress),
    ) -> Result<Vec<Revocation>, Error> {
        self.spending_ballast(|registry| registry.revoke_all(request, now, &mut progress))
    }

    fn revoke_all(
        &mut self,
        request: &RevokeMatchingRequest,
        now: Timestamp,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Revocation>, Error> {
        let filter = filter(request);
        self.change(request.dry_run, now, |tx, actor, now| {
            let ids = select(tx, &filter, |key| {
                fits(&request.matching, key, now) && is_agreed(request, key)
            })?;
            check_count(request.expected_count, ids.len() as u64)?;
            let mut revocations = Vec::new();
            let plan = |key: Key| {
                let (outcome, after) = plan(&key, request, now);
                revocations.push(Revocation {
                    outcome,
                    key: Some(after.clone()),
                });
                let action = match outcome {
                    Outcome::Unbound => Action::Edited,
                    _ => Action::Revoked,
                };
                let reason = match outcome {
                    Outcome::Unbound => request.reason.clone(),
                    _ => None,
                };
                Change::Updated {
                    action,
                    before: key,
                    after,
                    reason,
                }
            };
            change_each(tx, (actor, now), &ids, plan, progress)?;
            Ok(revocations)
        })
    }
}

/// Holds a number of keys against the one that somebody counted on.
pub(super) fn check_count(expected: Option<u64>, found: u64) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != found => Err(Refusal::CountDiffers { expected, found }),
        _ => Ok(()),
    }
}

fn filter(request: &RevokeMatchingRequest) -> Filter {
    let reach = match &request.matching {
        Matching::DatasetGone(id) => Reach::BoundTo(id.clone()),
        Matching::Keys { app: Some(id), .. } => Reach::App(id.clone()),
        Matching::Keys { app: None, .. } => Reach::Anything,
    };
    Filter {
        workspace: Some(request.workspace.clone()),
        reach,
        ..Filter::default()
    }
}

/// Whether what becomes of a key is what somebody agreed to: a key that was to
/// lose a dataset is not revoked because it has lost its others meanwhile.
fn is_agreed(request: &RevokeMatchingRequest, key: &Key) -> bool {
    let outcome = outcome(&request.matching, key);
    let agreed = request.agreed.as_ref();
    agreed.is_none_or(|agreed| agreed.get(&key.id) == Some(&outcome))
}

fn outcome(matching: &Matching, key: &Key) -> Outcome {
    match remaining(matching, key) {
        Some(_) => Outcome::Unbound,
        None => Outcome::Revoked,
    }
}

/// The access that a key keeps without the dataset that is gone. Where no
/// dataset is left there is none, which is not the same as all of them.
fn remaining(matching: &Matching, key: &Key) -> Option<Access> {
    match (matching, &key.access) {
        (Matching::DatasetGone(id), Access::Datasets(bound)) => {
            bound.without(id).map(Access::Datasets)
        }
        _ => None,
    }
}

fn fits(matching: &Matching, key: &Key, now: Timestamp) -> bool {
    if key.status(now) == Status::Revoked {
        return false;
    }
    match matching {
        Matching::DatasetGone(id) => match &key.access {
            Access::Datasets(bound) => bound.contains(id),
            Access::AllDatasets | Access::App(_) => false,
        },
        Matching::Keys {
            app,
            expired,
            unused_for,
        } => {
            let app_fits = app
                .as_ref()
                .is_none_or(|app| key.access == Access::App(app.clone()));
            let expiry_fits = !expired || key.status(now) == Status::Expired;
            let use_fits = unused_for.is_none_or(|length| key.is_unused_for(length, now));
            app_fits && expiry_fits && use_fits
        }
    }
}

/// What becomes of a key that fits.
fn plan(key: &Key, request: &RevokeMatchingRequest, now: Timestamp) -> (Outcome, Key) {
    match remaining(&request.matching, key) {
        Some(access) => {
            let key = Key {
                access,
                ..key.clone()
            };
            (Outcome::Unbound, key)
        }
        None => (
            Outcome::Revoked,
            revoked_key(key, request.reason.as_ref(), now),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Datasets, sample_key};

    fn bound_to(ids: &[&str]) -> Access {
        Access::Datasets(Datasets::new(ids.iter().map(|id| id.parse().unwrap())).unwrap())
    }

    fn keys(app: Option<&str>, expired: bool, unused_for: Option<u64>) -> Matching {
        Matching::Keys {
            app: app.map(|id| id.parse().unwrap()),
            expired,
            unused_for: unused_for.map(Lifetime::from_seconds),
        }
    }

    #[test]
    fn keys_fit_by_what_they_have_in_common() {
        let at = Timestamp::from_unix;
        let now = at(96_400).unwrap();
        let web = || Access::App("web".parse().unwrap());
        // Issued at 1,000; a use may be left out for a day.
        let key = sample_key();
        let used = Key {
            last_used_at: at(9_000),
            ..key.clone()
        };
        let of_web = Key {
            access: web(),
            ..key.clone()
        };
        let expired = Key {
            expires_at: at(10_000),
            access: web(),
            ..key.clone()
        };
        let disabled = Key {
            disabled_at: at(5),
            expires_at: at(5),
            ..key.clone()
        };
        let dead = Key {
            revoked_at: at(5),
            access: web(),
            ..key.clone()
        };
        let all = [&key, &used, &of_web, &expired, &disabled, &dead];
        let cases = [
            (keys(None, false, None), vec![0, 1, 2, 3, 4]),
            (keys(Some("web"), false, None), vec![2, 3]),
            (keys(Some("other"), false, None), vec![]),
            (keys(None, true, None), vec![3]),
            (keys(None, false, Some(1_000)), vec![0, 1, 2, 3, 4]),
            (keys(None, false, Some(1_001)), vec![0, 2, 3, 4]),
            (keys(None, false, Some(95_401)), vec![]),
            (keys(Some("web"), true, Some(95_400)), vec![3]),
        ];
        for (matching, expected) in cases {
            let fitting: Vec<usize> = (0..all.len())
                .filter(|i| fits(&matching, all[*i], now))
                .collect();
            assert_eq!(fitting, expected, "{matching:?}");
        }
    }

    #[test]
    fn a_dataset_that_is_gone_widens_nothing() {
        let now = Timestamp::from_unix(10_000).unwrap();
        let request = RevokeMatchingRequest {
            workspace: Workspace::default(),
            matching: Matching::DatasetGone("a".parse().unwrap()),
            agreed: None,
            expected_count: None,
            reason: Some("gone".parse().unwrap()),
            dry_run: false,
        };
        let app = Access::App("a".parse().unwrap());
        // access; whether it fits, and the access that is left
        let cases = [
            (bound_to(&["a"]), true, None),
            (bound_to(&["a", "b"]), true, Some(bound_to(&["b"]))),
            (
                bound_to(&["a", "b", "c"]),
                true,
                Some(bound_to(&["b", "c"])),
            ),
            (bound_to(&["b"]), false, None),
            (Access::AllDatasets, false, None),
            (app, false, None),
        ];
        for (access, is_fit, left) in cases {
            let key = Key {
                access,
                ..sample_key()
            };
            assert_eq!(fits(&request.matching, &key, now), is_fit, "{}", key.access);
            if !is_fit {
                continue;
            }
            let other = match left {
                Some(_) => Outcome::Revoked,
                None => Outcome::Unbound,
            };
            let agreed = RevokeMatchingRequest {
                agreed: Some(BTreeMap::from([(key.id.clone(), other)])),
                ..request.clone()
            };
            assert!(is_agreed(&request, &key) && !is_agreed(&agreed, &key));
            let (outcome, after) = plan(&key, &request, now);
            match left {
                Some(access) => {
                    assert_eq!(outcome, Outcome::Unbound);
                    assert_eq!(after, Key { access, ..key });
                }
                None => {
                    assert_eq!(outcome, Outcome::Revoked);
                    assert_eq!(after.revoked_at, Some(now));
                    assert_eq!(after.access, key.access);
                }
            }
        }
    }

    #[test]
    fn a_count_is_held_to_exactly() {
        assert_eq!(check_count(None, 5), Ok(()));
        assert_eq!(check_count(Some(5), 5), Ok(()));
        for expected in [0, 4, 6] {
            let differs = Refusal::CountDiffers { expected, found: 5 };
            assert_eq!(check_count(Some(expected), 5), Err(differs));
        }
    }
}
