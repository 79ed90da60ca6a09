//! What a key may do.

use std::fmt;
use std::str::FromStr;

use super::error::Invalid;
use super::name::{check_no_token, check_word};

/// One scope: `full`, or a name such as `datasets:read`. 1 to 64 of
/// `A-Za-z0-9._:-`, the first a letter or digit.
///
/// Scopes match exactly, letter for letter: there are no wildcards and no
/// hierarchy, so that what a key may do can be read off its list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// The scope above all others.
    pub fn full() -> Scope {
        Scope("full".to_owned())
    }

    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Scope, Invalid> {
        check_word("a scope", text, 64, "._:-")?;
        check_no_token("a scope", text)?;
        Ok(Scope(text.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The scopes of a key: one at least, sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// These scopes, or `None` if there is none: a key that may do nothing is a
    /// mistake.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Scopes> {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        (!scopes.is_empty()).then_some(Scopes(scopes))
    }

    /// `full` alone.
    pub fn full() -> Scopes {
        Scopes(vec![Scope::full()])
    }

    /// Whether a request that needs `scope` is allowed.
    pub fn allow(&self, scope: &Scope) -> bool {
        self.0
            .iter()
            .any(|held| held.as_str() == "full" || held == scope)
    }

    /// These scopes and `added`, without `removed`; `None` if none is left.
    pub fn changed(&self, added: &[Scope], removed: &[Scope]) -> Option<Scopes> {
        let held = self.0.iter().chain(added);
        Scopes::new(held.filter(|scope| !removed.contains(scope)).cloned())
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> + Clone {
        self.0.iter()
    }
}

/// As RFC 6749 section 3.3 writes a list of scopes: one space between each.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Scopes, Invalid> {
        let mut scopes = Vec::with_capacity(1);
        for scope in text.split(' ') {
            scopes.push(scope.parse()?);
        }
        Scopes::new(scopes).ok_or_else(|| Invalid::new("a key has one scope at least"))
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
        assert!(Scopes::new([]).is_none());
        for text in ["", " ", "a  b", "a,b", "*", "a:*"] {
            assert!(text.parse::<Scopes>().is_err(), "{text:?}");
        }
        assert!("s".repeat(64).parse::<Scope>().is_ok());
        assert!("s".repeat(65).parse::<Scope>().is_err());
    }
}
