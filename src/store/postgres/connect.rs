//! Connecting: one server after the other, and never for longer than was said.

use std::fs::File;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;
use postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::endpoint::{Endpoint, Host};
use super::passfile::{self, Login};
use super::refusal::{Attempt, meaning};
use super::settings::Settings;
use super::tls::{self, Demand};
use crate::domain::{ConnectionFault, StoreError, StoreFault, Unreached, UnusedFile, WhyUnused};

/// As many files as the driver opens at once. Where it cannot, it panics.
const FILE_COUNT: usize = 6;

impl Settings {
    /// Connects, to a server that takes writes unless `allow_replica`, within
    /// `deadline` over all servers. Servers that cannot be reached, or do not
    /// take writes, are passed over; one that refuses is not.
    ///
    /// # Errors
    /// [`StoreFault::Connection`], of the first server that could have been the
    /// right one.
    pub(super) fn connect(
        &self,
        allow_replica: bool,
        deadline: Duration,
    ) -> Result<Client, StoreError> {
        let end = Instant::now() + deadline;
        let files: io::Result<Vec<File>> =
            (0..FILE_COUNT).map(|_| File::open("/dev/null")).collect();
        drop(files.map_err(|error| StoreError::caused(StoreFault::Other, error))?);
        let is_encrypted = |server: &Endpoint| self.mode(server) != SslMode::Disable;
        // Read only if need be: roots take milliseconds.
        let demand = if self.servers.iter().any(is_encrypted) {
            &self.demand
        } else {
            &Demand::Nothing
        };
        let tls = tls::connector(demand)?;
        let mut failure = None;
        for server in &self.servers {
            let attempt = Try {
                settings: self,
                server,
                tls: &tls,
                allow_replica,
                end,
            };
            match attempt.connect() {
                Ok(client) => return Ok(client),
                Err(error) if !is_passed_over(&error) => return Err(error),
                // A replica says nothing about the primary that was not found.
                Err(error) if failure.as_ref().is_none_or(is_of_a_replica) => failure = Some(error),
                Err(_) => {}
            }
        }
        Err(failure.unwrap_or_else(|| StoreError::new(StoreFault::Other)))
    }

    /// Servers do not speak TLS on a socket.
    fn mode(&self, server: &Endpoint) -> SslMode {
        match (&server.host, &self.demand) {
            (Host::Socket(_), _) | (_, Demand::Nothing) => SslMode::Disable,
            (_, Demand::TlsIfOffered) => SslMode::Prefer,
            (_, Demand::Tls | Demand::Certificate(_) | Demand::Name(_)) => SslMode::Require,
        }
    }
}

fn is_passed_over(error: &StoreError) -> bool {
    matches!(
        error.fault(),
        StoreFault::Connection(
            ConnectionFault::Unreachable { .. }
                | ConnectionFault::Replica { .. }
                | ConnectionFault::Lost
        )
    )
}

fn is_of_a_replica(error: &StoreError) -> bool {
    matches!(
        error.fault(),
        StoreFault::Connection(ConnectionFault::Replica { .. })
    )
}

/// An attempt at one server.
struct Try<'a> {
    settings: &'a Settings,
    server: &'a Endpoint,
    tls: &'a MakeRustlsConnect,
    allow_replica: bool,
    end: Instant,
}

impl Try<'_> {
    fn connect(&self) -> Result<Client, StoreError> {
        let mut config = self.settings.config.clone();
        config
            .port(self.server.port)
            .ssl_mode(self.settings.mode(self.server));
        if !self.allow_replica {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let unused = match self.password() {
            Ok(Some(password)) => {
                config.password(password);
                None
            }
            Ok(None) => None,
            Err(unused) => Some(unused),
        };
        let (name, addresses) = match &self.server.host {
            Host::Socket(folder) => {
                config.host_path(folder);
                return self.at(config, unused);
            }
            Host::Name { name, address } => (name, self.addresses(name, *address)?),
        };
        config.host(name);
        let mut failure = self.unreached(Unreached::UnknownHost);
        for address in addresses {
            let mut config = config.clone();
            config.hostaddr(address);
            match self.at(config, unused.clone()) {
                Err(error) if is_passed_over(&error) => failure = error,
                answer => return answer,
            }
        }
        Err(failure)
    }

    /// Connects to one address.
    fn at(
        &self,
        config: postgres::Config,
        unused: Option<UnusedFile>,
    ) -> Result<Client, StoreError> {
        let tls = self.tls.clone();
        match self.in_time(move || config.connect(tls))? {
            Ok(client) => Ok(client),
            Err(error) => Err(meaning(error, &self.attempt(unused))),
        }
    }

    fn attempt(&self, unused: Option<UnusedFile>) -> Attempt {
        Attempt {
            server: self.server.shown(),
            role: self.settings.role.clone(),
            database: self.settings.database.clone(),
            unused,
        }
    }

    /// The addresses of a name.
    fn addresses(&self, name: &str, known: Option<IpAddr>) -> Result<Vec<IpAddr>, StoreError> {
        if let Some(address) = known.or_else(|| name.parse().ok()) {
            return Ok(vec![address]);
        }
        let (name, port) = (name.to_owned(), self.server.port);
        let found = self.in_time(move || (name, port).to_socket_addrs())?;
        match found {
            Ok(found) => Ok(found.map(|address| address.ip()).collect()),
            // The system's own words for it differ, and tell no more.
            Err(_) => Err(self.unreached(Unreached::UnknownHost)),
        }
    }

    /// The password that was given, else that of the password file.
    fn password(&self) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, UnusedFile> {
        if let Some(password) = &self.settings.password {
            return Ok(Some(password.clone()));
        }
        let Some(file) = &self.settings.password_file else {
            return Ok(None);
        };
        let host = match &self.server.host {
            Host::Socket(folder) => &folder.display().to_string(),
            Host::Name { name, .. } => name,
        };
        let login = Login {
            host,
            port: self.server.port,
            database: &self.settings.database,
            role: &self.settings.role,
        };
        let unused = |why| UnusedFile {
            path: file.path.display().to_string(),
            why,
        };
        match passfile::password(&file.path, &login).map_err(unused)? {
            None if file.is_named => Err(unused(WhyUnused::Missing)),
            found => Ok(found.filter(|password| !password.is_empty())),
        }
    }

    /// Does something that may take for ever, in a thread that is left alone once
    /// it has taken too long: neither the system's resolver nor the driver's
    /// handshake can be told to stop.
    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let left = self.end.saturating_duration_since(Instant::now());
        let limit = self
            .settings
            .timeout
            .map_or(left, |timeout| timeout.min(left));
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new()
            .name("connect".to_owned())
            .spawn(move || sender.send(work()))
            .map_err(|error| StoreError::caused(StoreFault::Other, error))?;
        receiver.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => self.unreached(Unreached::TimedOut),
            RecvTimeoutError::Disconnected => StoreError::caused(
                StoreFault::Other,
                io::Error::other("the driver could not start"),
            ),
        })
    }

    fn unreached(&self, why: Unreached) -> StoreError {
        let server = self.server.shown();
        let fault = ConnectionFault::Unreachable { server, why };
        StoreError::new(StoreFault::Connection(fault))
    }
}
