//! The PostgreSQL that is installed, and as whom it runs.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use nix::unistd::{User, geteuid};

const KEEPER: &str = include_str!("keeper.sh");

/// The programs, and as whom they run: PostgreSQL does not run as root.
#[derive(Clone)]
pub(super) struct Installed {
    pub(super) programs: PathBuf,
    pub(super) user: Option<(u32, u32)>,
}

impl Installed {
    /// `None` where something is missing, which is said.
    pub(super) fn find() -> Option<Installed> {
        let Some(programs) = in_path().or_else(in_debian) else {
            return missing("PostgreSQL is not installed");
        };
        let user = match geteuid().is_root() {
            false => None,
            true => match User::from_name("postgres") {
                Ok(Some(user)) => Some((user.uid.as_raw(), user.gid.as_raw())),
                _ => return missing("there is no user postgres for a server to run as"),
            },
        };
        Some(Installed { programs, user })
    }

    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // A folder that the other user may not enter is no place to begin in.
        command.current_dir("/").env("LC_ALL", "C");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// What ends the server with this process.
    pub(super) fn keep(&self, folder: &Path) -> Child {
        let mut keeper = self.command(Path::new("sh"));
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(folder)
            .arg(self.programs.join("pg_ctl"))
            // What ends the tests from a terminal is not to end what cleans up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        keeper.spawn().expect("a shell can be started")
    }
}

fn in_path() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder| folder.join("initdb"));
    // Where it is a link, the others are where it leads to.
    let initdb = found.filter_map(|program| fs::canonicalize(program).ok());
    let mut folders = initdb.filter_map(|program| program.parent().map(Path::to_owned));
    folders.find(|folder| folder.join("pg_ctl").exists())
}

/// Debian keeps them away from the PATH, by version.
fn in_debian() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let highest = versions
        .filter_map(|version| Some(version.ok()?.path()))
        .filter(|folder| folder.join("bin/initdb").exists())
        .max_by_key(|folder| version(folder))?;
    Some(highest.join("bin"))
}

/// Said past the test harness, which shows nothing of tests that pass.
fn missing(what: &str) -> Option<Installed> {
    static SAID: Once = Once::new();
    let required = env::var("KEYCTL_TEST_POSTGRES");
    assert_ne!(required.as_deref(), Ok("required"), "{what}");
    SAID.call_once(|| {
        let note = writeln!(io::stderr(), "{what}: what needs a server is not tried");
        note.expect("standard error can be written");
    });
    None
}
