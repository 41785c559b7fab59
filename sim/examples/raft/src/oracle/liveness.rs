//! Liveness: once a majority is healed, clients are answered within a bound, whatever the others do.
//!
//! Judged in the second phase. Every operation of a client in the core that was open when the core was healed, or invoked
//! since, must return within the bound; and within that time before the end somebody in the core must have led. Not at the
//! end itself: a slow link may cost a leader its followers at any time, and the next one is soon elected.
//!
//! A request to a disk that hangs is never answered until the process restarts, and nobody restarts it in the second phase: a
//! server whose disk hangs does not count. A core without a majority of servers owes nothing, and that is counted. Damaged
//! disks excuse nobody in the core.

use crate::oracle::serving;
use crate::{Command, Config, Node, Notice, Role};
use antfarm_machine::{PeerId, Span, reached};
use antfarm_sim::{Choice, Moment, Oracle, Phase, Time, Verdict, Violation};
use std::collections::BTreeMap;
use std::format;
use std::vec;
use std::vec::Vec;

/// How long a healed core of the usual configuration may take to answer: a good many elections and retries.
pub const PROGRESS: Span = Span::from_secs(10);

/// A healed core answers within a bound, and has a leader.
#[derive(Clone, Debug)]
pub struct Liveness {
    config: Config,
    bound: Span,
    open: BTreeMap<PeerId, Open>,
    /// No open operation began before.
    oldest: Time,
    /// By server: whether its disk hangs.
    hung: Vec<bool>,
    /// When a server of the core was last seen to lead.
    led: Time,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    sequence: u64,
    command: Command,
    since: Time,
}

impl Liveness {
    /// For a cluster of this configuration, whose core must answer within `bound`.
    pub fn new(config: Config, bound: Span) -> Self {
        let hung = vec![false; config.servers as usize];
        Self { config, bound, open: BTreeMap::new(), oldest: Time(u64::MAX), hung, led: Time::ZERO }
    }

    fn hangs(&mut self, node: PeerId, now: bool) {
        if let Some(hung) = self.hung.get_mut(node.index()) {
            *hung = now;
        }
    }

    /// Keeps the books.
    fn note<O>(&mut self, moment: &Moment<'_, Node, O>) {
        match moment.choice {
            Choice::Sync(node, _, Verdict::Hung) => self.hangs(*node, true),
            Choice::Crash(node) => {
                self.hangs(*node, false);
                self.open.remove(node);
            }
            Choice::Deliver(_)
            | Choice::Lose(_)
            | Choice::Copy(_)
            | Choice::Corrupt(..)
            | Choice::Ring(..)
            | Choice::Sync(..)
            | Choice::Ask(_)
            | Choice::Start(_)
            | Choice::Tear(..)
            | Choice::Replace(_)
            | Choice::Rot(..)
            | Choice::Clock(..) => {}
        }
        for notice in moment.notices {
            if let Notice::Invoked { client, sequence, command } = notice {
                let open = Open { sequence: *sequence, command: *command, since: moment.at() };
                self.open.insert(*client, open);
                self.oldest = self.oldest.min(open.since);
            } else if let Notice::Returned { client, sequence, .. } = notice
                && self.open.get(client).is_some_and(|open| open.sequence == *sequence)
            {
                self.open.remove(client);
                self.oldest = self.open.values().map(|open| open.since).min().unwrap_or(Time(u64::MAX));
            }
        }
    }

    fn answers<O>(&self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        if moment.at() <= self.oldest.max(since).after(self.bound) || !self.able(core) {
            return Ok(());
        }
        for (client, Open { sequence, command, since: invoked }) in self.open.iter().filter(|(client, _)| core.contains(client)) {
            if moment.at() > since.max(*invoked).after(self.bound) {
                let bound = self.bound;
                let message = format!("number {sequence}, {command:?}, invoked at {invoked}, has no answer {bound} later");
                return Err(Violation::at(*client, message));
            }
        }
        Ok(())
    }

    /// Whether the core has a majority of servers that can work.
    fn able(&self, core: &[PeerId]) -> bool {
        core.iter().filter(|node| self.hung.get(node.index()) == Some(&false)).count() >= self.config.majority()
    }
}

impl<O> Oracle<Node, O> for Liveness {
    fn property(&self) -> &'static str {
        "liveness"
    }

    fn claim(&self) -> &'static str {
        "a healed majority has a leader and answers its clients within the bound"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        self.note(moment);
        if let Phase::Healed { core, .. } = moment.phase
            && let Some((node, server)) = serving(moment)
            && server.role() == Role::Leader
            && core.contains(&node)
        {
            self.led = moment.at();
        }
        self.answers(moment)
    }

    fn at_end(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        let Phase::Healed { core, since } = moment.phase else { return Ok(()) };
        if moment.at() < since.after(self.bound) || !self.able(core) {
            reached!("oracle.liveness.skipped");
            return Ok(());
        }
        reached!("oracle.liveness");
        self.answers(moment)?;
        if moment.at() > self.led.after(self.bound) {
            let (led, bound) = (self.led, self.bound);
            return Err(Violation::overall(format!("nobody in the healed core led for {bound}: the last time was {led}")));
        }
        Ok(())
    }
}
