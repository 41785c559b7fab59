//! Connections: a name is resolved once, and connected to is one of the very addresses that were looked at.

use super::Http;
use super::address::is_allowed;
use super::place::{Authority, Place};
use crate::cause::Cause;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How many addresses of a name are tried.
const TRIED: usize = 4;

/// Addresses, some time.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// What finds the addresses of a name.
pub type Resolver = Arc<dyn Fn(&str) -> Resolving + Send + Sync>;

/// The system's resolver.
pub(crate) fn system() -> Resolver {
    Arc::new(|name| {
        let name = name.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|it| it.ip()).collect()) })
    })
}

/// Both kinds of streams.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection to a place, encrypted if the place is.
pub(super) async fn connect(http: &Http, place: &Place, resolver: &Resolver) -> Result<Box<dyn Stream>, Cause> {
    let stream = reach(&place.authority, http.loopback, resolver).await?;
    // Small requests should not wait for each other; without it they are slow and no worse.
    stream.set_nodelay(true).unwrap_or_default();
    if !place.https {
        return Ok(Box::new(stream));
    }
    let unreachable = |why: &dyn std::fmt::Display| Cause::Unreachable(why.to_string());
    let host = place.authority.0.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(host).map_err(|error| unreachable(&error))?;
    let config = match &http.roots {
        None => web(),
        Some(path) => authority(path).map_err(|why| unreachable(&why))?,
    };
    Ok(Box::new(TlsConnector::from(config).connect(name, stream).await.map_err(|error| unreachable(&error))?))
}

/// Connects to an address that is allowed.
async fn reach((host, port): &Authority, loopback: bool, resolver: &Resolver) -> Result<TcpStream, Cause> {
    let unreachable = |error: &io::Error| Cause::Unreachable(error.to_string());
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let addresses = match literal {
        Ok(address) => vec![address],
        Err(_) => resolver(host).await.map_err(|error| unreachable(&error))?,
    };
    let allowed = addresses.iter().filter(|it| is_allowed(**it, loopback)).take(TRIED);
    let mut last = match addresses.iter().find(|it| !is_allowed(**it, loopback)) {
        Some(barred) => Cause::Barred(*barred),
        None => Cause::Unreachable("the name has no address".to_owned()),
    };
    for address in allowed {
        // By its number: nothing is resolved a second time.
        match TcpStream::connect(SocketAddr::new(*address, *port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = unreachable(&error),
        }
    }
    Err(last)
}

fn config(roots: RootCertStore) -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("`ring` has what TLS 1.2 and 1.3 need")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// For the authorities of the web.
fn web() -> Arc<ClientConfig> {
    static WEB: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    WEB.get_or_init(|| config(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())).clone()
}

/// For the authorities in a file, and no others.
fn authority(path: &str) -> Result<Arc<ClientConfig>, String> {
    let why = |error: &dyn std::fmt::Display| format!("`{path}`: {error}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| why(&error))? {
        roots.add(certificate.map_err(|error| why(&error))?).map_err(|error| why(&error))?;
    }
    match roots.is_empty() {
        true => Err(why(&"no certificate is in it")),
        false => Ok(config(roots)),
    }
}
