//! Where an object was: the commit that brought it first, and its path.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader};

use super::command::Git;
use crate::leak::findings::Finding;
use crate::leak::presentable;

/// The place of what no commit holds, as far as branches, tags, stashes and
/// reflogs tell.
pub(super) const UNREACHABLE: &str = "(unreachable)";
pub(super) const COMMIT_MESSAGE: &str = "(commit message)";

/// Where an object came from.
struct Origin {
    commit: String,
    path: String,
    /// The higher, the older.
    age: usize,
}

/// Says of each finding where it was, in one pass of the log, and keeps the
/// oldest of those that tell the same token in the same file.
pub(super) fn trace(git: &Git, repository: &str, findings: &mut Vec<Finding>) -> io::Result<()> {
    let wanted: BTreeSet<String> = findings
        .iter()
        .filter(|finding| finding.path.starts_with(UNREACHABLE))
        .filter_map(|finding| finding.object.clone())
        .collect();
    let (origins, result) = match origins(git, &wanted) {
        Ok(origins) => (origins, Ok(())),
        // What was found is told, if not where.
        Err(error) => (BTreeMap::new(), Err(error)),
    };
    if result.is_err() {
        for finding in findings.iter_mut() {
            finding.path = finding.path.replacen(UNREACHABLE, "(not traced)", 1);
        }
    }
    let mut ages = BTreeMap::new();
    for finding in findings.iter_mut() {
        let object = finding.object.clone().unwrap_or_default();
        if finding.path.starts_with(COMMIT_MESSAGE) {
            finding.commit = Some(object);
        } else if let Some(origin) = origins.get(&object) {
            let in_archive = &finding.path[UNREACHABLE.len()..];
            finding.path = format!("{}{in_archive}", presentable(&origin.path));
            finding.commit = Some(origin.commit.clone());
            ages.insert(object, origin.age);
        }
    }
    findings.sort_by_cached_key(|finding| {
        let age = finding.object.as_ref().and_then(|object| ages.get(object));
        std::cmp::Reverse(age.copied())
    });
    let mut seen = BTreeSet::new();
    findings.retain(|finding| {
        let untraced = finding.commit.is_none().then(|| finding.object.clone());
        let is_message = finding.path.starts_with(COMMIT_MESSAGE);
        let commit = is_message.then(|| finding.commit.clone());
        let place = (finding.path.clone(), untraced, commit);
        seen.insert((place, *finding.digest.as_bytes(), finding.encoding))
    });
    if !matches!(repository, "." | "") {
        for finding in findings.iter_mut() {
            finding.path = format!("{}/{}", repository.trim_end_matches('/'), finding.path);
        }
    }
    result
}

/// Reads the whole log, the youngest commits first, for who brought what. A
/// merge brings what none of its parents has.
fn origins(git: &Git, wanted: &BTreeSet<String>) -> io::Result<BTreeMap<String, Origin>> {
    let arguments = [
        "log",
        "--all",
        "--reflog",
        "--raw",
        "-z",
        "-c",
        "--root",
        "--format=%H",
        "--encoding=UTF-8",
        "--no-abbrev",
        "--no-color",
        "--no-decorate",
        "--no-ext-diff",
        "--no-mailmap",
        "--no-notes",
        "--no-relative",
        "--no-renames",
        "--no-show-signature",
        "--no-textconv",
    ];
    let mut origins = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(origins);
    }
    git.stream(&arguments, |output| {
        let mut commit = String::new();
        let mut age = 0;
        let mut words = BufReader::with_capacity(256 * 1024, output).split(0);
        while let Some(word) = words.next() {
            let word = word?;
            let word = word.strip_prefix(b"\n").unwrap_or(&word);
            if !word.starts_with(b":") {
                // Between a commit and its changes is an empty word.
                if !word.is_empty() {
                    commit = String::from_utf8_lossy(word).into_owned();
                    age += 1;
                }
                continue;
            }
            let path = words.next().unwrap_or_else(|| Ok(Vec::new()))?;
            let object = object_after(word);
            if wanted.contains(object.as_ref()) {
                let origin = Origin {
                    commit: commit.clone(),
                    path: String::from_utf8_lossy(&path).into_owned(),
                    age,
                };
                origins.insert(object.into_owned(), origin);
            }
        }
        Ok(())
    })?;
    Ok(origins)
}

/// The object that a change led to: the last one before the letters in `:100644
/// 100644 <before> <after> M`, which has one more of each for each parent more.
fn object_after(change: &[u8]) -> std::borrow::Cow<'_, str> {
    let mut words = change.rsplit(|byte| *byte == b' ');
    words.next();
    String::from_utf8_lossy(words.next().unwrap_or_default())
}
