//! Changes, made through the library or by the program.

use std::thread;
use std::time::Duration;

use keyctl::domain::{ConnectionFault, Error, Lifetime, Remark, Selector};
use keyctl::ops::{
    EditRequest, PruneRequest, RevokeRequest, RotateRequest, Rotation, Selection, Switch,
    SwitchRequest,
};
use keyctl::{
    Access, IssueRequest, Key, Registry, Scopes, StoreFault, Timestamp, Token, Verdict, Workspace,
};

use super::cuts::code;
use super::support::{Run, Sandbox};

/// What is to be changed.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    Issue { app: String },
    Rotate(String),
    Revoke(Vec<String>),
    Switch(Switch, String),
    Edit(String, String),
    Prune,
}

/// What is known of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was said to be done.
    Acknowledged,
    /// It was said that nothing was changed, and why.
    Refused(String),
    /// It was said that nobody knows.
    Unknown,
}

/// How the log and the verdicts show a change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// What was done, and to which key.
    pub(crate) events: Vec<(&'static str, String)>,
    pub(crate) verdicts: Vec<(String, Verdict)>,
    /// A new key and its token.
    pub(crate) issued: Option<(String, String)>,
    while_handing_over: Duration,
}

/// By what the changes are made.
pub(crate) enum Door {
    Library(Box<Registry>),
    Program { url: String, sandbox: Sandbox },
}

impl Door {
    /// Makes a change as that actor. Whoever is handed a token takes it after a
    /// while.
    pub(crate) fn carry_out(
        &mut self,
        actor: &str,
        plan: &Plan,
        while_handing_over: Duration,
    ) -> (Trace, End) {
        let mut trace = Trace {
            while_handing_over,
            ..foreseen(plan)
        };
        let end = match self {
            Door::Library(registry) => match ask(registry, plan, &mut trace) {
                Ok(()) => End::Acknowledged,
                Err(Error::Unconfirmed(_)) => End::Unknown,
                Err(Error::Store(error)) if *error.fault() == UNCONFIRMED => End::Unknown,
                Err(error) => End::Refused(error.to_string()),
            },
            Door::Program { url, sandbox } => {
                let mut command = sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
                command.args(arguments(plan)).arg("--json");
                command.env("KEYCTL_STORE", url).env("KEYCTL_ACTOR", actor);
                told(plan, &sandbox.finish(command, b""), &mut trace)
            }
        };
        (trace, end)
    }
}

const UNCONFIRMED: StoreFault = StoreFault::Connection(ConnectionFault::Unconfirmed);

/// What can be said before.
fn foreseen(plan: &Plan) -> Trace {
    let of_one = |action, id: &String, verdict| Trace {
        events: vec![(action, id.clone())],
        verdicts: vec![(id.clone(), verdict)],
        ..Trace::default()
    };
    match plan {
        Plan::Issue { .. } | Plan::Rotate(_) | Plan::Prune => Trace::default(),
        Plan::Switch(Switch::Disabled, id) => of_one("disabled", id, Verdict::Disabled),
        Plan::Switch(Switch::Enabled, id) => of_one("enabled", id, Verdict::Valid),
        Plan::Edit(id, _) => Trace {
            events: vec![("edited", id.clone())],
            ..Trace::default()
        },
        Plan::Revoke(ids) => Trace {
            events: ids.iter().map(|id| ("revoked", id.clone())).collect(),
            verdicts: ids
                .iter()
                .map(|id| (id.clone(), Verdict::Revoked))
                .collect(),
            ..Trace::default()
        },
    }
}

impl Trace {
    /// A key was issued, in the place of another one or not.
    fn issue(&mut self, id: String, token: &str, old: Option<&String>) {
        self.events = vec![("issued", id.clone())];
        self.events.extend(old.map(|old| ("rotated", old.clone())));
        self.verdicts = old
            .map(|old| (old.clone(), Verdict::Revoked))
            .into_iter()
            .collect();
        self.issued = Some((id, token.to_owned()));
        thread::sleep(self.while_handing_over);
    }
}

fn ask(registry: &mut Registry, plan: &Plan, trace: &mut Trace) -> Result<(), Error> {
    let now = Timestamp::now();
    match plan {
        Plan::Issue { app } => {
            let deliver = |key: &Key, token: &Token| {
                trace.issue(key.id.to_string(), token.expose(), None);
                Ok(())
            };
            registry.issue(&issue_request(app), now, deliver).map(drop)
        }
        Plan::Rotate(id) => {
            let deliver = |rotation: &Rotation, token: &Token| {
                trace.issue(rotation.key.id.to_string(), token.expose(), Some(id));
                Ok(())
            };
            registry.rotate(&rotate_request(id), now, deliver).map(drop)
        }
        Plan::Revoke(ids) => registry.revoke(&revoke_request(ids), now).map(drop),
        Plan::Switch(to, id) => registry.switch(&switch_request(*to, id), now).map(drop),
        Plan::Edit(id, remark) => registry.edit(&edit_request(id, remark), now).map(drop),
        Plan::Prune => {
            let pruned = registry.prune(&prune_request(), now, |_| {})?;
            let events = pruned.iter().map(|key| ("pruned", key.id.to_string()));
            trace.events = events.collect();
            Ok(())
        }
    }
}

fn arguments(plan: &Plan) -> Vec<&str> {
    match plan {
        Plan::Issue { app } => vec!["create", "--app", app],
        Plan::Rotate(id) => vec!["rotate", id],
        Plan::Revoke(ids) => {
            let ids = ids.iter().map(String::as_str);
            ["revoke", "--yes"].into_iter().chain(ids).collect()
        }
        Plan::Switch(Switch::Disabled, id) => vec!["disable", id],
        Plan::Switch(Switch::Enabled, id) => vec!["enable", id],
        Plan::Edit(id, remark) => vec!["edit", id, "--description", remark],
        Plan::Prune => vec!["prune", "--revoked", "--older-than", "0s", "--yes"],
    }
}

/// What the program said of a change that is not a pruning.
fn told(plan: &Plan, run: &Run, trace: &mut Trace) -> End {
    // A token is printed before its key is real.
    let printed: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_default();
    if let (Some(id), Some(token)) = (printed["key"]["id"].as_str(), printed["token"].as_str()) {
        let old = match plan {
            Plan::Rotate(old) => Some(old),
            _ => None,
        };
        trace.issue(id.to_owned(), token, old);
    }
    match run.code {
        0 => End::Acknowledged,
        _ if code(run) == "store_unconfirmed" => End::Unknown,
        _ => End::Refused(run.stderr.clone()),
    }
}

fn selector(id: &str) -> Selector {
    id.parse().unwrap()
}

pub(crate) fn issue_request(app: &str) -> IssueRequest {
    IssueRequest {
        workspace: Workspace::default(),
        access: Access::App(app.parse().unwrap()),
        name: None,
        description: None,
        scopes: Scopes::full(),
        expiry: None,
        dry_run: false,
    }
}

fn rotate_request(id: &str) -> RotateRequest {
    RotateRequest {
        workspace: Workspace::default(),
        selector: selector(id),
        grace: None,
        expiry: None,
        dry_run: false,
    }
}

fn revoke_request(ids: &[String]) -> RevokeRequest {
    RevokeRequest {
        workspace: Workspace::default(),
        token_workspace: None,
        selections: ids.iter().map(|id| Selection::Key(selector(id))).collect(),
        reason: None,
        if_exists: false,
        expected_count: None,
        dry_run: false,
    }
}

fn switch_request(to: Switch, id: &str) -> SwitchRequest {
    SwitchRequest {
        workspace: Workspace::default(),
        selectors: vec![selector(id)],
        to,
        reason: None,
    }
}

fn edit_request(id: &str, remark: &str) -> EditRequest {
    let remark: Remark = remark.parse().unwrap();
    EditRequest {
        workspace: Workspace::default(),
        selector: selector(id),
        name: None,
        description: Some(Some(remark)),
        expiry: None,
        added_scopes: Vec::new(),
        removed_scopes: Vec::new(),
        dry_run: false,
    }
}

fn prune_request() -> PruneRequest {
    PruneRequest {
        workspace: Workspace::default(),
        revoked: true,
        expired: false,
        older_than: Lifetime::from_seconds(0),
        agreed: None,
        dry_run: false,
    }
}
