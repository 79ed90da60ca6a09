use std::path::{Path, PathBuf};

use keyctl::domain::{Action, KeptHead, KeyId};
use keyctl::ops::{Kept, RestoreRequest, Restored, Selection};
use keyctl::store::PrivateFile;
use keyctl::{Error, Location, Registry, Timestamp};
use serde::Serialize;

use super::backup::Content;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Lines, selection};
use crate::cli::results::count;
use crate::cli::signals;
use crate::cli::ui::{absolute, home_relative, quoted};

/// How many keys are named in a remark.
const SHOWN: usize = 5;

/// Replace the store by a backup, or make it from one
///
/// Keys that were revoked or disabled since the backup, or that end earlier, stay so: the store that
/// is replaced says which. Where it cannot be read, or there is none, --head or --revocations must
/// say. What was there is kept beside the new one.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// The last end of the log that you have, as `keyctl audit head` printed it
    #[arg(long, value_name = "HEAD")]
    head: Option<KeptHead>,

    /// Revoke these too: ids or tokens, one a line; - reads standard input
    #[arg(long, value_name = "FILE|-", value_hint = clap::ValueHint::FilePath)]
    revocations: Option<PathBuf>,

    /// Restore exactly what is in the backup: what was revoked since is valid again
    #[arg(long)]
    exact: bool,

    /// Check everything and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    dry_run: bool,
    file: String,
    store: String,
    replaced: Option<String>,
    #[serde(flatten)]
    content: Content,
    kept: Vec<KeptView>,
    lost: Vec<String>,
    wider: Vec<String>,
    unknown_revocations: u64,
}

/// A key that did not become what it was.
#[derive(Serialize)]
struct KeptView {
    id: String,
    result: &'static str,
    revoked_at: Option<String>,
    disabled_at: Option<String>,
    expires_at: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let revocations = args.revocations.as_deref().map(read).transpose()?;
    look_at(args, context)?;
    let kept = free_name(&context.location, context.now);
    signals::watch();
    let request = RestoreRequest {
        backup: args.file.clone(),
        kept: kept.clone(),
        head: args.head.clone(),
        revocations,
        workspace: context.workspace.clone(),
        exact: args.exact,
        dry_run: args.dry_run,
    };
    let restored = Registry::restore(&context.location, &context.actor, &request, context.now)
        .map_err(|error| context.about_store(Failure::from(error)))?;
    let kept = restored.is_replacing.then_some(kept);
    print(args, context, &restored, kept.as_deref())?;
    tell(args, context, &restored, kept.as_deref());
    Ok(Exit::Done)
}

/// The lines of a file that says what was revoked.
fn read(path: &Path) -> Result<Vec<Selection>, Failure> {
    let mut lines = Lines::open(Some(path).filter(|path| *path != Path::new("-")))?;
    let mut selections = Vec::new();
    while let Some(group) = lines.next_group()? {
        selections.extend(group.iter().filter_map(|line| selection(line)));
    }
    Ok(selections
        .into_iter()
        .map(|(selection, _)| selection)
        .collect())
}

/// Holds the backup against its log, and asks whether it is to replace the store.
fn look_at(args: &Args, context: &mut Context<'_>) -> Result<(), Failure> {
    let place = Location::File(args.file.clone());
    let of_backup = |error: Error| {
        let message = format!(
            "{} cannot be restored: {error}",
            quoted(&args.file.display().to_string())
        );
        let failure = Failure::from(error);
        if failure.is_of_the_store() {
            let code = failure.code();
            Failure::new(Exit::Store, code, message)
                .hint("name a file that was made by: keyctl store backup FILE")
        } else {
            failure
        }
    };
    let backup = Registry::open_copy(&place, context.actor.clone());
    let mut backup = backup.map_err(|error| of_backup(error.into()))?;
    let checked = backup.audit(None).map_err(of_backup)?;
    let Some(prompter) = context
        .prompter()
        .filter(|_| !context.assume_yes && !args.dry_run)
    else {
        return Ok(());
    };
    let content = Content::new(&checked.head, checked.key_count);
    context.ui.ask(&format!(
        "{} has {}",
        quoted(&args.file.display().to_string()),
        content.counted()
    ));
    let store = home_relative(&context.location);
    let question = if context.has_store() {
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
    let views: Vec<KeptView> = restored.kept.iter().map(KeptView::new).collect();
    if context.ui.format() == Format::Table {
        for view in &views {
            context.ui.line(&view.line())?;
        }
        return context.ui.flush();
    }
    let ids = |ids: &[KeyId]| ids.iter().map(ToString::to_string).collect();
    let document = Document {
        schema: "keyctl.store.restore/v1",
        dry_run: args.dry_run,
        file: args.file.display().to_string(),
        store: absolute(&context.location),
        replaced: kept
            .filter(|_| !args.dry_run)
            .map(|path| absolute(&Location::File(path.to_owned()))),
        content: Content::new(&restored.head, restored.backup.key_count),
        kept: views,
        lost: ids(&restored.lost),
        wider: ids(&restored.wider),
        unknown_revocations: restored.unknown_count,
    };
    context.ui.document(&document)?;
    context.ui.flush()
}

impl KeptView {
    fn new(kept: &Kept) -> KeptView {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        KeptView {
            id: kept.key.id.to_string(),
            result: match kept.action {
                Action::Revoked => "revoked",
                Action::Disabled => "disabled",
                _ => "ends_earlier",
            },
            revoked_at: time(kept.key.revoked_at),
            disabled_at: time(kept.key.disabled_at),
            expires_at: time(kept.key.expires_at),
        }
    }

    fn line(&self) -> String {
        match (self.result, &self.expires_at) {
            ("ends_earlier", Some(end)) => format!("ends at {end} {}", self.id),
            (result, _) => format!("stays {result} {}", self.id),
        }
    }
}

fn tell(args: &Args, context: &mut Context<'_>, restored: &Restored, kept: Option<&Path>) {
    let content = Content::new(&restored.backup.head, restored.backup.key_count);
    let ui = &mut *context.ui;
    let place = quoted(&args.file.display().to_string());
    let deed = if args.dry_run {
        "would restore"
    } else {
        "restored"
    };
    ui.note(&format!("{deed} {} from {place}", content.counted()));
    if let Some(kept) = kept.filter(|_| !args.dry_run) {
        let kept = home_relative(&Location::File(kept.to_owned()));
        ui.note(&format!("what it replaced is in {kept}"));
    }
    let lost = restored.lost.len() as u64;
    if lost > 0 {
        let keys = count(lost, "key");
        let named = named(&restored.lost);
        ui.note(&format!(
            "{keys} issued since the backup open nothing any more: {named}"
        ));
    }
    let wider = restored.wider.len() as u64;
    if wider > 0 {
        let keys = count(wider, "key");
        let named = named(&restored.wider);
        ui.note(&format!("{keys} may do more again than before: {named}"));
        ui.hint("see what that is: keyctl show KEY");
    }
    if restored.has_other_policy {
        ui.note("the policy is that of the backup");
        ui.hint("see what it allows: keyctl policy show");
    }
    if restored.unknown_count > 0 {
        let lines = count(restored.unknown_count, "line");
        ui.note(&format!(
            "{lines} of --revocations fit no key of the backup"
        ));
    }
    if args.exact {
        ui.note("what was revoked since the backup is valid again");
    }
    if !args.dry_run {
        ui.hint("a head that you kept is of the log that was replaced; keep a new one: keyctl audit head");
    }
}

fn named(ids: &[KeyId]) -> String {
    let shown: Vec<&str> = ids.iter().take(SHOWN).map(KeyId::as_str).collect();
    match ids.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}
