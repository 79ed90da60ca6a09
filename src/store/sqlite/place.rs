//! The folder and the file of a store: made private from the first moment,
//! whatever the umask, and never through a symbolic link.

use std::fs::{self, DirBuilder, FileType, Permissions};
use std::io;
use std::iter;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{AccessFlags, faccessat};

use super::super::IfMissing;
use super::super::private_file::{PrivateFile, sync_folder_of};
use crate::domain::{FileFacts, FileRole, StoreError, StoreFault};

/// The absolute path of the store's file, which exists when this returns; or
/// `None` where there is none and the store is to be pretended.
///
/// # Errors
/// [`StoreFault::Missing`] if there is none and none is to be made;
/// [`StoreFault::Linked`] for a link at its place, its folder's or beside it, and
/// [`StoreFault::Foreign`] for anything else that is not a regular file.
pub(super) fn prepare(path: &Path, if_missing: IfMissing) -> Result<Option<PathBuf>, StoreError> {
    match (find(path), if_missing) {
        (Err(error), IfMissing::Create) if *error.fault() == StoreFault::Missing => {
            make(path).map_err(unreadable)?;
            find(path).map(Some)
        }
        (Err(error), IfMissing::Pretend) if *error.fault() == StoreFault::Missing => Ok(None),
        (Ok(file), IfMissing::Create) => make_private_if_empty(&file)
            .map(|()| Some(file))
            .map_err(unreadable),
        (found, _) => found.map(Some),
    }
}

/// An empty file at the place of the store becomes one, whoever made it.
fn make_private_if_empty(file: &Path) -> io::Result<()> {
    if fs::metadata(file)?.len() == 0 {
        fs::set_permissions(file, Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// The file of the store, by a path without links.
///
/// # Errors
/// As [`prepare`], where none is to be made.
pub(super) fn find(path: &Path) -> Result<PathBuf, StoreError> {
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(foreign("it is a folder"));
    };
    if kind_of(folder)?.is_symlink() {
        return Err(StoreError::new(StoreFault::Linked("its folder")));
    }
    // SQLite refuses links anywhere in the path; those above the folder are the
    // owner's own and are resolved here.
    let folder = fs::canonicalize(folder).map_err(missing_or_unreadable)?;
    let file = folder.join(name);
    let kind = kind_of(&file)?;
    if kind.is_dir() {
        return Err(foreign("it is a folder"));
    } else if kind.is_symlink() {
        return Err(StoreError::new(StoreFault::Linked("it")));
    } else if !kind.is_file() {
        return Err(foreign("it is not a regular file"));
    }
    check_beside(&file)?;
    Ok(file)
}

fn kind_of(path: &Path) -> Result<FileType, StoreError> {
    let found = fs::symlink_metadata(path).map_err(missing_or_unreadable)?;
    Ok(found.file_type())
}

/// SQLite follows no link here either; refused by name, it is understood.
fn check_beside(file: &Path) -> Result<(), StoreError> {
    for (suffix, name) in BESIDE {
        match fs::symlink_metadata(beside(file, suffix)) {
            Ok(found) if found.is_symlink() => {
                return Err(StoreError::new(StoreFault::Linked(name)));
            }
            Ok(found) if !found.is_file() => {
                return Err(foreign("what stands beside it is not a regular file"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(())
}

/// What SQLite keeps beside a file, and its name for people.
pub(super) const BESIDE: [(&str, &str); 3] = [
    ("-wal", "its -wal"),
    ("-shm", "its -shm"),
    ("-journal", "its -journal"),
];

/// What keyctl keeps beside it.
pub(super) const BALLAST: &str = "-ballast";

/// Whether a file of this name is taken for one that belongs to a store.
pub(in crate::store) fn has_name_beside_a_store(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let mut suffixes = BESIDE.iter().map(|(suffix, _)| *suffix).chain([BALLAST]);
    suffixes.any(|suffix| name.ends_with(suffix))
}

/// How long a file is, in bytes; 0 if it is not there.
pub(super) fn file_len(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// Whether somebody has written what is not in the store's file yet.
pub(super) fn is_open(file: &Path) -> bool {
    file_len(&beside(file, "-wal")) > 0
}

/// The file of that suffix beside the store.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

/// Whether this process may write the file, and what has to stand beside it.
pub(super) fn is_writable(file: &Path) -> bool {
    let may = |path: &Path, flags| faccessat(AT_FDCWD, path, flags, AtFlags::AT_EACCESS).is_ok();
    let folder = file.parent().unwrap_or(Path::new("/"));
    may(file, AccessFlags::W_OK)
        && (may(folder, AccessFlags::W_OK | AccessFlags::X_OK) || beside(file, "-wal").exists())
}

/// The store's file, those beside it, its folder and those above.
pub(super) fn survey(file: &Path) -> Result<Vec<FileFacts>, StoreError> {
    let suffixes = BESIDE.iter().map(|(suffix, _)| *suffix).chain([BALLAST]);
    let others = suffixes.map(|suffix| (FileRole::Beside, beside(file, suffix)));
    let folders = file
        .ancestors()
        .skip(1)
        .enumerate()
        .map(|(height, folder)| {
            let role = if height == 0 {
                FileRole::Folder
            } else {
                FileRole::Above
            };
            (role, folder.to_owned())
        });
    let store = (FileRole::Store, file.to_owned());
    facts_of(iter::once(store).chain(others).chain(folders))
}

/// The store's file and its folder.
pub(super) fn survey_place(file: &Path) -> Result<Vec<FileFacts>, StoreError> {
    let folder = file
        .parent()
        .map(|folder| (FileRole::Folder, folder.to_owned()));
    facts_of(iter::once((FileRole::Store, file.to_owned())).chain(folder))
}

fn facts_of(
    files: impl Iterator<Item = (FileRole, PathBuf)>,
) -> Result<Vec<FileFacts>, StoreError> {
    let mut facts = Vec::new();
    for (role, path) in files {
        match fs::metadata(&path) {
            Ok(found) => facts.push(FileFacts {
                role,
                path,
                mode: found.mode() & 0o7777,
                owner: found.uid(),
                len: found.len(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(facts)
}

fn make(path: &Path) -> io::Result<()> {
    let file = std::path::absolute(path)?;
    if let Some(folder) = file.parent() {
        make_folder(folder)?;
    }
    make_file(&file)
}

/// Makes the folder and those above it, 0700 each. One that is there already is
/// its owner's business.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        // The umask may have taken more away than the owner can do without.
        Ok(()) => fs::set_permissions(folder, Permissions::from_mode(0o700))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    sync_folder_of(folder)
}

/// Makes an empty file, 0600. Of several processes that come at once one makes
/// it, and the others find it made.
fn make_file(file: &Path) -> io::Result<()> {
    match PrivateFile::create(file) {
        Ok(made) => made.keep()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    sync_folder_of(file)
}

fn foreign(what: &'static str) -> StoreError {
    StoreError::new(StoreFault::Foreign(what))
}

pub(super) fn missing_or_unreadable(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            StoreError::new(StoreFault::Missing)
        }
        _ => unreadable(error),
    }
}

pub(super) fn unreadable(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull => StoreError::caused(StoreFault::Full, error),
        _ => StoreError::caused(StoreFault::Unreadable, error),
    }
}
