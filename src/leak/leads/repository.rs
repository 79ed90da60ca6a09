//! Reading what a report points at, and nothing else: a report is written by
//! whoever could write to what was scanned.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::leak::git::Git;
use crate::leak::report::Place;

/// A folder that reports are about.
pub struct Repository {
    /// Without links.
    folder: PathBuf,
}

impl Repository {
    /// The folder at this path.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn open(path: &Path) -> io::Result<Repository> {
        let folder = fs::canonicalize(path)?;
        match fs::metadata(&folder)?.is_dir() {
            true => Ok(Repository { folder }),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// Hands over what stands at a place: at the commit that it names if the
    /// folder has it, else in the file as it is now.
    ///
    /// # Errors
    /// Why it cannot be read, or may not: a path that leads out of the folder.
    pub(super) fn read(
        &self,
        place: &Place,
        each: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
    ) -> Result<(), String> {
        let path = inside(&place.path).ok_or("the place that the report names is outside")?;
        if let Some(commit) = place.commit.as_deref().filter(|commit| is_commit(commit)) {
            let object = format!("{commit}:{}", path.display());
            let mut has_begun = false;
            let read = Git::of(&self.folder).stream(&["cat-file", "blob", &object], |output| {
                let mut output = output.take(u64::MAX);
                let mut first = [0];
                // Only once there is something; else the file is tried.
                if output.read(&mut first)? == 0 {
                    return Ok(());
                }
                has_begun = true;
                each(&mut first.as_slice().chain(output))
            });
            if has_begun {
                return read.map_err(|error| error.to_string());
            }
        }
        // kingfisher puts the folder that it was given before the path.
        let mut shorter = path.components();
        shorter.next();
        self.open_file(&path)
            .or_else(|error| self.open_file(shorter.as_path()).map_err(|_| error))
            .and_then(|mut file| each(&mut file))
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    "the place that the report names is not there".to_owned()
                }
                _ => format!("the place that the report names cannot be read: {error}"),
            })
    }

    fn open_file(&self, path: &Path) -> io::Result<File> {
        let path = fs::canonicalize(self.folder.join(path))?;
        if !path.starts_with(&self.folder) {
            return Err(io::Error::other("a link leads outside"));
        }
        let file = File::open(path)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("it is no file")),
        }
    }
}

/// The path, if it leads nowhere but down.
fn inside(path: &str) -> Option<PathBuf> {
    if path.contains('\0') {
        return None;
    }
    let mut inside = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!inside.as_os_str().is_empty()).then_some(inside)
}

/// Whether this can name a commit and nothing else. GitLab writes zeros where
/// there is none.
fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_down_or_nowhere() {
        for (path, expected) in [
            ("src/a.py", Some("src/a.py")),
            ("./src//a.py", Some("src/a.py")),
            ("/etc/passwd", None),
            ("../a", None),
            ("src/../../a", None),
            ("src/..", None),
            ("", None),
            (".", None),
            ("a\0b", None),
            ("..a", Some("..a")),
            ("-n", Some("-n")),
        ] {
            assert_eq!(inside(path), expected.map(PathBuf::from), "{path:?}");
        }
    }

    #[test]
    fn commits_are_hexadecimal_and_not_zero() {
        for (text, expected) in [
            ("0123abc", true),
            ("0123ABCDEF0123", true),
            ("0000000", false),
            ("0123ab", false),
            ("main", false),
            ("--batch", false),
            ("HEAD", false),
            ("", false),
        ] {
            assert_eq!(is_commit(text), expected, "{text}");
        }
    }
}
