//! Files for what is nobody else's: tokens, and exports.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};

/// A file that was made new, for its owner alone, and is gone again unless it
/// is kept.
pub(crate) struct PrivateFile {
    path: PathBuf,
    file: File,
    is_kept: bool,
}

impl PrivateFile {
    /// Whether the file could be made: nothing is there, and there is a folder
    /// for it that may be written to.
    ///
    /// The answer may be outdated by the time it is made; it is asked so that
    /// what is bound to fail changes nothing.
    pub(crate) fn check(path: &Path) -> io::Result<()> {
        match fs::symlink_metadata(path) {
            Ok(_) => Err(Errno::EEXIST.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                access(folder_of(path), AccessFlags::W_OK | AccessFlags::X_OK)?;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Makes the file, 0600 whatever the umask. One that is there is never
    /// touched, nor is what a link points at.
    pub(crate) fn create(path: &Path) -> io::Result<PrivateFile> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(path)?;
        let made = PrivateFile {
            path: path.to_owned(),
            file,
            is_kept: false,
        };
        made.file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(made)
    }

    /// Something to write to it with, piece by piece.
    pub(crate) fn writer(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Writes to it, and makes that durable.
    pub(super) fn write(&self, text: &[u8]) -> io::Result<()> {
        (&self.file).write_all(text)?;
        self.sync()
    }

    /// Makes durable what was written to it, and its name.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()?;
        // The name is durable when its folder is synced (fsync(2)).
        match File::open(folder_of(&self.path)) {
            Ok(folder) => folder.sync_all(),
            // A folder may be open for writing only; the file itself is synced.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Leaves the file where it is.
    pub(crate) fn keep(mut self) {
        self.is_kept = true;
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nobody was told of it; failing to remove it is no worse.
            let _ = fs::remove_file(&self.path);
        }
    }
}
