//! Shrinking: the smallest scenario that still fails in the same way.
//!
//! What a seed drew is written down, and parts of it are taken away as long as the run fails by the same property and its
//! message begins with the same words, numbers and names apart: time that is not needed, faults, asks, nodes with all that names
//! them, values of rows become simpler, and what comes by chance comes always. Only the property's own oracle watches meanwhile: what others would say first is another
//! failure, and an oracle that judges now and then also judges the end of a run that is over sooner. Where much is taken away at
//! once, a few other seeds are tried too, and in the end at every step: a failure that needs a coincidence has it elsewhere sooner. Messages that a fault lost by chance become decisions of their own ("lose the 3rd `Append` from ada to
//! ben"), times are rounded. Taking away goes by halves, then by smaller parts, down to single ones, until nothing can go
//! (delta debugging: Zeller and Hildebrandt 2002, figure 2, complements only).
//!
//! A part that goes changes no draw of those that stay, so most of a run stays as it was, and few tries are in vain.

use crate::fault::{Fault, Planned};
use crate::name::{Fate, FlightName, Name};
use crate::record::Recorder;
use crate::scenario::draft::Draft;
use crate::scenario::print::quoted;
use crate::scenario::registry::Registry;
use crate::scenario::report::{Report, Violated};
use crate::scenario::simpler::{sharper, simpler};
use crate::scenario::staged::Staged;
use crate::world::Time;
use antfarm_machine::Span;
use antfarm_strict::Troubles;

/// A failure made small.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunk {
    /// The scenario, with its failure, as a file.
    pub text: String,
    /// How large the run was.
    pub from: Size,
    /// How large it is now.
    pub to: Size,
    /// How many runs it took.
    pub runs: u64,
    /// Nothing more can go; else there was no time to find out.
    pub complete: bool,
}

/// How much there is to a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Faults.
    pub faults: usize,
    /// Asks.
    pub asks: usize,
    /// Nodes.
    pub nodes: usize,
    /// Until the failure.
    pub span: Span,
    /// Events until the failure.
    pub events: u64,
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let Self { faults, asks, nodes, span, events } = self;
        let (faults, asks, nodes) = (counted(*faults, "fault"), counted(*asks, "ask"), counted(*nodes, "node"));
        write!(f, "{faults}, {asks}, {nodes}, {events} events in {span}")
    }
}

/// Why there is nothing to shrink.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unshrinkable {
    /// The scenario is none.
    Troubles(Troubles),
    /// The seed does not fail.
    Held,
    /// Written down, what the seed drew did not fail in the same way. Then something of a run is not in its plan.
    Changed,
}

impl std::fmt::Display for Unshrinkable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Troubles(troubles) => write!(f, "{troubles}"),
            Self::Held => f.write_str("this seed does not fail, so there is nothing to shrink"),
            Self::Changed => f.write_str("what the seed drew, written down, does not fail in the same way"),
        }
    }
}

impl std::error::Error for Unshrinkable {}

/// Makes the failure of `staged` under `seed` small, for as long as `go_on` says.
pub fn shrink(
    registry: &Registry,
    staged: &dyn Staged,
    seed: u64,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Shrunk, Unshrinkable> {
    let first = staged.run(seed, Recorder::Off);
    let way = Way::of(first.violation.as_ref().ok_or(Unshrinkable::Held)?);
    let mut best = Draft::of(staged, seed, &asks_of(&first)).map_err(Unshrinkable::Troubles)?;
    let file = &staged.scenario().file;
    // A plan that is too large to be written down is known at once.
    registry.read(file, &best.text()).map_err(Unshrinkable::Troubles)?;
    let mut hunt = Hunt { registry, file, way, go_on, seeds: 1, runs: 0, events: 0, stopped: false };
    let report = hunt.fails(&best).ok_or(Unshrinkable::Changed)?;
    let from = size(&best, &report);

    let watched = best.check().map(str::to_owned);
    hunt.narrow(&mut best);
    hunt.look_around(staged, &mut best);
    hunt.hasten(&mut best);
    loop {
        let before = (best.faults.clone(), best.asks.clone(), best.nodes.len());
        hunt.minimize(&mut best, 0, |draft| &mut draft.faults);
        hunt.minimize(&mut best, 0, |draft| &mut draft.asks);
        hunt.unpeople(&mut best);
        hunt.shorten(&mut best);
        hunt.simplify(&mut best);
        hunt.sharpen(&mut best);
        hunt.decide(&mut best);
        if hunt.stopped {
            break;
        }
        if before == (best.faults.clone(), best.asks.clone(), best.nodes.len()) {
            if hunt.seeds == PATIENT {
                break;
            }
            hunt.seeds = PATIENT;
        }
    }
    hunt.round(&mut best);

    let (complete, runs) = (!hunt.stopped, hunt.runs);
    // Whoever reads the file wants all to watch that did.
    let all = best.watched_by(watched);
    hunt.stopped = false;
    if hunt.holds_up(&all) {
        best = all;
    }
    let small = registry.read(file, &best.text()).map_err(Unshrinkable::Troubles)?;
    let report = small.run(best.seed, Recorder::Off);
    // Only a machine that does not do the same twice fails in another way now.
    let same = report.violation.as_ref().is_some_and(|it| Way::of(it) == hunt.way);
    let text = small.saved(&report).filter(|_| same).ok_or(Unshrinkable::Changed)?;
    Ok(Shrunk { text, from, to: size(&best, &report), runs, complete })
}

/// How many asks each row made.
pub(super) fn asks_of(report: &Report) -> Vec<u64> {
    report.rows.iter().filter(|row| row.verb == "ask").map(|row| row.fired).collect()
}

fn size(draft: &Draft, report: &Report) -> Size {
    let span = report.violation.as_ref().map_or(Span::ZERO, |it| Span::from_nanos(it.at.0));
    let (faults, asks, nodes) = (draft.faults.len(), draft.asks.len(), draft.nodes.len());
    Size { faults, asks, nodes, span, events: report.events }
}

/// How something fails: the property, and the first words of the message but for what differs from run to run.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Way {
    property: String,
    words: Vec<String>,
}

impl Way {
    /// Beyond these, messages tell of single runs.
    const WORDS: usize = 4;

    fn of(violated: &Violated) -> Self {
        let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
        let words = violated.message.split_ascii_whitespace().filter(plain).take(Self::WORDS);
        Self { property: violated.property.clone(), words: words.map(str::to_owned).collect() }
    }
}

struct Hunt<'a> {
    registry: &'a Registry,
    file: &'a str,
    way: Way,
    go_on: &'a mut dyn FnMut() -> bool,
    /// How many seeds a small step is tried with: one, until that leads nowhere.
    seeds: u64,
    runs: u64,
    /// How many events the latest failing run had.
    events: u64,
    stopped: bool,
}

/// Events for which a step is tried with several seeds.
const PATIENCE: u64 = 24_000;

/// How many seeds a step is tried with that takes much away, and in the end every step.
const PATIENT: u64 = 8;

impl Hunt<'_> {
    /// The run of a draft, if it fails in the same way.
    fn fails(&mut self, draft: &Draft) -> Option<Report> {
        self.fails_with(draft, Recorder::Off)
    }

    fn fails_with(&mut self, draft: &Draft, recorder: Recorder) -> Option<Report> {
        // The first run is what there is to begin with.
        self.stopped = self.stopped || self.runs > 0 && !(self.go_on)();
        if self.stopped {
            return None;
        }
        self.runs += 1;
        // What cannot be staged, such as a node that is gone and yet named, is no scenario.
        let staged = self.registry.read(self.file, &draft.text()).ok()?;
        let report = staged.run(draft.seed, recorder);
        let same = report.violation.as_ref().is_some_and(|violated| Way::of(violated) == self.way);
        if same {
            self.events = report.events;
        }
        same.then_some(report)
    }

    /// The same, but as if there were always time.
    fn holds_up(&mut self, draft: &Draft) -> bool {
        let Ok(staged) = self.registry.read(self.file, &draft.text()) else { return false };
        let report = staged.run(draft.seed, Recorder::Off);
        report.violation.as_ref().is_some_and(|violated| Way::of(violated) == self.way)
    }

    /// How many seeds a large step is worth: few as long as runs are long.
    fn patience(&self) -> u64 {
        (PATIENCE / self.events.max(1)).clamp(1, PATIENT)
    }

    /// Lets nobody watch but the oracle of the property that failed, if it fails then.
    fn narrow(&mut self, best: &mut Draft) {
        let check = match self.way.property.as_str() {
            Violated::PANIC => "[]".to_owned(),
            property => format!("[{}]", quoted(property)),
        };
        let narrow = best.watched_by(Some(check));
        self.adopt(best, &narrow, 1);
    }

    /// Takes a draft for the best if it fails, with its own seed or one of a few others. What is much smaller often fails in
    /// the same way as soon as the dice fall a little differently.
    fn adopt(&mut self, best: &mut Draft, draft: &Draft, seeds: u64) -> bool {
        for other in 0..seeds {
            // The last seed of all cannot be saved.
            let seed = draft.seed.checked_add(other).filter(|seed| *seed < u64::MAX).unwrap_or(other);
            let draft = Draft { seed, ..draft.clone() };
            if let Some(report) = self.fails(&draft) {
                let asked = draft.asked(&report);
                *best = if asked.asks.len() < draft.asks.len() && self.fails(&asked).is_some() { asked } else { draft };
                return true;
            }
        }
        false
    }

    /// Takes away the parts from index `keep` on that are not needed: first halves of them, then ever smaller chunks.
    fn minimize<T: Clone>(&mut self, best: &mut Draft, keep: usize, parts: fn(&mut Draft) -> &mut Vec<T>) {
        let mut chunk = parts(best).len() - keep;
        while chunk > 0 && !self.stopped {
            let mut gone = false;
            let mut at = parts(best).len();
            // From the end: what came last led to least.
            while at > keep && !self.stopped {
                let from = at.saturating_sub(chunk).max(keep);
                let mut fewer = best.clone();
                parts(&mut fewer).drain(from..at);
                let count = parts(best).len() - keep;
                let seeds = if chunk * 8 >= count { self.patience() } else { self.seeds.min(self.patience()) };
                if self.adopt(best, &fewer, seeds) {
                    gone = true;
                    if seeds > 1 {
                        self.shorten(best);
                    }
                }
                // Asks that a shorter run never came to are gone too.
                at = from.min(parts(best).len());
            }
            chunk = if chunk == 1 && gone { 1 } else { chunk / 2 };
        }
    }

    /// Looks whether one of the next seeds, with what it draws, fails in the same way much sooner.
    fn look_around(&mut self, staged: &dyn Staged, best: &mut Draft) {
        const SEEDS: u64 = 24;
        let mut events = self.fails(best).map_or(0, |report| report.events);
        let next =
            (1..=SEEDS.min(3 * self.patience())).map_while(|other| best.seed.checked_add(other)).filter(|seed| *seed < u64::MAX);
        for seed in next.collect::<Vec<u64>>() {
            if self.stopped || !(self.go_on)() {
                return;
            }
            self.runs += 1;
            let report = staged.run(seed, Recorder::Off);
            let same = report.violation.as_ref().is_some_and(|violated| Way::of(violated) == self.way);
            if !same || 2 * report.events > events {
                continue;
            }
            let Ok(draft) = Draft::of(staged, seed, &asks_of(&report)) else { continue };
            let draft = draft.watched_by(best.check().map(str::to_owned));
            if self.adopt(best, &draft, 1) {
                events = report.events;
            }
        }
    }

    /// Looks for a run that fails much sooner: half the time, and half of that.
    fn hasten(&mut self, best: &mut Draft) {
        self.shorten(best);
        while !self.stopped {
            let half = Span::from_nanos(best.duration.as_nanos() / 2).max(Span::from_millis(1));
            let faults = best.faults.iter().filter(|planned| planned.from.0 < half.as_nanos()).cloned().collect();
            let sooner = Draft { duration: half, faults, ..best.clone() };
            if half >= best.duration || !self.adopt(best, &sooner, 2 * self.patience()) {
                return;
            }
            self.shorten(best);
        }
    }

    /// Ends the first phase right after the failure.
    fn shorten(&mut self, best: &mut Draft) {
        let Some(report) = self.fails(best) else { return };
        let at = report.violation.as_ref().map_or(Time::ZERO, |it| it.at);
        let duration = Span::from_millis(at.0 / 1_000_000 + 1);
        if duration >= best.duration {
            return;
        }
        // What lies behind the end never came.
        let faults = best.faults.iter().filter(|planned| planned.from.0 < duration.as_nanos()).cloned().collect();
        let short = Draft { duration, settle: best.settle.min(Span::from_secs(1)), faults, ..best.clone() };
        self.adopt(best, &short, 1);
    }

    /// Names the messages that faults lost by chance or behind a cut, and loses those instead, if few are needed.
    fn decide(&mut self, best: &mut Draft) {
        const MOST: usize = 400;
        let loses = |planned: &Planned| matches!(planned.fault, Fault::Lose(..) | Fault::Cut(_));
        let (by_chance, others): (Vec<Planned>, Vec<Planned>) = best.faults.iter().cloned().partition(loses);
        if by_chance.is_empty() {
            return;
        }
        let Some(report) = self.fails_with(best, Recorder::whole()) else { return };
        let mut lost = Vec::new();
        for (_, name, _) in &report.recording.steps {
            if let Name::Flight(Fate::Lose, flight) = name
                && flight.copy == 0
            {
                lost.push(dropped(flight));
            }
        }
        let mut named = Draft { faults: others.iter().cloned().chain(lost.iter().cloned()).collect(), ..best.clone() };
        if lost.len() > MOST || self.fails(&named).is_none() {
            return;
        }
        self.minimize(&mut named, others.len(), |draft| &mut draft.faults);
        // A cut is one decision, and tells more than a dozen lost messages.
        if named.faults.len() <= others.len() + 2 * by_chance.len() {
            *best = named;
        }
    }

    /// Leaves out nodes, each with the asks and faults that name it.
    fn unpeople(&mut self, best: &mut Draft) {
        for name in best.nodes.clone().iter().rev() {
            let fewer = best.without_node(name);
            if fewer.nodes.is_empty() || !self.adopt(best, &fewer, self.seeds.min(self.patience())) {
                continue;
            }
            // Nodes behind it have other numbers now.
            let Ok(staged) = self.registry.read(self.file, &best.text()) else { return };
            let report = staged.run(best.seed, Recorder::Off);
            if let Ok(anew) = Draft::of(staged.as_ref(), best.seed, &asks_of(&report)) {
                *best = anew;
            }
        }
    }

    /// Gives the values of asks simpler ones, one by one. Most of them are a part of what their row draws by, so other seeds are tried.
    fn simplify(&mut self, best: &mut Draft) {
        for row in 0..best.rows.len() {
            for key in best.rows[row].0.keys().cloned().collect::<Vec<_>>() {
                let asks = |draft: &Draft| draft.asks.iter().any(|(at, _)| *at == row);
                let Some((_, item)) = best.rows[row].0.get(&key).filter(|_| asks(best)) else { continue };
                for value in simpler(&item.value.clone()) {
                    let mut changed = best.clone();
                    if let Some((_, item)) = changed.rows[row].0.get_mut(&key) {
                        item.value = value;
                    }
                    if self.adopt(best, &changed, self.seeds.min(self.patience())) {
                        break;
                    }
                }
            }
        }
    }

    /// Makes faults that come by chance come always, or more often, and begin late: what led to the chance is not needed then.
    fn sharpen(&mut self, best: &mut Draft) {
        for at in 0..best.faults.len() {
            let planned = best.faults[at].clone();
            let left = best.duration.as_nanos().saturating_sub(planned.from.0);
            for sharper in sharper(&planned.fault) {
                // The later the better.
                let begins = [1, 8, 2].map(|part| planned.from.0 + if part == 1 { 0 } else { left - left / part });
                let failing = begins.into_iter().rev().find_map(|from| {
                    let mut changed = best.clone();
                    let until = planned.until.filter(|until| until.0 > from);
                    changed.faults[at] = Planned { from: Time(from), until, fault: sharper.clone(), row: planned.row };
                    self.fails(&changed).map(|_| changed)
                });
                if let Some(changed) = failing {
                    *best = changed;
                    break;
                }
            }
        }
    }

    /// Rounds times, as far as each lets itself be rounded.
    fn round(&mut self, best: &mut Draft) {
        const STEPS: [u64; 4] = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000];
        for at in 0..best.faults.len().min(12) {
            for step in STEPS {
                let mut rounded = best.clone();
                let planned = &mut rounded.faults[at];
                planned.from = Time(planned.from.0 / step * step);
                planned.until = planned.until.map(|until| Time(until.0.div_ceil(step) * step));
                if rounded.faults[at] == best.faults[at] || self.fails(&rounded).is_some() {
                    *best = rounded;
                    break;
                }
            }
        }
    }
}

fn dropped(flight: &FlightName) -> Planned {
    let fault = Fault::Drop { from: flight.from, to: flight.to, kind: flight.kind.to_string(), nth: flight.nth };
    Planned { from: Time::ZERO, until: None, fault, row: None }
}
