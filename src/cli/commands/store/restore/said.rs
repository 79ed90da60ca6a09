//! What is said of a restore, before it and after it.

use std::path::Path;

use keyctl::ops::{Ending, Kept, Restored};
use keyctl::{Key, Location};

use super::Args;
use crate::cli::context::Context;
use crate::cli::results::count;
use crate::cli::ui::{home_relative, quoted};
use crate::cli::view::Content;

/// How many keys a remark names.
const SHOWN: usize = 5;

/// A key that stays ended.
pub(super) fn line(kept: &Kept) -> String {
    let id = &kept.key.id;
    match (kept.how, kept.key.expires_at) {
        (Ending::Revoked, _) => format!("revoked {id}"),
        (Ending::Disabled, _) => format!("disabled {id}"),
        (Ending::Earlier, Some(end)) => format!("ends at {end} {id}"),
        (Ending::Earlier, None) => format!("ends earlier {id}"),
        (Ending::Narrower, _) => format!("narrower {id}"),
    }
}

/// What comes of it, and what is lost.
pub(super) fn summary(args: &Args, restored: &Restored) -> Vec<String> {
    let content = Content::new(&restored.backup.head, restored.backup.key_count);
    let place = quoted(&args.file.display().to_string());
    let mut lines = vec![format!("{place} has {}", content.counted())];
    let ended = restored.kept.len() as u64;
    if ended > 0 {
        let keys = count(ended, "key");
        let kept = restored.kept.iter().map(|kept| &kept.key);
        lines.push(format!(
            "ended or narrowed since, and stays so: {keys}: {}",
            named(kept)
        ));
    }
    let mut about = |keys: &[Key], said: &str| {
        if !keys.is_empty() {
            let keys_count = count(keys.len() as u64, "key");
            lines.push(format!("{said}: {keys_count}: {}", named(keys.iter())));
        }
    };
    about(&restored.lost, "issued since the backup, and gone with it");
    about(&restored.revived, "ended since the backup, and valid again");
    if let Some(seq) = restored.known_until {
        lines.push(format!(
            "the backup has the head that you gave, event {seq}; what was revoked later is valid again"
        ));
    }
    if restored.has_other_policy {
        lines.push("the policy is that of the backup, which is another one".to_owned());
    }
    if restored.unmet_count > 0 {
        let lines_count = count(restored.unmet_count, "line");
        lines.push(format!(
            "passed over, since the backup has no such key: {lines_count}"
        ));
    }
    lines
}

/// What was done, for people.
pub(super) fn tell(
    args: &Args,
    context: &mut Context<'_>,
    restored: &Restored,
    kept: Option<&Path>,
) {
    for line in summary(args, restored) {
        context.ui.note(&line);
    }
    if args.dry_run {
        context.ui.note("nothing was restored: this was a dry run");
        return;
    }
    let store = home_relative(&context.location);
    context.ui.note(&format!("restored: {store}"));
    if let Some(kept) = kept {
        let place = home_relative(&Location::File(kept.to_owned()));
        context.ui.note(&format!("what it replaced is in {place}"));
        context
            .ui
            .hint("heads that you kept of it no longer fit; keep a new one: keyctl audit head");
    }
    if restored.has_other_policy {
        context.ui.hint("see what it allows: keyctl policy show");
    }
}

fn named<'k>(keys: impl ExactSizeIterator<Item = &'k Key>) -> String {
    let more = keys.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = keys.take(SHOWN).map(|key| key.id.as_str()).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}
