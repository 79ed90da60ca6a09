//! SARIF 2.1.0 (OASIS), as gitleaks, betterleaks 1, kingfisher, trufflehog and
//! many others write it.
//!
//! The snippet of a region is the secret for the first three, hidden as they hide
//! it; trufflehog has none. A commit has no place of its own in SARIF: gitleaks
//! writes it as a fingerprint, kingfisher as a property.

use super::Format;
use super::finding::Secret;
use super::json::Kind;
use super::object::{Object, Unfit};
use super::reading::Reading;

pub(super) const SARIF: Kind = Kind {
    format: Format::Sarif,
    is_one: |object| object.has("runs") && (object.has("version") || object.has("$schema")),
    is_companion: |_| false,
    read,
};

fn read(object: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    for (part, run) in object.objects("runs")? {
        reading.go_to(part);
        for (_, invocation) in run.objects_or_none("invocations")? {
            // Nobody looked, so that nothing was found.
            if invocation.is("executionSuccessful", "false") {
                return Err(Unfit {
                    field: "executionSuccessful",
                    expected: "true",
                });
            }
        }
        if !run.has("results") {
            return Err(Unfit::missing("results"));
        }
        for (part, result) in run.objects("results")? {
            reading.go_to(part);
            read_result(&result, reading)?;
        }
    }
    Ok(())
}

fn read_result(result: &Object<'_>, reading: &mut Reading<'_>) -> Result<(), Unfit> {
    let rule = match result.word("ruleId")? {
        Some(rule) => Some(rule),
        None => result.object_or_empty("rule")?.word("id")?,
    };
    let fingerprints = result.object_or_empty("partialFingerprints")?;
    let commit = fingerprints.word("commitSha")?;
    let locations = result.objects_or_none("locations")?;
    if locations.is_empty() {
        reading.push(rule, None, Secret::Hidden, None);
        return Ok(());
    }
    for (_, location) in locations {
        let commit = match &commit {
            Some(commit) => Some(commit.clone()),
            None => commit_among_properties(&location)?,
        };
        let physical = location.object_or_empty("physicalLocation")?;
        let path = physical.object_or_empty("artifactLocation")?.word("uri")?;
        let region = physical.object_or_empty("region")?;
        let place = region.place(path, ["startLine", "startColumn"], commit)?;
        let snippet = region.object_or_empty("snippet")?.text("text")?;
        reading.push(rule.clone(), place, Secret::of(snippet), None);
    }
    Ok(())
}

fn commit_among_properties(location: &Object<'_>) -> Result<Option<String>, Unfit> {
    let properties = location.object_or_empty("properties")?;
    let git = properties.object_or_empty("git_metadata")?;
    git.object_or_empty("commit")?.word("id")
}
