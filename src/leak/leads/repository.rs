//! Reading what a report points at, and nothing else: a report is written by
//! whoever could write to what was scanned.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use nix::fcntl::OFlag;

use crate::leak::git::Git;
use crate::leak::report::Place;

/// A folder that reports are about.
pub struct Repository {
    /// Without links.
    folder: PathBuf,
    /// The folder as a Git repository, if it is the top of one: its objects hold
    /// what is outside otherwise.
    git: Option<Git>,
}

impl Repository {
    /// The folder at this path.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn open(path: &Path) -> io::Result<Repository> {
        let folder = fs::canonicalize(path)?;
        if !fs::metadata(&folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let git = Git::of(&folder);
        let prefix = git.output(&["rev-parse", "--show-prefix"]);
        let is_top = prefix.is_ok_and(|prefix| prefix.trim().is_empty());
        Ok(Repository {
            folder,
            git: is_top.then_some(git),
        })
    }

    /// Hands over what stands at a place: at the commit that it names, else in
    /// the file as it is now. The file may hold another token by now than at the
    /// commit, so that it is read in the commit's stead only if there
    /// `is_other_proof`.
    ///
    /// # Errors
    /// Why it cannot be read, or may not: a path that leads out of the folder.
    pub(super) fn read(
        &self,
        place: &Place,
        is_other_proof: bool,
        each: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
    ) -> Result<(), String> {
        let path = inside(&place.path).ok_or("the place that the report names is outside")?;
        let path = self.without_own_name(path);
        let Some(commit) = place.commit.as_deref().filter(|commit| is_commit(commit)) else {
            return self.read_file(&path, each);
        };
        match self.read_commit(commit, &path, each) {
            Err(_) if is_other_proof => self.read_file(&path, each),
            result => result,
        }
    }

    fn read_commit(
        &self,
        commit: &str,
        path: &Path,
        each: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
    ) -> Result<(), String> {
        let git = self.git.as_ref().ok_or_else(|| {
            format!("the report names commit {commit}, and the folder is no repository")
        })?;
        let object = format!("{commit}:{}", path.display());
        git.stream(&["cat-file", "blob", &object], |mut output| {
            each(&mut output)
        })
        .map_err(|error| match without_commit(git, commit) {
            Ok(Some(reason)) => reason,
            Ok(None) | Err(_) => error.to_string(),
        })
    }

    fn read_file(
        &self,
        path: &Path,
        each: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
    ) -> Result<(), String> {
        self.open_file(path)
            .and_then(|mut file| each(&mut file))
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    "the place that the report names is not there".to_owned()
                }
                _ => format!("the place that the report names cannot be read: {error}"),
            })
    }

    /// kingfisher puts the name of the folder that it was given before a path.
    fn without_own_name(&self, path: PathBuf) -> PathBuf {
        let own_name = self.folder.file_name().unwrap_or_default();
        match path.strip_prefix(own_name) {
            Ok(rest) if !self.folder.join(&path).exists() && rest.components().count() > 0 => {
                rest.to_owned()
            }
            _ => path,
        }
    }

    fn open_file(&self, path: &Path) -> io::Result<File> {
        let path = fs::canonicalize(self.folder.join(path))?;
        if !path.starts_with(&self.folder) {
            return Err(io::Error::other("a link leads outside"));
        }
        // A pipe would never end; a link may have come since.
        let file = File::options()
            .read(true)
            .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
            .open(path)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("it is no file")),
        }
    }
}

/// Why a commit is not there, if it is not. `git` itself says then that the path
/// is not in it.
fn without_commit(git: &Git, commit: &str) -> io::Result<Option<String>> {
    if git.succeeds(&["cat-file", "-e", &format!("{commit}^{{commit}}")])? {
        return Ok(None);
    }
    let answer = git.output(&["rev-parse", "--is-shallow-repository"])?;
    let clone = match answer.trim() {
        "true" => "the clone, which is a shallow one",
        _ => "the repository",
    };
    Ok(Some(format!("commit {commit} is not in {clone}")))
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
