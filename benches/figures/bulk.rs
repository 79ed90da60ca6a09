//! Work on all keys, or on a tenth of them: how long it takes, and whether its
//! memory grows with the store.

use std::fs;
use std::process::Stdio;

use crate::store::{FLOOR, READ, Store, WRITTEN, stdin};
use crate::table::Figure;
use crate::turns::{Fallible, in_turn};

const ORDERED: &str = "
    FROM keys k LEFT JOIN last_uses u ON u.seq = k.seq
    WHERE k.workspace = 'default' ORDER BY k.created_at, k.seq";

pub(crate) fn lists(store: &Store) -> Fallible<[Figure; 2]> {
    let as_json = format!(
        "SELECT k.id, k.name, k.description, k.workspace, k.access, k.datasets,
            k.app, k.scopes, k.masked_token, k.created_at, k.created_by, k.expires_at,
            u.at AS last_used_at, k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces,
            k.replaced_by {ORDERED}"
    );
    let as_table = format!(
        "SELECT k.id, k.name, 'dataset ' || k.datasets AS access, k.scopes,
            iif(k.revoked_at IS NULL, 'active', 'revoked') AS status, k.masked_token,
            k.created_at, u.at AS last_used_at, k.expires_at {ORDERED}"
    );
    Ok([
        List {
            what: "`list -o jsonl`",
            format: "jsonl",
            beside: "`sqlite3 -json`, the same columns",
            shell: ["-json", &as_json],
        }
        .measure(store)?,
        List {
            what: "`list`, a table",
            format: "table",
            beside: "`sqlite3 -column`, the same columns",
            shell: ["-column", &as_table],
        }
        .measure(store)?,
    ])
}

struct List<'a> {
    what: &'static str,
    format: &'a str,
    beside: &'static str,
    shell: [&'a str; 2],
}

impl List<'_> {
    fn measure(&self, store: &Store) -> Fallible<Figure> {
        let args = ["list", "-o", self.format];
        let mut peak = 0;
        let medians = in_turn(
            store.bulk_turns(),
            |_| {
                let run = store.keyctl(READ, &args, Stdio::null())?;
                peak = peak.max(run.peak);
                Ok(run.took)
            },
            |_| Ok(store.shell(READ, &self.shell)?.took),
        )?;
        Ok(Figure::beside(self.what, self.beside, &medians).with_peak(peak))
    }
}

/// What has no floor, once, for its memory.
pub(crate) fn alone(store: &Store) -> Fallible<Vec<Figure>> {
    let commands: [(_, &[&str]); 2] = [
        ("`list -o csv`", &["list", "-o", "csv"]),
        ("`export`", &["export"]),
    ];
    let measured = commands.into_iter().map(|(what, args)| {
        let run = store.keyctl(READ, args, Stdio::null())?;
        Ok(Figure::alone(what, run.took).with_peak(run.peak))
    });
    measured.collect()
}

/// Another tenth of the keys in each turn.
pub(crate) fn revoke(store: &Store) -> Fallible<Figure> {
    const TURNS: usize = 3;
    let tenth = store.key_count / 10;
    let ids = |turn: usize| store.ids[turn * tenth..][..tenth].join("\n");
    let mut peak = 0;
    let medians = in_turn(
        TURNS,
        |turn| {
            let run = store.keyctl(WRITTEN, &["revoke", "-"], stdin(&ids(turn))?)?;
            peak = peak.max(run.peak);
            Ok(run.took)
        },
        |turn| {
            fs::write(store.path("ids.txt"), ids(turn))?;
            let lines = [
                "PRAGMA synchronous = FULL; CREATE TEMP TABLE named (id TEXT)",
                ".import ids.txt named",
                "UPDATE keys SET revoked_at = unixepoch() WHERE id IN (SELECT id FROM named);
                 SELECT changes()",
            ];
            Ok(store.shell(FLOOR, &lines)?.took)
        },
    )?;
    let beside = "`sqlite3`, one UPDATE of their rows, without the log";
    Ok(Figure::beside("`revoke -`, a tenth of the keys", beside, &medians).with_peak(peak))
}
