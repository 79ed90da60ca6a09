//! Room kept for the day the disk is full.
//!
//! To revoke a key takes room too. So a file that holds nothing stands beside
//! the store, to be given up piece by piece when there is no other room left;
//! it is made anew when there is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use super::super::PrivateFile;
use super::place::beside;
use crate::domain::{StoreError, StoreFault};

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
    beside(file, "-ballast")
}

/// How much of it is there.
pub(super) fn len(file: &Path) -> u64 {
    let kept = fs::symlink_metadata(path(file)).ok();
    let kept = kept.filter(|kept| kept.is_file());
    kept.map_or(0, |kept| kept.len())
}

/// Sees to it that it is there, if there is room. That it is not is no fault of
/// the change before it; `store check` tells.
pub(super) fn keep(file: &Path) {
    if len(file) != LEN && free_bytes(file).is_some_and(|free| free >= MIN_FREE) {
        let _ = make(&path(file));
    }
}

/// Gives up a piece, if there is any.
pub(super) fn give_up(file: &Path) -> Result<bool, StoreError> {
    let full = |error| StoreError::caused(StoreFault::Full, error);
    let path = path(file);
    match shrink(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(full(error)),
    }
}

fn shrink(path: &Path) -> io::Result<()> {
    let kept = OpenOptions::new()
        .write(true)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)?;
    match kept.metadata()?.len().checked_sub(PIECE) {
        Some(rest) if rest > 0 => kept.set_len(rest)?,
        _ => fs::remove_file(path)?,
    }
    // Some file systems give blocks back only when this is written down.
    kept.sync_all()
}

/// Whether there is too little room beside the file to work on it.
pub(super) fn is_disk_full(file: &Path) -> bool {
    free_bytes(file).is_some_and(|free| free < FULL)
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
    // What is left of one, or anything else in its place.
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

/// With bytes of which no file system can save any, since the room they take is
/// what they are for: those of an xorshift generator (Marsaglia, 2003).
fn fill(mut file: &File) -> io::Result<()> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let noise: Vec<u8> = (0..LEN / 8).flat_map(|_| next().to_le_bytes()).collect();
    file.write_all(&noise)
}

#[cfg(test)]
mod tests {
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
    fn it_takes_room_where_room_cannot_be_reserved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("noise");
        fill(&File::create(&path).unwrap()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), LEN);
    }
}
