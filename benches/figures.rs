//! The figures that the README quotes, each beside the floor it is held
//! against: what the same answer costs without keyctl around it.
//!
//! - `verify` of one token, a process each: the `sqlite3` shell selects the key
//!   by its digest.
//! - `list -o jsonl` of all keys: `sqlite3 -json` selects the same columns in
//!   the same order.
//! - `verify --batch` of all tokens: a bare loop over rusqlite hashes each one
//!   and selects its key. The loop runs in this process and includes opening
//!   the store; keyctl's time is that of the whole process.
//!
//! `cargo bench --bench figures` measures 100,000 keys, and with `-- 1000` so
//! many. Both sides run in turn, after one turn that is not counted. What to
//! quote is the ratio of their medians, since milliseconds differ from machine
//! to machine. Nothing here is a test: no figure is too high to be printed.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "support/turns.rs"]
mod turns;

use std::env;
use std::io::{self, ErrorKind, Seek, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keyctl::{Timestamp, Token};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use turns::{Fallible, Medians, in_turn, print_figure, print_row};

const DEFAULT_KEY_COUNT: NonZeroUsize = NonZeroUsize::new(100_000).expect("not zero");
/// How many turns are counted of a short process, and of bulk work.
const SHORT_TURNS: usize = 21;
const BULK_TURNS: usize = 5;
/// Every key is bound to it, so that one request finds all of them valid. That
/// is past the limit of keys per target, which only issuing one asks about.
const DATASET: &str = "ds_42";

fn main() -> Fallible<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    // `cargo test --all-targets` runs this too, without that argument and on a
    // debug build, which is not what the figures are about.
    if !args.iter().any(|arg| arg == "--bench") {
        return Ok(());
    }
    let key_count = match args.iter().find(|arg| *arg != "--bench") {
        Some(text) => text
            .parse::<NonZeroUsize>()
            .map_err(|error| format!("the number of keys: {error}"))?,
        None => DEFAULT_KEY_COUNT,
    };
    let shell = shell_version()?;
    let store = Store::build(key_count.get())?;

    println!("{key_count} keys, SQLite {}", rusqlite::version());
    print_row("", ["keyctl", "floor", "ratio"], "the floor is");
    if let Some(version) = &shell {
        let floor = format!("sqlite3 {version}, by digest");
        print_figure("verify", &verify(&store)?, &floor);
        let floor = format!("sqlite3 {version} -json");
        print_figure("list -o jsonl", &list(&store)?, &floor);
    }
    print_figure("verify --batch", &verify_batch(&store)?, "a bare loop");
    if shell.is_none() {
        println!("left out: verify, list -o jsonl (no sqlite3 on PATH, which is their floor)");
    }
    Ok(())
}

/// The version of the shell on PATH, or `None` if there is no such program.
fn shell_version() -> Fallible<Option<String>> {
    match Command::new("sqlite3").arg("--version").output() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        output => {
            let text = String::from_utf8(output?.stdout)?;
            Ok(text.split_whitespace().next().map(str::to_owned))
        }
    }
}

fn verify(store: &Store) -> Fallible<Medians> {
    let token = |turn: usize| &store.tokens[turn % store.tokens.len()];
    in_turn(
        SHORT_TURNS,
        |turn| run(store.keyctl(&["verify", "--dataset", DATASET], token(turn))?),
        |turn| {
            let digest: String = Sha256::digest(token(turn))
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let sql = format!("SELECT * FROM keys WHERE digest = x'{digest}'");
            run(store.shell(&[], &sql))
        },
    )
}

fn list(store: &Store) -> Fallible<Medians> {
    let sql = "
        SELECT k.id, k.name, k.description, k.workspace, k.access,
            (SELECT group_concat(d.dataset, ' ') FROM key_datasets d WHERE d.key_id = k.id)
                AS datasets,
            k.app, k.scopes, k.masked_token, k.created_at, k.created_by, k.expires_at,
            u.at AS last_used_at, k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces,
            k.replaced_by
        FROM keys k LEFT JOIN last_uses u ON u.key_id = k.id
        WHERE k.workspace = 'default' ORDER BY k.created_at, k.seq";
    in_turn(
        BULK_TURNS,
        |_| run(store.keyctl(&["list", "-o", "jsonl"], "")?),
        |_| run(store.shell(&["-json"], sql)),
    )
}

fn verify_batch(store: &Store) -> Fallible<Medians> {
    // Tokens are hashes: in their own order they are in nobody else's, neither
    // that of their keys nor that of their digests.
    let mut tokens = store.tokens.clone();
    tokens.sort_unstable();
    let lines = tokens.join("\n");
    let args = ["verify", "--batch", "--dataset", DATASET];
    in_turn(
        BULK_TURNS,
        |_| run(store.keyctl(&args, &lines)?),
        |_| look_up(store, &tokens),
    )
}

fn look_up(store: &Store, tokens: &[String]) -> Fallible<Duration> {
    let started = Instant::now();
    let mut connection = Connection::open(&store.path)?;
    let tx = connection.transaction()?;
    let mut statement = tx.prepare("SELECT id FROM keys WHERE digest = ?1")?;
    for token in tokens {
        let digest: [u8; 32] = Sha256::digest(token).into();
        // A digest that is not there is an error of the query.
        statement.query_row([digest], |row| row.get_ref(0).map(drop))?;
    }
    Ok(started.elapsed())
}

/// Runs a command to its end, throws its output away and says how long that
/// took. Failing, or finding nothing, is quickly done and no figure.
fn run(mut command: Command) -> Fallible<Duration> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().expect("its output was asked for");
    let copied = io::copy(&mut stdout, &mut io::sink());
    drop(stdout);
    let status = child.wait()?;
    let took = started.elapsed();
    if !status.success() || copied? == 0 {
        let program = command.get_program().display();
        return Err(format!("{program} gave no answer: {status}").into());
    }
    Ok(took)
}

/// A store of made-up keys. All are valid, and none of their last uses is due to
/// be recorded again, so that what is measured only reads.
struct Store {
    folder: TempDir,
    path: PathBuf,
    tokens: Vec<String>,
}

impl Store {
    fn build(key_count: usize) -> Fallible<Store> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("keys.db");
        let base62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let token = |index| made_up("dataset-", index, base62, 24);
        let store = Store {
            folder,
            path,
            tokens: (0..key_count).map(token).collect(),
        };
        run(store.keyctl(&["store", "init"], "")?)?;
        store.fill()?;
        Ok(store)
    }

    /// Writes the rows without keyctl, so without events of their issue: one
    /// durable commit for each key would measure the disk, and nothing that is
    /// measured here reads the log.
    fn fill(&self) -> Fallible<()> {
        let now = Timestamp::now().as_unix();
        let crockford = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut connection = Connection::open(&self.path)?;
        let tx = connection.transaction()?;
        let mut key = tx.prepare(
            "INSERT INTO keys (id, workspace, name, access, scopes, digest, masked_token,
                               created_at, created_by)
             VALUES (?1, 'default', ?2, 'datasets', 'full', ?3, ?4, ?5, 'bench')",
        )?;
        let mut dataset = tx.prepare("INSERT INTO key_datasets (dataset, key_id) VALUES (?, ?)")?;
        let mut last_use = tx.prepare("INSERT INTO last_uses (key_id, at) VALUES (?, ?)")?;
        for (index, text) in self.tokens.iter().enumerate() {
            let id = made_up("key_", index, crockford, 16);
            let name = format!("ci-{index}");
            let token = Token::parse(text.as_bytes())?;
            let (digest, mask) = (token.digest(), token.mask());
            key.execute(params![id, name, digest.as_bytes(), mask.as_str(), now])?;
            dataset.execute(params![DATASET, id])?;
            last_use.execute(params![id, now])?;
        }
        drop((key, dataset, last_use));
        Ok(tx.commit()?)
    }

    fn keyctl(&self, args: &[&str], input: &str) -> Fallible<Command> {
        // A file: a pipe would hold a bulk of tokens up by its own size.
        let mut stdin = tempfile::tempfile()?;
        stdin.write_all(input.as_bytes())?;
        stdin.rewind()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyctl"));
        command.arg("--store").arg(&self.path).stdin(stdin);
        command.args(["--workspace", "default"]).args(args);
        Ok(command)
    }

    /// The store says itself that it has a write-ahead log, so the shell opens
    /// it as keyctl does.
    fn shell(&self, options: &[&str], sql: &str) -> Command {
        let mut command = Command::new("sqlite3");
        // A home without anybody's .sqliterc.
        command.env("HOME", self.folder.path()).stdin(Stdio::null());
        command.args(options).arg(&self.path).arg(sql);
        command
    }
}

/// The same text in every run: characters drawn by the hash of a counter, which
/// favours some of them and does no harm here.
fn made_up(prefix: &str, index: usize, alphabet: &[u8], len: usize) -> String {
    let hash = Sha256::digest(format!("{prefix}{index}"));
    let drawn = hash.iter().take(len);
    let drawn = drawn.map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]));
    prefix.chars().chain(drawn).collect()
}
