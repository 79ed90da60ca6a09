//! A token in the middle of anything is found where it was put, and found once.
#![no_main]

use keyctl::leak::finder::{Finder, Form};
use keyctl::leak::search::Search;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    // A vector of the documentation: no live token.
    let token = b"dataset-0123456789ABCDEFGHIJKLYc";
    let at = usize::from(*first) % (rest.len() + 1);
    let bytes = [&rest[..at], token, &rest[at..]].concat();
    let mut search = Search::new(&FINDER);
    let mut found = 0;
    let mut each = |hit: keyctl::leak::search::Hit| {
        let is_it = hit.offset == at as u64 && hit.token.begins_with("dataset-0123456789");
        found += u32::from(is_it && hit.form == Form::Checked);
    };
    search.push(&bytes, &mut each);
    search.finish(&mut each);
    assert_eq!(found, 1);
});
