//! One PostgreSQL server for all tests of a process, and a database of its own
//! for each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use postgres::Client;

use super::postgres::Server;

/// An ordinary role, which owns the databases: what it may not do shows.
const OWNER: &str = "keyctl";

pub(crate) struct Shared {
    server: Server,
    /// Makes databases, and takes them away.
    admin: Mutex<Client>,
}

/// Never dropped; its keeper ends it with the process.
static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| Shared::start(&[]));

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// An empty database, which is gone when this is dropped.
pub(crate) struct Database {
    shared: &'static Shared,
    name: String,
}

impl Database {
    /// `None` where there is no server, which was said then.
    pub(crate) fn new() -> Option<Database> {
        SHARED.as_ref().map(Database::on)
    }

    /// One on this server.
    pub(crate) fn on(shared: &'static Shared) -> Database {
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        shared.execute(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
        Database { shared, name }
    }

    /// Where it is, for the role that owns it.
    pub(crate) fn url(&self) -> String {
        self.shared.server.url(OWNER, &self.name)
    }

    /// A connection that may do everything.
    pub(crate) fn connect(&self) -> Client {
        self.shared.server.connect(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Also from under a command that a failed test left behind.
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.shared.execute(&drop);
    }
}

impl Shared {
    /// A server with these settings besides the usual ones; `None` where there is
    /// none, which was said then.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Option<Shared> {
        let server = Server::start(settings)?;
        let mut admin = server.connect("postgres");
        let role = admin.batch_execute(&format!("CREATE ROLE {OWNER} LOGIN"));
        role.expect("a role can be made");
        let admin = Mutex::new(admin);
        Some(Shared { server, admin })
    }

    fn execute(&self, sql: &str) {
        let mut admin = self.admin.lock().expect("nobody panics meanwhile");
        admin.batch_execute(sql).expect("a superuser may do it");
    }
}
