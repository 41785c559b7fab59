//! Secrets, one guarantee after the other.

use crate::fixture::name;
use antfarm_authority::{Bytes, Text};
use antfarm_identity::Salt;
use antfarm_node::{BadSecret, MAX_PASSES, MAX_SECRET, MAX_SECRETS, REPLACED, Secrets};
use std::borrow::Cow;

pub(crate) fn secrets(known: &[(&str, &[u8])]) -> Secrets {
    let mut secrets = Secrets::new(Salt(*b"0123456789abcdef"));
    for (called, secret) in known {
        secrets.register(name(called), secret).expect("it may be registered");
    }
    secrets
}

#[track_caller]
fn check(known: &[(&str, &str)], text: &str, expected: &str) {
    let known: Vec<(&str, &[u8])> = known.iter().map(|(called, secret)| (*called, secret.as_bytes())).collect();
    assert_eq!(secrets(&known).redact_text(text), expected);
}

#[test]
fn a_secret_is_taken_out_however_it_is_written() {
    let db = [("db", "hunter2 & \"co\"/")];
    check(&db, "is hunter2 & \"co\"/!", "is [secret:db]!");
    // JSON: as serializers write it, and as nobody does.
    check(&db, r#"{"p":"hunter2 & \"co\"/"}"#, r#"{"p":"[secret:db]"}"#);
    check(&db, r#"{"p":"\u0068unter2 \u0026 \"c\u006F\"\/"}"#, r#"{"p":"[secret:db]"}"#);
    check(&db, r#""{\"p\":\"hunter2 & \\\"co\\\"/\"}""#, r#""{\"p\":\"[secret:db]\"}""#);
    check(&[("dos", "C:\\secret.txt")], r#"{"f":"C:\\secret.txt"}"#, r#"{"f":"[secret:dos]"}"#);
    check(&[("lines", "one\ntwo\n")], r#""{\"p\":\"one\\ntwo\\n\"}""#, r#""{\"p\":\"[secret:lines]\"}""#);
    // URLs and forms.
    check(&db, "?p=hunter2%20%26%20%22co%22%2f&q", "?p=[secret:db]&q");
    check(&db, "?p=hunter2+%26+%22co%22%2F&q", "?p=[secret:db]&q");
    check(&db, "?p=%68%75nter2%20&%20\"co\"/", "?p=[secret:db]");
    // Hexadecimal.
    check(&db, "68756e7465723220262022636f222f", "[secret:db]");
    check(&db, "x'0068756E7465723220262022636F222fff'", "x'00[secret:db]ff'");
    check(&db, "a68756e746572322026\n2022636f222f", "a[secret:db]");
    // Base64: alone, and behind one or two bytes.
    check(&db, "aHVudGVyMiAmICJjbyIv", "[secret:db]");
    check(&db, "Basic eGh1bnRlcjIgJiAiY28iLw==", "Basic e[secret:db]==");
    check(&db, "Basic eHlodW50ZXIyICYgImNvIi96", "Basic eH[secret:db]6");
    for glued in ["x", "xy", "xyz"] {
        check(&db, &format!("{glued}aHVudGVyMiAmICJjbyIv"), &format!("{glued}[secret:db]"));
    }
    check(&db, "aHVudGVy\r\nMiAmICJjbyIv", "[secret:db]");
    check(&[("key", "\u{3ff}\u{3ff}\u{3ff}")], "z7_Pv8-_ z7/Pv8+/", "[secret:key] [secret:key]");
    check(&[("key", "\u{1f511}\u{1f512}")], r"\ud83d\udd11\uD83D\uDD12", "[secret:key]");
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    let db = [("db", "hunter2"), ("api", "password")];
    for text in [
        "",
        "hunter",
        "hunter 2",
        "HUNTER2",
        "the author of sessions",
        "token_count",
        "passwor",
        r"\u00",
        r"\",
        "%",
        "%6",
        "+",
        r"\ud83d",
        "68756e746572",
        "aHVudGVy",
    ] {
        check(&db, text, text);
    }
    let untouched = secrets(&[("db", b"hunter2")]);
    assert!(matches!(untouched.redact(&[0xff, 0, b'%', b'\\', b'+']), Cow::Borrowed(_)));
}

#[test]
fn of_secrets_that_overlap_touch_or_contain_each_other_nothing_is_left() {
    let known = [("ab", "aaaabbbb"), ("bc", "bbbbcccc"), ("in", "aabbbb"), ("long", "aaaabbbbccccdddd")];
    check(&known, "-aaaabbbb-", "-[secret:ab]-");
    check(&known, "-aaaabbbbcccc-", "-[secret:ab]-");
    check(&known, "-aaaabbbbccccdddd-", "-[secret:long]-");
    check(&known, "-aaaabbbbccccddd-", "-[secret:ab]ddd-");
    check(&known, "-aabbbbcccc-", "-[secret:in]-");
    check(&known, "-aaaabbbbbbbbcccc-", "-[secret:ab][secret:bc]-");
    // One that overlaps itself, and one across two encodings.
    check(&[("a", "aaaaaa")], "-aaaaaaaaaaaaaaa-", "-[secret:a]-");
    check(&[("x", "abcabcabc")], "abcabcabcabcabcabca", "[secret:x]a");
    check(&[("x", "%41%41"), ("y", "AAAAAA")], "%41%41AAAA%41%41", "[secret:y]");
}

#[test]
fn a_secret_that_a_marker_makes_is_taken_out_too() {
    check(&[("s", "hunter2"), ("t", "]rabbit")], "hunter2rabbit", "[secret:s[secret:t]");
    // Each marker of a chain makes the next secret; a long chain is given up.
    let links: Vec<String> = (0..10).map(|number| format!("{number}").repeat(6)).collect();
    let mut chain = secrets(&[("s", b"hunter2")]);
    for link in &links {
        chain.register(name("s"), format!("]{link}").as_bytes()).expect("it may be registered");
    }
    let text = |length: usize| format!("hunter2{}", links[..length].concat());
    assert_eq!(chain.redact_text(&text(MAX_PASSES - 1)), "[secret:s".repeat(MAX_PASSES) + "]");
    assert_eq!(chain.redact_text(&text(MAX_PASSES)), REPLACED);
}

#[test]
fn a_secret_is_refused_that_cannot_be_taken_out_well() {
    let mut secrets = secrets(&[("db", b"hunter2")]);
    let before = secrets.clone();
    assert_eq!(secrets.register(name("x"), b"short"), Err(BadSecret::TooShort));
    assert_eq!(secrets.register(name("x"), &[7; MAX_SECRET + 1]), Err(BadSecret::TooLong { length: MAX_SECRET + 1 }));
    for in_marker in ["secret", "secret:db", "[secre", "secrets]"] {
        assert_eq!(secrets.register(name("x"), in_marker.as_bytes()), Err(BadSecret::InMarker), "{in_marker}");
    }
    assert_eq!(secrets.register(name("hunter2"), b"rabbits"), Err(BadSecret::InMarker));
    assert_eq!(secrets.register(name("aHVudGVyMg"), b"rabbits"), Err(BadSecret::InMarker));
    assert_eq!(secrets, before);
    secrets.register(name("db"), b"hunter2").expect("it is the same");
    assert_eq!(secrets, before);
    for number in 1..MAX_SECRETS {
        secrets.register(name("more"), format!("secret no. {number:03}").as_bytes()).expect("there is room");
    }
    assert_eq!(secrets.register(name("db"), b"one more"), Err(BadSecret::TooMany));
    assert_eq!(secrets.redact_text("x secret no. 200 hunter2"), "x [secret:more] [secret:db]");
}

#[test]
fn no_secret_and_no_salt_is_printed() {
    let printed = format!("{:?}", secrets(&[("db", b"hunter2"), ("api", b"12345678")]));
    assert!(matches!(printed.as_str(), "Secrets[`db`, `api`]" | "Secrets[`api`, `db`]"), "{printed}");
}

#[test]
fn a_text_stays_a_text_around_a_secret_that_is_none() {
    let secrets = secrets(&[("raw", &[0xa9, b'1', b'2', b'3', b'4', b'5', 0xc3])]);
    assert_eq!(secrets.redact_text("x\u{e9}12345\u{e9}y"), "x[secret:raw]y");
    assert_eq!(*secrets.redact("x\u{e9}12345\u{e9}y".as_bytes()), *b"x\xc3[secret:raw]\xa9y");
}

#[test]
fn a_field_that_grows_past_its_bound_is_given_up() {
    let secrets = secrets(&[("db", b"hunter2")]);
    let field = |text: &str| secrets.redact_field(&Text::<16>::new(text).expect("short")).text().to_owned();
    assert_eq!(field("a hunter2"), "a [secret:db]");
    assert_eq!(field("hunter2 hunter2"), REPLACED);
    assert_eq!(field("a hunter"), "a hunter");
    let bytes = |bytes: &[u8]| secrets.redact_bytes(&Bytes::<16>::new(bytes).expect("short")).bytes().to_vec();
    assert_eq!(bytes(b"a hunter2"), b"a [secret:db]");
    assert_eq!(bytes(b"hunter2 hunter2"), REPLACED.as_bytes());
}

#[test]
fn a_long_secret_that_repeats_itself_leaves_one_marker_in_a_text_of_nothing_else() {
    let long = [b'a'; MAX_SECRET];
    let secrets = secrets(&[("a", &long), ("b", b"aaaaaab")]);
    let text = [b'a'; 1 << 20];
    assert_eq!(*secrets.redact(&text), *b"[secret:a]");
}
