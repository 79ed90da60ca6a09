//! The lives of stores that are cut short.

use keyctl::Verdict::{Disabled, NotFound, Revoked, Valid};

use crate::workload::{COPIES, File, Step, Workload, step};

/// Each command alone: the log of the store comes and goes with each.
pub(crate) fn alone() -> Workload {
    Workload {
        title: "one by one",
        steps: one_by_one(),
        log_counts: 4..=usize::MAX,
        is_held_open: false,
        is_on_a_server: false,
    }
}

/// With the store open elsewhere, so that nobody empties its log, and at times
/// two at once.
pub(crate) fn shared() -> Workload {
    Workload {
        title: "beside others",
        steps: beside_others(),
        log_counts: 3..=3,
        is_held_open: true,
        is_on_a_server: false,
    }
}

/// The same in a store that has no log, but a rollback journal.
pub(crate) fn on_a_server() -> Workload {
    Workload {
        title: "beside others, on a server",
        log_counts: 0..=0,
        is_on_a_server: true,
        ..shared()
    }
}

/// So much that the log is emptied while it is open, and begins anew.
pub(crate) fn long() -> Workload {
    let mut steps = vec![
        step("create -d ds_1 --name a --token-file a", &[("a", Valid)]).making(File::Token("a")),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)]).making(File::Token("b")),
    ];
    steps.extend((0..EDIT_COUNT).map(|n| step(format!("edit a --description {n}"), &[])));
    steps.push(step("revoke b", &[("b", Revoked)]));
    steps.push(step("disable a", &[("a", Disabled)]));
    Workload {
        title: "very many",
        steps,
        log_counts: 4..=usize::MAX,
        is_held_open: true,
        is_on_a_server: false,
    }
}

/// SQLite empties a log of 1,000 pages, and an edit writes four.
const EDIT_COUNT: usize = 260;

/// A backup in the place of the store: what ended since stays so.
pub(crate) fn restored(is_held_open: bool, is_on_a_server: bool) -> Workload {
    let steps = vec![
        step("create -d ds_1 --name a --token-file a", &[("a", Valid)]).making(File::Token("a")),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)]).making(File::Token("b")),
        step("create -d ds_1 --name c --token-file c", &[("c", Valid)]).making(File::Token("c")),
        step("store backup backup.db", &[])
            .making(File::Whole("backup.db"))
            .changing(None),
        step("revoke a", &[("a", Revoked)]).beside_the_next(),
        step("disable b", &[("b", Disabled)]),
        step("create -d ds_1 --name d --token-file d", &[("d", Valid)]).making(File::Token("d")),
        step(
            "store restore backup.db --yes",
            &[
                ("a", Revoked),
                ("b", Disabled),
                ("c", Valid),
                ("d", NotFound),
            ],
        )
        .making(File::Replaced),
        step("revoke c", &[("c", Revoked)]),
        step("store restore backup.db --exact --yes --store new.db", &[]).changing(Some(COPIES[1])),
    ];
    Workload {
        title: "a backup restored",
        steps,
        log_counts: 0..=usize::MAX,
        is_held_open,
        is_on_a_server,
    }
}

fn one_by_one() -> Vec<Step> {
    vec![
        step(
            "create -d ds_1 -d ds_2 --name a --token-file a",
            &[("a", Valid)],
        )
        .making(File::Token("a")),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)]).making(File::Token("b")),
        step("revoke a --reason lost", &[("a", Revoked)]),
        step(
            "rotate b --grace 1h --token-file b2",
            &[("b", Valid), ("b2", Valid)],
        )
        .making(File::Token("b2")),
        step("disable b", &[("b2", Disabled)]),
        step("policy set max-keys-per-target 100", &[]),
        step("enable b", &[("b2", Valid)]),
        step("edit b --add-scope datasets:read --name c", &[]),
        step(
            "import ../issued.csv --from dify --no-bindings",
            &[("first", Valid), ("last", Valid)],
        ),
        step("revoke - < ../last", &[("last", Revoked)]),
        step("export export.jsonl", &[])
            .making(File::Whole("export.jsonl"))
            .changing(None),
        step("import export.jsonl --store copy.db", &[]).changing(Some(COPIES[0])),
        step(
            "prune --revoked --older-than 0s --yes",
            &[("a", NotFound), ("last", NotFound)],
        ),
        step("revoke -d ds_1 --yes", &[("b", Revoked), ("b2", Revoked)]),
    ]
}

fn beside_others() -> Vec<Step> {
    vec![
        step("create -d ds_1 --name a --token-file a", &[("a", Valid)]).making(File::Token("a")),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)])
            .making(File::Token("b"))
            .beside_the_next(),
        step("create -d ds_1 --name c --token-file c", &[("c", Valid)]).making(File::Token("c")),
        step("revoke a", &[("a", Revoked)]).beside_the_next(),
        step("rotate b --token-file b2", &[("b", Revoked), ("b2", Valid)])
            .making(File::Token("b2"))
            .beside_the_next(),
        step("disable c", &[("c", Disabled)]),
        step(
            "import ../issued.csv --from dify --no-bindings",
            &[("first", Valid), ("last", Valid)],
        ),
        step("enable c", &[("c", Valid)]).beside_the_next(),
        step("revoke - < ../first", &[("first", Revoked)]),
        step(
            "prune --revoked --older-than 0s --yes",
            &[("a", NotFound), ("b", NotFound), ("first", NotFound)],
        ),
        step("export export.jsonl", &[])
            .making(File::Whole("export.jsonl"))
            .changing(None)
            .beside_the_next(),
        step("edit b --description other", &[]),
        step("revoke c", &[("c", Revoked)]),
    ]
}
