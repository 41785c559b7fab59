//! The table `http` of a manifest.

use super::Http;
use super::content::{Content, Tree};
use super::place::{Address, authority};
use crate::sealed::Sealing;
use crate::template::{Arguments, Template};
use antfarm_machine::Span;
use antfarm_strict::{Found, Section};
use hyper::Method;
use hyper::header::{self, HeaderName};
use std::collections::BTreeSet;
use std::path::Path;

/// Its keys.
pub(crate) const KEYS: &[&str] = &[
    "method",
    "url",
    "headers",
    "secrets",
    "idempotency",
    "body",
    "json",
    "form",
    "allow",
    "redirects",
    "connect",
    "time",
    "request",
    "response",
    "allow-loopback",
    "cleartext",
    "roots",
];

/// The methods that there are. `HEAD` answers nothing that could be told.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The longest answer that a node takes.
const MOST: u64 = antfarm_node::MAX_RESULT as u64;

/// Reads it.
pub(crate) fn read(section: &Section, arguments: &Arguments, found: &mut Found) -> Option<Http> {
    let methods = METHODS.map(|name| (name, name));
    let method = section.has("method").then(|| section.word("method", &methods, "GET", found));
    let method = section.need(&["method"], method, found);
    let loopback = section.flag("allow-loopback", false, found);
    let cleartext = section.flag("cleartext", false, found);
    let url = section.need(&["url"], section.text("url", found), found);
    let address = url.and_then(|url| found.sift(Address::parse(&url, arguments).map_err(|why| section.refuse("url", why))));
    let secrets = secrets(section, found);
    if let Some(address) = &address
        && !address.https
    {
        if !cleartext {
            found.push(
                section
                    .refuse("url", "without encryption anybody can read and change it: write `cleartext = true` to allow that"),
            );
        } else if !secrets.is_empty() && !loopback {
            found.push(section.refuse("secrets", "a secret is not sent without encryption"));
        }
    }
    let mut allow = BTreeSet::new();
    for text in section.texts("allow", found).unwrap_or_default() {
        allow.extend(found.sift(authority(&text, true).map_err(|why| section.refuse("allow", why))));
    }
    allow.extend(address.as_ref().map(|it| it.authority.clone()));
    let idempotency = section.text("idempotency", found).and_then(|text| name(section, "idempotency", &text, found));
    let roots = section.text("roots", found);
    if roots.as_ref().is_some_and(|path| !Path::new(path).is_absolute()) {
        found.push(section.refuse("roots", "expected the whole path of a file with certificates"));
    }
    let size = |key, otherwise, most, found: &mut Found| {
        usize::try_from(section.number(key, (0, most), otherwise, found)).unwrap_or(usize::MAX)
    };
    let http = Http {
        method: Method::from_bytes(method?.as_bytes()).expect("the words are methods"),
        headers: headers(section, arguments, found),
        content: content(section, arguments, found),
        address: address?,
        secrets,
        idempotency,
        allow,
        redirects: section.number("redirects", (0, 10), 0, found),
        connect: section.span("connect", Span::from_secs(5), found),
        time: section.span("time", Span::from_secs(10), found),
        request: size("request", 256 << 10, 16 << 20, found),
        response: size("response", MOST, MOST, found),
        loopback,
        roots,
    };
    Some(http)
}

/// The name of a header that is ours to set.
fn name(section: &Section, key: &str, text: &str, found: &mut Found) -> Option<HeaderName> {
    let ours = [
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::ACCEPT_ENCODING,
        header::EXPECT,
    ];
    match HeaderName::from_bytes(text.as_bytes()) {
        Ok(name) if !ours.contains(&name) => return Some(name),
        Ok(name) => found.push(section.refuse(key, format!("the header `{name}` is set by what sends the request"))),
        Err(_) => found.push(section.refuse(key, format!("`{}` is not the name of a header", text.escape_debug()))),
    }
    None
}

fn headers(section: &Section, arguments: &Arguments, found: &mut Found) -> Vec<(HeaderName, Template)> {
    let mut headers = Vec::new();
    for (key, text) in section.map("headers", found) {
        let template = found.sift(Template::parse(&text, arguments).map_err(|why| section.refuse("headers", why)));
        headers.extend(name(section, "headers", &key, found).zip(template));
    }
    headers
}

fn secrets(section: &Section, found: &mut Found) -> Vec<(HeaderName, Sealing)> {
    let mut secrets = Vec::new();
    for (key, text) in section.map("secrets", found) {
        let sealing = found.sift(Sealing::parse(&text).map_err(|why| section.refuse("secrets", why)));
        secrets.extend(name(section, "secrets", &key, found).zip(sealing));
    }
    secrets
}

fn content(section: &Section, arguments: &Arguments, found: &mut Found) -> Content {
    let given: Vec<&str> = ["body", "json", "form"].into_iter().filter(|key| section.has(key)).collect();
    if let [_, second, ..] = given[..] {
        found.push(section.refuse(second, "a request has one body: `body`, `json` or `form`"));
    }
    if let Some(text) = section.text("json", found) {
        let tree = found.sift(Tree::parse(&text, arguments).map_err(|why| section.refuse("json", why)));
        return tree.map_or(Content::Nothing, Content::Json);
    }
    if section.has("form") {
        let mut fields = Vec::new();
        for (key, text) in section.map("form", found) {
            let template = found.sift(Template::parse(&text, arguments).map_err(|why| section.refuse("form", why)));
            fields.extend(template.map(|template| (key, template)));
        }
        return Content::Form(fields);
    }
    match section.text("body", found) {
        None => Content::Nothing,
        Some(text) if text == "${args}" && *arguments != Arguments::Number && *arguments != Arguments::Nothing => Content::Args,
        Some(text) => {
            let template = found.sift(Template::parse(&text, arguments).map_err(|why| section.refuse("body", why)));
            template.map_or(Content::Nothing, Content::Text)
        }
    }
}
