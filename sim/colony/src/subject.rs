//! The colony as scenarios know it: `machine = "colony"`.

use crate::act;
use crate::builder::Terms;
use crate::cast::{MOST, Plan, SECRET, Settings, name, signer};
use crate::chronicle::Chronicle;
use crate::errand::{Chore, Errand, Manner, Mood, nonce_of};
use crate::member::Member;
use crate::oracle;
use antfarm_authority::{Bytes, Name, Nonce, Scope, Scopes, Text};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::scenario::{Cast, Form, Key, Nodes, Recipe, Search, Section, Subject, Teller, Trouble, Unit};
use antfarm_sim::{Dice, Family, Loss, Nobody, Odds, Oracle};
use std::sync::Arc;

/// Colonies of nodes and tools; scenarios call them `colony`.
///
/// Members with the names `bank`, `store`, `mail`, `clock` and `mind` are tools, which last; whoever's name begins with `traitor` is a byzantine
/// node; everybody else is a node. The first node is the trust root: it alone gives writs without a parent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Colonies;

type ColonyCast = Cast<Member, Nobody>;

const WANTED: &str = "an amount such as \"0.5 usdc\"";

/// Budgets: a number without a unit is one of USDC.
const WHOLE: Unit = Unit { name: "usdc", parts: 1_000_000, bare: 1_000_000, wanted: WANTED };

/// Payments: a number without a unit is one of millionths, so that a second of small payments is no long list of zeros.
const PARTS: Unit = Unit { bare: 1, ..WHOLE };

/// How far back a wish that is told again lies at most.
const AGAIN: u64 = 8;

const CONFIG: &[Key] = &[
    Key::new("pulse", Form::Span, "How often a node looks after standing, vouchers and revocations; without it 1s."),
    Key::new("patience", Form::Span, "How long a node waits for a tool before the call is in doubt; without it 2s."),
    Key::new("reopen", Form::Span, "How long a node waits before it reopens a log that stopped; without it 500ms."),
    Key::new("retention", Form::Span, "How long tools remember the keys of calls; without it 2m."),
    Key::new("sweep", Form::Span, "How often, at most, a node forgets what is over; without it 10m."),
    Key::new("save", Form::Count(0, 1 << 32), "After how many records a node saves its state; 0: never; without it 65536."),
    Key::new("heads", Form::Flag, "Whether messages carry signed heads; without it true."),
    Key::new("mischief", Form::Span, "How often a traitor does something; without it 300ms."),
    Key::new("specs", Form::Text, "Files of specs, separated by spaces, whose entities may live at nodes; without it none."),
    Key::new(
        "drops",
        Form::Flag,
        "Whether what an entity sets going may be refused although its spec counts on it; without it true.",
    ),
    Key::new("segment_bytes", Form::Count(1 << 12, 1 << 30), "A longer segment of a log is followed by a new one; 1 MiB."),
];

const ASKS: &[Key] = &[
    Key::new("grant", Form::Text, "Give a writ, and call it so."),
    Key::new("to", Form::Peer, "To which node; without it the node that is asked."),
    Key::new("home", Form::Peer, "At which node it lives; without it the node that it is given to."),
    Key::new("tools", Form::Text, "Which tools, separated by spaces, such as \"bank.* mail.send\"; without it all."),
    Key::new("calls", Form::Count(0, u64::MAX), "How many calls it allows; without it 1000."),
    Key::new(
        "spend",
        Form::Amount(&WHOLE, 1 << 60),
        "How much money it allows: \"50 usdc\", or a number of USDC; without it 1000.",
    ),
    Key::new("tokens", Form::Count(0, 1 << 40), "How many tokens of minds it allows; without it 1000000."),
    Key::new("task", Form::Text, "The task that a part is given for: the mind of who gets it takes it on, and it ends with it."),
    Key::new("work", Form::Text, "Take on a task, in the words of scripted minds: \"pay 1000000 well; answer paid\"."),
    Key::new("steps", Form::Count(1, 1024), "How many thoughts a task may take; without it 100."),
    Key::new("within", Form::Span, "How long after it is told a task ends; without it an hour."),
    Key::new("manner", Form::Word(Manner::WORDS), "A mind thinks in this manner from now on."),
    Key::new("lasts", Form::Span, "How long from the beginning of the run its window lasts; without it a day."),
    Key::new("freshness", Form::Span, "Its freshness: the bound of its revocation; without it 10s."),
    Key::new("depth", Form::Count(0, 8), "How many generations may follow; without it 0."),
    Key::new("whole", Form::Flag, "Its parts take all of its budget or nothing; without it false."),
    Key::new("under", Form::Text, "Under which writ: the parent of a writ that is given, the writ of a call."),
    Key::new("pay", Form::Amount(&PARTS, MOST), "Have the bank pay this: \"20 usdc\", or a number of millionths of a USDC."),
    Key::new("put", Form::Text, "Have the store put a value there."),
    Key::new("mail", Form::Text, "Have a letter sent there."),
    Key::new("read", Form::Flag, "Have the clock read."),
    Key::new("call", Form::Text, "Have a tool called by its name, whatever it is."),
    Key::new("target", Form::Text, "Whom a payment is for, or what a `call` is done to; without it `well`."),
    Key::new("act", Form::Text, "Have an entity act, or be created: a type and an action, such as \"Order.Place\"."),
    Key::new(
        "on",
        Form::Text,
        "Which entity; `order-1@scout` lives at `scout`, `*3` is the third that lives there. A `#` stands for the ordinal of the ask.",
    ),
    Key::new("with", Form::Text, "Its parameters, such as \"amount = 20; by = 'ann'; tags = ['a', 'b']\"."),
    Key::new(
        "writes",
        Form::Text,
        "What a composite action writes elsewhere: \"Vote.Cast vote-1: by = 'ann' & Vote.Cast vote-2\".",
    ),
    Key::new("among", Form::Count(1, 1 << 20), "A `#` stands for a random number up to this instead."),
    Key::new(
        "series",
        Form::Text,
        "Rows of one series make the same wishes, whatever else they say; without it each row its own.",
    ),
    Key::new("size", Form::Count(0, 64 << 10), "How many bytes a `put` puts, or a `call` carries; without it a few."),
    Key::new("secret", Form::Flag, "A `put` or a `mail` carries a secret, which the node has to take out; without it false."),
    Key::new(
        "expires",
        Form::Span,
        "For how long a wish may be begun, from when it is first told; without it until the second-next noon or midnight.",
    ),
    Key::new("again", Form::Odds, "How often one of the latest wishes of the row is told again instead; without it never."),
    Key::new("revoke", Form::Text, "Revoke the writ that is called so."),
    Key::new("close", Form::Text, "Close the writ that is called so."),
    Key::new("resolve", Form::Flag, "Say of every call in doubt whether it happened."),
    Key::new("fail", Form::Word(Mood::WORDS), "A tool fails so at the next calls that are new to it."),
    Key::new("times", Form::Count(1, 1 << 20), "At how many calls it fails; without it 1."),
];

/// The words one of which a row of asks needs.
const VERBS: [&str; 13] =
    ["act", "grant", "pay", "put", "mail", "read", "call", "work", "revoke", "close", "resolve", "fail", "manner"];

impl Subject for Colonies {
    type Machine = Member;
    type Outside = Nobody;

    fn name(&self) -> &'static str {
        "colony"
    }

    fn purpose(&self) -> &'static str {
        "nodes that hold writs and have tools called under them, and the tools"
    }

    fn tolerates(&self) -> Vec<Family> {
        // Everything but disks that lose what they acknowledged.
        Family::ALL.iter().copied().filter(|family| family.header().may_lose < Loss::Answered).collect()
    }

    fn config(&self) -> &'static [Key] {
        CONFIG
    }

    fn asks(&self) -> &'static [Key] {
        ASKS
    }

    fn cast(&self, nodes: &Nodes, config: &Section) -> Result<ColonyCast, Trouble> {
        let usual = Settings::default();
        let span = |key: &str, usual: Span| match config.span(key) {
            Some(span) if span < Span::from_millis(1) => Err(config.refuse(key, "wait at least 1ms")),
            Some(span) => Ok(span),
            None => Ok(usual),
        };
        let settings = Settings {
            pulse: span("pulse", usual.pulse)?,
            patience: span("patience", usual.patience)?,
            reopen_after: span("reopen", usual.reopen_after)?,
            retention: span("retention", usual.retention)?,
            sweep: span("sweep", usual.sweep)?,
            save: config.count("save").unwrap_or(usual.save),
            max_effects: usual.max_effects,
            mischief: span("mischief", usual.mischief)?,
            neighbours: usual.neighbours,
            suite: config.text("specs").map(|files| act::suite(&files)).transpose().map_err(|why| config.refuse("specs", why))?,
            drops: config.flag("drops").unwrap_or(usual.drops),
            heads: config.flag("heads").unwrap_or(usual.heads),
            segment_bytes: config.count("segment_bytes").and_then(|it| u32::try_from(it).ok()).unwrap_or(usual.segment_bytes),
        };
        let plan = Plan::of(nodes.names().iter().map(String::as_str), settings);
        let clients = plan.nodes();
        if clients.is_empty() {
            return Err(config
                .refuse("nodes", "there must be a node that is not one of the tools `bank`, `store`, `mail`, `clock`, `mind`"));
        }
        Ok(Cast { clients, lasting: plan.tools(), ..Cast::of(plan.machines(), Nobody) })
    }

    fn ask(&self, row: &Section, cast: &ColonyCast) -> Result<Recipe<Errand>, Trouble> {
        let verbs: Vec<&str> = VERBS.into_iter().filter(|verb| row.has(verb)).collect();
        let [verb] = verbs.as_slice() else {
            let verb = verbs.get(1).unwrap_or(&"grant");
            return Err(row.refuse(verb, format!("say one of `{}`", VERBS.join("`, `"))));
        };
        match *verb {
            "act" => act::recipe(row, named(row, "under")?, row.span("expires")),
            "grant" => grant(row, cast),
            "revoke" | "close" => {
                let name = named(row, verb)?;
                let is_revocation = *verb == "revoke";
                Ok(Arc::new(move |_, _| match is_revocation {
                    true => Errand::Revoke { name: name.clone() },
                    false => Errand::Close { name: name.clone() },
                }))
            }
            "resolve" => {
                let happened = row.flag("resolve").unwrap_or(false);
                Ok(Arc::new(move |_, _| Errand::Resolve { happened }))
            }
            "fail" => {
                let mood = row.word("fail").and_then(Mood::of).expect("the form knows the words");
                let times = row.count("times").and_then(|it| u32::try_from(it).ok()).unwrap_or(1);
                Ok(Arc::new(move |_, _| Errand::Fail { mood, times }))
            }
            "manner" => {
                let manner = row.word("manner").and_then(Manner::of).expect("the form knows the words");
                Ok(Arc::new(move |_, _| Errand::Think { manner }))
            }
            "work" => {
                let (under, task) = (named(row, "under")?, chore(row, "work")?);
                Ok(Arc::new(move |_, nth| {
                    let nonce = nonce_of(&format!("{under} {} {nth}", task.text.text()));
                    Errand::Work { under: under.clone(), nonce, task: task.clone() }
                }))
            }
            _ => wish(row, verb),
        }
    }

    /// A majority of the nodes, with the trust root, and all tools: a writ does not stand without who gave it.
    fn core(&self, cast: &ColonyCast, dice: &mut Dice) -> Vec<PeerId> {
        let (root, rest) = cast.clients.split_first().expect("there is a node");
        let mut rest = rest.to_vec();
        dice.shuffle(&mut rest);
        rest.truncate(rest.len().div_ceil(2));
        let mut core: Vec<PeerId> = [*root].into_iter().chain(rest).chain(cast.lasting.iter().copied()).collect();
        core.sort_unstable();
        core
    }

    fn search(&self, _: &ColonyCast) -> Option<Search<Member, Nobody>> {
        Some(crate::search::search())
    }

    fn teller(&self, nodes: &Nodes) -> Option<Teller<Member, Nobody>> {
        let chronicle = Chronicle::new(nodes.names().to_vec());
        Some(Box::new(move |moment| chronicle.lines(moment)))
    }

    fn named(&self, message: String, nodes: &Nodes) -> String {
        crate::act::named(&message, nodes.names())
    }

    fn oracles(&self, _: &ColonyCast) -> Vec<Box<dyn Oracle<Member, Nobody>>> {
        oracle::all()
    }
}

/// The value of a key as a name.
fn named(row: &Section, key: &str) -> Result<Name, Trouble> {
    let text = row.text(key).ok_or_else(|| row.refuse(key, format!("say which: `{key}`")))?;
    Name::new(&text).map_err(|bad| row.refuse(key, bad.to_string()))
}

fn grant(row: &Section, cast: &ColonyCast) -> Result<Recipe<Errand>, Trouble> {
    let called = named(row, "grant")?;
    let under = row.has("under").then(|| named(row, "under")).transpose()?;
    let to = row.peer("to").ok_or_else(|| row.refuse("grant", "say to which node: `to`"))?;
    let home = row.peer("home").unwrap_or(to);
    for (key, peer) in [("to", to), ("home", home)] {
        if cast.lasting.contains(&peer) {
            return Err(row.refuse(key, "a writ is given to a node, and lives at one"));
        }
    }
    let tools = row.text("tools").unwrap_or_else(|| "*".to_owned());
    let scopes: Result<Vec<Scope>, _> = tools.split_whitespace().map(Scope::new).collect();
    let scopes = scopes.map_err(|bad| row.refuse("tools", bad.to_string()))?;
    let tools = Scopes::new(scopes).map_err(|bad| row.refuse("tools", bad.to_string()))?;
    let usual = Terms::default();
    let grant = Terms {
        tools,
        calls: row.count("calls").unwrap_or(usual.calls),
        spend: row.count("spend").unwrap_or(usual.spend),
        tokens: row.count("tokens").unwrap_or(usual.tokens),
        lasts: row.span("lasts").unwrap_or(usual.lasts),
        freshness: row.span("freshness").unwrap_or(usual.freshness),
        depth: row.count("depth").and_then(|it| u8::try_from(it).ok()).unwrap_or(usual.depth),
        may_subdivide: !row.flag("whole").unwrap_or(!usual.may_subdivide),
    }
    .grant();
    let (to, home) = (signer(to).public(), signer(home).public());
    let task = row.has("task").then(|| chore(row, "task")).transpose()?;
    Ok(Arc::new(move |_, _| {
        let (name, under, grant) = (called.clone(), under.clone(), Box::new(grant.clone()));
        Errand::Grant { name, under, to, home, grant, task: task.clone() }
    }))
}

fn chore(row: &Section, key: &str) -> Result<Chore, Trouble> {
    let text = Text::new(&row.text(key).unwrap_or_default()).map_err(|bad| row.refuse(key, bad.to_string()))?;
    let steps = row.count("steps").and_then(|it| u32::try_from(it).ok()).unwrap_or(100);
    Ok(Chore { text, steps, within: row.span("within").unwrap_or(Span::from_secs(3_600)) })
}

fn wish(row: &Section, verb: &str) -> Result<Recipe<Errand>, Trouble> {
    let under = named(row, "under")?;
    let target = row.text("target").unwrap_or_else(|| "well".to_owned());
    let size = row.count("size");
    // Bytes of all values, brackets and quotes among them: nothing that is carried may matter to who carries it.
    let bytes = |size: u64| (0..size).map(|at| b"{[\"\\}]\0\xff"[usize::try_from(at % 8).unwrap_or(0)]).collect();
    let secret = row.flag("secret").unwrap_or(false).then(|| [b"token=", SECRET, b";"].concat());
    let (tool, target, args) = match verb {
        "pay" => (name("bank.pay"), target, row.count("pay").unwrap_or(0).to_le_bytes().to_vec()),
        "put" => (name("store.put"), row.text("put").unwrap_or_default(), size.map_or(b"value".to_vec(), bytes)),
        "mail" => (name("mail.send"), row.text("mail").unwrap_or_default(), b"hello".to_vec()),
        "read" => (name("clock.read"), String::new(), Vec::new()),
        _ => (named(row, "call")?, target, size.map_or(Vec::new(), bytes)),
    };
    let args = secret.unwrap_or(args);
    let target = Text::new(&target).map_err(|bad| row.refuse(verb, bad.to_string()))?;
    let args = Bytes::new(&args).map_err(|bad| row.refuse(verb, bad.to_string()))?;
    let lasts = row.span("expires");
    let again = row.spread("again").map_or((0, 0), |odds| (odds.low(), odds.high()));
    // Rows that say the same are told apart by what they say, so that taking one away renames no wish of another.
    let series = format!("{} {} {} {:?}", under, tool, target.text(), args.bytes());
    let series = row.text("series").unwrap_or(series);
    Ok(Arc::new(move |dice: &mut Dice, nth| {
        let odds = dice.between(again.0.unsigned_abs(), again.1.unsigned_abs());
        let odds = u32::try_from(odds).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
        let back = if dice.hit(odds) { dice.between(1, AGAIN) } else { 0 };
        let nonce: Nonce = nonce_of(&format!("{series} {}", nth.saturating_sub(back).max(1)));
        let (under, tool, target, args) = (under.clone(), tool.clone(), target.clone(), args.clone());
        Errand::Wish { under, nonce, lasts, tool, target, args }
    }))
}
