//! What of a key a verdict is taken from.

use super::access::{Access, Need};
use super::key::{Key, KeyId, Status};
use super::name::{KeyName, Workspace};
use super::scope::Scopes;
use super::time::Timestamp;
use super::token::Digest;
use super::verdict::{Verdict, decide_by};

/// How a key stands: what a verdict is taken from, and said with it. Of a million
/// keys that are judged in one go, the rest is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub id: KeyId,
    /// The tenant it belongs to.
    pub workspace: Workspace,
    /// What people call it.
    pub name: Option<KeyName>,
    /// What it reaches.
    pub access: Access,
    /// What it may do there.
    pub scopes: Scopes,
    /// SHA-256 of its token.
    pub digest: Digest,
    /// From when on it is expired; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// When it was last presented and recognised, as [`Key::last_used_at`] has it.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is disabled.
    pub disabled_at: Option<Timestamp>,
    /// When it was revoked, for ever.
    pub revoked_at: Option<Timestamp>,
}

impl Standing {
    /// What the holder of the key may do about `need` at `now`: what
    /// [`decide`](super::decide) says of the whole key.
    pub fn decide(&self, need: &Need, now: Timestamp) -> Verdict {
        let status = Status::at(now, self.revoked_at, self.disabled_at, self.expires_at);
        decide_by(status, &self.access, &self.scopes, need)
    }
}

impl From<Key> for Standing {
    fn from(key: Key) -> Standing {
        Standing {
            id: key.id,
            workspace: key.workspace,
            name: key.name,
            access: key.access,
            scopes: key.scopes,
            digest: key.digest,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            disabled_at: key.disabled_at,
            revoked_at: key.revoked_at,
        }
    }
}
