//! Links the unwinder into the program where the C compiler has it as an archive, as
//! GCC does: the shared one (`libgcc_s`) took a sixth of the time in which one token is
//! checked, to be found, mapped and bound.

use std::env;
use std::path::Path;
use std::process::Command;

const ARCHIVE: &str = "libgcc_eh.a";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let is = |name, value| env::var(name).is_ok_and(|found| found == value);
    let is_glibc = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    // Whoever embeds the library chooses for a program of their own.
    let is_program = env::var_os("CARGO_FEATURE_CLI").is_some();
    if is_program && is_glibc && has_archive() {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Whether the C compiler that links has the archive.
fn has_archive() -> bool {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(linker)
        .arg(format!("-print-file-name={ARCHIVE}"))
        .output();
    // What is not found is answered as it was asked.
    asked.is_ok_and(|answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        Path::new(path.trim()).is_absolute()
    })
}
