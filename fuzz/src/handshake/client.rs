//! Somebody who dials: a client's side of handshakes by rustls, with its own keys; none of the network's code.

use antfarm_identity::Signer;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::ring::{default_provider, sign::any_eddsa_type};
use rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::{Arc, LazyLock};

/// The node that is dialled.
pub(crate) const NODE: u8 = 2;
/// The peer that it knows.
pub(crate) const PEER: u8 = 1;
/// Somebody whom it does not know.
const STRANGER: u8 = 3;

/// Who dials: the key that is shown, and the key that signs.
const WHO: [(u8, u8); 4] = [(PEER, PEER), (STRANGER, STRANGER), (NODE, NODE), (PEER, STRANGER)];

/// The place in [`WHO`] of who has a right to.
pub(crate) const GENUINE: u8 = 0;

/// By who dials, and whether it names the protocol.
static CONFIGS: LazyLock<Vec<Arc<ClientConfig>>> = LazyLock::new(|| {
    WHO.into_iter().flat_map(|(shows, signs)| [config(shows, signs, true), config(shows, signs, false)]).collect()
});

pub(crate) fn secret(number: u8) -> [u8; 32] {
    [number; 32]
}

pub(crate) fn signer(number: u8) -> Signer {
    Signer::new(&secret(number))
}

/// A handshake that begins: by whom, of four.
pub(crate) fn client(who: u8, names_protocol: bool) -> ClientConnection {
    let at = usize::from(who % 4) * 2 + usize::from(!names_protocol);
    let name = ServerName::try_from("any.invalid").expect("a name");
    ClientConnection::new(CONFIGS[at].clone(), name).expect("a handshake can begin")
}

fn config(shows: u8, signs: u8, names_protocol: bool) -> Arc<ClientConfig> {
    const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let key = any_eddsa_type(&PrivatePkcs8KeyDer::from([&PKCS8[..], &secret(signs)].concat())).expect("a key");
    let spki = [&SPKI[..], signer(shows).public().as_bytes()].concat();
    let certified = Arc::new(CertifiedKey::new(vec![spki.into()], key));
    let provider = CryptoProvider { secure_random: &Fixed, ..default_provider() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(certified)));
    if names_protocol {
        config.alpn_protocols = vec![b"antfarm/1".to_vec()];
    }
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

/// Draws always the same, and with it the order of extensions, so that a change hits the same thing each time. Keys of sessions are drawn
/// elsewhere.
#[derive(Debug)]
struct Fixed;

impl SecureRandom for Fixed {
    fn fill(&self, room: &mut [u8]) -> Result<(), GetRandomFailed> {
        room.fill(7);
        Ok(())
    }
}

/// Believes whoever answers.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
