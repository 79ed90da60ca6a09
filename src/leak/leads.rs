//! What each finding of another scanner's report leads to: a token, a hash of
//! one, or nothing that can be relied on.

mod repository;

use std::cell::RefCell;
use std::io::{self, Read};

use super::content::{Searcher, Sink};
use super::finder::{Finder, Form};
use super::presentable;
use super::report::{Finding, Hash, Place, Secret};
use super::search::{Hit, Search};
use crate::domain::{Digest, MaskedToken};

pub use repository::Repository;

/// What one finding of a report leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The line of the report, from 1.
    pub line: u64,
    /// Where the report says that the secret stands: `path`, or `path:line`.
    pub place: Option<String>,
    /// What is known of it.
    pub claim: Claim,
}

/// What is known of a secret that a report lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is this token, or what has the form of one: proof.
    Token {
        /// SHA-256 of it.
        digest: Digest,
        /// What may be shown of it.
        masked_token: MaskedToken,
    },
    /// It has this hash, which whoever wrote the report need not have had the
    /// token for.
    Hash {
        /// The hash.
        digest: Digest,
        /// What it is where no key has that hash: unresolved, or something else.
        otherwise: Option<Doubt>,
    },
    /// It may be a token, and cannot be told.
    Unresolved {
        /// What the report shows, if that is a mask as lists show them.
        masked_token: Option<MaskedToken>,
        /// Why.
        doubt: Doubt,
    },
    /// It is something else.
    Other,
}

/// Why something cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// In words.
    pub reason: String,
    /// The tokens at the place that the report names, one of which it may be.
    pub standing: Vec<Digest>,
}

impl Doubt {
    fn new(reason: impl Into<String>) -> Doubt {
        Doubt {
            reason: reason.into(),
            standing: Vec::new(),
        }
    }
}

/// Follows up a finding, into `repository` where the report hides the secret.
pub fn follow(finder: &Finder, finding: &Finding, repository: Option<&Repository>) -> Vec<Lead> {
    let lead = |claim| Lead {
        line: finding.line,
        place: finding.place.as_ref().map(place_text),
        claim,
    };
    let claims = match &finding.secret {
        Secret::Shown(text) => shown(finder, text),
        Secret::Partly(_) | Secret::Hidden => hidden(finder, finding, repository),
    };
    claims.into_iter().map(lead).collect()
}

fn place_text(place: &Place) -> String {
    let path = presentable(&place.path);
    match place.line {
        Some(line) => format!("{path}:{line}"),
        None => path,
    }
}

fn shown(finder: &Finder, text: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut search = Search::new(finder);
    let mut each = |hit: Hit| match hit.form {
        Form::Checked | Form::Classes => claims.push(token(&hit)),
        // What only a store can tell was asked about with the report's bytes.
        Form::Loose => {}
    };
    search.push(text.as_bytes(), &mut each);
    search.finish(&mut each);
    if claims.is_empty() {
        claims.push(Claim::Other);
    }
    claims
}

fn token(hit: &Hit) -> Claim {
    Claim::Token {
        digest: hit.token.digest(),
        masked_token: hit.token.mask(),
    }
}

/// What a report does not show is read where it says that it stands, and has to
/// agree with all that the report tells of it.
fn hidden(finder: &Finder, finding: &Finding, repository: Option<&Repository>) -> Vec<Claim> {
    if !may_be_token(&finding.secret) {
        return vec![Claim::Other];
    }
    let read = match (repository, &finding.place) {
        (Some(repository), Some(place)) => read(finder, finding, place, repository),
        (Some(_), None) => Err("the report names no place".to_owned()),
        (None, _) => Err("the report hides the token".to_owned()),
    };
    let has_sha256 = matches!(finding.hash, Some(Hash::Sha256(_)));
    let doubt = match read {
        Ok(Standing::Tokens(claims)) => return claims,
        Ok(Standing::Others(doubt)) => Some(doubt),
        // Somebody else's secret, unless it was found as one of ours.
        Ok(Standing::Nothing) => {
            is_ours(finding).then(|| Doubt::new("the token is not there any more"))
        }
        // A hash that no key has says as much.
        Err(reason) => (!has_sha256 || is_ours(finding)).then(|| Doubt::new(reason)),
    };
    let claim = match (&finding.hash, doubt) {
        (Some(Hash::Sha256(digest)), otherwise) => Claim::Hash {
            digest: digest.clone(),
            otherwise,
        },
        (Some(Hash::Sha1(_)) | None, Some(doubt)) => Claim::Unresolved {
            masked_token: mask(&finding.secret),
            doubt,
        },
        (Some(Hash::Sha1(_)) | None, None) => Claim::Other,
    };
    vec![claim]
}

/// Whether the rule is one that [`rules`](super::rules) prints.
fn is_ours(finding: &Finding) -> bool {
    let rule = finding.rule.as_deref().unwrap_or_default();
    rule.to_ascii_lowercase().contains("keyctl")
}

/// Whether what is left of a secret can be left of a token.
fn may_be_token(secret: &Secret) -> bool {
    const BEGINNINGS: [&str; 3] = ["app", "dataset-", "ds-"];
    let Secret::Partly(text) = secret else {
        return true;
    };
    let left = beginning(text);
    left.is_empty()
        || BEGINNINGS
            .iter()
            .any(|beginning| left.starts_with(beginning) || beginning.starts_with(left))
}

/// What stands before the dots or asterisks, without a word before it.
fn beginning(text: &str) -> &str {
    let before = text.split(is_filler).next().unwrap_or_default();
    before
        .rsplit([' ', '=', ':', '"', '\''])
        .next()
        .unwrap_or(before)
}

/// What stands behind them.
fn end(text: &str) -> &str {
    text.rsplit(is_filler).next().unwrap_or_default()
}

fn is_filler(c: char) -> bool {
    matches!(c, '.' | '*' | '…' | '•')
}

/// What is left of a secret, if that is a mask as lists show them.
fn mask(secret: &Secret) -> Option<MaskedToken> {
    match secret {
        Secret::Partly(text) => text.parse().ok(),
        Secret::Shown(_) | Secret::Hidden => None,
    }
}

/// What stands at a place of a report.
enum Standing {
    /// Tokens that can be the one that it hides.
    Tokens(Vec<Claim>),
    /// Tokens that cannot, or of which one cannot be told from the other.
    Others(Doubt),
    /// No token at all.
    Nothing,
}

fn read(
    finder: &Finder,
    finding: &Finding,
    place: &Place,
    repository: &Repository,
) -> Result<Standing, String> {
    let found = Found::default();
    let mut line_count = 0;
    repository.read(place, finding.hash.is_some(), &mut |reader| {
        let mut reader = Lines { reader, count: 1 };
        Searcher::new(finder).search("", &mut reader, &found)?;
        line_count = reader.count;
        Ok(())
    })?;
    if place.line.is_some_and(|line| line > line_count) {
        return Err("the file that the report names has changed since".to_owned());
    }
    let hits = found.0.into_inner();
    let is_likely = |hit: &&Hit| hit.form != Form::Loose;
    let is_there = |hit: &&Hit| {
        let end = place.end_line.max(place.line);
        place.line.is_none_or(|line| line <= hit.line) && end.is_none_or(|end| hit.line <= end)
    };
    let standing = hits.iter().filter(is_likely).filter(is_there);
    let agreeing: Vec<&Hit> = match finding.hash {
        // The hash tells, wherever in the file the token is by now.
        Some(_) => hits.iter().filter(|hit| agrees(finding, hit)).collect(),
        None => standing
            .clone()
            .filter(|hit| agrees(finding, hit))
            .collect(),
    };
    let mut distinct: Vec<Claim> = Vec::new();
    for claim in agreeing.into_iter().map(token) {
        if !distinct.contains(&claim) {
            distinct.push(claim);
        }
    }
    let standing: Vec<Digest> = standing.map(|hit| hit.token.digest()).collect();
    let others = |reason: &str, standing| {
        let reason = reason.to_owned();
        Standing::Others(Doubt { reason, standing })
    };
    Ok(match distinct.len() {
        0 if standing.is_empty() => Standing::Nothing,
        0 => others(
            "another token is at the place that the report names",
            standing,
        ),
        1 => Standing::Tokens(distinct),
        // A line that was reported is a leak with all that is on it.
        _ if place.line.is_some() => Standing::Tokens(distinct),
        _ => others(
            "the report names no line, and the file has several tokens",
            standing,
        ),
    })
}

/// Whether a token can be the one that a report hides.
fn agrees(finding: &Finding, hit: &Hit) -> bool {
    let is_left = match &finding.secret {
        Secret::Partly(text) => {
            hit.token.begins_with(beginning(text)) && hit.token.ends_with(end(text))
        }
        Secret::Shown(_) | Secret::Hidden => true,
    };
    is_left
        && match &finding.hash {
            Some(Hash::Sha256(digest)) => hit.token.digest() == *digest,
            Some(Hash::Sha1(hash)) => hit.token.has_sha1(hash),
            None => true,
        }
}

/// A reader that counts lines.
struct Lines<'a> {
    reader: &'a mut dyn Read,
    count: u64,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        self.count += memchr::memchr_iter(b'\n', &buffer[..len]).count() as u64;
        Ok(len)
    }
}

/// What was found in one place.
#[derive(Default)]
struct Found(RefCell<Vec<Hit>>);

impl Sink for Found {
    fn hit(&self, _path: &str, hit: Hit) {
        self.0.borrow_mut().push(hit);
    }

    // What is packed there was not what the report's scanner saw.
    fn unread(&self, _path: &str, _reason: &str) {}
}
