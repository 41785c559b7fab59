//! Forgetting: what is over is dropped, so that a node that lives long does not fill, and nothing that was refused before is
//! accepted after.
//!
//! A wish says until when it may be begun, and a writ when its window ends. Now and then a node records [`Fact::Forgot`]: it notes
//! the time, its *mark*, which never goes back, and drops the calls and wishes whose time is past by more than a margin, the closed
//! accounts and the revocations that are over, the tasks that ended under them, and the writs that are over and that nothing here refers
//! to any more.
//!
//! Rule kept, INVARIANT(forgotten-is-over): the mark that lets something be dropped has the node refuse whatever could bring it back,
//! whatever its clock says later. A wish that is past is not begun; a writ that is over is not recorded, opened, drawn, given or
//! revoked. The name of a wish is remembered as long as any intent that was refused for having its name.
//!
//! What is under way or in doubt is never dropped, nor what its budget or its writ rests on; nor a child's writ whose budget is
//! outside. A clock that was far ahead when the mark was noted costs what is past by it, and nothing more is forgotten until the
//! clock has come there: clients are told that time, and may wish for something until later.

use crate::fact::Fact;
use crate::judge::{Drift, Judged};
use crate::node::{Full, Node};
use crate::sorted::Sorted;
use crate::state::State;
use alloc::collections::BTreeSet;
use antfarm_authority::{EffectKey, Granted, Intent, MAX_REACH, WritId, is_forgotten, node_time};
use antfarm_identity::{Codec, Digest};
use antfarm_machine::{Now, Wall, reached};

/// How a wish was told first, of those that were begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Codec)]
pub(crate) struct Told {
    /// The digest of the intent.
    intent: Digest,
    key: EffectKey,
    /// The latest time until which it, or what was refused for having its name, could be begun.
    until: Wall,
}

impl Told {
    pub(crate) const fn first(intent: &Intent, digest: Digest, key: EffectKey) -> Self {
        Self { intent: digest, key, until: intent.until }
    }
}

impl State {
    /// Up to when this node forgot: the latest wall time that it noted. It never goes back.
    pub const fn mark(&self) -> Wall {
        self.accounts.mark()
    }

    /// So much of a time until which something is to be begun as a wish may have that is told at this wall time.
    pub(crate) fn within_reach(&self, until: Wall, at: Wall) -> Wall {
        until.min(node_time(at, self.mark()) + MAX_REACH)
    }

    /// The digest of the first intent that was begun with the same wish.
    pub(crate) fn told(&self, intent: &Intent) -> Option<Digest> {
        self.wishes.get(&intent.wish()).map(|told| told.intent)
    }

    /// An intent was refused for having the name of another: the name is remembered until that one is past, too.
    pub(crate) fn remember(&mut self, retold: &Intent) {
        if let Some(told) = self.wishes.get_mut(&retold.wish()) {
            told.until = told.until.max(retold.until);
        }
    }

    /// Whether something is over when the wall clock reads `wall`.
    pub(crate) fn may_forget(&self, wall: Wall) -> bool {
        let mark = self.mark().max(wall);
        let calls = || self.effects.values().any(|effect| !effect.is_open() && is_forgotten(effect.until(), mark));
        let wishes = || self.wishes.values().any(|told| self.is_done(told, mark));
        let (accounts, dead) = (|| self.accounts.may_forget(wall), || self.revocations.may_forget(wall));
        calls() || wishes() || accounts() || dead() || self.kept(mark).len() < self.writs.len()
    }

    /// Notes the time and drops what is over.
    pub(crate) fn forget(&mut self, wall: Wall) {
        self.accounts.forget(wall);
        self.revocations.forget(wall);
        let mark = self.mark();
        // INVARIANT(forgotten-is-over): the first stage of compiling that looks at the wish refuses what is past by this mark.
        self.effects.retain(|_, effect| effect.is_open() || !is_forgotten(effect.until(), mark));
        let mut wishes = core::mem::replace(&mut self.wishes, Sorted::new());
        wishes.retain(|_, told| !self.is_done(told, mark));
        self.wishes = wishes;
        let kept = self.kept(mark);
        let accounts = &self.accounts;
        // INVARIANT(forgotten-is-over): a task whose time is past by this mark is not taken on or handed on again.
        self.runs.forget(|run, came_with_writ| match accounts.account(run.writ()) {
            None => true,
            Some(_) => is_forgotten(run.task().until, mark) && (!came_with_writ || accounts.is_closed(run.writ())),
        });
        self.handed.retain(|writ, _| kept.contains(writ));
        // Who never confirmed a writ that is over does not take it any more.
        self.abroad.retain(|writ| kept.contains(writ));
        let links = &mut self.links;
        self.writs.retain(|id, _| {
            let keep = kept.contains(id);
            if !keep {
                links.remove(&id.digest());
            }
            keep
        });
        assert!(self.open.iter().all(|key| self.effects.contains_key(key)), "what is under way is not forgotten");
    }

    fn is_done(&self, told: &Told, mark: Wall) -> bool {
        is_forgotten(told.until, mark) && !self.open.contains(&told.key)
    }

    /// The writs that are not over, or that something rests on.
    fn kept(&self, mark: Wall) -> BTreeSet<WritId> {
        let is_over = |writ: &Granted| antfarm_authority::is_over(writ.body().grant.window.expires_at(), mark);
        let mut kept: BTreeSet<WritId> = self.writs.values().filter(|writ| !is_over(writ)).map(Granted::id).collect();
        let calls = self.effects.values().map(|effect| effect.writ());
        let tasks = self.runs.unfinished().map(|(_, run)| run.writ());
        // What was drawn for a child elsewhere comes back by its writ; nobody takes a root that is over, and nothing comes back.
        let lent = self.abroad.iter().copied().filter(|id| self.writs.get(id).is_some_and(|writ| writ.parent().is_some()));
        let closed = self.last_words.iter().chain(&self.left).copied();
        let accounts = self.accounts.writs().map(Granted::id);
        for writ in calls.chain(tasks).chain(lent).chain(closed).chain(accounts).filter_map(|id| self.writs.get(&id)) {
            if is_over(writ) {
                kept.extend(writ.lineage().map(Granted::id));
            }
        }
        kept
    }
}

/// That something was forgotten: something was over, later than what was noted. That it was so late by the node's clock is not shown.
pub(crate) fn judged(state: &State, at: Wall) -> Result<Judged, Drift> {
    if at <= state.mark() || !state.may_forget(at) { Err(Drift::Forgot) } else { Ok(Judged::Unshown) }
}

impl Node {
    /// Forgets what is over: at the first pulse after the log was opened, and once in each sweep.
    pub(crate) fn forget(&mut self, now: Now) {
        let every = (self.config.sweep.as_nanos() / self.config.pulse.as_nanos().max(1)).max(1);
        if self.pulses % every != 1 % every {
            return;
        }
        // Nobody acts under a writ whose account is closed or gone.
        let accounts = &self.state.accounts;
        self.standings.retain(|writ| accounts.account(writ).is_some() && !accounts.is_closed(writ));
        // A task ends before its writ is over: where that could not be recorded yet, it comes first.
        let is_closed = |writ: WritId| self.state.accounts.is_closed(writ);
        if self.state.runs.unfinished().any(|(_, run)| is_closed(run.writ())) {
            return;
        }
        if now.wall <= self.state.mark() || !self.state.may_forget(now.wall) {
            return;
        }
        match self.record(Fact::Forgot { at: now.wall }) {
            Ok(_) => reached!("node.forgot"),
            Err(Full) => return reached!("node.forgot_nothing_yet"),
        }
        let (abroad, writs) = (&self.state.abroad, &self.state.writs);
        self.confirmed.retain(|writ| abroad.contains(writ));
        self.delivered.retain(|writ| writs.contains_key(writ));
    }
}
