//! What `store check` says of a store in a file.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use super::check::{check, states};
use super::{Sandbox, issue, transcript};

#[test]
fn what_others_can_come_at_is_a_problem() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let folder = sandbox.home().join(".local/share/keyctl");
    fs::set_permissions(&folder, Permissions::from_mode(0o770)).unwrap();
    fs::set_permissions(
        folder.join("keys.db-ballast"),
        Permissions::from_mode(0o640),
    )
    .unwrap();
    fs::set_permissions(sandbox.home(), Permissions::from_mode(0o777)).unwrap();
    assert_data_eq!(
        transcript(&check(&sandbox, &["--quiet"])),
        str![[r#"
problem  files      ~/.local/share/keyctl/keys.db-ballast is open to others (mode 0640); chmod 600 [HOME]/.local/share/keyctl/keys.db-ballast
problem  files      others can write to the folder ~/.local/share/keyctl (mode 0770); chmod go-w [HOME]/.local/share/keyctl
problem  files      others can write to the folder ~/ (mode 0777); chmod go-w [HOME]
--- stderr
--- exit 7

"#]]
    );
}

#[test]
fn a_row_that_no_table_may_have_is_a_problem() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.alter("PRAGMA ignore_check_constraints = ON; UPDATE keys SET scopes = ''");
    assert_eq!(states(&sandbox, "indexes"), ["problem"]);
}

#[test]
fn a_ballast_that_is_gone_is_advice() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    let ballast = sandbox.home().join(".local/share/keyctl/keys.db-ballast");
    fs::remove_file(&ballast).unwrap();
    assert_eq!(states(&sandbox, "ballast"), ["advice"]);
    issue(&sandbox, &["--dataset", "ds_1"]);
    assert_eq!(fs::metadata(ballast).unwrap().len(), 4 << 20);
    assert_eq!(states(&sandbox, "ballast"), ["ok"]);
}
