//! Secrets in random company, written in every way that is promised. Encoders here are the test's own.

use crate::redact::secrets;
use proptest::prelude::*;
use std::borrow::Cow;

/// The ways to write a secret.
#[derive(Clone, Copy, Debug)]
enum Encoding {
    Plain,
    Hex { upper: bool },
    Base64 { url: bool, before: usize, after: usize },
    Percent { all: bool, plus: bool },
    Json { all: bool },
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![
        Just(Encoding::Plain),
        any::<bool>().prop_map(|upper| Encoding::Hex { upper }),
        (any::<bool>(), 0..3_usize, 0..3_usize).prop_map(|(url, before, after)| Encoding::Base64 { url, before, after }),
        any::<(bool, bool)>().prop_map(|(all, plus)| Encoding::Percent { all, plus }),
        any::<bool>().prop_map(|all| Encoding::Json { all }),
    ]
}

fn base64(bytes: &[u8], url: bool) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let digit = |worth: u32| match worth & 63 {
        62 => {
            if url {
                '-'
            } else {
                '+'
            }
        }
        63 => {
            if url {
                '_'
            } else {
                '/'
            }
        }
        worth => char::from(alphabet[worth as usize]),
    };
    let group = |group: &[u8]| {
        let three = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let all = three[0] << 16 | three[1] << 8 | three[2];
        [18, 12, 6, 0].into_iter().take(group.len() + 1).map(|by| digit(all >> by)).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn written(secret: &str, encoding: Encoding) -> String {
    match encoding {
        Encoding::Plain => secret.to_owned(),
        Encoding::Hex { upper: false } => secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        Encoding::Hex { upper: true } => secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
        Encoding::Base64 { url, before, after } => base64(&[&b"{}"[..before], secret.as_bytes(), &b"{}"[..after]].concat(), url),
        Encoding::Percent { all, plus } => {
            let escape = |byte: u8| match byte {
                b' ' if plus => "+".into(),
                byte if all || !byte.is_ascii_alphanumeric() => format!("%{byte:02X}"),
                byte => char::from(byte).to_string(),
            };
            secret.bytes().map(escape).collect()
        }
        Encoding::Json { all } => {
            let escape = |it: char| match it {
                '"' | '\\' if !all => format!("\\{it}"),
                it if all || it.is_control() => {
                    it.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
                }
                it => it.to_string(),
            };
            secret.chars().map(escape).collect()
        }
    }
}

fn a_secret() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~]{6,24}",
        2 => "[ab]{6,9}",
        1 => "[%\\\\+4A]{6,9}",
        1 => "\\PC{6,12}",
    ]
}

/// Text that may begin or end in the middle of what an encoding is made of.
fn between() -> impl Strategy<Value = String> {
    prop_oneof!["[ .,:;!]{1,5}", "[ab%\\\\+=4A]{0,6}", "\\PC{0,8}", Just(String::new())]
}

/// Secrets, a text with some of them in it, and how each is written there. A dot keeps what stands before from making another
/// escape of the first characters.
fn case() -> impl Strategy<Value = (Vec<String>, String, Vec<String>)> {
    (prop::collection::vec(a_secret(), 1..5), prop::collection::vec((any::<prop::sample::Index>(), encoding(), between()), 0..6))
        .prop_map(|(secrets, parts)| {
            let forms: Vec<String> = parts.iter().map(|(which, how, _)| written(which.get::<String>(&secrets), *how)).collect();
            let text = forms.iter().zip(&parts).map(|(form, (_, _, between))| format!(".{form}{between}")).collect();
            (secrets, text, forms)
        })
}

proptest! {
    #[test]
    fn no_secret_is_left_in_any_encoding_and_once_is_enough((known, text, forms) in case()) {
        let mut all = secrets(&[]);
        let registered = known.iter().filter(|it| all.register(crate::fixture::name("s"), it.as_bytes()).is_ok()).count();
        prop_assume!(registered == known.len());
        let clean = all.redact_text(&text);
        for form in &known {
            prop_assert!(!clean.contains(form.as_str()), "{clean}");
        }
        // What surrounds base64 is encoded with it, and may stay where the secret is gone.
        for form in &forms {
            prop_assert!(!clean.contains(form.as_str()), "{form} in {clean}");
        }
        for secret in &known {
            for how in [
                Encoding::Hex { upper: false }, Encoding::Hex { upper: true }, Encoding::Base64 { url: false, before: 0, after: 0 },
                Encoding::Base64 { url: true, before: 0, after: 0 }, Encoding::Percent { all: true, plus: false },
                Encoding::Percent { all: false, plus: true }, Encoding::Json { all: true }, Encoding::Json { all: false },
            ] {
                prop_assert!(!clean.contains(&written(secret, how)), "{how:?} of {secret} in {clean}");
            }
        }
        prop_assert!(all.is_clean(clean.as_bytes()));
        prop_assert!(matches!(all.redact_text(&clean), Cow::Borrowed(_)), "once is enough");
        prop_assert_eq!(&*all.redact(clean.as_bytes()), clean.as_bytes());
    }

    #[test]
    fn what_holds_no_secret_is_the_same_byte_for_byte(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'%'), Just(b'\\'), Just(b'4')], 0..200),
    ) {
        let all = secrets(&[("a", b"hunter2"), ("b", b"correct horse battery staple"), ("c", &[0xff; 32])]);
        prop_assert!(matches!(all.redact(&bytes), Cow::Borrowed(same) if same == bytes));
        let text = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(&all.redact_text(&text), &text);
    }

    #[test]
    fn exactly_the_secrets_go_from_a_text_that_encodes_nothing(
        parts in prop::collection::vec(("[ .,;]{1,3}", 0..3_usize), 0..8), end in "[ .,;]{0,3}",
    ) {
        let known = ["hunter2", "hunter22", "rabbit"];
        let all = secrets(&[("0", b"hunter2"), ("1", b"hunter22"), ("2", b"rabbit")]);
        let text = |word: &dyn Fn(usize) -> String| {
            parts.iter().map(|(before, which)| format!("{before}{}", word(*which))).collect::<String>() + &end
        };
        let original = text(&|which| known[which].into());
        prop_assert_eq!(all.redact_text(&original), text(&|which| format!("[secret:{which}]")));
    }

    #[test]
    fn any_bytes_come_out_clean_and_bounded(bytes in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(b'%'),
        Just(b'\\'), Just(b'6'), Just(b'1'), Just(b'['), Just(b']'), Just(b':')], 0..120))
    {
        let all = secrets(&[("a", b"aaaaaa"), ("ab", b"aababab"), ("b", b"]aaaaab"), ("c", b"\\\\aaaa"), ("d", b"%61%61")]);
        let clean = all.redact(&bytes);
        prop_assert!(all.is_clean(&clean));
        prop_assert!(clean.len() <= bytes.len() * 13);
        prop_assert!(matches!(all.redact(&clean), Cow::Borrowed(_)));
    }
}
