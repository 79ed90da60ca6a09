//! A server with TLS on a port of this machine, roles that get in in different
//! ways, and keyctl beside it.

use std::fs;
use std::net::{IpAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::certificates::{Authority, Identity};
use crate::postgres::Server;
use crate::support::{Run, Sandbox};

/// The password of the roles that have one. It is nowhere in what keyctl says.
pub(crate) const PASSWORD: &str = "hush:h/u?s@h%&=\\ hush";
const IN_SQL: &str = "E'hush:h/u?s@h%&=\\\\ hush'";
/// As a URL has it.
pub(crate) const IN_URL: &str = "hush%3Ah%2Fu%3Fs%40h%25%26%3D%5C%20hush";
/// As a password file has it.
pub(crate) const IN_FILE: &str = r"hush\:h/u?s@h%&=\\ hush";

/// Who gets in, and how.
const ACCESS: &str = "
local   all all                       trust
hostssl all scram   127.0.0.1/32      scram-sha-256
hostnossl all scram 127.0.0.1/32      scram-sha-256
host    all md5     127.0.0.1/32      md5
hostssl all encrypted 127.0.0.1/32    trust
hostnossl all plain 127.0.0.1/32      trust
host    all free    127.0.0.1/32      trust
host    all barred  127.0.0.1/32      trust
host    all nobody  127.0.0.1/32      trust
";
const ROLES: &str = "
    CREATE ROLE encrypted LOGIN SUPERUSER;
    CREATE ROLE plain LOGIN SUPERUSER;
    CREATE ROLE free LOGIN SUPERUSER;
    CREATE ROLE barred SUPERUSER;
    CREATE ROLE outsider LOGIN SUPERUSER;
    SET password_encryption = 'scram-sha-256';
    CREATE ROLE scram LOGIN SUPERUSER PASSWORD ";

/// A server, and what its certificate is held against.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) authority: Authority,
}

/// Everybody's, with a good certificate. Its keeper ends it with the process.
static SHARED: LazyLock<Option<Place>> = LazyLock::new(Place::new);

impl Place {
    pub(crate) fn shared() -> Option<&'static Place> {
        SHARED.as_ref()
    }

    /// A server with a store in the database `keys`.
    pub(crate) fn new() -> Option<Place> {
        let authority = Authority::new("authority");
        let server = server()?;
        let mut place = Place { server, authority };
        place.server.add("access.conf", ACCESS);
        let access = place.server.data().join("access.conf");
        place.server.set("hba_file", &access.display().to_string());
        place.server.set("log_connections", "on");
        place.server.stop();
        place.server.go_on();
        place.identify(&place.authority.good());
        let mut admin = place.server.connect("postgres");
        let md5 = "; SET password_encryption = 'md5'; CREATE ROLE md5 LOGIN SUPERUSER PASSWORD ";
        let roles = format!("{ROLES}{IN_SQL}{md5}{IN_SQL}");
        admin.batch_execute(&roles).unwrap();
        admin.batch_execute("CREATE DATABASE keys").unwrap();
        let client = Client::new();
        let url = place.server.url("postgres", "keys");
        client.run(&url, &["create", "--app", "web"]).expect_code(0);
        Some(place)
    }

    /// The server has this certificate from now on.
    pub(crate) fn identify(&mut self, identity: &Identity) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let names = [
            ("ssl_cert_file", &identity.chain),
            ("ssl_key_file", &identity.key),
        ];
        for (setting, content) in names {
            let name = format!("{setting}.{number}");
            self.server.add(&name, content);
            self.server.set(setting, &name);
        }
        self.server.set("ssl", "on");
        let mut admin = self.server.connect("postgres");
        admin.batch_execute("SELECT pg_reload_conf()").unwrap();
        // Who comes after the server has read it sees it.
        let deadline = Instant::now() + Duration::from_secs(60);
        let expected = format!("ssl_cert_file.{number}");
        while self.setting("ssl_cert_file") != expected {
            assert!(
                Instant::now() < deadline,
                "the server never takes its certificate"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn setting(&self, name: &str) -> String {
        let mut admin = self.server.connect("postgres");
        let row = admin.query_one(&format!("SHOW {name}"), &[]).unwrap();
        row.get(0)
    }

    /// The database `keys` by a host's name, which leads here.
    pub(crate) fn url(&self, role: &str, host: &str, parameters: &str) -> String {
        let port = self.server.port();
        let address = match host.parse::<IpAddr>() {
            Ok(_) => String::new(),
            Err(_) => "hostaddr=127.0.0.1&".to_owned(),
        };
        format!("postgres://{role}@{host}:{port}/keys?{address}{parameters}")
    }

    /// Whether keyctl's connection of this name was made, and with TLS.
    pub(crate) fn was_encrypted(&self, name: &str) -> Option<bool> {
        let log = self.server.log();
        let name = format!("application_name={name}");
        let is_it = |line: &&str| {
            let mut words = line.split_whitespace();
            line.contains("connection authorized") && words.any(|word| word == name)
        };
        let line = log.lines().find(is_it)?;
        Some(line.contains("SSL enabled"))
    }
}

/// A server on a port of its own, without TLS.
pub(crate) fn server() -> Option<Server> {
    // Another process may take the port between the two.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    Server::start(&[("listen_addresses", "127.0.0.1"), ("port", &port)])
}

/// Somebody with keyctl and a home.
pub(crate) struct Client {
    sandbox: Sandbox,
    variables: Vec<(&'static str, String)>,
}

impl Client {
    pub(crate) fn new() -> Client {
        Client {
            sandbox: Sandbox::new(),
            variables: Vec::new(),
        }
    }

    /// With a variable that is set.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Client {
        self.variables.push((name, value.into()));
        self
    }

    /// With a file at home.
    pub(crate) fn with_file(self, name: &str, content: &str, mode: u32) -> Client {
        self.write(name, content, mode);
        self
    }

    pub(crate) fn write(&self, name: &str, content: &str, mode: u32) -> PathBuf {
        let path = self.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    pub(crate) fn home(&self) -> &Path {
        self.sandbox.home()
    }

    /// Runs keyctl with a store, and looks for the password in what it says.
    #[track_caller]
    pub(crate) fn run(&self, store: &str, args: &[&str]) -> Run {
        self.run_by(env!("CARGO_BIN_EXE_keyctl"), store, args)
    }

    /// Runs keyctl by another program.
    #[track_caller]
    pub(crate) fn run_by(&self, program: &str, store: &str, args: &[&str]) -> Run {
        let mut command = self.sandbox.command(program);
        command.env("KEYCTL_STORE", store).args(args);
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        let run = self.sandbox.finish(command, b"");
        assert!(!holds_password(&run.stdout), "{args:?}");
        assert!(!holds_password(&run.stderr), "{args:?}");
        run
    }

    /// The code of what goes wrong with the store; `ok` if nothing does.
    #[track_caller]
    pub(crate) fn outcome(&self, store: &str) -> String {
        self.outcome_of(store, &["list", "--json"])
    }

    #[track_caller]
    pub(crate) fn outcome_of(&self, store: &str, args: &[&str]) -> String {
        let run = self.run(store, args);
        if run.code == 0 {
            return "ok".to_owned();
        }
        let code = run.stderr.split("\"code\":\"").nth(1);
        let code = code.and_then(|rest| rest.split('"').next());
        match code {
            Some(code) => code.to_owned(),
            None => run.stderr,
        }
    }
}

/// Whether a text has a piece of a password.
pub(crate) fn holds_password(text: &str) -> bool {
    text.to_lowercase().contains("hush")
}
