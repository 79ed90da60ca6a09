//! What is packed, known by how it begins, whatever it is called.

use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::{Level, MAX_DEPTH, Searcher, zip};

/// How many bytes decide.
pub(super) const MAGIC_LEN: usize = 262;
/// How much memory an xz file may ask for, in KiB: `xz -9` asks for 64 MiB.
const MAX_XZ_MEMORY: u32 = 72 * 1024;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Tar,
    Zip,
    /// In a way that is known and not read.
    Other(&'static str),
}

impl Packing {
    /// How that is packed which begins so; `None` if it is not.
    pub(super) fn of(head: &[u8]) -> Option<Packing> {
        const MAGIC: [(&[u8], Packing); 13] = [
            (b"\x1f\x8b\x08", Packing::Gzip),
            (b"\xfd7zXZ\0", Packing::Xz),
            (b"PK\x03\x04", Packing::Zip),
            (b"PK\x07\x08PK\x03\x04", Packing::Zip),
            (b"(\xb5/\xfd", Packing::Other("zstd")),
            (b"7z\xbc\xaf'\x1c", Packing::Other("7-Zip")),
            (b"Rar!\x1a\x07", Packing::Other("RAR")),
            (b"\x04\x22\x4d\x18", Packing::Other("LZ4")),
            (b"\x1f\x9d", Packing::Other("compress")),
            (b"LZIP", Packing::Other("lzip")),
            (b"\x89LZO\0\r\n", Packing::Other("lzop")),
            (b"MSCF\0\0\0\0", Packing::Other("a cabinet")),
            (
                b"!<arch>\ndebian-binary",
                Packing::Other("a Debian package"),
            ),
        ];
        let is_tar = head.get(257..MAGIC_LEN) == Some(b"ustar");
        let is_bzip2 = head.starts_with(b"BZh") && head.get(4..10) == Some(b"1AY&SY");
        MAGIC
            .iter()
            .find(|(magic, _)| head.starts_with(magic))
            .map(|(_, packing)| *packing)
            .or(is_bzip2.then_some(Packing::Bzip2))
            .or(is_tar.then_some(Packing::Tar))
    }
}

/// Searches what is in an archive.
///
/// # Errors
/// What the archive cannot be read on after.
pub(super) fn unpack(
    searcher: &mut Searcher<'_>,
    level: &Level<'_>,
    packing: Packing,
    reader: &mut dyn Read,
) -> io::Result<()> {
    // What a tar was compressed from is not one archive more.
    let is_same = packing == Packing::Tar && level.is_decompressed;
    let depth = level.depth + usize::from(!is_same);
    if depth > MAX_DEPTH {
        return Err(io::Error::other(format!(
            "it is packed more than {MAX_DEPTH} deep; it was searched as it is"
        )));
    }
    let mut decompressed = |reader: &mut dyn Read| {
        let stem = format!("{}!{}", level.path, stem(&level.path));
        searcher.search_level(
            &Level {
                path: stem.into(),
                base: level.path.clone(),
                depth,
                is_decompressed: true,
                ..*level
            },
            &mut level.meter.unpacked(reader),
        )
    };
    match packing {
        Packing::Gzip => decompressed(&mut Members(MultiGzDecoder::new(reader))),
        Packing::Bzip2 => decompressed(&mut MultiBzDecoder::new(reader)),
        Packing::Xz => decompressed(&mut XzReader::new_mem_limit(reader, true, MAX_XZ_MEMORY)),
        Packing::Tar => untar(searcher, level, depth, reader),
        Packing::Zip => zip::unpack(searcher, level, depth, reader),
        Packing::Other(name) => Err(io::Error::other(format!(
            "it is packed with {name}, which is not read"
        ))),
    }
}

/// Gzip members, and what stands behind them: tapes are filled up, and gzip itself
/// lets anything pass there. It was searched as it is.
struct Members<R>(R);

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            // The first member's header was looked at before. The crate has no
            // other way to say that this is none; a test holds it to that.
            Err(error) if error.to_string() == "invalid gzip header" => Ok(0),
            read => read,
        }
    }
}

/// How long a name may be in a tar, and what else stands before a member.
const MAX_NAME_LEN: u64 = 64 * 1024;

fn untar(
    searcher: &mut Searcher<'_>,
    level: &Level<'_>,
    depth: usize,
    reader: &mut dyn Read,
) -> io::Result<()> {
    let mut archive = tar::Archive::new(reader);
    // Several archives may stand one after the other.
    archive.set_ignore_zeros(true);
    let mut long_name = None;
    // By themselves, the entries would take names of any length into memory.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            if entry.size() > MAX_NAME_LEN {
                return Err(io::Error::other("it has a name that is too long"));
            }
            let mut text = Vec::new();
            entry.read_to_end(&mut text)?;
            long_name = match kind.is_gnu_longname() {
                true => Some(text),
                false => pax_name(&text).or(long_name),
            };
        } else if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let name = long_name.take();
            let name = name.unwrap_or_else(|| entry.path_bytes().into_owned());
            let name = String::from_utf8_lossy(&name);
            // What is in a tar is not packed: it was counted already.
            let member = level.member(name.trim_end_matches('\0'), depth);
            searcher.search_level(&member, &mut entry)?;
        } else {
            long_name = None;
        }
    }
    Ok(())
}

/// The name among the records of a member: `<length> path=<name>\n` (POSIX pax).
fn pax_name(records: &[u8]) -> Option<Vec<u8>> {
    records.split(|byte| *byte == b'\n').find_map(|record| {
        let space = record.iter().position(|byte| *byte == b' ')?;
        let name = record[space + 1..].strip_prefix(b"path=")?;
        Some(name.to_vec())
    })
}

impl<'a> Level<'a> {
    /// What it is called if it is packed so: a tar that was compressed is one
    /// archive with what it was compressed to, not a member of it.
    pub(super) fn as_packed(&self, packing: Packing) -> Level<'a> {
        let is_same = packing == Packing::Tar && self.is_decompressed;
        Level {
            path: if is_same { &self.base } else { &self.path }.clone(),
            base: if is_same { &self.base } else { &self.path }.clone(),
            ..*self
        }
    }

    /// What is in this archive under this name.
    pub(super) fn member(&self, name: &str, depth: usize) -> Level<'a> {
        let path = format!("{}!{name}", self.base);
        Level {
            base: path.clone().into(),
            path: path.into(),
            depth,
            is_decompressed: false,
            ..*self
        }
    }
}

/// What is wrong with an archive.
pub(super) fn problem(error: &io::Error) -> String {
    match error.kind() {
        // What was found out here.
        io::ErrorKind::Other => error.to_string(),
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => format!("it is damaged: {error}"),
    }
}

/// The name of what was compressed to a file of this name.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, "gz" | "bz2" | "xz" | "z" | "Z")) if !stem.is_empty() => stem.to_owned(),
        Some((stem, "tgz" | "tbz" | "tbz2" | "txz")) if !stem.is_empty() => format!("{stem}.tar"),
        _ => "content".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_has_a_name() {
        for (path, expected) in [
            ("logs/app.log.gz", "app.log"),
            ("a.tgz", "a.tar"),
            ("a.zip!dir/b.txz", "b.tar"),
            ("a.zip!c.bz2", "c"),
            ("blob", "content"),
            (".gz", "content"),
            ("stdin", "content"),
        ] {
            assert_eq!(stem(path), expected, "{path}");
        }
    }
}
