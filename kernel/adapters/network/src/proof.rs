//! Who is at the other end: TLS 1.3 in which each side proves a raw Ed25519 public key (RFC 8446, RFC 7250).
//!
//! Rules kept: a connection is of a configured peer or there is none; who dials accepts one key only, that of the peer it
//! dials. No certificates, names, authorities or dates play a part. Nothing is resumed and there is no early data, so each
//! handshake is fresh and what was recorded of an earlier one proves nothing. Signatures are made and verified by
//! `antfarm-identity`: one reading of Ed25519 for everything, and no copy of the secret here.

use crate::Refusal;
use antfarm_identity::{PublicKey, Signature, Signer, Transcript};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, CommonState, DigitallySignedStruct, DistinguishedName, Error, OtherError,
    ServerConfig, SignatureAlgorithm, SignatureScheme,
};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// The protocol and its version, which both sides must name (RFC 7301). It changes with the layout of frames.
const PROTOCOL: &[u8] = b"antfarm/1";

/// How a SubjectPublicKeyInfo of an Ed25519 key begins (RFC 8410, section 4); the key's 32 bytes follow.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A node's side of handshakes.
pub(crate) struct Prover {
    signer: Signer,
    provider: Arc<CryptoProvider>,
    acceptor: TlsAcceptor,
}

impl Prover {
    /// Proves the signer's key, and accepts whoever proves one of `known`.
    pub(crate) fn new(signer: Signer, known: BTreeSet<PublicKey>) -> Self {
        let provider = Arc::new(CryptoProvider {
            cipher_suites: vec![
                ring::cipher_suite::TLS13_AES_128_GCM_SHA256,
                ring::cipher_suite::TLS13_AES_256_GCM_SHA384,
                ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
            ],
            kx_groups: vec![ring::kx_group::X25519],
            ..ring::default_provider()
        });
        let verifier = Verifier { me: signer.public(), known, otherwise: Refusal::UnknownKey };
        let mut server = ServerConfig::builder_with_details(provider.clone(), Arc::new(NoTime))
            .with_protocol_versions(&[&TLS13])
            .expect("the provider has suites of TLS 1.3")
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified(&signer))));
        server.alpn_protocols = vec![PROTOCOL.to_vec()];
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        assert_eq!(server.max_early_data_size, 0, "early data could be replayed");
        Self { signer, provider, acceptor: Arc::new(server).into() }
    }

    /// Dials one peer, which proves `key`.
    pub(crate) fn dialler(&self, key: PublicKey) -> Dialler {
        let verifier = Verifier { me: self.signer.public(), known: BTreeSet::from([key]), otherwise: Refusal::WrongKey };
        let mut client = ClientConfig::builder_with_details(self.provider.clone(), Arc::new(NoTime))
            .with_protocol_versions(&[&TLS13])
            .expect("the provider has suites of TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(certified(&self.signer))));
        client.alpn_protocols = vec![PROTOCOL.to_vec()];
        client.resumption = Resumption::disabled();
        client.enable_sni = false;
        assert!(!client.enable_early_data, "early data could be replayed");
        Dialler(Arc::new(client).into())
    }

    /// Shakes hands with whoever dialled; whose key it proved.
    pub(crate) async fn accept<S>(&self, stream: S) -> Result<(TlsStream<S>, PublicKey), Refusal>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let stream = self.acceptor.accept(stream).await.map_err(|error| refusal(&error))?;
        let key = proved(stream.get_ref().1)?;
        Ok((stream.into(), key))
    }
}

/// Dials one peer.
#[derive(Clone)]
pub(crate) struct Dialler(TlsConnector);

impl Dialler {
    /// Shakes hands. The other side has proved its key then, but may still refuse ours.
    pub(crate) async fn connect<S>(&self, stream: S) -> Result<TlsStream<S>, Refusal>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        // TLS wants a name to look for in certificates, of which there are none.
        let nobody = ServerName::try_from("node.invalid").expect("a name by its form");
        let stream = self.0.connect(nobody, stream).await.map_err(|error| refusal(&error))?;
        proved(stream.get_ref().1)?;
        Ok(stream.into())
    }
}

/// The key that the other side proved. Checked from a second side: the verifier has seen it already.
fn proved(connection: &CommonState) -> Result<PublicKey, Refusal> {
    // A side that names no protocol is not told no by the library.
    if connection.alpn_protocol() != Some(PROTOCOL) {
        return Err(Refusal::Protocol);
    }
    let [certificate] = connection.peer_certificates().unwrap_or_default() else { return Err(Refusal::Handshake) };
    key_of(certificate).ok_or(Refusal::Handshake)
}

/// Why a handshake failed.
pub(crate) fn refusal(error: &io::Error) -> Refusal {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else { return Refusal::Declined };
    if let Error::InvalidCertificate(CertificateError::Other(OtherError(ours))) = error {
        return ours.downcast_ref::<Refused>().map_or(Refusal::Handshake, |refused| refused.0);
    }
    let said = |alert| matches!(error, Error::AlertReceived(it) if *it == alert);
    if matches!(error, Error::NoApplicationProtocol) || said(AlertDescription::NoApplicationProtocol) {
        return Refusal::Protocol;
    }
    if matches!(error, Error::AlertReceived(_)) { Refusal::Declined } else { Refusal::Handshake }
}

/// Nothing here has a date.
#[derive(Debug)]
struct NoTime;

impl TimeProvider for NoTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(std::time::Duration::ZERO))
    }
}

fn certified(signer: &Signer) -> Arc<CertifiedKey> {
    let spki = [&SPKI[..], signer.public().as_bytes()].concat();
    Arc::new(CertifiedKey::new(vec![spki.into()], Arc::new(Key(signer.clone()))))
}

fn key_of(certificate: &CertificateDer<'_>) -> Option<PublicKey> {
    let bytes: &[u8; 32] = certificate.strip_prefix(&SPKI)?.try_into().ok()?;
    PublicKey::new(*bytes).ok()
}

/// A node's key as rustls knows keys. It prints as the public key.
#[derive(Clone, Debug)]
struct Key(Signer);

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn rustls::sign::Signer>> {
        offered.contains(&SignatureScheme::ED25519).then(|| Box::new(self.clone()) as Box<dyn rustls::sign::Signer>)
    }
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl rustls::sign::Signer for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let transcript = Transcript::new(message).ok_or_else(|| Error::General("not a transcript of TLS 1.3".into()))?;
        Ok(self.0.sign_transcript(transcript).as_bytes().to_vec())
    }
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// A refusal on its way through rustls.
#[derive(Clone, Copy, Debug)]
struct Refused(Refusal);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

/// Which keys may be at the other end.
#[derive(Debug)]
struct Verifier {
    me: PublicKey,
    known: BTreeSet<PublicKey>,
    /// What is said of any other.
    otherwise: Refusal,
}

impl Verifier {
    fn look(&self, certificate: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> Result<(), Error> {
        let refused = |why| Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Refused(why)))));
        let key = key_of(certificate).filter(|_| rest.is_empty()).ok_or_else(|| refused(Refusal::Handshake))?;
        if key == self.me {
            return Err(refused(Refusal::OwnKey));
        }
        if !self.known.contains(&key) {
            return Err(refused(self.otherwise));
        }
        Ok(())
    }

    fn verify(
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let bad = || Error::InvalidCertificate(CertificateError::BadSignature);
        if signed.scheme != SignatureScheme::ED25519 {
            return Err(bad());
        }
        let key = key_of(certificate).ok_or_else(bad)?;
        let transcript = Transcript::new(message).ok_or_else(bad)?;
        let signature = signed.signature().try_into().ok().and_then(|bytes| Signature::new(bytes).ok()).ok_or_else(bad)?;
        key.verify_transcript(transcript, &signature).map_err(|_| bad())?;
        Ok(HandshakeSignatureValid::assertion())
    }
}

/// Never asked: TLS 1.2 is not offered.
fn too_old() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::General("only TLS 1.3 is spoken here".into()))
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }
    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.look(certificate, rest).map(|()| ClientCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        too_old()
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::verify(message, certificate, signed)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.look(certificate, rest).map(|()| ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        too_old()
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::verify(message, certificate, signed)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
