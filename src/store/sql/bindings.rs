//! What `key_datasets` says, held against the rows of keys. It is only an index: keys
//! are listed and counted by it, and somebody who alters it would take a key out of
//! sight, or out of a limit.

/// What is wrong where there are any.
pub(in crate::store) const PROBLEM: &str = "key_datasets does not say what the rows of keys say";

/// The question how many bindings there are too many or too few in this schema. Each
/// must be in its row, and there must be as many as the rows name: of no row can one
/// be missing then.
pub(in crate::store) fn differing(schema: &str) -> String {
    // With a blank in it, one would pass for two.
    format!(
        "SELECT (SELECT count(*) FROM {schema}.keys k CROSS JOIN {schema}.key_datasets d
                 WHERE d.seq = k.seq AND (
                     k.datasets IS NULL OR replace(d.dataset, ' ', '') <> d.dataset
                     OR replace(' ' || k.datasets || ' ', ' ' || d.dataset || ' ', '')
                        = ' ' || k.datasets || ' '))
              + abs((SELECT coalesce(sum(
                         length(datasets) - length(replace(datasets, ' ', '')) + 1), 0)
                     FROM {schema}.keys)
                    - (SELECT count(*) FROM {schema}.key_datasets))"
    )
}
