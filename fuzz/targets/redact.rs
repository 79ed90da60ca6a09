//! The streaming mask gives what the slow one gives, wherever the stream is cut,
//! and holds no more back than it may. The first bytes say where to cut.

#![no_main]

#[path = "../../tests/support/slow_redaction.rs"]
mod slow_redaction;

use keyctl::leak::Redactor;
use libfuzzer_sys::fuzz_target;

use slow_redaction::slow_redaction;

const CUTS: usize = 8;
const MAX_HELD: usize = 24;

fuzz_target!(|data: &[u8]| {
    let (cuts, text) = data.split_at(data.len().min(CUTS));
    let mut cuts = cuts.iter().cycle();
    let mut redactor = Redactor::new();
    let (mut out, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        // A text follows only after all of the cuts.
        let len = cuts.next().map_or(1, |cut| 1 + usize::from(*cut));
        let (piece, after) = rest.split_at(len.min(rest.len()));
        redactor.push(piece, &mut out);
        rest = after;
        assert!(text.len() - rest.len() - out.len() <= MAX_HELD);
    }
    out.extend_from_slice(redactor.finish());
    assert_eq!(out, slow_redaction(text));
});
