//! What becomes of one change that was not synced when the power failed.

use std::collections::BTreeSet;

use rand::RngExt;
use rand::rngs::SmallRng;

/// What a disk writes whole or not at all.
const SECTOR: u64 = 512;

/// What was done to a file.
pub(crate) enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Resize { len: u64 },
}

/// What becomes of one change.
pub(crate) enum Fate {
    Kept,
    Dropped,
    /// That many sectors from the beginning.
    Cut(u64),
    /// These sectors, and the length; what is missing between is zeros.
    Scattered(BTreeSet<u64>),
}

impl Fate {
    pub(crate) fn draw(is_write: bool, keeps: f64, generator: &mut SmallRng) -> Fate {
        // More sectors than any one write has.
        const SECTOR_COUNT: u64 = 16;
        let is_kept = generator.random_bool(keeps);
        match generator.random_range(0..4) {
            0 if is_write => Fate::Cut(generator.random_range(0..SECTOR_COUNT)),
            1 if is_write => {
                let kept = |_: &u64| generator.random_bool(0.5);
                Fate::Scattered((0..SECTOR_COUNT).filter(kept).collect())
            }
            _ if is_kept => Fate::Kept,
            _ => Fate::Dropped,
        }
    }

    pub(crate) fn apply(&self, change: &Change, content: &mut Vec<u8>) {
        match change {
            _ if matches!(self, Fate::Dropped) => {}
            Change::Resize { len } => content.resize(usize::try_from(*len).unwrap(), 0),
            Change::Write { at, bytes } => self.write(*at, bytes, content),
        }
    }

    fn write(&self, at: u64, bytes: &[u8], content: &mut Vec<u8>) {
        let first = at / SECTOR;
        let at = usize::try_from(at).unwrap();
        if let Fate::Scattered(_) = self {
            content.resize(content.len().max(at + bytes.len()), 0);
        }
        let mut done = 0;
        while done < bytes.len() {
            let place = at + done;
            let sector = (place as u64) / SECTOR;
            let end = usize::try_from((sector + 1) * SECTOR).unwrap() - at;
            let part = &bytes[done..end.min(bytes.len())];
            if self.keeps(sector - first) {
                content.resize(content.len().max(place + part.len()), 0);
                content[place..place + part.len()].copy_from_slice(part);
            }
            done += part.len();
        }
    }

    fn keeps(&self, sector: u64) -> bool {
        match self {
            Fate::Kept => true,
            Fate::Dropped => false,
            Fate::Cut(count) => sector < *count,
            Fate::Scattered(sectors) => sectors.contains(&sector),
        }
    }
}
