//! Zip archives, read from their beginning to their end (PKWARE APPNOTE 6.3).
//!
//! The table at the end is not asked: an archive can come through a pipe or out
//! of another one, and what the table leaves out is there all the same.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::DeflateDecoder;

use super::archive::problem;
use super::{Level, Searcher};

const MEMBER: [u8; 4] = *b"PK\x03\x04";
/// What stands after the last member.
const DIRECTORY: [u8; 4] = *b"PK\x01\x02";

/// What stands before each member.
struct Header {
    name: String,
    method: u16,
    is_encrypted: bool,
    /// How long it is as it is packed; `None` if that is said after it only.
    packed_len: Option<u64>,
    /// How long it is unpacked.
    len: u64,
}

/// Searches the members.
pub(super) fn unpack(
    searcher: &mut Searcher<'_>,
    level: &Level<'_>,
    depth: usize,
    reader: &mut dyn Read,
) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(32 * 1024, reader);
    while find_member(&mut reader)? {
        let header = Header::read(&mut reader)?;
        let member = level.member(&header.name, depth);
        let mut packed = (&mut reader).take(header.packed_len.unwrap_or(u64::MAX));
        if let Err(error) = search_member(searcher, &member, &header, &mut packed) {
            if level.meter.is_exceeded() {
                return Err(error);
            }
            // One that is damaged does not hide the next one.
            level.sink.unread(&member.path, &problem(&error));
        }
        if header.packed_len.is_some() {
            io::copy(&mut packed, &mut io::sink())?;
            if packed.limit() > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    Ok(())
}

fn search_member(
    searcher: &mut Searcher<'_>,
    member: &Level<'_>,
    header: &Header,
    packed: &mut dyn BufRead,
) -> io::Result<()> {
    let meter = member.meter;
    match header.method {
        _ if header.is_encrypted => Err(io::Error::other("it is encrypted")),
        // As it is, so that it was searched with the archive's own bytes; but not
        // what is packed in it.
        0 if header.packed_len.is_none() => Err(io::Error::other("nothing says where it ends")),
        0 if header.packed_len != Some(header.len) => Err(io::Error::other("it has two lengths")),
        0 => searcher.search_level(member, packed),
        8 => searcher.search_level(member, &mut meter.unpacked(DeflateDecoder::new(packed))),
        12 => searcher.search_level(member, &mut meter.unpacked(BzDecoder::new(packed))),
        method => {
            let name = method_name(method);
            Err(io::Error::other(format!(
                "it is packed with {name}, which is not read"
            )))
        }
    }
}

/// Goes on to the next member, whatever stands before it.
fn find_member(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut last = [0; 4];
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut taken = 0;
        let mut found = None;
        for byte in bytes {
            taken += 1;
            last = [last[1], last[2], last[3], *byte];
            if matches!(last, MEMBER | DIRECTORY) {
                found = Some(last == MEMBER);
                break;
            }
        }
        reader.consume(taken);
        if let Some(found) = found {
            return Ok(found);
        }
    }
}

impl Header {
    /// Reads what follows the signature.
    fn read(reader: &mut impl Read) -> io::Result<Header> {
        const IS_ENCRYPTED: u16 = 1;
        const LEN_IS_BEHIND: u16 = 8;
        let mut fixed = [0; 26];
        reader.read_exact(&mut fixed)?;
        let u16_at = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let u32_at = |at: usize| u32::from(u16_at(at)) | u32::from(u16_at(at + 2)) << 16;
        let flags = u16_at(2);
        let mut name = vec![0; usize::from(u16_at(22))];
        reader.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(u16_at(24))];
        reader.read_exact(&mut extra)?;
        let (packed_len, len) = (u32_at(14), u32_at(18));
        let packed_len = match packed_len {
            u32::MAX => long_len(&extra, if len == u32::MAX { 8 } else { 0 }),
            short => Some(u64::from(short)),
        };
        let len = match len {
            u32::MAX => long_len(&extra, 0).unwrap_or(0),
            short => u64::from(short),
        };
        let is_behind = flags & LEN_IS_BEHIND != 0;
        Ok(Header {
            name: String::from_utf8_lossy(&name).into_owned(),
            method: u16_at(4),
            is_encrypted: flags & IS_ENCRYPTED != 0,
            packed_len: packed_len.filter(|len| *len > 0 || !is_behind),
            len,
        })
    }
}

/// A length in the extra field of Zip64, so many bytes from its beginning: the
/// packed length stands behind the other one if that is long too.
fn long_len(mut extra: &[u8], at: usize) -> Option<u64> {
    const ZIP64: [u8; 2] = [1, 0];
    loop {
        let (head, rest) = extra.split_at_checked(4)?;
        let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (field, rest) = rest.split_at_checked(len)?;
        if head[..2] == ZIP64 {
            let bytes = field.get(at..at + 8)?;
            return Some(u64::from_le_bytes(bytes.try_into().ok()?));
        }
        extra = rest;
    }
}

fn method_name(method: u16) -> String {
    match method {
        9 => "Deflate64".to_owned(),
        14 => "LZMA".to_owned(),
        93 => "zstd".to_owned(),
        95 => "xz".to_owned(),
        98 => "PPMd".to_owned(),
        number => format!("method {number}"),
    }
}
