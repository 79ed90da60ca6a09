//! JUnit's XML of gitleaks: each finding is a test case that failed, and the text
//! of the failure is the finding's JSON. See `report/junit.go` of gitleaks 8.30.

use roxmltree::{Document, Node, ParsingOptions};

use super::object::{Object, Unfit};
use super::reading::Reading;
use super::{Format, Report, ReportError, gitleaks};

const DECLARATION: &str = "<?xml";
const ROOT: &str = "<testsuites";

/// How many elements and texts a report may have: each finding has some four of
/// them, and more than a kilobyte.
const MAX_NODES: u32 = 4_000_000;

pub(super) fn read(text: &str) -> Result<Option<Report>, ReportError> {
    if !begins_as_root(text) {
        return Ok(None);
    }
    if let Some(at) = costly_at(text) {
        let line = text[..at].matches('\n').count() as u64 + 1;
        return Err(ReportError::Broken { line });
    }
    // Document types are refused, and with them entities, which could make it grow.
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = match Document::parse_with_options(text.trim_start(), options) {
        Ok(document) => document,
        Err(error) => {
            let skipped = text.len() - text.trim_start().len();
            let skipped = text[..skipped].matches('\n').count() as u64;
            let line = u64::from(error.pos().row) + skipped;
            return Err(ReportError::Broken { line });
        }
    };
    let is_suite = |node: &Node<'_, '_>| {
        let name = node.attribute("name");
        node.has_tag_name("testsuite") && matches!(name, Some("gitleaks" | "betterleaks"))
    };
    let suites: Vec<_> = document.descendants().filter(is_suite).collect();
    if suites.is_empty() {
        return Ok(None);
    }
    let offset = text.len() - text.trim_start().len();
    let mut reading = Reading::new(text);
    let cases = suites.iter().flat_map(Node::children);
    for case in cases.filter(|node| node.has_tag_name("testcase")) {
        let line = reading.line_at(offset + case.range().start);
        reading.go_to_line(line);
        read_case(case, &mut reading)
            .map_err(|unfit| reading.unfit(Format::GitleaksJunit, &unfit))?;
    }
    Ok(Some(reading.finish(Format::GitleaksJunit)))
}

/// Whether a text begins with the root of such reports, or was cut off before.
fn begins_as_root(text: &str) -> bool {
    let start = text.trim_start();
    let root = match start.strip_prefix(DECLARATION) {
        Some(rest) => match rest.split_once("?>") {
            Some((_, rest)) => rest.trim_start(),
            None => return true,
        },
        None => start,
    };
    root.starts_with(ROOT) || ROOT.starts_with(root) || DECLARATION.starts_with(root)
}

/// Where something stands that takes the parser time beyond all measure, and that
/// gitleaks does not write: a namespace, or a tag with more attributes than fit
/// into so many bytes.
fn costly_at(text: &str) -> Option<usize> {
    const MAX_TAG_LEN: usize = 8 * 1024;
    let mut tags = text.match_indices('<').map(|(at, _)| at);
    let is_long = |at: &usize| {
        let end = text.len().min(at + MAX_TAG_LEN);
        let tag = &text.as_bytes()[*at..end];
        tag.len() == MAX_TAG_LEN && !tag.contains(&b'>')
    };
    text.find("xmlns").or_else(|| tags.find(is_long))
}

fn read_case(case: Node<'_, '_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let failure = case
        .children()
        .find(|node| node.has_tag_name("failure"))
        .ok_or(Unfit::missing("failure"))?;
    let finding = failure.text().and_then(Object::parse).ok_or(Unfit {
        field: "failure",
        expected: "the JSON of a finding",
    })?;
    gitleaks::read(&finding, reading)
}
