//! Searching what comes in pieces, in a fixed amount of memory.

use std::ops::{Deref, DerefMut};

use super::finder::{Candidate, Encoding, Finder, Form, REACH, Room};
use crate::domain::Token;

/// How much is searched at a time, in bytes.
const BLOCK_LEN: usize = 256 * 1024;
/// How long a page of memory is, or a part of one.
const PAGE_LEN: usize = 4096;
/// How much of what was searched is kept to be looked back on: the letter before
/// a token, the line of base64 before a break.
const LOOK_BACK: usize = 64;

/// A candidate and where it stands.
#[derive(Debug)]
pub struct Hit {
    /// How many bytes stand before it.
    pub offset: u64,
    /// The line it begins in, the first one being 1.
    pub line: u64,
    /// How it was written.
    pub encoding: Encoding,
    /// What its form says.
    pub form: Form,
    /// It.
    pub token: Token,
}

/// A search through one stream of bytes after the other.
///
/// The end of each block is searched again with the next one, so that a token
/// across the edge is found, and found once: in the block in which it begins
/// more than [`REACH`] before the end.
pub struct Search<'f> {
    finder: &'f Finder,
    room: Room,
    buffer: Buffer,
    /// How much of the buffer holds bytes.
    filled: usize,
    /// How much of it was searched for what begins there.
    searched: usize,
    /// How many bytes and lines stood before the buffer.
    offset: u64,
    lines: u64,
}

impl<'f> Search<'f> {
    /// A search with a buffer of its own.
    pub fn new(finder: &'f Finder) -> Search<'f> {
        Search::in_blocks_of(BLOCK_LEN, finder)
    }

    fn in_blocks_of(len: usize, finder: &'f Finder) -> Search<'f> {
        Search {
            finder,
            room: Room::default(),
            buffer: Buffer::of(len),
            filled: 0,
            searched: 0,
            offset: 0,
            lines: 0,
        }
    }

    /// Where the next bytes may be put; never empty.
    pub fn spare(&mut self) -> &mut [u8] {
        &mut self.buffer[self.filled..]
    }

    /// What was put in so far, as long as it is the beginning of the stream.
    pub fn beginning(&self) -> &[u8] {
        debug_assert_eq!(self.offset, 0);
        &self.buffer[..self.filled]
    }

    /// Takes the first `len` bytes of [`spare`](Self::spare) as the next ones.
    pub fn advance(&mut self, len: usize, each: &mut dyn FnMut(Hit)) {
        self.filled += len;
        if self.filled == self.buffer.len() {
            self.search(self.filled - REACH, each);
            self.keep_the_end();
        }
    }

    /// Takes these bytes as the next ones.
    pub fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Hit)) {
        while !bytes.is_empty() {
            let spare = self.spare();
            let len = spare.len().min(bytes.len());
            spare[..len].copy_from_slice(&bytes[..len]);
            bytes = &bytes[len..];
            self.advance(len, each);
        }
    }

    /// Ends the stream; the search is ready for another one.
    pub fn finish(&mut self, each: &mut dyn FnMut(Hit)) {
        self.search(self.filled, each);
        (self.filled, self.searched, self.offset, self.lines) = (0, 0, 0, 0);
    }

    /// Hands over what begins before `limit` and was not handed over before.
    fn search(&mut self, limit: usize, each: &mut dyn FnMut(Hit)) {
        let bytes = &self.buffer[..self.filled];
        let mut counted = (0, self.lines + 1);
        let mut each_candidate = |candidate: Candidate| {
            if candidate.start < self.searched || candidate.start >= limit {
                return;
            }
            if candidate.start < counted.0 {
                counted = (0, self.lines + 1);
            }
            counted.1 += count_lines(&bytes[counted.0..candidate.start]);
            counted.0 = candidate.start;
            each(Hit {
                offset: self.offset + candidate.start as u64,
                line: counted.1,
                encoding: candidate.encoding,
                form: candidate.form,
                token: candidate.token,
            });
        };
        self.finder
            .find_in(bytes, &mut self.room, &mut each_candidate);
        self.searched = limit;
    }

    /// Makes room, keeping what is to be searched again or looked back on.
    fn keep_the_end(&mut self) {
        let from = self.searched - LOOK_BACK;
        self.lines += count_lines(&self.buffer[..from]);
        self.offset += from as u64;
        self.buffer.copy_within(from..self.filled, 0);
        self.filled -= from;
        self.searched = LOOK_BACK;
    }
}

/// Memory that begins where a page does.
///
/// The kernel copies from pages of its own. Where the copy stands a few bytes further
/// on in its page than the original, as behind the head of a large allocation, each
/// load seems to depend on the store before it ("4-KByte aliasing" in Intel's
/// optimization manual; AMD's processors do the same): copying took four times as long.
struct Buffer {
    memory: Vec<u8>,
    start: usize,
    len: usize,
}

impl Buffer {
    fn of(len: usize) -> Buffer {
        let memory = vec![0; len + PAGE_LEN];
        let start = memory.as_ptr().align_offset(PAGE_LEN).min(PAGE_LEN);
        Buffer { memory, start, len }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.start..][..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..][..self.len]
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL_BLOCK_LEN: usize = 4 * REACH;

    fn hits(bytes: &[u8], pieces: usize) -> Vec<(u64, u64, Encoding, String)> {
        let finder = Finder::new();
        let mut search = Search::in_blocks_of(SMALL_BLOCK_LEN, &finder);
        let mut found = Vec::new();
        // Twice, since a search is used for one stream after the other.
        for _ in 0..2 {
            found.clear();
            let mut each = |hit: Hit| {
                let mask = hit.token.mask().to_string();
                found.push((hit.offset, hit.line, hit.encoding, mask));
            };
            for piece in bytes.chunks(pieces) {
                search.push(piece, &mut each);
            }
            search.finish(&mut each);
        }
        found
    }

    #[test]
    fn a_token_at_every_offset_of_the_edge_of_a_block_is_found_once() {
        let token = Token::parse(b"dataset-0123456789ABCDEFGHIJKLYc").unwrap();
        let mask = token.mask().to_string();
        let plain = token.expose().as_bytes().to_vec();
        let wide: Vec<u8> = plain.iter().flat_map(|byte| [*byte, 0]).collect();
        // The token behind 36 bytes, which take 48 characters.
        let base64_lines = format!(
            "{}ZGF0YXNldC0w\n  MTIzNDU2Nzg5QUJDREVGR0hJSktMWWM=",
            "enp6".repeat(12)
        );
        let cases = [
            (Encoding::Plain, plain.clone()),
            (Encoding::Utf16, wide),
            (Encoding::Base64, base64_lines.into_bytes()),
            (
                Encoding::QuotedPrintable,
                [&plain[..3], b"=\r\n", &plain[3..9], b"=\n", &plain[9..]].concat(),
            ),
        ];
        for (encoding, written) in cases {
            for edge in [SMALL_BLOCK_LEN - REACH, SMALL_BLOCK_LEN] {
                for start in edge - written.len() - 2..edge + 3 {
                    let mut bytes = vec![b'.'; start];
                    bytes[7] = b'\n';
                    bytes.extend_from_slice(&written);
                    bytes.extend_from_slice(&[b'.'; 9]);
                    let is_base64 = encoding == Encoding::Base64;
                    let offset = start + if is_base64 { 48 } else { 0 };
                    let expected = [(offset as u64, 2, encoding, mask.clone())];
                    assert_eq!(hits(&bytes, 1_000), expected, "{start}");
                }
            }
        }
    }

    #[test]
    fn lines_are_counted_over_blocks() {
        let token = "app-0123456789ABCDEFGHIJKLNF\n";
        let text = token.repeat(4_000);
        let found = hits(text.as_bytes(), 7_001);
        assert_eq!(found.len(), 4_000);
        for (index, (offset, line, ..)) in (0u64..).zip(&found) {
            assert_eq!((*offset, *line), (index * token.len() as u64, index + 1));
        }
    }
}
