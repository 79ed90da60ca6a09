//! However a stream is cut, what passes is what the whole text gives.
#![no_main]

use keyctl::leak::redact::Redactor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((cut, text)) = data.split_first() else {
        return;
    };
    let mut whole = text.to_vec();
    assert_eq!(Redactor::new().redact(&mut whole, true), text.len());
    let mut redactor = Redactor::new();
    let mut passed = Vec::new();
    let mut held = Vec::new();
    for piece in text.chunks(usize::from(*cut) + 1) {
        held.extend_from_slice(piece);
        let len = redactor.redact(&mut held, false);
        passed.extend(held.drain(..len));
        assert!(held.len() < 1_100);
    }
    let len = redactor.redact(&mut held, true);
    passed.extend(held.drain(..len));
    assert!(held.is_empty());
    assert_eq!(passed, whole);
});
