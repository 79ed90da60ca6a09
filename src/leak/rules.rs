//! Rules that make other scanners find the tokens issued here.
//!
//! Each is a file of its own, in the scanner's syntax, to be used as it stands.
//! The pattern is the same everywhere: a prefix, a hyphen and 24 letters and
//! digits, without look-around, which most of these engines do not have, and
//! without a group that captures, which some of them report in place of the
//! whole. Whether the check characters fit is left to who reads the report.

use std::fmt;
use std::str::FromStr;

use crate::domain::Invalid;

/// What the rule is called, in the scanners' reports too.
pub const RULE_ID: &str = "keyctl-token";

/// A scanner that a rule is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanner {
    /// <https://github.com/gitleaks/gitleaks>
    Gitleaks,
    /// <https://github.com/betterleaks/betterleaks>
    Betterleaks,
    /// <https://github.com/mongodb/kingfisher>
    Kingfisher,
    /// <https://github.com/trufflesecurity/trufflehog>
    Trufflehog,
    /// <https://github.com/Yelp/detect-secrets>
    DetectSecrets,
    /// GitHub's secret scanning, which takes custom patterns.
    Github,
}

impl Scanner {
    /// All of them.
    pub const ALL: [Scanner; 6] = [
        Scanner::Gitleaks,
        Scanner::Betterleaks,
        Scanner::Kingfisher,
        Scanner::Trufflehog,
        Scanner::DetectSecrets,
        Scanner::Github,
    ];

    /// Its name, as its command is called.
    pub fn as_str(self) -> &'static str {
        match self {
            Scanner::Gitleaks => "gitleaks",
            Scanner::Betterleaks => "betterleaks",
            Scanner::Kingfisher => "kingfisher",
            Scanner::Trufflehog => "trufflehog",
            Scanner::DetectSecrets => "detect-secrets",
            Scanner::Github => "github",
        }
    }

    /// The rule: the text of a whole file, whose first lines say how to use it.
    ///
    /// ```
    /// use keyctl::leak::rules::Scanner;
    ///
    /// let scanner: Scanner = "gitleaks".parse()?;
    /// assert!(scanner.rule().contains("[[rules]]"));
    /// # Ok::<(), keyctl::Invalid>(())
    /// ```
    pub fn rule(self) -> &'static str {
        match self {
            Scanner::Gitleaks => include_str!("rules/gitleaks.toml"),
            Scanner::Betterleaks => include_str!("rules/betterleaks.toml"),
            Scanner::Kingfisher => include_str!("rules/kingfisher.yaml"),
            Scanner::Trufflehog => include_str!("rules/trufflehog.yaml"),
            Scanner::DetectSecrets => include_str!("rules/detect-secrets.py"),
            Scanner::Github => include_str!("rules/github.txt"),
        }
    }
}

impl fmt::Display for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scanner {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Scanner, Invalid> {
        let known = |scanner: &Scanner| scanner.as_str() == text;
        let names = Scanner::ALL.map(Scanner::as_str).join(", ");
        Scanner::ALL
            .into_iter()
            .find(known)
            .ok_or_else(|| Invalid::new(format!("a scanner is one of {names}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, Token};
    use regex::Regex;

    /// The pattern, taken out of the file by what stands around it there.
    fn pattern(scanner: Scanner) -> Regex {
        let (before, after) = match scanner {
            Scanner::Gitleaks | Scanner::Betterleaks => ("\nregex = '''", "'''\n"),
            Scanner::Kingfisher => ("\n    pattern: '", "'\n"),
            Scanner::Trufflehog => ("\n      token: '", "'\n"),
            Scanner::DetectSecrets => ("re.compile(r\"", "\")"),
            Scanner::Github => ("\nSecret format: ", "\n"),
        };
        let (_, rest) = scanner.rule().split_once(before).unwrap();
        let (pattern, _) = rest.split_once(after).unwrap();
        Regex::new(pattern).unwrap()
    }

    #[test]
    fn patterns_match_whole_tokens_and_no_near_misses() {
        for scanner in Scanner::ALL {
            let pattern = pattern(scanner);
            // A group would be reported in place of the token.
            assert_eq!(pattern.captures_len(), 1, "{scanner}");
            for kind in [Kind::App, Kind::Dataset].repeat(200) {
                let token = Token::generate(kind).unwrap();
                let text = token.expose();
                for line in [
                    text.to_owned(),
                    format!("key=\"{text}\";"),
                    format!("x{text}"),
                ] {
                    let found = pattern.find(&line).map(|found| found.as_str());
                    assert!(found == Some(text), "{scanner}");
                }
                let short = &text[..text.len() - 1];
                let near_misses = [
                    short.to_owned(),
                    format!("{short}-"),
                    text.replacen('-', "_", 1),
                    text.replacen('-', "s-", 1),
                    format!("{}+{}", &text[..20], &text[21..]),
                    text[1..].to_owned(),
                ];
                for (number, near_miss) in near_misses.iter().enumerate() {
                    assert!(!pattern.is_match(near_miss), "{scanner}: {number}");
                }
            }
        }
    }

    #[test]
    fn files_begin_with_how_to_use_them_and_name_the_rule() {
        for scanner in Scanner::ALL {
            let rule = scanner.rule();
            assert!(rule.starts_with("# "), "{scanner}");
            assert!(rule.contains("\n#   keyctl revoke --leaked report."));
            if scanner != Scanner::Github {
                assert!(rule.contains(&format!("\n#   keyctl rules {scanner} > keyctl.")));
            }
            let code: Vec<&str> = rule.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(code.join("\n").contains(RULE_ID), "{scanner}");
            assert!(rule.ends_with('\n') && rule.is_ascii(), "{scanner}");
        }
    }

    #[test]
    fn prefilters_name_both_prefixes() {
        for scanner in [Scanner::Gitleaks, Scanner::Betterleaks, Scanner::Trufflehog] {
            let (_, rest) = scanner
                .rule()
                .split_once("\nkeywords")
                .or_else(|| scanner.rule().split_once("    keywords"))
                .unwrap();
            for kind in [Kind::App, Kind::Dataset] {
                assert!(rest.contains(&format!("{}-", kind.prefix())), "{scanner}");
            }
        }
    }

    #[test]
    fn scanners_are_named_as_they_are_shown() {
        for scanner in Scanner::ALL {
            assert_eq!(scanner.to_string().parse(), Ok(scanner));
        }
        assert!("Gitleaks".parse::<Scanner>().is_err());
        assert!("".parse::<Scanner>().is_err());
    }
}
