//! Every object of a Git repository: what was ever committed, stashed, or left
//! behind, whether anything still points at it or not.
//!
//! `git` itself reads the objects. It is run so that nothing in the repository's
//! settings makes it run anything else or ask a network for what is missing.

mod command;
mod trace;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

pub(super) use self::command::Git;
use super::content::{Searcher, Sink};
use super::finder::Finder;
use super::findings::{Collector, Coverage, Finding, Keep, Scanned};

/// Searches all objects of the repository that `path` is in, bare or not, and
/// traces what was found to the commit that brought it and the path it had.
/// What `git` cannot read, and what a shallow or partial clone does not have, is
/// told as unread.
pub fn scan(path: &Path, keep: Keep<'_>, coverage: &Coverage) -> Scanned {
    let name = path.to_string_lossy();
    let collector = Collector::new(keep);
    let git = Git::of(path);
    let (searched, missing) = thread::scope(|scope| {
        // Beside, since two more processes would make a small scan twice as long.
        let missing = scope.spawn(|| missing(&git));
        let searched = search_objects(&git, &name, &collector, coverage);
        (searched, missing.join())
    });
    let missing = missing.unwrap_or_else(|panic| resume_unwind(panic));
    let (missing, unasked) = match missing {
        Ok(missing) => (missing, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    // What is no repository at all need not be told twice.
    if let Some(problem) = searched.err().or(unasked) {
        collector.unread(&name, &problem.to_string());
    }
    for what in missing {
        collector.unread(&name, &what);
    }
    let mut scanned = collector.into_scanned();
    let root = root(&git, path);
    if let Err(problem) = trace::trace(&git, &root.to_string_lossy(), &mut scanned.findings) {
        scanned.extend(Scanned::unread(&name, &problem.to_string()));
    }
    scanned.sort();
    scanned
}

/// The folder that holds the repository that `path` is in: the same for all its
/// worktrees. `None` if it is in none.
pub fn repository(path: &Path) -> Option<PathBuf> {
    let arguments = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
    fs::canonicalize(path_told(&Git::of(path), &arguments)?).ok()
}

/// The folder that paths in the repository begin at, which `path` may be below.
fn root(git: &Git, path: &Path) -> PathBuf {
    let Some(top) = path_told(git, &["rev-parse", "--show-toplevel"]) else {
        // Bare, or inside of what git keeps for itself.
        return match path.ancestors().find(|folder| folder.ends_with(".git")) {
            Some(kept) => kept.parent().unwrap_or(kept).to_owned(),
            None => path.to_owned(),
        };
    };
    // Without an answer, there is nothing to name either.
    let below = path_told(git, &["rev-parse", "--show-prefix"]).unwrap_or_default();
    let depth = below.components().count();
    // Above a link is another folder than above what it points at.
    let is_top = |folder: &&Path| fs::canonicalize(or_here(folder)).is_ok_and(|f| f == top);
    match path.ancestors().nth(depth).filter(is_top) {
        Some(root) => root.to_owned(),
        None => path
            .strip_prefix(".")
            .unwrap_or(path)
            .join("../".repeat(depth)),
    }
}

fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// The path that a command writes, if it succeeds.
fn path_told(git: &Git, arguments: &[&str]) -> Option<PathBuf> {
    let mut told = Vec::new();
    let read = git.stream(arguments, |output| {
        output.read_to_end(&mut told).map(|_| ())
    });
    read.ok()?;
    let told = told.strip_suffix(b"\n").unwrap_or(&told);
    Some(PathBuf::from(OsStr::from_bytes(told)))
}

/// What the repository is known not to have.
fn missing(git: &Git) -> io::Result<Vec<String>> {
    let mut missing = Vec::new();
    let answer = git.output(&["rev-parse", "--is-shallow-repository"])?;
    if answer.trim() == "true" {
        missing.push("it is a shallow clone: older commits are missing".to_owned());
    }
    let partial = r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$";
    if git.succeeds(&["config", "--get-regexp", partial])? {
        missing.push("it is a partial clone: objects may be missing".to_owned());
    }
    // What is not there is not listed among all objects: only what points at it
    // tells.
    let reachable = [
        "rev-list",
        "--objects",
        "--all",
        "--reflog",
        "--missing=print",
        "--quiet",
    ];
    let mut count = 0;
    git.stream(&reachable, |output| {
        for line in BufReader::new(output).split(b'\n') {
            count += u64::from(line?.starts_with(b"?"));
        }
        Ok(())
    })?;
    if count > 0 {
        missing.push(format!(
            "objects that its history names are missing: {count}"
        ));
    }
    Ok(missing)
}

fn search_objects(
    git: &Git,
    name: &str,
    collector: &Collector<'_>,
    coverage: &Coverage,
) -> io::Result<()> {
    let finder = Finder::new();
    let mut searcher = Searcher::new(&finder);
    let arguments = [
        "cat-file",
        "--batch-all-objects",
        "--batch",
        "--unordered",
        "--buffer",
    ];
    git.stream(&arguments, |output| {
        let mut output = BufReader::with_capacity(256 * 1024, output);
        while let Some(object) = Object::next(&mut output)? {
            let Some(len) = object.len else {
                collector.unread(name, &format!("object {} is missing", object.id));
                continue;
            };
            let mut content = (&mut output).take(len);
            // Named once it is known where it was.
            searcher.search("", &mut content, collector)?;
            if content.limit() > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // The line feed behind the content.
            output.read_exact(&mut [0])?;
            coverage.add_object(len);
            collector.end_file(|finding: &mut Finding| {
                finding.object = Some(object.id.clone());
                finding.path.insert_str(0, object.kind.place());
            });
        }
        Ok(())
    })
}

/// What `git cat-file --batch` says of an object before its content.
struct Object {
    id: String,
    kind: Kind,
    /// How long it is; `None` if it is not there.
    len: Option<u64>,
}

#[derive(Clone, Copy)]
enum Kind {
    Blob,
    Commit,
    Tag,
    Tree,
}

impl Kind {
    /// Where that is which stands in such an object.
    fn place(self) -> &'static str {
        match self {
            // Until it is traced.
            Kind::Blob => trace::UNREACHABLE,
            Kind::Commit => trace::COMMIT_MESSAGE,
            Kind::Tag => "(tag message)",
            Kind::Tree => "(file name)",
        }
    }
}

impl Object {
    /// Reads `<id> <kind> <length>` or `<id> missing`.
    fn next(output: &mut impl BufRead) -> io::Result<Option<Object>> {
        let mut line = String::new();
        if output.take(200).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let unknown = || io::Error::other("git cat-file: it says what is not understood");
        let mut words = line.trim_end().split(' ');
        let id = words.next().ok_or_else(unknown)?.to_owned();
        let kind = match words.next() {
            Some("blob") => Kind::Blob,
            Some("commit") => Kind::Commit,
            Some("tag") => Kind::Tag,
            Some("tree") => Kind::Tree,
            Some("missing") => {
                return Ok(Some(Object {
                    id,
                    kind: Kind::Blob,
                    len: None,
                }));
            }
            _ => return Err(unknown()),
        };
        let len = words.next().and_then(|len| len.parse().ok());
        Ok(Some(Object {
            id,
            kind,
            len: Some(len.ok_or_else(unknown)?),
        }))
    }
}
