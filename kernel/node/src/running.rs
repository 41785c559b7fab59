//! Running tasks: the loop of thoughts and moves, from a task to its answer.
//!
//! Rule kept: a mind gets nowhere but through the ledger. It is asked under a writ, at a cost that was set aside, with a context that
//! follows from facts; what it wants is compiled like any wish; it is asked again when all that it wanted is settled. Each run has
//! its limits: thoughts, moves of one thought, time, and the budget of its writ.
//!
//! A task that came with a writ ends with it: the writ is closed when nothing is under way, what is left goes back, and how the
//! task ended goes to who gave it, signed, told again until it is heard.

use crate::ask::{Declined, Notice};
use crate::fact::{Asked, Fact, Reason};
use crate::message::Body;
use crate::node::{Full, Node, Output};
use crate::redact::REPLACED;
use crate::run::{MAX_RUNS, Next, Run, RunId, Wanted, is_passing};
use crate::standing::some_of;
use crate::task::{Commission, Ending, Report, Task};
use alloc::boxed::Box;
use alloc::vec::Vec;
use antfarm_authority::{Granted, Nonce, Refusal, WritId, is_forgotten};
use antfarm_machine::{Effects, Now, PeerId, reached};

/// A run cannot go on now; it is tried again in the next pulse, or when a writ stands again.
struct Stalled;

impl From<Full> for Stalled {
    fn from(Full: Full) -> Self {
        Self
    }
}

impl Node {
    /// A client wants a task taken on.
    pub(crate) fn work(&mut self, now: Now, writ: WritId, nonce: Nonce, task: Task, out: &mut Effects<'_, Self>) {
        let id = RunId::new(writ, nonce);
        if let Some(run) = self.state.runs.run(id).filter(|_| self.is_serving()) {
            let notice = match run.ending().cloned() {
                None => Notice::Began { writ, nonce },
                Some(ending) => Notice::Ended { writ, nonce, ending },
            };
            return self.show(Output::Tell(notice), out);
        }
        let why = match self.state.denies_work(writ, nonce) {
            _ if !self.is_serving() || self.state.runs.len() >= MAX_RUNS => Declined::Busy,
            Err(why) => why,
            Ok(()) if self.is_past(&task) => Declined::Over,
            Ok(()) => match self.begin(self.commission(writ, nonce, task)) {
                Ok(_) => return,
                Err(Full) => Declined::Busy,
            },
        };
        self.decline(now, Asked::Work { writ, nonce }, why, out);
    }

    /// Whether a task like this one may have ended and been forgotten.
    fn is_past(&self, task: &Task) -> bool {
        is_forgotten(task.until, self.state.mark())
    }

    /// That this node gives a task, without secrets.
    pub(crate) fn commission(&self, writ: WritId, nonce: Nonce, task: Task) -> Commission {
        let task = self.config.secrets.redact_task(task);
        Commission::sign(self.state.colony(), writ, nonce, task, &self.config.signer)
    }

    /// Takes a task on; the position of its record.
    pub(crate) fn begin(&mut self, commission: Commission) -> Result<u64, Full> {
        let Commission { writ, nonce, .. } = commission;
        let position = self.record(Fact::Begun(Box::new(commission)))?;
        self.after(position, Output::Tell(Notice::Began { writ, nonce }));
        Ok(position)
    }

    /// Takes on a task that was presented with a writ that lives here; whether it is on the ledger, or need not be.
    pub(crate) fn take_on(&mut self, commission: Option<Commission>) -> bool {
        let Some(commission) = commission else { return true };
        let Some(writ) = self.state.writ(commission.writ) else { return true };
        let is_known = self.state.runs.run(RunId::new(commission.writ, commission.nonce)).is_some();
        if is_known || self.is_past(&commission.task) {
            return true;
        }
        if self.state.accounts.account(commission.writ).is_none() {
            return false;
        }
        let is_for_it = commission.nonce == writ.body().nonce && writ.body().subject == self.config.me();
        if !is_for_it || commission.verify(writ.writ()).is_err() {
            reached!("commission.forged");
            return true;
        }
        // It is signed, so a secret cannot be taken out of it: the task is not taken on, and its giver waits until it is over.
        if !self.config.secrets.is_clean(commission.task.text.text().as_bytes()) {
            reached!("commission.with_secret");
            return true;
        }
        self.state.runs.len() < MAX_RUNS && self.begin(commission).is_ok()
    }

    /// Lets every run go on as far as it can.
    pub(crate) fn run_on(&mut self, now: Now, out: &mut Effects<'_, Self>) {
        loop {
            let runnable: Vec<RunId> = self.state.runs.ready().filter(|id| !self.stalled.contains(id)).collect();
            if runnable.is_empty() {
                return;
            }
            for id in runnable {
                while self.state.runs.is_ready(id) && !self.stalled.contains(&id) {
                    if self.go_on(now, id, out).is_err() {
                        self.stalled.insert(id);
                    }
                }
            }
        }
    }

    /// Something was said of this writ: what waited for it goes on.
    pub(crate) fn stir(&mut self, writ: WritId) {
        let runs = &self.state.runs;
        self.stalled.retain(|id| runs.run(*id).is_some_and(|run| run.writ() != writ));
    }

    fn go_on(&mut self, now: Now, id: RunId, out: &mut Effects<'_, Self>) -> Result<(), Stalled> {
        let Some(run) = self.state.runs.run(id) else { return Ok(()) };
        let (writ, until) = (run.writ(), run.task().until);
        let place = match run.next() {
            None => return Ok(()),
            Some(Next::End(ending)) => return self.end(id, ending),
            Some(Next::Want(_)) if now.wall > until => return self.end(id, Ending::Time),
            Some(Next::Want(place)) => place,
        };
        let allowed = self.state.allowed(writ).expect("a task is taken on where its writ lives");
        match run.wanted(place, allowed) {
            None => unreachable!("a run wants what it says it wants"),
            Some(Wanted::Call(mut wish)) => {
                // Until the task is over, if that is no longer than what is wished is remembered.
                wish.until = self.state.within_reach(wish.until, now.wall);
                // Only a mind is asked to think.
                if place == 0 && self.config.tools.tool(&wish.tool).is_some() && !self.config.tools.is_mind(&wish.tool) {
                    return self.end(id, Ending::Refused(Reason::Refused(Refusal::UnknownTool)));
                }
                let (writ, intent) = self.config.intent_of_run(wish);
                // What is so for the moment it waits for: that is no refusal of what the mind wants.
                if self.compiled(now, writ, &intent).is_err_and(|reason| is_passing(&reason)) {
                    reached!("run.waits");
                    return Err(Stalled);
                }
                // A refusal is recorded, and the mind hears of it.
                match self.start(now, writ, intent, out) {
                    Ok(()) | Err(Some(_)) => Ok(()),
                    Err(None) => Err(Stalled),
                }
            }
            Some(Wanted::Part(offer, task)) => {
                let (nonce, task) = (offer.nonce, task.clone());
                match self.hand_on(Some(writ), offer, Some(task), out) {
                    Ok(()) => {
                        let next = self.state.runs.run(id).and_then(Run::next);
                        assert!(next != Some(Next::Want(place)), "a part that was handed on is on the ledger");
                        Ok(())
                    }
                    Err(Declined::Busy) => Err(Stalled),
                    Err(why) => {
                        reached!("run.part_declined");
                        Ok(self.record(Fact::Declined { writ, nonce, why }).map(drop)?)
                    }
                }
            }
        }
    }

    fn end(&mut self, id: RunId, ending: Ending) -> Result<(), Stalled> {
        let Some(run) = self.state.runs.run(id) else { return Ok(()) };
        let (writ, nonce) = (run.writ(), run.nonce());
        let report = Report::sign(self.state.colony(), writ, nonce, ending.clone(), &self.config.signer);
        let position = self.record(Fact::Ended(Box::new(report)))?;
        self.after(position, Output::Tell(Notice::Ended { writ, nonce, ending }));
        if let Some((to, body)) = self.reporting(id) {
            self.after(position, Output::Send(to, Box::new(body)));
        }
        self.close_after(id);
        Ok(())
    }

    /// The writ of a task that ended is closed, if it was given for it and nothing is under way; the giver hears of the end, if
    /// that is this node. What cannot be recorded now is in the next pulse.
    fn close_after(&mut self, id: RunId) {
        let Some(run) = self.state.runs.run(id) else { return };
        let (writ, nonce, me) = (run.writ(), run.nonce(), self.config.me());
        let Some((giver, ending)) = self.state.giver(writ, nonce).zip(run.ending().cloned()) else { return };
        if giver == me && self.state.report(writ).is_none() {
            let report = Report::sign(self.state.colony(), writ, nonce, ending.clone(), &self.config.signer);
            let Ok(position) = self.record(Fact::Reported(Box::new(report))) else { return };
            self.after(position, Output::Tell(Notice::Reported { writ, ending }));
        }
        if !self.state.runs.is_open(writ)
            && self.state.accounts.may_close(writ).is_ok()
            && let Ok(position) = self.record(Fact::Closed { writ })
        {
            self.closed(position, writ);
        }
    }

    /// What the giver of a task that ended is told, if it lives elsewhere.
    fn reporting(&self, id: RunId) -> Option<(PeerId, Body)> {
        let run = self.state.runs.run(id)?;
        let to = self.config.address(&self.state.giver(run.writ(), run.nonce())?)?;
        let ending = run.ending()?.clone();
        let report = Report::sign(self.state.colony(), run.writ(), run.nonce(), ending, &self.config.signer);
        Some((to, Body::Report(Box::new(report))))
    }

    /// A task ended that this node handed on.
    pub(crate) fn reported(&mut self, from: PeerId, report: Report, out: &mut Effects<'_, Self>) {
        let (writ, ending) = (report.writ, report.ending.clone());
        let Some(granted) = self.state.writ(writ) else { return };
        match self.state.handed.get(&writ) {
            None => return reached!("report.unasked"),
            Some(handed) if handed.ending.is_some() => return self.tell(from, Body::Reported { writ }, out),
            Some(handed) if handed.commission.nonce != report.nonce => return reached!("report.forged"),
            Some(_) => {}
        }
        let is_signed = report.verify(granted.writ()).is_ok();
        // It is signed, so a secret cannot be taken out of it: it is not kept, and whoever waits for it waits until its time is over.
        // Who took it out before put [`REPLACED`] there, and broke the signature. That whoever sent it need not say it again needs
        // no signature.
        if let Ending::Answered { answer } = &ending
            && (!self.config.secrets.is_clean(answer.bytes()) || answer.bytes() == REPLACED.as_bytes() && !is_signed)
        {
            reached!("report.with_secret");
            return self.tell(from, Body::Reported { writ }, out);
        }
        if !is_signed {
            return reached!("report.forged");
        }
        if let Ok(position) = self.record(Fact::Reported(Box::new(report))) {
            self.after(position, Output::Tell(Notice::Reported { writ, ending }));
            self.after(position, Output::Send(from, Box::new(Body::Reported { writ })));
        }
    }

    /// The giver has the report.
    pub(crate) fn delivered(&mut self, from: PeerId, writ: WritId) {
        let Some(granted) = self.state.writ(writ) else { return };
        let giver = self.state.giver(writ, granted.body().nonce);
        if giver.is_some() && self.config.nodes.get(&from).copied() == giver {
            self.delivered.insert(writ);
        }
    }

    /// Ends the runs whose time is over, closes what they leave, and tells again how they ended.
    pub(crate) fn wind_up(&mut self, now: Now, out: &mut Effects<'_, Self>) {
        self.stalled.clear();
        let late = |(_, run): &(RunId, &Run)| {
            let over = self.state.writ(run.writ()).is_none_or(|it| now.wall > it.body().grant.window.expires_at());
            now.wall > run.task().until || over || self.state.accounts.is_expired(run.writ())
        };
        let late: Vec<RunId> = self.state.runs.unfinished().filter(late).map(|(id, _)| id).collect();
        for id in late {
            reached!("run.late");
            if self.end(id, Ending::Time).is_err() {
                return;
            }
        }
        let due: Vec<RunId> = self.state.runs.due().map(|(id, _)| id).collect();
        due.into_iter().for_each(|id| self.close_after(id));
        let due = self.state.runs.due().filter(|(_, run)| !self.delivered.contains(&run.writ()));
        let due: Vec<RunId> = due.map(|(id, _)| id).collect();
        for (to, body) in some_of(&due, self.cursor).filter_map(|id| self.reporting(id)).collect::<Vec<_>>() {
            self.tell(to, body, out);
        }
        self.run_on(now, out);
    }

    /// Whether a part may be given with this task: there is room, its subject carries it out at home, and that is a node which
    /// this one knows; here, its account was not closed or forgotten since the part was given.
    pub(crate) fn check_task(&self, child: &Granted, task: Option<&Task>) -> Result<(), Declined> {
        let Some(task) = task.filter(|_| !self.state.handed.contains_key(&child.id())) else { return Ok(()) };
        let (id, body) = (child.id(), child.body());
        let is_here = body.home == self.config.me();
        let accounts = &self.state.accounts;
        if self.state.handed.len() >= MAX_RUNS || self.state.runs.len() >= MAX_RUNS {
            Err(Declined::Busy)
        } else if body.subject != body.home {
            Err(Declined::NotHolder)
        } else if !is_here && self.config.address(&body.home).is_none() {
            Err(Declined::Unknown)
        } else if self.is_past(task)
            || is_here && self.state.writ(id).is_some() && (accounts.account(id).is_none() || accounts.is_closed(id))
        {
            Err(Declined::Over)
        } else {
            Ok(())
        }
    }
}
