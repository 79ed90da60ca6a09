//! Hashes over fields, for the log and the rows it speaks of.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The hash of an event. `Display` is 64 hexadecimal digits, lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct EventHash([u8; 32]);

impl EventHash {
    /// The 32 bytes, in order.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A hash read back from where it was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> EventHash {
        EventHash(bytes)
    }
}

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventHash({self})")
    }
}

/// SHA-256 of a key's row; see [`Key::row_digest`](super::Key::row_digest).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDigest([u8; 32]);

impl RowDigest {
    /// The 32 bytes, in order.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest read back from where it was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> RowDigest {
        RowDigest(bytes)
    }
}

/// Hashes fields so that no two lists of fields give the same bytes.
pub(super) struct Fields(Sha256);

impl Fields {
    pub(super) fn new(label: &[u8]) -> Fields {
        let mut hasher = Sha256::new();
        hasher.update(label);
        Fields(hasher)
    }

    pub(super) fn bytes(mut self, field: Option<&[u8]>) -> Fields {
        match field {
            Some(bytes) => {
                self.0.update((bytes.len() as u64).to_be_bytes());
                self.0.update(bytes);
            }
            None => self.0.update(u64::MAX.to_be_bytes()),
        }
        self
    }

    pub(super) fn text(self, field: Option<&str>) -> Fields {
        self.bytes(field.map(str::as_bytes))
    }

    /// One field that holds a list: its items, each written as a field is.
    pub(super) fn list(self, items: &[&str]) -> Fields {
        let mut bytes = Vec::new();
        for item in items {
            bytes.extend((item.len() as u64).to_be_bytes());
            bytes.extend(item.as_bytes());
        }
        self.bytes(Some(&bytes))
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_empty_differ_and_fields_cannot_run_together() {
        let digest = |fields: Fields| fields.finish();
        let new = || Fields::new(b"");
        assert_ne!(digest(new().text(None)), digest(new().text(Some(""))));
        assert_ne!(
            digest(new().text(Some("ab")).text(Some("c"))),
            digest(new().text(Some("a")).text(Some("bc")))
        );
        assert_ne!(digest(new().list(&["ab"])), digest(new().list(&["a", "b"])));
    }
}
