//! From the tables of dify.

mod keys;

use std::collections::BTreeSet;

use keyctl::{Access, Workspace};

use super::report::{Report, counted};
use super::{Args, is_stdin, work};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use keys::Keys;

/// How many workspaces are named.
const NAMED_WORKSPACES: usize = 5;

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if args.dry_run && context.ui.format() == Format::Id {
        return Err(
            Failure::usage("a dry run has no ids: they are drawn when keys are added")
                .hint("see what would be done: --json"),
        );
    }
    let mut keys = Keys::open(args, context)?;
    if !args.dry_run && keys.source().is_file() && !context.has_store()? {
        // What is refused makes no store.
        let mut progress = context.ui.progress("checking").of_bytes();
        while keys.next()?.is_some() {
            progress.show(keys.source().progress());
        }
        drop(progress);
        keys = keys.rewound()?;
    }
    let mut registry = context.open_or_create(args.dry_run)?;
    keys.source().keep_others_waiting();
    let mut ids = Vec::new();
    let mut workspaces = BTreeSet::new();
    let mut open_count = 0;
    let wants_ids = context.ui.format() == Format::Id;
    let mut progress = context.ui.progress(work(args)).of_bytes();
    let imported = registry.import(
        args.dry_run,
        context.now,
        || {
            progress.show(keys.source().progress());
            keys.next()
        },
        |key| {
            open_count += u64::from(key.access == Access::AllDatasets);
            if wants_ids {
                ids.push(key.id.clone());
            }
            if workspaces.len() <= NAMED_WORKSPACES && !workspaces.contains(&key.workspace) {
                workspaces.insert(key.workspace.clone());
            }
        },
    );
    drop(progress);
    let report = Report {
        from: "dify",
        is_taken_over: false,
        imported: imported.map_err(|failure| context.about_store(keys.place(failure)))?,
        left_out: keys.left_out(),
        ids,
    };
    report.print(args, context)?;
    if open_count > 0 {
        let open = counted(open_count, "key reaches", "keys reach");
        context.ui.note(&format!(
            "{open} all datasets of the workspace: nothing binds them"
        ));
    }
    for line in keys.bad_rows() {
        context.ui.note(&format!("left out: {line}"));
    }
    if !args.dry_run {
        tell(args, context, &workspaces, report.left_out.row_count);
    }
    Ok(Exit::Done)
}

fn tell(
    args: &Args,
    context: &mut Context<'_>,
    workspaces: &BTreeSet<Workspace>,
    left_out_count: u64,
) {
    if !workspaces.is_empty() {
        tell_of_workspaces(context, workspaces);
        context
            .ui
            .hint("they never end by themselves; give one an end: keyctl edit KEY --expires 90d");
    }
    if !is_stdin(&args.file) {
        context.ui.hint(if left_out_count == 0 {
            "the input holds tokens as they are: delete it when it is of no more use"
        } else {
            "the input holds tokens as they are: delete it when the rows left out are settled"
        });
    }
}

fn tell_of_workspaces(context: &mut Context<'_>, workspaces: &BTreeSet<Workspace>) {
    if workspaces.iter().eq([&context.workspace]) {
        return;
    }
    let names = workspaces.iter().take(NAMED_WORKSPACES);
    let names: Vec<&str> = names.map(|workspace| workspace.as_str()).collect();
    let more = if workspaces.len() > NAMED_WORKSPACES {
        " and more"
    } else {
        ""
    };
    let noun = if workspaces.len() == 1 {
        "workspace"
    } else {
        "workspaces"
    };
    context.ui.note(&format!(
        "the keys are in {noun} {}{more}",
        names.join(", ")
    ));
    if !context.is_workspace_named {
        for name in names {
            context
                .ui
                .hint(&format!("see them: keyctl list --workspace {name}"));
        }
    }
}
