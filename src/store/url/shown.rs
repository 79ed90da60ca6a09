//! What of a URL may be shown.

use super::{Url, decoded};

/// Whether a URL, of whatever kind, holds a password, or may hold one.
pub(in crate::store) fn holds_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    match Url::parse(text) {
        Ok(url) => url.value("password").is_some(),
        Err(_) => {
            let is_before_host = |(who, _): (&str, &str)| who.contains(':');
            let plain = decoded(rest).unwrap_or_else(|_| rest.as_bytes().to_vec().into());
            rest.rsplit_once('@').is_some_and(is_before_host)
                || String::from_utf8_lossy(&plain).contains("password")
        }
    }
}

/// A URL as it may be shown: its role, hosts, ports and database. Of one that
/// cannot be understood, which may hold a password anywhere, the scheme alone.
pub(in crate::store) fn shown(text: &str) -> String {
    let hidden = || {
        let scheme = text.split("://").next().unwrap_or_default();
        format!("{scheme}://…")
    };
    let Ok(url) = Url::parse(text) else {
        return hidden();
    };
    let Ok(servers) = url.servers() else {
        return hidden();
    };
    let servers: Vec<(&str, Option<&str>)> = servers
        .iter()
        .map(|(host, port)| (host.as_str(), port.as_deref()))
        .collect();
    written(url.text("user"), &servers, url.text("dbname"))
}

/// The URL of a role, servers and a database.
pub(in crate::store) fn written(
    user: Option<&str>,
    servers: &[(&str, Option<&str>)],
    database: Option<&str>,
) -> String {
    let user = user.map_or(String::new(), |user| format!("{}@", encoded(user)));
    let database = database.map_or(String::new(), |name| format!("/{}", encoded(name)));
    // A folder is easier to read where it need not be encoded.
    if let [(folder, port)] = servers
        && folder.starts_with('/')
    {
        let port = port.map_or(String::new(), |port| format!("&port={port}"));
        let database = if database.is_empty() { "/" } else { &database };
        let folder = encoded(folder).replace("%2F", "/");
        return format!("postgres://{user}{database}?host={folder}{port}");
    }
    let servers = servers.iter().map(|(host, port)| {
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        if host.contains(':') {
            format!("[{host}]{port}")
        } else {
            format!("{}{port}", encoded(host))
        }
    });
    let servers: Vec<String> = servers.collect();
    format!("postgres://{user}{}{database}", servers.join(","))
}

/// Everything but letters, digits and `-._~` as percent signs.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password_and_one_that_is_not_understood_is_hidden() {
        let cases = [
            (
                "postgres://db.example.com/keys",
                "postgres://db.example.com/keys",
            ),
            (
                "postgresql://ann:hush@db:5433/keys",
                "postgres://ann@db:5433/keys",
            ),
            (
                "postgres://ann:hush@a:1,b:2/keys",
                "postgres://ann@a:1,b:2/keys",
            ),
            (
                "postgres://ann@[::1]:5433/keys",
                "postgres://ann@[::1]:5433/keys",
            ),
            ("postgres://ann%40x@db/k%20s", "postgres://ann%40x@db/k%20s"),
            (
                "postgres:///keys?host=/run/postgresql",
                "postgres:///keys?host=/run/postgresql",
            ),
            (
                "postgres://ann@%2Frun%2Fpg:5433/keys",
                "postgres://ann@/keys?host=/run/pg&port=5433",
            ),
            (
                "postgres://ann@%2Frun%2Fpg",
                "postgres://ann@/?host=/run/pg",
            ),
            ("postgres://%2Frun,db/keys", "postgres://%2Frun,db/keys"),
            (
                "postgres://db/keys?user=ann&password=hush",
                "postgres://ann@db/keys",
            ),
            ("postgres://", "postgres://"),
            // A password with signs that end it, and one where none belongs.
            ("postgres://ann:hu/sh@db/keys", "postgres://…"),
            ("postgres://ann:12/hush@db/keys", "postgres://…"),
            ("postgres://ann:12?hush@db/keys", "postgres://…"),
            ("postgres://ann:hu@sh@db/keys", "postgres://…"),
            ("postgres://ann:hu%sh@db/keys", "postgres://…"),
            ("postgres://ann:hush", "postgres://…"),
            ("postgres://db?password=hu@sh", "postgres://…"),
            ("postgres://db/keys?hush=1", "postgres://…"),
            ("mysql://ann:hush@db/keys", "mysql://…"),
        ];
        for (url, expected) in cases {
            assert_eq!(shown(url), expected, "{url}");
            assert!(!shown(url).contains("hu"), "{url}");
        }
    }

    #[test]
    fn no_piece_of_a_password_is_shown_whatever_signs_are_in_it() {
        let signs = "/?@:,&=%[]#";
        for (first, second) in signs
            .chars()
            .flat_map(|c| signs.chars().map(move |d| (c, d)))
        {
            let password = format!("77{first}88{second}99");
            for url in [
                format!("postgres://ann:{password}@db/keys?sslmode=require"),
                format!("postgres://ann:{password}@db"),
                format!("postgres://ann:{password}@"),
                format!("postgres://db?password={password}"),
            ] {
                let shown = shown(&url);
                assert!(
                    !shown.contains(['7', '8', '9']),
                    "{url} is shown as {shown}"
                );
                assert!(holds_password(&url), "{url}");
            }
        }
    }

    #[test]
    fn what_is_shown_means_the_same() {
        for url in [
            "postgres://ann%40x@a:1,[::1]:2/k%2Fs",
            "postgres://ann@/keys?host=/run/pg&port=5433",
            "postgres://%2Frun,db/keys",
        ] {
            assert_eq!(shown(url), url);
        }
    }

    #[test]
    fn a_password_is_found_wherever_a_url_may_have_one() {
        let cases = [
            ("postgres://ann@db/keys", false),
            ("postgres://db:5432/keys?user=ann", false),
            ("postgres://ann:@db/keys", false),
            ("postgres://db/keys?passfile=/etc/pass", false),
            ("keys.db", false),
            ("postgres://db/keys?no-such=1", false),
            ("postgres://ann:hush@db/keys", true),
            ("postgres://db/keys?password=hush", true),
            ("postgres://db/keys?p%61ssword=hush", true),
            ("postgres://db/keys?p%61ssword=hush&no-such=1", true),
            ("postgres://db/keys?sslpassword=hush", true),
            ("postgres://ann:hu@sh@db/keys", true),
            ("postgres://ann:hu/sh@db/keys", true),
            ("mysql://ann:hush@db/keys", true),
        ];
        for (url, expected) in cases {
            assert_eq!(holds_password(url), expected, "{url}");
        }
    }
}
