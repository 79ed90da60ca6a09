//! The password file of libpq, `~/.pgpass`: a line for each server, database and
//! role.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use zeroize::Zeroizing;

use crate::domain::WhyUnused;

/// No file of passwords is longer.
const MAX_LEN: u64 = 1024 * 1024;
/// Where servers have their socket unless told otherwise, in Debian's packages
/// and in those of PostgreSQL itself.
pub(super) const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Whose password is looked for.
pub(super) struct Login<'a> {
    /// A name, an address or the folder of a socket.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) role: &'a str,
}

/// The password of the first line that fits. No file at all is `None`.
pub(super) fn password(
    file: &Path,
    login: &Login<'_>,
) -> Result<Option<Zeroizing<Vec<u8>>>, WhyUnused> {
    let content = match content(file) {
        Ok(content) => content?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(WhyUnused::Unreadable),
    };
    let lines = content.split(|byte| *byte == b'\n');
    let mut lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let found = lines.find_map(|line| of_line(line, login));
    found.map(Some).ok_or(WhyUnused::NoLine)
}

/// What is in the file, if it is one that nobody else can read.
fn content(file: &Path) -> io::Result<Result<Zeroizing<Vec<u8>>, WhyUnused>> {
    // A pipe would be waited for.
    let flags = OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(file)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Ok(Err(WhyUnused::NotRegular));
    }
    if facts.mode() & 0o077 != 0 {
        return Ok(Err(WhyUnused::Open));
    }
    let mut content = Zeroizing::new(Vec::new());
    file.take(MAX_LEN).read_to_end(&mut content)?;
    Ok(Ok(content))
}

/// The password of a line, if the line is for this login.
fn of_line(line: &[u8], login: &Login<'_>) -> Option<Zeroizing<Vec<u8>>> {
    if line.starts_with(b"#") {
        return None;
    }
    let host = if SOCKET_FOLDERS.contains(&login.host) {
        "localhost"
    } else {
        login.host
    };
    let wanted = [host, &login.port.to_string(), login.database, login.role];
    let password = wanted
        .iter()
        .try_fold(line, |rest, text| after_match(rest, text.as_bytes()))?;
    Some(field(password).0)
}

/// What comes after the first field, if that is `wanted` or an asterisk.
fn after_match<'a>(line: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = line.strip_prefix(b"*:") {
        return Some(rest);
    }
    let (value, rest) = field(line);
    rest.filter(|_| value.as_slice() == wanted)
}

/// The first field with its escapes undone, and what comes after its colon.
fn field(line: &[u8]) -> (Zeroizing<Vec<u8>>, Option<&[u8]>) {
    let mut value = Zeroizing::new(Vec::with_capacity(line.len()));
    let mut rest = line;
    loop {
        rest = match rest {
            [] => return (value, None),
            [b':', after @ ..] => return (value, Some(after)),
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                value.push(*byte);
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::*;

    const LOGIN: Login<'_> = Login {
        host: "db",
        port: 5432,
        database: "keys",
        role: "ann",
    };

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let socket = |host| Login { host, ..LOGIN };
        let odd = Login {
            database: r"a:b\c",
            ..LOGIN
        };
        let cases: [(&str, Login<'_>, Option<&str>); 23] = [
            ("db:5432:keys:ann:hush", LOGIN, Some("hush")),
            ("*:*:*:*:hush", LOGIN, Some("hush")),
            ("db:5432:keys:ann:hush\r\n", LOGIN, Some("hush")),
            ("db:5432:keys:bob:no\ndb:*:*:ann:hush", LOGIN, Some("hush")),
            (
                "db:*:*:*:first\ndb:5432:keys:ann:second",
                LOGIN,
                Some("first"),
            ),
            ("#db:5432:keys:ann:no\n*:*:*:*:hush", LOGIN, Some("hush")),
            ("db:5432:keys:ann:hush:more", LOGIN, Some("hush")),
            (r"db:5432:keys:ann:h\:u\\s\h", LOGIN, Some(r"h:u\sh")),
            (r"d\b:5432:keys:ann:hush", LOGIN, Some("hush")),
            (r"db:5432:a\:b\\c:ann:hush", odd, Some("hush")),
            ("db:5432:keys:ann:", LOGIN, Some("")),
            ("localhost:*:*:*:hush", socket("localhost"), Some("hush")),
            (
                "localhost:*:*:*:hush",
                socket("/var/run/postgresql"),
                Some("hush"),
            ),
            ("localhost:*:*:*:hush", socket("/tmp"), Some("hush")),
            ("/run/pg:*:*:*:hush", socket("/run/pg"), Some("hush")),
            (r"\:\:1:*:*:*:hush", socket("::1"), Some("hush")),
            ("localhost:*:*:*:hush", socket("/run/pg"), None),
            ("db:5433:keys:ann:hush", LOGIN, None),
            ("db:5432:key:ann:hush", LOGIN, None),
            ("db:5432:keys:anna:hush", LOGIN, None),
            ("db:5432:keys:ann", LOGIN, None),
            ("**:*:*:*:hush", LOGIN, None),
            ("", LOGIN, None),
        ];
        let folder = tempfile::tempdir().unwrap();
        for (content, login, expected) in cases {
            let file = written(&folder, content, 0o600);
            let found = password(&file, &login);
            let expected = expected.map(|text| Zeroizing::new(text.as_bytes().to_vec()));
            assert_eq!(
                found,
                expected.map(Some).ok_or(WhyUnused::NoLine),
                "{content}"
            );
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        for (mode, expected) in [(0o600, None), (0o400, None), (0o700, None)]
            .into_iter()
            .chain(
                [0o640, 0o604, 0o620, 0o602, 0o610, 0o601]
                    .map(|mode| (mode, Some(WhyUnused::Open))),
            )
        {
            let file = written(&folder, "*:*:*:*:hush", mode);
            assert_eq!(password(&file, &LOGIN).err(), expected, "{mode:o}");
        }
    }

    #[test]
    fn what_is_no_regular_file_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).unwrap();
        for place in [folder.path(), &pipe, Path::new("/dev/null")] {
            assert_eq!(
                password(place, &LOGIN),
                Err(WhyUnused::NotRegular),
                "{place:?}"
            );
        }
        assert_eq!(password(&folder.path().join("none"), &LOGIN), Ok(None));
    }

    #[test]
    fn a_link_to_a_file_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink(written(&folder, "*:*:*:*:hush", 0o600), &link).unwrap();
        assert!(password(&link, &LOGIN).is_ok_and(|found| found.is_some()));
    }

    fn written(folder: &tempfile::TempDir, content: &str, mode: u32) -> PathBuf {
        let file = folder.path().join("pgpass");
        let _ = fs::remove_file(&file);
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        file
    }
}
