use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use keyctl::domain::Remark;
use keyctl::leak::finder::Form;
use keyctl::leak::findings::{Coverage, Keep, Scanned, Unread};
use keyctl::leak::search::Hit;
use keyctl::leak::{git, walk};
use keyctl::ops::{Leak, Leaks, Owner, Progress, RevokeRequest, Selection};
use keyctl::{Key, KeyId, Registry};
use serde::Serialize;

use super::revoke::report::ask_about;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::results::{count, keys_were};
use crate::cli::ui::List;
use crate::cli::view::{LeakField, RowView};

/// Find leaked tokens in files, archives and repositories, and say which are live
///
/// Searches every byte: hidden and ignored files, binaries, lines of any length,
/// what is packed with gzip, bzip2, xz, zip or tar; tokens in UTF-16, base64 and
/// quoted-printable, or with an escaped hyphen. What may be a token is looked up
/// in the store, in every workspace unless --workspace or its variable names
/// one. Exits with 9 if a live key was found (active or disabled), else with 8
/// if not everything could be read, else with 0.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files and folders; or - for standard input
    #[arg(value_name = "PATH|-", required = true, value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Search the Git repositories of these folders too: every object of their history, with those
    /// that no branch has any more
    #[arg(long)]
    git: bool,

    /// Ask no store: print what has the form of a token, as a candidate
    #[arg(long)]
    offline: bool,

    /// Revoke the keys whose tokens are found, in one transaction
    #[arg(long, conflicts_with = "offline")]
    revoke: bool,

    /// Why, for the record and the log
    #[arg(long, value_name = "TEXT", requires = "revoke")]
    reason: Option<Remark>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    count: usize,
    findings: Vec<RowView<'a, LeakField>>,
    unread: Vec<UnreadView<'a>>,
    revoked: Vec<&'a str>,
    summary: Summary,
}

#[derive(Serialize)]
struct UnreadView<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: u64,
    objects: u64,
    bytes: u64,
    live_keys: usize,
    unread: usize,
}

pub(crate) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let coverage = Coverage::default();
    let bar = context.ui.progress("searched").of_bytes();
    let scan = |keep: Keep<'_>| {
        let progress = || Progress {
            done: coverage.bytes(),
            total: 0,
        };
        bar.watch(progress, || scan(args, keep, &coverage))
    };
    let mut revoked = Vec::new();
    let Leaks { leaks, unread } = if args.offline {
        let scanned = scan(&has_form);
        Leaks {
            leaks: Leak::candidates(scanned.findings),
            unread: scanned.unread,
        }
    } else {
        let mut registry = context.open()?;
        // In a tree of sources, much has the looks of a token.
        let found = registry.find_leaks(context.token_workspace(), Form::Checked, scan);
        let found = found.map_err(|error| context.failure(&mut registry, error))?;
        context.refresh_now();
        if args.revoke {
            revoked = revoke(args, context, &mut registry, &found.leaks)?;
        }
        found
    };
    let summary = Summary {
        files: coverage.files(),
        objects: coverage.objects(),
        bytes: coverage.bytes(),
        live_keys: live_keys(&leaks, context).len(),
        unread: unread.len(),
    };
    let exit = match (summary.live_keys, summary.unread) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Incomplete,
        _ => Exit::LiveKeyFound,
    };
    let was_empty = summary.files + summary.objects == 0 && unread.is_empty();
    let said = said(&summary, &leaks, args.git);
    let printed = print(context, leaks, &unread, &revoked, summary);
    if let Err(failure) = printed {
        return not_printed(failure, exit, &revoked);
    }
    for Unread { path, reason } in &unread {
        context.ui.note(&format!("not searched: {path}: {reason}"));
    }
    context.ui.note(&said);
    if was_empty {
        context.ui.note("there was nothing to search");
    }
    tell_of_others(context, &coverage);
    if let Some(done) = keys_were(revoked.len(), "revoked") {
        context.ui.note(&done);
    } else if exit == Exit::LiveKeyFound {
        context
            .ui
            .hint("end the keys that were found: the same command with --revoke");
    }
    Ok(exit)
}

/// What a scan found is its answer, even if nobody reads where.
fn not_printed(failure: Failure, exit: Exit, revoked: &[KeyId]) -> Result<Exit, Failure> {
    if failure.is_reader_gone() {
        return Ok(exit);
    }
    let failure = match exit {
        Exit::Done => failure,
        exit => failure.with_exit(exit),
    };
    Err(match keys_were(revoked.len(), "revoked") {
        Some(done) => {
            let message = format!("{done}, but {}", failure.message());
            failure.saying(message)
        }
        None => failure,
    })
}

fn scan(args: &Args, keep: Keep<'_>, coverage: &Coverage) -> Scanned {
    let mut scanned = Scanned::default();
    let (stdin, paths): (Vec<PathBuf>, Vec<PathBuf>) = args
        .paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    if !stdin.is_empty() {
        let mut stdin = io::stdin().lock();
        scanned.extend(walk::scan_reader("stdin", &mut stdin, keep, coverage));
    }
    let mut repositories = Vec::new();
    let mut folders = Vec::new();
    for folder in paths.iter().filter(|path| args.git && path.is_dir()) {
        let repository = git::repository(folder);
        let is_known = |found| repositories.contains(found);
        // Two folders of one repository have the same objects.
        if !repository.as_ref().is_some_and(is_known) {
            folders.push(folder);
            repositories.extend(repository);
        }
    }
    thread::scope(|scope| {
        // Beside, since for the objects it is `git` that works.
        let files = scope.spawn(|| walk::scan(&paths, &repositories, keep, coverage));
        for folder in folders {
            scanned.extend(git::scan(folder, keep, coverage));
        }
        scanned.extend(files.join().unwrap_or_else(|panic| resume_unwind(panic)));
    });
    scanned
}

/// Whether something is a token by its form, where there is no store to ask.
fn has_form(hit: &Hit) -> bool {
    match hit.form {
        Form::Checked | Form::Classes => true,
        Form::Loose => false,
    }
}

/// Says what was come across, and is searched by other means.
fn tell_of_others(context: &mut Context<'_>, coverage: &Coverage) {
    if coverage.links() > 0 {
        let links = count(coverage.links(), "symbolic link");
        context.ui.note(&format!("{links} not followed"));
    }
    if coverage.repositories() > 0 {
        let histories = match coverage.repositories() {
            1 => "the history of a Git repository was".to_owned(),
            number => format!("the histories of {number} Git repositories were"),
        };
        context.ui.hint(&format!(
            "{histories} not searched: name its folder, and --git"
        ));
    }
}

/// The keys that can be used, each once.
fn live_keys<'l>(leaks: &'l [Leak], context: &Context<'_>) -> Vec<&'l Key> {
    distinct(leaks.iter().filter(|leak| leak.is_live(context.now)))
}

fn distinct<'l>(leaks: impl Iterator<Item = &'l Leak>) -> Vec<&'l Key> {
    let mut keys: Vec<&Key> = leaks.filter_map(Leak::key).collect();
    keys.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    keys.dedup_by(|a, b| a.id == b.id);
    keys
}

/// Revokes the keys of all tokens that were found: an expired one could be made
/// to live again too.
fn revoke(
    args: &Args,
    context: &mut Context<'_>,
    registry: &mut Registry,
    leaks: &[Leak],
) -> Result<Vec<KeyId>, Failure> {
    let keys: Vec<&Key> = distinct(leaks.iter())
        .into_iter()
        .filter(|key| key.revoked_at.is_none())
        .collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    if let (Some(prompter), false) = (context.prompter(), context.assume_yes) {
        ask_about(context, registry, &prompter, &keys, None)?;
        context.refresh_now();
    }
    let request = RevokeRequest {
        workspace: context.workspace.clone(),
        token_workspace: context.token_workspace().cloned(),
        selections: keys
            .iter()
            .map(|key| Selection::Token(key.digest.clone()))
            .collect(),
        reason: args.reason.clone(),
        if_exists: true,
        expected_count: None,
        dry_run: false,
    };
    let revocations = registry
        .revoke(&request, context.now)
        .map_err(|error| context.failure(registry, error))?;
    context.tell_of_ballast(registry);
    context.warn_of_predecessors(registry, keys.iter().copied());
    let keys = revocations
        .into_iter()
        .filter_map(|revocation| revocation.key);
    Ok(keys.map(|key| key.id).collect())
}

fn print(
    context: &mut Context<'_>,
    leaks: Vec<Leak>,
    unread: &[Unread],
    revoked: &[KeyId],
    summary: Summary,
) -> Result<(), Failure> {
    let now = context.now;
    match context.ui.format() {
        Format::Json => {
            context.ui.document(&Document {
                schema: "keyctl.scan/v1",
                count: leaks.len(),
                findings: leaks.iter().map(|leak| RowView::whole(leak, now)).collect(),
                unread: unread
                    .iter()
                    .map(|Unread { path, reason }| UnreadView { path, reason })
                    .collect(),
                revoked: revoked.iter().map(KeyId::as_str).collect(),
                summary,
            })?;
            context.ui.flush()
        }
        Format::Id => {
            for key in distinct(leaks.iter()) {
                context.ui.line(key.id.as_str())?;
            }
            context.ui.flush()
        }
        Format::Table | Format::Jsonl | Format::Csv => {
            let mut list = List::<LeakField>::new(None, now);
            for leak in leaks {
                list.push(context.ui, leak)?;
            }
            list.finish(context.ui, false)
        }
    }
}

/// What was found, and in how much.
fn said(summary: &Summary, leaks: &[Leak], is_git: bool) -> String {
    let Summary {
        files,
        objects,
        bytes,
        live_keys,
        ..
    } = summary;
    let mut covered = vec![count(*files, "file")];
    if is_git {
        covered.push(count(*objects, "object"));
    }
    covered.push(count(*bytes, "byte"));
    let unasked = leaks
        .iter()
        .filter(|leak| matches!(leak.owner, Owner::Unasked));
    let found = match (live_keys, unasked.count()) {
        (0, 0) => "no live key".to_owned(),
        (0, candidates) => count(candidates as u64, "candidate"),
        (live, _) => count(*live as u64, "live key"),
    };
    format!("{found} in {}", covered.join(", "))
}
