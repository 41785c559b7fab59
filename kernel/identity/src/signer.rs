//! Who can sign: the one thing that holds a secret.
//!
//! Rule kept: the secret never becomes state. A signer compares, hashes and prints as its public key, has no encoding, and
//! wipes the secret when its last clone is dropped. It makes no secrets either: randomness comes from outside.
//!
//! What it made can be watched, and recalled by a signer that has no secret: so a recorded run can be run again anywhere.

use crate::key::statement;
use crate::made::{Made, Recalled, salted, signed};
use crate::{Digest, Domain, PublicKey, Salt, Signature};
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use ed25519_dalek::ed25519::signature::Signer as _;
use ed25519_dalek::{SECRET_KEY_LENGTH, SigningKey};

/// Signs as one [`PublicKey`]. Cloning is cheap, so it can be a part of a machine.
///
/// ```
/// use antfarm_identity::{BadSignature, Digest, Domain, Signer};
/// const HEAD: Domain = Domain::new("antfarm 2026 example head");
///
/// let signer = Signer::insecure(1);
/// let colony = Digest::of(Domain::new("antfarm 2026 example colony"), b"mine");
/// let signature = signer.sign(HEAD, colony, b"message");
/// assert_eq!(signer.public().verify(HEAD, colony, b"message", &signature), Ok(()));
/// assert_eq!(signer.public().verify(HEAD, Digest::ZERO, b"message", &signature), Err(BadSignature::Mismatch));
/// ```
#[derive(Clone)]
pub struct Signer {
    source: Source,
    public: PublicKey,
}

/// Told of everything that a signer makes, as it is made.
type Witness = dyn Fn(Made) + Send + Sync;

#[derive(Clone)]
enum Source {
    Secret(Arc<SigningKey>),
    Watched(Arc<SigningKey>, Arc<Witness>),
    /// There is no secret: only what was made already.
    Recalled(Arc<Recalled>),
}

impl Signer {
    /// The signer with this secret, which is 32 bytes of good randomness (RFC 8032, section 5.1.5). The caller wipes its copy.
    pub fn new(secret: &[u8; SECRET_KEY_LENGTH]) -> Self {
        let secret = SigningKey::from_bytes(secret);
        let public = PublicKey::of(&secret);
        Self { source: Source::Secret(Arc::new(secret)), public }
    }

    /// The same signer; whatever this one makes is shown to `witness`, at once and by whoever signs.
    #[must_use]
    pub fn watched(&self, witness: Arc<dyn Fn(Made) + Send + Sync>) -> Self {
        let source = match &self.source {
            Source::Secret(secret) | Source::Watched(secret, _) => Source::Watched(secret.clone(), witness),
            // What it would make was made before.
            Source::Recalled(recalled) => Source::Recalled(recalled.clone()),
        };
        Self { source, public: self.public }
    }

    /// Who makes again what the signer with this key made, and has no secret. Where it is asked for anything else it gives zeros,
    /// which are nobody's signature, and [`Recalled::misses`] counts it.
    pub const fn recalling(public: PublicKey, recalled: Arc<Recalled>) -> Self {
        Self { source: Source::Recalled(recalled), public }
    }

    /// The signer with a number that everybody knows: for tests and simulations, never for anything else.
    pub fn insecure(number: u64) -> Self {
        const DOMAIN: Domain = Domain::new("antfarm 2026 insecure test signer");
        Self::new(Digest::of(DOMAIN, &number.to_le_bytes()).as_bytes())
    }

    /// The key that its signatures verify against.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs `message` as a thing of kind `domain` in `colony`. Equal arguments give equal signatures.
    pub fn sign(&self, domain: Domain, colony: Digest, message: &[u8]) -> Signature {
        self.sign_bytes(&statement(domain, colony, message))
    }

    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> Signature {
        match &self.source {
            Source::Secret(secret) => Signature::of(&secret.sign(bytes)),
            Source::Watched(secret, witness) => {
                let signature = Signature::of(&secret.sign(bytes));
                witness(Made::Signature { of: signed(bytes), signature });
                signature
            }
            Source::Recalled(recalled) => recalled.signature(&signed(bytes)).unwrap_or(Signature::NONE),
        }
    }

    /// The salt number `number` of this signer in `domain`: nobody can guess it without the secret, the signer always can. It is
    /// keyed BLAKE3 of the number, under a key derived from the secret in the domain.
    pub fn salt(&self, domain: Domain, number: u64) -> Salt {
        match &self.source {
            Source::Secret(secret) => derived(secret, domain, number),
            Source::Watched(secret, witness) => {
                let salt = derived(secret, domain, number);
                witness(Made::Salt { of: salted(domain, number), salt });
                salt
            }
            Source::Recalled(recalled) => recalled.salt(&salted(domain, number)).unwrap_or(Salt([0; 16])),
        }
    }
}

fn derived(secret: &SigningKey, domain: Domain, number: u64) -> Salt {
    let key = Digest::of(domain, secret.as_bytes());
    let hash = blake3::keyed_hash(key.as_bytes(), &number.to_le_bytes());
    let (salt, _) = hash.as_bytes().split_first_chunk().expect("a hash is longer than a salt");
    Salt(*salt)
}

impl PartialEq for Signer {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl Eq for Signer {}

impl Hash for Signer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.public.hash(state);
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({:?})", self.public)
    }
}

/// The published vectors are over bare messages, which only this crate can sign.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::BadSignature;
    use alloc::vec::Vec;

    fn bytes(hex: &str) -> Vec<u8> {
        let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
        assert!(rest.is_empty());
        let digit = |it: u8| u8::try_from(char::from(it).to_digit(16).expect("a digit")).expect("small");
        pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
    }

    #[track_caller]
    fn check(secret: &str, public: &str, message: &str, signature: &str) {
        let signer = Signer::new(&bytes(secret).try_into().expect("32 bytes"));
        let message = bytes(message);
        assert_eq!(signer.public().as_bytes(), &*bytes(public));
        let made = signer.sign_bytes(&message);
        assert_eq!(made.as_bytes(), &*bytes(signature));
        assert_eq!(signer.public().verify_bytes(&message, &made), Ok(()));
        assert_eq!(signer.public().verify_bytes(b"else", &made), Err(BadSignature::Mismatch));
    }

    #[test]
    fn signatures_are_those_of_rfc_8032_section_7_1() {
        check(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        check(
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        check(
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        );
    }
}
