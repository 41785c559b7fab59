//! Places on the web: scheme, host, port and path; how a manifest and a redirect name them.
//!
//! The host and port come from the manifest, or from a redirect to a place that the manifest allows; never from a call.

use crate::cause::Barrier;
use crate::template::{Template, Unfit, Values};
use hyper::Uri;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A host, in lower case, and a port.
pub(crate) type Authority = (String, u16);

/// Where a request goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// Whether it is encrypted.
    pub(crate) https: bool,
    pub(crate) authority: Authority,
    /// The path, and the query behind a question mark.
    pub(crate) path: String,
}

/// A place whose path and query calls fill.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Address {
    pub(crate) https: bool,
    pub(crate) authority: Authority,
    path: Template,
    query: Option<Template>,
}

/// Reads `host`, `host:port` or `[v6]:port`.
pub(crate) fn authority(text: &str, https: bool) -> Result<Authority, String> {
    let wanted = || format!("`{}` is not a host, or a host and a port", text.escape_debug());
    if text.is_empty()
        || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
    {
        return Err(wanted());
    }
    let read: hyper::http::uri::Authority = text.parse().map_err(|_| wanted())?;
    let port = match (read.port_u16(), https) {
        (Some(port), _) => port,
        (None, _) if read.as_str().len() != read.host().len() => return Err(wanted()),
        (None, true) => 443,
        (None, false) => 80,
    };
    Ok((read.host().to_ascii_lowercase(), port))
}

impl Address {
    /// Reads a whole URL with placeholders in path and query.
    pub(crate) fn parse(text: &str, arguments: &crate::template::Arguments) -> Result<Self, String> {
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err("a URL begins with `https://`".to_owned()),
        };
        if rest.contains('#') {
            return Err("what stands behind `#` is never sent".to_owned());
        }
        let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if host.contains('$') {
            return Err("a call fills path and query, never the host".to_owned());
        }
        let authority = authority(host, https)?;
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let path = Template::parse(if path.is_empty() { "/" } else { path }, arguments)?;
        let query = query.map(|query| Template::parse(query, arguments)).transpose()?;
        Ok(Self { https, authority, path, query })
    }

    /// The place that a call asks for.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Result<Place, Unfit> {
        let mut path = self.path.fill(values, |value| {
            if value.is_empty() || value.split(['/', '\\']).any(|part| matches!(part, "." | "..")) {
                return Err(Unfit::Value { because: "a part of a path is not empty, and not `.` or `..`" });
            }
            Ok(Cow::Owned(escape(&value)))
        })?;
        if path.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(Unfit::Value { because: "a path has no `.` or `..`" });
        }
        if let Some(query) = &self.query {
            path.push('?');
            path.push_str(&query.fill(values, |value| Ok(Cow::Owned(escape(&value))))?);
        }
        if path.parse::<hyper::http::uri::PathAndQuery>().is_err() {
            return Err(Unfit::Value { because: "the URL cannot be read" });
        }
        Ok(Place { https: self.https, authority: self.authority.clone(), path })
    }
}

/// All but unreserved characters (RFC 3986, 2.3) percent-encoded.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
            escaped.extend(['%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
    escaped
}

impl Place {
    /// The value of the header `Host`.
    pub(crate) fn host(&self) -> String {
        let (host, port) = &self.authority;
        match (self.https, port) {
            (true, 443) | (false, 80) => host.clone(),
            (true | false, port) => format!("{host}:{port}"),
        }
    }

    /// Where a redirect from here leads, if that is allowed. Never from an encrypted place to another.
    pub(crate) fn follow(&self, location: &str, allow: &BTreeSet<Authority>) -> Result<Self, Barrier> {
        let location = location.split('#').next().unwrap_or_default();
        let read: Uri = match location.strip_prefix("//") {
            Some(rest) => format!("{}://{rest}", if self.https { "https" } else { "http" }),
            None => location.to_owned(),
        }
        .parse()
        .map_err(|_| Barrier::Malformed)?;
        let next = match (read.scheme_str(), read.authority()) {
            (None, None) if location.starts_with('/') => Self { path: location.to_owned(), ..self.clone() },
            (Some(scheme), Some(to)) => {
                let https = match scheme {
                    "https" => true,
                    "http" => false,
                    _ => return Err(Barrier::Malformed),
                };
                let authority = authority(to.as_str(), https).map_err(|_| Barrier::Malformed)?;
                let path = read.path_and_query().map_or("/", |path| path.as_str()).to_owned();
                Self { https, authority, path }
            }
            // A relative path is none of those that servers send, and too easily misread.
            (None | Some(_), None | Some(_)) => return Err(Barrier::Malformed),
        };
        if self.https && !next.https {
            return Err(Barrier::Cleartext);
        }
        if !allow.contains(&next.authority) {
            return Err(Barrier::Host);
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_only_to_what_is_allowed() {
        let allow =
            BTreeSet::from([("api.example".to_owned(), 443), ("api.example".to_owned(), 80), ("other.example".to_owned(), 443)]);
        let from = Place { https: true, authority: ("api.example".to_owned(), 443), path: "/a/b?c".to_owned() };
        let to = |location: &str| from.follow(location, &allow).map(|it| format!("{}{}", it.host(), it.path));
        assert_eq!(to("/x?y#z"), Ok("api.example/x?y".to_owned()));
        assert_eq!(to("https://OTHER.example/x"), Ok("other.example/x".to_owned()));
        assert_eq!(to("//other.example/x"), Ok("other.example/x".to_owned()));
        assert_eq!(to("https://api.example"), Ok("api.example/".to_owned()));
        for (location, barrier) in [
            ("http://api.example/", Barrier::Cleartext),
            ("https://evil.example/", Barrier::Host),
            ("https://api.example:8443/", Barrier::Host),
            ("https://api.example.evil.example/", Barrier::Host),
            ("https://api.example./", Barrier::Host),
            ("https://169.254.169.254/", Barrier::Host),
            ("https://api.example@evil.example/", Barrier::Malformed),
            ("https://user:password@api.example/", Barrier::Malformed),
            ("//evil.example/", Barrier::Host),
            ("file:///etc/passwd", Barrier::Malformed),
            ("gopher://api.example/", Barrier::Malformed),
            ("relative", Barrier::Malformed),
            ("", Barrier::Malformed),
        ] {
            assert_eq!(to(location), Err(barrier), "{location}");
        }
    }
}
