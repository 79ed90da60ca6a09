//! Stores in folders: laid out, opened, read and worked on.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use keyctl::domain::Event;
use keyctl::store::EventFilter;
use keyctl::{
    Access, Datasets, IssueRequest, Location, Registry, Scopes, StoreError, Timestamp, Workspace,
};
use tempfile::TempDir;

use crate::disk::Files;

/// In memory, where the system has such a folder: each workload and each state is
/// worked on with dozens of syncs, and what they promise is not the system's here.
pub(crate) fn quick_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(crate) fn lay_out(files: &Files, folder: &Path) {
    for (path, content) in files {
        let path = folder.join(path);
        match content {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => fs::create_dir(path).unwrap(),
        }
    }
}

pub(crate) fn open(folder: &Path, store: &str) -> Result<Registry, StoreError> {
    let location = Location::File(folder.join(store));
    Registry::open(&location, "after".parse().unwrap())
}

pub(crate) fn audited_log(registry: &mut Registry) -> Result<Vec<Event>, keyctl::Error> {
    registry.audit(None)?;
    Ok(log(registry))
}

pub(crate) fn log(registry: &mut Registry) -> Vec<Event> {
    let mut events = Vec::new();
    let each = |event| {
        events.push(event);
        ControlFlow::Continue(())
    };
    registry.events(&EventFilter::default(), each).unwrap();
    events
}

pub(crate) fn audit_from_outside(folder: &Path, store: &str) -> Result<(), String> {
    let output = Command::new(env!("CARGO_BIN_EXE_keyctl"))
        .args(["audit", "verify", "--store"])
        .arg(folder.join(store))
        .env_clear()
        .output()
        .unwrap();
    let is_intact = output.status.success() && output.stdout.starts_with(b"intact: ");
    is_intact
        .then_some(())
        .ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The store is one to go on with, made anew if there is none.
pub(crate) fn work_on(folder: &Path, store: &str) -> Result<(), String> {
    let location = Location::File(folder.join(store));
    let now = Timestamp::now();
    let request = IssueRequest {
        workspace: Workspace::default(),
        access: Access::Datasets(Datasets::new(["ds_3".parse().unwrap()]).unwrap()),
        name: None,
        description: None,
        scopes: Scopes::full(),
        expiry: None,
        dry_run: false,
    };
    let worked = || {
        let mut registry = Registry::create(&location, "after".parse().unwrap(), now)?;
        registry.issue(&request, now, |_, _| Ok(()))?;
        registry.audit(None)
    };
    worked()
        .map(drop)
        .map_err(|error| format!("{store} cannot be worked on: {error}"))
}
