//! Text that people give: names of keys, workspaces, targets and actors.
//!
//! Each has its own type, so that a workspace cannot be passed for a dataset,
//! and can only be made by its rule. None of them may look like a token: a
//! secret pasted into the wrong field would otherwise be stored and listed.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::lookalike::{find_lookalike, find_token};
use super::text::{Spelt, Text, Word, check_length};

/// The name of a key, chosen by its owner: 1 to 128 of `A-Za-z0-9._-`, the
/// first a letter or digit. It does not begin with `key_`, so that a name is
/// never taken for an id, and does not look like a token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(Text);

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for KeyName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<KeyName, Invalid> {
        static RULE: Word = Word::new("a key name", 128, "._-");
        RULE.check(text)?;
        check_no_token(RULE.what, text)?;
        if text.starts_with("key_") {
            return Err(Invalid::new(
                "a key name does not begin with key_, as ids do",
            ));
        }
        Ok(KeyName(text.into()))
    }
}

impl Spelt for KeyName {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The tenant a key belongs to: 1 to 128 of `A-Za-z0-9._-`, the first a letter
/// or digit. `default` unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workspace(Text);

impl Workspace {
    /// The workspace as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Default for Workspace {
    fn default() -> Workspace {
        Workspace("default".into())
    }
}

impl FromStr for Workspace {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Workspace, Invalid> {
        static RULE: Word = Word::new("a workspace", 128, "._-");
        RULE.check(text)?;
        check_no_token(RULE.what, text)?;
        Ok(Workspace(text.into()))
    }
}

impl Spelt for Workspace {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl fmt::Display for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of a dataset or an app, given out by the service that owns it: 1 to
/// 200 of `A-Za-z0-9._:/@+-`, the first a letter or digit.
///
/// A UUID is kept in its lower-case form (RFC 9562 says it is compared without
/// regard to case); all other ids are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(Text);

impl TargetId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for TargetId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<TargetId, Invalid> {
        static RULE: Word = Word::new("a dataset or app id", 200, "._:/@+-");
        RULE.check(text)?;
        // Ids are the service's, and may be as long as tokens are: only what is
        // a token for certain is refused.
        if find_token(text).is_some() {
            return Err(Invalid::new("a dataset or app id is not a token"));
        }
        Ok(TargetId(if is_uuid(text) {
            text.to_ascii_lowercase().as_str().into()
        } else {
            text.into()
        }))
    }
}

impl Spelt for TargetId {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who did it, for the audit log: 1 to 128 characters, none of them a control
/// character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(Text);

impl Actor {
    /// The actor as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Actor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Actor, Invalid> {
        check_free("an actor", text, 128)?;
        if text.bytes().any(|byte| !matches!(byte, 0x20..=0x7e))
            && text.chars().any(char::is_control)
        {
            return Err(Invalid::new("an actor has no control characters"));
        }
        Ok(Actor(text.into()))
    }
}

impl Spelt for Actor {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A remark for people: the description of a key, the reason of a revocation.
/// 1 to 1,000 characters of any kind save NUL; output escapes what a terminal
/// would obey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark(String);

impl Remark {
    /// The remark as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Remark {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Remark, Invalid> {
        check_free("a remark", text, 1_000)?;
        Ok(Remark(text.to_owned()))
    }
}

impl Spelt for Remark {
    fn is_spelt(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_free(what: &str, text: &str, max: usize) -> Result<(), Invalid> {
    check_length(what, text, max)?;
    if text.contains('\0') {
        return Err(Invalid::new(format!("{what} has no NUL characters")));
    }
    check_no_token(what, text)
}

pub(super) fn check_no_token(what: &str, text: &str) -> Result<(), Invalid> {
    match find_lookalike(text) {
        Some(_) => Err(Invalid::new(format!("{what} does not look like a token"))),
        None => Ok(()),
    }
}

/// Whether this is a UUID in its 8-4-4-4-12 form, of any version.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_keep_to_their_rule() {
        let longest = "n".repeat(128);
        let too_long = "n".repeat(129);
        let cases = [
            ("ci", true),
            ("ci-deploy_2.0", true),
            ("0", true),
            (longest.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            ("-ci", false),
            (".ci", false),
            ("ci deploy", false),
            ("ci\u{1b}[31m", false),
            ("ci\n", false),
            ("clé", false),
            ("key_7h2kq9mzr4twx3bn", false),
            ("key_", false),
            ("keystone", true),
            ("dataset-0123456789abcdefghij", false),
            ("dataset-0123456789abcdefghi", true),
            ("ds-0123456789abcdefghij", false),
            ("app-0123456789abcdefghij", false),
        ];
        for (text, ok) in cases {
            assert_eq!(text.parse::<KeyName>().is_ok(), ok, "{text:?}");
        }
    }

    #[test]
    fn target_ids_take_what_services_give_out() {
        let longest = "d".repeat(200);
        let too_long = "d".repeat(201);
        let cases = [
            ("ds_42", Some("ds_42")),
            ("Org/Set:v1@eu+x.y-z", Some("Org/Set:v1@eu+x.y-z")),
            (
                "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
                Some("6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
            ),
            // Not UUIDs, so their case is their own.
            (
                "6F9619FF-8B86-D011-B42D-00CF4FC964FG",
                Some("6F9619FF-8B86-D011-B42D-00CF4FC964FG"),
            ),
            (
                "6F9619FF8B86D011B42D00CF4FC964FF",
                Some("6F9619FF8B86D011B42D00CF4FC964FF"),
            ),
            (longest.as_str(), Some(longest.as_str())),
            (too_long.as_str(), None),
            (
                "ds-6f9619ff8b86d011b42d00cf4fc964ff",
                Some("ds-6f9619ff8b86d011b42d00cf4fc964ff"),
            ),
            ("app-0123456789ABCDEFGHIJKLNF", None),
            ("", None),
            (" ds", None),
            ("a b", None),
            ("*", None),
        ];
        for (text, kept) in cases {
            let read = text.parse::<TargetId>().ok();
            assert_eq!(read.as_ref().map(TargetId::as_str), kept, "{text:?}");
        }
    }

    #[test]
    fn free_text_has_bounds_and_holds_no_token() {
        assert!("line one\nline two".parse::<Remark>().is_ok());
        assert!("".parse::<Remark>().is_err());
        assert!("é".repeat(1_000).parse::<Remark>().is_ok());
        assert!("é".repeat(1_001).parse::<Remark>().is_err());
        assert!("a\0b".parse::<Remark>().is_err());
        assert!("was app-0123456789ABCDEFGHIJKL".parse::<Remark>().is_err());
        assert!("alice@example.com".parse::<Actor>().is_ok());
        assert!("alice\u{7}".parse::<Actor>().is_err());
    }
}
