//! What was found, a line each.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use keyctl::domain::{KeyId, StoreError};
use keyctl::ops::{Attention, Checkup};
use keyctl::store::{Part, Upkeep};
use nix::unistd::{AccessFlags, access};
use serde::Serialize;

use crate::cli::context::exposed;
use crate::cli::results::count;

/// Below this, in bytes, a disk counts as full: what takes up so little of it is
/// gone in a moment.
const LITTLE_ROOM: u64 = 16 << 20;
/// From here on, in bytes, somebody keeps SQLite from putting its log into the
/// file; SQLite does so from 4 MB on.
const LONG_LOG: u64 = 64 << 20;
/// How many keys are named on a line.
const SHOWN: usize = 3;
const COPY: &str = "keep a copy of the store, and see: keyctl store restore --help";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    /// Somebody should look at it.
    Advice,
    /// Somebody has to mend it.
    Problem,
}

#[derive(Debug, Serialize)]
pub(super) struct Line {
    check: &'static str,
    pub(super) state: State,
    message: String,
    hint: Option<String>,
    keys: Vec<String>,
}

impl Line {
    fn new(state: State, check: &'static str, message: impl Into<String>) -> Line {
        Line {
            check,
            state,
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
        let state = match self.state {
            State::Ok => "ok",
            State::Advice => "advice",
            State::Problem => "problem",
        };
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
        format!("{state:<8} {:<10} {}{keys}{hint}", self.check, self.message)
    }
}

/// All of it, the worst that can be first.
pub(super) fn of(found: &Checkup) -> Vec<Line> {
    let mut lines: Vec<Line> = found.parts.iter().map(part).collect();
    lines.push(log(found));
    lines.extend(files(found));
    lines.extend(kept(&found.upkeep));
    lines.push(space(&found.upkeep));
    lines.push(ballast(&found.upkeep));
    lines.push(program());
    lines.extend(match &found.keys {
        Ok(keys) => attention(keys),
        Err(error) => vec![Line::new(State::Problem, "keys", told(error)).hint(COPY)],
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
        Ok(()) => Line::new(State::Ok, check, fine),
        Err(error) => Line::new(State::Problem, check, told(error)).hint(COPY),
    }
}

fn log(found: &Checkup) -> Line {
    match &found.log {
        Ok(checked) => {
            let events = count(checked.head.seq.unsigned_abs(), "event");
            let keys = count(checked.key_count, "key");
            Line::new(State::Ok, "log", format!("intact: {events}, {keys}"))
        }
        Err(error) => Line::new(State::Problem, "log", told(error)).hint(COPY),
    }
}

/// An error, with what caused it.
fn told(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn files(found: &Checkup) -> Vec<Line> {
    if found.exposures.is_empty() {
        return vec![Line::new(
            State::Ok,
            "files",
            "nobody else can come at them",
        )];
    }
    let lines = found.exposures.iter().map(|(file, exposure)| {
        let (problem, remedy) = exposed(file, *exposure);
        Line::new(State::Problem, "files", problem).hint(remedy)
    });
    lines.collect()
}

fn kept(upkeep: &Upkeep) -> Vec<Line> {
    let Upkeep {
        engine, journal, ..
    } = upkeep;
    let mut lines = Vec::new();
    if !upkeep.is_writable {
        lines.push(
            Line::new(State::Advice, "writing", "the store can only be read here")
                .hint("see who may write to its folder and its file"),
        );
    }
    let said = format!("{engine}, {journal}, {} waiting", size(upkeep.log_len));
    lines.push(if !upkeep.is_best_journal && upkeep.is_writable {
        Line::new(State::Advice, "journal", said)
            .hint("readers and writers wait for each other: keep the store on a local disk")
    } else if upkeep.log_len > LONG_LOG {
        Line::new(State::Advice, "journal", said)
            .hint("a program that has been reading for long keeps it from the file")
    } else {
        Line::new(State::Ok, "journal", said)
    });
    lines
}

fn space(upkeep: &Upkeep) -> Line {
    let len = size(upkeep.len);
    let Some(free_len) = upkeep.free_len else {
        return Line::new(State::Ok, "space", format!("{len} in use"));
    };
    let said = format!("{len} in use, {} free", size(free_len));
    if free_len < LITTLE_ROOM {
        Line::new(State::Problem, "space", said).hint("make room")
    } else if free_len < upkeep.len.saturating_mul(2) {
        Line::new(State::Advice, "space", said).hint("a backup here would fill it")
    } else {
        Line::new(State::Ok, "space", said)
    }
}

fn ballast(upkeep: &Upkeep) -> Line {
    if upkeep.has_ballast {
        let said = "room is kept for revoking when the disk is full";
        return Line::new(State::Ok, "ballast", said);
    }
    Line::new(
        State::Advice,
        "ballast",
        "no room is kept for revoking when the disk is full",
    )
    .hint("it is made with the next change, if there is room")
}

/// Linux's keyutils has a program of the same name.
fn program() -> Line {
    let this = env::current_exe().and_then(|path| path.canonicalize());
    let path = env::var_os("PATH").unwrap_or_default();
    let is_other = |found: &PathBuf| {
        found.is_file()
            && access(found, AccessFlags::X_OK).is_ok()
            && found.canonicalize().ok() != this.as_ref().ok().cloned()
    };
    let others: Vec<String> = env::split_paths(&path)
        .map(|folder| folder.join("keyctl"))
        .filter(is_other)
        .map(|found| found.display().to_string())
        .collect();
    if others.is_empty() {
        return Line::new(State::Ok, "program", "no other keyctl is on PATH");
    }
    let this = this.unwrap_or_else(|_| PathBuf::from("keyctl"));
    Line::new(
        State::Advice,
        "program",
        format!("another keyctl is on PATH: {}", others.join(", ")),
    )
    .hint(format!(
        "where it matters, name this one: {}",
        this.display()
    ))
}

fn attention(keys: &Attention) -> Vec<Line> {
    let line = |check, fine: &str, ids: &[KeyId], said: &str, hint: &str| {
        if ids.is_empty() {
            return Line::new(State::Ok, check, fine);
        }
        let verb = if ids.len() == 1 { "has" } else { "have" };
        let keys = count(ids.len() as u64, "key");
        Line {
            keys: ids.iter().map(ToString::to_string).collect(),
            ..Line::new(State::Advice, check, format!("{keys} {verb} {said}")).hint(hint)
        }
    };
    vec![
        line(
            "never-used",
            "every key of 30 days has been used",
            &keys.never_used,
            "never been used in 30 days",
            "see them: keyctl list --unused-for 30d",
        ),
        line(
            "full-scope",
            "every key with scope full has been used within 90 days",
            &keys.full_unused,
            "scope full and no use for 90 days",
            "see them: keyctl list --unused-for 90d",
        ),
        line(
            "expiring",
            "no key ends within 14 days",
            &keys.expiring,
            "14 days left at most",
            "see them: keyctl list --expiring-within 14d",
        ),
    ]
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_suits_them() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (61_440, "60.0 KiB"),
            (5 << 30, "5.0 GiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
    }
}
