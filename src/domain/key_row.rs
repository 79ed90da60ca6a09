//! What is hashed of a key, in the form in which it is stored.

use super::hash::{Fields, RowDigest};

/// A key as its row has it, last use left out. Its texts are borrowed: an audit hashes
/// each row and keeps none. The fields are those of [`Key`](super::Key), the access in
/// its three columns.
pub(crate) struct KeyRow<'a, D, S> {
    pub(crate) id: &'a str,
    pub(crate) workspace: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) description: Option<&'a str>,
    pub(crate) access: &'a str,
    pub(crate) datasets: D,
    pub(crate) app: Option<&'a str>,
    pub(crate) scopes: S,
    pub(crate) digest: &'a [u8; 32],
    pub(crate) masked_token: &'a str,
    pub(crate) created_at: i64,
    pub(crate) created_by: &'a str,
    pub(crate) expires_at: Option<i64>,
    pub(crate) disabled_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) revoke_reason: Option<&'a str>,
    pub(crate) replaces: Option<&'a str>,
    pub(crate) replaced_by: Option<&'a str>,
}

impl<'a, D, S> KeyRow<'a, D, S>
where
    D: Iterator<Item = &'a str> + Clone,
    S: Iterator<Item = &'a str> + Clone,
{
    /// [`Key::row_digest`](super::Key::row_digest), which tells of the bytes.
    pub(crate) fn digest(self) -> RowDigest {
        let digest = Fields::new(b"keyctl/key/v1\0")
            .text(Some(self.id))
            .text(Some(self.workspace))
            .text(self.name)
            .text(self.description)
            .text(Some(self.access))
            .list(self.datasets)
            .text(self.app)
            .list(self.scopes)
            .bytes(Some(self.digest))
            .text(Some(self.masked_token))
            .number(Some(self.created_at))
            .text(Some(self.created_by))
            .number(self.expires_at)
            .number(self.disabled_at)
            .number(self.revoked_at)
            .text(self.revoke_reason)
            .text(self.replaces)
            .text(self.replaced_by)
            .finish();
        RowDigest::from_bytes(digest)
    }
}
