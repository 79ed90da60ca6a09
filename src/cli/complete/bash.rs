//! What bash needs and clap's script for it does not do: words with `:`, `=` or
//! `@` in them, as datasets may have, and remarks on what is offered, for which
//! bash has no place of its own.

use std::env;
use std::ffi::OsString;
use std::io;

use clap::Command;
use clap_complete::engine::{CompletionCandidate, complete};

use crate::cli::ui::shell_word;

/// What stands between two answers: no shell word has it.
const SEPARATOR: &str = "\u{b}";
/// Set where the answers are listed and none is put into the line.
const LIST_VARIABLE: &str = "KEYCTL_COMPLETE_LIST";

/// The script that makes bash ask this program.
pub(super) fn registration(program: &str) -> String {
    include_str!("keyctl.bash").replace("PROGRAM", &shell_word(program))
}

/// What may stand in the place of the last of these words.
pub(super) fn answer(command: &mut Command, words: Vec<OsString>) -> io::Result<String> {
    let is_list = env::var_os(LIST_VARIABLE).is_some_and(|value| !value.is_empty());
    let last = words.len().saturating_sub(1);
    let folder = env::current_dir().ok();
    let candidates = complete(command, words, last, folder.as_deref())?;
    let word = |candidate: &CompletionCandidate| match candidate.get_help() {
        // The help of an option is too long to stand there.
        Some(help) if is_list && !is_option(candidate) => format!("{}  ({help})", value(candidate)),
        _ => value(candidate),
    };
    // A single one is put into the line as it is.
    Ok(match candidates.as_slice() {
        [only] => value(only),
        several => several.iter().map(word).collect::<Vec<_>>().join(SEPARATOR),
    })
}

fn value(candidate: &CompletionCandidate) -> String {
    candidate.get_value().to_string_lossy().into_owned()
}

fn is_option(candidate: &CompletionCandidate) -> bool {
    value(candidate).starts_with('-')
}
