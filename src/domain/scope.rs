//! What a key may do.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::name::check_no_token;
use super::several::Several;
use super::text::{Spelt, Text, Word};

/// One scope: `full`, or a name such as `datasets:read`. 1 to 64 of
/// `A-Za-z0-9._:-`, the first a letter or digit.
///
/// Scopes match exactly, letter for letter: there are no wildcards and no
/// hierarchy, so that what a key may do can be read off its list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(Text);

impl Scope {
    /// The scope above all others.
    pub fn full() -> Scope {
        Scope("full".into())
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Scope, Invalid> {
        static RULE: Word = Word::new("a scope", 64, "._:-");
        RULE.check(text)?;
        check_no_token(RULE.what, text)?;
        Ok(Scope(text.into()))
    }
}

impl Spelt for Scope {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The scopes of a key: one at least, sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Several<Scope>);

impl Scopes {
    /// These scopes, or `None` if there is none: a key that may do nothing is a
    /// mistake.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Scopes> {
        Several::new(scopes).map(Scopes)
    }

    /// `full` alone.
    pub fn full() -> Scopes {
        Scopes(Several::One(Scope::full()))
    }

    /// Whether a request that needs `scope` is allowed.
    pub fn allow(&self, scope: &Scope) -> bool {
        self.iter()
            .any(|held| held.as_str() == "full" || held == scope)
    }

    /// These scopes and `added`, without `removed`; `None` if none is left.
    pub fn changed(&self, added: &[Scope], removed: &[Scope]) -> Option<Scopes> {
        let held = self.iter().chain(added);
        Scopes::new(held.filter(|scope| !removed.contains(scope)).cloned())
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> + Clone {
        self.0.as_slice().iter()
    }
}

/// As RFC 6749 section 3.3 writes a list of scopes: one space between each.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl Spelt for Scopes {
    fn is_spelt(&self, text: &str) -> bool {
        self.0.is_spelt(text)
    }
}

impl FromStr for Scopes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Scopes, Invalid> {
        let scopes = Several::read(text)?;
        let scopes = scopes.ok_or_else(|| Invalid::new("a key has one scope at least"))?;
        Ok(Scopes(scopes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_match_exactly_or_by_full() {
        let cases = [
            ("full", "datasets:read", true),
            ("full", "full", true),
            ("datasets:read", "datasets:read", true),
            ("datasets:read", "datasets:write", false),
            ("datasets:read", "datasets", false),
            ("datasets", "datasets:read", false),
            ("datasets:read", "Datasets:read", false),
            ("datasets:read", "full", false),
            ("datasets:read datasets:write", "datasets:write", true),
            ("Full", "datasets:read", false),
            ("full.x", "datasets:read", false),
        ];
        for (held, needed, allowed) in cases {
            let scopes: Scopes = held.parse().unwrap();
            let needed: Scope = needed.parse().unwrap();
            assert_eq!(scopes.allow(&needed), allowed, "{held:?} for {needed}");
        }
    }

    #[test]
    fn scopes_are_added_and_removed_and_never_all_of_them() {
        // held, added, removed, result
        let cases = [
            ("read", "", "", Some("read")),
            ("read", "write", "", Some("read write")),
            ("read", "read", "", Some("read")),
            ("read write", "", "write", Some("read")),
            ("read", "", "write", Some("read")),
            ("full", "read", "full", Some("read")),
            ("read", "", "read", None),
            ("read", "write", "read write", None),
        ];
        for (held, added, removed, expected) in cases {
            let held: Scopes = held.parse().unwrap();
            let list = |text: &str| -> Vec<Scope> {
                let words = text.split_whitespace();
                words.map(|word| word.parse().unwrap()).collect()
            };
            let changed = held.changed(&list(added), &list(removed));
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(changed, expected, "{held} + {added} - {removed}");
        }
    }

    #[test]
    fn scopes_are_sorted_each_once_and_never_none() {
        let scopes: Scopes = "b a b".parse().unwrap();
        assert_eq!(scopes.to_string(), "a b");
        for (text, is_spelt) in [
            ("a b", true),
            ("b a b", false),
            ("a", false),
            ("a b c", false),
        ] {
            assert_eq!(scopes.is_spelt(text), is_spelt, "{text:?}");
        }
        assert!(Scopes::new([]).is_none());
        for text in ["", " ", "a  b", "a,b", "*", "a:*"] {
            assert!(text.parse::<Scopes>().is_err(), "{text:?}");
        }
        assert!("s".repeat(64).parse::<Scope>().is_ok());
        assert!("s".repeat(65).parse::<Scope>().is_err());
    }
}
