//! How much may come out of an archive: what is packed by a stranger may unpack
//! to more than there is time for.

use std::cell::Cell;
use std::io::{self, Read};

/// From how many unpacked bytes on the ratio counts: short files of one
/// character are no attack.
const UNSUSPECTED_LEN: u64 = 64 * 1024 * 1024;
/// How many bytes one packed byte may unpack to. Deflate ends at 1,032; logs
/// seldom reach 50.
const MAX_RATIO: u64 = 250;
/// How many bytes may be unpacked from one file.
const MAX_LEN: u64 = 8 * 1024 * 1024 * 1024;

/// How much was read of one file, and how much of that was unpacked.
#[derive(Default)]
pub(super) struct Meter {
    packed: Cell<u64>,
    unpacked: Cell<u64>,
    is_exceeded: Cell<bool>,
    is_told: Cell<bool>,
}

impl Meter {
    /// A reader that counts what is read of the file itself.
    pub(super) fn packed<'a>(&'a self, reader: &'a mut dyn Read) -> impl Read {
        Counted(reader, |len| {
            self.packed.set(self.packed.get() + len);
            Ok(())
        })
    }

    /// A reader that counts what is unpacked, and fails past the limits.
    pub(super) fn unpacked<'a>(&'a self, reader: impl Read + 'a) -> impl Read {
        Counted(reader, |len| {
            self.unpacked.set(self.unpacked.get() + len);
            check(self.packed.get(), self.unpacked.get())
                .inspect_err(|_| self.is_exceeded.set(true))
                .map_err(io::Error::other)
        })
    }

    /// How much was read of the file itself, in bytes.
    pub(super) fn packed_len(&self) -> u64 {
        self.packed.get()
    }

    /// Whether more was unpacked than may be.
    pub(super) fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }

    /// Whether a problem is to be told: past a limit, each archive around the
    /// one that went past it fails too, and the first one says it all.
    pub(super) fn is_first_excess(&self) -> bool {
        !self.is_exceeded.get() || !self.is_told.replace(true)
    }
}

fn check(packed: u64, unpacked: u64) -> Result<(), String> {
    if unpacked > MAX_LEN {
        return Err(format!("it unpacks to more than {} GiB", MAX_LEN >> 30));
    }
    if unpacked > UNSUSPECTED_LEN && unpacked > packed.saturating_mul(MAX_RATIO) {
        return Err(format!(
            "it unpacks to more than {MAX_RATIO} times its size"
        ));
    }
    Ok(())
}

struct Counted<R, F>(R, F);

impl<R: Read, F: FnMut(u64) -> io::Result<()>> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.0.read(buffer)?;
        (self.1)(len as u64)?;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_from_the_first_byte_past_them() {
        let mib = 1024 * 1024;
        let cases = [
            (0, 0, true),
            (1, 64 * mib, true),
            (1, 64 * mib + 1, false),
            (mib, 250 * mib, true),
            (mib, 250 * mib + 1, false),
            (1024 * mib, 8192 * mib, true),
            (1024 * mib, 8192 * mib + 1, false),
            (u64::MAX, 8192 * mib, true),
        ];
        for (packed, unpacked, is_allowed) in cases {
            assert_eq!(check(packed, unpacked).is_ok(), is_allowed);
        }
    }
}
