//! Lines that may be tokens, in groups: what was read of them is wiped from
//! memory.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::fd::AsFd;
use std::path::Path;

use keyctl::Token;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zeroize::Zeroizing;

use super::{STDIN, terminal_would_show};
use crate::cli::exit::Failure;
use crate::cli::ui::quoted;

/// How much is read in one go, and held in one piece.
const BLOCK_LEN: usize = 64 * 1024;
/// As much of a line as is looked at: two bytes of room for its end, one more to
/// see that there is more.
const MAX_LINE_LEN: usize = Token::MAX_LEN + 3;
/// How many bytes a group has at most, save those of its last line.
const MAX_GROUP_LEN: usize = 4 * 1024 * 1024;

/// Lines of a stream, in groups: all that have arrived so far, so that a caller
/// who writes one line and waits gets its answer, and one who pipes a million
/// is served in large portions.
pub(crate) struct Lines {
    from: File,
    name: String,
    block: Zeroizing<Vec<u8>>,
    /// What of the block is not taken yet.
    left: std::ops::Range<usize>,
    /// The beginning of a line whose end was not read yet.
    begun: Zeroizing<Vec<u8>>,
    is_done: bool,
}

/// Lines without the blanks around them.
#[derive(Default)]
pub(crate) struct Group {
    blocks: Vec<Block>,
    /// How many lines there are, and how many bytes.
    count: usize,
    len: usize,
}

/// Lines one behind the other in memory that is wiped as one. It never grows: what a
/// vector leaves behind when it does is not wiped.
struct Block {
    text: Zeroizing<Vec<u8>>,
    /// Where its lines end.
    ends: Vec<u32>,
}

impl Lines {
    /// Reads standard input, or a file.
    pub(crate) fn open(file: Option<&Path>) -> Result<Lines, Failure> {
        let (from, name) = match file {
            Some(path) => (File::open(path), quoted(&path.display().to_string())),
            None if io::stdin().is_terminal() => return Err(terminal_would_show()),
            None => {
                // Without the library's own buffer, which is never wiped.
                let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from);
                (stdin, STDIN.to_owned())
            }
        };
        match from {
            Ok(from) => Ok(Lines::over(from, name)),
            Err(error) => Err(Failure::input(&name, &error)),
        }
    }

    fn over(from: File, name: String) -> Lines {
        Lines {
            from,
            name,
            block: Zeroizing::new(vec![0; BLOCK_LEN]),
            left: 0..0,
            begun: Zeroizing::new(Vec::with_capacity(MAX_LINE_LEN)),
            is_done: false,
        }
    }

    /// The next lines, so many at most; `None` after the last. A line too long
    /// for a token is cut, and stays too long for one.
    pub(crate) fn next_group(&mut self, max_count: usize) -> Result<Option<Group>, Failure> {
        let mut group = Group::default();
        self.fill(&mut group, max_count)
            .map_err(|error| Failure::input(&self.name, &error))?;
        Ok(Some(group).filter(|group| group.count > 0))
    }

    fn fill(&mut self, group: &mut Group, max_count: usize) -> io::Result<()> {
        while !self.is_done && group.count < max_count && group.len < MAX_GROUP_LEN {
            if !self.left.is_empty() {
                self.take_line(group);
            } else if group.count == 0 || self.has_more()? {
                self.read_block()?;
                if self.is_done && !self.begun.is_empty() {
                    self.end_line(group);
                }
            } else {
                break;
            }
        }
        Ok(())
    }

    /// Takes what the block has of a line.
    fn take_line(&mut self, group: &mut Group) {
        let left = &self.block[self.left.clone()];
        let end = memchr::memchr(b'\n', left);
        let part = &left[..end.unwrap_or(left.len())];
        let taken = part.len() + usize::from(end.is_some());
        if end.is_some() && self.begun.is_empty() {
            group.push(part);
        } else {
            let room = MAX_LINE_LEN - self.begun.len();
            self.begun.extend_from_slice(&part[..part.len().min(room)]);
            if end.is_some() {
                self.end_line(group);
            }
        }
        self.left.start += taken;
    }

    fn end_line(&mut self, group: &mut Group) {
        group.push(&self.begun);
        self.begun.clear();
    }

    /// Whether something, or the end, can be read without waiting for it.
    fn has_more(&self) -> io::Result<bool> {
        let mut sender = [PollFd::new(self.from.as_fd(), PollFlags::POLLIN)];
        Ok(poll(&mut sender, PollTimeout::ZERO)? > 0)
    }

    fn read_block(&mut self) -> io::Result<()> {
        let len = loop {
            match self.from.read(&mut self.block) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.left = 0..len;
        self.is_done = len == 0;
        Ok(())
    }
}

impl Group {
    /// The lines, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().flat_map(Block::lines)
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    fn push(&mut self, line: &[u8]) {
        // What was cut stays too long: without its blanks it could pass for less.
        let line = match line.len() {
            ..MAX_LINE_LEN => line.trim_ascii(),
            _ => &line[..MAX_LINE_LEN],
        };
        let lacks_room = |block: &Block| BLOCK_LEN - block.text.len() < line.len();
        if self.blocks.last().is_none_or(lacks_room) {
            self.blocks.push(Block::new());
        }
        if let Some(block) = self.blocks.last_mut() {
            block.text.extend_from_slice(line);
            // It is no longer than [`BLOCK_LEN`].
            block.ends.push(block.text.len() as u32);
        }
        self.count += 1;
        self.len += line.len();
    }
}

impl Block {
    fn new() -> Block {
        Block {
            text: Zeroizing::new(Vec::with_capacity(BLOCK_LEN)),
            ends: Vec::new(),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.ends.iter().map(|end| *end as usize);
        let starts = std::iter::once(0).chain(ends.clone());
        starts.zip(ends).map(|(start, end)| &self.text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};
    use std::os::fd::OwnedFd;

    use super::*;

    fn lines_over(file: File) -> Lines {
        Lines::over(file, String::new())
    }

    fn file(input: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input).unwrap();
        file.rewind().unwrap();
        file
    }

    fn lines(input: &[u8], max_count: usize) -> Vec<Vec<u8>> {
        let mut lines = lines_over(file(input));
        let mut all = Vec::new();
        while let Ok(Some(group)) = lines.next_group(max_count) {
            assert!(group.lines().count() <= max_count);
            all.extend(group.lines().map(<[u8]>::to_vec));
        }
        all
    }

    #[test]
    fn every_line_is_one_entry_whatever_it_holds() {
        let cases: [(&[u8], &[&[u8]]); 6] = [
            (b"", &[]),
            (b"a", &[b"a"]),
            (b"a\nb\n", &[b"a", b"b"]),
            (b"a\r\n\r\nb", &[b"a", b"", b"b"]),
            (b"\n", &[b""]),
            (b" a\0\xff \n", &[b"a\0\xff"]),
        ];
        for (input, expected) in cases {
            for max_count in [1, 2, 100] {
                assert_eq!(lines(input, max_count), expected, "{input:?}");
            }
        }
    }

    #[test]
    fn lines_are_whole_wherever_a_block_ends() {
        for len in [1, 7, 63, 1000] {
            let line = [&vec![b'x'; len], b"\n".as_slice()].concat();
            let count = 3 * BLOCK_LEN / line.len();
            let lines = lines(&line.repeat(count), 1_000);
            assert_eq!(lines.len(), count);
            assert!(lines.iter().all(|line| *line == vec![b'x'; len]), "{len}");
        }
    }

    #[test]
    fn a_line_too_long_is_cut_and_the_next_one_is_whole() {
        for len in [1023, 1024, 1025, 1026, 1027, 1028, 300_000] {
            let mut input = vec![b'x'; len];
            input.extend(b"\nnext\n");
            let lines = lines(&input, 100);
            assert_eq!(lines.len(), 2, "{len}");
            assert_eq!(lines[0].len(), len.min(1027), "{len}");
            assert_eq!(lines[1], b"next", "{len}");
        }
    }

    #[test]
    fn blanks_do_not_make_what_is_too_long_short() {
        let padded = [b"tok", [b' '; 1100].as_slice(), b"junk"].concat();
        assert!(lines(&padded, 100)[0].len() > Token::MAX_LEN);
    }

    #[test]
    fn a_group_is_what_has_arrived_and_a_line_that_has_only_begun_is_not_waited_for() {
        let (reader, writer) = io::pipe().unwrap();
        let mut writer = writer;
        let mut lines = lines_over(File::from(OwnedFd::from(reader)));
        let mut next = |sent: &[u8]| {
            writer.write_all(sent).unwrap();
            let group = lines.next_group(100).unwrap().unwrap();
            group.lines().map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        assert_eq!(next(b"one\ntwo\nthr"), [b"one", b"two"]);
        assert_eq!(next(b"ee\n"), [b"three"]);
    }

    #[test]
    fn a_group_has_so_many_bytes_and_no_more() {
        let input = [[b'x'; 1000].as_slice(), b"\n"].concat().repeat(10_000);
        let mut lines = lines_over(file(&input));
        let group = lines.next_group(usize::MAX).unwrap().unwrap();
        let len: usize = group.lines().map(<[u8]>::len).sum();
        assert!(len < MAX_GROUP_LEN + MAX_LINE_LEN);
    }
}
