//! The seeded walk: an event queue, a link model, a fault plan and workloads pick what happens next, and oracles watch.
//!
//! A run is a function of its seed and its settings. It has two phases: chaos, in which safety must hold; then a core of the
//! nodes is healed, all others stay broken for ever, and the core must make progress within a bound.

mod faults;
mod load;
mod messages;
mod post;
mod queue;
mod telling;

pub use load::{Load, Maker};

use crate::chance::{Chance, Stream};
use crate::fault::{Family, Fault, Planned, Shape, Stage};
use crate::oracle::{Failure, Moment, Oracle, Phase};
use crate::record::Recorder;
use crate::subject::{Nobody, Outside, Simulated};
use crate::track::Track;
use crate::world::{AskId, Choice, Time, World};
use antfarm_machine::{PeerId, Span, mark};
use post::Post;
use queue::{Event, Queue};

/// How links behave unless a fault says otherwise.
pub const CALM_LINK: Shape = Shape::Uniform { low: Span::from_millis(1), high: Span::from_millis(10) };

/// How disks behave unless a fault says otherwise.
pub const CALM_DISK: Shape = Shape::Uniform { low: Span::from_micros(100), high: Span::from_millis(2) };

/// One run in the making: configure it, then let it run.
///
/// ```
/// # use antfarm_sim::doc::Echo;
/// use antfarm_machine::{PeerId, Span};
/// use antfarm_sim::Simulation;
///
/// let mut sim = Simulation::seeded(7, [Echo::default(), Echo::default()]);
/// sim.ask(PeerId::new(0), PeerId::new(1)); // node 0, ping node 1
/// sim.run_for(Span::from_secs(1));
/// assert_eq!(sim.machine(PeerId::new(1)).answered, 1);
/// ```
pub struct Simulation<M: Simulated, O: Outside<M> = Nobody> {
    track: Track<M, O>,
    queue: Queue,
    chance: Chance,
    link: Shape,
    plan: Vec<Planned>,
    fired: Vec<u64>,
    /// How many of the faults were planned before the second phase; what breaks the fringe then comes after them.
    planned: usize,
    active: Vec<u32>,
    /// Those among them that are of the network, in the same order.
    network: Vec<u32>,
    posts: Vec<Post>,
    loads: Vec<(Load<M::Ask>, Stream, u64)>,
    oracles: Vec<Box<dyn Oracle<M, O>>>,
    core: Vec<PeerId>,
    healed: Option<Time>,
    started: bool,
    duration: Time,
    failure: Option<Failure>,
    /// How many active faults make a process stand still.
    pauses: u32,
    /// Some active fault stops messages that are under way.
    obstructed: bool,
    latest: Choice,
}

impl<M: Simulated> Simulation<M> {
    /// A run of these machines under `seed`, with nobody outside, no faults, and latencies of a quiet network and disk.
    pub fn seeded(seed: u64, machines: impl IntoIterator<Item = M>) -> Self {
        Self::new(seed, World::new(machines, Nobody))
    }
}

/// Configuring a run.
impl<M: Simulated, O: Outside<M>> Simulation<M, O> {
    /// A run of this world under `seed`. The world has no asks yet: clients ask through loads and [`Simulation::ask`].
    pub fn new(seed: u64, world: World<M, O>) -> Self {
        assert!(world.wants().next().is_none(), "a simulation makes its own asks");
        let posts = world.ids().map(|id| Post::new(id, CALM_DISK)).collect();
        let core = world.ids().collect();
        mark::take();
        Self {
            track: Track::new(world, Recorder::tail(20)),
            queue: Queue::default(),
            chance: Chance::seeded(seed),
            link: CALM_LINK,
            plan: Vec::new(),
            fired: Vec::new(),
            planned: 0,
            active: Vec::new(),
            network: Vec::new(),
            posts,
            loads: Vec::new(),
            oracles: Vec::new(),
            core,
            healed: None,
            started: false,
            duration: Time(u64::MAX),
            failure: None,
            pauses: 0,
            obstructed: false,
            latest: Choice::Start(PeerId::new(0)),
        }
    }

    /// Links behave like this unless a fault says otherwise.
    #[must_use]
    pub fn links(mut self, shape: Shape) -> Self {
        self.link = shape;
        self
    }

    /// Disks behave like this unless a fault says otherwise.
    #[must_use]
    pub fn disks(mut self, shape: Shape) -> Self {
        self.posts = self.track.world.ids().map(|id| Post::new(id, shape)).collect();
        self
    }

    /// An oracle watches.
    #[must_use]
    pub fn oracle(self, oracle: impl Oracle<M, O> + 'static) -> Self {
        self.boxed_oracle(Box::new(oracle))
    }

    /// An oracle watches.
    #[must_use]
    pub fn boxed_oracle(mut self, oracle: Box<dyn Oracle<M, O>>) -> Self {
        self.oracles.push(oracle);
        self
    }

    /// A workload asks.
    #[must_use]
    pub fn load(mut self, load: Load<M::Ask>) -> Self {
        assert!(!load.nodes.is_empty(), "a workload asks somebody");
        // Named by its row, and told apart from equal rows only: taking a row away changes nothing that others draw.
        let equal = self.loads.iter().filter(|(other, ..)| other.row == load.row).count() as u64;
        let stream = self.chance.stream("ask", &[u64::from(load.row), equal], "");
        self.loads.push((load, stream, 0));
        self
    }

    /// How much of the run is remembered. At first: the latest 20 steps.
    #[must_use]
    pub fn record(mut self, recorder: Recorder) -> Self {
        self.track.recorder = recorder;
        self
    }

    /// Checks on every delivery that the message survives its encoding.
    #[must_use]
    pub fn round_trips(mut self, on: bool) -> Self {
        self.track.round_trip = on;
        self
    }

    /// These faults are planned.
    #[must_use]
    pub fn faults(mut self, planned: impl IntoIterator<Item = Planned>) -> Self {
        assert!(!self.started, "faults are planned before the run");
        self.plan.extend(planned);
        self
    }

    /// The nodes that the second phase heals; all unless said otherwise.
    #[must_use]
    pub fn core(mut self, core: Vec<PeerId>) -> Self {
        self.core = core;
        self
    }

    /// Faults of these families are drawn from the seed, each family on or off with even odds, for a first phase of `duration`.
    /// Lasting damage spares the core as it is set now.
    #[must_use]
    pub fn swarm(mut self, families: &[Family], duration: Span) -> Self {
        let nodes = self.track.world.ids().collect();
        let stage = Stage { nodes, core: self.core.clone(), duration };
        let lasting: Vec<PeerId> = self.track.world.ids().filter(|node| self.track.world.is_lasting(*node)).collect();
        self.plan.extend(swarm(&self.chance, families, &stage, &lasting));
        self
    }
}

/// The faults that `families` plan for a stage: swarm testing turns each family on or off by seed. Nodes that are `lasting` keep
/// their memory and their disks.
pub fn swarm(chance: &Chance, families: &[Family], stage: &Stage, lasting: &[PeerId]) -> Vec<Planned> {
    let mortal = stage.nodes.iter().copied().filter(|node| !lasting.contains(node)).collect();
    let mortal = Stage { nodes: mortal, ..stage.clone() };
    let of = |family: &Family| {
        let mut dice = chance.dice("swarm", &[], family.name());
        let stage = if family.befalls_memory() { &mortal } else { stage };
        if dice.below(2) == 0 || stage.nodes.is_empty() { Vec::new() } else { family.plan(stage, &mut dice) }
    };
    families.iter().flat_map(of).collect()
}

/// Running.
impl<M: Simulated, O: Outside<M>> Simulation<M, O> {
    /// Chaos for `duration`, then the core is healed and has `settle` to make progress. Stops at the first failure.
    pub fn run(&mut self, duration: Span, settle: Span) -> Result<(), Failure> {
        assert!(!self.started, "a run is run once");
        self.duration = Time::ZERO.after(duration);
        self.queue.push(self.duration, Event::Heal);
        let end = self.duration.after(settle);
        self.try_run_until(end)?;
        self.finish()
    }

    /// Lets `span` of the world's time go by. Panics with the story when a property fails.
    pub fn run_for(&mut self, span: Span) {
        if let Err(failure) = self.try_run_until(self.now().after(span)) {
            panic!("{failure}\n{}", self.story());
        }
    }

    /// Lets the world's time go on to `end`.
    pub fn try_run_until(&mut self, end: Time) -> Result<(), Failure> {
        self.start();
        while self.next(end) {}
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => {
                self.track.world.advance(end.max(self.now()));
                Ok(())
            }
        }
    }

    /// Lets the next event happen, if there is one by `limit` and no property failed.
    #[inline]
    pub fn step(&mut self, limit: Time) -> bool {
        self.start();
        self.next(limit)
    }

    #[inline]
    fn next(&mut self, limit: Time) -> bool {
        if self.failure.is_some() {
            return false;
        }
        let Some((at, event)) = self.queue.pop(limit) else { return false };
        self.track.world.advance(at);
        self.handle(event);
        true
    }

    /// Asks the oracles for their last word, and seals the digest.
    pub fn finish(&mut self) -> Result<(), Failure> {
        let mut oracles = std::mem::take(&mut self.oracles);
        let found = oracles.iter_mut().find_map(|oracle| {
            let violation = oracle.at_end(&self.moment()).err()?;
            Some(self.failed(oracle.as_ref(), violation))
        });
        self.oracles = oracles;
        self.track.seal();
        match found {
            Some(failure) => {
                self.failure = Some(failure.clone());
                Err(failure)
            }
            None => Ok(()),
        }
    }

    #[inline]
    fn start(&mut self) {
        if !self.started {
            self.started = true;
            self.begin_run();
        }
    }

    fn begin_run(&mut self) {
        self.fired.resize(self.plan.len(), 0);
        for at in 0..self.plan.len() {
            self.schedule(at);
        }
        self.planned = self.plan.len();
        for node in self.track.world.ids() {
            self.perform(&Choice::Start(node));
        }
        for (at, (load, ..)) in (0..).zip(&self.loads) {
            self.queue.push(load.from, Event::Ask(at));
        }
    }

    #[inline]
    fn handle(&mut self, event: Event) {
        match event {
            Event::Deliver(id) => self.deliver(id),
            Event::Ring(node, arm) => {
                let Some((due, mono)) = self.track.world.due(node, arm) else { return };
                if self.defer(node, event) {
                    return;
                }
                // The clock's rate may have changed since the alarm was armed.
                if mono < due {
                    let wait = self.track.world.node_clock(node).wait(mono.until(due));
                    self.queue.push(self.now().after(wait), event);
                    return;
                }
                self.perform(&Choice::Ring(node, arm));
            }
            Event::Sync(node, id) => {
                if self.track.world.submitted(node, id).is_none() || self.defer(node, event) {
                    return;
                }
                self.sync(node, id);
            }
            Event::Sever(node, id) => self.sever(node, id),
            Event::Boot(node) => self.boot(node),
            Event::Ask(load) => self.ask_by(load),
            Event::Asked(id) => self.asked(id),
            Event::Begin(at) if self.healed.is_none() => self.begin(at),
            // Planned for a time after the first phase: the core stays healed.
            Event::Begin(_) => {}
            Event::End(at) => self.end(at),
            Event::Heal => self.heal(),
        }
    }

    fn ask_by(&mut self, load: u32) {
        let now = self.now();
        let (it, stream, asked) = &mut self.loads[load as usize];
        if now >= it.until.unwrap_or(self.duration) {
            return;
        }
        *asked += 1;
        let slot = stream.slot();
        let mut dice = slot.dice(0);
        let node = *dice.pick(&it.nodes);
        let ask = (it.make)(&mut dice, *asked);
        if let Some((low, high)) = it.every {
            let gap = Shape::Uniform { low, high }.sample(slot.long(2)).max(Span::from_nanos(1));
            self.queue.push(now.after(gap), Event::Ask(load));
        }
        if let Some(ask) = ask {
            let id = self.track.want(node, ask);
            self.asked(id);
        }
    }

    fn asked(&mut self, id: AskId) {
        let Some((node, _)) = self.track.world.wanted(id) else { return };
        if !self.defer(node, Event::Asked(id)) {
            self.perform(&Choice::Ask(id));
        }
    }

    /// Makes a choice happen, asks the oracles, and gives times to what was born.
    #[inline]
    fn perform(&mut self, choice: &Choice) {
        self.track.perform(choice);
        // Placing what was born makes further choices, and those report into the same buffers: oracles go first.
        if !self.oracles.is_empty() && self.failure.is_none() {
            self.latest.clone_from(choice);
            self.consult();
        }
        if let Some(node) = self.track.scratch.born.node {
            self.place_rings(node);
            self.place_syncs(node);
        }
        self.place_flights();
    }

    fn consult(&mut self) {
        let mut oracles = std::mem::take(&mut self.oracles);
        for oracle in &mut oracles {
            if let Err(violation) = oracle.after(&self.moment()) {
                self.failure = Some(self.failed(oracle.as_ref(), violation));
                break;
            }
        }
        self.oracles = oracles;
    }

    #[inline]
    fn place_rings(&mut self, node: PeerId) {
        let now = self.track.world.now();
        for &(arm, wait) in &self.track.scratch.born.rings {
            self.queue.push(now.after(wait), Event::Ring(node, arm));
        }
    }

    #[inline]
    fn place_syncs(&mut self, node: PeerId) {
        let now = self.track.world.now();
        for &id in &self.track.scratch.born.syncs {
            let Some(operation) = self.track.world.submitted(node, id) else { continue };
            let (done, severed) = self.posts[node.index()].submit(id, operation, now, &self.chance);
            if let Some(at) = severed {
                self.queue.push(at, Event::Sever(node, id));
            }
            self.queue.push(done, Event::Sync(node, id));
        }
    }

    /// Puts an event off while its node stands still.
    #[inline]
    fn defer(&mut self, node: PeerId, event: Event) -> bool {
        if self.pauses == 0 {
            return false;
        }
        let Some(post) = self.posts.get_mut(node.index()).filter(|post| post.pauses > 0) else { return false };
        post.deferred.push(event);
        true
    }

    fn moment(&self) -> Moment<'_, M, O> {
        let born = &self.track.scratch.born;
        Moment {
            world: &self.track.world,
            choice: &self.latest,
            node: born.node,
            notices: &born.notices,
            sent: &born.flights,
            event: self.track.digest.events(),
            phase: match self.healed {
                Some(since) => Phase::Healed { core: &self.core, since },
                None => Phase::Chaos,
            },
        }
    }

    fn failed(&self, oracle: &dyn Oracle<M, O>, violation: crate::oracle::Violation) -> Failure {
        Failure {
            property: oracle.property(),
            claim: oracle.claim(),
            at: self.now(),
            event: self.track.digest.events(),
            violation,
        }
    }
}

/// Taking part by hand.
impl<M: Simulated, O: Outside<M>> Simulation<M, O> {
    /// A client of `node` asks now.
    pub fn ask(&mut self, node: PeerId, ask: M::Ask) {
        self.start();
        let id = self.track.want(node, ask);
        self.perform(&Choice::Ask(id));
    }

    /// A fault begins now; [`Simulation::lift`] ends it.
    pub fn inject(&mut self, fault: Fault) -> Injected {
        self.start();
        let at = self.plan.len();
        self.plan.push(Planned { from: self.now(), until: None, fault, row: None });
        self.fired.push(0);
        let at = u32::try_from(at).expect("fewer than 2^32 faults");
        self.begin(at);
        Injected(at)
    }

    /// Ends a fault that was injected.
    pub fn lift(&mut self, injected: Injected) {
        self.end(injected.0);
    }

    /// The world's time.
    pub fn now(&self) -> Time {
        self.track.world.now()
    }

    /// Everything that exists.
    pub fn world(&self) -> &World<M, O> {
        &self.track.world
    }

    /// A node's machine.
    pub fn machine(&self, node: PeerId) -> &M {
        self.track.world.machine(node)
    }
}

/// A fault that was injected by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a fault that is never lifted lasts for the rest of the run"]
pub struct Injected(u32);
