//! Requests over HTTP: what a call can put into them, where they go, and which outcome follows from what.

use crate::fixture::{Place, call, result};
use crate::server::{Server, reply};
use antfarm_executors::{Answer, Barrier, Cause, Executors, Resolver, Unfit};
use antfarm_machine::Span;
use antfarm_node::Outcome;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A keyed tool; `more` are lines of `[tool.http]`.
fn manifest(method: &str, url: &str, more: &str) -> String {
    format!(
        "[[tool]]\nname = \"tool\"\ncontract = \"keyed\"\nretention = \"1h\"\n[tool.http]\nmethod = \"{method}\"\nurl = \"{url}\"\n{more}\n"
    )
}

/// The same on loopback, without encryption.
fn local(method: &str, server: &Server, path: &str, more: &str) -> String {
    let url = format!("http://127.0.0.1:{}{path}", server.port);
    manifest(method, &url, &format!("cleartext = true\nallow-loopback = true\n{more}"))
}

/// A resolver that knows these addresses of every name, and counts.
fn scripted(addresses: &'static [&'static str], count: Arc<AtomicUsize>) -> Resolver {
    Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let addresses: Vec<IpAddr> = addresses.iter().map(|it| it.parse().expect("an address")).collect();
        Box::pin(async move { if addresses.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(addresses) } })
    })
}

fn with_resolver(place: &Place, manifest: &str, resolver: Resolver) -> Executors {
    let mut setup = place.setup(manifest);
    setup.resolver = resolver;
    Executors::open(setup).expect("the folder is good")
}

fn failed(answer: &Answer) -> &Cause {
    assert!(matches!(answer.outcome, Outcome::Failed { .. }), "{answer:?}");
    &answer.cause
}

fn unclear(answer: &Answer) -> &Cause {
    assert_eq!(answer.outcome, Outcome::Unclear, "{answer:?}");
    &answer.cause
}

#[test]
fn a_call_fills_path_query_headers_and_body_and_nothing_else() {
    let server = Server::start(|_, _| reply(200, "", "ok"));
    let more = "headers = { X-Target = \"${target}\" }\njson = '{\"to\": \"${target}\", \"n\": [\"${args.n}\", \"${args.s}\"], \"t\": \"<${args.s}>\"}'";
    let text = local("POST", &server, "/v1/${target}/x?q=${args.s}&k=${key}", more);
    let text = text.replace("[tool.http]", "args = \"json\"\nfields = [\"n\", \"s\"]\n[tool.http]");
    let answer = Place::new().call(&text, "a b?#/c", r#"{"n": 5, "s": "x\", \"admin\": true, \"y\": \"&k=1"}"#);
    assert_eq!(result(&answer), "ok\n");
    let asked = server.asked().remove(0);
    let key = "01".repeat(32);
    let escaped = "x%22%2C%20%22admin%22%3A%20true%2C%20%22y%22%3A%20%22%26k%3D1";
    assert!(asked.starts_with(&format!("POST /v1/a%20b%3F%23%2Fc/x?q={escaped}&k={key} HTTP/1.1\r\n")), "{asked}");
    assert!(asked.contains("x-target: a b?#/c\r\n") && asked.contains("accept-encoding: identity\r\n"), "{asked}");
    let body = r#"{"n":[5,"x\", \"admin\": true, \"y\": \"&k=1"],"t":"<x\", \"admin\": true, \"y\": \"&k=1>","to":"a b?#/c"}"#;
    assert!(
        asked.ends_with(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
            || asked.ends_with(body),
        "{asked}"
    );
}

#[test]
fn a_value_cannot_leave_its_part_of_the_path_or_end_a_header() {
    let server = Server::start(|_, _| reply(200, "", "ok"));
    for target in ["..", ".", "", "../admin", "a/../../admin", "a\\..\\b"] {
        let answer = Place::new().call(&local("GET", &server, "/v1/${target}", ""), target, "");
        assert!(matches!(failed(&answer), Cause::Unfit(Unfit::Value { .. })), "`{target}`: {answer:?}");
    }
    let answer = Place::new().call(&local("GET", &server, "/", "headers = { X-A = \"${target}\" }"), "a\r\nX-B: c", "");
    assert!(matches!(failed(&answer), Cause::Unfit(Unfit::Value { .. })), "{answer:?}");
    let answer = Place::new().call(&local("POST", &server, "/", "body = \"${args}\"\nrequest = 10"), "t", "12345678901");
    assert!(matches!(failed(&answer), Cause::Unfit(Unfit::Value { .. })), "{answer:?}");
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn places_that_are_not_public_are_not_connected_to() {
    let server = Server::start(|_, _| reply(200, "", "secret"));
    for host in [
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",
        "[::]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "224.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
    ] {
        let text = manifest("GET", &format!("http://{host}:{}/", server.port), "cleartext = true");
        let answer = Place::new().call(&text, "t", "");
        assert!(matches!(failed(&answer), Cause::Barred(_)), "{host}: {answer:?}");
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn a_name_is_resolved_once_and_only_what_passed_is_connected_to() {
    let server = Server::start(|_, _| reply(200, "", "ok"));
    let url = format!("http://api.example:{}/", server.port);
    let asks = |more: &str, addresses| {
        let (place, count) = (Place::new(), Arc::new(AtomicUsize::new(0)));
        let text = manifest("GET", &url, &format!("cleartext = true\n{more}"));
        let executors = with_resolver(&place, &text, scripted(addresses, count.clone()));
        let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
        assert_eq!(count.load(Ordering::SeqCst), 1, "a second answer could be another one");
        answer
    };
    assert!(matches!(failed(&asks("", &["127.0.0.1"])), Cause::Barred(_)));
    assert!(matches!(failed(&asks("", &["10.0.0.1", "::1", "169.254.169.254"])), Cause::Barred(_)));
    assert!(matches!(failed(&asks("allow-loopback = true", &["10.0.0.1"])), Cause::Barred(_)));
    assert!(matches!(failed(&asks("", &[])), Cause::Unreachable(_)));
    assert_eq!(server.asked().len(), 0);
    // What does not pass is left out; the rest is tried in its order.
    assert_eq!(result(&asks("allow-loopback = true", &["10.0.0.1", "127.0.0.1"])), "ok\n");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn redirects_lead_only_where_the_manifest_and_the_address_allow() {
    let other = Server::start(|_, _| reply(200, "", "other"));
    let to = format!("127.0.0.1:{}", other.port);
    let send = |status: u16, method: &str, location: String, more: &str| {
        let location = format!("Location: {location}\r\n");
        let server = Server::start(move |_, _| reply(status, &location, ""));
        Place::new().call(&local(method, &server, "/", more), "t", "")
    };
    let allow = format!("redirects = 2\nallow = [\"{to}\"]");
    assert_eq!(result(&send(302, "GET", format!("http://{to}/x"), &allow)), "other\n");
    assert_eq!(result(&send(308, "POST", format!("http://{to}/x"), &allow)), "other\n");
    assert!(other.asked()[1].starts_with("POST /x "), "{:?}", other.asked());
    let redirect = |barrier| Cause::Redirect(barrier);
    // Somebody else's name for the same place is not on the list.
    assert_eq!(*failed(&send(302, "GET", format!("http://localhost:{}/", other.port), &allow)), redirect(Barrier::Host));
    assert_eq!(*failed(&send(307, "POST", "http://169.254.169.254/".to_owned(), &allow)), redirect(Barrier::Host));
    assert_eq!(*failed(&send(302, "GET", format!("http://{to}/x"), &format!("allow = [\"{to}\"]"))), redirect(Barrier::Hops));
    assert_eq!(*failed(&send(302, "GET", "/again".to_owned(), &allow)), redirect(Barrier::Hops));
    assert_eq!(*failed(&send(302, "GET", "file:///etc/passwd".to_owned(), &allow)), redirect(Barrier::Malformed));
    for status in [301, 302, 303] {
        assert_eq!(*unclear(&send(status, "POST", format!("http://{to}/x"), &allow)), redirect(Barrier::Method));
    }
    assert_eq!(other.asked().len(), 2);
    // It is on the list, and its address is not public.
    let (place, count) = (Place::new(), Arc::new(AtomicUsize::new(0)));
    let server = Server::start(|_, _| reply(302, "Location: http://inner.example/\r\n", ""));
    let text = local("GET", &server, "/", "redirects = 1\nallow = [\"inner.example:80\"]");
    let executors = with_resolver(&place, &text, scripted(&["10.0.0.1"], count));
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!(*failed(&answer), Cause::Barred("10.0.0.1".parse().expect("an address")));
}

#[test]
fn a_secret_is_sent_to_its_host_only_and_never_comes_back() {
    let mut place = Place::new();
    place.secrets.insert("api".to_owned(), b"s3cret/with+signs".to_vec());
    let echo = |_: usize, request: &str| reply(200, "", request);
    let (server, other) = (Server::start(echo), Server::start(echo));
    let header = "secrets = { Authorization = \"Bearer ${api}\" }";
    let answer = place.call(&local("GET", &server, "/", header), "t", "");
    assert!(server.asked()[0].contains("authorization: Bearer s3cret/with+signs\r\n"), "{:?}", server.asked());
    assert!(result(&answer).contains("authorization: Bearer [secret:api]\r\n"), "{}", result(&answer));
    assert!(!format!("{answer:?}").contains("s3cret"), "{answer:?}");
    for file in std::fs::read_dir(place.path()).expect("it is there").flatten() {
        let bytes = std::fs::read(file.path()).expect("a file");
        assert!(!bytes.windows(6).any(|it| it == b"s3cret"), "{file:?}");
    }
    let location = format!("Location: http://127.0.0.1:{}/\r\n", other.port);
    let server = Server::start(move |_, _| reply(307, &location, ""));
    let mut place = Place::new();
    place.secrets.insert("api".to_owned(), b"s3cret/with+signs".to_vec());
    let more = format!("{header}\nredirects = 1\nallow = [\"127.0.0.1:{}\"]", other.port);
    assert!(!result(&place.call(&local("GET", &server, "/", &more), "t", "")).contains("authorization"));
    assert!(!other.asked()[0].contains("authorization"), "{:?}", other.asked());
}

#[test]
fn a_call_in_doubt_is_sent_again_under_the_same_key() {
    let place = Place::new();
    let server = Server::start(|nth, _| match nth {
        0 => reply(503, "", "broken"),
        1 => reply(409, "", "under way"),
        2 => reply(404, "", "what?"),
        _ => reply(200, "", "done"),
    });
    let executors = place.open(&local("POST", &server, "/", "idempotency = \"Idempotency-Key\""));
    let ask = || place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!(*unclear(&ask()), Cause::Status(503));
    assert_eq!(*unclear(&ask()), Cause::Status(409));
    // The first attempt may have taken effect: this one's failure does not say that it did not.
    assert_eq!(*unclear(&ask()), Cause::Status(404));
    assert_eq!(result(&ask()), "done\n");
    assert_eq!(result(&ask()), "done\n");
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "what is done is not sent again");
    let header = format!("idempotency-key: {}\r\n", "01".repeat(32));
    assert!(asked.iter().all(|it| it.contains(&header)), "{asked:?}");
}

#[test]
fn without_a_header_for_keys_a_call_in_doubt_is_not_sent_again() {
    let place = Place::new();
    let server = Server::start(|_, _| reply(500, "", ""));
    let executors = place.open(&local("POST", &server, "/", ""));
    let ask = || place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!(*unclear(&ask()), Cause::Status(500));
    assert_eq!(*unclear(&ask()), Cause::InDoubt);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn the_status_decides_what_is_answered() {
    for (status, in_doubt) in
        [(400, false), (403, false), (404, false), (409, false), (429, false), (500, true), (502, true), (504, true)]
    {
        for (method, reads) in [("POST", false), ("GET", true)] {
            let server = Server::start(move |_, _| reply(status, "", "no"));
            let answer = Place::new().call(&local(method, &server, "/", ""), "t", "");
            assert_eq!(answer.outcome == Outcome::Unclear, in_doubt && !reads, "{method} {status}: {answer:?}");
            assert_eq!(answer.cause, Cause::Status(status));
        }
    }
}

#[test]
fn an_answer_that_is_too_long_too_slow_or_broken_off_is_not_waited_for() {
    let cases: [(&[u8], Cause); 5] = [
        (b"HTTP/1.1 200 X\r\nContent-Length: 11\r\n\r\n0123456789\n", Cause::Flooded),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789\n\r\n", Cause::Flooded),
        (b"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\n01234", Cause::TimedOut),
        (b"", Cause::TimedOut),
        (b"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\n01234\n", Cause::Broken),
    ];
    for (bytes, cause) in cases {
        for method in ["POST", "GET"] {
            let server = Server::start(move |_, _| bytes.to_vec());
            let answer = Place::new().call(&local(method, &server, "/", "response = 10\ntime = \"500ms\""), "t", "");
            let found = if method == "GET" { failed(&answer) } else { unclear(&answer) };
            assert_eq!(*found, cause, "{method} {}", String::from_utf8_lossy(bytes));
        }
    }
    let endless = |_: usize, _: &str| [&b"HTTP/1.1 200 X\r\nX: "[..], &[b'x'; 200_000], b"\n"].concat();
    let answer = Place::new().call(&local("POST", &Server::start(endless), "/", ""), "t", "");
    assert_eq!(*unclear(&answer), Cause::Broken);
}

#[test]
fn what_was_never_sent_had_no_effect() {
    let closed = Server::start(|_, _| Vec::new());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let text = local("POST", &closed, "/", "").replace(&closed.port.to_string(), &port.to_string());
    let answer = Place::new().call(&text, "t", "");
    assert!(matches!(failed(&answer), Cause::Unreachable(_)), "{answer:?}");
    // The deadline passes while the name is resolved.
    let place = Arc::new(Place::new());
    let server = Server::start(|_, _| reply(200, "", "ok"));
    let text = local("POST", &server, "/", "").replace("127.0.0.1", "api.example");
    let clock = place.clock();
    let slow: Resolver = Arc::new(move |_| {
        clock.fetch_add(Span::from_secs(61).as_nanos(), Ordering::SeqCst);
        Box::pin(async { Ok(vec!["127.0.0.1".parse().expect("an address")]) })
    });
    let executors = with_resolver(&place, &text, slow);
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert!(matches!(failed(&answer), Cause::TooLate { .. }), "{answer:?}");
    assert_eq!(server.asked(), Vec::<String>::new());
}
