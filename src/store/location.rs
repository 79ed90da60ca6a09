//! Where a store is.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::url;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// In a file, and in the files SQLite keeps beside it.
    File(PathBuf),
    /// On a server, by its URL.
    Url(String),
}

impl FromStr for Location {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Location, Infallible> {
        Ok(if text.contains("://") {
            Location::Url(text.to_owned())
        } else {
            Location::File(PathBuf::from(text))
        })
    }
}

impl Location {
    /// Whether it is a URL with a password in it, or one that may hold one.
    pub fn holds_password(&self) -> bool {
        matches!(self, Location::Url(url) if url::holds_password(url))
    }
}

/// A URL is shown without its password, and one that is not understood by its
/// scheme alone.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File(path) => path.display().fmt(f),
            Location::Url(url) => url::shown(url).fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

pub(super) fn scheme(url: &str) -> &str {
    url.split("://").next().unwrap_or_default()
}
