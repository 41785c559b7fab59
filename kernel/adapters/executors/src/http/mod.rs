//! Requests over HTTP: the manifest fixes host, method and headers; a call fills path, query and body.
//!
//! One connection for each request, HTTP/1.1, to an address that was looked at after the name was resolved. No proxy, no cookies,
//! no decompression, and redirects only where the manifest lets them go.

mod address;
mod connect;
mod content;
mod place;
mod read;
mod send;

pub(crate) use connect::system;
pub use connect::{Resolver, Resolving};
pub(crate) use read::{KEYS, read};
pub(crate) use send::{Going, send};

use crate::sealed::Sealing;
use crate::template::Template;
use antfarm_machine::Span;
use content::Content;
use hyper::Method;
use hyper::header::HeaderName;
use place::{Address, Authority};
use std::collections::BTreeSet;

/// A request as a manifest declares it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Http {
    pub(crate) method: Method,
    pub(crate) address: Address,
    /// Headers that calls may fill.
    pub(crate) headers: Vec<(HeaderName, Template)>,
    /// Headers with secrets in them.
    pub(crate) secrets: Vec<(HeaderName, Sealing)>,
    /// The header that carries the call's key.
    pub(crate) idempotency: Option<HeaderName>,
    pub(crate) content: Content,
    /// Where it may go: the address's own place, and more for redirects.
    pub(crate) allow: BTreeSet<Authority>,
    /// How many redirects are followed.
    pub(crate) redirects: u64,
    /// How long connecting may take.
    pub(crate) connect: Span,
    /// How long all of it may take.
    pub(crate) time: Span,
    /// The longest body of a request, in bytes.
    pub(crate) request: usize,
    /// The longest body of an answer, in bytes.
    pub(crate) response: usize,
    /// Whether loopback passes: for tests and development.
    pub(crate) loopback: bool,
    /// A file with the only authorities that may vouch for servers; none: those of the web.
    pub(crate) roots: Option<String>,
}

impl Http {
    /// Whether the method changes nothing (RFC 9110, 9.2.1).
    pub(crate) fn is_safe(&self) -> bool {
        self.method.is_safe()
    }
}
