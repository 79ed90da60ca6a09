//! What a scan found, and what it covered.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use super::content::Sink;
use super::finder::{Encoding, Form};
use super::presentable;
use super::search::Hit;
use crate::domain::{Digest, MaskedToken};

/// A token, or what may be one, and where it stands. The token itself is not
/// kept: its digest is all that a store needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, with the archive around it as `archive!member`; tokens in it are
    /// masked.
    pub path: String,
    /// The line in it, the first one being 1.
    pub line: u64,
    /// How many bytes of it stand before.
    pub offset: u64,
    /// The commit that brought it, in hexadecimal.
    pub commit: Option<String>,
    /// The object of a repository that holds it, in hexadecimal.
    pub object: Option<String>,
    /// How it was written.
    pub encoding: Encoding,
    /// What its form says.
    pub form: Form,
    /// SHA-256 of it.
    pub digest: Digest,
    /// What may be shown of it.
    pub masked_token: MaskedToken,
}

/// Something that could not be searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// What.
    pub path: String,
    /// Why.
    pub reason: String,
}

impl Unread {
    /// A path can be named after a token, and a reason can name a path.
    fn new(path: &str, reason: &str) -> Unread {
        Unread {
            path: presentable(path),
            reason: presentable(reason),
        }
    }
}

/// All that a scan led to, in the order of paths and offsets.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What it found.
    pub findings: Vec<Finding>,
    /// What it could not read.
    pub unread: Vec<Unread>,
}

impl Scanned {
    /// Nothing, since this could not be read.
    pub(super) fn unread(path: &str, reason: &str) -> Scanned {
        Scanned {
            findings: Vec::new(),
            unread: vec![Unread::new(path, reason)],
        }
    }

    /// Adds what another scan led to.
    pub fn extend(&mut self, other: Scanned) {
        self.findings.extend(other.findings);
        self.unread.extend(other.unread);
    }

    pub(super) fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (&a.path, a.offset).cmp(&(&b.path, b.offset)));
        self.unread.sort();
    }
}

/// How much a scan has covered so far; it can be read while the scan goes on.
#[derive(Debug, Default)]
pub struct Coverage {
    files: AtomicU64,
    objects: AtomicU64,
    bytes: AtomicU64,
    links: AtomicU64,
    repositories: AtomicU64,
}

impl Coverage {
    /// How many symbolic links were come across, and not followed.
    pub fn links(&self) -> u64 {
        self.links.load(Ordering::Relaxed)
    }

    /// How many repositories were come across, whose objects are packed.
    pub fn repositories(&self) -> u64 {
        self.repositories.load(Ordering::Relaxed)
    }

    pub(super) fn add_link(&self) {
        self.links.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_repository(&self) {
        self.repositories.fetch_add(1, Ordering::Relaxed);
    }

    /// How many files, those in archives not counted.
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// How many objects of repositories.
    pub fn objects(&self) -> u64 {
        self.objects.load(Ordering::Relaxed)
    }

    /// How many bytes these hold, as they are.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn add_file(&self, len: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(len, Ordering::Relaxed);
    }

    pub(super) fn add_object(&self, len: u64) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(len, Ordering::Relaxed);
    }
}

/// Says which candidates to keep.
pub type Keep<'a> = &'a (dyn Fn(&Hit) -> bool + Sync);

/// How many places of one token in one file are kept: whoever reads that a key
/// leaked a thousand times has read enough.
const MAX_PLACES: usize = 1_000;
/// How many parts of one file are named that could not be read.
const MAX_UNREAD: usize = 100;

/// Keeps what is found in one file after the other.
pub(super) struct Collector<'a> {
    keep: Keep<'a>,
    /// What was found in the file that is being searched.
    current: RefCell<Vec<Finding>>,
    /// How often each token was found in it, and how much of it was not read.
    counts: RefCell<BTreeMap<[u8; 32], usize>>,
    unread_count: Cell<usize>,
    scanned: RefCell<Scanned>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(keep: Keep<'a>) -> Collector<'a> {
        Collector {
            keep,
            current: RefCell::default(),
            counts: RefCell::default(),
            unread_count: Cell::default(),
            scanned: RefCell::default(),
        }
    }

    /// Ends a file: `finish` has the last word on each of its findings.
    pub(super) fn end_file(&self, finish: impl Fn(&mut Finding)) {
        self.counts.borrow_mut().clear();
        self.unread_count.set(0);
        let mut current = self.current.borrow_mut();
        if current.is_empty() {
            return;
        }
        let mut findings = most_precise(std::mem::take(&mut *current));
        findings.iter_mut().for_each(finish);
        self.scanned.borrow_mut().findings.append(&mut findings);
    }

    pub(super) fn into_scanned(self) -> Scanned {
        self.scanned.into_inner()
    }
}

impl Sink for Collector<'_> {
    fn hit(&self, path: &str, hit: Hit) {
        if (self.keep)(&hit) {
            let mut counts = self.counts.borrow_mut();
            let count = counts.entry(*hit.token.digest().as_bytes()).or_default();
            *count += 1;
            if *count > MAX_PLACES {
                return;
            }
            self.current.borrow_mut().push(Finding {
                path: presentable(path),
                line: hit.line,
                offset: hit.offset,
                commit: None,
                object: None,
                encoding: hit.encoding,
                form: hit.form,
                digest: hit.token.digest(),
                masked_token: hit.token.mask(),
            });
        }
    }

    fn unread(&self, path: &str, reason: &str) {
        let count = self.unread_count.replace(self.unread_count.get() + 1);
        let reason = match count {
            MAX_UNREAD => "and more of the same file",
            count if count > MAX_UNREAD => return,
            _ => reason,
        };
        let unread = Unread::new(path, reason);
        self.scanned.borrow_mut().unread.push(unread);
    }
}

/// Leaves out what was found in the bytes of an archive and again in a member
/// of it, which says more about the place.
fn most_precise(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut archives: BTreeSet<([u8; 32], String)> = BTreeSet::new();
    for finding in &findings {
        let ends = finding.path.match_indices('!');
        archives.extend(ends.map(|(end, _)| {
            let archive = finding.path[..end].to_owned();
            (*finding.digest.as_bytes(), archive)
        }));
    }
    findings.retain(|finding| {
        archives.is_empty()
            || !archives.contains(&(*finding.digest.as_bytes(), finding.path.clone()))
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_says_more_than_its_archive() {
        let finding = |path: &str, token: &str| {
            let token = crate::domain::Token::parse(token.as_bytes()).unwrap();
            Finding {
                path: path.to_owned(),
                line: 1,
                offset: 0,
                commit: None,
                object: None,
                encoding: Encoding::Plain,
                form: Form::Loose,
                digest: token.digest(),
                masked_token: token.mask(),
            }
        };
        let found = vec![
            finding("a.tar", "one"),
            finding("a.tar", "two"),
            finding("a.tar!b.zip", "one"),
            finding("a.tar!b.zip!c", "one"),
            finding("a.tar!b.zip!d", "one"),
            finding("a.ta", "one"),
        ];
        let left: Vec<_> = most_precise(found)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(left, ["a.tar", "a.tar!b.zip!c", "a.tar!b.zip!d", "a.ta"]);
    }
}
