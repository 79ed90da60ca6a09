use snapbox::{assert_data_eq, str};

use super::{Sandbox, json, transcript};

#[test]
fn path_tells_where_the_store_is_or_would_be() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        transcript(&sandbox.run(&["store", "path"], "")),
        str![[r#"
[PLACE]
--- stderr
--- exit 0

"#]]
    );
    assert!(!sandbox.has_store(), "asking makes nothing");
}

#[test]
fn init_makes_a_store_once() {
    let sandbox = Sandbox::new();
    assert_data_eq!(
        transcript(&sandbox.run(&["store", "init"], "")),
        str![[r#"
[PLACE]
--- stderr
made a new store: [PLACE]
--- exit 0

"#]]
    );
    let made = sandbox.stored();
    sandbox.run(&["store", "init"], "").expect_code(0);
    assert_eq!(sandbox.stored(), made);
    let list = sandbox.run(&["list", "--json"], "").expect_code(0);
    assert_eq!(json(&list)["count"], 0);
}
