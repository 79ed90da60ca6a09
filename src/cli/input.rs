//! Reading tokens: from standard input, a file, or a hidden prompt, and never
//! more of them than can be one.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use keyctl::Token;
use zeroize::Zeroizing;

use super::context::Context;
use super::exit::Failure;

/// How much of standard input is looked at in one go by [`Lines`].
const BLOCK_LEN: usize = 256 * 1024;

/// Reads one presented token, whatever it holds; one that is too long is cut,
/// but not so far that it could pass for a token.
pub(crate) fn token(
    context: &Context<'_>,
    file: Option<&Path>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match file {
        None if io::stdin().is_terminal() => match context.prompter() {
            Some(prompter) => prompter.secret("Token"),
            None => Err(Failure::usage("no token was given")
                .hint("give it on standard input: keyctl verify < FILE")),
        },
        None => {
            read_one(io::stdin().lock()).map_err(|error| Failure::input("standard input", error))
        }
        Some(path) => File::open(path)
            .and_then(read_one)
            .map_err(|error| Failure::input(&path.display().to_string(), error)),
    }
}

fn read_one(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Two bytes of room for a line's end, one more to see that there is more.
    let room = Token::MAX_LEN + 3;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    from.take(room as u64).read_to_end(&mut text)?;
    trim_line_end(&mut text);
    Ok(text)
}

/// Lines of a stream, in groups: all that have arrived so far, so that a caller
/// who writes one line and waits gets its answer, and one who pipes a million
/// is served in large portions.
pub(crate) struct Lines {
    from: BufReader<Box<dyn Read>>,
    is_done: bool,
}

impl Lines {
    /// Reads standard input, or a file.
    pub(crate) fn open(file: Option<&Path>) -> Result<Lines, Failure> {
        let from: Box<dyn Read> = match file {
            None => Box::new(io::stdin()),
            Some(path) => Box::new(
                File::open(path)
                    .map_err(|error| Failure::input(&path.display().to_string(), error))?,
            ),
        };
        Ok(Lines {
            from: BufReader::with_capacity(BLOCK_LEN, from),
            is_done: false,
        })
    }

    /// The next lines, without their ends; `None` after the last. A line too
    /// long for a token is cut to one byte more than the longest.
    pub(crate) fn next_group(&mut self) -> Result<Option<Vec<Zeroizing<Vec<u8>>>>, Failure> {
        if self.is_done {
            return Ok(None);
        }
        let mut group = Vec::new();
        loop {
            let line = self
                .next_line()
                .map_err(|error| Failure::input("standard input", error))?;
            match line {
                Some(line) => group.push(line),
                None => self.is_done = true,
            }
            if self.is_done || !self.from.buffer().contains(&b'\n') {
                return Ok((!group.is_empty()).then_some(group));
            }
        }
    }

    fn next_line(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let room = Token::MAX_LEN + 2;
        let mut line = Zeroizing::new(Vec::new());
        let count = (&mut self.from)
            .take(room as u64)
            .read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok(None);
        }
        if !line.ends_with(b"\n") && line.len() == room {
            self.from.skip_until(b'\n')?;
        }
        trim_line_end(&mut line);
        Ok(Some(line))
    }
}

fn trim_line_end(text: &mut Vec<u8>) {
    if text.ends_with(b"\n") {
        text.pop();
        if text.ends_with(b"\r") {
            text.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Lines {
            from: BufReader::with_capacity(16, Box::new(io::Cursor::new(input.to_vec()))),
            is_done: false,
        };
        let mut all = Vec::new();
        while let Ok(Some(group)) = lines.next_group() {
            all.extend(group.into_iter().map(|line| line.to_vec()));
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
            (b"a\0\xff\n", &[b"a\0\xff"]),
        ];
        for (input, expected) in cases {
            assert_eq!(lines(input), expected, "{input:?}");
        }
    }

    #[test]
    fn a_line_too_long_is_cut_and_the_next_one_is_whole() {
        for len in [1023, 1024, 1025, 1026, 1027, 5000] {
            let mut input = vec![b'x'; len];
            input.extend(b"\nnext\n");
            let lines = lines(&input);
            assert_eq!(lines.len(), 2, "{len}");
            assert_eq!(lines[0].len(), len.min(1026), "{len}");
            assert_eq!(lines[1], b"next", "{len}");
        }
    }

    #[test]
    fn one_token_is_read_with_its_line_end_taken_off() {
        for (input, expected) in [
            (b"tok".as_slice(), b"tok".as_slice()),
            (b"tok\n", b"tok"),
            (b"tok\r\n", b"tok"),
            (b"tok\n\n", b"tok\n"),
            (b"", b""),
        ] {
            assert_eq!(read_one(input).unwrap().as_slice(), expected);
        }
        assert_eq!(read_one([b'x'; 5000].as_slice()).unwrap().len(), 1027);
    }
}
