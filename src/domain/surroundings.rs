//! Who else can come at the files of a store.

use std::path::PathBuf;

/// What a file or a folder is to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// The store itself.
    Store,
    /// A file that belongs to it.
    Beside,
    /// The folder in which it stands.
    Folder,
    /// A folder above that.
    Above,
}

/// What the system says of a file or a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// What it is to the store.
    pub role: FileRole,
    /// Where it is, absolutely.
    pub path: PathBuf,
    /// Its permissions, as `chmod` takes them.
    pub mode: u32,
    /// The number of the user it belongs to.
    pub owner: u32,
    /// How long it is, in bytes.
    pub len: u64,
}

/// What others could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Read or write the file.
    Open,
    /// Put something in the place of what is in the folder, or beside it.
    Writable,
    /// Whatever its owner likes, who is neither this user nor root.
    Foreign,
}

/// Read, write, execute, for the group and for all others.
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder, each may only move what is their own.
const STICKY: u32 = 0o1000;
const ROOT: u32 = 0;

impl FileFacts {
    /// What others than `user` could do with it, the worst first.
    pub fn exposure(&self, user: u32) -> Option<Exposure> {
        let by_mode = match self.role {
            FileRole::Store | FileRole::Beside => {
                (self.mode & OTHERS != 0).then_some(Exposure::Open)
            }
            // A name can be planted beside the store in a sticky folder too.
            FileRole::Folder => (self.mode & OTHERS_WRITE != 0).then_some(Exposure::Writable),
            FileRole::Above => {
                let is_writable = self.mode & OTHERS_WRITE != 0 && self.mode & STICKY == 0;
                is_writable.then_some(Exposure::Writable)
            }
        };
        let is_foreign = self.owner != user && self.owner != ROOT && user != ROOT;
        by_mode.or(is_foreign.then_some(Exposure::Foreign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_could_do() {
        use Exposure::{Foreign, Open, Writable};
        use FileRole::{Above, Beside, Folder, Store};
        let cases = [
            (Store, 0o600, 1000, None),
            (Store, 0o400, 1000, None),
            (Store, 0o640, 1000, Some(Open)),
            (Store, 0o602, 1000, Some(Open)),
            (Store, 0o600, 1001, Some(Foreign)),
            (Store, 0o600, 0, None),
            (Beside, 0o604, 1000, Some(Open)),
            (Folder, 0o700, 1000, None),
            (Folder, 0o755, 1000, None),
            (Folder, 0o775, 1000, Some(Writable)),
            (Folder, 0o1777, 0, Some(Writable)),
            (Folder, 0o755, 1001, Some(Foreign)),
            (Above, 0o755, 0, None),
            (Above, 0o1777, 0, None),
            (Above, 0o777, 0, Some(Writable)),
            (Above, 0o755, 1001, Some(Foreign)),
        ];
        for (role, mode, owner, expected) in cases {
            let facts = FileFacts {
                role,
                path: PathBuf::new(),
                mode,
                owner,
                len: 0,
            };
            assert_eq!(facts.exposure(1000), expected, "{role:?} {mode:o} {owner}");
        }
        let of_somebody = FileFacts {
            role: Store,
            path: PathBuf::new(),
            mode: 0o600,
            owner: 1000,
            len: 0,
        };
        assert_eq!(of_somebody.exposure(ROOT), None);
    }
}
