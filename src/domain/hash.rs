//! Hashes over fields, for the log and the rows it speaks of.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::error::Invalid;

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

/// Read from 64 hexadecimal digits of either case.
impl FromStr for EventHash {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<EventHash, Invalid> {
        let invalid = || Invalid::new("a hash is 64 hexadecimal digits");
        // `from_str_radix` would take "+5".
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| invalid())?;
        }
        Ok(EventHash(bytes))
    }
}

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventHash({self})")
    }
}

/// SHA-256 of what is stored of a key, or of the policy; see
/// [`Key::row_digest`](super::Key::row_digest) and
/// [`Policy::row_digest`](super::Policy::row_digest).
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

/// Room for the fields of most keys and events.
const USUAL_LEN: usize = 512;

/// Hashes fields so that no two lists of fields give the same bytes. They are put
/// together first: to hash each by itself took longer than to hash them all.
pub(super) struct Fields(Vec<u8>);

impl Fields {
    pub(super) fn new(label: &[u8]) -> Fields {
        let mut bytes = Vec::with_capacity(USUAL_LEN);
        bytes.extend_from_slice(label);
        Fields(bytes)
    }

    pub(super) fn bytes(mut self, field: Option<&[u8]>) -> Fields {
        match field {
            Some(bytes) => self.push(bytes),
            None => self.0.extend_from_slice(&u64::MAX.to_be_bytes()),
        }
        self
    }

    fn push(&mut self, bytes: &[u8]) {
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn number(self, field: Option<i64>) -> Fields {
        self.bytes(
            field
                .map(i64::to_be_bytes)
                .as_ref()
                .map(<[u8; 8]>::as_slice),
        )
    }

    pub(super) fn text(self, field: Option<&str>) -> Fields {
        self.bytes(field.map(str::as_bytes))
    }

    /// One field that holds a list: its items, each written as a field is.
    pub(super) fn list<'a>(mut self, items: impl Iterator<Item = &'a str> + Clone) -> Fields {
        let len = |item: &str| item.len() as u64 + 8;
        let all: u64 = items.clone().map(len).sum();
        self.0.extend_from_slice(&all.to_be_bytes());
        for item in items {
            self.push(item.as_bytes());
        }
        self
    }

    pub(super) fn finish(self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// 32 bytes as 64 hexadecimal digits, lower case.
pub(super) fn hex(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_read_as_they_are_shown() {
        let hash = EventHash::from_bytes(std::array::from_fn(|i| (i * 8) as u8));
        let shown = hash.to_string();
        assert_eq!(shown.parse(), Ok(hash.clone()));
        assert_eq!(format!("{hash:?}"), format!("EventHash({shown})"));
        assert_eq!(shown.to_uppercase().parse(), Ok(hash));
        for text in [
            "",
            "00",
            &shown[1..],
            &shown.replacen("00", "+0", 1),
            &shown.replacen('0', "é", 1),
        ] {
            assert!(text.parse::<EventHash>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn absent_and_empty_differ_and_fields_cannot_run_together() {
        let digest = |fields: Fields| fields.finish();
        let new = || Fields::new(b"");
        assert_ne!(digest(new().text(None)), digest(new().text(Some(""))));
        assert_ne!(
            digest(new().text(Some("ab")).text(Some("c"))),
            digest(new().text(Some("a")).text(Some("bc")))
        );
        let list = |items: &[&str]| digest(new().list(items.iter().copied()));
        assert_ne!(list(&["ab"]), list(&["a", "b"]));
    }
}
