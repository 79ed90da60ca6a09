//! What the operations promise, held to over a store in a file.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "mod.rs"]
mod registry;
#[path = "../support/site.rs"]
mod site;
