//! A wall clock that is set back by an hour while the daemon runs: what expired stays expired, and all else goes on.

use crate::hive::{Folder, free_port};
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Class, Contract, Delegation, Grant, Name, Nonce, Offer, Resolution, Scope, Scopes, Text,
    Window, WritId,
};
use antfarm_daemon::control::{Command, Said};
use antfarm_daemon::{Client, Config, Daemon, TOOLS, Workshop, key_file};
use antfarm_host::{SystemTime, Timekeeper};
use antfarm_identity::PublicKey;
use antfarm_machine::{Mono, Span, Wall};
use antfarm_node::{Answer, Ask, Body, Form, Need, Notice, Outcome, Tool, Toolbox, Wish};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const HOUR: Span = Span::from_secs(3_600);

/// The system's clocks, the wall clock set back by so many nanoseconds.
#[derive(Clone, Default)]
struct Behind(Arc<AtomicU64>);

impl Timekeeper for Behind {
    fn mono(&self) -> Mono {
        SystemTime.mono()
    }

    fn wall(&self) -> Wall {
        Wall::from_nanos(SystemTime.wall().as_nanos() - self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, span: Span) -> impl Future<Output = ()> + Send + use<> {
        SystemTime.sleep(span)
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

/// A tool that does whatever it is told, and counts how often.
fn workshop(calls: Arc<AtomicU64>) -> Workshop {
    let cost = Amount { calls: Calls(1), ..Amount::ZERO };
    let resolution = Resolution::Keyed { retention: Span::from_secs(86_400) };
    let contract = Contract { tool: name("shelf.put"), class: Class::Write, resolution, cost };
    let tool = Tool { contract, peer: TOOLS, form: Form::Bytes, priced: false, entity: None, need: Need::Nothing };
    let carry = move |body, answer: Box<dyn FnOnce(Body) + Send>| {
        if let Body::Call(call) = body {
            calls.fetch_add(1, Ordering::SeqCst);
            answer(Body::Outcome { key: call.key, outcome: Outcome::Done { result: Bytes::default(), spent: cost } });
        }
    };
    Workshop::own(Toolbox::new([tool]), Box::new(carry))
}

struct Owner {
    client: Client,
    config: Config,
    me: PublicKey,
}

impl Owner {
    fn ask(&mut self, ask: Ask) -> Notice {
        let said = self.client.say(Command::Ask(ask)).expect("the daemon answers");
        let Said::Notice(notice) = said else { panic!("{said:?}") };
        notice
    }

    /// Gives itself a writ of that name until then; the log takes a moment until it is open.
    fn grant(&mut self, number: u8, until: Wall) -> WritId {
        let grant = Grant {
            colony: self.config.colony_id(),
            tenant: self.config.tenant.clone(),
            tools: Scopes::new(Scope::new("*")).expect("one"),
            budget: Amount { calls: Calls(1_000), ..Amount::ZERO },
            ceiling: Ceiling::ALL,
            window: Window::new(Wall::ZERO, until).expect("it ends later"),
            delegation: Delegation::NONE,
            freshness: HOUR,
        };
        let offer = Offer { subject: self.me, nonce: Nonce([number; 16]), home: self.me, grant };
        let began = Instant::now();
        loop {
            let told = self.ask(Ask::Grant { parent: None, offer: Box::new(offer.clone()), task: None });
            if let Notice::Granted { writ, .. } = told {
                return writ;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{told:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn put(&mut self, writ: WritId, number: u8, until: Wall) -> Answer {
        let (nonce, args, rationale) = (Nonce([number; 16]), Bytes::new(b"value").expect("short"), Text::default());
        let target = Text::new("shelf").expect("short");
        let wish = Wish { writ, nonce, until, tool: name("shelf.put"), target, args, rationale };
        let told = self.ask(Ask::Wish(Box::new(wish)));
        let Notice::Answered { answer, .. } = told else { panic!("{told:?}") };
        answer
    }

    /// The same until it is as wanted: the first call under a writ asks for the word that it stands, and time passes.
    fn put_until(&mut self, writ: WritId, number: &mut u8, until: Wall, wanted: impl Fn(&Answer) -> bool) {
        let began = Instant::now();
        loop {
            *number += 1;
            let answer = self.put(writ, *number, until);
            if wanted(&answer) {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn is_done(answer: &Answer) -> bool {
    matches!(answer, Answer::Done { .. })
}

#[test]
fn a_clock_that_is_set_back_by_an_hour_brings_nothing_back_and_loses_nothing() {
    let folder = Folder::new("clock");
    let me = key_file::generate(&folder.0.join("queen.key")).expect("a key");
    let text = format!(
        "name = \"queen\"\ncolony = \"hive\"\ntenant = \"acme\"\nkey = \"queen.key\"\nfolder = \"queen\"\ncontrol = \"queen.sock\"\n\
         listen = \"{}\"\nroots = [\"{me}\"]\npulse = \"100ms\"\n",
        free_port()
    );
    let config = Config::parse(&folder.0.join("queen.toml").display().to_string(), &text).expect("a configuration");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (clock, calls) = (Behind::default(), Arc::new(AtomicU64::new(0)));
    let start = || Daemon::start_with(config.clone(), workshop(calls.clone()), clock.clone());
    let daemon = runtime.block_on(start()).expect("it starts");
    let connect = || Client::connect(&config.control, Duration::from_secs(30)).expect("it listens");
    let mut owner = Owner { client: connect(), config: config.clone(), me };

    let now = clock.wall();
    let (short, long) = (owner.grant(1, now + Span::from_secs(2)), owner.grant(2, now + Span::from_secs(7_200)));
    let mut number = 0;
    owner.put_until(short, &mut number, now + HOUR, is_done);
    owner.put_until(long, &mut number, now + HOUR, is_done);
    let done = number;
    owner.put_until(short, &mut number, now + HOUR, |answer| matches!(answer, Answer::Refused(_)));

    let before = calls.load(Ordering::SeqCst);
    clock.0.store(HOUR.as_nanos(), Ordering::SeqCst);
    number += 1;
    assert!(matches!(owner.put(short, number, now + HOUR), Answer::Refused(_)), "what expired stays expired");
    assert!(is_done(&owner.put(long, done, now + HOUR)), "what was done is remembered");
    assert_eq!(calls.load(Ordering::SeqCst), before, "and not done again");
    owner.put_until(long, &mut number, now, is_done);
    assert_eq!(calls.load(Ordering::SeqCst), before + 1, "all else goes on");

    runtime.block_on(daemon.stop()).expect("it ends in order");
    let daemon = runtime.block_on(start()).expect("it starts again, an hour before it ended");
    owner.client = connect();
    let began = Instant::now();
    while !is_done(&owner.put(long, done, now + HOUR)) {
        assert!(began.elapsed() < Duration::from_secs(30), "it is open soon");
        std::thread::sleep(Duration::from_millis(20));
    }
    number += 1;
    assert!(matches!(owner.put(short, number, now), Answer::Refused(_)), "what expired stays expired");
    assert_eq!(calls.load(Ordering::SeqCst), before + 1);
    runtime.block_on(daemon.stop()).expect("it ends in order");
}
