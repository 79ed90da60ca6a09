//! What is interrupted: commands, what each begins with, and what it leaves when
//! it is done.

/// What a command begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// No store.
    Nothing,
    /// A store with the keys `one`, `two` and `three`.
    Store,
    /// The same, as the first version of the schema had it.
    FirstVersion,
    /// The same, and a backup: `two` was revoked and `three` was issued since.
    BackedUp,
    /// That backup alone.
    Lost,
    /// That backup, and a file that is no store any more.
    Ruined,
}

impl Past {
    /// Whether there is a store to be read.
    pub(crate) fn has_store(self) -> bool {
        match self {
            Past::Store | Past::FirstVersion | Past::BackedUp => true,
            Past::Nothing | Past::Lost | Past::Ruined => false,
        }
    }

    /// Whether another process can have it open: to open it is to make it, or to
    /// bring it up to date.
    pub(crate) fn can_be_held(self) -> bool {
        matches!(self, Past::Store | Past::BackedUp)
    }

    /// The verdicts on the tokens of `one`, `two` and `three`.
    pub(crate) fn verdicts(self) -> [&'static str; 3] {
        match self {
            Past::BackedUp => [VALID, REVOKED, VALID],
            _ => [VALID; 3],
        }
    }
}

/// A command that changes something, in one step or not at all.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) args: &'static [&'static str],
    pub(crate) past: Past,
    /// The actions that the log has gained when it is done, or the log of the
    /// backup where one is restored.
    pub(crate) gains: &'static [&'static str],
    /// Where standard output says so, it is done: written behind the commit.
    pub(crate) acknowledges: Option<&'static str>,
    /// The verdicts on the tokens of `one`, `two` and `three` when it is done; of
    /// those that are offered, where there was nothing.
    pub(crate) verdicts: [&'static str; 3],
    /// A file that is there and whole when it is done.
    pub(crate) makes: Option<Made>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    /// [`TOKEN_FILE`]: a token that is valid.
    Token,
    /// [`EXPORT_FILE`]: what `keyctl export` prints.
    Export,
    /// [`COPY_FILE`]: a store of which `keyctl export` prints the same.
    Backup,
}

impl Made {
    pub(crate) fn file(self) -> &'static str {
        match self {
            Made::Token => TOKEN_FILE,
            Made::Export => EXPORT_FILE,
            Made::Backup => COPY_FILE,
        }
    }
}

/// An export of a store of three other keys, which is there from the beginning.
pub(crate) const OFFERED_FILE: &str = "offered.jsonl";
pub(crate) const TOKEN_FILE: &str = "new.token";
pub(crate) const EXPORT_FILE: &str = "new.jsonl";
pub(crate) const COPY_FILE: &str = "new.db";
/// A backup that is there from the beginning.
pub(crate) const BACKUP_FILE: &str = "backup.db";

const VALID: &str = "valid";
const REVOKED: &str = "denied: revoked";
const DISABLED: &str = "denied: disabled";
const NOT_FOUND: &str = "denied: not_found";

const CREATE: Operation = Operation {
    name: "create",
    args: &["create", "--app", "web", "--name", "new"],
    past: Past::Store,
    gains: &["issued"],
    acknowledges: None,
    verdicts: [VALID; 3],
    makes: None,
};

pub(crate) const OPERATIONS: &[Operation] = &[
    CREATE,
    Operation {
        name: "create of a first store",
        past: Past::Nothing,
        gains: &["store_created", "issued"],
        verdicts: [NOT_FOUND; 3],
        ..CREATE
    },
    Operation {
        name: "create to a file",
        args: &["create", "--app", "web", "--token-file", TOKEN_FILE],
        acknowledges: Some("key_"),
        makes: Some(Made::Token),
        ..CREATE
    },
    Operation {
        name: "rotate",
        args: &["rotate", "one"],
        gains: &["issued", "rotated"],
        verdicts: [REVOKED, VALID, VALID],
        ..CREATE
    },
    Operation {
        name: "revoke",
        args: &["revoke", "one", "two"],
        gains: &["revoked", "revoked"],
        acknowledges: Some("revoked key_"),
        verdicts: [REVOKED, REVOKED, VALID],
        ..CREATE
    },
    Operation {
        name: "disable",
        args: &["disable", "one", "three"],
        gains: &["disabled", "disabled"],
        acknowledges: Some("disabled key_"),
        verdicts: [DISABLED, VALID, DISABLED],
        ..CREATE
    },
    Operation {
        name: "import into nothing",
        args: &["import", OFFERED_FILE],
        past: Past::Nothing,
        // The log of the store that was exported.
        gains: &["store_created", "issued", "issued", "issued", "revoked"],
        acknowledges: Some("imported 3"),
        verdicts: [VALID, REVOKED, VALID],
        ..CREATE
    },
    Operation {
        name: "import into a store",
        args: &["import", OFFERED_FILE],
        gains: &["imported", "imported", "imported"],
        acknowledges: Some("imported 3"),
        ..CREATE
    },
    Operation {
        name: "migrate",
        args: &["list"],
        past: Past::FirstVersion,
        gains: &[],
        ..CREATE
    },
    Operation {
        name: "export",
        args: &["export", EXPORT_FILE],
        gains: &[],
        makes: Some(Made::Export),
        ..CREATE
    },
    Operation {
        name: "backup",
        args: &["store", "backup", COPY_FILE],
        gains: &[],
        makes: Some(Made::Backup),
        ..CREATE
    },
    Operation {
        name: "restore",
        args: &["store", "restore", BACKUP_FILE, "--yes"],
        past: Past::BackedUp,
        gains: &["restored", "revoked"],
        acknowledges: Some("revoked key_"),
        verdicts: [VALID, REVOKED, NOT_FOUND],
        ..CREATE
    },
    Operation {
        name: "restore of a lost store",
        args: &["store", "restore", BACKUP_FILE, "--exact", "--yes"],
        past: Past::Lost,
        gains: &["restored"],
        verdicts: [VALID, VALID, NOT_FOUND],
        ..CREATE
    },
    Operation {
        name: "restore over a ruin",
        args: &["store", "restore", BACKUP_FILE, "--exact", "--yes"],
        past: Past::Ruined,
        gains: &["restored"],
        verdicts: [VALID, VALID, NOT_FOUND],
        ..CREATE
    },
];

/// The operation of this name.
pub(crate) fn named(name: &str) -> &'static Operation {
    let operation = OPERATIONS.iter().find(|operation| operation.name == name);
    operation.expect("it is in the table")
}
