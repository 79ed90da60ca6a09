//! One finding of a report, whoever wrote it.

use std::fmt;

use zeroize::Zeroizing;

use crate::domain::Digest;

/// What a scanner found, as far as its report tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the report, from 1, where the finding begins.
    pub line: u64,
    /// The scanner's rule, or its kind of secret, as the scanner calls it.
    pub rule: Option<String>,
    /// Where the secret stands.
    pub place: Option<Place>,
    /// What the report shows of it.
    pub secret: Secret,
    /// The hash of the secret, if the report has one that everybody can compute.
    pub hash: Option<Hash>,
}

/// Where a secret stands, in words of whoever wrote the report: a path that may
/// be anything, and leads nowhere until it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, mostly relative to what was scanned.
    pub path: String,
    /// The line that it begins in, from 1.
    pub line: Option<u64>,
    /// The line that it ends in, if the report says so.
    pub end_line: Option<u64>,
    /// Where in the line the match begins, which may be before the secret itself.
    /// Scanners count from 0 or from 1, characters or bytes.
    pub column: Option<u64>,
    /// The commit.
    pub commit: Option<String>,
}

/// What a report shows of a secret. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// All of it, perhaps with what stands around it.
    Shown(Zeroizing<String>),
    /// A part, with dots or asterisks for the rest. It proves nothing.
    Partly(String),
    /// Nothing.
    Hidden,
}

impl Secret {
    /// Tells what a scanner wrote in the place of a secret from the secret.
    ///
    /// gitleaks and betterleaks write `REDACTED`, or the beginning and three dots;
    /// kingfisher writes `[REDACTED:` and 8 digits of a hash salted anew in every
    /// run; asterisks are everybody's.
    pub(super) fn of(text: Option<Zeroizing<String>>) -> Secret {
        let Some(text) = text else {
            return Secret::Hidden;
        };
        let is_filler = |c: char| matches!(c, '*' | '.' | '…' | '•' | ' ');
        if text.is_empty()
            || text.chars().all(is_filler)
            || is_placeholder(&text)
            || is_salted_hash(&text)
        {
            return Secret::Hidden;
        }
        if ["...", "***", "…"]
            .iter()
            .any(|filler| text.contains(filler))
        {
            return Secret::Partly(text.to_string());
        }
        Secret::Shown(text)
    }
}

/// Whether this is one of the words that stand for a secret, whatever stands
/// around it: `[REDACTED]`, `<masked>`, `key="REDACTED"`, `xxxxxxxx`.
fn is_placeholder(text: &str) -> bool {
    let word = text.rsplit(['=', ':']).next().unwrap_or(text);
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let word = word.to_ascii_lowercase();
    let words = ["redacted", "masked", "hidden", "removed", "secret"];
    words.contains(&word.as_str()) || (word.len() > 2 && word.bytes().all(|byte| byte == b'x'))
}

fn is_salted_hash(text: &str) -> bool {
    text.strip_prefix("[REDACTED:")
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Secret::Shown(_) => "Shown(..)",
            Secret::Partly(_) => "Partly(..)",
            Secret::Hidden => "Hidden",
        })
    }
}

/// A hash of a secret. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256, which is what the store has of a token.
    Sha256(Digest),
    /// SHA-1.
    Sha1([u8; 20]),
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hash::Sha256(_) => "Sha256(..)",
            Hash::Sha1(_) => "Sha1(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_for_a_secret_is_told_from_one() {
        let token = "app-0123456789ABCDEFGHIJKLNF";
        let shown = |text: &str| Secret::Shown(Zeroizing::new(text.to_owned()));
        let partly = |text: &str| Secret::Partly(text.to_owned());
        let cases = [
            (token, shown(token)),
            ("key = \"REDACTED key\"", shown("key = \"REDACTED key\"")),
            ("key = \"REDACTED\"", Secret::Hidden),
            ("[MASKED]", Secret::Hidden),
            ("<redacted> ", Secret::Hidden),
            ("xxxxxxxx", Secret::Hidden),
            ("x", shown("x")),
            ("[REDACTED:x]", shown("[REDACTED:x]")),
            ("*", Secret::Hidden),
            ("", Secret::Hidden),
            ("REDACTED", Secret::Hidden),
            ("redacted", Secret::Hidden),
            ("...", Secret::Hidden),
            ("********", Secret::Hidden),
            ("[REDACTED:10a43d86]", Secret::Hidden),
            ("app-012345...", partly("app-012345...")),
            ("app-0...KLNF", partly("app-0...KLNF")),
            ("app-****KLNF", partly("app-****KLNF")),
            ("app-0…", partly("app-0…")),
        ];
        for (text, secret) in cases {
            let told = Secret::of(Some(Zeroizing::new(text.to_owned())));
            assert!(told == secret, "{text}: {told:?}");
        }
        assert_eq!(Secret::of(None), Secret::Hidden);
    }

    #[test]
    fn nothing_of_a_secret_is_in_debug_output() {
        let finding = Finding {
            line: 1,
            rule: Some("r".to_owned()),
            place: None,
            secret: Secret::Shown(Zeroizing::new("app-0123456789".to_owned())),
            hash: Some(Hash::Sha1([7; 20])),
        };
        assert_eq!(
            format!("{finding:?} {:?}", Secret::Partly("app-0...".to_owned())),
            "Finding { line: 1, rule: Some(\"r\"), place: None, secret: Shown(..), \
             hash: Some(Sha1(..)) } Partly(..)"
        );
    }
}
