//! The servers that may have a store: sockets, names and addresses.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::passfile::SOCKET_FOLDERS;
use super::settings::Said;
use crate::domain::Invalid;
use crate::store::url::{self, check_host, port_number};

const DEFAULT_PORT: u16 = 5432;

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) host: Host,
    pub(super) port: u16,
}

/// Where it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// On a socket in this folder.
    Socket(PathBuf),
    /// On the network.
    Name {
        /// A name, or an address; what a certificate is held against.
        name: String,
        /// The address, if the name is not to be looked up.
        address: Option<IpAddr>,
    },
}

impl Endpoint {
    /// Whether it is on this machine, for all that can be said.
    pub(super) fn is_local(&self) -> bool {
        match &self.host {
            Host::Socket(_) => true,
            Host::Name { name, address } => {
                let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
                let is_local_name =
                    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_loopback);
                is_local_name && address.is_none_or(is_loopback)
            }
        }
    }

    /// The host as a URL has it, and the port if it is not the usual one.
    pub(super) fn parts(&self) -> (String, Option<String>) {
        let host = match &self.host {
            Host::Socket(folder) => folder.display().to_string(),
            Host::Name { name, .. } => name.clone(),
        };
        let port = Some(self.port).filter(|port| *port != DEFAULT_PORT);
        (host, port.map(|port| port.to_string()))
    }

    /// For messages.
    pub(super) fn shown(&self) -> String {
        match &self.host {
            Host::Socket(folder) => folder
                .join(format!(".s.PGSQL.{}", self.port))
                .display()
                .to_string(),
            Host::Name { name, .. } if name.contains(':') => format!("[{name}]:{}", self.port),
            Host::Name { name, .. } => format!("{name}:{}", self.port),
        }
    }
}

/// The servers that were named; without any, the socket of this machine.
pub(super) fn listed(said: &Said<'_>) -> Result<Vec<Endpoint>, Invalid> {
    let (hosts, host_source) = said.text_and_source("host")?.unwrap_or_default();
    let (ports, port_source) = said.text_and_source("port")?.unwrap_or_default();
    let addresses = addresses(said)?;
    let mut hosts = url::listed(&hosts);
    // Addresses alone are their own names.
    if host_source.is_empty() && !addresses.is_empty() {
        hosts = vec![""; addresses.len()];
    }
    if !addresses.is_empty() && addresses.len() != hosts.len() {
        return Err(Invalid::new("there is not one hostaddr for each host"));
    }
    let ports = if port_source.is_empty() {
        Vec::new()
    } else {
        url::listed(&ports)
    };
    let pairs = url::pair(hosts, &ports).ok_or_else(|| {
        Invalid::new(format!(
            "{port_source} has neither one port nor one for each host"
        ))
    })?;
    let servers = pairs.into_iter().enumerate().map(|(index, (host, port))| {
        check_host(&host, host_source)?;
        Ok(Endpoint {
            host: self::host(host, addresses.get(index).copied().flatten()),
            port: port.map_or(Ok(DEFAULT_PORT), |port| port_number(&port, port_source))?,
        })
    });
    servers.collect()
}

fn addresses(said: &Said<'_>) -> Result<Vec<Option<IpAddr>>, Invalid> {
    let Some(addresses) = said.text("hostaddr")? else {
        return Ok(Vec::new());
    };
    let parsed = url::listed(&addresses).into_iter().map(|text| match text {
        "" => Ok(None),
        text => text.parse().map(Some),
    });
    parsed
        .collect::<Result<_, _>>()
        .map_err(|_| Invalid::new("the store's URL has a hostaddr that is no address"))
}

fn host(host: String, address: Option<IpAddr>) -> Host {
    match (host.as_str(), address) {
        ("", Some(address)) => Host::Name {
            name: address.to_string(),
            address: Some(address),
        },
        ("", None) => Host::Socket(PathBuf::from(default_folder())),
        (folder, None) if folder.starts_with('/') => Host::Socket(PathBuf::from(folder)),
        // As libpq has it: an address comes before a folder.
        _ => Host::Name {
            name: host,
            address,
        },
    }
}

/// Where the server of this machine has its socket.
fn default_folder() -> &'static str {
    let [of_debian, of_postgres] = SOCKET_FOLDERS;
    if Path::new(of_debian).is_dir() {
        of_debian
    } else {
        of_postgres
    }
}
