//! What is done to a store, and what it changes.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::event::Head;
use super::hash::{EventHash, RowDigest};
use super::key::Key;
use super::name::Remark;
use super::policy::{Policy, Setting};
use super::text::Spelt;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The store was made.
    StoreCreated,
    /// A key was issued.
    Issued,
    /// A key that was issued elsewhere was taken in.
    Imported,
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
    /// The store became what it was in a backup.
    Restored,
}

impl Action {
    /// Every action there is.
    pub const ALL: [Action; 11] = [
        Action::StoreCreated,
        Action::Issued,
        Action::Imported,
        Action::Revoked,
        Action::Disabled,
        Action::Enabled,
        Action::Rotated,
        Action::Edited,
        Action::Pruned,
        Action::PolicyChanged,
        Action::Restored,
    ];

    /// The word for it in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::StoreCreated => "store_created",
            Action::Issued => "issued",
            Action::Imported => "imported",
            Action::Revoked => "revoked",
            Action::Disabled => "disabled",
            Action::Enabled => "enabled",
            Action::Rotated => "rotated",
            Action::Edited => "edited",
            Action::Pruned => "pruned",
            Action::PolicyChanged => "policy_changed",
            Action::Restored => "restored",
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

impl Spelt for Action {
    fn is_spelt(&self, text: &str) -> bool {
        self.as_str() == text
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
    /// A key that was issued elsewhere was added.
    Imported(Key),
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
    /// The store became what it was in a backup.
    Restored {
        /// The end of the log that was replaced, as far as it could be read.
        before: Option<Head>,
        /// The end of the log of the backup, which this follows.
        after: Head,
        /// Whether it became exactly that, whatever was revoked since.
        exact: bool,
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
            Change::Imported(_) => Action::Imported,
            Change::Updated { action, .. } => *action,
            Change::Pruned(_) => Action::Pruned,
            Change::PolicyChanged { .. } => Action::PolicyChanged,
            Change::Restored { .. } => Action::Restored,
        }
    }

    /// The key that it is about.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Change::Issued(key)
            | Change::Imported(key)
            | Change::Updated { after: key, .. }
            | Change::Pruned(key) => Some(key),
            Change::StoreCreated | Change::PolicyChanged { .. } | Change::Restored { .. } => None,
        }
    }

    /// The digest of what is stored after it: of the key's row, or of the
    /// policy; absent where nothing is left.
    pub fn row_digest(&self) -> Option<RowDigest> {
        match self {
            Change::Issued(key) | Change::Imported(key) | Change::Updated { after: key, .. } => {
                Some(key.row_digest())
            }
            Change::PolicyChanged { after, .. } => Some(after.row_digest()),
            Change::StoreCreated | Change::Pruned(_) | Change::Restored { .. } => None,
        }
    }

    /// The fields that differ, in a fixed order. Never anything of the token.
    pub fn differences(&self) -> Vec<Difference> {
        match self {
            Change::StoreCreated => Vec::new(),
            Change::Issued(key) | Change::Imported(key) => differing_fields(None, Some(key)),
            Change::Pruned(key) => {
                let mut fields = differing_fields(Some(key), None);
                fields.push(Difference {
                    field: TOMBSTONE,
                    before: None,
                    after: Some(key.digest.tombstone()),
                });
                fields
            }
            Change::Updated {
                before,
                after,
                reason,
                ..
            } => {
                let mut fields = differing_fields(Some(before), Some(after));
                fields.extend(differing("reason", None, reason.as_ref()));
                fields
            }
            Change::PolicyChanged { before, after } => {
                let differing = |setting: Setting| {
                    let (before, after) = (before.value(setting), after.value(setting));
                    differing(setting.field(), Some(&before), Some(&after))
                };
                Setting::ALL.into_iter().filter_map(differing).collect()
            }
            Change::Restored {
                before,
                after,
                exact,
            } => differing_heads(before.as_ref(), after, *exact),
        }
    }
}

/// The field of a removed key by which its token is known again; see
/// [`Digest::tombstone`](super::Digest::tombstone).
pub const TOMBSTONE: &str = "tombstone";

/// A field, unless it is the same before and after. Only what differs is written out:
/// of a key that is revoked, two fields of eleven.
fn differing<T: PartialEq + fmt::Display>(
    field: &'static str,
    before: Option<&T>,
    after: Option<&T>,
) -> Option<Difference> {
    (before != after).then(|| Difference {
        field,
        before: before.map(ToString::to_string),
        after: after.map(ToString::to_string),
    })
}

/// The fields of a key that an audit log tells of. The id and the workspace
/// stand beside the detail; digest and mask are nobody's business there.
fn differing_fields(before: Option<&Key>, after: Option<&Key>) -> Vec<Difference> {
    fn of<'a, T: PartialEq + fmt::Display + 'a>(
        field: &'static str,
        (before, after): (Option<&'a Key>, Option<&'a Key>),
        value: impl Fn(&'a Key) -> Option<&'a T>,
    ) -> Option<Difference> {
        differing(field, before.and_then(&value), after.and_then(&value))
    }
    let keys = (before, after);
    [
        of("name", keys, |key| key.name.as_ref()),
        of("description", keys, |key| key.description.as_ref()),
        of("access", keys, |key| Some(&key.access)),
        of("scopes", keys, |key| Some(&key.scopes)),
        of("created_at", keys, |key| Some(&key.created_at)),
        of("expires_at", keys, |key| key.expires_at.as_ref()),
        of("disabled_at", keys, |key| key.disabled_at.as_ref()),
        of("revoked_at", keys, |key| key.revoked_at.as_ref()),
        of("revoke_reason", keys, |key| key.revoke_reason.as_ref()),
        of("replaces", keys, |key| key.replaces.as_ref()),
        of("replaced_by", keys, |key| key.replaced_by.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn differing_heads(before: Option<&Head>, after: &Head, exact: bool) -> Vec<Difference> {
    fn hash(head: &Head) -> Option<&EventHash> {
        head.hash.as_ref()
    }
    [
        differing("events", before.map(|head| &head.seq), Some(&after.seq)),
        differing("exact", None, exact.then_some(&true)),
        differing("head", before.and_then(hash), hash(after)),
        differing(
            "store",
            before.map(|head| &head.store_id),
            Some(&after.store_id),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Timestamp, sample_key};

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
            assert_eq!(action.to_string().parse(), Ok(action));
        }
        assert!("borrowed".parse::<Action>().is_err());
    }
}
