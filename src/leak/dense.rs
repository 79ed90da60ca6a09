//! A look at sixteen bytes at once.

/// Whether no byte is below `+`, the lowest of base64: no blank, no quotation
/// mark, no bracket. All bytes at once (Warren, Hacker's Delight, 6-1), since a
/// branch for each would be anybody's guess, and so a processor's too.
pub(super) fn is_dense(bytes: [u8; 16]) -> bool {
    const EACH: u128 = u128::MAX / 255;
    let word = u128::from_ne_bytes(bytes);
    word.wrapping_sub(EACH * b'+' as u128) & !word & (EACH << 7) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_low_byte_is_seen_at_every_place() {
        for place in 0..16 {
            for byte in 0..=u8::MAX {
                let mut bytes = [b'x'; 16];
                bytes[place] = byte;
                assert_eq!(is_dense(bytes), byte >= b'+', "{byte} at {place}");
            }
        }
    }
}
