//! Digests: pinned values, separation of domains, and the one way to write them.

use antfarm_identity::{BadDigest, Digest, Domain, Salt, Signer, from_bytes, to_bytes};

const ONE: Domain = Domain::new("antfarm 2026 test one");
const TWO: Domain = Domain::new("antfarm 2026 test two");

/// Chapter and verse: BLAKE3's published test vector for `derive_key` of the single byte 0.
#[test]
fn a_digest_is_blake3_in_derive_key_mode() {
    let domain = Domain::new("BLAKE3 2019-12-27 16:29:52 test vectors context");
    let expected = "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c";
    assert_eq!(Digest::of(domain, &[0]).to_string(), expected);
}

/// The keys that a domain computes for itself are those of the crate that digests under them: at every length, so that every number
/// of blocks and every fill of the last one is tried.
#[test]
fn a_domain_has_the_key_that_blake3_derives() {
    let text: &'static str =
        Box::leak((0..255).map(|at| char::from(b" ?&0123=abcxyzABC"[at * 7 % 17])).collect::<String>().into_boxed_str());
    for length in 1..=text.len() {
        let text = &text[..length];
        for bytes in [&b""[..], b"bytes", &[7; 3000]] {
            let expected = Digest::from_bytes(blake3::derive_key(text, bytes));
            assert_eq!(Digest::of(Domain::new(text), bytes), expected, "{text}");
        }
    }
}

#[test]
fn equal_bytes_have_unrelated_digests_in_two_domains_and_under_two_salts() {
    let salt = |byte| Salt([byte; 16]);
    let digests = [
        Digest::of(ONE, b"a"),
        Digest::of(TWO, b"a"),
        Digest::of(ONE, b"b"),
        Digest::salted(ONE, salt(0), b"a"),
        Digest::salted(ONE, salt(1), b"a"),
        Digest::salted(TWO, salt(0), b"a"),
    ];
    for (at, digest) in digests.iter().enumerate() {
        assert!(!digests[..at].contains(digest), "digest {at}");
    }
    assert_eq!(Digest::salted(ONE, salt(7), b"a"), Digest::of(ONE, &[&[7; 16][..], b"a"].concat()));
}

#[test]
fn salts_are_repeatable_by_the_signer_and_differ_by_signer_domain_and_number() {
    let salt = |signer, domain, number| Signer::insecure(signer).salt(domain, number);
    let first = salt(1, ONE, 1);
    assert_eq!(first, salt(1, ONE, 1));
    assert!(![salt(2, ONE, 1), salt(1, TWO, 1), salt(1, ONE, 2)].contains(&first));
}

#[test]
fn a_digest_is_written_in_one_way() {
    let digest = Digest::of(ONE, b"a");
    let text = digest.to_string();
    assert_eq!(text.parse(), Ok(digest));
    assert_eq!(format!("{digest:?}"), text[..8]);
    assert_eq!(from_bytes(&to_bytes(&digest)), Ok(digest));
    assert_eq!(to_bytes(&digest), digest.as_bytes());

    let refuse = |text: &str, why| assert_eq!(text.parse::<Digest>(), Err(why));
    refuse("", BadDigest::Length { digits: 0 });
    refuse(&text[1..], BadDigest::Length { digits: 63 });
    refuse(&format!("{text}0"), BadDigest::Length { digits: 65 });
    refuse(&"A".repeat(64), BadDigest::Digit { at: 0 });
    refuse(&format!("{} ", &text[1..]), BadDigest::Digit { at: 63 });
    refuse("0\u{e9}", BadDigest::Digit { at: 1 });
}

#[test]
fn digests_are_in_the_order_of_their_bytes() {
    let at = |place: usize, byte| {
        let mut bytes = [0x80; 32];
        bytes[place] = byte;
        bytes
    };
    let bytes: Vec<[u8; 32]> = (0..32).flat_map(|place| [0, 0x7f, 0x80, 0xff].map(|byte| at(place, byte))).collect();
    for one in &bytes {
        for two in &bytes {
            assert_eq!(Digest::from_bytes(*one).cmp(&Digest::from_bytes(*two)), one.cmp(two), "{one:?} {two:?}");
        }
    }
}

#[test]
#[should_panic(expected = "printable ASCII")]
fn a_domain_is_printable() {
    Domain::new("new\nline");
}
