//! What is done before the power fails: commands for a shell, and what they
//! promise.

use std::borrow::Cow;
use std::fmt::Write;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use keyctl::Verdict;

/// Where steps keep their keys.
pub(crate) const STORE: &str = "store/keys.db";
/// Stores that are made as a whole: from an export, and from a backup.
pub(crate) const COPIES: [&str; 2] = ["copy.db", "new.db"];
/// How the names of stores begin that were put aside.
pub(crate) const REPLACED: &str = "store/keys.db.replaced-";

/// What a step makes besides.
pub(crate) enum File {
    /// Made under its own name, and whole when its key is there.
    Token(&'static str),
    /// Whole when it has its name.
    Whole(&'static str),
    /// The store that was replaced, whole when it has its name.
    Replaced,
}

/// Commands, and what else is so while they run.
pub(crate) struct Workload {
    pub(crate) title: &'static str,
    pub(crate) steps: Vec<Step>,
    /// Another process has the store open all the while.
    pub(crate) is_held_open: bool,
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
    pub(crate) file: Option<File>,
    /// What is said of these tokens from then on.
    pub(crate) verdicts: &'static [(&'static str, Verdict)],
    /// Whether the next one starts while it runs.
    is_beside_the_next: bool,
}

/// A step that changes the store.
pub(crate) fn step(
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
    pub(crate) fn making(self, file: File) -> Step {
        Step {
            file: Some(file),
            ..self
        }
    }

    pub(crate) fn changing(self, store: Option<&'static str>) -> Step {
        Step { store, ..self }
    }

    pub(crate) fn beside_the_next(self) -> Step {
        Step {
            is_beside_the_next: true,
            ..self
        }
    }
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
