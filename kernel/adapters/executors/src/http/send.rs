//! A request, from call to answer, through all redirects.

use super::Http;
use super::connect::{Resolver, connect};
use super::place::Place;
use crate::cause::{Barrier, Cause, Ran};
use crate::secrets::Used;
use crate::template::{Unfit, Values};
use antfarm_machine::Span;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// The most bytes of the head of an answer.
const HEAD: usize = 64 << 10;

/// What a request needs besides what the manifest says.
pub(crate) struct Going<'a> {
    /// What finds addresses.
    pub(crate) resolver: &'a Resolver,
    /// Whether it may still begin. Asked in the moment before the first byte is sent.
    pub(crate) may_begin: &'a (dyn Fn() -> Result<(), Cause> + Sync),
}

/// What is sent to each place.
struct Parcel {
    headers: HeaderMap,
    secrets: HeaderMap,
    body: Bytes,
}

/// Sends a request for a call.
pub(crate) async fn send(http: &Http, values: &Values<'_>, secrets: &mut Used<'_>, going: &Going<'_>) -> Ran {
    let place = match http.address.fill(values) {
        Ok(place) => place,
        Err(unfit) => return Ran::Failed(Cause::Unfit(unfit)),
    };
    let parcel = match pack(http, values, secrets) {
        Ok(parcel) => parcel,
        Err(cause) => return Ran::Failed(cause),
    };
    let sent = AtomicBool::new(false);
    match timeout(duration(http.time), travel(http, place, parcel, going, &sent)).await {
        Ok(ran) => ran,
        // INVARIANT(doubt): from the moment in which its first byte may have left.
        Err(_) if sent.load(Ordering::SeqCst) => Ran::Unclear(Cause::TimedOut),
        Err(_) => Ran::Failed(Cause::TimedOut),
    }
}

fn duration(span: Span) -> Duration {
    Duration::from_nanos(span.as_nanos())
}

fn pack(http: &Http, values: &Values<'_>, used: &mut Used<'_>) -> Result<Parcel, Cause> {
    let unfit = |because| Cause::Unfit(Unfit::Value { because });
    let body = http.content.fill(values).map_err(Cause::Unfit)?;
    if body.len() > http.request {
        return Err(unfit("the request is longer than `request` allows"));
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::USER_AGENT, HeaderValue::from_static("antfarm"));
    headers.extend(http.content.kind().map(|kind| (header::CONTENT_TYPE, HeaderValue::from_static(kind))));
    for (name, template) in &http.headers {
        let text = template.fill(values, Ok).map_err(Cause::Unfit)?;
        let value = HeaderValue::from_str(&text).map_err(|_| unfit("a header holds visible ASCII"))?;
        headers.insert(name.clone(), value);
    }
    headers.extend(
        http.idempotency
            .clone()
            .map(|name: HeaderName| (name, HeaderValue::from_str(values.key()).expect("a key in hexadecimal is visible ASCII"))),
    );
    let mut secrets = HeaderMap::new();
    for (name, sealing) in &http.secrets {
        let mut value = HeaderValue::from_bytes(&sealing.open(used)?).map_err(|_| sealing.unfit())?;
        value.set_sensitive(true);
        secrets.insert(name.clone(), value);
    }
    Ok(Parcel { headers, secrets, body: Bytes::from(body) })
}

async fn travel(http: &Http, start: Place, parcel: Parcel, going: &Going<'_>, sent: &AtomicBool) -> Ran {
    let mut place = start.clone();
    let mut with_secrets = true;
    for hop in 0..=http.redirects {
        let response = match knock(http, &place, &parcel, with_secrets, going, sent).await {
            Ok(response) => response,
            Err(ran) => return ran,
        };
        let status = response.status();
        if status.is_success() {
            return collect(response, http.response).await;
        }
        if !is_redirect(status) {
            return refused(http, status);
        }
        // A server that says 307 or 308 did nothing (RFC 9110, 15.4.8); after the others, something may have been done.
        let untouched = http.is_safe() || matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
        if !untouched {
            return Ran::Unclear(Cause::Redirect(Barrier::Method));
        }
        let location = response.headers().get(header::LOCATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let next = match hop == http.redirects {
            true => Err(Barrier::Hops),
            false => place.follow(location, &http.allow),
        };
        match next {
            Ok(next) => place = next,
            Err(barrier) => return Ran::Failed(Cause::Redirect(barrier)),
        }
        sent.store(false, Ordering::SeqCst);
        // Once they were dropped they stay so, also if it leads back.
        with_secrets &= (place.https, &place.authority) == (start.https, &start.authority);
    }
    Ran::Failed(Cause::Redirect(Barrier::Hops))
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// What an answer says that is neither success nor redirect.
fn refused(http: &Http, status: StatusCode) -> Ran {
    let cause = Cause::Status(status.as_u16());
    // 409: another request with this key is under way (draft-ietf-httpapi-idempotency-key-header, 2.7).
    let under_way = status == StatusCode::CONFLICT && http.idempotency.is_some();
    if status.is_client_error() && !under_way { Ran::Failed(cause) } else { Ran::Unclear(cause) }
}

/// Sends the request to one place.
async fn knock(
    http: &Http,
    place: &Place,
    parcel: &Parcel,
    with_secrets: bool,
    going: &Going<'_>,
    sent: &AtomicBool,
) -> Result<Response<Incoming>, Ran> {
    let stream = match timeout(duration(http.connect), connect(http, place, going.resolver)).await {
        Ok(stream) => stream.map_err(Ran::Failed)?,
        Err(_) => return Err(Ran::Failed(Cause::TimedOut)),
    };
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| Ran::Failed(Cause::Broken))?;
    let mut request = Request::new(Full::new(parcel.body.clone()));
    *request.method_mut() = http.method.clone();
    *request.uri_mut() = place.path.parse().map_err(|_| Ran::Failed(Cause::Redirect(Barrier::Malformed)))?;
    let host = HeaderValue::from_str(&place.host()).map_err(|_| Ran::Failed(Cause::Redirect(Barrier::Malformed)))?;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.extend(parcel.headers.clone());
    if with_secrets {
        headers.extend(parcel.secrets.clone());
    }
    // INVARIANT(deadline): connecting took its time.
    (going.may_begin)().map_err(Ran::Failed)?;
    sent.store(true, Ordering::SeqCst);
    // The connection works for as long as the answer is read, and ends with it.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(|_| Ran::Unclear(Cause::Broken))
}

/// Reads the body of a success. What does not fit, or breaks off, leaves in doubt what it led to.
async fn collect(response: Response<Incoming>, most: usize) -> Ran {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Ran::Unclear(Cause::Broken) };
        // Trailers say nothing that anybody asked for.
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > most {
                return Ran::Unclear(Cause::Flooded);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ran::Done(bytes)
}
