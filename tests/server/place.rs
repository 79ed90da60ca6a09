//! A sandbox whose store is in a database of its own, on one server for all.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::ops::Deref;
use std::process;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ::postgres::{Client, NoTls};
use keyctl::Location;

use super::postgres::Server;
use super::support::{self, Run};

/// An ordinary role, which owns the databases.
pub(crate) const OWNER: &str = "keyctl";
const SUPERUSER: &str = "postgres";

/// Never dropped; its keeper ends it with the process.
static SERVER: LazyLock<Option<Server>> = LazyLock::new(|| start(&[]));

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A server that has the role of the owner; `None` where there is none, which was
/// said then.
pub(crate) fn start(settings: &[(&str, &str)]) -> Option<Server> {
    let server = Server::start(settings)?;
    let role = format!("CREATE ROLE {OWNER} LOGIN");
    server.connect(SUPERUSER).batch_execute(&role).unwrap();
    Some(server)
}

/// Where there is no server, nothing here can be tried: the process ends.
pub(crate) fn there<T>(server: Option<T>) -> T {
    server.unwrap_or_else(|| process::exit(0))
}

/// A sandbox and an empty database.
pub(crate) struct Place<'a> {
    base: support::Sandbox,
    server: &'a Server,
    database: String,
    is_kept: bool,
}

impl Deref for Place<'_> {
    type Target = support::Sandbox;

    fn deref(&self) -> &support::Sandbox {
        &self.base
    }
}

impl Place<'static> {
    /// One without a store, on the server of all.
    pub(crate) fn new() -> Place<'static> {
        Place::on(there(SERVER.as_ref()))
    }
}

impl<'a> Place<'a> {
    /// One without a store.
    pub(crate) fn on(server: &'a Server) -> Place<'a> {
        let database = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {database} OWNER {OWNER}");
        server.connect(SUPERUSER).batch_execute(&create).unwrap();
        let mut place = Place {
            base: support::Sandbox::new(),
            server,
            database,
            is_kept: false,
        };
        place.base.store = Some(place.url(OWNER));
        place
    }

    /// Leaves the database where it is.
    pub(crate) fn keep(mut self) {
        self.is_kept = true;
    }

    /// The database's name, which nothing else on the server has.
    pub(crate) fn name(&self) -> &str {
        &self.database
    }

    /// Where the store is, for this role.
    pub(crate) fn url(&self, role: &str) -> String {
        self.server.url(&encoded(role), &self.database)
    }

    pub(crate) fn location(&self) -> Location {
        self.url(OWNER).parse().unwrap()
    }

    /// A connection of this role.
    pub(crate) fn connect_as(&self, role: &str) -> Client {
        Client::connect(&self.url(role), NoTls).unwrap()
    }

    /// Does what only a superuser may.
    pub(crate) fn alter(&self, sql: &str) {
        let altered = self.connect_as(SUPERUSER).batch_execute(sql);
        altered.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// What the one row of an answer says.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let mut client = self.connect_as(SUPERUSER);
        client.query_one(sql, &[]).unwrap().get(0)
    }

    /// Runs keyctl as somebody whom the server knows by this role.
    pub(crate) fn run_as<S: AsRef<OsStr>>(&self, role: &str, args: &[S], stdin: &str) -> Run {
        self.run_at(&self.url(role), args, stdin)
    }

    /// Runs keyctl on the store of this URL.
    pub(crate) fn run_at<S: AsRef<OsStr>>(&self, url: &str, args: &[S], stdin: &str) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(args).env("KEYCTL_STORE", url);
        self.finish(command, stdin.as_bytes())
    }

    /// All that is kept, row by row, and every name in the schema.
    pub(crate) fn stored(&self) -> String {
        self.ask(
            "SELECT coalesce(schema_to_xml((SELECT nspname FROM pg_namespace
                                            WHERE nspname = 'keyctl'), true, true, '')::text, '')
                 || coalesce((SELECT string_agg(relname || xmin, ' ' ORDER BY oid) FROM pg_class
                              WHERE relnamespace = to_regnamespace('keyctl')), '')",
        )
    }

    /// Whether there is a schema of ours, empty or not.
    pub(crate) fn has_schema(&self) -> bool {
        self.ask("SELECT (to_regnamespace('keyctl') IS NOT NULL)::text") == "true"
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // Also from under a command that a failed test left behind; and a server
        // that a test has stopped takes it along.
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.database);
        if let Ok(mut client) = Client::connect(&self.server.url(SUPERUSER, SUPERUSER), NoTls) {
            let _ = client.batch_execute(&drop);
        }
    }
}

/// A name as it stands in a URL.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => text.push(char::from(byte)),
            _ => write!(text, "%{byte:02X}").unwrap(),
        }
        text
    })
}

/// Waits for what comes by itself, and not for ever.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
