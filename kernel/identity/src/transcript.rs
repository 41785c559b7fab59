//! The one foreign thing that a node's key signs: its half of a TLS 1.3 handshake, so that connections prove the same key.
//!
//! Rule kept: *such a signature is never one of a statement*, nor the other way round. A [`Transcript`] begins with 64 spaces
//! and has 130 or 146 bytes. A statement that begins with a space is about a domain whose text has 32 characters, and has
//! 97 bytes. So no caller can have the key sign anything that counts elsewhere, whatever bytes it hands in.

use crate::{BadSignature, PublicKey, Signature, Signer};

const SPACES: [u8; 64] = [b' '; 64];
const CONTEXTS: [&[u8]; 2] = [b"TLS 1.3, server CertificateVerify\0", b"TLS 1.3, client CertificateVerify\0"];
/// Of SHA-256 and SHA-384; TLS 1.3 has no other hashes.
const HASHES: [usize; 2] = [32, 48];

/// What a party of a TLS 1.3 handshake signs (RFC 8446, section 4.4.3): spaces, the party's role, and the transcript's hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transcript<'a>(&'a [u8]);

impl<'a> Transcript<'a> {
    /// These bytes, if they have that form.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&SPACES)?;
        let hash = CONTEXTS.iter().find_map(|context| rest.strip_prefix(*context))?;
        HASHES.contains(&hash.len()).then_some(Self(bytes))
    }
}

impl Signer {
    /// Signs a handshake.
    pub fn sign_transcript(&self, transcript: Transcript<'_>) -> Signature {
        self.sign_bytes(transcript.0)
    }
}

impl PublicKey {
    /// Did the holder of this key sign this handshake?
    ///
    /// # Errors
    ///
    /// As for [`PublicKey::verify`].
    pub fn verify_transcript(&self, transcript: Transcript<'_>, signature: &Signature) -> Result<(), BadSignature> {
        self.verify_bytes(transcript.0, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::statement;
    use crate::{Digest, Domain};
    use alloc::vec::Vec;

    fn transcript(context: &[u8], hash: usize) -> Vec<u8> {
        [&SPACES[..], context, &[b' '; 48][..hash]].concat()
    }

    #[test]
    fn a_transcript_has_one_of_four_forms() {
        let is = |bytes: &[u8]| Transcript::new(bytes).is_some();
        for context in CONTEXTS {
            for hash in 0..=48 {
                assert_eq!(is(&transcript(context, hash)), hash == 32 || hash == 48, "{hash}");
            }
        }
        assert!(!is(&transcript(b"TLS 1.3, third CertificateVerify\0", 32)));
        assert!(!is(&transcript(CONTEXTS[0], 32)[1..]));
        assert!(!is(b""));
    }

    #[test]
    fn no_statement_is_a_transcript() {
        // The one length of a domain's text that is written as a space, and all that a domain can say to look like one.
        const SPACE: Domain = Domain::new("                                ");
        let spaces = Digest::from_bytes([b' '; 32]);
        let statement = statement(SPACE, spaces, b"message");
        assert!(statement.starts_with(&SPACES), "as far as it can go");
        assert_eq!(statement.len(), 97);
        assert_eq!(Transcript::new(&statement), None);
        for context in CONTEXTS {
            assert!(HASHES.iter().all(|hash| SPACES.len() + context.len() + hash != statement.len()));
        }
    }

    #[test]
    fn a_signature_of_a_handshake_counts_for_its_key_and_bytes() {
        let (ours, theirs) = (Signer::insecure(1), Signer::insecure(2));
        let (one, other) = (transcript(CONTEXTS[0], 32), transcript(CONTEXTS[1], 32));
        let (one, other) = (Transcript::new(&one).expect("a transcript"), Transcript::new(&other).expect("a transcript"));
        let signature = ours.sign_transcript(one);
        assert_eq!(ours.public().verify_transcript(one, &signature), Ok(()));
        assert_eq!(ours.public().verify_transcript(other, &signature), Err(BadSignature::Mismatch));
        assert_eq!(theirs.public().verify_transcript(one, &signature), Err(BadSignature::Mismatch));
    }
}
