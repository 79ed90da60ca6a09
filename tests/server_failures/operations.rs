//! The commands that are interrupted, and what each leaves when it is done.

/// The export of another store, which is there from the beginning.
pub(crate) const OFFERED_FILE: &str = "offered.jsonl";

/// A command that changes something, all of it or nothing.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) args: &'static [&'static str],
    /// The actions that the log has gained when it is done.
    pub(crate) gains: &'static [&'static str],
    /// What `verify` ends with for the token of `one` when it is done.
    pub(crate) one: i32,
    /// Whether it begins without a store.
    pub(crate) is_first: bool,
}

/// The exit code of `verify` for a key that is valid, and for one that is not.
pub(crate) const VALID: i32 = 0;
pub(crate) const DENIED: i32 = 5;

const CREATE: Operation = Operation {
    name: "create",
    args: &["create", "--app", "web", "--name", "new"],
    gains: &["issued"],
    one: VALID,
    is_first: false,
};

const IMPORT: Operation = Operation {
    name: "import",
    args: &["import", OFFERED_FILE],
    gains: &["imported", "imported", "imported"],
    ..CREATE
};

pub(crate) const OPERATIONS: &[Operation] = &[
    CREATE,
    Operation {
        name: "rotate",
        args: &["rotate", "one"],
        gains: &["issued", "rotated"],
        one: DENIED,
        ..CREATE
    },
    Operation {
        name: "revoke",
        args: &["revoke", "one", "two", "--yes"],
        gains: &["revoked", "revoked"],
        one: DENIED,
        ..CREATE
    },
    Operation {
        name: "disable",
        args: &["disable", "one", "three"],
        gains: &["disabled", "disabled"],
        one: DENIED,
        ..CREATE
    },
    Operation {
        name: "edit",
        args: &["edit", "one", "--description", "changed"],
        gains: &["edited"],
        ..CREATE
    },
    IMPORT,
    Operation {
        name: "import into nothing",
        // The log of the store that was exported.
        gains: &["store_created", "issued", "issued", "issued"],
        is_first: true,
        ..IMPORT
    },
    Operation {
        name: "policy set",
        args: &["policy", "set", "max-keys-per-target", "20"],
        gains: &["policy_changed"],
        ..CREATE
    },
    Operation {
        name: "prune",
        args: &["prune", "--revoked", "--older-than", "0s", "--yes"],
        gains: &["pruned", "pruned"],
        ..CREATE
    },
    Operation {
        name: "store init",
        args: &["store", "init"],
        gains: &["store_created"],
        is_first: true,
        ..CREATE
    },
    Operation {
        name: "create of a first store",
        gains: &["store_created", "issued"],
        is_first: true,
        ..CREATE
    },
];

/// The operation of this name.
pub(crate) fn named(name: &str) -> &'static Operation {
    let operation = OPERATIONS.iter().find(|operation| operation.name == name);
    operation.expect("it is in the table")
}
