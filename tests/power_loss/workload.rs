//! What is done before the power fails.

use std::borrow::Cow;
use std::fmt::Write;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use keyctl::Verdict::{self, Disabled, NotFound, Revoked, Valid};

/// Where steps keep their keys.
pub(crate) const STORE: &str = "store/keys.db";
/// A store that is made from an export of the other.
pub(crate) const COPY: &str = "copy.db";

/// Commands, and what else is so while they run.
pub(crate) struct Workload {
    pub(crate) title: &'static str,
    pub(crate) steps: Vec<Step>,
    /// Another process has the store open all the while.
    is_held_open: bool,
    /// How often the store's log begins, or begins anew. Twice as it is made, once
    /// more for the next that writes to it.
    pub(crate) log_counts: RangeInclusive<usize>,
    /// The file system is one on which processes cannot share memory.
    pub(crate) is_on_a_server: bool,
}

/// One command.
pub(crate) struct Step {
    pub(crate) command: Cow<'static, str>,
    /// The store that it changes.
    pub(crate) store: Option<&'static str>,
    /// The file that it makes.
    pub(crate) file: Option<&'static str>,
    /// What is said of these tokens from then on.
    pub(crate) verdicts: &'static [(&'static str, Verdict)],
    /// Whether the next one starts while it runs.
    is_beside_the_next: bool,
}

fn step(
    command: impl Into<Cow<'static, str>>,
    verdicts: &'static [(&'static str, Verdict)],
) -> Step {
    Step {
        command: command.into(),
        store: Some(STORE),
        file: None,
        verdicts,
        is_beside_the_next: false,
    }
}

impl Step {
    fn making(self, file: &'static str) -> Step {
        Step {
            file: Some(file),
            ..self
        }
    }

    fn changing(self, store: Option<&'static str>) -> Step {
        Step { store, ..self }
    }

    fn beside_the_next(self) -> Step {
        Step {
            is_beside_the_next: true,
            ..self
        }
    }
}

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
        step("create -d ds_1 --name a --token-file a", &[("a", Valid)]).making("a"),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)]).making("b"),
    ];
    steps.extend((0..EDIT_COUNT).map(|n| step(format!("edit a --description {n}"), &[])));
    steps.push(step("revoke b", &[("b", Revoked)]));
    steps.push(step("disable a", &[("a", Disabled)]));
    Workload {
        title: "very many",
        steps,
        log_counts: 4..=4,
        is_held_open: true,
        is_on_a_server: false,
    }
}

/// SQLite empties a log of 1,000 pages, and an edit writes ten.
const EDIT_COUNT: usize = 105;

fn one_by_one() -> Vec<Step> {
    vec![
        step(
            "create -d ds_1 -d ds_2 --name a --token-file a",
            &[("a", Valid)],
        )
        .making("a"),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)]).making("b"),
        step("revoke a --reason lost", &[("a", Revoked)]),
        step(
            "rotate b --grace 1h --token-file b2",
            &[("b", Valid), ("b2", Valid)],
        )
        .making("b2"),
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
            .making("export.jsonl")
            .changing(None),
        step("import export.jsonl --store copy.db", &[]).changing(Some(COPY)),
        step(
            "prune --revoked --older-than 0s --yes",
            &[("a", NotFound), ("last", NotFound)],
        ),
        step("revoke -d ds_1 --yes", &[("b", Revoked), ("b2", Revoked)]),
    ]
}

fn beside_others() -> Vec<Step> {
    vec![
        step("create -d ds_1 --name a --token-file a", &[("a", Valid)]).making("a"),
        step("create -d ds_1 --name b --token-file b", &[("b", Valid)])
            .making("b")
            .beside_the_next(),
        step("create -d ds_1 --name c --token-file c", &[("c", Valid)]).making("c"),
        step("revoke a", &[("a", Revoked)]).beside_the_next(),
        step("rotate b --token-file b2", &[("b", Revoked), ("b2", Valid)])
            .making("b2")
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
            .making("export.jsonl")
            .changing(None)
            .beside_the_next(),
        step("edit b --description other", &[]),
        step("revoke c", &[("c", Revoked)]),
    ]
}

/// How many keys are imported.
const ISSUED_COUNT: usize = 40;

/// What the steps read: keys issued by another service.
pub(crate) fn prepare(home: &Path) {
    let tokens: Vec<String> = (0..ISSUED_COUNT)
        .map(|number| format!("dataset-madeUpForTheseTests{number:05}"))
        .collect();
    let mut table = String::from("id,app_id,type,token,created_at,tenant_id\n");
    for (number, token) in tokens.iter().enumerate() {
        let id = format!("1b4e28ba-2fa1-41d2-883f-{number:012}");
        writeln!(table, "{id},,dataset,{token},2024-05-06 07:08:09,default").unwrap();
    }
    fs::write(home.join("issued.csv"), table).unwrap();
    fs::write(home.join("first"), &tokens[0]).unwrap();
    fs::write(home.join("last"), &tokens[ISSUED_COUNT - 1]).unwrap();
}

impl Workload {
    /// The steps for a shell; each is known by the name that the log has.
    pub(crate) fn script(&self) -> String {
        let mut script = format!("export KEYCTL_STORE={STORE}\n{WAIT}");
        let mut is_to_be_held = self.is_held_open;
        for (number, step) in self.steps.iter().enumerate() {
            let command = &step.command;
            writeln!(script, "\"$KEYCTL\" --actor step-{number} {command} &").unwrap();
            script.push_str("steps=\"$steps $!\"\n");
            if !step.is_beside_the_next {
                script.push_str("wait_for_steps\n");
                script.push_str(if is_to_be_held { HOLD } else { "" });
                is_to_be_held = false;
            }
        }
        script.push_str(if self.is_held_open { RELEASE } else { "" });
        script
    }
}

const WAIT: &str = "\
steps=
wait_for_steps() {
    for step in $steps; do wait \"$step\"; done
    steps=
}
";

/// A process that has opened the store when it answers, and waits for more.
const HOLD: &str = "\
mkfifo ../questions
\"$KEYCTL\" verify --batch < ../questions > ../answers &
holder=$!
exec 9> ../questions
echo unknown >&9
until [ -s ../answers ]; do sleep 0.01; done
";

/// It says that it was asked about a token that is none.
const RELEASE: &str = "\
exec 9>&-
wait \"$holder\" || [ $? -eq 5 ]
";
