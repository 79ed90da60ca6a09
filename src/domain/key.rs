//! The record of a key.

use std::fmt;
use std::str::FromStr;

use super::access::Access;
use super::error::Invalid;
use super::hash::RowDigest;
use super::key_row::KeyRow;
use super::mask::MaskedToken;
use super::name::{Actor, KeyName, Remark, TargetId, Workspace};
use super::policy::LONGEST_INTERVAL;
use super::scope::{Scope, Scopes};
use super::text::Spelt;
use super::time::{Lifetime, Timestamp};
use super::token::{Digest, RandomError, random_base32};

/// A key: everything the store knows of it. Not serialisable on purpose, so
/// that the digest cannot slip into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, for ever.
    pub id: KeyId,
    /// The tenant it belongs to.
    pub workspace: Workspace,
    /// A name for people; not unique.
    pub name: Option<KeyName>,
    /// A remark for people.
    pub description: Option<Remark>,
    /// What it reaches.
    pub access: Access,
    /// What it may do there.
    pub scopes: Scopes,
    /// SHA-256 of its token.
    pub digest: Digest,
    /// What lists show of its token.
    pub masked_token: MaskedToken,
    /// When it was issued.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// From when on it is expired; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// When it was last presented and recognised, to within the policy's
    /// interval. Best effort, and no part of [`row_digest`](Self::row_digest).
    pub last_used_at: Option<Timestamp>,
    /// Since when it is disabled.
    pub disabled_at: Option<Timestamp>,
    /// When it was revoked, for ever.
    pub revoked_at: Option<Timestamp>,
    /// Why, if that was said.
    pub revoke_reason: Option<Remark>,
    /// The key it took over from.
    pub replaces: Option<KeyId>,
    /// The key that took over from it.
    pub replaced_by: Option<KeyId>,
}

impl Key {
    /// Its status at `now`. The strongest word wins: a key that is revoked and
    /// past its expiry is revoked.
    pub fn status(&self, now: Timestamp) -> Status {
        Status::at(now, self.revoked_at, self.disabled_at, self.expires_at)
    }

    /// Whether it counts against a limit at `now`: active or disabled, and not
    /// replaced by a rotation.
    pub fn is_live(&self, now: Timestamp) -> bool {
        match self.status(now) {
            Status::Active | Status::Disabled => self.replaced_by.is_none(),
            Status::Expired | Status::Revoked => false,
        }
    }

    /// Whether it ends by itself, and before `other` does.
    pub fn ends_before(&self, other: &Key) -> bool {
        match (self.expires_at, other.expires_at) {
            (Some(end), Some(other)) => end < other,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Whether no use was recorded, or can have been left out, for this long.
    /// Between two recorded uses there may be others, up to the interval that
    /// the policy had then, which is a day at most; a key that was never used
    /// counts from its issue.
    pub fn is_unused_for(&self, length: Lifetime, now: Timestamp) -> bool {
        is_unused_for(self.created_at, self.last_used_at, length, now)
    }

    /// SHA-256 of the whole record, last use left out: the audit log keeps it
    /// with each change, so that a row altered behind keyctl's back is found.
    ///
    /// The bytes: `"keyctl/key/v1\0"`, then each field in the order of this
    /// struct as [`Entry::hash_after`](super::Entry::hash_after) writes fields; times are
    /// 8 bytes big-endian of Unix seconds; the access is its type's name, the
    /// list of its datasets, and its app. A list is one field that holds its
    /// items, each written as a field is.
    ///
    /// A vector: the key `key_7h2kq9mzr4twx3bn` of workspace `default`, named `ci`,
    /// bound to `a` and `b`, with scopes `read` and `write`, a token's digest of
    /// 32 bytes 07, the mask `datas...BnVq`, issued at 1000 by `alice` and revoked
    /// at 2000, all else absent, has the digest
    ///
    /// ```text
    /// 77d79f44b82a431c894a3c17877c59687e3aa8c97ef762e996ddede6be17efc8
    /// ```
    pub fn row_digest(&self) -> RowDigest {
        let (access, bound, app) = match &self.access {
            Access::Datasets(bound) => ("datasets", Some(bound.iter()), None),
            Access::AllDatasets => ("all_datasets", None, None),
            Access::App(id) => ("app", None, Some(id.as_str())),
        };
        let time = |at: Option<Timestamp>| at.map(Timestamp::as_unix);
        let row = KeyRow {
            id: self.id.as_str(),
            workspace: self.workspace.as_str(),
            name: self.name.as_ref().map(KeyName::as_str),
            description: self.description.as_ref().map(Remark::as_str),
            access,
            datasets: bound.into_iter().flatten().map(TargetId::as_str),
            app,
            scopes: self.scopes.iter().map(Scope::as_str),
            digest: self.digest.as_bytes(),
            masked_token: self.masked_token.as_str(),
            created_at: self.created_at.as_unix(),
            created_by: self.created_by.as_str(),
            expires_at: time(self.expires_at),
            disabled_at: time(self.disabled_at),
            revoked_at: time(self.revoked_at),
            revoke_reason: self.revoke_reason.as_ref().map(Remark::as_str),
            replaces: self.replaces.as_ref().map(KeyId::as_str),
            replaced_by: self.replaced_by.as_ref().map(KeyId::as_str),
        };
        row.digest()
    }
}

/// The id of a key: `key_` and 16 random characters of Crockford's base32 in
/// lower case, 80 bits. Kept in place: lists and batches hold a great many of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; KeyId::LEN]);

impl KeyId {
    const PREFIX: &str = "key_";
    const RANDOM_LEN: usize = 16;
    const LEN: usize = Self::PREFIX.len() + Self::RANDOM_LEN;
    /// The fewest characters after `key_` that may stand for an id.
    const MIN_PREFIX_LEN: usize = 4;

    /// Draws a new id.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system's generator fails.
    pub fn generate() -> Result<KeyId, RandomError> {
        let text = format!("{}{}", Self::PREFIX, random_base32()?);
        Ok(KeyId::read(&text).expect("an id is drawn from its alphabet"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an id is ASCII")
    }

    fn read(text: &str) -> Option<KeyId> {
        let random = text.strip_prefix(Self::PREFIX)?;
        let bytes = text.as_bytes().try_into().ok()?;
        // Without a way out in the middle, they are looked at all at once.
        let is_drawn = random.bytes().fold(true, |all, byte| all & is_base32(byte));
        is_drawn.then_some(KeyId(bytes))
    }
}

fn is_base32(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z')
}

impl Spelt for KeyId {
    fn is_spelt(&self, text: &str) -> bool {
        self.0 == text.as_bytes()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyId").field(&self.as_str()).finish()
    }
}

impl FromStr for KeyId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<KeyId, Invalid> {
        KeyId::read(text).ok_or_else(|| Invalid::new("a key id is key_ and 16 characters"))
    }
}

/// How people point at a key: by its id, the beginning of its id, or its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// A whole id.
    Id(KeyId),
    /// `key_` and 4 to 15 characters more.
    IdPrefix(String),
    /// A name.
    Name(KeyName),
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Id(id) => id.fmt(f),
            Selector::IdPrefix(prefix) => f.write_str(prefix),
            Selector::Name(name) => name.fmt(f),
        }
    }
}

impl FromStr for Selector {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Selector, Invalid> {
        let Some(random) = text.strip_prefix(KeyId::PREFIX) else {
            return text.parse().map(Selector::Name);
        };
        if !random.bytes().all(is_base32) {
            return Err(Invalid::new(
                "an id has digits and lower-case letters after key_, without i, l, o and u",
            ));
        }
        if let Some(id) = KeyId::read(text) {
            return Ok(Selector::Id(id));
        }
        match random.len() {
            len if len < KeyId::MIN_PREFIX_LEN => Err(Invalid::new(
                "the beginning of an id is key_ and at least 4 more characters",
            )),
            len if len < KeyId::RANDOM_LEN => Ok(Selector::IdPrefix(text.to_owned())),
            _ => Err(Invalid::new("an id has 16 characters after key_")),
        }
    }
}

/// [`Key::is_unused_for`], of a key with these times.
pub(super) fn is_unused_for(
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    length: Lifetime,
    now: Timestamp,
) -> bool {
    let since = match last_used_at {
        Some(at) => at.checked_add(LONGEST_INTERVAL).unwrap_or(Timestamp::MAX),
        None => created_at,
    };
    since <= now.saturating_sub(length)
}

/// What a key is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Active,
    /// It is switched off and can be switched on again.
    Disabled,
    /// Its time is over.
    Expired,
    /// It was ended, for ever.
    Revoked,
}

impl Status {
    /// That of a key with these times.
    pub(super) fn at(
        now: Timestamp,
        revoked_at: Option<Timestamp>,
        disabled_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
    ) -> Status {
        if revoked_at.is_some() {
            Status::Revoked
        } else if disabled_at.is_some() {
            Status::Disabled
        } else if expires_at.is_some_and(|at| at <= now) {
            Status::Expired
        } else {
            Status::Active
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Disabled => "disabled",
            Status::Expired => "expired",
            Status::Revoked => "revoked",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::{Datasets, Kind, Token};

    /// An active key with everything optional left out.
    pub(crate) fn sample_key() -> Key {
        let token = Token::generate(Kind::Dataset).unwrap();
        let dataset = "ds_1".parse().unwrap();
        Key {
            id: KeyId::generate().unwrap(),
            workspace: Workspace::default(),
            name: None,
            description: None,
            access: Access::Datasets(Datasets::new([dataset]).unwrap()),
            scopes: Scopes::full(),
            digest: token.digest(),
            masked_token: token.mask(),
            created_at: Timestamp::from_unix(1_000).unwrap(),
            created_by: "alice".parse().unwrap(),
            expires_at: None,
            last_used_at: None,
            disabled_at: None,
            revoked_at: None,
            revoke_reason: None,
            replaces: None,
            replaced_by: None,
        }
    }

    #[test]
    fn status_is_the_strongest_word_that_holds() {
        let at = |seconds| Timestamp::from_unix(seconds);
        let now = Timestamp::from_unix(2_000).unwrap();
        // revoked_at, disabled_at, expires_at
        let cases = [
            (None, None, None, Status::Active),
            (None, None, at(2_001), Status::Active),
            (None, None, at(2_000), Status::Expired),
            (None, None, at(1_999), Status::Expired),
            (None, at(1_500), at(2_001), Status::Disabled),
            (None, at(1_500), at(1_999), Status::Disabled),
            (at(1_500), None, None, Status::Revoked),
            (at(1_500), at(1_400), at(1_300), Status::Revoked),
        ];
        for (revoked_at, disabled_at, expires_at, expected) in cases {
            let key = Key {
                revoked_at,
                disabled_at,
                expires_at,
                ..sample_key()
            };
            assert_eq!(key.status(now), expected, "{key:?}");
            let live = matches!(expected, Status::Active | Status::Disabled);
            assert_eq!(key.is_live(now), live);
            let replaced = Key {
                replaced_by: Some(KeyId::generate().unwrap()),
                ..key
            };
            assert!(!replaced.is_live(now));
        }
    }

    #[test]
    fn every_status_has_its_word() {
        let words = [
            (Status::Active, "active"),
            (Status::Disabled, "disabled"),
            (Status::Expired, "expired"),
            (Status::Revoked, "revoked"),
        ];
        for (status, word) in words {
            assert_eq!(status.to_string(), word);
        }
    }

    #[test]
    fn a_key_is_unused_only_if_no_use_can_have_been_left_out() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        // Issued at 1,000: last use, length; whether it is at 200,000
        let cases = [
            (None, 199_000, true),
            (None, 199_001, false),
            (Some(100_000), 13_600, true),
            (Some(100_000), 13_601, false),
            (Some(199_999), 0, false),
        ];
        for (last, length, expected) in cases {
            let key = Key {
                last_used_at: last.map(at),
                ..sample_key()
            };
            let length = Lifetime::from_seconds(length);
            assert_eq!(key.is_unused_for(length, at(200_000)), expected, "{last:?}");
        }
    }

    #[test]
    fn selectors_are_ids_prefixes_or_names() {
        let id = |text: &str| Some(Selector::Id(text.parse().unwrap()));
        let prefix = |text: &str| Some(Selector::IdPrefix(text.to_owned()));
        let name = |text: &str| Some(Selector::Name(text.parse().unwrap()));
        let cases = [
            ("key_7h2kq9mzr4twx3bn", id("key_7h2kq9mzr4twx3bn")),
            ("key_7h2kq9mzr4twx3b", prefix("key_7h2kq9mzr4twx3b")),
            ("key_7h2k", prefix("key_7h2k")),
            ("key_7h2", None),
            ("key_", None),
            ("key_7h2kq9mzr4twx3bnn", None),
            ("key_7H2K", None),
            ("key_lou1", None),
            ("ci-deploy", name("ci-deploy")),
            ("7h2kq9mzr4twx3bn", name("7h2kq9mzr4twx3bn")),
            ("", None),
            ("a b", None),
            ("*", None),
        ];
        for (text, expected) in cases {
            let read = text.parse::<Selector>().ok();
            assert_eq!(read, expected, "{text:?}");
            assert!(read.is_none_or(|selector| selector.to_string() == text));
        }
    }

    #[test]
    fn ids_are_read_back_as_they_were_drawn() {
        for _ in 0..200 {
            let id = KeyId::generate().unwrap();
            assert_eq!(id.as_str().parse::<KeyId>(), Ok(id.clone()));
            assert_eq!(id.to_string(), id.as_str());
        }
        assert!("key_7h2k".parse::<KeyId>().is_err());
        assert!("ci".parse::<KeyId>().is_err());
    }

    #[test]
    fn the_bytes_of_a_row_do_not_change() {
        // Computed apart from this code, by hashing the documented bytes in a
        // Python shell. If this fails, existing logs no longer verify.
        let key = Key {
            id: "key_7h2kq9mzr4twx3bn".parse().unwrap(),
            name: Some("ci".parse().unwrap()),
            access: Access::Datasets(
                Datasets::new(["b", "a"].map(|id| id.parse().unwrap())).unwrap(),
            ),
            scopes: "write read".parse().unwrap(),
            digest: Digest::from_bytes([7; 32]),
            masked_token: "datas...BnVq".parse().unwrap(),
            revoked_at: Timestamp::from_unix(2_000),
            ..sample_key()
        };
        let digest = key.row_digest();
        let hex: String = digest
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "77d79f44b82a431c894a3c17877c59687e3aa8c97ef762e996ddede6be17efc8"
        );
    }

    #[test]
    fn the_row_digest_covers_every_field_but_last_use() {
        let key = sample_key();
        let at = Timestamp::from_unix(5);
        let changed: [Key; 16] = [
            Key {
                id: KeyId::generate().unwrap(),
                ..key.clone()
            },
            Key {
                workspace: "other".parse().unwrap(),
                ..key.clone()
            },
            Key {
                name: Some("n".parse().unwrap()),
                ..key.clone()
            },
            Key {
                description: Some("d".parse().unwrap()),
                ..key.clone()
            },
            Key {
                access: Access::AllDatasets,
                ..key.clone()
            },
            Key {
                access: Access::App("ds_1".parse().unwrap()),
                ..key.clone()
            },
            Key {
                scopes: "a".parse().unwrap(),
                ..key.clone()
            },
            Key {
                digest: Digest::from_bytes([7; 32]),
                ..key.clone()
            },
            Key {
                masked_token: "***".parse().unwrap(),
                ..key.clone()
            },
            Key {
                created_at: at.unwrap(),
                ..key.clone()
            },
            Key {
                created_by: "bob".parse().unwrap(),
                ..key.clone()
            },
            Key {
                expires_at: at,
                ..key.clone()
            },
            Key {
                disabled_at: at,
                ..key.clone()
            },
            Key {
                revoked_at: at,
                ..key.clone()
            },
            Key {
                replaces: Some(key.id.clone()),
                ..key.clone()
            },
            Key {
                replaced_by: Some(key.id.clone()),
                ..key.clone()
            },
        ];
        let mut digests: Vec<_> = changed.iter().map(Key::row_digest).collect();
        digests.push(key.row_digest());
        digests.sort_unstable_by_key(|digest| *digest.as_bytes());
        digests.dedup();
        assert_eq!(digests.len(), 17);
        let used = Key {
            last_used_at: at,
            ..key.clone()
        };
        assert_eq!(used.row_digest(), key.row_digest());
    }
}
