//! Somebody who shakes hands by the book and then does as he likes: rustls with its own keys and its own reading of signatures.

use super::node::{PATIENCE, secret, signer};
use antfarm_network::Frame;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::{default_provider, sign::any_eddsa_type};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

pub(crate) type Stream = TlsStream<TcpStream>;

/// The protocol that nodes speak.
pub(crate) const PROTOCOL: &[u8] = b"antfarm/1";

/// A frame's bytes, written out once more: the layout is part of the protocol.
pub(crate) fn frame(frame: Frame<'_>) -> Vec<u8> {
    let (kind, content) = match frame {
        Frame::Message(content) => (0, content),
        Frame::Beat => (1, &[][..]),
        Frame::Welcome => (2, &[][..]),
    };
    let length = u32::try_from(content.len() + 1).expect("a short frame");
    [&length.to_le_bytes()[..], &[kind], content].concat()
}

/// A message's frame: the encoding of bytes is their number and they.
pub(crate) fn message(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a short message").to_le_bytes();
    frame(Frame::Message(&[&length[..], content].concat()))
}

/// The key of one node as what is proved, and of one, perhaps the same, as what signs.
fn certified(number: u32, signs: u32) -> Arc<CertifiedKey> {
    const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let key = any_eddsa_type(&PrivatePkcs8KeyDer::from([&PKCS8[..], &secret(signs)].concat())).expect("a key");
    let spki = [&SPKI[..], signer(number).public().as_bytes()].concat();
    Arc::new(CertifiedKey::new(vec![spki.into()], key))
}

/// Dials as the node of this number, naming these protocols. The node that is dialled has not said yet whether it likes that.
pub(crate) async fn dial(number: u32, address: &str, protocols: &[&[u8]]) -> std::io::Result<Stream> {
    dial_with(certified(number, number), address, protocols).await
}

/// Dials with the key of one node and the signature of another.
pub(crate) async fn pretend(number: u32, signs: u32, address: &str) -> std::io::Result<Stream> {
    dial_with(certified(number, signs), address, &[PROTOCOL]).await
}

async fn dial_with(key: Arc<CertifiedKey>, address: &str, protocols: &[&[u8]]) -> std::io::Result<Stream> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody::default()))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)));
    config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
    let name = ServerName::try_from("any.invalid").expect("a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await?;
    Ok(stream.into())
}

/// Dials as a peer, and is welcomed.
pub(crate) async fn join(number: u32, address: &str) -> Stream {
    let mut stream = dial(number, address, &[PROTOCOL]).await.expect("a connection");
    let mut welcome = vec![0; frame(Frame::Welcome).len()];
    stream.read_exact(&mut welcome).await.expect("a welcome");
    assert_eq!(welcome, frame(Frame::Welcome));
    stream
}

/// Accepts one connection as the node of this number, with its signature or another's.
pub(crate) async fn accept(number: u32, signs: u32, listener: &TcpListener) -> std::io::Result<Stream> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(Arc::new(Anybody::default()))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified(number, signs))));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    let (stream, _) = listener.accept().await.expect("a connection");
    Ok(TlsAcceptor::from(Arc::new(config)).accept(stream).await?.into())
}

/// Writes what may come too late: the other side may have closed already.
pub(crate) async fn write(stream: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok()
}

/// Everything that comes until the other side closes.
pub(crate) async fn rest(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let reading = async { while stream.read_buf(&mut bytes).await.is_ok_and(|length| length > 0) {} };
    tokio::time::timeout(PATIENCE, reading).await.expect("the other side closes");
    bytes
}

/// Believes every key that signs.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl Default for Anybody {
    fn default() -> Self {
        Self(default_provider().signature_verification_algorithms)
    }
}

impl Anybody {
    fn verify(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key.as_ref()), signed, &self.0)
    }
}

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
        unreachable!("nodes speak TLS 1.3")
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, key, signed)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }
    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        unreachable!("nodes speak TLS 1.3")
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, key, signed)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
