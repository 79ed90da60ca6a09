//! How the program is linked: with the unwinder in it, and, as a release, without the
//! tables that nothing unwinds by. Whoever embeds the library links a program of
//! their own, to which none of this applies.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A panic ends the program where it happens, so a release needs no way back: 0.4 of its
/// 5.3 MB would be tables of that. What a script after INSERT says, the linker does
/// beside its own (GNU ld's manual on INSERT).
const WITHOUT_TABLES: &str = "\
SECTIONS { /DISCARD/ : { *(.eh_frame .eh_frame.* .gcc_except_table .gcc_except_table.*) } }
INSERT AFTER .comment;
";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name, value| env::var(name).is_ok_and(|found| found == value);
    let is_glibc = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    let is_program = env::var_os("CARGO_FEATURE_CLI").is_some();
    if !is_program || !is_glibc {
        return Ok(());
    }
    // The shared one took a sixth of the time in which one token is checked, to be
    // found, mapped and bound.
    if compiler_has("libgcc_eh.a") {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    if is("PROFILE", "release") && is_usual_linker() {
        let script = Path::new(&env::var("OUT_DIR")?).join("without_tables.ld");
        fs::write(&script, WITHOUT_TABLES)?;
        println!("cargo::rustc-link-arg-bins=-T");
        println!("cargo::rustc-link-arg-bins={}", script.display());
    }
    Ok(())
}

/// Whether the C compiler that links has this archive.
fn compiler_has(archive: &str) -> bool {
    let compiler = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(compiler)
        .arg(format!("-print-file-name={archive}"))
        .output();
    // What is not found is answered as it was asked.
    asked.is_ok_and(|answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        Path::new(path.trim()).is_absolute()
    })
}

/// Whether that is Rust's or GNU's, which know such scripts, and not one that somebody
/// chose, which may not.
fn is_usual_linker() -> bool {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let is_chosen = ["fuse-ld", "linker="]
        .iter()
        .any(|flag| flags.contains(flag));
    env::var_os("RUSTC_LINKER").is_none() && !is_chosen
}
