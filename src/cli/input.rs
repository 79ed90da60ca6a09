//! Reading tokens: from standard input, a file, or a hidden prompt, and never
//! more of them than can be one.

mod source;
mod table;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use keyctl::Token;
use keyctl::domain::{MaskedToken, Selector};
use keyctl::ops::Selection;
use zeroize::Zeroizing;

use super::context::Context;
use super::exit::Failure;
use super::ui::quoted;
pub(crate) use source::Source;
pub(crate) use table::{Cell, Column, Row, Table};

/// What errors call it.
pub(crate) const STDIN: &str = "standard input";
/// How much of standard input is looked at in one go by [`Lines`].
const BLOCK_LEN: usize = 256 * 1024;

/// Reads one presented token, whatever it holds, without the blanks around it.
/// One that is too long is cut, but not so far that it could pass for a token.
pub(crate) fn token(
    context: &Context<'_>,
    file: Option<&Path>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Some(path) = file else {
        if !io::stdin().is_terminal() {
            return read_one(io::stdin().lock()).map_err(|error| Failure::input(STDIN, &error));
        }
        return match context.prompter() {
            Some(prompter) => prompter.secret("Token"),
            None => Err(terminal_would_show()),
        };
    };
    File::open(path)
        .and_then(read_one)
        .map_err(|error| Failure::input(&quoted(&path.display().to_string()), &error))
}

/// What a line points at, and how to call it; a blank one says nothing. What has
/// the form of an id is one, and everything else is a token, to be shown by its
/// mask alone.
pub(crate) fn selection(line: &[u8]) -> Option<(Selection, String)> {
    if line.is_empty() {
        return None;
    }
    let id = std::str::from_utf8(line)
        .ok()
        .and_then(|text| text.parse::<Selector>().ok());
    if let Some(selector @ (Selector::Id(_) | Selector::IdPrefix(_))) = id {
        let label = selector.to_string();
        return Some((Selection::Key(selector), label));
    }
    let (selection, mask) = match Token::parse(line) {
        Ok(token) => (Selection::Token(token.digest()), token.mask()),
        Err(_) => (Selection::Malformed, MaskedToken::nothing()),
    };
    Some((selection, mask.to_string()))
}

fn terminal_would_show() -> Failure {
    Failure::usage("standard input is a terminal, which would show the token")
        .hint("give it by a file or a pipe, as in < FILE")
}

fn read_one(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Two bytes of room for a line's end, one more to see that there is more.
    let room = Token::MAX_LEN + 3;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    from.take(room as u64).read_to_end(&mut text)?;
    // What was cut stays too long: without its blanks it could pass for less.
    Ok(if text.len() == room {
        text
    } else {
        trimmed(&text)
    })
}

fn trimmed(text: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.trim_ascii().to_vec())
}

/// Lines of a stream, in groups: all that have arrived so far, so that a caller
/// who writes one line and waits gets its answer, and one who pipes a million
/// is served in large portions.
pub(crate) struct Lines {
    from: BufReader<Box<dyn Read>>,
    name: String,
    is_done: bool,
}

impl Lines {
    /// Reads standard input, or a file.
    pub(crate) fn open(file: Option<&Path>) -> Result<Lines, Failure> {
        let Some(path) = file else {
            if io::stdin().is_terminal() {
                return Err(terminal_would_show());
            }
            return Ok(Lines::over(Box::new(io::stdin()), STDIN.to_owned()));
        };
        let name = quoted(&path.display().to_string());
        match File::open(path) {
            Ok(file) => Ok(Lines::over(Box::new(file), name)),
            Err(error) => Err(Failure::input(&name, &error)),
        }
    }

    fn over(from: Box<dyn Read>, name: String) -> Lines {
        Lines {
            from: BufReader::with_capacity(BLOCK_LEN, from),
            name,
            is_done: false,
        }
    }

    /// The next lines, without the blanks around them; `None` after the last. A
    /// line too long for a token is cut, and stays too long for one.
    pub(crate) fn next_group(&mut self) -> Result<Option<Vec<Zeroizing<Vec<u8>>>>, Failure> {
        if self.is_done {
            return Ok(None);
        }
        let mut group = Vec::new();
        loop {
            let line = self.next_line();
            match line.map_err(|error| Failure::input(&self.name, &error))? {
                Some(line) => group.push(line),
                None => self.is_done = true,
            }
            if self.is_done || !self.from.buffer().contains(&b'\n') {
                return Ok((!group.is_empty()).then_some(group));
            }
        }
    }

    fn next_line(&mut self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        // As in `read_one`.
        let room = Token::MAX_LEN + 3;
        let mut line = Zeroizing::new(Vec::with_capacity(room));
        let count = (&mut self.from)
            .take(room as u64)
            .read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok(None);
        }
        if count == room && !line.ends_with(b"\n") {
            self.from.skip_until(b'\n')?;
            return Ok(Some(line));
        }
        Ok(Some(trimmed(&line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Lines::over(Box::new(io::Cursor::new(input.to_vec())), String::new());
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
            (b" a\0\xff \n", &[b"a\0\xff"]),
        ];
        for (input, expected) in cases {
            assert_eq!(lines(input), expected, "{input:?}");
        }
    }

    #[test]
    fn a_line_too_long_is_cut_and_the_next_one_is_whole() {
        for len in [1023, 1024, 1025, 1026, 1027, 1028, 300_000] {
            let mut input = vec![b'x'; len];
            input.extend(b"\nnext\n");
            let lines = lines(&input);
            assert_eq!(lines.len(), 2, "{len}");
            assert_eq!(lines[0].len(), len.min(1027), "{len}");
            assert_eq!(lines[1], b"next", "{len}");
        }
    }

    #[test]
    fn blanks_do_not_make_what_is_too_long_short() {
        let padded = [b"tok", [b' '; 1100].as_slice(), b"junk"].concat();
        assert!(read_one(padded.as_slice()).unwrap().len() > Token::MAX_LEN);
        assert!(lines(&padded)[0].len() > Token::MAX_LEN);
    }

    #[test]
    fn one_token_is_read_without_the_blanks_around_it() {
        for (input, expected) in [
            (b"tok".as_slice(), b"tok".as_slice()),
            (b"tok\n", b"tok"),
            (b"tok\r\n", b"tok"),
            (b" tok\t\n\n", b"tok"),
            (b"to\nk", b"to\nk"),
            (b"", b""),
        ] {
            assert_eq!(read_one(input).unwrap().as_slice(), expected);
        }
        assert_eq!(read_one([b'x'; 5000].as_slice()).unwrap().len(), 1027);
    }
}
