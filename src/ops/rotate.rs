//! Rotating a key: a successor takes its place, at once or after a while in
//! which both work.

use std::io;

use super::attempt::{attempt, begin, commit_delivered};
use super::find::{first_event, resolve};
use super::{Registry, apply};
use crate::domain::{
    Action, Actor, Change, Error, Expiry, Key, KeyId, Lifetime, Policy, Refusal, Remark, Selector,
    Status, StoreError, Timestamp, Token, Workspace,
};
use crate::store::Tx;

/// The key that is to be replaced, and how.
#[derive(Debug, Clone)]
pub struct RotateRequest {
    /// Where the key is looked up.
    pub workspace: Workspace,
    /// What points at it.
    pub selector: Selector,
    /// How long it still works beside its successor; `None` is not at all.
    pub grace: Option<Lifetime>,
    /// When the successor ends; `None` is after a life as long as the old key's,
    /// from when that was added here.
    pub expiry: Option<Expiry>,
    /// Whether to undo it all at the end and hand over no token.
    pub dry_run: bool,
}

/// What a rotation led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The successor.
    pub key: Key,
    /// The key that it replaced, as it is now.
    pub replaced: Key,
    /// Until when the old token is valid, this moment not included.
    pub old_valid_until: Timestamp,
}

impl Registry {
    /// Replaces a key by a successor of the same name, description, access and
    /// scopes, in one transaction. `deliver` gets the successor's token, as in
    /// [`issue`](Self::issue); in a dry run it is not called.
    ///
    /// # Errors
    /// [`Error::NoMatch`], [`Error::Refused`] for a key that is not active or
    /// has a successor already, and for an expiry that the policy does not
    /// allow; [`Error::Delivery`]. Nothing was changed then.
    /// [`Error::NotSaved`]: the token was delivered and is not valid.
    pub fn rotate(
        &mut self,
        request: &RotateRequest,
        now: Timestamp,
        mut deliver: impl FnMut(&Rotation, &Token) -> io::Result<()>,
    ) -> Result<Rotation, Error> {
        // Once the token is delivered, nothing is tried again.
        attempt(now, |now| self.replace_one(request, now, &mut deliver))
    }

    fn replace_one(
        &mut self,
        request: &RotateRequest,
        now: Timestamp,
        deliver: &mut impl FnMut(&Rotation, &Token) -> io::Result<()>,
    ) -> Result<Rotation, Error> {
        let id = KeyId::generate()?;
        let (mut tx, now) = begin(self.store.as_mut(), now)?;
        let old = resolve(tx.as_ref(), &request.workspace, &request.selector, now)?;
        let token = Token::generate(old.access.kind())?;
        let successor = Successor {
            id,
            token: &token,
            actor: &self.actor,
        };
        let terms = Terms {
            grace: request.grace,
            expiry: request.expiry,
            added_at: added_at(tx.as_ref(), &old)?,
        };
        let rotation = plan(&old, successor, terms, &tx.policy()?, now)?;
        apply(tx.as_mut(), &self.actor, now, &rotation.changes(old, None))?;
        if request.dry_run {
            return Ok(rotation);
        }
        deliver(&rotation, &token).map_err(Error::Delivery)?;
        commit_delivered(tx)?;
        Ok(rotation)
    }
}

impl Rotation {
    /// What is to be written of it: `old` is the replaced key as it was.
    pub(super) fn changes(&self, old: Key, reason: Option<&Remark>) -> [Change; 2] {
        [
            Change::Issued(self.key.clone()),
            Change::Updated {
                action: Action::Rotated,
                before: old,
                after: self.replaced.clone(),
                // A key that ends at once has it in its row.
                reason: reason
                    .filter(|_| self.replaced.revoked_at.is_none())
                    .cloned(),
            },
        ]
    }
}

/// What the new key does not take over from the old one.
pub(super) struct Successor<'a> {
    pub(super) id: KeyId,
    pub(super) token: &'a Token,
    pub(super) actor: &'a Actor,
}

/// When the old key and its successor end; see [`RotateRequest`].
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) grace: Option<Lifetime>,
    pub(super) expiry: Option<Expiry>,
    /// Since when the old key has been here. Its life is counted from then: for
    /// one that was issued elsewhere, years before, an end was set here.
    pub(super) added_at: Timestamp,
}

/// Since when a key has been in this store.
pub(super) fn added_at(tx: &dyn Tx, key: &Key) -> Result<Timestamp, StoreError> {
    let added = first_event(tx, &key.id)?;
    Ok(added.map_or(key.created_at, |event| event.entry.at))
}

pub(super) fn plan(
    old: &Key,
    successor: Successor<'_>,
    terms: Terms,
    policy: &Policy,
    now: Timestamp,
) -> Result<Rotation, Refusal> {
    check_rotatable(old, now)?;
    // No limit is asked: the successor counts, and the old key no longer does.
    let life = old.expires_at.map(|end| life(terms.added_at, end));
    let expiry = terms
        .expiry
        .unwrap_or(life.map_or(Expiry::Never, Expiry::After));
    let expires_at = policy.resolve_expiry(Some(expiry), now)?;
    let key = Key {
        id: successor.id,
        digest: successor.token.digest(),
        masked_token: successor.token.mask(),
        created_at: now,
        created_by: successor.actor.clone(),
        expires_at,
        last_used_at: None,
        replaces: Some(old.id.clone()),
        ..old.clone()
    };
    let replaced = Key {
        replaced_by: Some(key.id.clone()),
        ..old.clone()
    };
    let grace = terms.grace.unwrap_or(Lifetime::from_seconds(0));
    let end = now.checked_add(grace).unwrap_or(Timestamp::MAX);
    let old_valid_until = old.expires_at.map_or(end, |at| at.min(end));
    let replaced = if old_valid_until > now {
        Key {
            expires_at: Some(old_valid_until),
            ..replaced
        }
    } else {
        Key {
            revoked_at: Some(now),
            revoke_reason: Some(reason()),
            ..replaced
        }
    };
    Ok(Rotation {
        key,
        replaced,
        old_valid_until,
    })
}

fn check_rotatable(key: &Key, now: Timestamp) -> Result<(), Refusal> {
    let action = Action::Rotated;
    if let Some(successor) = &key.replaced_by {
        return Err(Refusal::Replaced {
            id: key.id.clone(),
            successor: successor.clone(),
            action,
        });
    }
    match key.status(now) {
        Status::Active => Ok(()),
        status @ (Status::Disabled | Status::Expired | Status::Revoked) => Err(Refusal::Unfit {
            id: key.id.clone(),
            status,
            action,
        }),
    }
}

fn life(start: Timestamp, end: Timestamp) -> Lifetime {
    Lifetime::from_seconds(u64::try_from(end.seconds_since(start)).unwrap_or(0))
}

fn reason() -> Remark {
    let reason = Action::Rotated.as_str().parse();
    reason.expect("the name of an action is a remark")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, sample_key};

    const NOW: i64 = 10_000;

    fn planned(old: &Key, grace: Option<&str>, expires: Option<&str>) -> Result<Rotation, Refusal> {
        let terms = Terms {
            grace: grace.map(|text| text.parse().unwrap()),
            expiry: expires.map(|text| text.parse().unwrap()),
            added_at: Timestamp::from_unix(1_000).unwrap(),
        };
        let policy = Policy {
            max_expiry: expires.map(|_| Lifetime::from_seconds(500)),
            ..Policy::default()
        };
        let successor = Successor {
            id: KeyId::generate().unwrap(),
            token: &Token::generate(Kind::Dataset).unwrap(),
            actor: &"bob".parse().unwrap(),
        };
        let now = Timestamp::from_unix(NOW).unwrap();
        plan(old, successor, terms, &policy, now)
    }

    #[test]
    fn the_successor_takes_over_and_the_old_key_ends() {
        let at = Timestamp::from_unix;
        // It is here since 1,000: old expiry, grace, expiry asked for; the
        // successor's expiry, whether the old one is revoked, and its end
        let cases = [
            (None, None, None, None, true, NOW),
            (None, Some("0s"), None, None, true, NOW),
            (None, Some("1h"), None, None, false, NOW + 3_600),
            (Some(12_000), None, None, at(NOW + 11_000), true, NOW),
            (
                Some(12_000),
                Some("1h"),
                None,
                at(NOW + 11_000),
                false,
                12_000,
            ),
            (
                Some(12_000),
                Some("60s"),
                None,
                at(NOW + 11_000),
                false,
                NOW + 60,
            ),
            (
                Some(12_000),
                Some("9000y"),
                None,
                at(NOW + 11_000),
                false,
                12_000,
            ),
            (None, None, Some("500s"), at(NOW + 500), true, NOW),
            (
                None,
                Some("9000y"),
                None,
                None,
                false,
                Timestamp::MAX.as_unix(),
            ),
        ];
        for (old_expiry, grace, expires, expires_at, is_revoked, end) in cases {
            let old = Key {
                name: Some("ci".parse().unwrap()),
                description: Some("why".parse().unwrap()),
                scopes: "read".parse().unwrap(),
                expires_at: old_expiry.and_then(at),
                last_used_at: at(9_000),
                // Elsewhere it began before.
                created_at: at(0).unwrap(),
                replaces: Some(KeyId::generate().unwrap()),
                ..sample_key()
            };
            let Rotation {
                key,
                replaced,
                old_valid_until,
            } = planned(&old, grace, expires).unwrap();
            let taken_over = Key {
                id: key.id.clone(),
                digest: key.digest.clone(),
                masked_token: key.masked_token.clone(),
                created_at: at(NOW).unwrap(),
                created_by: "bob".parse().unwrap(),
                expires_at,
                last_used_at: None,
                replaces: Some(old.id.clone()),
                ..old.clone()
            };
            assert_eq!(key, taken_over);
            assert_ne!(key.digest, old.digest);
            let ended = Key {
                replaced_by: Some(key.id.clone()),
                expires_at: if is_revoked { old.expires_at } else { at(end) },
                revoked_at: is_revoked.then(|| at(NOW).unwrap()),
                revoke_reason: is_revoked.then(reason),
                ..old
            };
            assert_eq!(replaced, ended, "{grace:?}");
            assert_eq!(Some(old_valid_until), at(end));
            assert!(!replaced.is_live(at(NOW).unwrap()));
        }
    }

    #[test]
    fn what_may_not_be_is_refused() {
        let at = Timestamp::from_unix;
        let key = sample_key();
        let successor = KeyId::generate().unwrap();
        let action = Action::Rotated;
        let unfit = |status| Refusal::Unfit {
            id: key.id.clone(),
            status,
            action,
        };
        let replaced = Refusal::Replaced {
            id: key.id.clone(),
            successor: successor.clone(),
            action,
        };
        let max = Lifetime::from_seconds(500);
        let base = || key.clone();
        let cases = [
            (
                Key {
                    revoked_at: at(5),
                    ..base()
                },
                None,
                unfit(Status::Revoked),
            ),
            (
                Key {
                    disabled_at: at(5),
                    ..base()
                },
                None,
                unfit(Status::Disabled),
            ),
            (
                Key {
                    expires_at: at(NOW),
                    ..base()
                },
                None,
                unfit(Status::Expired),
            ),
            (
                Key {
                    replaced_by: Some(successor.clone()),
                    ..base()
                },
                None,
                replaced.clone(),
            ),
            (
                Key {
                    replaced_by: Some(successor),
                    revoked_at: at(5),
                    ..base()
                },
                None,
                replaced,
            ),
            (
                base(),
                Some("never"),
                Refusal::ExpiryBeyondPolicy { at: None, max },
            ),
            (
                base(),
                Some("501s"),
                Refusal::ExpiryBeyondPolicy {
                    at: at(NOW + 501),
                    max,
                },
            ),
        ];
        for (old, expires, expected) in cases {
            assert_eq!(planned(&old, None, expires), Err(expected));
        }
    }
}
