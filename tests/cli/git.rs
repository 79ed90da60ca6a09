//! Repositories to be searched.

use std::process::Command;

use super::Sandbox;

/// Runs git in the sandbox, with settings of its own.
pub(super) fn git(sandbox: &Sandbox, folder: &str, args: &[&str], stdin: &str) -> String {
    let mut command = Command::new("git");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", sandbox.home())
        .current_dir(sandbox.home())
        .args([
            "-C",
            folder,
            "-c",
            "user.name=n",
            "-c",
            "user.email=e@x.test",
        ])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(args);
    sandbox
        .finish(command, stdin.as_bytes())
        .expect_code(0)
        .stdout
}
