//! Where a server is and how to reach it: a URL, and what is added to it by the
//! variables and defaults that users of libpq expect.
//!
//! Differences to libpq, where it is stricter or knows more:
//! - A server that is not on this machine must prove its name, unless the mode
//!   of TLS is said; see `tls`. A common name proves nothing: the name must be
//!   among the alternative ones of the certificate.
//! - Neither certificates of clients, lists of revoked ones, GSSAPI, services
//!   nor addresses beside names are known: `PGSERVICE` and `PGHOSTADDR` are refused
//!   where they would count. Other variables not named here are not looked at.
//! - A variable that is set and empty is as good as not set.
//! - Waiting ends after ten seconds for each address unless something else is
//!   said, and in any case at the caller's deadline.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::{User, geteuid};
use postgres::Config;
use postgres::config::ChannelBinding;
use zeroize::Zeroizing;

use super::endpoint::{self, Endpoint};
use super::tls::{self, Demand};
use crate::domain::{Invalid, StoreError, StoreFault};
use crate::store::url::{Url, written};

/// Variables that stand in for a parameter that the URL does not have.
const VARIABLES: [(&str, &str); 12] = [
    ("application_name", "PGAPPNAME"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("host", "PGHOST"),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("user", "PGUSER"),
];
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may be silent before it is asked whether it is there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_COUNT: u32 = 3;
/// How long what was sent may be unanswered.
const USER_TIMEOUT: Duration = Duration::from_secs(30);

/// What it takes to connect.
pub(super) struct Settings {
    /// In the order in which they are tried.
    pub(super) servers: Vec<Endpoint>,
    pub(super) role: String,
    pub(super) database: String,
    pub(super) password: Option<Zeroizing<Vec<u8>>>,
    pub(super) password_file: Option<PasswordFile>,
    pub(super) demand: Demand,
    /// For each address; `None` waits until the deadline.
    pub(super) timeout: Option<Duration>,
    /// All else, without hosts and password.
    pub(super) config: Config,
}

/// Where passwords may be.
pub(super) struct PasswordFile {
    pub(super) path: PathBuf,
    /// Whether somebody named it.
    pub(super) is_named: bool,
}

impl Settings {
    /// Takes the URL, else the variables, which `variable` looks up.
    ///
    /// # Errors
    /// [`StoreFault::BadUrl`].
    pub(super) fn new(
        url: &str,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Settings, StoreError> {
        Url::parse(url)
            .and_then(|url| Settings::of(&Said { url, variable }))
            .map_err(|problem| StoreError::new(StoreFault::BadUrl(problem)))
    }

    fn of(said: &Said<'_>) -> Result<Settings, Invalid> {
        let user = User::from_uid(geteuid()).ok().flatten();
        let home = match (said.variable)("HOME").filter(|home| !home.is_empty()) {
            Some(home) => Some(PathBuf::from(home)),
            None => user.as_ref().map(|user| user.dir.clone()),
        };
        let role = match said.text("user")? {
            Some(role) => role,
            None => user.map(|user| user.name).ok_or_else(|| {
                Invalid::new(
                    "the system's user has no name: name a role, as in postgres://ROLE@HOST",
                )
            })?,
        };
        said.refuse_unknown()?;
        let servers = endpoint::listed(said)?;
        let database = said.text("dbname")?.unwrap_or_else(|| role.clone());
        Ok(Settings {
            demand: tls::demand(
                said.text("sslmode")?.as_deref(),
                said.text("sslrootcert")?.as_deref(),
                home.as_deref()
                    .map(|home| home.join(".postgresql/root.crt")),
                servers.iter().all(Endpoint::is_local),
            )?,
            timeout: timeout(said)?,
            config: config(said, &role, &database)?,
            password: said.value("password").map(|(password, _)| password),
            password_file: password_file(said, home.as_deref())?,
            servers,
            role,
            database,
        })
    }

    /// The database, by its name.
    pub(super) fn database(&self) -> &str {
        &self.database
    }

    /// The URL as it may be shown: who, where and which database, and never a
    /// password.
    pub(super) fn shown(&self) -> String {
        let servers: Vec<(String, Option<String>)> =
            self.servers.iter().map(Endpoint::parts).collect();
        let servers: Vec<(&str, Option<&str>)> = servers
            .iter()
            .map(|(host, port)| (host.as_str(), port.as_deref()))
            .collect();
        written(Some(&self.role), &servers, Some(&self.database))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.shown())
    }
}

/// What the URL says, and what the variables say where it says nothing.
pub(super) struct Said<'a> {
    url: Url,
    variable: &'a dyn Fn(&str) -> Option<OsString>,
}

impl Said<'_> {
    /// What is said, and who says it.
    fn value(&self, name: &str) -> Option<(Zeroizing<Vec<u8>>, &'static str)> {
        if let Some(value) = self.url.value(name) {
            return Some((value.to_vec().into(), "the store's URL"));
        }
        let (_, variable) = VARIABLES.iter().find(|(known, _)| *known == name)?;
        let value = (self.variable)(variable).filter(|value| !value.is_empty())?;
        Some((value.into_vec().into(), variable))
    }

    /// Refuses what would lead others elsewhere: who names no server, and has these
    /// set, means what they say.
    fn refuse_unknown(&self) -> Result<(), Invalid> {
        let is_set = |name: &&&str| (self.variable)(name).is_some_and(|value| !value.is_empty());
        match ["PGSERVICE", "PGHOSTADDR"].iter().find(is_set) {
            Some(name) if self.url.value("host").is_none() => Err(Invalid::new(format!(
                "keyctl does not know {name}: unset it, or name the server in the URL"
            ))),
            _ => Ok(()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Invalid> {
        Ok(self.text_and_source(name)?.map(|(text, _)| text))
    }

    pub(super) fn text_and_source(
        &self,
        name: &str,
    ) -> Result<Option<(String, &'static str)>, Invalid> {
        let Some((value, source)) = self.value(name) else {
            return Ok(None);
        };
        match String::from_utf8(value.to_vec()) {
            Ok(text) => Ok(Some((text, source))),
            Err(_) => Err(Invalid::new(format!(
                "{source} has a {name} that is not UTF-8"
            ))),
        }
    }

    fn number(&self, name: &str) -> Result<Option<i32>, Invalid> {
        let Some((text, source)) = self.text_and_source(name)? else {
            return Ok(None);
        };
        let number = text.trim().parse();
        number
            .map(Some)
            .map_err(|_| Invalid::new(format!("{source} has a {name} that is no whole number")))
    }

    fn seconds(&self, name: &str) -> Result<Option<Duration>, Invalid> {
        let number = self
            .number(name)?
            .and_then(|number| u64::try_from(number).ok());
        Ok(number.filter(|number| *number > 0).map(Duration::from_secs))
    }
}

fn timeout(said: &Said<'_>) -> Result<Option<Duration>, Invalid> {
    match said.number("connect_timeout")? {
        Some(_) => said.seconds("connect_timeout"),
        None => Ok(Some(CONNECT_TIMEOUT)),
    }
}

fn password_file(said: &Said<'_>, home: Option<&Path>) -> Result<Option<PasswordFile>, Invalid> {
    let named = said.text("passfile")?.map(|path| PasswordFile {
        path: PathBuf::from(path),
        is_named: true,
    });
    Ok(named.or_else(|| {
        home.map(|home| PasswordFile {
            path: home.join(".pgpass"),
            is_named: false,
        })
    }))
}

fn config(said: &Said<'_>, role: &str, database: &str) -> Result<Config, Invalid> {
    let mut config = Config::new();
    let name = said.text("application_name")?;
    config
        .user(role)
        .dbname(database)
        .application_name(name.as_deref().unwrap_or("keyctl"))
        .channel_binding(channel_binding(said)?);
    if let Some(options) = said.text("options")? {
        config.options(&options);
    }
    // That a server takes writes is asked of it in any case where it matters.
    match said.text("target_session_attrs")?.as_deref() {
        None | Some("any" | "primary" | "read-write") => {}
        Some(_) => {
            return Err(Invalid::new(
                "target_session_attrs can be any, primary or read-write",
            ));
        }
    }
    keep_alive(said, &mut config)?;
    Ok(config)
}

fn channel_binding(said: &Said<'_>) -> Result<ChannelBinding, Invalid> {
    match said.text("channel_binding")?.as_deref() {
        None | Some("prefer") => Ok(ChannelBinding::Prefer),
        Some("disable") => Ok(ChannelBinding::Disable),
        Some("require") => Ok(ChannelBinding::Require),
        Some(_) => Err(Invalid::new(
            "channel_binding is none of disable, prefer, require",
        )),
    }
}

/// A server that is gone without a word is noticed within a minute.
fn keep_alive(said: &Said<'_>, config: &mut Config) -> Result<(), Invalid> {
    let milliseconds = said.number("tcp_user_timeout")?;
    let user_timeout = milliseconds
        .and_then(|number| u64::try_from(number).ok())
        .map(Duration::from_millis);
    let count = said.number("keepalives_count")?;
    let count = count
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| *count > 0);
    config
        .keepalives(said.number("keepalives")? != Some(0))
        .keepalives_idle(said.seconds("keepalives_idle")?.unwrap_or(KEEPALIVE_IDLE))
        .keepalives_interval(
            said.seconds("keepalives_interval")?
                .unwrap_or(KEEPALIVE_INTERVAL),
        )
        .keepalives_retries(count.unwrap_or(KEEPALIVE_COUNT))
        .tcp_user_timeout(user_timeout.unwrap_or(USER_TIMEOUT));
    Ok(())
}

#[cfg(test)]
mod tests;
