//! What a signer made, made again by who has no secret.

use antfarm_identity::{BadSignature, Digest, Domain, Made, Recalled, Salt, Signer, from_bytes, to_bytes};
use std::sync::{Arc, Mutex};

const ONE: Domain = Domain::new("antfarm 2026 test recalled one");
const TWO: Domain = Domain::new("antfarm 2026 test recalled two");

/// A signer, and what it made since the last look.
fn watched(number: u64) -> (Signer, impl Fn() -> Vec<Made>) {
    let made = Arc::new(Mutex::new(Vec::new()));
    let theirs = made.clone();
    let signer = Signer::insecure(number).watched(Arc::new(move |it| theirs.lock().expect("nobody panicked").push(it)));
    (signer, move || std::mem::take(&mut *made.lock().expect("nobody panicked")))
}

#[test]
fn who_is_watched_makes_the_same_and_is_the_same() {
    let (plain, (watched, made)) = (Signer::insecure(1), watched(1));
    assert_eq!(watched.sign(ONE, Digest::ZERO, b"message"), plain.sign(ONE, Digest::ZERO, b"message"));
    assert_eq!(watched.salt(ONE, 7), plain.salt(ONE, 7));
    assert_eq!((watched.public(), &watched), (plain.public(), &plain));
    assert_eq!(format!("{watched:?}"), format!("{plain:?}"));
    assert!(matches!(made()[..], [Made::Signature { .. }, Made::Salt { .. }]), "each thing once, in order");
}

#[test]
fn what_was_made_is_made_again_without_the_secret_and_nothing_else_is() {
    let (signer, made) = watched(1);
    let signature = signer.sign(ONE, Digest::ZERO, b"message");
    let salts = [signer.salt(ONE, 7), signer.salt(ONE, 8), signer.salt(TWO, 7)];
    let seen: Vec<Made> = from_bytes(&to_bytes(&made())).expect("it has an encoding");
    let recalled = Arc::new(Recalled::new(seen.iter().chain(&seen).copied()));
    let again = Signer::recalling(signer.public(), recalled.clone());
    assert_eq!(again.sign(ONE, Digest::ZERO, b"message"), signature);
    assert_eq!([again.salt(ONE, 7), again.salt(ONE, 8), again.salt(TWO, 7)], salts);
    assert_eq!((again.public(), recalled.misses()), (signer.public(), 0));

    let elsewhere = Digest::from_bytes([1; 32]);
    for (misses, (domain, colony, message)) in
        (1..).zip([(TWO, Digest::ZERO, &b"message"[..]), (ONE, elsewhere, b"message"), (ONE, Digest::ZERO, b"massage")])
    {
        let none = again.sign(domain, colony, message);
        assert_eq!(signer.public().verify(domain, colony, message, &none), Err(BadSignature::Mismatch));
        assert_eq!(recalled.misses(), misses);
    }
    assert_eq!((again.salt(TWO, 8), recalled.misses()), (Salt([0; 16]), 4));
}
