//! Exports as text and as records.

use keyctl::ops::Record;
use keyctl::{Error, Registry};

use super::cli::record::{Written, read, read_first};

fn line(record: &Record) -> Vec<u8> {
    serde_json::to_vec(&Written::from(record.clone())).expect("a record can be written")
}

/// The records up to the first line that is none. Each is written as it was
/// read.
pub(crate) fn records(export: &[u8]) -> Option<Vec<Record>> {
    let mut lines = export
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let first = read_first(lines.next()?)?.ok()?;
    assert!(read_first(&line(&first)) == Some(Ok(first.clone())));
    let mut records = vec![first];
    for record in lines.map_while(|text| read(text).ok()) {
        assert!(read(&line(&record)).as_ref() == Ok(&record));
        records.push(record);
    }
    Some(records)
}

/// The records that an export of a store gives.
pub(crate) fn exported(registry: &mut Registry) -> Result<Vec<Record>, Error> {
    let mut records = Vec::new();
    registry.export(|record| {
        records.push(record);
        Ok::<_, Error>(())
    })?;
    Ok(records)
}
