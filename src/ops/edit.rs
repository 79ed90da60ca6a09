//! Editing a key: what it is called, when it ends, what it may do. Never what
//! it reaches, so that no key becomes another one.

use super::find::resolve;
use super::issue::live_counts;
use super::{Registry, apply};
use crate::domain::{
    Action, Change, Error, Expiry, Key, KeyName, Policy, Refusal, Remark, Scope, Selector, Status,
    Target, Timestamp, Workspace,
};

/// What to change of a key; `None` leaves it as it is.
#[derive(Debug, Clone)]
pub struct EditRequest {
    /// Where the key is looked up.
    pub workspace: Workspace,
    /// What points at it.
    pub selector: Selector,
    /// Its name; `Some(None)` takes it away.
    pub name: Option<Option<KeyName>>,
    /// Its description; `Some(None)` takes it away.
    pub description: Option<Option<Remark>>,
    /// When it ends.
    pub expiry: Option<Expiry>,
    /// Scopes to add.
    pub added_scopes: Vec<Scope>,
    /// Scopes to take away.
    pub removed_scopes: Vec<Scope>,
    /// Whether to undo it all at the end.
    pub dry_run: bool,
}

/// A key before and after it was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// As it was.
    pub before: Key,
    /// As it is now.
    pub after: Key,
}

impl Registry {
    /// Edits one key.
    ///
    /// # Errors
    /// [`Error::NoMatch`], or [`Error::Refused`]: for a key that is revoked or
    /// replaced, for an expiry that the policy does not allow, for a key that
    /// would have no scope left, or for one that would live again where the
    /// limit is reached. Nothing was changed then.
    pub fn edit(&mut self, request: &EditRequest, now: Timestamp) -> Result<Edited, Error> {
        self.change(request.dry_run, now, |tx, actor, now| {
            let before = resolve(tx, &request.workspace, &request.selector, now)?;
            let live_counts = live_counts(tx, &before.workspace, &before.access, now)?;
            let after = plan(&before, request, &tx.policy()?, &live_counts, now)?;
            if before != after {
                let change = Change::Updated {
                    action: Action::Edited,
                    before: before.clone(),
                    after: after.clone(),
                    reason: None,
                };
                apply(tx, actor, now, &[change])?;
            }
            Ok(Edited { before, after })
        })
    }
}

fn plan(
    key: &Key,
    request: &EditRequest,
    policy: &Policy,
    live_counts: &[(Target, u64)],
    now: Timestamp,
) -> Result<Key, Refusal> {
    if key.status(now) == Status::Revoked {
        return Err(Refusal::Unfit {
            id: key.id.clone(),
            status: Status::Revoked,
            action: Action::Edited,
        });
    }
    // Its end is the end of the grace, and its name is the successor's.
    if let Some(successor) = &key.replaced_by {
        return Err(Refusal::Replaced {
            id: key.id.clone(),
            successor: successor.clone(),
            action: Action::Edited,
        });
    }
    let scopes = key
        .scopes
        .changed(&request.added_scopes, &request.removed_scopes)
        .ok_or_else(|| Refusal::NoScopeLeft { id: key.id.clone() })?;
    let expires_at = match request.expiry {
        Some(_) => policy.resolve_expiry(request.expiry, now)?,
        None => key.expires_at,
    };
    let after = Key {
        name: request.name.clone().unwrap_or_else(|| key.name.clone()),
        description: request
            .description
            .clone()
            .unwrap_or_else(|| key.description.clone()),
        scopes,
        expires_at,
        ..key.clone()
    };
    if after.is_live(now) && !key.is_live(now) {
        for (target, live_count) in live_counts {
            policy.check_limit(target, *live_count)?;
        }
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{KeyId, Lifetime, sample_key};

    const NOW: i64 = 10_000;

    fn request() -> EditRequest {
        EditRequest {
            workspace: Workspace::default(),
            selector: "ci".parse().unwrap(),
            name: None,
            description: None,
            expiry: None,
            added_scopes: Vec::new(),
            removed_scopes: Vec::new(),
            dry_run: false,
        }
    }

    fn planned(key: &Key, request: &EditRequest, live_count: u64) -> Result<Key, Refusal> {
        let policy = Policy {
            max_expiry: Some(Lifetime::from_seconds(100)),
            ..Policy::default()
        };
        let counts = [(Target::AllDatasets, live_count)];
        plan(
            key,
            request,
            &policy,
            &counts,
            Timestamp::from_unix(NOW).unwrap(),
        )
    }

    #[test]
    fn what_is_asked_for_is_changed_and_nothing_else() {
        let at = Timestamp::from_unix;
        let key = Key {
            name: Some("ci".parse().unwrap()),
            description: Some("old".parse().unwrap()),
            ..sample_key()
        };
        let scope = |text: &str| vec![text.parse::<Scope>().unwrap()];
        let cases = [
            (request(), key.clone()),
            (
                EditRequest {
                    name: Some(Some("deploy".parse().unwrap())),
                    ..request()
                },
                Key {
                    name: Some("deploy".parse().unwrap()),
                    ..key.clone()
                },
            ),
            (
                EditRequest {
                    name: Some(None),
                    description: Some(None),
                    ..request()
                },
                Key {
                    name: None,
                    description: None,
                    ..key.clone()
                },
            ),
            (
                EditRequest {
                    expiry: Some("100s".parse().unwrap()),
                    ..request()
                },
                Key {
                    expires_at: at(NOW + 100),
                    ..key.clone()
                },
            ),
            (
                EditRequest {
                    added_scopes: scope("read"),
                    removed_scopes: scope("full"),
                    ..request()
                },
                Key {
                    scopes: "read".parse().unwrap(),
                    ..key.clone()
                },
            ),
        ];
        for (request, expected) in cases {
            // A full target is no matter for a key that is live already.
            assert_eq!(planned(&key, &request, 10), Ok(expected), "{request:?}");
        }
    }

    #[test]
    fn what_may_not_be_is_refused() {
        let at = Timestamp::from_unix;
        let key = sample_key();
        let successor = KeyId::generate().unwrap();
        let (id, action) = (key.id.clone(), Action::Edited);
        let revoked = Key {
            revoked_at: at(5),
            ..key.clone()
        };
        let replaced = Key {
            replaced_by: Some(successor.clone()),
            ..key.clone()
        };
        let extend = EditRequest {
            expiry: Some("100s".parse().unwrap()),
            ..request()
        };
        let too_long = EditRequest {
            expiry: Some("never".parse().unwrap()),
            ..request()
        };
        let scopeless = EditRequest {
            removed_scopes: vec![Scope::full()],
            ..request()
        };
        let cases = [
            (
                &revoked,
                &extend,
                Refusal::Unfit {
                    id: id.clone(),
                    status: Status::Revoked,
                    action,
                },
            ),
            (
                &replaced,
                &extend,
                Refusal::Replaced {
                    id: id.clone(),
                    successor,
                    action,
                },
            ),
            (
                &key,
                &too_long,
                Refusal::ExpiryBeyondPolicy {
                    at: None,
                    max: Lifetime::from_seconds(100),
                },
            ),
            (&key, &scopeless, Refusal::NoScopeLeft { id }),
        ];
        for (key, request, expected) in cases {
            assert_eq!(planned(key, request, 0), Err(expected));
        }
    }

    #[test]
    fn an_expired_key_lives_again_where_there_is_room() {
        let expired = Key {
            expires_at: Timestamp::from_unix(NOW),
            ..sample_key()
        };
        let extend = EditRequest {
            expiry: Some("1s".parse().unwrap()),
            ..request()
        };
        assert!(planned(&expired, &extend, 9).is_ok());
        let full = Refusal::LimitReached {
            target: Target::AllDatasets,
            limit: 10,
        };
        assert_eq!(planned(&expired, &extend, 10), Err(full));
        let rename = EditRequest {
            name: Some(Some("old".parse().unwrap())),
            ..request()
        };
        assert!(planned(&expired, &rename, 10).is_ok());
    }
}
