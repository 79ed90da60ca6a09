//! Questions, at a terminal made for the purpose.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::openpty;
use nix::sys::termios::{LocalFlags, tcgetattr};

use super::{Sandbox, issue, key_count};

const TIME_LIMIT: Duration = Duration::from_secs(20);
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const HIDE_CURSOR: &str = "\u{1b}[?25l";

/// keyctl at a terminal, its standard output in a pipe.
pub(super) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    pub(super) fn start(sandbox: &Sandbox, args: &[&str]) -> Terminal {
        Terminal::start_after(sandbox, args, "")
    }

    /// Somebody has typed this before the program begins.
    fn start_after(sandbox: &Sandbox, args: &[&str], typed: &str) -> Terminal {
        let pty = openpty(None, None).unwrap();
        let mut keyboard = File::from(pty.master);
        keyboard.write_all(typed.as_bytes()).unwrap();
        let side = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = sandbox
            .command(env!("CARGO_BIN_EXE_keyctl"))
            .args(args)
            .stdin(side())
            .stderr(side())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(pty.slave);
        let mut display = keyboard.try_clone().unwrap();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut block = [0; 4096];
            // The read fails when the other side is closed.
            while let Ok(count @ 1..) = display.read(&mut block) {
                if sender.send(block[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal {
            child,
            keyboard,
            screen,
            seen: String::new(),
        }
    }

    /// Waits for this text to appear.
    #[track_caller]
    pub(super) fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + TIME_LIMIT;
        while !self.seen.contains(text) {
            match self
                .screen
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let _ = self.child.kill();
                    panic!("{text:?} did not appear in {:?}", self.seen);
                }
            }
        }
    }

    /// Types, once the program listens: before it has switched the echo off,
    /// the terminal may swallow a Ctrl-C, or what is typed may be discarded.
    #[track_caller]
    pub(super) fn press(&mut self, keys: &str) {
        let deadline = Instant::now() + TIME_LIMIT;
        let has_echo = || {
            let attributes = tcgetattr(&self.keyboard).unwrap();
            attributes.local_flags.contains(LocalFlags::ECHO)
        };
        while has_echo() {
            assert!(Instant::now() < deadline, "nobody listens: {:?}", self.seen);
            thread::sleep(Duration::from_millis(2));
        }
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Its exit code, what it printed, and all that was on the screen.
    #[track_caller]
    pub(super) fn finish(mut self) -> (i32, String, String) {
        let deadline = Instant::now() + TIME_LIMIT;
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                panic!("it did not end: {:?}", self.seen);
            }
            thread::sleep(Duration::from_millis(2));
        }
        let mut stdout = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        while let Ok(bytes) = self.screen.recv_timeout(Duration::from_millis(200)) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        (code, stdout, self.seen)
    }
}

#[test]
fn create_asks_for_the_target_and_its_id() {
    for (keys, id, reach) in [
        ("\r", Some("ds_42"), "dataset ds_42"),
        ("\u{1b}[B\r", None, "all datasets"),
        ("\u{1b}[B\u{1b}[B\r", Some("web"), "app web"),
    ] {
        let sandbox = Sandbox::new();
        let mut terminal = Terminal::start(&sandbox, &["create"]);
        terminal.expect("an app");
        terminal.press(keys);
        if let Some(id) = id {
            terminal.expect(" id:");
            // What breaks the rule is asked for again.
            terminal.press("a b\r");
            terminal.expect("letters, digits");
            terminal.press(&format!("{id}\r"));
        }
        let (code, stdout, screen) = terminal.finish();
        assert_eq!(code, 0, "{screen}");
        assert_eq!(stdout.lines().count(), 1, "the token alone");
        assert!(
            !screen.contains(stdout.trim_end()),
            "the token is on stdout only"
        );
        assert!(screen.contains(&format!("for {reach}, ")), "{screen}");
    }
}

#[test]
fn revoke_asks_and_takes_no_for_an_answer() {
    let sandbox = Sandbox::new();
    let (id, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    for no in ["n\r", "\r", "keyctl list\r"] {
        let mut terminal = Terminal::start(&sandbox, &["revoke", "ci"]);
        terminal.expect("never used)");
        terminal.expect("Revoke this key for ever? [y/N]");
        terminal.press(no);
        let (code, stdout, screen) = terminal.finish();
        assert_eq!((code, stdout.as_str()), (1, ""), "{screen}");
        assert!(screen.contains("nothing was revoked"), "{screen}");
    }
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    let mut terminal = Terminal::start(&sandbox, &["revoke", "ci"]);
    terminal.expect("[y/N]");
    terminal.press("y\r");
    let (code, stdout, _) = terminal.finish();
    assert_eq!((code, stdout), (0, format!("revoked {id}\n")));
}

#[test]
fn ctrl_c_leaves_the_cursor_visible_and_no_key() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let cases: [(&[&str], &str); 3] = [
        (&["create"], "an app"),
        (&["revoke", "ci"], "[y/N]"),
        (&["verify"], "Token:"),
    ];
    for (args, question) in cases {
        let mut terminal = Terminal::start(&sandbox, args);
        terminal.expect(question);
        if question == "Token:" {
            // Typed in the terminal's own line mode, where only a process that
            // it controls would get the signal; so the signal is sent.
            let pid = nix::unistd::Pid::from_raw(terminal.child.id().try_into().unwrap());
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
        } else {
            terminal.press("\u{3}");
        }
        let (code, stdout, screen) = terminal.finish();
        assert_eq!((code, stdout.as_str()), (130, ""), "{args:?}: {screen}");
        let shown = screen.rfind(SHOW_CURSOR);
        assert!(shown >= screen.rfind(HIDE_CURSOR), "{args:?}: {screen:?}");
    }
    assert_eq!(key_count(&sandbox), 1);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
}

#[test]
fn a_token_that_is_typed_is_not_seen() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    for args in [
        &["verify", "-d", "ds_1"] as &[_],
        &["show", "-"],
        &["revoke", "-", "--yes"],
    ] {
        let mut terminal = Terminal::start(&sandbox, args);
        terminal.expect("Token");
        terminal.press(&format!("{token}\r"));
        let (code, stdout, screen) = terminal.finish();
        assert_eq!(code, 0, "{args:?}: {screen}");
        assert!(
            !screen.contains(&token) && !stdout.contains(&token),
            "{args:?}"
        );
    }
}

#[test]
fn nobody_is_asked_who_does_not_want_to_be() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "one"]);
    issue(&sandbox, &["--dataset", "ds_1", "--name", "two"]);
    issue(&sandbox, &["--dataset", "ds_1", "--name", "three"]);
    let (code, _, screen) = Terminal::start(&sandbox, &["create", "--no-input"]).finish();
    assert_eq!(code, 2, "{screen}");
    let (code, _, screen) = Terminal::start(&sandbox, &["create", "--json"]).finish();
    assert_eq!(code, 2, "{screen}");
    for args in [
        &["revoke", "one", "--no-input"] as &[_],
        &["revoke", "two", "--yes"],
        &["revoke", "three", "--json"],
    ] {
        let (code, _, screen) = Terminal::start(&sandbox, args).finish();
        assert_eq!(code, 0, "{args:?}: {screen}");
    }
    assert_eq!(key_count(&sandbox), 0);
}

#[test]
fn what_was_agreed_to_is_what_is_revoked() {
    let sandbox = Sandbox::new();
    let (first, _) = issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let mut terminal = Terminal::start(&sandbox, &["revoke", "ci"]);
    terminal.expect(&first);
    terminal.expect("[y/N]");
    // While the question is open, the name goes to another key.
    sandbox.run(&["revoke", &first], "").expect_code(0);
    let (_, token) = issue(&sandbox, &["--dataset", "prod", "--name", "ci"]);
    terminal.press("y\r");
    let (code, stdout, _) = terminal.finish();
    assert_eq!((code, stdout), (0, format!("already_revoked {first}\n")));
    sandbox
        .run(&["verify", "-d", "prod"], &token)
        .expect_code(0);
}

#[test]
fn tokens_are_not_typed_in_where_they_would_be_seen() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1"]);
    for args in [
        &["verify", "--batch"] as &[_],
        &["verify", "--json"],
        &["revoke", "-", "--json"],
        &["revoke", "-", "--no-input"],
        &["show", "-", "--json"],
    ] {
        let (code, _, screen) = Terminal::start(&sandbox, args).finish();
        assert_eq!(code, 2, "{args:?}: {screen}");
        assert!(
            screen.contains("would show the token"),
            "{args:?}: {screen}"
        );
    }
}

#[test]
fn a_filter_tells_how_many_keys_and_how_many_are_in_use_and_asks() {
    let sandbox = Sandbox::new();
    let (used, token) = issue(&sandbox, &["--dataset", "ds_1"]);
    issue(&sandbox, &["--dataset", "ds_1", "--dataset", "ds_2"]);
    sandbox
        .run(&["verify", "-d", "ds_1"], &token)
        .expect_code(0);
    let args = ["revoke", "--dataset", "ds_1"];
    let told = "this would revoke 1 key and take the dataset from 1 key in workspace default, 1 \
                used in the last 24 hours";
    let mut terminal = Terminal::start(&sandbox, &args);
    terminal.expect(told);
    terminal.expect(&used);
    terminal.expect("Revoke this key for ever? [y/N]");
    terminal.press("n\r");
    let (code, stdout, screen) = terminal.finish();
    assert_eq!((code, stdout.as_str()), (1, ""), "{screen}");
    assert_eq!(key_count(&sandbox), 2);
    // What fits only after the question was asked was not agreed to.
    let mut terminal = Terminal::start(&sandbox, &args);
    terminal.expect("[y/N]");
    let (late, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    terminal.press("y\r");
    let (code, stdout, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(
        stdout.starts_with(&format!("revoked {used}\nunbound ")),
        "{stdout}"
    );
    assert!(!stdout.contains(&late), "{stdout}");
    assert_eq!(key_count(&sandbox), 2);
}

#[test]
fn prune_asks_and_takes_no_for_an_answer() {
    let sandbox = Sandbox::new();
    let (id, _) = issue(&sandbox, &["--dataset", "ds_1"]);
    sandbox.run(&["revoke", &id], "").expect_code(0);
    super::next_second();
    let args = ["prune", "--revoked", "--older-than", "0s"];
    for (answer, code, printed) in [
        ("n\r", 1, String::new()),
        ("yes\r", 0, format!("pruned {id}\n")),
    ] {
        let mut terminal = Terminal::start(&sandbox, &args);
        terminal.expect("Really remove the record of 1 key in workspace default? [y/N]");
        terminal.press(answer);
        let (ended, stdout, screen) = terminal.finish();
        assert_eq!((ended, stdout), (code, printed), "{screen}");
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let sandbox = Sandbox::new();
    issue(&sandbox, &["--dataset", "ds_1", "--name", "ci"]);
    let mut terminal = Terminal::start_after(&sandbox, &["revoke", "ci"], "y\r");
    terminal.expect("[y/N]");
    terminal.press("\r");
    let (code, stdout, screen) = terminal.finish();
    assert_eq!((code, stdout.as_str()), (1, ""), "{screen}");
    assert_eq!(key_count(&sandbox), 1);
}

#[test]
fn whoever_agreed_to_less_has_not_agreed_to_more() {
    let sandbox = Sandbox::new();
    let (_, token) = issue(&sandbox, &["--dataset", "a", "--dataset", "b"]);
    let mut terminal = Terminal::start(&sandbox, &["revoke", "--dataset", "a"]);
    terminal.expect("take the dataset from 1 key");
    terminal.expect("[y/N]");
    // Meanwhile it loses the other one, and would now be revoked.
    sandbox
        .run(&["revoke", "--dataset", "b", "--yes"], "")
        .expect_code(0);
    terminal.press("y\r");
    let (code, stdout, screen) = terminal.finish();
    assert_eq!((code, stdout.as_str()), (0, ""), "{screen}");
    let told = "1 key changed while the question was open and was left: run it again";
    assert!(screen.contains(told), "{screen}");
    sandbox.run(&["verify", "-d", "a"], &token).expect_code(0);
}
