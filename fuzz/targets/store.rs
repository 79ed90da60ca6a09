//! A store that is altered anywhere, beside its log or without one: it is read
//! or refused, and if an audit says that it is intact, it holds what it held.
//! Each four bytes of the input alter one of the file.
#![no_main]

#[path = "../../src/cli"]
mod cli {
    pub(crate) mod record;
}
#[path = "support/moved.rs"]
mod moved;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;

use keyctl::domain::{KeptHead, Status};
use keyctl::ops::{ListQuery, Record};
use keyctl::store::{Order, Page, Reach};
use keyctl::{Error, Location, Need, Registry, Target, Timestamp, Verdict, Verifier, Workspace};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::MIN;
/// Of a store that imported these tokens, none of them live; the second was
/// revoked, the third disabled.
const EXPORT: &[u8] = include_bytes!("../seeds/export/store.jsonl");
const TOKENS: [&str; 3] = [
    "app-0123456789ABCDEFGHIJKLNF",
    "dataset-0123456789ABCDEFGHIJKLYc",
    "dataset-t8IMtmhWzulciBpTMRMTqwPj",
];
const FILES: [&str; 2] = ["keys.db", "keys.db-wal"];

/// Its files while it is open, and when it is closed; its records, and the head
/// of its log.
struct Original {
    open: [Vec<u8>; 2],
    closed: [Vec<u8>; 2],
    records: Vec<Record>,
    head: KeptHead,
}

static ORIGINAL: LazyLock<Original> = LazyLock::new(|| original().expect("a store"));

fn original() -> Result<Original, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILES[0]);
    let mut registry = Registry::create(&Location::File(path), "alice".parse()?, NOW)?;
    let mut given = moved::records(EXPORT).ok_or("an export")?.into_iter();
    registry.import_export(
        false,
        Timestamp::MAX,
        || Ok::<_, Error>(given.next()),
        |_| {},
    )?;
    let records = moved::exported(&mut registry)?;
    let head = registry.head()?.hash.ok_or("a log")?.to_string().parse()?;
    let read = || FILES.map(|file| fs::read(folder.path().join(file)).unwrap_or_default());
    let open = read();
    drop(registry);
    Ok(Original {
        open,
        closed: read(),
        records,
        head,
    })
}

fn alter(files: &mut [Vec<u8>; 2], patches: &[u8]) {
    let len = files[0].len() + files[1].len();
    for patch in patches.chunks_exact(4) {
        let place =
            usize::from(patch[0]) << 16 | usize::from(patch[1]) << 8 | usize::from(patch[2]);
        let place = place % len;
        match place.checked_sub(files[0].len()) {
            None => files[0][place] = patch[3],
            Some(place) => files[1][place] = patch[3],
        }
    }
}

fn list(registry: &mut Registry, order: Order) -> Result<usize, Error> {
    let query = ListQuery {
        workspace: Workspace::default(),
        reach: Reach::Anything,
        name: None,
        statuses: vec![Status::Active, Status::Disabled, Status::Revoked],
        expiring_within: None,
        unused_for: None,
        page: Page {
            order,
            ..Page::default()
        },
        limit: None,
    };
    let mut count = 0;
    registry.list(&query, NOW, |_| {
        count += 1;
        ControlFlow::Continue(())
    })?;
    Ok(count)
}

/// What tokens are worth, the first of a key for an app.
fn verdicts(location: &Location) -> Result<Vec<Verdict>, Error> {
    let verifier = Verifier::open(location, Workspace::default())?;
    let need = Need {
        target: Some(Target::App("web".parse().expect("an id"))),
        scopes: Vec::new(),
    };
    let verdict = |token| Ok(verifier.verify(token, &need, NOW)?.verdict);
    let stranger = "app-0000000000000000000000";
    assert!(!matches!(verdict(stranger), Ok(Verdict::Valid)));
    TOKENS.into_iter().map(verdict).collect()
}

/// Reads all of a store; an error if it is not intact.
fn read_all(folder: &Path) -> Result<(), Error> {
    let location = Location::File(folder.join(FILES[0]));
    if let Ok(mut peeked) = Registry::peek(&location, "alice".parse().expect("an actor")) {
        let _ = list(&mut peeked, Order::CreatedAt);
    }
    let mut registry = Registry::open(&location, "alice".parse().expect("an actor"))?;
    let audited = registry.audit(Some(&ORIGINAL.head));
    let records = moved::exported(&mut registry);
    let orders = [
        Order::CreatedAt,
        Order::ExpiresAt,
        Order::LastUsedAt,
        Order::Name,
        Order::Id,
    ];
    let listed = orders.map(|order| list(&mut registry, order));
    drop(registry);
    let verdicts = verdicts(&location);
    audited?;
    let records = records.expect("what is intact can be read");
    assert!(without_uses(records) == without_uses(ORIGINAL.records.clone()));
    for count in listed {
        assert_eq!(count.expect("what is intact can be listed"), TOKENS.len());
    }
    let expected = [Verdict::Valid, Verdict::Revoked, Verdict::Disabled];
    assert_eq!(verdicts.expect("what is intact can be asked"), expected);
    Ok(())
}

/// The times of last use are best effort, and not in the log.
fn without_uses(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        if let Record::Key { key, .. } = record {
            key.last_used_at = None;
        }
    }
    records
}

fuzz_target!(|data: &[u8]| {
    let (form, patches) = data.split_at(data.len().min(1));
    let is_open = form.first().is_some_and(|form| form % 2 == 1);
    let untouched = if is_open {
        &ORIGINAL.open
    } else {
        &ORIGINAL.closed
    };
    let mut files = untouched.clone();
    alter(&mut files, patches);
    let folder = tempfile::tempdir().expect("a folder");
    for (file, bytes) in FILES.iter().zip(&files) {
        if !bytes.is_empty() {
            fs::write(folder.path().join(file), bytes).expect("a file can be written");
        }
    }
    let read = read_all(folder.path());
    assert!(files != *untouched || read.is_ok(), "{read:?}");
});
