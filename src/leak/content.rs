//! Everything that a file holds, and what is packed in it.
//!
//! The bytes as they are always come first. Where they are an archive, what is
//! in it is searched in addition, in the same pass: the reader that unpacks it
//! hands on what it reads.

mod archive;
mod limit;
mod zip;

use std::borrow::Cow;
use std::io::{self, Read};

use self::archive::Packing;
use self::limit::Meter;
use super::finder::Finder;
use super::search::{Hit, Search};

/// How many archives one in the other are opened.
const MAX_DEPTH: usize = 3;

/// What is told about what is searched. The path of something in an archive is
/// `archive!member`.
pub trait Sink {
    /// A candidate, and where it is.
    fn hit(&self, path: &str, hit: Hit);

    /// Something that could not be searched, and why.
    fn unread(&self, path: &str, reason: &str);
}

/// What searches files, one after the other, in a fixed amount of memory.
pub struct Searcher<'f> {
    finder: &'f Finder,
    /// One search for each archive that was open at a time.
    searches: Vec<Search<'f>>,
}

/// What is being searched.
struct Level<'a> {
    path: Cow<'a, str>,
    /// What its members are called after.
    base: Cow<'a, str>,
    /// How many archives it is in.
    depth: usize,
    /// Whether it is what a single file was compressed from.
    is_decompressed: bool,
    meter: &'a Meter,
    sink: &'a dyn Sink,
}

impl<'f> Searcher<'f> {
    /// A searcher with buffers of its own.
    pub fn new(finder: &'f Finder) -> Searcher<'f> {
        Searcher {
            finder,
            searches: Vec::new(),
        }
    }

    /// Searches all of `reader`, and says how many bytes that was.
    ///
    /// # Errors
    /// Reading failed; what was read was searched. What is wrong with an
    /// archive is told to the sink instead.
    pub fn search(
        &mut self,
        path: &str,
        reader: &mut dyn Read,
        sink: &dyn Sink,
    ) -> io::Result<u64> {
        let meter = Meter::default();
        let level = Level {
            path: path.into(),
            base: path.into(),
            depth: 0,
            is_decompressed: false,
            meter: &meter,
            sink,
        };
        self.search_level(&level, &mut meter.packed(reader))?;
        Ok(meter.packed_len())
    }

    /// Searches the name of what is at `path`.
    pub(super) fn search_name(&mut self, path: &str, name: &[u8], sink: &dyn Sink) {
        self.finder.find(name, &mut |candidate| {
            let hit = Hit {
                offset: candidate.start as u64,
                line: 1,
                encoding: candidate.encoding,
                form: candidate.form,
                token: candidate.token,
            };
            sink.hit(&format!("{path} (file name)"), hit);
        });
    }

    fn search_level(&mut self, level: &Level<'_>, reader: &mut dyn Read) -> io::Result<()> {
        let mut search = self
            .searches
            .pop()
            .unwrap_or_else(|| Search::new(self.finder));
        let result = self.search_through(&mut search, level, reader);
        search.finish(&mut |hit| level.sink.hit(&level.path, hit));
        self.searches.push(search);
        result
    }

    fn search_through(
        &mut self,
        search: &mut Search<'f>,
        level: &Level<'_>,
        reader: &mut dyn Read,
    ) -> io::Result<()> {
        let mut each = |hit| level.sink.hit(&level.path, hit);
        let mut beginning = 0;
        loop {
            let len = match read(reader, &mut search.spare()[beginning..]) {
                Ok(len) => len,
                Err(error) => {
                    search.advance(beginning, &mut each);
                    return Err(error);
                }
            };
            beginning += len;
            if len == 0 || beginning >= archive::MAGIC_LEN {
                break;
            }
        }
        if let Some(packing) = Packing::of(&search.spare()[..beginning]) {
            let head = search.spare()[..beginning].to_vec();
            return self.search_packed(search, &level.as_packed(packing), packing, head, reader);
        }
        search.advance(beginning, &mut each);
        loop {
            match read(reader, search.spare())? {
                0 => return Ok(()),
                len => search.advance(len, &mut each),
            }
        }
    }

    /// Searches an archive of which `head` was read, and what is in it.
    fn search_packed(
        &mut self,
        search: &mut Search<'f>,
        level: &Level<'_>,
        packing: Packing,
        head: Vec<u8>,
        reader: &mut dyn Read,
    ) -> io::Result<()> {
        let mut tee = Tee {
            head: io::Cursor::new(head),
            reader,
            search,
            level,
            failed: false,
        };
        let unpacked = archive::unpack(self, level, packing, &mut tee);
        if let Err(error) = unpacked
            && !tee.failed
            && level.meter.is_first_excess()
        {
            level.sink.unread(&level.path, &archive::problem(&error));
        }
        // The rest of it, as it is.
        let rest = io::copy(&mut tee, &mut io::sink());
        search.finish(&mut |hit| level.sink.hit(&level.path, hit));
        rest.map(|_| ())
    }
}

/// A reader that searches what it reads.
struct Tee<'a, 'f> {
    head: io::Cursor<Vec<u8>>,
    reader: &'a mut dyn Read,
    search: &'a mut Search<'f>,
    level: &'a Level<'a>,
    /// Whether reading failed, which is no fault of the archive's.
    failed: bool,
}

impl Read for Tee<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = match self.head.read(buffer)? {
            0 => read(self.reader, buffer).inspect_err(|_| self.failed = true)?,
            len => len,
        };
        let Level { path, sink, .. } = self.level;
        self.search
            .push(&buffer[..len], &mut |hit| sink.hit(path, hit));
        Ok(len)
    }
}

/// Reads on when a signal came between.
fn read(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
