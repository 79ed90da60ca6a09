//! What happened to a store, and the bytes that prove it.
//!
//! Each event's hash covers the hash of the one before it, so that none can be
//! altered, dropped or moved without every later hash being wrong.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::hash::{EventHash, Fields, RowDigest};
use super::key::{Key, KeyId};
use super::name::{Actor, Remark, Workspace};
use super::policy::{Policy, Setting};
use super::time::Timestamp;
use super::token::{RandomError, random_base32};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The store was made.
    StoreCreated,
    /// A key was issued.
    Issued,
    /// A key was revoked.
    Revoked,
    /// A key was disabled.
    Disabled,
    /// A disabled key was enabled again.
    Enabled,
    /// A key was replaced by a successor.
    Rotated,
    /// A key's name, description, expiry or scopes were changed, or it lost a
    /// dataset that is gone.
    Edited,
    /// The record of an ended key was removed.
    Pruned,
    /// A setting of the store's policy was changed.
    PolicyChanged,
}

impl Action {
    /// Every action there is.
    pub const ALL: [Action; 9] = [
        Action::StoreCreated,
        Action::Issued,
        Action::Revoked,
        Action::Disabled,
        Action::Enabled,
        Action::Rotated,
        Action::Edited,
        Action::Pruned,
        Action::PolicyChanged,
    ];

    /// The word for it in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::StoreCreated => "store_created",
            Action::Issued => "issued",
            Action::Revoked => "revoked",
            Action::Disabled => "disabled",
            Action::Enabled => "enabled",
            Action::Rotated => "rotated",
            Action::Edited => "edited",
            Action::Pruned => "pruned",
            Action::PolicyChanged => "policy_changed",
        }
    }
}

impl FromStr for Action {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Action, Invalid> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == text)
            .ok_or_else(|| Invalid::new("not an action of the log"))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One change of a store, and one event of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most changes are updates, and none outlives its call"
)]
pub enum Change {
    /// The store was made.
    StoreCreated,
    /// A key was added.
    Issued(Key),
    /// The row of a key was changed.
    Updated {
        /// What was done to it.
        action: Action,
        /// The row as it was.
        before: Key,
        /// The row as it is now, under the same id.
        after: Key,
        /// Why, where the row has no place for it.
        reason: Option<Remark>,
    },
    /// A key was removed; this is what it was.
    Pruned(Key),
    /// The policy was changed.
    PolicyChanged {
        /// As it was.
        before: Policy,
        /// As it is now.
        after: Policy,
    },
}

/// One field that a change touched, as text for people to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field's name, as documents have it.
    pub field: &'static str,
    /// What it was; `None` is absent.
    pub before: Option<String>,
    /// What it is; `None` is absent.
    pub after: Option<String>,
}

impl Change {
    /// What the log calls it.
    pub fn action(&self) -> Action {
        match self {
            Change::StoreCreated => Action::StoreCreated,
            Change::Issued(_) => Action::Issued,
            Change::Updated { action, .. } => *action,
            Change::Pruned(_) => Action::Pruned,
            Change::PolicyChanged { .. } => Action::PolicyChanged,
        }
    }

    /// The key that it is about.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Change::Issued(key) | Change::Updated { after: key, .. } | Change::Pruned(key) => {
                Some(key)
            }
            Change::StoreCreated | Change::PolicyChanged { .. } => None,
        }
    }

    /// The digest of what is stored after it: of the key's row, or of the
    /// policy; absent where nothing is left.
    pub fn row_digest(&self) -> Option<RowDigest> {
        match self {
            Change::Issued(key) | Change::Updated { after: key, .. } => Some(key.row_digest()),
            Change::PolicyChanged { after, .. } => Some(after.row_digest()),
            Change::StoreCreated | Change::Pruned(_) => None,
        }
    }

    /// The fields that differ, in a fixed order. Never anything of the token.
    pub fn differences(&self) -> Vec<Difference> {
        match self {
            Change::StoreCreated => Vec::new(),
            Change::Issued(key) => differing(readable_fields(None), readable_fields(Some(key))),
            Change::Pruned(key) => differing(readable_fields(Some(key)), readable_fields(None)),
            Change::Updated {
                before,
                after,
                reason,
                ..
            } => {
                let fields = differing(readable_fields(Some(before)), readable_fields(Some(after)));
                let reason = reason.as_ref().map(|reason| Difference {
                    field: "reason",
                    before: None,
                    after: Some(reason.to_string()),
                });
                fields.into_iter().chain(reason).collect()
            }
            Change::PolicyChanged { before, after } => {
                let fields = |policy: &Policy| {
                    Setting::ALL.map(|setting| (setting.field(), Some(policy.value(setting))))
                };
                differing(fields(before), fields(after))
            }
        }
    }
}

type Field = (&'static str, Option<String>);

fn differing<const N: usize>(before: [Field; N], after: [Field; N]) -> Vec<Difference> {
    before
        .into_iter()
        .zip(after)
        .filter(|(before, after)| before != after)
        .map(|((field, before), (_, after))| Difference {
            field,
            before,
            after,
        })
        .collect()
}

/// The fields of a key that an audit log tells of. The id and the workspace
/// stand beside the detail; digest and mask are nobody's business there.
fn readable_fields(key: Option<&Key>) -> [Field; 11] {
    fn text(value: Option<&impl fmt::Display>) -> Option<String> {
        value.map(ToString::to_string)
    }
    [
        ("name", text(key.and_then(|key| key.name.as_ref()))),
        (
            "description",
            text(key.and_then(|key| key.description.as_ref())),
        ),
        ("access", text(key.map(|key| &key.access))),
        ("scopes", text(key.map(|key| &key.scopes))),
        ("created_at", text(key.map(|key| &key.created_at))),
        (
            "expires_at",
            text(key.and_then(|key| key.expires_at.as_ref())),
        ),
        (
            "disabled_at",
            text(key.and_then(|key| key.disabled_at.as_ref())),
        ),
        (
            "revoked_at",
            text(key.and_then(|key| key.revoked_at.as_ref())),
        ),
        (
            "revoke_reason",
            text(key.and_then(|key| key.revoke_reason.as_ref())),
        ),
        ("replaces", text(key.and_then(|key| key.replaces.as_ref()))),
        (
            "replaced_by",
            text(key.and_then(|key| key.replaced_by.as_ref())),
        ),
    ]
}

/// The end of a store's log: what the next event builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The store's own id, so that logs of two stores cannot be mixed.
    pub store_id: String,
    /// The number of the last event; 0 before the first.
    pub seq: i64,
    /// Its hash; absent before the first.
    pub hash: Option<EventHash>,
}

impl Head {
    /// The head of a store that has no events yet, under a new random id:
    /// `store_` and 80 random bits as ids have them.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system's generator fails.
    pub fn of_new_store() -> Result<Head, RandomError> {
        Ok(Head {
            store_id: format!("store_{}", random_base32()?),
            seq: 0,
            hash: None,
        })
    }
}

/// What an event says, before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// Where, unless it concerns the store as a whole.
    pub workspace: Option<Workspace>,
    /// To which key, unless it concerns the store as a whole.
    pub key_id: Option<KeyId>,
    /// [`Change::row_digest`]: of what is stored after the change.
    pub row_digest: Option<RowDigest>,
    /// What changed from what to what: a JSON object, hashed as it stands.
    pub detail: String,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number: 1 for the first, then one more each.
    pub seq: i64,
    /// What it says.
    pub entry: Entry,
    /// SHA-256 over it and the hash before it.
    pub hash: EventHash,
}

impl Event {
    /// The event that follows `head`.
    pub fn next(head: &Head, entry: Entry) -> Event {
        Event {
            seq: head.seq + 1,
            hash: entry.hash_after(head),
            entry,
        }
    }
}

impl Entry {
    /// The hash of an event that says this and follows `head`.
    ///
    /// It is SHA-256 of `"keyctl/audit/v1\0"` and these fields: store id,
    /// sequence number, hash of the event before, time, actor, action,
    /// workspace, key id, row digest, detail. Each is its length as 8 bytes
    /// big-endian and then its bytes; an absent one is the length `2^64 - 1`
    /// and nothing, so that absent and empty differ. Numbers and times are 8
    /// bytes big-endian, times in Unix seconds.
    ///
    /// A vector: event 1 of `store_0123456789abcdef`, at 1767225600, by `alice`,
    /// action `issued`, workspace `default`, key `key_7h2kq9mzr4twx3bn`, a row
    /// digest of 32 bytes 07, and the detail
    /// `{"access":{"from":null,"to":"dataset ds_42"}}` has the hash
    ///
    /// ```text
    /// c801254b8e05014c68fb73561259ad5bae2ace0f6be4a0a39c3cf5489aaa3c69
    /// ```
    ///
    /// and the same after it as event 2, without workspace, key id and row
    /// digest, and with the detail `{}`,
    ///
    /// ```text
    /// 96ffe6af461b7fd6ef4d5d029e085e7155df6d79f21c2810868550ae23e798a3
    /// ```
    pub fn hash_after(&self, head: &Head) -> EventHash {
        let row_digest = self.row_digest.as_ref();
        let hash = Fields::new(b"keyctl/audit/v1\0")
            .text(Some(&head.store_id))
            .bytes(Some(&(head.seq + 1).to_be_bytes()))
            .bytes(head.hash.as_ref().map(|hash| hash.as_bytes().as_slice()))
            .bytes(Some(&self.at.as_unix().to_be_bytes()))
            .text(Some(self.actor.as_str()))
            .text(Some(self.action.as_str()))
            .text(self.workspace.as_ref().map(Workspace::as_str))
            .text(self.key_id.as_ref().map(KeyId::as_str))
            .bytes(row_digest.map(|digest| digest.as_bytes().as_slice()))
            .text(Some(&self.detail))
            .finish();
        EventHash::from_bytes(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key::tests::sample_key;

    fn entry() -> Entry {
        Entry {
            at: Timestamp::from_unix(1_767_225_600).unwrap(),
            actor: "alice".parse().unwrap(),
            action: Action::Issued,
            workspace: Some("default".parse().unwrap()),
            key_id: Some("key_7h2kq9mzr4twx3bn".parse().unwrap()),
            row_digest: Some(RowDigest::from_bytes([7; 32])),
            detail: r#"{"access":{"from":null,"to":"dataset ds_42"}}"#.to_owned(),
        }
    }

    fn head() -> Head {
        Head {
            store_id: "store_0123456789abcdef".to_owned(),
            seq: 0,
            hash: None,
        }
    }

    #[test]
    fn the_canonical_bytes_do_not_change() {
        // Computed apart from this code, by hashing the documented bytes in a
        // Python shell. If this fails, existing logs no longer verify.
        let first = Event::next(&head(), entry());
        assert_eq!(first.seq, 1);
        assert_eq!(
            first.hash.to_string(),
            "c801254b8e05014c68fb73561259ad5bae2ace0f6be4a0a39c3cf5489aaa3c69"
        );
        let second = Event::next(
            &Head {
                seq: first.seq,
                hash: Some(first.hash),
                ..head()
            },
            Entry {
                workspace: None,
                key_id: None,
                row_digest: None,
                detail: "{}".to_owned(),
                ..entry()
            },
        );
        assert_eq!(second.seq, 2);
        assert_eq!(
            second.hash.to_string(),
            "96ffe6af461b7fd6ef4d5d029e085e7155df6d79f21c2810868550ae23e798a3"
        );
    }

    #[test]
    fn every_field_is_in_the_hash() {
        let base = Event::next(&head(), entry()).hash;
        let heads = [
            Head {
                store_id: "store_1".to_owned(),
                ..head()
            },
            Head { seq: 1, ..head() },
            Head {
                hash: Some(EventHash::from_bytes([0; 32])),
                ..head()
            },
        ];
        let entries = [
            Entry {
                at: Timestamp::MIN,
                ..entry()
            },
            Entry {
                actor: "bob".parse().unwrap(),
                ..entry()
            },
            Entry {
                action: Action::Revoked,
                ..entry()
            },
            Entry {
                workspace: Some("other".parse().unwrap()),
                ..entry()
            },
            Entry {
                workspace: None,
                ..entry()
            },
            Entry {
                key_id: None,
                ..entry()
            },
            Entry {
                row_digest: None,
                ..entry()
            },
            Entry {
                detail: String::new(),
                ..entry()
            },
        ];
        for other in heads {
            assert_ne!(Event::next(&other, entry()).hash, base, "{other:?}");
        }
        for other in entries {
            assert_ne!(Event::next(&head(), other.clone()).hash, base, "{other:?}");
        }
    }

    #[test]
    fn differences_name_what_changed_and_nothing_secret() {
        let before = sample_key();
        let after = Key {
            revoked_at: Timestamp::from_unix(60),
            revoke_reason: Some("leaked".parse().unwrap()),
            ..before.clone()
        };
        let issued = Change::Issued(before.clone());
        let fields: Vec<_> = issued.differences().iter().map(|d| d.field).collect();
        assert_eq!(fields, ["access", "scopes", "created_at"]);
        let revoked = Change::Updated {
            action: Action::Revoked,
            before,
            after,
            reason: None,
        };
        assert_eq!(
            revoked.differences(),
            [
                Difference {
                    field: "revoked_at",
                    before: None,
                    after: Some("1970-01-01T00:01:00Z".to_owned()),
                },
                Difference {
                    field: "revoke_reason",
                    before: None,
                    after: Some("leaked".to_owned()),
                },
            ]
        );
    }

    #[test]
    fn actions_are_read_back_by_their_word() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
        }
        assert!("borrowed".parse::<Action>().is_err());
    }
}
