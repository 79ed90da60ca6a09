//! PostgreSQL servers of the tests' own: each in a temporary folder, on a Unix
//! socket, and gone with the test process, however that ends.

use std::env;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command};

use postgres::{Client, NoTls};
use tempfile::Builder;

#[path = "installed.rs"]
mod installed;

use installed::Installed;

/// The role that owns the cluster, and may do everything.
const SUPERUSER: &str = "postgres";
/// Where no setting says otherwise; also a part of the socket's name.
const PORT: u16 = 5432;

/// For speed, since no test server outlives a loss of power; and in a language's
/// order, so that a text that is to be sorted by bytes and is not shows.
const SETTINGS: [(&str, &str); 8] = [
    ("listen_addresses", ""),
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("shared_buffers", "16MB"),
    ("max_connections", "200"),
    ("timezone", "Asia/Kathmandu"),
    // In the folder, and so gone with it even after a kill.
    ("dynamic_shared_memory_type", "mmap"),
];
const LANGUAGE: [&str; 4] = [
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=icu",
    "--icu-locale=en-US",
];

/// A server with a cluster of its own.
pub(crate) struct Server {
    installed: Installed,
    folder: PathBuf,
    port: u16,
    keeper: Child,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// A server with these settings besides the usual ones. `None` where PostgreSQL
    /// is not installed and need not be; that is said on standard error.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Option<Server> {
        let mut server = Server::prepare(Installed::find()?);
        let data = server.data();
        let mut initdb = server.command("initdb");
        initdb
            .args(["--no-sync", "--auth=trust", "--username", SUPERUSER])
            .args(LANGUAGE)
            .arg(data);
        server.finish(initdb);
        for (name, value) in SETTINGS.iter().chain(settings) {
            server.set(name, value);
        }
        server.go_on();
        Some(server)
    }

    /// A server that follows this one, and that nobody can write.
    pub(crate) fn replica(&self) -> Server {
        let mut replica = Server::prepare(self.installed.clone());
        replica.port = self.port;
        let mut backup = self.command("pg_basebackup");
        backup
            .args(["--no-sync", "--checkpoint=fast", "--write-recovery-conf"])
            .args(["--username", SUPERUSER, "--port", &self.port.to_string()])
            .arg("--host")
            .arg(&self.folder)
            .arg("--pgdata")
            .arg(replica.data());
        self.finish(backup);
        replica.set("listen_addresses", "");
        replica.go_on();
        replica
    }

    /// A folder and its keeper.
    fn prepare(installed: Installed) -> Server {
        // For a socket's path there are 107 bytes.
        let parent = match env::temp_dir() {
            path if path.as_os_str().len() < 70 => path,
            _ => PathBuf::from("/tmp"),
        };
        let folder = Builder::new().prefix("keyctl-pg-").tempdir_in(parent);
        let folder = folder.expect("a temporary folder can be made");
        if let Some((user, group)) = installed.user {
            chown(folder.path(), Some(user), Some(group)).expect("root can give a folder away");
        }
        let mut keeper = installed.keep(folder.path());
        let answers = keeper.stdout.take().expect("it is piped");
        Server {
            installed,
            // The keeper removes it.
            folder: folder.keep(),
            port: PORT,
            keeper,
            answers: BufReader::new(answers),
        }
    }

    /// The folder that its socket is in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the cluster, with its settings.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The port that it has, or would have, and that its socket is named by.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database for a role, over the socket.
    pub(crate) fn url(&self, role: &str, database: &str) -> String {
        let mut folder = String::new();
        for byte in self.folder.display().to_string().bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    folder.push(char::from(byte));
                }
                _ => write!(folder, "%{byte:02X}").expect("a text takes all"),
            }
        }
        let port = match self.port {
            PORT => String::new(),
            port => format!(":{port}"),
        };
        format!("postgres://{role}@{folder}{port}/{database}")
    }

    /// A connection that may do everything.
    pub(crate) fn connect(&self, database: &str) -> Client {
        Client::connect(&self.url(SUPERUSER, database), NoTls)
            .expect("the server takes connections")
    }

    /// A setting that holds from the next start.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        if name == "port" {
            self.port = value.parse().expect("a port is a number");
        }
        let value = value.replace('\'', "''");
        self.add("postgresql.conf", &format!("{name} = '{value}'\n"));
    }

    /// Adds to a file of the cluster, of which nobody else sees anything.
    pub(crate) fn add(&self, name: &str, text: &str) {
        let path = self.data().join(name);
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.expect("a file of the cluster can be written");
        if let Some((user, group)) = self.installed.user {
            chown(path, Some(user), Some(group)).expect("root can give a file away");
        }
    }

    /// Starts it again; it takes connections when this returns.
    pub(crate) fn go_on(&mut self) {
        // The last one wins, and a replica has taken over that of its primary.
        let folder = self.folder.display().to_string();
        self.set("unix_socket_directories", &folder);
        self.order("start");
    }

    /// Ends it in good order: what is under way is undone.
    pub(crate) fn stop(&mut self) {
        self.order("fast");
    }

    /// Ends it as a loss of power does.
    pub(crate) fn kill(&mut self) {
        self.order("kill");
    }

    fn order(&mut self, order: &str) {
        let orders = self.keeper.stdin.as_mut().expect("it is piped");
        writeln!(orders, "{order}").expect("the keeper takes orders");
        let mut answer = String::new();
        let read = self.answers.read_line(&mut answer);
        read.expect("the keeper answers");
        assert_eq!(answer, "done\n", "{order}: {}", self.log());
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// One of PostgreSQL's programs, run as the server is.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.installed
            .command(&self.installed.programs.join(program))
    }

    fn finish(&self, mut command: Command) {
        let output = command.output().expect("PostgreSQL's programs can be run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {stderr}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // A keeper that fails leaves a folder, and no test is wrong for it.
        let _ = self.keeper.wait();
    }
}
