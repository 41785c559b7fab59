//! Signatures: bound to domain, colony and message, and verified in the narrowest sense.

use antfarm_identity::{
    BadKey, BadSignature, Digest, Domain, Malformed, PublicKey, Reason, Signature, Signer, from_bytes, to_bytes,
};
use ed25519_dalek::{Verifier, VerifyingKey};
use std::collections::HashSet;

const ONE: Domain = Domain::new("antfarm 2026 test one");
const TWO: Domain = Domain::new("antfarm 2026 test two");

/// The order of the base point, little-endian.
const ORDER: [u8; 32] = {
    let mut order = [0; 32];
    let low = 27_742_317_777_372_353_535_851_937_790_883_648_493u128.to_le_bytes();
    let mut at = 0;
    while at < low.len() {
        order[at] = low[at];
        at += 1;
    }
    order[31] = 0x10;
    order
};

fn colony(number: u8) -> Digest {
    Digest::from_bytes([number; 32])
}

#[test]
fn a_signature_counts_only_for_its_key_domain_colony_and_message() {
    let signer = Signer::insecure(1);
    let signature = signer.sign(ONE, colony(1), b"message");
    let verify = |signer: u64, domain, home, message: &[u8]| {
        Signer::insecure(signer).public().verify(domain, colony(home), message, &signature)
    };
    assert_eq!(verify(1, ONE, 1, b"message"), Ok(()));
    assert_eq!(verify(2, ONE, 1, b"message"), Err(BadSignature::Mismatch));
    assert_eq!(verify(1, TWO, 1, b"message"), Err(BadSignature::Mismatch));
    assert_eq!(verify(1, ONE, 2, b"message"), Err(BadSignature::Mismatch));
    assert_eq!(verify(1, ONE, 1, b"massage"), Err(BadSignature::Mismatch));
}

#[test]
fn every_flipped_bit_of_a_signature_is_seen() {
    let signer = Signer::insecure(1);
    let bytes = *signer.sign(ONE, colony(1), b"message").as_bytes();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes;
        flipped[bit / 8] ^= 1 << (bit % 8);
        let counts = Signature::new(flipped).and_then(|it| signer.public().verify(ONE, colony(1), b"message", &it));
        assert!(counts.is_err(), "bit {bit}");
    }
}

#[test]
fn nobody_can_make_a_second_signature_from_the_first() {
    let mut bytes = *Signer::insecure(1).sign(ONE, colony(1), b"message").as_bytes();
    // s + order is the same scalar, unreduced.
    let mut carry = 0u16;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        let [low, high] = sum.to_le_bytes();
        (*byte, carry) = (low, u16::from(high));
    }
    assert_eq!(Signature::new(bytes), Err(BadSignature::NotReduced));
    assert_eq!(from_bytes::<Signature>(&bytes), Err(Malformed { offset: 0, reason: Reason::Illegal { what: "Signature" } }));
}

#[test]
fn a_scalar_is_reduced_when_it_is_below_the_order() {
    let with = |scalar: [u8; 32]| {
        let mut bytes = [0; 64];
        bytes[32..].copy_from_slice(&scalar);
        Signature::new(bytes).map(|_| ())
    };
    let mut below = ORDER;
    below[0] -= 1;
    assert_eq!(with(below), Ok(()));
    assert_eq!(with(ORDER), Err(BadSignature::NotReduced));
    assert_eq!(with([0xff; 32]), Err(BadSignature::NotReduced));
}

/// y = 0, 1 and -1 are the small-order points that can be written down from memory; p, p + 1 are 0 and 1 again.
#[test]
fn keys_that_anybody_could_sign_for_or_write_in_two_ways_are_refused() {
    let mut p = [0xffu8; 32];
    (p[0], p[31]) = (0xed, 0x7f);
    let plus = |n: i8| {
        let mut bytes = p;
        bytes[0] = p[0].checked_add_signed(n).expect("no carry");
        bytes
    };
    let small = |y: u8| {
        let mut bytes = [0; 32];
        bytes[0] = y;
        bytes
    };
    let signed = |mut bytes: [u8; 32]| {
        bytes[31] |= 0x80;
        bytes
    };
    assert_eq!(PublicKey::new(small(0)), Err(BadKey::SmallOrder));
    assert_eq!(PublicKey::new(signed(small(0))), Err(BadKey::SmallOrder));
    assert_eq!(PublicKey::new(small(1)), Err(BadKey::SmallOrder));
    assert_eq!(PublicKey::new(plus(-1)), Err(BadKey::SmallOrder));
    assert_eq!(PublicKey::new(small(2)), Err(BadKey::NotAPoint));
    for n in 0..=18 {
        assert_eq!(PublicKey::new(plus(n)), Err(BadKey::NotCanonical), "p + {n}");
        assert_eq!(PublicKey::new(signed(plus(n))), Err(BadKey::NotCanonical), "p + {n}, signed");
    }
    let refused = Err(Malformed { offset: 0, reason: Reason::Illegal { what: "PublicKey" } });
    for bytes in [small(0), signed(small(1)), plus(-1), plus(0), plus(18), signed(plus(3))] {
        assert_eq!(from_bytes::<PublicKey>(&bytes), refused, "{bytes:?}");
    }
}

/// The points of order eight, as libsodium's list of refused keys has them; the library's arithmetic says the same of them.
#[test]
fn the_points_of_order_eight_are_refused_by_their_bytes() {
    let low = [
        (0x26e8_958f_c2b2_27b0_45c3_f489_f2ef_98f0_u128, 0xd5df_ac05_d3c6_3339_b138_0288_6d53_fc05_u128),
        (0xc717_6a70_3d4d_d84f_ba3c_0b76_0d10_670f, 0x2a20_53fa_2c39_ccc6_4ec7_fd77_92ac_037a),
    ];
    for (first, last) in low {
        for sign in [0, 0x80] {
            let mut bytes = [0; 32];
            bytes[..16].copy_from_slice(&first.to_be_bytes());
            bytes[16..].copy_from_slice(&last.to_be_bytes());
            bytes[31] |= sign;
            assert!(VerifyingKey::from_bytes(&bytes).expect("a point").is_weak());
            assert_eq!(PublicKey::new(bytes), Err(BadKey::SmallOrder));
            assert_eq!(
                from_bytes::<PublicKey>(&bytes),
                Err(Malformed { offset: 0, reason: Reason::Illegal { what: "PublicKey" } })
            );
        }
    }
}

/// Decoding does not look for the point. Where there is none, nothing counts as signed, and whoever asks is told.
#[test]
fn a_decoded_key_that_is_no_point_is_refused_where_it_is_used() {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    assert_eq!(PublicKey::new(bytes), Err(BadKey::NotAPoint));
    let key = from_bytes::<PublicKey>(&bytes).expect("its bytes are in order");
    assert_eq!(to_bytes(&key), bytes);
    assert_eq!(key.check(), Err(BadKey::NotAPoint));
    let signature = Signer::insecure(1).sign(ONE, colony(1), b"message");
    assert_eq!(key.verify(ONE, colony(1), b"message", &signature), Err(BadSignature::Key(BadKey::NotAPoint)));
    assert_eq!(Signer::insecure(1).public().check(), Ok(()));
}

/// What is signed, put together from its description: an implementation in another language must be able to follow.
fn statement() -> Vec<u8> {
    let mut statement = vec![21];
    statement.extend(b"antfarm 2026 test one");
    statement.extend([1; 32]);
    statement.extend(Digest::of(ONE, b"message").as_bytes());
    statement
}

/// Verifies by the library alone, strictly or as RFC 8032 asks at least.
fn plainly(key: PublicKey, statement: &[u8], signature: &[u8; 64], strict: bool) -> bool {
    let key = VerifyingKey::from_bytes(key.as_bytes()).expect("a key");
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    if strict { key.verify_strict(statement, &signature).is_ok() } else { key.verify(statement, &signature).is_ok() }
}

/// Made with the key, by arithmetic outside of this crate: R is the neutral point and s = H(R, A, statement) a mod L.
#[test]
fn a_signature_whose_point_is_of_small_order_does_not_count_although_the_equation_holds() {
    let mut bytes = [0; 64];
    bytes[0] = 1;
    bytes[32..48].copy_from_slice(&0x2d3e_98f4_a275_e8ae_b366_cf6e_6cb4_859e_u128.to_le_bytes());
    bytes[48..].copy_from_slice(&0x0ecc_6f1a_3971_f6f5_bad3_21f6_0cd8_c85b_u128.to_le_bytes());
    let public = Signer::new(&[0xa7; 32]).public();
    assert!(plainly(public, &statement(), &bytes, false), "the equation holds");
    let signature = Signature::new(bytes).expect("reduced");
    assert_eq!(public.verify(ONE, colony(1), b"message", &signature), Err(BadSignature::Mismatch));
}

#[test]
fn a_signer_is_its_public_key_and_never_shows_its_secret() {
    let secret = [0xa7; 32];
    let (signer, again) = (Signer::new(&secret), Signer::new(&secret));
    assert_eq!(signer, again);
    assert_ne!(signer, Signer::insecure(1));
    assert_eq!(HashSet::from([signer.clone(), again]).len(), 1);
    let shown = format!("{signer:?} {signer:#?}");
    assert!(!shown.contains("a7a7") && !shown.contains("167, 167"), "{shown}");
    assert!(shown.contains(&signer.public().to_string()[..8]));
}

#[test]
fn keys_and_signatures_are_encoded_as_their_bytes() {
    let signer = Signer::insecure(1);
    let signature = signer.sign(ONE, colony(1), b"message");
    assert_eq!(to_bytes(&signer.public()), signer.public().as_bytes());
    assert_eq!(to_bytes(&signature), signature.as_bytes());
    assert_eq!(from_bytes(&to_bytes(&signer.public())), Ok(signer.public()));
    assert_eq!(from_bytes(&to_bytes(&signature)), Ok(signature));
}

#[test]
fn what_is_signed_is_the_described_statement() {
    let signer = Signer::insecure(1);
    let signature = signer.sign(ONE, colony(1), b"message");
    assert!(plainly(signer.public(), &statement(), signature.as_bytes(), true));
    assert!(!plainly(signer.public(), &statement()[1..], signature.as_bytes(), true));
}

#[test]
fn the_signature_of_a_known_signer_is_the_pinned_one() {
    let signature = Signer::insecure(1).sign(ONE, colony(1), b"message");
    assert_eq!(Signer::insecure(1).public().to_string(), "30fa57168a57f4626e996196b31c291635f5ed1b13d36884e5ad178a2d94a443");
    assert_eq!(
        signature.to_string(),
        "016a905d8b3870e168c686e81e2c815d0712ed515d517cb09d4c680540c4ca0a\
         005565a2de2df160bf14dca4716f23b87f1784d4cba35fcb8c423d6996f0c10f"
    );
}
