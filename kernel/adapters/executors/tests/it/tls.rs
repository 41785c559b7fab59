//! TLS: who vouches for a server, and that no redirect leaves it.

use crate::fixture::{Place, result};
use crate::server::{Server, reply};
use antfarm_executors::{Barrier, Cause};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::TcpStream;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A server for `127.0.0.1`, and its authority in PEM.
fn server(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> (Server, String) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let own =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address").signed_by(&key, &authority).expect("signed");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let wrap = move |mut stream: TcpStream| {
        let mut connection = ServerConnection::new(config.clone()).ok()?;
        // A client that does not trust the certificate ends the handshake.
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).ok()?;
        }
        Some(StreamOwned::new(connection, stream))
    };
    (Server::wrapped(answer, wrap), authority.pem())
}

fn manifest(server: &Server, more: &str) -> String {
    format!(
        "[[tool]]\nname = \"tool\"\ncontract = \"keyed\"\nretention = \"1h\"\n[tool.http]\nmethod = \"GET\"\n\
         url = \"https://127.0.0.1:{}/\"\nallow-loopback = true\n{more}\n",
        server.port
    )
}

#[test]
fn a_server_is_believed_only_if_the_right_authority_vouches_for_it() {
    let (one, authority) = server(|_, _| reply(200, "", "ok"));
    let place = Place::new();
    let path = place.path().join("roots.pem");
    std::fs::write(&path, authority).expect("a file");
    let roots = format!("roots = \"{}\"", path.display());
    assert_eq!(result(&place.call(&manifest(&one, &roots), "t", "")), "ok\n");
    let (other, _) = server(|_, _| reply(200, "", "ok"));
    for text in [manifest(&other, &roots), manifest(&one, ""), manifest(&one, "roots = \"/no/such/file\"")] {
        let place = Place::new();
        let answer = place.call(&text, "t", "");
        assert!(matches!(answer.cause, Cause::Unreachable(_)), "{answer:?}");
    }
    assert_eq!((one.asked().len(), other.asked().len()), (1, 0));
}

#[test]
fn a_redirect_does_not_lead_out_of_encryption() {
    let plain = Server::start(|_, _| reply(200, "", "ok"));
    let location = format!("Location: http://127.0.0.1:{}/\r\n", plain.port);
    let (server, authority) = server(move |_, _| reply(302, &location, ""));
    let place = Place::new();
    let path = place.path().join("roots.pem");
    std::fs::write(&path, authority).expect("a file");
    let more = format!("roots = \"{}\"\nredirects = 1\nallow = [\"127.0.0.1:{}\"]\ncleartext = true", path.display(), plain.port);
    let answer = place.call(&manifest(&server, &more), "t", "");
    assert_eq!(answer.cause, Cause::Redirect(Barrier::Cleartext));
    assert_eq!(plain.asked(), Vec::<String>::new());
}
