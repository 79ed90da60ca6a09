//! What each finding of another scanner's report leads to: a token, a hash of
//! one, or nothing that can be relied on.

mod repository;

use std::cell::RefCell;
use std::io::{self, Read};

use super::content::{Searcher, Sink};
use super::finder::{Finder, Form};
use super::redacted;
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
    Hash(Digest),
    /// It may be a token, and cannot be told.
    Unresolved {
        /// What the report shows, if that is a mask as lists show them.
        masked_token: Option<MaskedToken>,
        /// Why.
        reason: String,
    },
    /// It is something else.
    Other,
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
    let path = redacted(&place.path);
    match place.line {
        Some(line) => format!("{path}:{line}"),
        None => path.into_owned(),
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
    let reason = match (repository, &finding.place) {
        (Some(repository), Some(place)) => match read(finder, finding, place, repository) {
            Ok(claims) => return claims,
            Err(reason) => reason,
        },
        (Some(_), None) => "the report names no place".to_owned(),
        (None, _) => "the report hides the token".to_owned(),
    };
    match &finding.hash {
        Some(Hash::Sha256(digest)) => vec![Claim::Hash(digest.clone())],
        Some(Hash::Sha1(_)) | None => vec![Claim::Unresolved {
            masked_token: mask(&finding.secret),
            reason,
        }],
    }
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

/// What stands before the dots or asterisks.
fn beginning(text: &str) -> &str {
    let is_filler = |c: char| matches!(c, '.' | '*' | '…' | '•');
    text.split(is_filler).next().unwrap_or_default()
}

/// What is left of a secret, if that is a mask as lists show them.
fn mask(secret: &Secret) -> Option<MaskedToken> {
    match secret {
        Secret::Partly(text) => text.parse().ok(),
        Secret::Shown(_) | Secret::Hidden => None,
    }
}

/// What stands at a place of a report: tokens, or something else.
fn read(
    finder: &Finder,
    finding: &Finding,
    place: &Place,
    repository: &Repository,
) -> Result<Vec<Claim>, String> {
    let found = Found::default();
    let mut line_count = 0;
    repository.read(place, &mut |reader| {
        let mut reader = Lines { reader, count: 1 };
        Searcher::new(finder).search("", &mut reader, &found)?;
        line_count = reader.count;
        Ok(())
    })?;
    if place.line.is_some_and(|line| line > line_count) {
        return Err("the file that the report names has changed since".to_owned());
    }
    let hits = found.0.into_inner();
    let agreeing: Vec<&Hit> = hits.iter().filter(|hit| agrees(finding, hit)).collect();
    let is_there = |hit: &&Hit| place.line.is_none_or(|line| line == hit.line);
    if finding.hash.is_some() {
        // The hash tells, wherever in the file the token is by now.
        if agreeing.is_empty()
            && hits
                .iter()
                .filter(is_there)
                .any(|hit| hit.form != Form::Loose)
        {
            return Err("the token at the place that the report names has another hash".to_owned());
        }
        return Ok(claims(agreeing.into_iter()));
    }
    let likely = agreeing.into_iter().filter(|hit| hit.form != Form::Loose);
    Ok(claims(likely.filter(is_there)))
}

fn claims<'h>(hits: impl Iterator<Item = &'h Hit>) -> Vec<Claim> {
    let claims: Vec<Claim> = hits.map(token).collect();
    if claims.is_empty() {
        // Somebody else's secret, as far as the place tells.
        return vec![Claim::Other];
    }
    claims
}

/// Whether a token can be the one that a report hides.
fn agrees(finding: &Finding, hit: &Hit) -> bool {
    let is_begun = match &finding.secret {
        Secret::Partly(text) => hit.token.begins_with(beginning(text)),
        Secret::Shown(_) | Secret::Hidden => true,
    };
    is_begun
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
