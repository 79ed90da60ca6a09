//! What is held against a loop in this process: the same statements and hashes
//! over the same SQLite, and nothing else.

use std::process::Stdio;
use std::time::{Duration, Instant};

use keyctl::{Location, Need, Target, Timestamp, Verdict, Verifier, Workspace};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use crate::store::{DATASET, READ, Store};
use crate::table::Figure;
use crate::turns::{Fallible, Medians, in_turn};

const BY_DIGEST: &str = "SELECT id FROM keys WHERE digest = ?1";

/// The loop's time includes opening the store; keyctl's is that of a process.
pub(crate) fn verify_batch(store: &Store) -> Fallible<Figure> {
    let mut peak = 0;
    let medians = in_turn(
        store.bulk_turns(),
        |_| {
            let args = ["verify", "--batch", "--dataset", DATASET];
            let run = store.keyctl(READ, &args, store.all_tokens()?)?;
            peak = peak.max(run.peak);
            Ok(run.took)
        },
        |_| {
            let started = Instant::now();
            let mut connection = Connection::open(store.path(READ))?;
            let tx = connection.transaction()?;
            look_up(&tx, &store.tokens)?;
            Ok(started.elapsed())
        },
    )?;
    let beside = "a bare loop: hash and look up";
    Ok(Figure::beside("`verify --batch`", beside, &medians).with_peak(peak))
}

/// Time for one answer, from a store that is open.
pub(crate) fn verifier(store: &Store) -> Fallible<Figure> {
    const MOST: usize = 100_000;
    let tokens = &store.tokens[..store.tokens.len().min(MOST)];
    let location = Location::File(store.path(READ));
    let verifier = Verifier::open(&location, Workspace::default())?;
    let need = Need {
        target: Some(Target::Dataset(DATASET.parse()?)),
        scopes: Vec::new(),
    };
    let connection = Connection::open(store.path(READ))?;
    let medians = in_turn(
        5,
        |_| judge(&verifier, &need, tokens),
        |_| {
            let started = Instant::now();
            look_up(&connection, tokens)?;
            Ok(started.elapsed())
        },
    )?;
    let count = u32::try_from(tokens.len())?;
    let each = Medians {
        keyctl: medians.keyctl / count,
        floor: medians.floor / count,
    };
    let beside = "a bare look-up, each a transaction of its own";
    Ok(Figure::beside("`Verifier::verify`", beside, &each).of_one_key())
}

fn judge(verifier: &Verifier, need: &Need, tokens: &[String]) -> Fallible<Duration> {
    let started = Instant::now();
    for token in tokens {
        let answer = verifier.verify(token, need, Timestamp::now())?;
        if answer.verdict != Verdict::Valid {
            return Err(format!("a token is {:?}", answer.verdict).into());
        }
    }
    Ok(started.elapsed())
}

fn look_up(connection: &Connection, tokens: &[String]) -> Fallible<()> {
    let mut statement = connection.prepare(BY_DIGEST)?;
    for token in tokens {
        let digest: [u8; 32] = Sha256::digest(token).into();
        // A digest that is not there is an error of the query.
        statement.query_row([digest], |row| row.get_ref(0).map(drop))?;
    }
    Ok(())
}

pub(crate) fn audit_verify(store: &Store) -> Fallible<Figure> {
    let mut peak = 0;
    let medians = in_turn(
        store.bulk_turns(),
        |_| {
            let run = store.keyctl(READ, &["audit", "verify"], Stdio::null())?;
            peak = peak.max(run.peak);
            Ok(run.took)
        },
        |_| {
            let started = Instant::now();
            let mut connection = Connection::open(store.path(READ))?;
            let tx = connection.transaction()?;
            hash_rows(&tx, "SELECT * FROM events ORDER BY seq")?;
            hash_rows(&tx, "SELECT * FROM keys ORDER BY seq")?;
            Ok(started.elapsed())
        },
    )?;
    let beside = "a bare loop: read and hash the rows";
    Ok(Figure::beside("`audit verify`", beside, &medians).with_peak(peak))
}

/// A hash of each row, over lengths and bytes of what is in it.
fn hash_rows(connection: &Connection, sql: &str) -> Fallible<()> {
    let mut statement = connection.prepare(sql)?;
    let column_count = statement.column_count();
    let mut rows = statement.query([])?;
    let mut last = [0; 32];
    while let Some(row) = rows.next()? {
        let mut hash = Sha256::new();
        hash.update(last);
        for column in 0..column_count {
            match row.get_ref(column)? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => add(&mut hash, bytes),
                ValueRef::Integer(number) => add(&mut hash, &number.to_be_bytes()),
                ValueRef::Null | ValueRef::Real(_) => hash.update([0]),
            }
        }
        last = hash.finalize().into();
    }
    Ok(())
}

fn add(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
