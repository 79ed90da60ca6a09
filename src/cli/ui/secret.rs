//! Handing over a token: the one place where it is written out.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use keyctl::Token;
use keyctl::store::PrivateFile;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{SFlag, fstat};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Ui, escaped_json, unbuffered_stdout};
use crate::cli::args::Format;

/// Room for any document with a token in it, so that growing leaves no copies.
const DOCUMENT_CAPACITY: usize = 64 * 1024;

/// How long somebody may take to make room for a token: much less than others
/// wait for the store.
const READER_PATIENCE: Duration = Duration::from_secs(5);

/// Where a token goes.
pub(crate) enum Destination<'a> {
    /// To standard output, alone on its line, or in a document.
    Stdout,
    /// To a file of its own.
    File(&'a PrivateFile),
}

impl Ui {
    /// Writes the token to where it is to go, and does not return before it is
    /// there: flushed, and synced if it is a file.
    ///
    /// `document` makes the document for JSON formats around the token's text.
    pub(crate) fn reveal<'t, D: Serialize>(
        &mut self,
        token: &'t Token,
        destination: &Destination<'_>,
        document: impl FnOnce(&'t str) -> D,
    ) -> io::Result<()> {
        let mut text = Zeroizing::new(Vec::with_capacity(DOCUMENT_CAPACITY));
        match (destination, self.format) {
            (Destination::Stdout, Format::Json) => {
                serde_json::to_writer_pretty(&mut *text, &document(token.expose()))?;
                escape_json(&mut text)?;
            }
            (Destination::Stdout, Format::Jsonl) => {
                serde_json::to_writer(&mut *text, &document(token.expose()))?;
                escape_json(&mut text)?;
            }
            (Destination::Stdout | Destination::File(_), _) => {
                text.extend_from_slice(token.expose().as_bytes());
            }
        }
        text.push(b'\n');
        match destination {
            Destination::Stdout => write_to_stdout(&text),
            Destination::File(file) => file.write(&text),
        }
    }
}

impl Ui {
    /// Writes several tokens to a file, each behind what it belongs to, and does
    /// not return before they are there.
    pub(crate) fn reveal_all<'t>(
        &mut self,
        file: &PrivateFile,
        rows: impl Iterator<Item = (String, &'t Token)>,
    ) -> io::Result<()> {
        let mut text = Zeroizing::new(Vec::new());
        for (label, token) in rows {
            let line = Zeroizing::new(format!("{label} {}\n", token.expose()));
            // Growing by itself, it would leave copies behind.
            if text.capacity() - text.len() < line.len() {
                let mut larger = Zeroizing::new(Vec::with_capacity(2 * text.len() + line.len()));
                larger.extend_from_slice(&text);
                text = larger;
            }
            text.extend_from_slice(line.as_bytes());
        }
        file.write(&text)
    }
}

/// As for every document; the copy that held the token is wiped.
fn escape_json(text: &mut Zeroizing<Vec<u8>>) -> io::Result<()> {
    let json = std::str::from_utf8(text).map_err(io::Error::other)?;
    if let Cow::Owned(escaped) = escaped_json(json) {
        *text = Zeroizing::new(escaped.into_bytes());
    }
    Ok(())
}

fn write_to_stdout(text: &[u8]) -> io::Result<()> {
    let mut stdout = unbuffered_stdout()?;
    if is_closed(&stdout)? {
        return Err(io::Error::other("standard output is closed"));
    }
    let deadline = Instant::now() + READER_PATIENCE;
    // A pipe that has room has room for so much at least (pipe(7)).
    for part in text.chunks(nix::libc::PIPE_BUF) {
        expect_room(&stdout, deadline)?;
        stdout.write_all(part)?;
    }
    if stdout.metadata()?.is_file() {
        stdout.sync_all()?;
    }
    Ok(())
}

/// Somebody who does not read must not keep the store from everybody else: it is
/// locked until the token is written.
fn expect_room(stdout: &File, deadline: Instant) -> io::Result<()> {
    let mut waiting = [PollFd::new(stdout.as_fd(), PollFlags::POLLOUT)];
    let left = deadline.saturating_duration_since(Instant::now());
    let left = u16::try_from(left.as_millis()).unwrap_or(u16::MAX);
    match poll(&mut waiting, PollTimeout::from(left))? {
        0 => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "nobody reads standard output",
        )),
        _ => Ok(()),
    }
}

/// Whether standard output was closed when the program began. Rust's runtime
/// then opens /dev/null in its place, for reading and writing, where nobody
/// would ever find the token; a shell's `>/dev/null` opens it for writing only.
fn is_closed(stdout: &File) -> io::Result<bool> {
    let status = fstat(stdout)?;
    let is_device =
        SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFCHR;
    let null = fs::metadata("/dev/null").map(|null| std::os::unix::fs::MetadataExt::rdev(&null));
    let flags = OFlag::from_bits_truncate(fcntl(stdout, FcntlArg::F_GETFL)?);
    Ok(is_device
        && null.is_ok_and(|null| null == status.st_rdev)
        && flags & OFlag::O_ACCMODE == OFlag::O_RDWR)
}
