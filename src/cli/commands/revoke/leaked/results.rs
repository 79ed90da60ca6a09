//! What became of each token that leaked.

use keyctl::Key;
use keyctl::domain::{Digest, MaskedToken};
use keyctl::leak::leads::Doubt;
use keyctl::ops::{Leak, LeakedKey, Outcome};
use serde::Serialize;

use super::super::report::Summary;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::results::{self, Results, keys_were};

/// Something that leaked.
pub(super) struct Item {
    pub(super) masked_token: MaskedToken,
    /// Where in the input it stood.
    pub(super) source: String,
    /// Where a report says that it stands.
    pub(super) place: Option<String>,
    pub(super) known: Known,
}

/// What is known of it.
pub(super) enum Known {
    Token(Digest),
    Unresolved {
        reason: String,
        /// The keys that it may be.
        candidates: Vec<Key>,
        /// Whether the report has its hash.
        has_hash: bool,
        /// The tokens where it stands, one of which it may be.
        standing: Vec<Digest>,
    },
}

impl Known {
    /// Something of which not even the key is guessed at.
    pub(super) fn unresolved(doubt: Doubt) -> Known {
        Known::Unresolved {
            reason: doubt.reason,
            candidates: Vec::new(),
            has_hash: false,
            standing: doubt.standing,
        }
    }

    pub(super) fn has_candidates(&self) -> bool {
        match self {
            Known::Token(_) => true,
            Known::Unresolved { candidates, .. } => !candidates.is_empty(),
        }
    }
}

impl Item {
    pub(super) fn of_leak(leak: Leak) -> Item {
        let finding = leak.finding;
        Item {
            source: format!("{}:{}", finding.path, finding.line),
            masked_token: finding.masked_token,
            place: None,
            known: Known::Token(finding.digest),
        }
    }

    pub(super) fn digest(&self) -> Option<&Digest> {
        match &self.known {
            Known::Token(digest) => Some(digest),
            Known::Unresolved { .. } => None,
        }
    }
}

#[derive(Serialize)]
struct ResultView<'a> {
    selector: &'a str,
    id: Option<&'a str>,
    result: &'static str,
    revoked_at: Option<String>,
    valid_until: Option<String>,
    replaced_by: Option<&'a str>,
    source: &'a str,
    place: Option<&'a str>,
    reason: Option<&'a str>,
    candidates: Vec<&'a str>,
}

impl results::Outcome for ResultView<'_> {
    fn word(&self) -> &'static str {
        self.result
    }

    fn id(&self) -> Option<&str> {
        self.id
    }

    /// Of what shows nothing of itself, where it stands.
    fn selector(&self) -> &str {
        if self.selector == MaskedToken::nothing().as_str() {
            self.place.unwrap_or(self.source)
        } else {
            self.selector
        }
    }
}

/// Prints them, in the order of where they stood.
pub(super) fn print(
    dry_run: bool,
    context: &mut Context<'_>,
    items: &[Item],
    ended: &[LeakedKey],
) -> Result<Summary, Failure> {
    let mut summary = Summary::default();
    let mut ended = ended.iter();
    let views: Vec<ResultView<'_>> = items
        .iter()
        .map(|item| match &item.known {
            Known::Token(_) => {
                let one = ended.next().expect("there is an answer for each token");
                summary.add(one.outcome);
                of_token(item, one)
            }
            Known::Unresolved {
                reason, candidates, ..
            } => {
                summary.unresolved += 1;
                ResultView {
                    result: "unresolved",
                    reason: Some(reason),
                    candidates: candidates.iter().map(|key| key.id.as_str()).collect(),
                    ..of_item(item)
                }
            }
        })
        .collect();
    let results = Results {
        schema: "keyctl.revoke/v1",
        dry_run,
        summary: &summary,
    };
    let done = keys_were(summary.revoked + summary.ending, "ended");
    results.print(context.ui, views.into_iter(), done)?;
    Ok(summary)
}

fn of_token<'a>(item: &'a Item, one: &'a LeakedKey) -> ResultView<'a> {
    let key = one.key.as_ref();
    let id = |key: &'a Key| key.id.as_str();
    let end = key.and_then(|key| key.expires_at);
    ResultView {
        id: key.map(id),
        result: one.outcome.as_str(),
        revoked_at: key.and_then(|key| key.revoked_at).map(|at| at.to_string()),
        valid_until: end
            .filter(|_| one.outcome == Outcome::Ending)
            .map(|at| at.to_string()),
        replaced_by: one.successor.as_ref().map(id),
        ..of_item(item)
    }
}

fn of_item(item: &Item) -> ResultView<'_> {
    ResultView {
        selector: item.masked_token.as_str(),
        id: None,
        result: "",
        revoked_at: None,
        valid_until: None,
        replaced_by: None,
        source: &item.source,
        place: item.place.as_deref(),
        reason: None,
        candidates: Vec::new(),
    }
}
