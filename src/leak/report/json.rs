//! Reports in JSON: one document, several after each other, or one a line.
//!
//! Lists are taken apart, so that a report is a sequence of items, however it was
//! paged or cut into lines. The first item of a known kind decides which kind it
//! is, and then every item has to be one, or a companion that such reports have.

use serde_json::value::RawValue;

use super::object::{Object, Unfit};
use super::reading::Reading;
use super::{Format, Report, ReportError};
use super::{betterleaks, detect_secrets, github, gitlab, gitleaks, kingfisher, sarif, trufflehog};

/// A kind of items.
pub(super) struct Kind {
    pub(super) format: Format,
    /// Whether an item is one, by its fields, whatever they hold.
    pub(super) is_one: fn(&Object<'_>) -> bool,
    /// Whether an item without findings belongs to them.
    pub(super) is_companion: fn(&Object<'_>) -> bool,
    /// Adds the findings of an item.
    pub(super) read: fn(&Object<'_>, &mut Reading<'_>) -> Result<(), Unfit>,
}

const KINDS: [&Kind; 12] = [
    &gitleaks::JSON,
    &sarif::SARIF,
    &betterleaks::BETTERLEAKS,
    &kingfisher::KINGFISHER,
    &trufflehog::TRUFFLEHOG,
    &detect_secrets::BASELINE,
    &gitlab::REPORT,
    &github::ALERTS,
    &github::LOCATIONS,
    &github::WEBHOOK,
    &github::PARTNER,
    &github::AUDIT_LOG,
];

/// What a text with broken JSON has in it if it was such a report: names of fields,
/// mostly. Partner messages have nothing of their own, and hide nothing.
const MARKS: [&str; 15] = [
    "sarif-",
    "\"kingfisher",
    "\"RuleID\"",
    "\"ruleId\"",
    "\"physicalLocation\"",
    "\"schema_version\"",
    "\"SourceMetadata\"",
    "\"git_metadata\"",
    "\"column_start\"",
    "\"plugins_used\"",
    "\"hashed_secret\"",
    "\"secret_type\"",
    "\"secret_detection\"",
    "\"commit_sha\"",
    "\"hashed_token\"",
];

/// How many times its length is read of a text that is not JSON from its first
/// line on, to find JSON in it.
const MAX_PASSES: usize = 4;

pub(super) fn read(text: &str) -> Result<Option<Report>, ReportError> {
    let start = text.trim_start();
    if start.trim_end() == "null" {
        // What a list without members was in earlier versions of gitleaks.
        return Ok(Some(Reading::new(text).finish(Format::EmptyList)));
    }
    if !start.starts_with(['{', '[']) {
        return expect_none_within(text);
    }
    let mut documents = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        match document {
            Ok(document) => documents.push(document),
            Err(error) if is_a_report_for_all_that(text, &documents, &error) => {
                let line = error.line() as u64;
                return Err(ReportError::Broken { line });
            }
            Err(_) => return expect_none_within(text),
        }
    }
    read_documents(text, &documents)
}

/// Whether JSON that cannot be read is a report all the same: it was cut off, or
/// what could be read of it belongs to one.
fn is_a_report_for_all_that(
    text: &str,
    documents: &[&RawValue],
    error: &serde_json::Error,
) -> bool {
    is_at_the_end(text, error)
        || documents
            .iter()
            .any(|document| known_kind(document).is_some())
        || MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether JSON was cut off. In the middle of a number, the end is not what the
/// error is called.
fn is_at_the_end(text: &str, error: &serde_json::Error) -> bool {
    let lines = text.matches('\n').count() + 1;
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    error.is_eof() || (error.line() == lines && error.column() >= last_line.len())
}

/// The kind of the first item in a document that has one.
fn known_kind(document: &RawValue) -> Option<&'static Kind> {
    let mut items = items(document).into_iter();
    items.find_map(|item| Object::of(item).as_ref().and_then(kind_of))
}

/// The members of a list, or the document itself.
fn items(document: &RawValue) -> Vec<&RawValue> {
    if !document.get().starts_with('[') {
        return vec![document];
    }
    serde_json::from_str(document.get()).unwrap_or_default()
}

/// Makes sure that no report stands in the middle of other text, as where a
/// scanner's remarks went into the same file: without its hidden findings, the
/// text would seem to have none.
fn expect_none_within(text: &str) -> Result<Option<Report>, ReportError> {
    let mut from = 0;
    let mut read_len = 0;
    while let Some(start) = next_beginning(text, from) {
        let rest = &text[start..];
        let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let mut error_at = 0;
        let readable = documents.by_ref().map_while(|document| {
            let failed = |error: &serde_json::Error| error_at = line_start(rest, error.line());
            document.inspect_err(failed).ok()
        });
        if let Some(kind) = readable.into_iter().find_map(known_kind) {
            let format = kind.format;
            return Err(ReportError::Foreign { line: 1, format });
        }
        from = start + documents.byte_offset().max(1);
        read_len += error_at;
        if read_len > text.len().saturating_mul(MAX_PASSES) {
            break;
        }
    }
    Ok(None)
}

/// Where a line begins, the first being 1.
fn line_start(text: &str, line: usize) -> usize {
    let mut newlines = text.match_indices('\n');
    let before = line.checked_sub(2).and_then(|nth| newlines.nth(nth));
    before.map_or(0, |(newline, _)| newline + 1)
}

/// The next line that may be the first one of JSON.
fn next_beginning(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let lines = rest
        .match_indices('\n')
        .map(|(newline, _)| from + newline + 1);
    lines.into_iter().find(|at| {
        let line = &text[*at..];
        let inner = line.strip_prefix(['{', '[']).map(str::trim_start);
        inner.is_some_and(|inner| inner.starts_with(['"', '{', '[']))
    })
}

fn kind_of(object: &Object<'_>) -> Option<&'static Kind> {
    KINDS.into_iter().find(|kind| (kind.is_one)(object))
}

fn read_documents(text: &str, documents: &[&RawValue]) -> Result<Option<Report>, ReportError> {
    let mut reading = Reading::new(text);
    let mut known: Option<&Kind> = None;
    let mut item_count = 0;
    let mut before = Vec::new();
    for item in documents.iter().flat_map(|document| items(document)) {
        item_count += 1;
        let object = Object::of(item);
        known = known.or_else(|| object.as_ref().and_then(kind_of));
        match (known, object) {
            (None, _) => before.push(item),
            (Some(kind), object) => read_item(kind, item, object, &mut reading)?,
        }
    }
    let Some(kind) = known else {
        let is_empty = item_count == 0;
        return Ok(is_empty.then(|| reading.finish(Format::EmptyList)));
    };
    // What came before the first item that showed the kind.
    for item in before {
        read_item(kind, item, Object::of(item), &mut reading)?;
    }
    Ok(Some(reading.finish(kind.format)))
}

fn read_item(
    kind: &Kind,
    item: &RawValue,
    object: Option<Object<'_>>,
    reading: &mut Reading<'_>,
) -> Result<(), ReportError> {
    reading.go_to(item);
    match object {
        Some(object) if (kind.is_one)(&object) => {
            (kind.read)(&object, reading).map_err(|unfit| reading.unfit(kind.format, &unfit))
        }
        Some(object) if (kind.is_companion)(&object) => Ok(()),
        _ => Err(ReportError::Foreign {
            line: reading.line_of(item),
            format: kind.format,
        }),
    }
}
