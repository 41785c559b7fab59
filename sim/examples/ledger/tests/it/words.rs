//! What scenarios may say, and what they are told when they say something else.

use antfarm_keeper::Ledgers;
use antfarm_sim::scenario::Registry;

const FILE: &str = r#"
purpose  = "puts are kept"
machine  = "ledger"
nodes    = 2
config   = { segment_bytes = 4_096, pending_bytes = 65_536, checkpoint_every = "1s", reopen_after = "1s", depth = "whole" }
ask      = [{ rate = "10/s", put = "1b..2kb", again = "1%..5%" }]
"#;

fn trouble(from: &str, to: &str) -> String {
    let text = FILE.replace(from, to);
    assert_ne!(text, FILE, "`{from}` is in the file");
    match Registry::new().with(Ledgers).read("x.toml", &text) {
        Ok(_) => panic!("`{to}` was taken"),
        Err(troubles) => troubles.to_string(),
    }
}

#[test]
fn a_file_with_every_key_is_taken() {
    assert!(Registry::new().with(Ledgers).read("x.toml", FILE).is_ok());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (from, to, told) in [
        ("1b..2kb", "1b..2mb", "x.toml:6:36: the unit of a size is `b` or `kb`; write \"64b\" or \"64b..2kb\""),
        ("1b..2kb", "2kb..1b", "x.toml:6:36: a range runs upwards: write the lesser size first"),
        ("1b..2kb", "1mb", "x.toml:6:36: the unit of a size is `b` or `kb`; write \"64b\" or \"64b..2kb\""),
        ("1b..2kb", "300kb", "x.toml:6:36: a put is at most 128kb; a keeper takes 64kb"),
        ("reopen_after = \"1s\"", "reopen_after = \"0s\"", "x.toml:5:101: wait at least 1ms"),
        ("whole", "half", "x.toml:5:115: unknown word `half`; there is `tail`, `whole`"),
        (
            "put = ",
            "puts = ",
            "x.toml:6:13: `put` is missing in an ask\nx.toml:6:30: unknown key `puts` in an ask; did you mean `put`?",
        ),
    ] {
        assert_eq!(trouble(from, to), told, "{to}");
    }
}
