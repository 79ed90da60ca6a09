//! Ending keys whose tokens are known to others: at once, or after a while in
//! which a successor can take their place.

use std::collections::BTreeMap;
use std::io;

use super::attempt::{attempt, begin, commit_delivered};
use super::find::key_of_digest;
use super::revoke::{Outcome, revoked_key};
use super::rotate::{self, Rotation, Successor, Terms, added_at};
use super::{Registry, apply};
use crate::domain::{
    Action, Actor, Change, Digest, Error, Expiry, Key, KeyId, Lifetime, Policy, Refusal, Remark,
    Status, Timestamp, Token, Workspace,
};

/// Which keys leaked, and how they are to end.
#[derive(Debug, Clone)]
pub struct RevokeLeakedRequest {
    /// Their tokens, by their digests.
    pub tokens: Vec<Digest>,
    /// Where these are looked up; `None` is everywhere.
    pub token_workspace: Option<Workspace>,
    /// How long keys that are active still work; `None` is not at all.
    pub grace: Option<Lifetime>,
    /// Whether keys that are active get a successor.
    pub replace: bool,
    /// Why, for the record and the log.
    pub reason: Remark,
    /// Whether to undo it all at the end and hand over no tokens.
    pub dry_run: bool,
}

/// What became of a token that leaked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakedKey {
    /// What happened.
    pub outcome: Outcome,
    /// The key as it is now, if there is one.
    pub key: Option<Key>,
    /// The key that takes its place.
    pub successor: Option<Key>,
}

impl Registry {
    /// Ends the keys of these tokens, in one transaction; the answer has a place
    /// for each token, in their order. `deliver` gets the successors' tokens, if
    /// there are any, all at once; in a dry run it is not called.
    ///
    /// # Errors
    /// [`Error::Delivery`], and the store's faults. Nothing was changed then.
    /// [`Error::NotSaved`]: the tokens were delivered and are not valid.
    pub fn revoke_leaked(
        &mut self,
        request: &RevokeLeakedRequest,
        now: Timestamp,
        mut deliver: impl FnMut(&[(Rotation, Token)]) -> io::Result<()>,
    ) -> Result<Vec<LeakedKey>, Error> {
        // What fails once the tokens are delivered is not tried again.
        self.spending_ballast(|registry| {
            attempt(now, |now| registry.end_leaked(request, now, &mut deliver))
        })
    }

    fn end_leaked(
        &mut self,
        request: &RevokeLeakedRequest,
        now: Timestamp,
        deliver: &mut impl FnMut(&[(Rotation, Token)]) -> io::Result<()>,
    ) -> Result<Vec<LeakedKey>, Error> {
        let (mut tx, now) = begin(self.store.as_mut(), now)?;
        let policy = tx.policy()?;
        let mut seen: BTreeMap<KeyId, usize> = BTreeMap::new();
        let mut ended: Vec<LeakedKey> = Vec::new();
        let mut successors = Vec::new();
        for digest in &request.tokens {
            let Some(key) = key_of_digest(tx.as_ref(), request.token_workspace.as_ref(), digest)?
            else {
                ended.push(LeakedKey {
                    outcome: Outcome::UnknownToken,
                    key: None,
                    successor: None,
                });
                continue;
            };
            if let Some(first) = seen.insert(key.id.clone(), ended.len()) {
                seen.insert(key.id, first);
                ended.push(ended[first].clone());
                continue;
            }
            if key.revoked_at.is_some() {
                ended.push(LeakedKey {
                    outcome: Outcome::AlreadyRevoked,
                    key: Some(key),
                    successor: None,
                });
                continue;
            }
            let (one, changes) = if request.replace && can_be_replaced(&key, now) {
                let token = Token::generate(key.access.kind())?;
                let terms = Terms {
                    grace: request.grace,
                    expiry: None,
                    added_at: added_at(tx.as_ref(), &key)?,
                };
                let mut rotation = replace(&key, &token, &self.actor, terms, &policy, now)?;
                if rotation.replaced.revoked_at.is_some() {
                    rotation.replaced.revoke_reason = Some(request.reason.clone());
                }
                let one = LeakedKey {
                    outcome: outcome(&rotation.replaced),
                    key: Some(rotation.replaced.clone()),
                    successor: Some(rotation.key.clone()),
                };
                let changes = rotation.changes(key, Some(&request.reason)).into();
                successors.push((rotation, token));
                (one, changes)
            } else {
                end(key, request, now)
            };
            apply(tx.as_mut(), &self.actor, now, &changes)?;
            ended.push(one);
        }
        if request.dry_run {
            return Ok(ended);
        }
        if successors.is_empty() {
            tx.commit()?;
        } else {
            deliver(&successors).map_err(Error::Delivery)?;
            commit_delivered(tx)?;
        }
        Ok(ended)
    }
}

/// Whether a key has a place to be taken: one that opens nothing, or that was
/// replaced before, has none.
fn can_be_replaced(key: &Key, now: Timestamp) -> bool {
    key.status(now) == Status::Active && key.replaced_by.is_none()
}

/// The successor, with a life as long as the policy allows where the old key's
/// own is too long for it: that must not keep a leaked key alive.
fn replace(
    key: &Key,
    token: &Token,
    actor: &Actor,
    terms: Terms,
    policy: &Policy,
    now: Timestamp,
) -> Result<Rotation, Error> {
    let id = KeyId::generate()?;
    let plan = |expiry| {
        let successor = Successor {
            id: id.clone(),
            token,
            actor,
        };
        let terms = Terms { expiry, ..terms };
        rotate::plan(key, successor, terms, policy, now)
    };
    let rotation = match plan(None) {
        Err(Refusal::ExpiryBeyondPolicy { max, .. }) => plan(Some(Expiry::After(max))),
        planned => planned,
    };
    Ok(rotation?)
}

/// Ends a key that gets no successor. What is active may have its grace; what
/// opens nothing, and could be made to, is revoked at once.
fn end(key: Key, request: &RevokeLeakedRequest, now: Timestamp) -> (LeakedKey, Vec<Change>) {
    let end = request.grace.map(|grace| {
        let end = now.checked_add(grace).unwrap_or(Timestamp::MAX);
        key.expires_at.map_or(end, |at| at.min(end))
    });
    let (action, after) = match end.filter(|end| *end > now) {
        Some(end) if key.status(now) == Status::Active => {
            let after = Key {
                expires_at: Some(end),
                ..key.clone()
            };
            (Action::Edited, after)
        }
        _ => {
            let after = revoked_key(&key, Some(&request.reason), now);
            (Action::Revoked, after)
        }
    };
    let one = LeakedKey {
        outcome: outcome(&after),
        key: Some(after.clone()),
        successor: None,
    };
    if after == key {
        return (one, Vec::new());
    }
    let change = Change::Updated {
        action,
        before: key,
        after,
        reason: (action == Action::Edited).then(|| request.reason.clone()),
    };
    (one, vec![change])
}

fn outcome(after: &Key) -> Outcome {
    if after.revoked_at.is_some() {
        Outcome::Revoked
    } else {
        Outcome::Ending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_key;

    #[test]
    fn a_leaked_key_ends_at_once_or_after_its_grace_and_never_later_than_before() {
        let at = Timestamp::from_unix;
        let now = at(10_000).unwrap();
        let base = sample_key;
        // the key, the grace, whether it is revoked, when it ends
        let cases = [
            (base(), None, true, None),
            (base(), Some(0), true, None),
            (base(), Some(60), false, at(10_060)),
            (base(), Some(u64::MAX), false, Some(Timestamp::MAX)),
            (
                Key {
                    expires_at: at(10_030),
                    ..base()
                },
                Some(60),
                false,
                at(10_030),
            ),
            (
                Key {
                    expires_at: at(9_000),
                    ..base()
                },
                Some(60),
                true,
                at(9_000),
            ),
            (
                Key {
                    disabled_at: at(9_000),
                    ..base()
                },
                Some(60),
                true,
                None,
            ),
        ];
        for (key, grace, is_revoked, expires_at) in cases {
            let request = RevokeLeakedRequest {
                tokens: Vec::new(),
                token_workspace: None,
                grace: grace.map(Lifetime::from_seconds),
                replace: false,
                reason: "leaked".parse().unwrap(),
                dry_run: false,
            };
            let (one, changes) = end(key.clone(), &request, now);
            let after = one.key.unwrap();
            assert_eq!(after.revoked_at.is_some(), is_revoked, "{grace:?}");
            assert_eq!(after.expires_at, expires_at);
            let outcome = if is_revoked {
                Outcome::Revoked
            } else {
                Outcome::Ending
            };
            assert_eq!(one.outcome, outcome);
            assert_eq!(changes.is_empty(), after == key);
        }
    }
}
