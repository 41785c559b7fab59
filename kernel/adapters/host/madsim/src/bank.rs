//! The tool: a bank on a machine of its own, which pays once for each key. It is killed and cut off as the nodes are; its books last.

use crate::sockets::Sockets;
use crate::time::{Clocks, sleep};
use crate::trace::Trace;
use antfarm_authority::{Amount, Bytes, Calls, EffectKey, Name, Resolution, Usdc};
use antfarm_authority::{Class, Contract};
use antfarm_host::{Inbox, Timekeeper as _};
use antfarm_identity::{Codec, from_bytes, to_bytes};
use antfarm_machine::{PeerId, Span, Wall};
use antfarm_network::Wire as _;
use antfarm_node::{Body, Form, Message, Need, Node, Outcome, Tool, Toolbox};
use madsim::rand::{Rng, thread_rng};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What nodes call it.
pub const BANK: PeerId = PeerId::new(1_000);

/// Where it listens.
pub const ADDRESS: &str = "10.0.1.1:443";

/// How long a node waits for it before it hangs up.
const PATIENCE: Span = Span::from_secs(3);

/// The longest word between a node and the bank, in bytes.
const LONGEST: u32 = 1 << 20;

/// The bank's books. Clones are of one bank.
#[derive(Clone, Default, Debug)]
pub struct Bank(Arc<Mutex<Books>>);

#[derive(Default, Debug)]
struct Books {
    paid: BTreeMap<EffectKey, Outcome>,
    repeated: u64,
    late: u64,
    latest: Wall,
}

/// The tools of every node: `bank.pay`, keyed.
pub fn toolbox() -> Toolbox {
    let contract = Contract {
        tool: Name::new("bank.pay").expect("legal"),
        class: Class::External,
        resolution: Resolution::Keyed { retention: Span::from_secs(6 * 3_600) },
        cost: Amount { money: Usdc::whole(1), calls: Calls(1), ..Amount::ZERO },
    };
    let form = Form::Number { low: 1, high: Usdc::whole(1).0 };
    Toolbox::new([Tool { contract, peer: BANK, form, priced: true, entity: None, need: Need::Nothing }])
}

impl Bank {
    /// Serves until its machine dies.
    pub async fn serve(self, clocks: Clocks) {
        let sockets = Sockets::default();
        let (mut listener, _) = sockets.listen(ADDRESS).await.expect("nobody else is on this machine");
        loop {
            let Ok((line, _)) = sockets.accept(&mut listener).await else { continue };
            let bank = self.clone();
            sockets.spawn(async move { bank.talk(line, clocks).await.unwrap_or_default() });
        }
    }

    async fn talk(self, mut line: impl AsyncRead + AsyncWrite + Unpin, clocks: Clocks) -> io::Result<()> {
        let body = read(&mut line).await?;
        sleep(Span::from_micros(thread_rng().gen_range(1_000..40_000))).await;
        if let Some(answer) = self.hear(&body, clocks.wall()) {
            sleep(Span::from_micros(thread_rng().gen_range(1_000..40_000))).await;
            write(&mut line, &answer).await?;
        }
        Ok(())
    }

    fn hear(&self, body: &Body, now: Wall) -> Option<Body> {
        let Body::Call(call) = body else { return None };
        let mut books = self.books();
        books.latest = books.latest.max(now);
        let money = <[u8; 8]>::try_from(call.args.bytes()).map_or(0, u64::from_le_bytes);
        let outcome = if let Some(known) = books.paid.get(&call.key).cloned() {
            books.repeated += 1;
            known
        } else if books.latest > call.deadline {
            books.late += 1;
            Outcome::Unclear
        } else {
            let spent = Amount { money: Usdc(money), calls: Calls(1), ..Amount::ZERO };
            let done = Outcome::Done { result: Bytes::default(), spent };
            books.paid.insert(call.key, done.clone());
            done
        };
        Some(Body::Outcome { key: call.key, outcome })
    }

    /// The keys that it paid for, in order.
    pub fn paid(&self) -> Vec<EffectKey> {
        self.books().paid.keys().copied().collect()
    }

    /// How often it was asked again for what it had done.
    pub fn repeated(&self) -> u64 {
        self.books().repeated
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the bank told what a node tells it, and the node what it answers; nothing where the line breaks or is too slow.
pub(crate) fn carry(body: Body, sockets: &Sockets, inbox: Inbox<Node>, trace: Trace) {
    let wire = sockets.clone();
    sockets.spawn(async move {
        let answered = async {
            let mut line = wire.connect(ADDRESS).await?;
            write(&mut line, &body).await?;
            read(&mut line).await
        };
        let answer: io::Result<Body> = tokio::select! {
            biased;
            answer = answered => answer,
            () = sleep(PATIENCE) => Err(io::ErrorKind::TimedOut.into()),
        };
        match answer {
            Ok(body) => inbox.heard_in_turn(BANK, Message::bare(body)).await.unwrap_or_default(),
            Err(_) => trace.count("unanswered calls"),
        }
    });
}

async fn write(line: &mut (impl AsyncWrite + Unpin), body: &Body) -> io::Result<()> {
    let bytes = to_bytes(body);
    line.write_u32_le(u32::try_from(bytes.len()).expect("short")).await?;
    line.write_all(&bytes).await?;
    line.flush().await
}

async fn read<T: Codec>(line: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let length = line.read_u32_le().await?;
    assert!(length <= LONGEST, "both ends are ours");
    let mut bytes = vec![0; usize::try_from(length).expect("small")];
    line.read_exact(&mut bytes).await?;
    from_bytes(&bytes).map_err(|bad| io::Error::new(io::ErrorKind::InvalidData, bad.to_string()))
}
