//! Anything can be given as a report, and its findings can be followed up.
#![no_main]

use keyctl::leak::finder::Finder;
use keyctl::leak::{leads, report};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static FINDER: LazyLock<Finder> = LazyLock::new(Finder::new);

fuzz_target!(|data: &[u8]| {
    if let Ok(Some(report)) = report::read(data) {
        assert!(report::may_begin(&data[..data.len().min(4096)]));
        for finding in &report.findings {
            let leads = leads::follow(&FINDER, finding, None);
            assert!(!leads.is_empty());
        }
    }
});
