//! What is promised of stores in files alone.

use std::fs;

use keyctl::domain::StoreFault;
use keyctl::store::{Filter, Page, peek};
use keyctl::{KeyId, Location};

use super::cases::{Place, ids, insert, key};

#[test]
fn whoever_peeks_leaves_no_trace() {
    let place = Place::new();
    let Location::File(file) = place.location() else {
        panic!("a store in a file is tried");
    };
    let files = || {
        let mut files: Vec<_> = fs::read_dir(file.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let metadata = entry.metadata().unwrap();
                let modified = metadata.modified().unwrap();
                (entry.file_name(), metadata.len(), modified)
            })
            .collect();
        files.sort();
        files
    };
    let peeked = || -> Result<Vec<KeyId>, StoreFault> {
        let mut store = peek(&place.location()).map_err(|error| error.fault().clone())?;
        Ok(ids(store.as_mut(), &Filter::default(), &Page::default()))
    };
    assert_eq!(peeked(), Err(StoreFault::Missing));
    assert_eq!(files(), []);
    let mut store = place.open();
    insert(store.as_mut(), &[key(1)]);
    // While another has it open, and while that one writes.
    let before = files();
    assert_eq!(peeked(), Ok(vec![key(1).id]));
    let writing = store.write().unwrap();
    assert_eq!(peeked(), Ok(vec![key(1).id]));
    drop(writing);
    assert_eq!(files(), before);
    drop(store);
    let before = files();
    // The other one is the ballast.
    assert_eq!(before.len(), 2, "a store that nobody has open is one file");
    assert_eq!(peeked(), Ok(vec![key(1).id]));
    assert_eq!(files(), before);
}
