//! What of a key is shown among many.

use super::access::Access;
use super::key::{Key, KeyId, Status, is_unused_for};
use super::mask::MaskedToken;
use super::name::KeyName;
use super::scope::Scopes;
use super::time::{Lifetime, Timestamp};

/// A key in outline: what a table or a completion shows of it. Of a million keys in one,
/// the rest is not read. What a field is, [`Key`] tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// [`Key::id`].
    pub id: KeyId,
    /// [`Key::name`].
    pub name: Option<KeyName>,
    /// [`Key::access`].
    pub access: Access,
    /// [`Key::scopes`].
    pub scopes: Scopes,
    /// [`Key::masked_token`].
    pub masked_token: MaskedToken,
    /// [`Key::created_at`].
    pub created_at: Timestamp,
    /// [`Key::expires_at`].
    pub expires_at: Option<Timestamp>,
    /// [`Key::last_used_at`].
    pub last_used_at: Option<Timestamp>,
    /// [`Key::disabled_at`].
    pub disabled_at: Option<Timestamp>,
    /// [`Key::revoked_at`].
    pub revoked_at: Option<Timestamp>,
    /// [`Key::replaced_by`].
    pub replaced_by: Option<KeyId>,
}

impl Outline {
    /// [`Key::status`].
    pub fn status(&self, now: Timestamp) -> Status {
        Status::at(now, self.revoked_at, self.disabled_at, self.expires_at)
    }

    /// [`Key::is_unused_for`].
    pub fn is_unused_for(&self, length: Lifetime, now: Timestamp) -> bool {
        is_unused_for(self.created_at, self.last_used_at, length, now)
    }
}

impl From<Key> for Outline {
    fn from(key: Key) -> Outline {
        Outline {
            id: key.id,
            name: key.name,
            access: key.access,
            scopes: key.scopes,
            masked_token: key.masked_token,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            disabled_at: key.disabled_at,
            revoked_at: key.revoked_at,
            replaced_by: key.replaced_by,
        }
    }
}
