//! Public keys and signatures, and when a signature counts.
//!
//! Rule kept: one answer for everybody. Ed25519 (RFC 8032) leaves room for verifiers that disagree about odd keys and
//! signatures; we take the narrowest reading. A key must be a canonical encoding of a point that is not of small order, a
//! signature's scalar must be reduced, its point not of small order, and the equation must hold without the cofactor. Batch
//! verification is deliberately absent: it accepts more.
//!
//! To find the point of a key costs a fifth of a verification, and most keys that are read back name somebody who signs nothing
//! there. So decoding looks at bytes only: it refuses a second way to write a point and the points of small order, which are
//! known by their bytes. A decoded key may therefore be no point; nobody can sign for it, [`PublicKey::verify`] refuses it by
//! name, and [`PublicKey::check`] is for whoever is about to trust a key before it signed anything.
//!
//! What is signed is never a bare message but a [`statement`]: kind, colony and digest. So a signature cannot be carried into
//! another colony or passed off as being about something else.

use crate::{Codec, Digest, Domain, Malformed, Reader, Reason, memo};
use alloc::vec::Vec;
use core::fmt;
use ed25519_dalek::VerifyingKey;

/// Who somebody is: an Ed25519 public key. Compares by its bytes; prints in hexadecimal, in `{:?}` the first eight digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Checks the bytes of a key, all of it: for keys that somebody writes down. About ten microseconds.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with them; see [`BadKey`].
    pub fn new(bytes: [u8; 32]) -> Result<Self, BadKey> {
        let key = Self::written(bytes)?;
        key.check()?;
        Ok(key)
    }

    /// Checks what can be seen without finding the point. What remains possible is [`BadKey::NotAPoint`].
    fn written(bytes: [u8; 32]) -> Result<Self, BadKey> {
        // y < p = 2^255 - 19, little-endian, without the sign bit.
        let [first, middle @ .., last] = &bytes;
        if *first >= 0xed && middle.iter().all(|byte| *byte == 0xff) && last | 0x80 == 0xff {
            return Err(BadKey::NotCanonical);
        }
        let mut unsigned = bytes;
        unsigned[31] &= 0x7f;
        if SMALL_ORDER.contains(&unsigned) {
            return Err(BadKey::SmallOrder);
        }
        Ok(Self(bytes))
    }

    /// Whether it is a point of the curve, which a decoded key need not be: to be asked of a key that is to be trusted.
    ///
    /// # Errors
    ///
    /// [`BadKey::NotAPoint`].
    pub fn check(&self) -> Result<(), BadKey> {
        self.point().map(drop)
    }

    fn point(&self) -> Result<VerifyingKey, BadKey> {
        let point = VerifyingKey::from_bytes(&self.0).map_err(|_| BadKey::NotAPoint)?;
        // Checked from two sides: by the bytes when it was made, by arithmetic here.
        assert!(!point.is_weak(), "points of small order are known by their bytes");
        Ok(point)
    }

    /// The key of a signer, which made it from a secret.
    pub(crate) fn of(key: &ed25519_dalek::SigningKey) -> Self {
        Self(key.verifying_key().to_bytes())
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Did the holder of this key sign `message`, as a thing of kind `domain`, in `colony`?
    ///
    /// # Errors
    ///
    /// [`BadSignature::Mismatch`] when not, [`BadSignature::Key`] when nobody can sign for this key.
    pub fn verify(&self, domain: Domain, colony: Digest, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        self.verify_bytes(&statement(domain, colony, message), signature)
    }

    pub(crate) fn verify_bytes(&self, bytes: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        memo::verified(self, bytes, signature, || {
            let key = self.point().map_err(BadSignature::Key)?;
            key.verify_strict(bytes, &ed25519_dalek::Signature::from_bytes(&signature.0)).map_err(|_| BadSignature::Mismatch)
        })
    }
}

/// The bytes that are signed: the domain's length in one byte and its text, the colony's id, and the message's digest in the
/// domain.
pub(crate) fn statement(domain: Domain, colony: Digest, message: &[u8]) -> Vec<u8> {
    let text = domain.text().as_bytes();
    let mut bytes = Vec::with_capacity(1 + text.len() + 64);
    bytes.push(u8::try_from(text.len()).expect("a domain's text has at most 255 bytes"));
    bytes.extend_from_slice(text);
    bytes.extend_from_slice(colony.as_bytes());
    bytes.extend_from_slice(Digest::of(domain, message).as_bytes());
    bytes
}

/// An Ed25519 signature of 64 bytes whose scalar is reduced. Prints in hexadecimal, in `{:?}` the first eight digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Checks the form only. Of the signatures of a message by a key, a second one cannot be made from the first.
    pub fn new(bytes: [u8; 64]) -> Result<Self, BadSignature> {
        let (_, scalar) = bytes.split_at(32);
        // Little-endian: compare from the last byte on.
        match scalar.iter().rev().lt(ORDER.iter().rev()) {
            true => Ok(Self(bytes)),
            false => Err(BadSignature::NotReduced),
        }
    }

    /// Nobody's, of nothing: its point is of small order, so it never counts.
    pub(crate) const NONE: Self = Self([0; 64]);

    pub(crate) fn of(signature: &ed25519_dalek::Signature) -> Self {
        Self(signature.to_bytes())
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// The order of the base point, 2^252 + 27742317777372353535851937790883648493 (RFC 8032, section 5.1), little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0x10,
];

/// The y of the eight points of small order, little-endian, without the sign bit: 0 and 1 and -1, and the two of order eight, whose
/// y squared is (-1 + sqrt(1 + d)) / d for either root, d the curve's constant.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05,
        0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa,
        0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

/// Why bytes are not a public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadKey {
    /// They are a second way to write a point.
    NotCanonical,
    /// No point of the curve has these bytes.
    NotAPoint,
    /// The point is one of the eight of small order, for which anybody can make signatures.
    SmallOrder,
}

/// Why a signature does not count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BadSignature {
    /// Its scalar is not reduced: somebody altered a signature without the key.
    NotReduced,
    /// It is not this key's, or not of this message in this domain and colony.
    Mismatch,
    /// Nobody can sign for the key.
    Key(BadKey),
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotCanonical => "the public key is not written in its canonical form",
            Self::NotAPoint => "the public key is not a point of the curve",
            Self::SmallOrder => "the public key is of small order; anybody could sign for it",
        })
    }
}

impl fmt::Display for BadSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReduced => f.write_str("the signature is not written in its canonical form"),
            Self::Mismatch => f.write_str("the signature is not of this message, domain and colony by this key"),
            Self::Key(bad) => write!(f, "nobody can sign for the key: {bad}"),
        }
    }
}

impl core::error::Error for BadKey {}
impl core::error::Error for BadSignature {}

macro_rules! bytes_with_a_form {
    ($($name:ident $length:literal $read:ident),*) => {$(
        impl Codec for $name {
            const KINDS: &'static [&'static str] = &[stringify!($name)];
            const SHORTEST: usize = $length;
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                let offset = input.offset();
                let what = stringify!($name);
                Self::$read(input.array()?).map_err(|_| Malformed { offset, reason: Reason::Illegal { what } })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    )*};
}

bytes_with_a_form!(PublicKey 32 written, Signature 64 new);
