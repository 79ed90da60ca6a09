//! Archives of any kind, or what looks like one, are read to their end.
#![no_main]

use keyctl::leak::content::{Searcher, Sink};
use keyctl::leak::finder::Finder;
use keyctl::leak::search::Hit;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

struct Nowhere;

impl Sink for Nowhere {
    fn hit(&self, _path: &str, _hit: Hit) {}
    fn unread(&self, _path: &str, _reason: &str) {}
}

fuzz_target!(|data: &[u8]| {
    let read = Searcher::new(&FINDER).search("input", &mut &*data, &Nowhere);
    assert_eq!(read.expect("memory can be read"), data.len() as u64);
});
