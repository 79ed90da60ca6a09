//! The stores that are measured: made-up keys, the same in every run.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use keyctl::ops::Offer;
use keyctl::{Access, Datasets, Key, KeyId, Location, Registry, Scopes};
use keyctl::{Timestamp, Token, Workspace};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::measure::{Place, Run};
use crate::turns::Fallible;

/// Every key is bound to it, so that one request finds all of them valid. That
/// is past the limit of keys per target, which only issuing one asks about.
pub(crate) const DATASET: &str = "ds_42";
/// The store that is only read, and two copies: keyctl writes to one, and the
/// floor to the other.
pub(crate) const READ: &str = "keys.db";
pub(crate) const WRITTEN: &str = "written.db";
pub(crate) const FLOOR: &str = "floor.db";

/// How long before now the first key was issued, and how much later each next
/// one, in seconds.
const AGE: i64 = 350 * 24 * 60 * 60;
const APART: i64 = 30;

pub(crate) struct Store {
    folder: TempDir,
    pub(crate) key_count: usize,
    /// In an order that is neither that of their issue, nor that of ids or
    /// digests; what else is known of their keys is at the same places.
    pub(crate) tokens: Vec<String>,
    pub(crate) ids: Vec<String>,
    indexes: Vec<usize>,
}

impl Store {
    /// Makes a store of keys that are all valid, none of whose last uses is due to
    /// be recorded again, so that verifying them only reads.
    ///
    /// They are added by the library: what is imported from another service has
    /// no names, and keys of which many are listed do.
    pub(crate) fn build(key_count: usize) -> Fallible<Store> {
        let mut made: Vec<(String, usize)> = (0..key_count).map(|i| (token(i), i)).collect();
        // Tokens are hashes: in their own order they are in nobody else's.
        made.sort_unstable();
        let (tokens, indexes): (_, Vec<usize>) = made.into_iter().unzip();
        let store = Store {
            folder: tempfile::tempdir()?,
            key_count,
            tokens,
            ids: indexes.iter().copied().map(key_id).collect(),
            indexes,
        };
        store.add_keys()?;
        store.record_uses()?;
        fs::write(store.path("tokens.txt"), store.tokens.join("\n"))?;
        Ok(store)
    }

    fn add_keys(&self) -> Fallible<()> {
        let now = Timestamp::now();
        let location = Location::File(self.path(READ));
        let mut registry = Registry::create(&location, "bench".parse()?, now)?;
        let mut keys = (0..self.key_count).map(|index| key(index, now).map(Offer::Key));
        registry.import(false, now, || keys.next().transpose(), |_| {})?;
        Ok(())
    }

    /// A use at a time that is still to come is never due.
    fn record_uses(&self) -> Fallible<()> {
        let connection = Connection::open(self.path(READ))?;
        connection.execute(
            "INSERT INTO last_uses (seq, at) SELECT seq, ?1 FROM keys ORDER BY seq",
            [Timestamp::now().as_unix() + 24 * 60 * 60],
        )?;
        Ok(())
    }

    /// Makes the two copies, once nothing else is to be measured.
    pub(crate) fn copy_to_be_written(&self) -> Fallible<()> {
        for copy in [WRITTEN, FLOOR] {
            fs::copy(self.path(READ), self.path(copy))?;
            File::open(self.path(copy))?.sync_all()?;
        }
        Ok(())
    }

    pub(crate) fn name(&self, place: usize) -> String {
        name(self.indexes[place])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How many turns are counted of bulk work.
    pub(crate) fn bulk_turns(&self) -> usize {
        if self.key_count > 300_000 { 3 } else { 5 }
    }

    /// Runs keyctl on one of the stores.
    pub(crate) fn keyctl(&self, store: &str, args: &[&str], stdin: Stdio) -> Fallible<Run> {
        self.place().run(&keyctl(store, args), stdin)
    }

    /// Runs the shell on one of the stores, which says itself that it has a
    /// write-ahead log, so that it is opened as keyctl does.
    pub(crate) fn shell(&self, store: &str, lines: &[&str]) -> Fallible<Run> {
        self.place().run(&shell(store, lines), Stdio::null())
    }

    pub(crate) fn place(&self) -> Place {
        Place(self.folder.path().to_owned())
    }

    /// All tokens, a line each.
    pub(crate) fn all_tokens(&self) -> Fallible<Stdio> {
        Ok(File::open(self.path("tokens.txt"))?.into())
    }
}

/// A command in the folder of the stores.
pub(crate) fn keyctl(store: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyctl"));
    command.args(["--quiet", "--workspace", "default", "--store", store]);
    command.args(args);
    command
}

/// The shell with options, SQL and commands of its own.
pub(crate) fn shell(store: &str, lines: &[&str]) -> Command {
    let mut command = Command::new("sqlite3");
    let is_option = |line: &&&str| line.starts_with('-');
    command.arg("-bail").args(lines.iter().filter(is_option));
    command.arg(store);
    command.args(lines.iter().filter(|line| !is_option(line)));
    command
}

/// Standard input from a file: a pipe would hold a bulk up by its own size.
pub(crate) fn stdin(text: &str) -> Fallible<Stdio> {
    let mut file = tempfile::tempfile()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file.into())
}

fn key(index: usize, now: Timestamp) -> Fallible<Key> {
    let token = Token::parse(token(index).as_bytes())?;
    Ok(Key {
        id: key_id(index).parse::<KeyId>()?,
        workspace: Workspace::default(),
        name: Some(name(index).parse()?),
        description: None,
        access: Access::Datasets(Datasets::new([DATASET.parse()?]).ok_or("no dataset")?),
        scopes: Scopes::full(),
        digest: token.digest(),
        masked_token: token.mask(),
        created_at: issued_at(index, now)?,
        created_by: "bench".parse()?,
        expires_at: None,
        last_used_at: None,
        disabled_at: None,
        revoked_at: None,
        revoke_reason: None,
        replaces: None,
        replaced_by: None,
    })
}

/// When a key was issued: never after now, however many there are.
pub(crate) fn issued_at(index: usize, now: Timestamp) -> Fallible<Timestamp> {
    let later = i64::try_from(index)? * APART;
    let at = now.as_unix() - AGE + later.min(AGE);
    Ok(Timestamp::from_unix(at).ok_or("a time out of range")?)
}

fn name(index: usize) -> String {
    format!("ci-{index}")
}

pub(crate) fn token(index: usize) -> String {
    let base62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    made_up("dataset-", index, base62, 24)
}

pub(crate) fn key_id(index: usize) -> String {
    let crockford = b"0123456789abcdefghjkmnpqrstvwxyz";
    made_up("key_", index, crockford, 16)
}

/// Characters drawn by the hash of a counter, which favours some of them and does
/// no harm here.
fn made_up(prefix: &str, index: usize, alphabet: &[u8], len: usize) -> String {
    let hash = Sha256::digest(format!("{prefix}{index}"));
    let drawn = hash.iter().take(len);
    let drawn = drawn.map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]));
    prefix.chars().chain(drawn).collect()
}
