//! A disk that is full, and one that cannot be written.

use super::campaign::{report, size};
use super::mounts::{Steps, run_mounting};

/// Ten keys in a store on a new disk of that size, each with its token in a file
/// that is not there.
fn script(size: &str, rest: &str) -> String {
    format!(
        r#"
        mount_of {size}
        step made "$keyctl" store init
        for n in 0 1 2 3 4 5 6 7 8 9; do
            "$keyctl" create --app web --name "k$n" --token-file "t$n" --quiet
        done
        "$keyctl" audit head > head
        {rest}
        "#
    )
}

/// Every token's verdict and the audit, as steps whose names begin with `$1`.
const LOOK: &str = r#"
    look() {
        for n in 0 1 2 3 4 5 6 7 8 9; do
            step "$1-token-$n" "$keyctl" verify --app web --token-file "t$n"
        done
        step "$1-list" "$keyctl" list --all -o id
        step "$1-show" "$keyctl" show k9
        step "$1-audit" "$keyctl" audit verify --head "$(cat head)"
        step "$1-export" "$keyctl" export -
    }
"#;

/// So many keys, all but these valid.
#[track_caller]
fn expect_whole(steps: &Steps, look: &str, ended: &[u32]) {
    for n in 0..10 {
        let code = if ended.contains(&n) { 5 } else { 0 };
        steps.expect(&format!("{look}-token-{n}"), code);
    }
    let listed = steps.expect(&format!("{look}-list"), 0);
    assert_eq!(listed.stdout.lines().count(), 10, "{look}");
    steps.expect(&format!("{look}-show"), 0);
    steps.expect(&format!("{look}-audit"), 0);
    let exported = steps.expect(&format!("{look}-export"), 0);
    assert!(exported.stdout.lines().count() > 20, "{look}");
}

#[test]
fn a_full_disk_turns_no_revocation_away() {
    let steps = run_mounting(&script(
        "24m",
        &format!(
            r#"{LOOK}
            step kept test -s mnt/keys.db-ballast
            fill
            step create "$keyctl" create --app web
            look full
            step revoke-0 "$keyctl" revoke k0 --yes
            for n in 1 2 3 4; do
                # What filled it goes on.
                fill
                step "revoke-$n" "$keyctl" revoke "k$n" --yes
            done
            fill
            step disable "$keyctl" disable k7
            fill
            step leaked "$keyctl" revoke --leaked t5 --yes
            fill
            step scanned "$keyctl" scan t6 --revoke --yes
            rm mnt/filler
            # Now with files beside it, since another process has it open.
            hold
            fill
            step open "$keyctl" revoke k8 --yes
            let_go
            fill
            step create-again "$keyctl" create --app web
            look ended
            rm mnt/filler
            step afterwards "$keyctl" policy set max-keys-per-target 20
            step kept-again test -s mnt/keys.db-ballast
            look afterwards
            "#
        ),
    ));
    steps.expect("kept", 0);
    for create in ["create", "create-again"] {
        let create = steps.expect(create, 1);
        assert!(
            create.stderr.contains("the disk is full"),
            "{}",
            create.stderr
        );
    }
    expect_whole(&steps, "full", &[]);
    for (name, _) in steps.of("revoke-") {
        steps.expect(name, 0);
    }
    steps.expect("disable", 0);
    steps.expect("leaked", 0);
    steps.expect("scanned", 9);
    steps.expect("open", 0);
    let ended = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect_whole(&steps, "ended", &ended);
    steps.expect("afterwards", 0);
    steps.expect("kept-again", 0);
    expect_whole(&steps, "afterwards", &ended);
}

/// The control: it is the room that was kept, and nothing else, that makes the
/// difference.
#[test]
fn without_the_room_that_is_kept_a_full_disk_turns_revocations_away() {
    let steps = run_mounting(&script(
        "24m",
        &format!(
            r#"{LOOK}
            rm mnt/keys.db-ballast
            fill
            step revoke "$keyctl" revoke k0 --yes
            look full
            "#
        ),
    ));
    let revoke = steps.expect("revoke", 1);
    assert!(
        revoke.stderr.contains("the disk is full"),
        "{}",
        revoke.stderr
    );
    expect_whole(&steps, "full", &[]);
}

#[test]
fn a_disk_with_hardly_any_room_loses_nothing() {
    // Too small for room to be kept; the commands stop at every point of their
    // way.
    let (step, pages) = (size(4, 1), size(32, 128));
    let steps = run_mounting(&script(
        "4m",
        &format!(
            r#"{LOOK}
            step kept test -e mnt/keys.db-ballast
            for pages in $(seq 0 {step} {pages}); do
                leave "$((pages * 4096))"
                step "edit-$pages" "$keyctl" edit k0 --description "with $pages pages"
                step "new-$pages" "$keyctl" --store "mnt/new-$pages.db" create --app web --quiet
                step "audit-$pages" "$keyctl" audit verify --head "$(cat head)"
                rm -f mnt/new-*
            done
            rm mnt/filler
            look afterwards
            step log "$keyctl" audit --action edited -o id
            "#
        ),
    ));
    steps.expect("kept", 1);
    let (mut done, mut failed) = (0, 0);
    for (name, step) in steps.of("edit-").chain(steps.of("new-")) {
        match step.code {
            0 => done += usize::from(name.starts_with("edit-")),
            1 => {
                failed += 1;
                assert!(
                    step.stderr.contains("the disk is full"),
                    "{name}: {}",
                    step.stderr
                );
            }
            code => panic!("{name}: {code}: {}", step.stderr),
        }
    }
    for (name, _) in steps.of("audit-") {
        steps.expect(name, 0);
    }
    expect_whole(&steps, "afterwards", &[]);
    let logged = steps.expect("log", 0).stdout.lines().count();
    assert_eq!(
        logged, done,
        "what was acknowledged is there, and nothing else"
    );
    assert!(done > 0 && failed > 0, "{done} done, {failed} failed");
    report(&format!(
        "a disk with 0 to {pages} pages free: {done} edits done, {failed} commands refused"
    ));
}

#[test]
fn a_store_that_cannot_be_written_is_read() {
    let steps = run_mounting(&script(
        "24m",
        &format!(
            r#"{LOOK}
            mkdir ro
            mount --bind mnt ro
            mount -o remount,bind,ro ro
            step really sh -c 'echo > ro/file'
            export KEYCTL_STORE="$PWD/ro/keys.db"
            look closed
            for what in "create --app web" "revoke k0 --yes" "disable k0" "edit k0 --name x"; do
                step "refused-${{what%% *}}" "$keyctl" $what
            done
            # On the other side, where it can be written, others go on.
            "$keyctl" --store mnt/keys.db revoke k1 --yes
            look revoked
            KEYCTL_STORE="$PWD/mnt/keys.db" hold
            "$keyctl" --store mnt/keys.db revoke k2 --yes
            step beside test -s ro/keys.db-wal
            look open
            let_go
            "#
        ),
    ));
    assert_ne!(steps.expect("made", 0).stderr, "");
    steps.expect("really", 2);
    expect_whole(&steps, "closed", &[]);
    for name in ["create", "revoke", "disable", "edit"] {
        let refused = steps.expect(&format!("refused-{name}"), 7);
        assert!(
            refused.stderr.contains("the store is read-only"),
            "{}",
            refused.stderr
        );
    }
    expect_whole(&steps, "revoked", &[1]);
    steps.expect("beside", 0);
    expect_whole(&steps, "open", &[1, 2]);
}

#[test]
fn a_store_that_cannot_be_written_is_read_while_others_write_it() {
    let steps = run_mounting(&script(
        "24m",
        r#"
        mkdir ro
        mount --bind mnt ro
        mount -o remount,bind,ro ro
        (
            for n in $(seq 60); do
                "$keyctl" create --app other --name "w$n" --quiet > made
                "$keyctl" revoke "w$n" --yes --quiet > ended
            done
        ) & writer=$!
        export KEYCTL_STORE="$PWD/ro/keys.db"
        "$keyctl" --store mnt/keys.db revoke k0 --yes
        n=0
        while kill -0 "$writer" 2> /dev/null; do
            n=$((n + 1))
            step "valid-$n" "$keyctl" verify --app web --token-file t1
            step "revoked-$n" "$keyctl" verify --app web --token-file t0
            step "read-list-$n" "$keyctl" list --all
            step "read-audit-$n" "$keyctl" audit verify --head "$(cat head)"
        done
        wait "$writer"
        "#,
    ));
    let expected = [("valid-", 0), ("revoked-", 5), ("read-", 0)];
    let failures: Vec<String> = expected
        .iter()
        .flat_map(|(beginning, code)| steps.of(beginning).map(move |step| (step, code)))
        .filter(|((_, step), code)| step.code != **code)
        .map(|((name, step), _)| format!("{name}: {}: {}", step.code, step.stderr))
        .collect();
    assert_eq!(failures, Vec::<String>::new());
}
