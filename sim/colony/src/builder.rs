//! One colony in one run, for tests in Rust: who takes part, what they are asked, what goes wrong.

use crate::cast::{BEGIN, Plan, Settings, signer};
use crate::chronicle::Chronicle;
use crate::citizen::Citizen;
use crate::errand::{Chore, Errand, Manner, Mood, nonce_of};
use crate::member::Member;
use crate::oracle;
use crate::tool::Tool;
use antfarm_authority::{
    Amount, Bytes, Calls, Ceiling, Delegation, Grant, Name, Scope, Scopes, Text, Tokens, Usdc, Window, WritId,
};
use antfarm_machine::{PeerId, Span};
use antfarm_node::Node;
use antfarm_sim::{Fault, Injected, Reach, Recorder, Simulation};

/// What a writ allows, in the words of tests. At first: all tools, 1,000 calls, 1,000 USDC, for a day, with a freshness of ten
/// seconds, not to be handed on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    pub(crate) tools: Scopes,
    pub(crate) calls: u64,
    pub(crate) spend: u64,
    pub(crate) tokens: u64,
    pub(crate) lasts: Span,
    pub(crate) freshness: Span,
    pub(crate) depth: u8,
    pub(crate) may_subdivide: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            tools: Scopes::new(Scope::new("*")).expect("one is not too many"),
            calls: 1_000,
            spend: Usdc::whole(1_000).0,
            tokens: 1_000_000,
            lasts: Span::from_secs(86_400),
            freshness: Span::from_secs(10),
            depth: 0,
            may_subdivide: true,
        }
    }
}

impl Terms {
    /// Only these tools, such as `bank.*`.
    ///
    /// Panics when one of them names no scope, or there are too many.
    #[must_use]
    pub fn tools<'a>(mut self, tools: impl IntoIterator<Item = &'a str>) -> Self {
        let scopes = tools.into_iter().map(|tool| Scope::new(tool).expect("the name of a tool, or the beginning of one and `*`"));
        self.tools = Scopes::new(scopes).expect("not too many scopes");
        self
    }

    /// So many calls.
    #[must_use]
    pub const fn calls(mut self, calls: u64) -> Self {
        self.calls = calls;
        self
    }

    /// So many whole USDC.
    #[must_use]
    pub const fn spend(mut self, usdc: u64) -> Self {
        self.spend = Usdc::whole(usdc).0;
        self
    }

    /// So many tokens of minds.
    #[must_use]
    pub const fn tokens(mut self, tokens: u64) -> Self {
        self.tokens = tokens;
        self
    }

    /// Until so long after the beginning of the run.
    #[must_use]
    pub const fn lasts(mut self, span: Span) -> Self {
        self.lasts = span;
        self
    }

    /// The bound of its revocation.
    #[must_use]
    pub const fn freshness(mut self, span: Span) -> Self {
        self.freshness = span;
        self
    }

    /// To be handed on by so many generations; at most 8.
    #[must_use]
    pub const fn depth(mut self, depth: u8) -> Self {
        self.depth = depth;
        self
    }

    /// Its parts take all of its budget or nothing.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        self.may_subdivide = false;
        self
    }

    pub(crate) fn grant(self) -> Grant {
        Grant {
            colony: Plan::colony(),
            tenant: Plan::tenant(),
            tools: self.tools,
            budget: Amount { calls: Calls(self.calls), money: Usdc(self.spend), tokens: Tokens(self.tokens), ..Amount::ZERO },
            ceiling: Ceiling::ALL,
            window: Window::new(BEGIN, BEGIN + self.lasts).expect("it ends later"),
            delegation: Delegation::new(self.depth, self.may_subdivide).expect("at most 8 generations"),
            freshness: self.freshness,
        }
    }
}

/// A colony in the making.
#[derive(Clone, Debug)]
pub struct Builder {
    seed: u64,
    names: Vec<String>,
    settings: Settings,
    kept: Kept,
}

/// What of a run is watched and remembered.
#[derive(Clone, Copy, Debug)]
enum Kept {
    All,
    Nothing,
    Verdicts,
}

impl Builder {
    /// No oracle watches, nothing is recorded and no story is kept: for measuring.
    #[must_use]
    pub const fn quiet(mut self) -> Self {
        self.kept = Kept::Nothing;
        self
    }

    /// All oracles watch, but nothing is recorded and no story is kept: what the tool's `run` does, which tells a failure from a
    /// second run.
    #[must_use]
    pub const fn unrecorded(mut self) -> Self {
        self.kept = Kept::Verdicts;
        self
    }

    /// Who takes part: `bank`, `store`, `mail`, `clock` and `mind` are tools, everybody else is a node. The first node is the
    /// trust root.
    #[must_use]
    pub fn members<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.names = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// How it is set up.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The colony, with all oracles watching, and a second into its run: all logs are open.
    pub fn build(self) -> Colony {
        let plan = Plan::of(self.names.iter().map(String::as_str), self.settings);
        let chronicle = Chronicle::new(self.names.clone());
        let sim = Simulation::seeded(self.seed, plan.machines());
        let watched = |sim: Simulation<Member>| oracle::all().into_iter().fold(sim, Simulation::boxed_oracle);
        let sim = match self.kept {
            Kept::All => watched(sim.oracle(chronicle.clone())),
            Kept::Nothing => sim.record(Recorder::Off),
            Kept::Verdicts => watched(sim.record(Recorder::Off)),
        };
        let mut colony = Colony { sim, names: self.names, chronicle, faults: Vec::new(), writs: 0, wishes: 0 };
        colony.run_for(Span::from_secs(1));
        colony
    }
}

/// A colony in a run.
pub struct Colony {
    sim: Simulation<Member>,
    names: Vec<String>,
    chronicle: Chronicle,
    faults: Vec<Injected>,
    writs: u32,
    wishes: u32,
}

impl Colony {
    /// A colony whose chances come from `seed`.
    pub fn seeded(seed: u64) -> Builder {
        Builder { seed, names: Vec::new(), settings: Settings::default(), kept: Kept::All }
    }

    /// The first members, in the order of their names.
    ///
    /// Panics when there are fewer.
    pub fn ids<const N: usize>(&self) -> [PeerId; N] {
        assert!(N <= self.names.len(), "there are {} members", self.names.len());
        let numbers: Vec<PeerId> = (0..).map(PeerId::new).take(N).collect();
        numbers.try_into().expect("as many as were taken")
    }

    /// `from` gives `to` a writ, as a trust root; it lives with `to`. The name of it.
    pub fn grant(&mut self, from: PeerId, to: PeerId, terms: Terms) -> Name {
        self.give(from, to, None, terms, None)
    }

    /// `from` hands a part of a writ on to `to`, where it lives. The name of it.
    pub fn delegate(&mut self, from: PeerId, to: PeerId, under: &Name, terms: Terms) -> Name {
        self.give(from, to, Some(under.clone()), terms, None)
    }

    /// The same, for a task that the mind of `to` takes on within an hour, in a hundred thoughts at most; see [`Manner`] for minds.
    ///
    /// Panics when the task is too long.
    pub fn commission(&mut self, from: PeerId, to: PeerId, under: &Name, terms: Terms, task: &str) -> Name {
        self.give(from, to, Some(under.clone()), terms, Some(chore(task)))
    }

    /// `node` takes on a task under a writ, within an hour, in a hundred thoughts at most.
    ///
    /// Panics when the task is too long.
    pub fn work(&mut self, node: PeerId, under: &Name, task: &str) {
        self.wishes += 1;
        let nonce = nonce_of(&format!("task {}", self.wishes));
        self.sim.ask(node, Errand::Work { under: under.clone(), nonce, task: chore(task) });
    }

    /// A mind thinks in this manner from now on.
    pub fn think(&mut self, mind: PeerId, manner: Manner) {
        self.sim.ask(mind, Errand::Think { manner });
    }

    fn give(&mut self, from: PeerId, to: PeerId, under: Option<Name>, terms: Terms, task: Option<Chore>) -> Name {
        self.writs += 1;
        let name = Name::new(&format!("writ-{}", self.writs)).expect("legal");
        let key = signer(to).public();
        let errand = Errand::Grant { name: name.clone(), under, to: key, home: key, grant: Box::new(terms.grant()), task };
        self.sim.ask(from, errand);
        name
    }

    /// `node` asks that the bank pay `usdc` whole USDC.
    pub fn pay(&mut self, node: PeerId, under: &Name, target: &str, usdc: u64) {
        self.call(node, under, "bank.pay", target, &Usdc::whole(usdc).0.to_le_bytes());
    }

    /// `node` asks that the store put a value there.
    pub fn put(&mut self, node: PeerId, under: &Name, target: &str, value: &[u8]) {
        self.call(node, under, "store.put", target, value);
    }

    /// `node` asks that a letter be sent there.
    pub fn mail(&mut self, node: PeerId, under: &Name, target: &str, text: &str) {
        self.call(node, under, "mail.send", target, text.as_bytes());
    }

    /// `node` asks for a call of a tool. Each time it is another wish.
    ///
    /// Panics when the tool's name is none, or target or arguments are too long.
    pub fn call(&mut self, node: PeerId, under: &Name, tool: &str, target: &str, args: &[u8]) {
        self.wishes += 1;
        let name = format!("wish {}", self.wishes);
        self.wish(node, under, &name, None, tool, target, args);
    }

    /// `node` asks for a call of a tool, as a wish of this name: told again it is the same, if all else is the same. It may be begun
    /// for so long from when this node is first told of it; without that, for some hours.
    ///
    /// Panics as [`Colony::call`].
    #[expect(clippy::too_many_arguments, reason = "what a wish consists of")]
    pub fn wish(&mut self, node: PeerId, under: &Name, name: &str, lasts: Option<Span>, tool: &str, target: &str, args: &[u8]) {
        let errand = Errand::Wish {
            under: under.clone(),
            nonce: nonce_of(name),
            lasts,
            tool: Name::new(tool).expect("the name of a tool"),
            target: Text::new(target).expect("a short target"),
            args: Bytes::new(args).expect("short arguments"),
        };
        self.sim.ask(node, errand);
    }

    /// `node` revokes a writ.
    pub fn revoke(&mut self, node: PeerId, writ: &Name) {
        self.sim.ask(node, Errand::Revoke { name: writ.clone() });
    }

    /// `node` closes a writ that lives there.
    pub fn close(&mut self, node: PeerId, writ: &Name) {
        self.sim.ask(node, Errand::Close { name: writ.clone() });
    }

    /// A tool fails in this way at the next calls that are new to it.
    pub fn fail(&mut self, tool: PeerId, mood: Mood, times: u32) {
        self.sim.ask(tool, Errand::Fail { mood, times });
    }

    /// Nothing passes between the two any more.
    pub fn cut(&mut self, one: PeerId, other: PeerId) {
        self.inject(Fault::Cut(Reach::between(vec![one], vec![other])));
    }

    /// A process ends; [`Colony::mend`] starts it again.
    pub fn crash(&mut self, node: PeerId) {
        self.inject(Fault::Crash(node));
    }

    /// Any other fault.
    pub fn inject(&mut self, fault: Fault) {
        let injected = self.sim.inject(fault);
        self.faults.push(injected);
    }

    /// All faults that were injected end.
    pub fn mend(&mut self) {
        for fault in std::mem::take(&mut self.faults) {
            self.sim.lift(fault);
        }
    }

    /// Lets time go by. Panics with the story when a property fails.
    pub fn run_for(&mut self, span: Span) {
        self.sim.run_for(span);
    }

    /// Lets a minute go by: more than it takes until everything is answered that can be.
    pub fn settle(&mut self) {
        self.run_for(Span::from_secs(60));
    }

    /// A node.
    ///
    /// Panics when it is a tool.
    pub fn node(&self, id: PeerId) -> &Node {
        self.sim.machine(id).node().expect("a node")
    }

    /// A tool.
    ///
    /// Panics when it is a node.
    pub fn tool(&self, id: PeerId) -> &Tool {
        self.sim.machine(id).tool().expect("a tool")
    }

    /// The id of a writ, if `node` knows it.
    pub fn writ(&self, node: PeerId, name: &Name) -> Option<WritId> {
        match self.sim.machine(node) {
            Member::Citizen(citizen) => Citizen::writ(citizen, name),
            Member::Tool(_) | Member::Traitor(_) => None,
        }
    }

    /// What happened so far, a line each, as a person would write it down.
    pub fn story(&self) -> String {
        self.chronicle.story()
    }

    /// The run itself.
    pub fn simulation(&mut self) -> &mut Simulation<Member> {
        &mut self.sim
    }
}

fn chore(text: &str) -> Chore {
    Chore { text: Text::new(text).expect("a short task"), steps: 100, within: Span::from_secs(3_600) }
}
