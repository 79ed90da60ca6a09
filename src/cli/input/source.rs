//! Files and pipes that may be full of tokens: what was read of them is wiped
//! from memory.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use keyctl::ops::Progress;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::STDIN;
use crate::cli::exit::Failure;
use crate::cli::ui::quoted;

/// How much is read in one go.
const BLOCK_LEN: usize = 256 * 1024;
/// How long a sender may pause while the store is locked, all its pauses
/// together: less than others wait for it.
const SENDER_PATIENCE: Duration = Duration::from_secs(10);
/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A stream of bytes, read once; or a file, read from where it stood.
pub(crate) struct Source {
    from: File,
    name: String,
    /// Where a file stood when it was opened, and what there was of it from
    /// there on. Nothing else has a length.
    start: u64,
    len: Option<u64>,
    block: Zeroizing<Vec<u8>>,
    /// What of the block is not taken yet.
    left: std::ops::Range<usize>,
    taken_len: u64,
    /// How long the sender may still pause.
    patience: Option<Duration>,
}

impl Source {
    /// Opens a file, or standard input by the name of `-`.
    pub(crate) fn open(path: &Path) -> Result<Source, Failure> {
        if path == Path::new("-") {
            if io::stdin().is_terminal() {
                return Err(Failure::usage("standard input is a terminal")
                    .hint("name a file, or give one by a pipe, as in < FILE"));
            }
            // Without the library's own buffer, which is never wiped.
            let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from);
            return Source::over(stdin, STDIN.to_owned());
        }
        Source::over(File::open(path), quoted(&path.display().to_string()))
    }

    fn over(from: io::Result<File>, name: String) -> Result<Source, Failure> {
        let from = from.map_err(|error| Failure::input(&name, &error))?;
        let mut from = from;
        let file = from.metadata().ok().filter(|meta| meta.is_file());
        // Standard input may have been read from by somebody else.
        let start = from.stream_position().unwrap_or(0);
        let mut source = Source {
            from,
            name,
            start,
            len: file.map(|meta| meta.len().saturating_sub(start)),
            block: Zeroizing::new(vec![0; BLOCK_LEN]),
            left: 0..0,
            taken_len: 0,
            patience: None,
        };
        source.skip_byte_order_mark()?;
        Ok(source)
    }

    fn skip_byte_order_mark(&mut self) -> Result<(), Failure> {
        while self.left.len() < BYTE_ORDER_MARK.len() && self.fill()? > 0 {}
        if self.block[self.left.clone()].starts_with(BYTE_ORDER_MARK) {
            self.take(BYTE_ORDER_MARK.len());
        }
        Ok(())
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it can be read again from its beginning.
    pub(crate) fn is_file(&self) -> bool {
        self.len.is_some()
    }

    /// Back to its beginning.
    pub(crate) fn rewind(&mut self) -> Result<(), Failure> {
        let sought = self.from.seek(SeekFrom::Start(self.start));
        sought.map_err(|error| Failure::input(&self.name, &error))?;
        self.left = 0..0;
        self.taken_len = 0;
        self.skip_byte_order_mark()
    }

    /// From here on the store is locked: whoever sends nothing for long fails.
    pub(crate) fn keep_others_waiting(&mut self) {
        self.patience = Some(SENDER_PATIENCE);
    }

    /// How many bytes were taken, and of how many; of 0 if that cannot be told.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            done: self.taken_len,
            total: self.len.unwrap_or(0),
        }
    }

    /// What comes next, as much of it as is there; empty at the end.
    pub(crate) fn peek(&mut self) -> Result<&[u8], Failure> {
        if self.left.is_empty() {
            self.fill()?;
        }
        Ok(&self.block[self.left.clone()])
    }

    /// Takes that many of the bytes that were shown.
    pub(crate) fn take(&mut self, len: usize) {
        self.left.start += len;
        self.taken_len += len as u64;
    }

    /// Appends the next line, with its end. One that is longer than `max` is cut
    /// there. Nothing is appended at the end.
    pub(crate) fn read_line(
        &mut self,
        line: &mut Zeroizing<Vec<u8>>,
        max: usize,
    ) -> Result<(), Failure> {
        loop {
            let room = max - line.len();
            let shown = self.peek()?;
            let end = shown.iter().position(|byte| *byte == b'\n');
            let len = end.map_or(shown.len(), |end| end + 1).min(room);
            reserve_wiped(line, len);
            line.extend_from_slice(&self.block[self.left.start..self.left.start + len]);
            self.take(len);
            if len == 0 || line.ends_with(b"\n") {
                return Ok(());
            }
        }
    }

    fn fill(&mut self) -> Result<usize, Failure> {
        if self.left.is_empty() {
            self.left = 0..0;
        }
        loop {
            match self.read() {
                Ok(len) => {
                    self.left.end += len;
                    return Ok(len);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::input(&self.name, &error)),
            }
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        if let Some(patience) = &mut self.patience {
            let began = Instant::now();
            let mut sender = [PollFd::new(self.from.as_fd(), PollFlags::POLLIN)];
            let timeout = PollTimeout::try_from(*patience).map_err(io::Error::other)?;
            let polled = poll(&mut sender, timeout);
            *patience = patience.saturating_sub(began.elapsed());
            if polled? == 0 {
                let seconds = SENDER_PATIENCE.as_secs();
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("it paused for {seconds} s in all, and others wait for the store"),
                ));
            }
        }
        self.from.read(&mut self.block[self.left.end..])
    }
}

/// Makes room without leaving what is there behind, as growing would.
fn reserve_wiped(text: &mut Zeroizing<Vec<u8>>, len: usize) {
    let needed = text.len() + len;
    if needed > text.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(2 * text.capacity())));
        grown.extend_from_slice(text);
        *text = grown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(bytes: &[u8], max: usize) -> Vec<Vec<u8>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut source = Source::open(file.path()).unwrap();
        let mut lines = Vec::new();
        loop {
            let mut line = Zeroizing::new(Vec::new());
            source.read_line(&mut line, max).unwrap();
            if line.is_empty() {
                let all = bytes.len() as u64;
                let (done, total) = (all, all);
                assert_eq!(source.progress(), Progress { done, total });
                return lines;
            }
            lines.push(line.to_vec());
        }
    }

    #[test]
    fn lines_are_whole_across_blocks_and_cut_where_they_are_too_long() {
        let block = vec![b'x'; BLOCK_LEN - 1];
        let long = [&block[..], b"yy\nz"].concat();
        type Case<'a> = (&'a [u8], usize, &'a [&'a [u8]]);
        let cases: [Case<'_>; 7] = [
            (b"", 9, &[]),
            (b"a\nb", 9, &[b"a\n", b"b"]),
            (b"a\r\n\n", 9, &[b"a\r\n", b"\n"]),
            (b"\xef\xbb\xbfa\n", 9, &[b"a\n"]),
            (b"\xef\xbb", 9, &[b"\xef\xbb"]),
            (b"abcdef\n", 4, &[b"abcd", b"ef\n"]),
            (&long, usize::MAX, &[&long[..BLOCK_LEN + 2], b"z"]),
        ];
        for (bytes, max, expected) in cases {
            assert_eq!(lines(bytes, max), expected, "{} bytes", bytes.len());
        }
    }
}
