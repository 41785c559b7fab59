//! What is told of connections: who, and why; never what was said, and never a secret.

use super::hostile::refused;
use super::node::{brisk, config, id, nowhere, pair, secret, until};
use super::stranger::{PROTOCOL, dial, frame, join, rest, write};
use antfarm_network::{Frame, Refusal};
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps everything that any library tells, at every level.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a string takes all text");
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().expect("no panic");
        event.record(&mut Line(&mut text));
        text.push('\n');
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Ways in which bytes get into texts.
fn written(bytes: &[u8]) -> [String; 4] {
    let hex: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
    let list = format!("{bytes:?}");
    [hex.to_uppercase(), hex, list.trim_matches(['[', ']']).to_owned(), String::from_utf8_lossy(bytes).into_owned()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_and_reasons_are_told_and_nothing_else() {
    let listener = Listener::default();
    tracing::subscriber::set_global_default(listener.clone()).expect("nobody else listens");
    let told = || listener.0.lock().expect("no panic").clone();
    const SAID: &[u8] = b"the combination is 12345678";

    let [mut one, mut two] = pair(brisk()).await;
    one.send(2, SAID);
    one.send(2, &vec![b'7'; 2 << 20]);
    assert_eq!(two.hear().await, (1, SAID.to_vec()));
    let mut stranger = dial(9, &one.address(), &[PROTOCOL]).await.expect("a handshake");
    write(&mut stranger, SAID).await;
    rest(&mut stranger).await;
    refused(&one, Refusal::UnknownKey, 1).await;
    // A peer whose message is none, in the place of the other, which would take it back.
    two.links.stop().await;
    let mut odd = join(2, &one.address()).await;
    assert!(write(&mut odd, &frame(Frame::Message(SAID))).await);
    rest(&mut odd).await;
    until(|| told().contains("could not be decoded"), told).await;
    one.links.readdress(id(2), nowhere());
    until(|| told().contains("nobody answers there"), told).await;

    let said = told();
    for expected in ["peer=2", "its key is no peer's", "it is longer than `max_message`", "from=127.0.0.1"] {
        assert!(said.contains(expected), "`{expected}` in {said}");
    }
    let everything = format!("{said} {:?} {:?} {:?}", config(1, brisk(), &[]), one.links, one.links.counts());
    for (what, bytes) in [("a message", SAID), ("a message", &[b'7'; 32]), ("a secret", &secret(1)), ("a secret", &secret(2))] {
        for text in written(bytes) {
            assert!(!everything.contains(&text), "{what} was told as `{text}`: {everything}");
        }
    }
}
