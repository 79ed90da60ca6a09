//! Files for what is nobody else's: tokens, exports, backups.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access, getpid};

/// How many names are tried for a file that is not whole yet.
const MAX_NAMES: u32 = 100;

/// Those under way, for [`PrivateFile::remove_unfinished`].
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that was made new, 0600 whatever the umask, and is gone again unless
/// it is kept. One that is there is never touched, nor is what a link points at.
#[derive(Debug)]
pub struct PrivateFile {
    /// Where it is now.
    path: PathBuf,
    /// Where it is to be, if that is elsewhere.
    destination: Option<PathBuf>,
    file: File,
    is_kept: bool,
}

impl PrivateFile {
    /// Whether the file could be made: nothing is there, and there is a folder
    /// for it that may be written to.
    ///
    /// The answer may be outdated by the time it is made; it is asked so that
    /// what is bound to fail changes nothing.
    ///
    /// # Errors
    /// That of making it.
    pub fn check(path: &Path) -> io::Result<()> {
        match fs::symlink_metadata(path) {
            Ok(_) => Err(Errno::EEXIST.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                access(folder_of(path), AccessFlags::W_OK | AccessFlags::X_OK)?;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Makes the file under its own name.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if anything has that name.
    pub fn create(path: &Path) -> io::Result<PrivateFile> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(path)?;
        let made = PrivateFile {
            path: path.to_owned(),
            destination: None,
            file,
            is_kept: false,
        };
        made.file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(made)
    }

    /// Makes the file beside its place, under a name that nobody looks for, to
    /// be there at once and whole when it is kept.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if anything has its name.
    pub fn create_beside(destination: &Path) -> io::Result<PrivateFile> {
        PrivateFile::check(destination)?;
        let folder = folder_of(destination);
        let mut unfinished = unfinished();
        for number in 0..MAX_NAMES {
            // A process that was killed may have left one of that name.
            let name = format!(".keyctl-{}-{number}.part", getpid());
            match PrivateFile::create(&folder.join(name)) {
                Ok(mut made) => {
                    unfinished.push(made.path.clone());
                    made.destination = Some(destination.to_owned());
                    return Ok(made);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(Errno::EEXIST.into())
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Something to write to it with, piece by piece.
    ///
    /// # Errors
    /// Those of the system.
    pub fn writer(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Writes to it, and makes that durable.
    ///
    /// # Errors
    /// Those of writing and syncing.
    pub fn write(&self, text: &[u8]) -> io::Result<()> {
        (&self.file).write_all(text)?;
        self.sync()
    }

    /// Makes durable what was written to it, and its name.
    ///
    /// # Errors
    /// Those of syncing.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()?;
        sync_folder_of(&self.path)
    }

    /// Leaves the file at its place. One that was made beside it is synced and
    /// gets its name, which is durable when this returns.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if anything took its name since, and
    /// those of syncing; then it is gone. There is none for a file that had its
    /// name from the beginning.
    pub fn keep(mut self) -> io::Result<()> {
        let Some(destination) = self.destination.clone() else {
            self.is_kept = true;
            return Ok(());
        };
        self.sync()?;
        {
            // Whoever ends the program now waits until it has its name.
            let mut unfinished = unfinished();
            rename_new(&self.path, &destination)?;
            unfinished.retain(|path| *path != self.path);
        }
        self.destination = None;
        self.path = destination;
        sync_folder_of(&self.path)?;
        self.is_kept = true;
        Ok(())
    }

    /// Removes what is not whole, for a program that is about to end: whoever
    /// makes or keeps a file after this waits for ever.
    pub fn remove_unfinished() {
        let mut unfinished = unfinished();
        for path in unfinished.drain(..) {
            // There is nobody left to tell.
            let _ = fs::remove_file(path);
        }
        std::mem::forget(unfinished);
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nobody was told of it; failing to remove it is no worse.
            let _ = fs::remove_file(&self.path);
        }
        if self.destination.is_some() {
            unfinished().retain(|path| *path != self.path);
        }
    }
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    // A list of paths is in order whoever panicked.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a file its name, unless something has that name.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
            // Not every file system knows the flag (renameat2(2)).
            Err(Errno::EINVAL | Errno::ENOSYS) => {}
            renamed => return Ok(renamed?),
        }
    }
    // A link is never made over a name that is taken (link(2)).
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

/// A new name in a folder is durable when the folder is synced (fsync(2)).
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match File::open(folder_of(path)) {
        Ok(folder) => folder.sync_all(),
        // A folder may be open for writing only; the file itself is synced.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_takes_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let place = folder.path().join("a");
        let file = PrivateFile::create_beside(&place).unwrap();
        file.write(b"whole").unwrap();
        assert!(!place.exists());
        file.keep().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert_eq!(
            fs::metadata(&place).unwrap().permissions().mode(),
            0o100_600
        );
        assert_eq!(names(), 1);

        let other = folder.path().join("b");
        let late = PrivateFile::create_beside(&other).unwrap();
        fs::write(&other, "theirs").unwrap();
        let error = late.keep().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&other).unwrap(), b"theirs");
        drop(PrivateFile::create_beside(&folder.path().join("c")).unwrap());
        assert_eq!(names(), 2, "what is not kept is gone");
    }
}
