//! What leaked, as far as the input and a repository tell.

use std::collections::BTreeSet;
use std::path::Path;

use keyctl::domain::{Digest, MaskedToken};
use keyctl::leak::finder::{Finder, Form};
use keyctl::leak::findings::Unread;
use keyctl::leak::leads::{self, Claim, Lead, Repository};
use keyctl::leak::presentable;
use keyctl::leak::report::{self, Report, ReportError};
use keyctl::ops::Leaks;
use keyctl::{Key, Registry};

use super::input;
use super::results::{Item, Known};
use crate::cli::commands::revoke::Args;
use crate::cli::context::Context;
use crate::cli::exit::Failure;

/// All that was learned of what leaked.
pub(super) struct Learned {
    pub(super) items: Vec<Item>,
    pub(super) unread: Vec<Unread>,
    pub(super) report: Option<Report>,
    pub(super) report_error: Option<ReportError>,
}

/// Searches the bytes for tokens, and reads what only the structure of a report
/// tells.
pub(super) fn learn(
    args: &Args,
    file: &Path,
    context: &mut Context<'_>,
    registry: &mut Registry,
    repository: Option<&Repository>,
) -> Result<Learned, Failure> {
    let mut input = input::open(file)?;
    let workspace = context.token_workspace().cloned();
    let Leaks { leaks, unread } = registry
        .find_leaks(workspace.as_ref(), Form::Classes, |keep| input.scan(keep))
        .map_err(|error| context.failure(registry, error))?;
    context.refresh_now();
    let mut items: Vec<Item> = leaks.into_iter().map(Item::of_leak).collect();
    let (report, report_error) = match input.report_text().map(report::read) {
        Some(Ok(report)) => (report, None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let finder = Finder::new();
    let findings = report.iter().flat_map(|report| &report.findings);
    let leads: Vec<Lead> = findings
        .flat_map(|finding| leads::follow(&finder, finding, repository))
        .collect();
    for lead in leads {
        items.extend(item_of_lead(args, context, registry, input.name(), lead)?);
    }
    Ok(Learned {
        items: distinct(items),
        unread,
        report,
        report_error,
    })
}

/// Each token once, and nothing unresolved that can only be one of them.
fn distinct(mut items: Vec<Item>) -> Vec<Item> {
    let mut seen = BTreeSet::new();
    items.retain(|item| {
        item.digest()
            .is_none_or(|digest| seen.insert(*digest.as_bytes()))
    });
    items.retain_mut(|item| match &mut item.known {
        Known::Token(_) => true,
        Known::Unresolved {
            candidates,
            standing,
            ..
        } => {
            let may_be_one = !candidates.is_empty() || !standing.is_empty();
            candidates.retain(|key| !seen.contains(key.digest.as_bytes()));
            standing.retain(|digest| !seen.contains(digest.as_bytes()));
            !may_be_one || !candidates.is_empty() || !standing.is_empty()
        }
    });
    items
}

/// What a lead is worth to this store; `None` is nothing.
fn item_of_lead(
    args: &Args,
    context: &Context<'_>,
    registry: &mut Registry,
    source: &str,
    lead: Lead,
) -> Result<Option<Item>, Failure> {
    let workspace = context.token_workspace();
    let source = format!("{}:{}", presentable(source), lead.line);
    let item = |masked_token, known| Item {
        masked_token,
        source,
        place: lead.place,
        known,
    };
    Ok(match lead.claim {
        Claim::Token {
            digest,
            masked_token,
        } => Some(item(masked_token, Known::Token(digest))),
        Claim::Hash { digest, otherwise } => {
            let key = registry
                .find_by_digest(workspace, &digest)
                .map_err(|error| context.failure(registry, error))?;
            match (key, otherwise) {
                (Some(key), _) => Some(item(key.masked_token.clone(), by_hash(args, key, digest))),
                (None, Some(doubt)) => Some(item(MaskedToken::nothing(), Known::unresolved(doubt))),
                // Hashes of other secrets are no key's.
                (None, None) => None,
            }
        }
        Claim::Unresolved {
            masked_token,
            doubt,
        } => {
            let Some(mask) = masked_token else {
                let known = Known::unresolved(doubt);
                return Ok(Some(item(MaskedToken::nothing(), known)));
            };
            let candidates = registry
                .keys_masked(workspace, &mask)
                .map_err(|error| context.failure(registry, error))?;
            // A mask that no key has is of another secret, or of a dead key.
            let known = Known::Unresolved {
                reason: doubt.reason,
                candidates,
                has_hash: false,
                standing: doubt.standing,
            };
            known.has_candidates().then(|| item(mask, known))
        }
        Claim::Other => None,
    })
}

fn by_hash(args: &Args, key: Key, digest: Digest) -> Known {
    if args.leaked.by_hash || key.revoked_at.is_some() {
        return Known::Token(digest);
    }
    Known::Unresolved {
        reason: "the report has only its hash".to_owned(),
        candidates: vec![key],
        has_hash: true,
        standing: Vec::new(),
    }
}
