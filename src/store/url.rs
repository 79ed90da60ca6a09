//! The URL of a store on a server: its text taken apart, and what of it may be
//! shown.
//!
//! The form is that of libpq (`postgres://USER:PASSWORD@HOST:PORT,…/DATABASE?NAME=VALUE`),
//! and stricter where a sign that is not percent-encoded could make a piece of a
//! password look like something else.

mod servers;
mod shown;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

pub(super) use servers::{check_host, listed, pair, port_number};
#[cfg(feature = "postgres")]
pub(super) use shown::written;
pub(super) use shown::{holds_password, shown};

use crate::domain::Invalid;

/// What follows the scheme of a URL.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// Parameters that are understood; the list is libpq's, and so are the meanings.
const PARAMETERS: [&str; 19] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "options",
    "passfile",
    "password",
    "port",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Parameters of libpq that are not understood. Others are not named in messages:
/// they may be a piece of a password.
const FOREIGN_PARAMETERS: [&str; 25] = [
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "load_balance_hosts",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "service",
    "servicefile",
    "ssl",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
];

/// What a URL says, by the name of the parameter; hosts and ports are lists with
/// commas. What is empty is not said.
pub(super) struct Url {
    values: BTreeMap<&'static str, Zeroizing<Vec<u8>>>,
}

impl Url {
    /// Takes a URL apart.
    pub(super) fn parse(text: &str) -> Result<Url, Invalid> {
        let rest = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| Invalid::new("a store's URL begins with postgres://"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = place.split_once('/').unwrap_or((place, ""));
        // The @ that ends a password stands here if a sign in it was taken for an
        // end before.
        if database.contains(['/', '@']) || query.contains('@') {
            return Err(unencoded());
        }
        let mut url = Url {
            values: BTreeMap::new(),
        };
        url.take_authority(authority)?;
        url.take("dbname", database)?;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            url.take_parameter(parameter)?;
        }
        // What is no port may be a password that an @ was meant to follow.
        for (host, port) in url.servers()? {
            check_host(&host, "the store's URL")?;
            port.map_or(Ok(0), |port| port_number(&port, "the store's URL"))?;
        }
        Ok(url)
    }

    /// What it says, if anything.
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        self.values.get(name).map(|value| value.as_slice())
    }

    /// What it says, if that is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name)
            .and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The hosts that it names, and their ports, as far as it says them.
    fn servers(&self) -> Result<Vec<(String, Option<String>)>, Invalid> {
        let list = |name: &str| match self.value(name) {
            Some(value) => std::str::from_utf8(value)
                .map(listed)
                .map_err(|_| not_text()),
            None => Ok(Vec::new()),
        };
        let (hosts, ports) = (list("host")?, list("port")?);
        pair(hosts, &ports).ok_or_else(|| {
            Invalid::new("the store's URL has neither one port nor one for each host")
        })
    }

    fn take_authority(&mut self, authority: &str) -> Result<(), Invalid> {
        let hosts = match authority.split_once('@') {
            Some((_, hosts)) if hosts.contains('@') => return Err(unencoded()),
            Some((who, hosts)) => {
                let (user, password) = who.split_once(':').unwrap_or((who, ""));
                self.take("user", user)?;
                self.take("password", password)?;
                hosts
            }
            None => authority,
        };
        let hosts: Vec<(&str, &str)> = hosts
            .split(',')
            .map(host_and_port)
            .collect::<Result<_, _>>()?;
        let (hosts, ports): (Vec<&str>, Vec<&str>) = hosts.into_iter().unzip();
        self.take_list("host", &hosts)?;
        self.take_list("port", &ports)
    }

    fn take_parameter(&mut self, parameter: &str) -> Result<(), Invalid> {
        let (name, value) = parameter.split_once('=').ok_or_else(|| {
            Invalid::new("a parameter of the store's URL has no value: NAME=VALUE")
        })?;
        let name = decoded(name)?;
        let is_name = |known: &&&str| known.as_bytes() == name.as_slice();
        if let Some(name) = PARAMETERS.iter().find(is_name) {
            return self.take(name, value);
        }
        Err(match FOREIGN_PARAMETERS.iter().find(is_name) {
            Some(name) => Invalid::new(format!(
                "keyctl does not know the parameter {name} of the store's URL"
            )),
            None => Invalid::new(format!(
                "the store's URL has a parameter that is none of {}",
                PARAMETERS.join(", ")
            )),
        })
    }

    /// A later value takes the place of an earlier one.
    fn take(&mut self, name: &'static str, value: &str) -> Result<(), Invalid> {
        if !value.is_empty() {
            self.values.insert(name, decoded(value)?);
        }
        Ok(())
    }

    fn take_list(&mut self, name: &'static str, values: &[&str]) -> Result<(), Invalid> {
        let is_said = values.iter().any(|value| !value.is_empty());
        let list = Zeroizing::new(values.join(","));
        self.take(name, if is_said { &list } else { "" })
    }
}

fn host_and_port(text: &str) -> Result<(&str, &str), Invalid> {
    let parts = match text.strip_prefix('[') {
        Some(address) => address.split_once(']').and_then(|(host, port)| match port {
            "" => Some((host, "")),
            port => port.strip_prefix(':').map(|port| (host, port)),
        }),
        None => Some(text.split_once(':').unwrap_or((text, ""))),
    };
    parts
        .filter(|(_, port)| !port.contains(':'))
        .ok_or_else(|| Invalid::new("the store's URL has an address of IPv6 that is not in [ ]"))
}

fn unencoded() -> Invalid {
    Invalid::new(
        "the store's URL is ambiguous: write / ? @ as %2F %3F %40 where they are part of a name or a password",
    )
}

fn not_text() -> Invalid {
    Invalid::new("the store's URL has a part that is not UTF-8")
}

/// The bytes that percent signs stand for.
fn decoded(text: &str) -> Result<Zeroizing<Vec<u8>>, Invalid> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'%', [high, low, after @ ..]) => (hex(*high).zip(hex(*low)), after),
            (b'%', _) => (None, after),
            (byte, after) => (Some((byte >> 4, byte & 15)), after),
        };
        let byte = byte.map(|(high, low)| high << 4 | low);
        // The protocol ends texts with a zero.
        bytes.push(byte.filter(|byte| *byte != 0).ok_or_else(|| {
            Invalid::new("the store's URL has a % without two hexadecimal digits: write % as %25")
        })?);
        rest = after;
    }
    Ok(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a URL says, one a line, or its problem.
    fn said(url: &str) -> String {
        match Url::parse(url) {
            Ok(url) => {
                let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
                let lines = url
                    .values
                    .iter()
                    .map(|(name, value)| format!("{name}={}", text(value)));
                lines.collect::<Vec<_>>().join(" ")
            }
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn a_url_is_taken_apart_as_libpq_does() {
        let cases = [
            ("postgres://", ""),
            ("postgresql:///", ""),
            ("postgres://db", "host=db"),
            ("postgres://db:", "host=db"),
            ("postgres://:5433", "port=5433"),
            ("postgres:///keys", "dbname=keys"),
            ("postgres://@/keys", "dbname=keys"),
            ("postgres://ann@", "user=ann"),
            (
                "postgresql://ann:hush@db:5433/keys",
                "dbname=keys host=db password=hush port=5433 user=ann",
            ),
            (
                "postgres://a%6En:%3a%2F%40@db",
                "host=db password=:/@ user=ann",
            ),
            ("postgres://ann:a:b@db", "host=db password=a:b user=ann"),
            ("postgres://a,b:2,c", "host=a,b,c port=,2,"),
            ("postgres://a:5433,b:5433", "host=a,b port=5433,5433"),
            (
                "postgres://[::1]:5433,[fe80::1%25eth0]",
                "host=::1,fe80::1%eth0 port=5433,",
            ),
            (
                "postgres://%2Frun%2Fpostgresql/keys",
                "dbname=keys host=/run/postgresql",
            ),
            (
                "postgres:///keys?host=/run/postgresql",
                "dbname=keys host=/run/postgresql",
            ),
            ("postgres:///?host=a,b&port=1,2", "host=a,b port=1,2"),
            // A parameter comes before what stands in its place.
            (
                "postgres://ann@db:1/keys?host=x&port=2&user=bob&dbname=y",
                "dbname=y host=x port=2 user=bob",
            ),
            ("postgres://db?sslmode=require", "host=db sslmode=require"),
            ("postgres://db/?sslmode=require&", "host=db sslmode=require"),
            ("postgres://db/?user=ann%40srv", "host=db user=ann@srv"),
            (
                "postgres://db/?options=-c%20a%3Db",
                "host=db options=-c a=b",
            ),
            ("postgres://db/?options=-c a=b", "host=db options=-c a=b"),
            ("postgres://db/?user=", "host=db"),
        ];
        for (url, expected) in cases {
            assert_eq!(said(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_repeating_it() {
        let cases = [
            ("mysql://secret", "begins with postgres://"),
            ("postgres://ann:se/cret@db/keys", "ambiguous"),
            ("postgres://ann:1/secret@db/keys", "ambiguous"),
            ("postgres://ann:1?secret@db/keys", "ambiguous"),
            ("postgres://ann:sec@ret@db/keys", "ambiguous"),
            ("postgres://db/secret/secret", "ambiguous"),
            ("postgres://db/?user=secret@secret", "ambiguous"),
            ("postgres://db/?secret=1", "a parameter that is none of"),
            ("postgres://db/?secret", "has no value"),
            ("postgres://db/?sslcert=secret", "the parameter sslcert"),
            ("postgres://ann:sec%ret@db", "%25"),
            ("postgres://ann:secret%2@db", "%25"),
            ("postgres://ann:secret%+1@db", "%25"),
            ("postgres://ann:secret%00@db", "%25"),
            ("postgres://db:secret", "port"),
            ("postgres://db:0", "port"),
            ("postgres://db:65536", "port"),
            ("postgres://[::1", "IPv6"),
            ("postgres://[::1]x", "IPv6"),
            ("postgres://::1", "IPv6"),
            ("postgres://secret!", "host"),
            ("postgres://%ff", "UTF-8"),
            ("postgres://a,b,c/?port=1,2", "one for each host"),
        ];
        for (url, expected) in cases {
            let problem = said(url);
            assert!(problem.contains(expected), "{url}: {problem}");
            assert!(!problem.contains("secret"), "{url}: {problem}");
        }
    }
}
