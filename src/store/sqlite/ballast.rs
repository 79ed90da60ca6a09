//! Room kept for the day the disk is full.
//!
//! To revoke a key takes room too. So a file that holds nothing stands beside
//! the store, to be given up piece by piece when there is no other room left;
//! it is made anew when there is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;

use super::super::PrivateFile;
use super::place::{BALLAST, beside, unreadable};
use crate::domain::StoreError;

/// In bytes. In a store of 100,000 keys, SQLite wrote 33 to 54 KB to revoke one
/// and 2.5 MB to revoke 100 at once, besides 32 KB to open it.
pub(super) const LEN: u64 = 4 * 1024 * 1024;
/// How much is given up at once. What fills the disk goes on, and takes the rest
/// of it: there is a next piece for the next revocation.
const PIECE: u64 = 256 * 1024;
/// How much must be free for it to be made: it is not to be what fills the disk.
const MIN_FREE: u64 = 4 * LEN;
/// With less than this, SQLite may be unable to open a store.
const FULL: u64 = PIECE;

/// Where it is.
pub(super) fn path(file: &Path) -> PathBuf {
    beside(file, BALLAST)
}

/// How much of it is there.
pub(super) fn len(file: &Path) -> u64 {
    let found = fs::symlink_metadata(path(file));
    found.map_or(0, |found| if is_ours(&found) { found.len() } else { 0 })
}

/// Sees to it that it is there, if there is room. That it is not is no fault of
/// the change before it; `store check` tells.
pub(super) fn keep(file: &Path) {
    let path = path(file);
    let is_place_free = match fs::symlink_metadata(&path) {
        Ok(found) => is_ours(&found) && found.len() < LEN,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_place_free && free_bytes(file).is_some_and(|free| free >= MIN_FREE) {
        let _ = make(&path);
    }
}

/// Gives up a piece, if there is any.
pub(super) fn give_up(file: &Path) -> Result<bool, StoreError> {
    match shrink(&path(file)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        given_up => given_up.map_err(unreadable),
    }
}

fn shrink(path: &Path) -> io::Result<bool> {
    // Whoever put a pipe there would have us wait.
    let kept = OpenOptions::new()
        .write(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(path)?;
    let found = kept.metadata()?;
    if !is_ours(&found) {
        return Ok(false);
    }
    match found.len().checked_sub(PIECE) {
        Some(rest) if rest > 0 => kept.set_len(rest)?,
        _ => fs::remove_file(path)?,
    }
    // Some file systems give blocks back only when this is written down.
    kept.sync_all()?;
    Ok(true)
}

/// Whether it looks as keyctl leaves it: what else has that name, or has another
/// name too, may be somebody's work.
fn is_ours(found: &fs::Metadata) -> bool {
    found.is_file()
        && found.nlink() == 1
        && found.uid() == geteuid().as_raw()
        && found.mode() & 0o7777 == 0o600
        && found.len() <= LEN
        && found.len().is_multiple_of(PIECE)
}

/// Whether there is too little room beside the file to work on it: on the disk, or
/// in what this user may have of it.
pub(super) fn lacks_room(file: &Path) -> bool {
    let probe = || {
        let made = PrivateFile::create_beside(&beside(file, "-probe"))?;
        // It is gone again when it is dropped.
        made.writer()?.write_all(&noise(FULL))
    };
    let is_full = |error: io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    };
    probe().is_err_and(is_full)
}

/// How many bytes an ordinary user may still write beside the file.
pub(super) fn free_bytes(file: &Path) -> Option<u64> {
    let system = statvfs(file.parent()?).ok()?;
    #[expect(
        clippy::useless_conversion,
        reason = "they are narrower on some systems"
    )]
    let (blocks, size) = (
        u64::from(system.blocks_available()),
        u64::from(system.fragment_size()),
    );
    Some(blocks.saturating_mul(size))
}

fn make(path: &Path) -> io::Result<()> {
    // What is left of one.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = PrivateFile::create_beside(path)?;
    take_room(&file.writer()?)?;
    file.keep()
}

#[cfg(target_os = "linux")]
fn take_room(file: &File) -> io::Result<()> {
    use nix::errno::Errno;
    use nix::fcntl::{FallocateFlags, fallocate};

    let len = nix::libc::off_t::try_from(LEN).map_err(io::Error::other)?;
    match fallocate(file, FallocateFlags::empty(), 0, len) {
        // Not every file system can (fallocate(2)).
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS) => fill(file),
        taken => Ok(taken?),
    }
}

#[cfg(not(target_os = "linux"))]
fn take_room(file: &File) -> io::Result<()> {
    fill(file)
}

fn fill(mut file: &File) -> io::Result<()> {
    file.write_all(&noise(LEN))
}

/// Bytes of which no file system can save any, since the room they take is what
/// they are for: those of an xorshift generator (Marsaglia, 2003).
fn noise(len: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..len / 8).flat_map(|_| next().to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_given_up_piece_by_piece_and_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.db");
        assert!(!give_up(&file).unwrap());
        keep(&file);
        assert_eq!(len(&file), LEN);
        let mut pieces = 0;
        while give_up(&file).unwrap() {
            pieces += 1;
            assert_eq!(len(&file), LEN - pieces * PIECE);
        }
        assert_eq!(pieces, LEN / PIECE);
        assert!(!path(&file).exists());
        keep(&file);
        assert_eq!(len(&file), LEN);
    }

    #[test]
    fn what_is_somebody_elses_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.db");
        let work = folder.path().join("thesis");
        fs::write(&work, vec![7; LEN as usize]).unwrap();
        fs::set_permissions(&work, fs::Permissions::from_mode(0o600)).unwrap();
        let untouched = || {
            keep(&file);
            assert!(!give_up(&file).unwrap_or(false));
            assert_eq!(len(&file), 0);
            assert_eq!(fs::read(&work).unwrap().len() as u64, LEN);
        };
        fs::hard_link(&work, path(&file)).unwrap();
        untouched();
        fs::remove_file(path(&file)).unwrap();
        std::os::unix::fs::symlink(&work, path(&file)).unwrap();
        untouched();
        fs::remove_file(path(&file)).unwrap();
        fs::write(path(&file), "my thesis").unwrap();
        untouched();
        assert_eq!(fs::read(path(&file)).unwrap(), b"my thesis");
        fs::remove_file(path(&file)).unwrap();
        nix::unistd::mkfifo(&path(&file), nix::sys::stat::Mode::S_IRWXU).unwrap();
        untouched();
    }

    #[test]
    fn it_takes_room_where_room_cannot_be_reserved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("noise");
        fill(&File::create(&path).unwrap()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), LEN);
    }
}
