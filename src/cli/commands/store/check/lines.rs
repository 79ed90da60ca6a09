//! What was found, a line each.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{self, Path, PathBuf};

use keyctl::Key;
use keyctl::domain::{Exposure, FileFacts, StoreError};
use keyctl::ops::{Attention, Checkup, Level, Patience};
use keyctl::store::{Part, Upkeep, Weakness};
use nix::unistd::{AccessFlags, access};
use serde::{Serialize, Serializer};

use crate::cli::context::exposed;
use crate::cli::results::count;
use crate::cli::ui::size;

/// How many keys are named on a line.
const SHOWN: usize = 3;
const COPY: &str = "keep a copy of the store before anything else";

#[derive(Debug, Serialize)]
pub(super) struct Line {
    check: &'static str,
    #[serde(rename = "state", serialize_with = "as_word")]
    pub(super) level: Level,
    message: String,
    hint: Option<String>,
    keys: Vec<String>,
}

impl Line {
    fn new(level: Level, check: &'static str, message: impl Into<String>) -> Line {
        Line {
            check,
            level,
            message: message.into(),
            hint: None,
            keys: Vec::new(),
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Line {
        self.hint = Some(hint.into());
        self
    }

    /// The hint is after a colon, where there is a command in it.
    pub(super) fn text(&self) -> String {
        let shown = self.keys.iter().take(SHOWN).map(String::as_str);
        let mut keys = shown.collect::<Vec<_>>().join(", ");
        if self.keys.len() > SHOWN {
            keys.push_str(", ...");
        }
        let keys = if keys.is_empty() {
            keys
        } else {
            format!(" ({keys})")
        };
        let hint = self.hint.as_ref().map(|hint| format!("; {hint}"));
        let hint = hint.unwrap_or_default();
        format!(
            "{:<8} {:<10} {}{keys}{hint}",
            self.level.as_str(),
            self.check,
            self.message
        )
    }
}

fn as_word<S: Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(level.as_str())
}

/// All of it: what is in the store, how it is kept, what to look at.
pub(super) fn of(found: &Checkup, patience: Patience) -> Vec<Line> {
    let mut lines: Vec<Line> = found.parts.iter().map(part).collect();
    lines.push(log(found));
    lines.extend(found.exposures.iter().flat_map(|found| files(found)));
    lines.extend(kept(&found.upkeep));
    lines.push(space(&found.upkeep));
    lines.extend(ballast(&found.upkeep));
    lines.push(program());
    lines.extend(match &found.keys {
        Ok(keys) => attention(keys, patience),
        Err(error) => vec![Line::new(Level::Problem, "keys", told(error)).hint(COPY)],
    });
    lines
}

fn part((part, checked): &(Part, Result<(), StoreError>)) -> Line {
    let (check, fine) = match part {
        Part::Schema => ("tables", "as keyctl makes them"),
        Part::Indexes => ("indexes", "lead to the rows that are there"),
        Part::References => ("references", "no row belongs to a key that is gone"),
    };
    match checked {
        Ok(()) => Line::new(Level::Ok, check, fine),
        Err(error) => Line::new(Level::Problem, check, told(error)).hint(COPY),
    }
}

fn log(found: &Checkup) -> Line {
    match &found.log {
        Ok(checked) => {
            let events = count(checked.head.seq.unsigned_abs(), "event");
            let keys = count(checked.key_count, "key");
            Line::new(Level::Ok, "log", format!("intact: {events}, {keys}"))
        }
        Err(error) => Line::new(Level::Problem, "log", told(error)).hint(COPY),
    }
}

/// An error, with what caused it.
fn told(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", cause.to_string().replace('\n', "; ")),
        None => error.to_string(),
    }
}

fn files(exposures: &[(FileFacts, Exposure)]) -> Vec<Line> {
    if exposures.is_empty() {
        return vec![Line::new(Level::Ok, "files", "private to their owner")];
    }
    let lines = exposures.iter().map(|(file, exposure)| {
        let (problem, remedy) = exposed(file, *exposure);
        Line::new(Level::Problem, "files", problem).hint(remedy)
    });
    lines.collect()
}

fn kept(upkeep: &Upkeep) -> Vec<Line> {
    let Upkeep {
        engine, journal, ..
    } = upkeep;
    let mut lines = Vec::new();
    if let Some(fault) = &upkeep.unwritable {
        lines.push(
            Line::new(
                Level::Advice,
                "writing",
                format!("it can only be read: {fault}"),
            )
            .hint("see who may write to its folder and its file"),
        );
    }
    let waiting = upkeep.log_len.map(|len| format!(", {} waiting", size(len)));
    let said = format!("{engine}, {journal}{}", waiting.unwrap_or_default());
    lines.push(journal_line(upkeep, said));
    lines
}

fn journal_line(upkeep: &Upkeep, said: String) -> Line {
    let line = |level| Line::new(level, "journal", &said);
    match upkeep.weakness {
        Some(Weakness::ReadersWait) if upkeep.unwritable.is_none() => line(Level::Advice)
            .hint("readers and writers wait for each other: keep the store on a local disk"),
        Some(Weakness::CommitsLate) => line(Level::Advice).hint(
            "a crash of the server loses the last commits of other programs; keyctl turns it on for its own",
        ),
        Some(Weakness::NeverSynced) => Line::new(Level::Problem, "journal", format!("{said}, fsync off"))
            .hint("a crash of the server's machine can lose keys and revocations: turn fsync on"),
        Some(Weakness::ReadersWait) | None => match upkeep.log() {
            Level::Ok => line(Level::Ok),
            level => line(level)
                .hint("a program that has been reading for long keeps it from the file"),
        },
    }
}

fn space(upkeep: &Upkeep) -> Line {
    let len = size(upkeep.len);
    let said = match upkeep.free_len {
        Some(free_len) => format!("{len} in use, {} free", size(free_len)),
        None => format!("{len} in use"),
    };
    let line = Line::new(upkeep.room(), "space", said);
    match upkeep.room() {
        Level::Problem => line.hint("make room"),
        Level::Advice => line.hint("a backup here would fill it"),
        Level::Ok => line,
    }
}

fn ballast(upkeep: &Upkeep) -> Option<Line> {
    if upkeep.max_ballast_len == 0 {
        return None;
    }
    let kept = size(upkeep.ballast_len);
    let said = format!("{kept} are kept for revoking when the disk is full");
    let line = Line::new(upkeep.ballast(), "ballast", said);
    Some(match upkeep.ballast() {
        Level::Ok => line,
        Level::Advice | Level::Problem => line.hint(format!(
            "it will be {} with the next change, if there is room",
            size(upkeep.max_ballast_len)
        )),
    })
}

/// Linux's keyutils has a program of the same name.
fn program() -> Line {
    let this = env::current_exe();
    let place = |path: &Path| {
        fs::metadata(path)
            .ok()
            .map(|found| (found.dev(), found.ino()))
    };
    let own = this.as_ref().ok().and_then(|path| place(path));
    let is_other = |found: &PathBuf| {
        found.is_file() && access(found, AccessFlags::X_OK).is_ok() && place(found) != own
    };
    let path = env::var_os("PATH").unwrap_or_default();
    let others: BTreeSet<String> = env::split_paths(&path)
        .filter_map(|folder| path::absolute(folder.join("keyctl")).ok())
        .filter(is_other)
        .map(|found| found.display().to_string())
        .collect();
    if others.is_empty() {
        return Line::new(Level::Ok, "program", "no other keyctl is on PATH");
    }
    let this = this.unwrap_or_else(|_| PathBuf::from("keyctl"));
    Line::new(
        Level::Advice,
        "program",
        format!(
            "another keyctl is on PATH: {}",
            others.into_iter().collect::<Vec<_>>().join(", ")
        ),
    )
    .hint(format!(
        "where it matters, name this one: {}",
        this.display()
    ))
}

fn attention(keys: &Attention, patience: Patience) -> Vec<Line> {
    let line = |check, fine: &str, found: &[Key], said: &str, filter: String| {
        let Some(first) = found.first() else {
            return Line::new(Level::Ok, check, fine);
        };
        let keys = count(found.len() as u64, "key");
        let workspace = &first.workspace;
        Line {
            keys: found.iter().map(|key| key.id.to_string()).collect(),
            ..Line::new(Level::Advice, check, format!("{said}: {keys}"))
        }
        .hint(format!("see: keyctl list {filter} --workspace {workspace}"))
    };
    vec![
        line(
            "never-used",
            "no active key was never used in 30 days",
            &keys.never_used,
            "active and never used in 30 days",
            format!("--unused-for {}", patience.never_used),
        ),
        line(
            "full-scope",
            "no active key with scope full is unused for 90 days",
            &keys.full_unused,
            "active, scope full, and not used for 90 days",
            format!("--unused-for {}", patience.full_unused),
        ),
        line(
            "expiring",
            "no active key ends within 14 days",
            &keys.expiring,
            "active, and ending within 14 days",
            format!("--expiring-within {}", patience.expiring),
        ),
    ]
}
