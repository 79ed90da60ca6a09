//! Everything that can be seen of a store through the library, and what its
//! audit says.

use std::ops::ControlFlow;
use std::path::Path;

use keyctl::domain::{Event, Head, Policy};
use keyctl::store::{self, EventFilter, Filter, IfMissing, Order, Page, Reach, Tx};
use keyctl::{Error, Key, Location, Registry, StoreError, Verdict, Verifier, Workspace};
use rusqlite::Connection;

use super::original::Original;

/// What was seen. An error is its text: what is told is not what is shown.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    pub(crate) verdicts: Vec<Result<Verdict, String>>,
    pub(crate) shown: Option<Shown>,
    /// What the audit finds amiss, if anything.
    pub(crate) audit: Option<String>,
    /// What it finds with the head that was kept.
    pub(crate) audit_with_head: Option<String>,
    /// What SQLite finds by itself.
    pub(crate) integrity_check: Option<String>,
}

/// All that a store shows, save when keys were last used, which is not kept as
/// safely as the rest and is not promised.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    head: Head,
    policy: Policy,
    rows: Vec<(i64, Key)>,
    pub(crate) events: Vec<Event>,
    /// What lists show that are made by way of an index.
    lists: Vec<Vec<Key>>,
}

impl Looks {
    /// What there is to see at `path`. Nothing is written there.
    pub(crate) fn at(path: &Path, original: &Original) -> Looks {
        let location = Location::File(path.to_owned());
        let workspace = Workspace::default();
        let verifier = Verifier::open(&location, workspace).map(Verifier::without_touch);
        let verdict = |holder: &super::original::Holder| {
            let verifier = verifier.as_ref().map_err(ToString::to_string)?;
            let found = verifier.verify(&holder.token, &holder.need, original.now);
            Ok(found.map_err(|error| error.to_string())?.verdict)
        };
        // One by one, and all of them together, which reads the store another way.
        let mut verdicts: Vec<_> = original.holders.iter().map(verdict).collect();
        verdicts.extend(together(verifier.as_ref(), original));
        Looks {
            verdicts,
            shown: shown(&location).ok(),
            audit: audit(&location, None),
            audit_with_head: audit(&location, Some(original)),
            integrity_check: integrity_check(path),
        }
    }
}

fn together(
    verifier: Result<&Verifier, &StoreError>,
    original: &Original,
) -> Vec<Result<Verdict, String>> {
    let holders = &original.holders;
    let tokens: Vec<&str> = holders.iter().map(|holder| &*holder.token).collect();
    let found = verifier.map_err(ToString::to_string).and_then(|verifier| {
        let answers = verifier.verify_all(&tokens, &holders[0].need, original.now);
        answers.map_err(|error| error.to_string())
    });
    match found {
        Ok(answers) => answers.iter().map(|answer| Ok(answer.verdict)).collect(),
        Err(error) => vec![Err(error); tokens.len()],
    }
}

fn shown(location: &Location) -> Result<Shown, StoreError> {
    let mut store = store::open(location, IfMissing::Fail)?;
    let tx = store.read()?;
    let (mut rows, mut events) = (Vec::new(), Vec::new());
    tx.rows(&mut |added_by, key| {
        rows.push((added_by, without_use(key)));
        ControlFlow::Continue(())
    })?;
    tx.events(&EventFilter::default(), &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    })?;
    Ok(Shown {
        head: tx.head()?,
        policy: tx.policy()?,
        rows,
        events,
        lists: lists(tx.as_ref())?,
    })
}

fn lists(tx: &dyn Tx) -> Result<Vec<Vec<Key>>, StoreError> {
    let all = Filter {
        workspace: Some(Workspace::default()),
        ..Filter::default()
    };
    let reaching = |reach| Filter {
        reach,
        ..all.clone()
    };
    let known = |text: &str| text.parse().expect("it is well-formed");
    let filters = [
        all.clone(),
        reaching(Reach::Dataset(known("ds_a"))),
        reaching(Reach::BoundTo(known("ds_b"))),
        reaching(Reach::App(known("web"))),
        Filter {
            name: Some("early-two".parse().expect("it is a name")),
            ..all.clone()
        },
    ];
    let list = |filter: &Filter, order| {
        let page = Page {
            order,
            ..Page::default()
        };
        let mut keys = Vec::new();
        tx.keys(filter, &page, &mut |key| {
            keys.push(without_use(key));
            ControlFlow::Continue(())
        })?;
        Ok(keys)
    };
    let orders = [Order::CreatedAt, Order::Name, Order::Id];
    filters
        .iter()
        .flat_map(|filter| orders.map(|order| (filter, order)))
        .map(|(filter, order)| list(filter, order))
        .collect()
}

fn without_use(key: Key) -> Key {
    Key {
        last_used_at: None,
        ..key
    }
}

fn audit(location: &Location, kept: Option<&Original>) -> Option<String> {
    let actor = "auditor".parse().expect("it is a name");
    let audited = Registry::open(location, actor)
        .map_err(Error::Store)
        .and_then(|mut registry| registry.audit(kept.map(|original| &original.head)));
    audited.err().map(|error| error.to_string())
}

fn integrity_check(path: &Path) -> Option<String> {
    let said = Connection::open(path).and_then(|connection| {
        connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
    });
    let said = said.unwrap_or_else(|error| error.to_string());
    Some(said).filter(|said| said != "ok")
}
