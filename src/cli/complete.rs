//! What a shell offers while a command is typed: commands and options as they
//! are, and ids, names, datasets and apps as the store has them now.
//!
//! It runs at every press of a key, so it reads without leaving a trace, waits
//! for nobody, and where something fails, offers nothing and says nothing.

mod bash;

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{EnvCompleter, Shells};
use keyctl::domain::{Outline, Status, TargetId};
use keyctl::ops::ListQuery;
use keyctl::store::{Order, Page, Reach};
use keyctl::{Access, Registry, Timestamp, Workspace};

use super::args::Cli;
use super::context::location;
use super::exit::{Exit, Failure};
use super::guard::option_value;
use super::ui::Ui;

/// The variable that asks for completions: the name of a shell.
const VARIABLE: &str = "KEYCTL_COMPLETE";
/// How many keys are looked at, the newest first: enough for any list that
/// somebody reads, and few enough for a shell that waits.
const MAX_KEYS: usize = 20_000;

/// The shell that asks, if one does.
pub(crate) fn asking_shell() -> Option<OsString> {
    env::var_os(VARIABLE).filter(|value| !value.is_empty() && value != "0")
}

/// Answers a shell: with the script that makes it ask from then on, or with what it
/// may offer for the words after `--`.
pub(crate) fn respond(shell: &OsStr, args: &[OsString], ui: &mut Ui) -> Result<Exit, Failure> {
    let words = args.iter().position(|arg| arg == "--");
    let words = words.map(|position| args[position + 1..].to_vec());
    if words.is_none() && args.len() > 1 {
        // It was exported, and a command would be taken for done.
        return Err(
            Failure::usage(format!("{VARIABLE} is set, so nothing was done"))
                .hint(format!("to run commands: unset {VARIABLE}")),
        );
    }
    let Some(completer) = completer(shell) else {
        return match words {
            Some(_) => Ok(Exit::Done),
            None => Err(unknown_shell()),
        };
    };
    let answer = match words {
        Some(words) => candidates(completer, words),
        None => registration(completer, &program(args)),
    };
    // Nobody who presses a key wants to read why nothing is offered.
    let printed = answer
        .map_err(Failure::output)
        .and_then(|answer| ui.raw(&answer).and_then(|()| ui.flush()));
    printed.map(|()| Exit::Done).or(Ok(Exit::Done))
}

/// By the name of a shell, or the path to it.
fn completer(shell: &OsStr) -> Option<&'static dyn EnvCompleter> {
    let name = Path::new(shell).file_stem()?.to_str()?;
    let shells = Shells::builtins().0.iter().copied();
    shells.into_iter().find(|completer| completer.is(name))
}

/// The script that makes the shell ask.
fn registration(completer: &dyn EnvCompleter, program: &str) -> io::Result<Vec<u8>> {
    if is_bash(completer) {
        return Ok(bash::registration(program).into_bytes());
    }
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "keyctl", "keyctl", program, &mut script)?;
    Ok(script)
}

/// What may stand in the place of the word that is typed.
fn candidates(completer: &dyn EnvCompleter, words: Vec<OsString>) -> io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    if is_bash(completer) {
        return bash::answer(&mut command, words).map(String::into_bytes);
    }
    let mut answer = Vec::new();
    let folder = env::current_dir().ok();
    completer.write_complete(&mut command, words, folder.as_deref(), &mut answer)?;
    Ok(answer)
}

fn is_bash(completer: &dyn EnvCompleter) -> bool {
    completer.name() == "bash"
}

fn unknown_shell() -> Failure {
    let names: Vec<&str> = Shells::builtins().names().collect();
    Failure::usage(format!("{VARIABLE} names no shell that has completions"))
        .hint(format!("one of {}", names.join(", ")))
}

/// What the shell is to run: this program, as it was found.
fn program(args: &[OsString]) -> String {
    let program = args.first().map(PathBuf::from).unwrap_or_default();
    let is_path = program.components().count() > 1;
    match env::current_dir() {
        Ok(folder) if is_path => folder.join(program),
        _ => program,
    }
    .to_string_lossy()
    .into_owned()
}

/// Offers ids and names of live keys, with what they reach; and ids of those
/// that were replaced and still work.
pub(crate) fn keys() -> ArgValueCompleter {
    keys_that(|_| true)
}

/// Offers those that are disabled.
pub(crate) fn disabled_keys() -> ArgValueCompleter {
    keys_that(|key| key.disabled_at.is_some())
}

/// Offers those that are not disabled.
pub(crate) fn enabled_keys() -> ArgValueCompleter {
    keys_that(|key| key.disabled_at.is_none())
}

fn keys_that(fit: fn(&Outline) -> bool) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let mut offers = Vec::new();
        each_key(|key| {
            if !fit(key) {
                return;
            }
            let name = key.name.as_ref().map(|name| name.as_str());
            // The name is the successor's.
            let own_name = name.filter(|_| key.replaced_by.is_none());
            if let Some(name) = own_name.filter(|name| begins(name, typed)) {
                let help = key.access.to_string();
                offers.push(CompletionCandidate::new(name).help(Some(help.into())));
            }
            if begins(key.id.as_str(), typed) {
                let name = name.map(|name| format!("{name}, ")).unwrap_or_default();
                let help = format!("{name}{}", key.access);
                offers.push(CompletionCandidate::new(key.id.as_str()).help(Some(help.into())));
            }
        });
        offers
    })
}

/// Offers the datasets that live keys are bound to.
pub(crate) fn datasets() -> ArgValueCompleter {
    targets(|key| match &key.access {
        Access::Datasets(bound) => bound.iter().cloned().collect(),
        Access::AllDatasets | Access::App(_) => Vec::new(),
    })
}

/// Offers the apps that live keys are for.
pub(crate) fn apps() -> ArgValueCompleter {
    targets(|key| match &key.access {
        Access::App(id) => vec![id.clone()],
        Access::Datasets(_) | Access::AllDatasets => Vec::new(),
    })
}

fn targets(of: fn(&Outline) -> Vec<TargetId>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let mut ids = BTreeSet::new();
        each_key(|key| ids.extend(of(key)));
        ids.iter()
            .filter(|id| begins(id.as_str(), typed))
            .map(|id| CompletionCandidate::new(id.as_str()))
            .collect()
    })
}

fn begins(text: &str, typed: &OsStr) -> bool {
    typed.to_str().is_some_and(|typed| text.starts_with(typed))
}

/// Runs over the active and disabled keys of the store and the workspace that the words so far, or
/// the environment, name.
fn each_key(mut each: impl FnMut(&Outline) + Send) {
    let words: Vec<OsString> = env::args_os().collect();
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let Some((mut registry, workspace)) = open(&words) else {
        return;
    };
    let query = ListQuery {
        workspace,
        reach: Reach::Anything,
        name: None,
        statuses: vec![Status::Active, Status::Disabled],
        expiring_within: None,
        unused_for: None,
        page: Page {
            order: Order::CreatedAt,
            descending: true,
            after: None,
        },
        limit: Some(MAX_KEYS),
    };
    let now = Timestamp::now();
    // What was read before a failure is offered.
    let _ = registry.list(&query, now, |key: Outline| {
        each(&key);
        ControlFlow::Continue(())
    });
}

/// A path as the shell would hand it over: words arrive as they are typed.
fn expanded(typed: &str) -> PathBuf {
    let typed = typed.trim_matches(['"', '\'']);
    let below_home = ["~/", "$HOME/"]
        .iter()
        .find_map(|home| typed.strip_prefix(home));
    match (below_home, env::var_os("HOME")) {
        (Some(path), Some(home)) => Path::new(&home).join(path),
        _ => PathBuf::from(typed),
    }
}

fn open(words: &[&str]) -> Option<(Registry, Workspace)> {
    let store = option_value(words, "--store").map(expanded);
    let location = location(store.as_deref()).ok()?;
    let variable = env::var("KEYCTL_WORKSPACE").unwrap_or_default();
    let workspace = match option_value(words, "--workspace").unwrap_or(&variable) {
        "" => Workspace::default(),
        name => name.parse().ok()?,
    };
    let registry = Registry::peek(&location, "completion".parse().ok()?).ok()?;
    Some((registry, workspace))
}
