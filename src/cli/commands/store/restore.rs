mod said;

use std::path::{Path, PathBuf};

use keyctl::domain::{KeptHead, Refusal};
use keyctl::ops::{Ending, Kept, RestoreRequest, Restored, Selection};
use keyctl::store::PrivateFile;
use keyctl::{Error, Key, Location, Registry, Timestamp};
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Lines, MANY_LINES, selection};
use crate::cli::signals;
use crate::cli::ui::{absolute, home_relative, quoted};
use crate::cli::view::Content;

/// How many lines of a list an error names.
const SHOWN: usize = 5;

/// Replace the store by a backup, or make it from one
///
/// Keys that were revoked or disabled since the backup, or that end earlier or may do less, stay so:
/// the store that is replaced says which. Where it cannot be read, was altered, or is gone, --revocations must say,
/// or --head show that the backup is recent enough. What was there is kept beside the new one, as
/// keys.db.replaced-TIME, until you delete it.
///
/// A restore loses what was done since, apart from that: keys issued since are gone, and the log and
/// the policy are those of the backup.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// The last end of the log that you kept; what was revoked after it is valid again
    #[arg(long, value_name = "HEAD")]
    head: Option<KeptHead>,

    /// Revoke these too: ids or tokens, one a line; - reads standard input
    #[arg(long, value_name = "FILE|-", value_hint = clap::ValueHint::FilePath)]
    revocations: Option<PathBuf>,

    /// With --revocations, pass over keys that the backup does not have
    #[arg(long, requires = "revocations")]
    if_exists: bool,

    /// Restore exactly what is in the backup: what was revoked since is valid again
    #[arg(long, conflicts_with = "head")]
    exact: bool,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    dry_run: bool,
    exact: bool,
    file: String,
    store: String,
    replaced: Option<String>,
    #[serde(flatten)]
    content: Content,
    kept: Vec<KeptView>,
    revived: Vec<String>,
    lost: Vec<String>,
    unmet_revocations: u64,
    has_other_policy: bool,
}

/// In what way a key is less than in the backup.
#[derive(Serialize)]
struct KeptView {
    id: String,
    result: &'static str,
    revoked_at: Option<String>,
    disabled_at: Option<String>,
    expires_at: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let named = args.revocations.as_deref().map(read).transpose()?;
    let (selections, labels): (Vec<Selection>, Vec<String>) =
        named.unwrap_or_default().into_iter().unzip();
    let mut request = RestoreRequest {
        backup: args.file.clone(),
        kept: free_name(&context.location, context.now),
        head: args.head.clone(),
        revocations: args.revocations.is_some().then_some(selections),
        if_exists: args.if_exists,
        workspace: context.workspace.clone(),
        exact: args.exact,
        dry_run: true,
    };
    if !args.dry_run && !context.assume_yes {
        agree(args, context, &request, &labels)?;
    }
    request.dry_run = args.dry_run;
    signals::watch();
    let restored = restore(context, &request, &labels)?;
    let kept = (restored.is_replacing && !args.dry_run).then_some(request.kept.as_path());
    let printed = print(args, context, &restored, kept);
    said::tell(args, context, &restored, kept);
    printed.map_err(|failure| {
        let message = format!("the store was restored, but {}", failure.message());
        if args.dry_run {
            failure
        } else {
            failure.saying(message)
        }
    })?;
    Ok(Exit::Done)
}

/// The lines of a file that says what was revoked, and how to call them.
fn read(path: &Path) -> Result<Vec<(Selection, String)>, Failure> {
    let mut lines = Lines::open(Some(path).filter(|path| *path != Path::new("-")))?;
    let mut selections = Vec::new();
    let mut number = 0;
    while let Some(group) = lines.next_group(MANY_LINES)? {
        for line in group.lines() {
            number += 1;
            match selection(line) {
                Some((Selection::Malformed, _)) => {
                    return Err(Failure::usage(format!(
                        "line {number} of --revocations is neither an id nor a token"
                    )));
                }
                Some((selection, label)) => {
                    selections.push((selection, format!("line {number}: {label}")));
                }
                None => {}
            }
        }
    }
    if selections.is_empty() {
        // A list that could not be made looks the same.
        return Err(Failure::usage("--revocations names nothing")
            .hint("if nothing was revoked since, say so by --exact"));
    }
    Ok(selections)
}

fn restore(
    context: &Context<'_>,
    request: &RestoreRequest,
    labels: &[String],
) -> Result<Restored, Failure> {
    let actor = context.actor()?;
    let restored = Registry::restore(&context.location, &actor, request, context.now);
    restored.map_err(|error| {
        let unmet = match &error {
            Error::Refused(Refusal::RevocationsUnmet { places }) => places.clone(),
            _ => Vec::new(),
        };
        let is_of_backup = matches!(error, Error::Backup(_));
        let failure = Failure::from(error);
        let mut failure = if is_of_backup {
            let file = quoted(&request.backup.display().to_string());
            let message = format!("{file}: {}", failure.message());
            failure.saying(message)
        } else {
            context.about_store(failure)
        };
        for label in unmet
            .iter()
            .take(SHOWN)
            .filter_map(|place| labels.get(*place))
        {
            failure = failure.hint(label.clone());
        }
        failure
    })
}

/// Asks, having said what would come of it. A whole store is too much to replace
/// without anybody to ask.
fn agree(
    args: &Args,
    context: &mut Context<'_>,
    request: &RestoreRequest,
    labels: &[String],
) -> Result<(), Failure> {
    let Some(prompter) = context.prompter() else {
        return Err(
            Failure::usage("a restore replaces the whole store, and nobody can be asked")
                .hint("look first: --dry-run")
                .hint("then say yes: --yes"),
        );
    };
    let planned = restore(context, request, labels)?;
    for line in said::summary(args, &planned) {
        context.ui.ask(&line);
    }
    let store = home_relative(&context.location);
    let question = if planned.is_replacing {
        format!("Replace the store {store} by it?")
    } else {
        format!("Make the store {store} from it?")
    };
    prompter.agree(&question, "nothing was restored")?;
    context.refresh_now();
    Ok(())
}

/// A name for what is replaced that nothing has yet.
fn free_name(location: &Location, now: Timestamp) -> PathBuf {
    let Location::File(store) = location else {
        return PathBuf::new();
    };
    let time = now.to_string().replace(['-', ':'], "");
    let name = |suffix: &str| {
        let mut name = store.clone().into_os_string();
        name.push(format!(".replaced-{time}{suffix}"));
        PathBuf::from(name)
    };
    let numbered = (2..).map(|number| name(&format!("-{number}")));
    std::iter::once(name(""))
        .chain(numbered)
        .take(100)
        .find(|path| PrivateFile::check(path).is_ok())
        .unwrap_or_else(|| name(""))
}

fn print(
    args: &Args,
    context: &mut Context<'_>,
    restored: &Restored,
    kept: Option<&Path>,
) -> Result<(), Failure> {
    if context.ui.format() == Format::Table {
        for kept in &restored.kept {
            context.ui.line(&said::line(kept))?;
        }
        return context.ui.flush();
    }
    let ids = |keys: &[Key]| keys.iter().map(|key| key.id.to_string()).collect();
    context.ui.document(&Document {
        schema: "keyctl.store.restore/v1",
        dry_run: args.dry_run,
        exact: args.exact,
        file: args.file.display().to_string(),
        store: absolute(&context.location),
        replaced: kept.map(|path| absolute(&Location::File(path.to_owned()))),
        content: Content::new(&restored.head, restored.backup.key_count),
        kept: restored.kept.iter().map(KeptView::new).collect(),
        revived: ids(&restored.revived),
        lost: ids(&restored.lost),
        unmet_revocations: restored.unmet_count,
        has_other_policy: restored.has_other_policy,
    })?;
    context.ui.flush()
}

impl KeptView {
    fn new(kept: &Kept) -> KeptView {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        KeptView {
            id: kept.key.id.to_string(),
            result: match kept.how {
                Ending::Revoked => "revoked",
                Ending::Disabled => "disabled",
                Ending::Earlier => "ends_earlier",
                Ending::Narrower => "narrower",
            },
            revoked_at: time(kept.key.revoked_at),
            disabled_at: time(kept.key.disabled_at),
            expires_at: time(kept.key.expires_at),
        }
    }
}
