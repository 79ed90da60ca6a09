//! Work on one key, a process each time. None of it should take longer where
//! there are more keys.

use std::process::{Command, Stdio};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::measure::Place;
use crate::store::{self, DATASET, FLOOR, READ, Store, WRITTEN, key_id, keyctl, stdin, token};
use crate::table::Figure;
use crate::turns::{Fallible, in_turn, median};

const TURNS: usize = 21;
const VERIFY: [&str; 3] = ["verify", "--dataset", DATASET];
const BY_DIGEST: &str = "`sqlite3`, one look-up by digest";

pub(crate) fn verify(store: &Store) -> Fallible<Figure> {
    let medians = in_turn(
        TURNS,
        |turn| {
            let token = stdin(&store.tokens[turn])?;
            Ok(store.keyctl(READ, &VERIFY, token)?.took)
        },
        |turn| Ok(store.shell(READ, &[&look_up(&store.tokens[turn])])?.took),
    )?;
    Ok(Figure::beside("`verify`", BY_DIGEST, &medians).of_one_key())
}

/// Some of it once more: instructions do not depend on what else the machine does.
pub(crate) fn instructions_of_reading(store: &Store) -> Fallible<[Figure; 2]> {
    let token = &store.tokens[0];
    let place = store.place();
    let ours = count(&place, &keyctl(READ, &VERIFY), stdin(token)?)?;
    let shell = store::shell(READ, &[&look_up(token)]);
    let floor = count(&place, &shell, Stdio::null())?;
    let show = keyctl(READ, &["show", &store.name(0)]);
    let show = count(&place, &show, Stdio::null())?;
    Ok([
        Figure::counted("`verify`, instructions", BY_DIGEST, ours, Some(floor)).of_one_key(),
        Figure::counted("`show`, instructions", "", show, None).of_one_key(),
    ])
}

pub(crate) fn instructions_of_writing(store: &Store) -> Fallible<[Figure; 2]> {
    let place = store.place();
    let create = keyctl(WRITTEN, &["create", "--dataset", "ds_new", "--name", "new"]);
    let create = count(&place, &create, Stdio::null())?;
    let revoke = keyctl(WRITTEN, &["revoke", "new"]);
    let revoke = count(&place, &revoke, Stdio::null())?;
    Ok([
        Figure::counted("`create`, instructions", "", create, None).of_one_key(),
        Figure::counted("`revoke`, instructions", "", revoke, None).of_one_key(),
    ])
}

fn look_up(token: &str) -> String {
    format!("SELECT * FROM keys WHERE digest = x'{}'", hash(token))
}

/// How many instructions a process runs, by callgrind's count.
fn count(place: &Place, command: &Command, stdin: Stdio) -> Fallible<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(&place.0)
        .env("HOME", &place.0)
        .stdin(stdin)
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let total = told
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .map(|(_, total)| total.trim().parse());
    match total {
        Some(total) if output.status.success() => Ok(total?),
        _ => Err(format!("valgrind counted nothing: {told}").into()),
    }
}

pub(crate) fn show(store: &Store) -> Fallible<Figure> {
    alone("`show`, by name", |turn| {
        let args = ["show", &store.name(turn)];
        Ok(store.keyctl(READ, &args, Stdio::null())?.took)
    })
}

/// A key that is on the disk when the process ends, for a dataset of its own, since
/// those of all others have all the keys that they may.
pub(crate) fn create(store: &Store) -> Fallible<Figure> {
    let medians = in_turn(
        TURNS,
        |turn| {
            let (dataset, name) = (format!("ds_new_{turn}"), format!("new-{turn}"));
            let args = ["create", "--dataset", &dataset, "--name", &name];
            Ok(store.keyctl(WRITTEN, &args, Stdio::null())?.took)
        },
        |turn| {
            let insert = insert(store.key_count + turn, turn);
            Ok(store.shell(FLOOR, &[&insert])?.took)
        },
    )?;
    let beside = "`sqlite3`, the same rows in one durable commit";
    Ok(Figure::beside("`create`", beside, &medians).of_one_key())
}

/// The rows of one key: its own, its dataset's, its event's, and the log's head.
fn insert(index: usize, turn: usize) -> String {
    let (id, token) = (key_id(index), token(index));
    let digest = hash(&token);
    let event = hash(&id);
    let mask = format!("datas...{}", &token[token.len() - 4..]);
    let detail = format!(r#"{{"access":{{"from":null,"to":"dataset ds_new_{turn}"}},"#)
        + r#""created_at":{"from":null,"to":"2026-01-02T03:04:05Z"},"#
        + &format!(r#""name":{{"from":null,"to":"new-{turn}"}},"#)
        + r#""scopes":{"from":null,"to":"full"}}"#;
    format!(
        "PRAGMA synchronous = FULL;
        BEGIN IMMEDIATE;
        INSERT INTO keys (seq, id, workspace, name, access, datasets, scopes, digest,
                          masked_token, created_at, created_by)
            VALUES ((SELECT seq + 1 FROM head), '{id}', 'default', 'new-{turn}', 'datasets',
                    'ds_new_{turn}', 'full', x'{digest}', '{mask}', unixepoch(), 'bench');
        INSERT INTO key_datasets (dataset, seq)
            VALUES ('ds_new_{turn}', (SELECT seq + 1 FROM head));
        INSERT INTO events (seq, at, actor, action, workspace, key_id, row_digest, detail, hash)
            VALUES ((SELECT seq + 1 FROM head), unixepoch(), 'bench', 'issued', 'default',
                    '{id}', x'{event}', '{detail}', x'{event}');
        UPDATE head SET seq = seq + 1, hash = x'{event}';
        COMMIT;
        SELECT changes();"
    )
}

pub(crate) fn revoke(store: &Store) -> Fallible<Figure> {
    alone("`revoke`, by name", |turn| {
        // From the end: in bulk they are revoked from the beginning.
        let name = store.name(store.key_count - 1 - turn);
        let args = ["revoke", name.as_str()];
        Ok(store.keyctl(WRITTEN, &args, Stdio::null())?.took)
    })
}

fn alone(what: &'static str, keyctl: impl FnMut(usize) -> Fallible<Duration>) -> Fallible<Figure> {
    let mut took = (0..=TURNS).map(keyctl).collect::<Fallible<Vec<_>>>()?;
    Ok(Figure::alone(what, median(&mut took[1..])).of_one_key())
}

fn hash(text: &str) -> String {
    let hash = Sha256::digest(text);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
