//! What a record says, as a person would write it down: one plain sentence.

use crate::log::finding::unreadable;
use crate::log::names::Names;
use crate::log::survey::Bench;
use crate::log::trial::Entry;
use crate::log::words::{list, plural, quoted};
use antfarm_authority::{Bytes, EffectKey, Granted, Intent, NoStanding, Offer, Refusal, Writ, WritId};
use antfarm_automata::entities::{Move as Deed, Ringing, Step};
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::OPENED;
use antfarm_machine::Wall;
use antfarm_node::{Asked, Effect, Ending, Fact, MAX_RESULT, Move, Phase, Reason, State, Task, Thought, Unreadable};
use std::collections::BTreeSet;

/// Who tells, and what keys and logs are called.
pub(crate) struct Teller<'a> {
    pub(crate) names: &'a Names,
    pub(crate) colony: Option<Digest>,
}

impl<'a> Teller<'a> {
    pub(crate) fn of(names: &'a Names, bench: &Bench) -> Self {
        Self { names, colony: bench.colony }
    }

    /// One record.
    pub(crate) fn sentence(&self, bench: &Bench, entry: &Entry<'_>) -> String {
        let me = bench.owner.map_or_else(|| "the node".to_owned(), |key| self.key(&key));
        let what = match &entry.fact {
            Ok(Some(fact)) => self.fact(entry.state, bench.owner.as_ref(), fact),
            Ok(None) if entry.header.kind == OPENED && entry.header.link.position == 0 => {
                "opens its log for the first time".to_owned()
            }
            Ok(None) => format!("opens its log again: opening {}", entry.header.link.position + 1),
            Err(Unreadable::Redacted) => "recorded something that was redacted since".to_owned(),
            Err(bad) => format!("recorded something that cannot be read: {}", unreadable(*bad)),
        };
        format!("{me} {what}")
    }

    fn key(&self, key: &PublicKey) -> String {
        self.names.key(self.colony, key)
    }

    fn fact(&self, state: Option<&State>, me: Option<&PublicKey>, fact: &Fact) -> String {
        let named = |writ: WritId| match state.and_then(|state| state.writ(writ)) {
            Some(granted) => self.writ(granted.writ()),
            None => format!("writ {}, of which it knows nothing", short(writ)),
        };
        let under = |writ: WritId| match state.and_then(|state| state.writ(writ)) {
            Some(granted) => self.authority(granted),
            None => format!("writ {}, of which it knows nothing", short(writ)),
        };
        match fact {
            Fact::Known { writ } => format!("learns of {}", self.writ(writ)),
            Fact::Granted { writ, .. } if Some(&writ.body.issuer) == me => format!("gives {}: {}", self.writ(writ), terms(writ)),
            Fact::Granted { writ, .. } => format!("takes {} into its keeping: {}", self.writ(writ), terms(writ)),
            Fact::Delegated { writ } => {
                let above = writ.body.parent.map_or_else(|| "nothing".to_owned(), |parent| format!("writ {}", short(parent)));
                format!("hands on a part of {above} as {}: {}", self.writ(writ), terms(writ))
            }
            Fact::Refused { intent, writ, reason, .. } => {
                let (why, under) = (self.reason(reason), under(*writ));
                // A client that uses a name of a run's is no mind.
                match place(state, intent).filter(|_| *reason != Reason::Reserved) {
                    None => format!("refuses {} under {under}: {why}", what(intent)),
                    Some((step, 0)) => format!("may not ask `{}` for thought {step} under {under}: {why}", intent.tool),
                    Some(_) => format!("refuses its mind {} under {under}: {why}", what(intent)),
                }
            }
            Fact::Started { intent, proposal, .. } => {
                let (call, cost, under) = (short_call(proposal.key), proposal.cost, under(proposal.writ));
                match place(state, intent) {
                    None => format!("starts {call}, {}, for at most {cost}, under {under}", what(intent)),
                    Some((step, 0)) => {
                        format!("asks `{}` for thought {step}, {call}, for at most {cost}, under {under}", intent.tool)
                    }
                    Some(_) => format!("starts {call}, {}, as its mind wants, for at most {cost}, under {under}", what(intent)),
                }
            }
            Fact::Acted { intent, proposal, step, result, .. } => self.acted(state, intent, &under(proposal.writ), step, result),
            Fact::Moved { step, .. } => self.moved(step),
            Fact::Withheld { key, reason } => format!("does not make {} after all: {}", call(state, *key), self.reason(reason)),
            Fact::Done { key, spent, delta, result } => {
                let effect = state.and_then(|state| state.effect(*key));
                let changed: Vec<String> = delta.ops().iter().map(|op| quoted(op.key().id())).collect();
                let world = if changed.is_empty() { String::new() } else { format!(", which changed {}", list(&changed)) };
                let (call, cost) = (call(state, *key), spent);
                let said = match effect.zip(state).is_some_and(|(effect, state)| is_thought(state, effect)) {
                    true => format!("; {}", self.thought(result)),
                    false => String::new(),
                };
                match effect.is_some_and(|effect| *effect.phase() == Phase::Doubted) {
                    true => format!("learns that {call}, which was in doubt, was done for {cost}{world}{said}"),
                    false => format!("has {call} done for {cost}{world}{said}"),
                }
            }
            Fact::Failed { key, spent } => format!("learns that {} failed, at a cost of {spent}", call(state, *key)),
            Fact::Doubted { key } => format!("is in doubt about {}: somebody has to look", call(state, *key)),
            Fact::Revoked(revocation) => {
                format!("knows that {} revoked {}", self.key(&revocation.by), named(revocation.writ))
            }
            Fact::Expired { writ } => format!("sees that {} has expired", named(*writ)),
            Fact::Closed { writ } => format!("closes {} for good", named(*writ)),
            Fact::Reclaimed(closed) => {
                format!("has back what was left of {}, of which it spent {}", named(closed.writ), closed.spent)
            }
            Fact::Released(word) => format!("hears that what was left of {} has arrived", named(word.child)),
            Fact::Witnessed { heads } => {
                let head = |records: u64| plural(records, "record");
                let heads: Vec<String> =
                    heads.iter().map(|(key, it)| format!("{} at {}", self.key(key), head(it.head.records))).collect();
                format!("remembers how far the logs of others were: {}", list(&heads))
            }
            Fact::Forgot { at } => format!("forgets what was over by {at}"),
            Fact::Saving => "begins to save what it knows".to_owned(),
            Fact::Saved { at, seal } => format!("has saved what it knew after {at} records, under the seal {}", seal.short()),
            Fact::Forked(fork) => {
                format!("has evidence that the keeper of {} signed two histories", self.names.log(&fork.one.log))
            }
            Fact::Begun(it) => format!("takes on {}, under {}", task(&it.task), under(it.writ)),
            Fact::Commissioned(it) => format!("hands on, with {}, {}", named(it.writ), task(&it.task)),
            Fact::Ended(it) => format!("ends its task under {}: {}", named(it.writ), self.ending(&it.ending)),
            Fact::Reported(it) => {
                format!("hears how the task ended that came with {}: {}", named(it.writ), self.ending(&it.ending))
            }
            Fact::Declined { writ, why, .. } => {
                format!("hands on no part of {}, as its mind wanted: {why}", named(*writ))
            }
            Fact::Denied { asked, why, .. } => {
                let what = match asked {
                    Asked::Grant { parent: None, offer } => {
                        format!("to give {} a writ: {}", self.key(&offer.subject), budget(offer))
                    }
                    Asked::Grant { parent: Some(parent), offer } => {
                        format!("to hand {} a part of {}: {}", self.key(&offer.subject), named(*parent), budget(offer))
                    }
                    Asked::Revoke { writ } => format!("to revoke {}", named(*writ)),
                    Asked::Close { writ } => format!("to close {}", named(*writ)),
                    Asked::Resolve { key, happened: true } => format!("to hold {} for done", call(state, *key)),
                    Asked::Resolve { key, happened: false } => format!("to hold {} for not done", call(state, *key)),
                    Asked::Work { writ, .. } => format!("to take on a task under {}", named(*writ)),
                };
                format!("is asked {what}; it does not: {why}")
            }
        }
    }

    fn acted(&self, state: Option<&State>, intent: &Intent, under: &str, step: &Step, result: &Bytes<MAX_RESULT>) -> String {
        let wanted = if place(state, intent).is_some() { ", as its mind wants," } else { "" };
        let (id, status) = (self.entity(intent.target.text()), String::from_utf8_lossy(result.bytes()));
        format!("does `{}` on {id}{wanted} under {under}: it is {}{}", intent.tool, quoted(&status), self.followed(step))
    }

    fn moved(&self, step: &Step) -> String {
        let what = match &step.asked.moved {
            Deed::Deliver(it) => {
                let (id, source) = (self.entity(&it.id), self.entity(&it.source));
                format!(
                    "is told by the home of {source} that `{}.{}` there sets `{}.{}` going on {id}",
                    it.by, it.after, it.entity, it.action
                )
            }
            Deed::Ring(alarm) => match alarm.ringing {
                Ringing::Timeout(_) => format!("sees that a state of {} has lasted too long", self.entity(&alarm.who.id)),
                Ringing::Action(_) => format!("does what {} had scheduled", self.entity(&alarm.who.id)),
            },
            Deed::Acknowledge { home, below } => {
                format!("hears that {} has what its entities sent there, up to number {below}", self.home(home))
            }
            Deed::Create { who, .. } => format!("creates {}", self.entity(&who.id)),
            Deed::Act { act, .. } => format!("lets {} act", self.entity(&act.who.id)),
        };
        format!("{what}{}", self.followed(step))
    }

    /// What else happened in a step.
    fn followed(&self, step: &Step) -> String {
        let others: BTreeSet<&str> = step.touched().skip(1).map(|it| it.id.as_str()).collect();
        let others: Vec<String> = others.into_iter().map(|id| self.entity(id)).collect();
        let dropped = step.dropped().count() as u64;
        let moved = if others.is_empty() { String::new() } else { format!(", which moves {}", list(&others)) };
        let lost = if dropped == 0 { String::new() } else { format!("; {} refused", plural(dropped, "reaction")) };
        format!("{moved}{lost}")
    }

    /// An entity, with who keeps it.
    fn entity(&self, id: &str) -> String {
        match id.rsplit_once('@') {
            Some((own, home)) => format!("`{own}` at {}", self.home(home)),
            None => quoted(id),
        }
    }

    fn home(&self, name: &str) -> String {
        let key = name.parse::<Digest>().ok().and_then(|it| PublicKey::new(*it.as_bytes()).ok());
        key.map_or_else(|| quoted(name), |key| self.key(&key))
    }

    fn writ(&self, writ: &Writ) -> String {
        let body = &writ.body;
        format!("writ {} from {} to {}", short(writ.id()), self.key(&body.issuer), self.key(&body.subject))
    }

    /// A writ and all above it, up to the trust root.
    fn authority(&self, writ: &Granted) -> String {
        let chain: Vec<String> = writ.lineage().map(|it| self.writ(it.writ())).collect();
        chain.join(", a part of ")
    }

    fn ending(&self, ending: &Ending) -> String {
        match ending {
            Ending::Answered { answer } => format!("the answer is {}", quoted(&String::from_utf8_lossy(answer.bytes()))),
            Ending::Steps => "its thoughts are used up".to_owned(),
            Ending::Time => "its time is over".to_owned(),
            Ending::Refused(reason) => format!("it may not think any more: {}", self.reason(reason)),
            Ending::InDoubt => "what became of a thought is not known".to_owned(),
        }
    }

    /// What a mind said.
    fn thought(&self, said: &Bytes<MAX_RESULT>) -> String {
        let Some(Thought { moves, answer }) = Thought::read(said.bytes()) else {
            return "what its mind said is no thought".to_owned();
        };
        let moves: Vec<String> = moves.iter().map(|it| self.wanted(it)).collect();
        let answer = answer.map(|it| format!("answers {}", quoted(&String::from_utf8_lossy(it.bytes()))));
        match (moves.is_empty(), answer) {
            (true, None) => "its mind says nothing".to_owned(),
            (true, Some(answer)) => format!("its mind {answer}"),
            (false, None) => format!("its mind wants {}", list(&moves)),
            (false, Some(answer)) => format!("its mind wants {}, and {answer}", list(&moves)),
        }
    }

    fn wanted(&self, it: &Move) -> String {
        match it {
            Move::Call { tool, target, .. } if target.text().is_empty() => format!("`{tool}`"),
            Move::Call { tool, target, .. } => format!("`{tool}` on {}", quoted(target.text())),
            Move::Delegate { offer, task } => {
                format!("{} to have {} for {}", self.key(&offer.subject), offer.grant.budget, self::task(task))
            }
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::Refused(refusal) => self.refusal(refusal),
            Reason::UnknownWrit | Reason::Suspended | Reason::Late | Reason::Reserved | Reason::Entity(_) => reason.to_string(),
        }
    }

    /// As refusals say it themselves, with names and dates, and without advice to whoever asked.
    fn refusal(&self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::NotHome { home } => format!("the writ is spent only by {}", self.key(home)),
            Refusal::NotSubject { subject } => format!("the writ was given to {}, not to the author", self.key(subject)),
            Refusal::Stale { until, at } => format!("it was to be begun until {until}, and it is {at}"),
            Refusal::Distant { until, at } => {
                format!("it may be begun until {until}, and it is {at}: that is too long")
            }
            Refusal::Retold { first } => format!("the wish was told before with another content: intent {}", first.short()),
            Refusal::Revoked { writ } => format!("writ {} was revoked", short(*writ)),
            Refusal::NoStanding(NoStanding { giver, lapsed: true }) => {
                format!("it is too long ago that {} said that the writ stands", self.key(giver))
            }
            Refusal::NoStanding(NoStanding { giver, lapsed: false }) => {
                format!("{} has not said yet that the writ stands", self.key(giver))
            }
            Refusal::Denied { rule } => format!("rule {} of the policy forbids it", rule.short()),
            Refusal::Busy => "too many calls under the writ are under way".to_owned(),
            Refusal::Tenant { .. }
            | Refusal::Early { .. }
            | Refusal::Expired { .. }
            | Refusal::Scope
            | Refusal::UnknownTool
            | Refusal::Ceiling { .. }
            | Refusal::Args(_)
            | Refusal::NoAccount
            | Refusal::AccountClosed
            | Refusal::SeenExpired
            | Refusal::Budget(_)
            | Refusal::Unmet(_) => refusal.to_string(),
        }
    }
}

fn short(writ: WritId) -> String {
    writ.digest().short().to_string()
}

fn short_call(key: EffectKey) -> String {
    format!("call {}", key.digest().short())
}

/// A call, and what it is, if it is under way.
fn call(state: Option<&State>, key: EffectKey) -> String {
    match state.and_then(|state| state.effect(key)).and_then(Effect::call) {
        None => short_call(key),
        Some(it) if it.target.text().is_empty() => format!("{} (`{}`)", short_call(key), it.tool),
        Some(it) => format!("{} (`{}` on {})", short_call(key), it.tool, quoted(it.target.text())),
    }
}

/// Which thought an intent is, or a move of which, from 1 on; and its place there, 0 for the thought itself.
fn place(state: Option<&State>, intent: &Intent) -> Option<(u64, u32)> {
    let (run, place) = state?.runs().waiting(intent.nonce)?;
    Some((u64::from(run.step()) + 1, place))
}

fn is_thought(state: &State, effect: &Effect) -> bool {
    state.runs().waiting(effect.nonce()).is_some_and(|(_, place)| place == 0)
}

fn task(task: &Task) -> String {
    let (text, thoughts) = (quoted(task.text.text()), plural(u64::from(task.steps), "thought"));
    format!("the task {text} for `{}`, in at most {thoughts} and until {}", task.mind, task.until)
}

fn what(intent: &Intent) -> String {
    let why = match intent.rationale.text() {
        "" => String::new(),
        why => format!(" (because {})", quoted(why)),
    };
    match intent.target.text() {
        "" => format!("`{}`{why}", intent.tool),
        target => format!("`{}` on {}{why}", intent.tool, quoted(target)),
    }
}

fn budget(offer: &Offer) -> String {
    offer.grant.budget.to_string()
}

fn terms(writ: &Writ) -> String {
    let grant = &writ.body.grant;
    let window = grant.window;
    format!("{}, from {} to {}", grant.budget, window.not_before(), window.expires_at())
}

/// When a fact says that it was recorded.
pub(crate) fn at(fact: &Fact) -> Option<Wall> {
    match fact {
        Fact::Refused { at, .. }
        | Fact::Started { at, .. }
        | Fact::Forgot { at }
        | Fact::Denied { at, .. }
        | Fact::Acted { at, .. }
        | Fact::Moved { at, .. } => Some(*at),
        Fact::Known { .. }
        | Fact::Granted { .. }
        | Fact::Delegated { .. }
        | Fact::Withheld { .. }
        | Fact::Done { .. }
        | Fact::Failed { .. }
        | Fact::Doubted { .. }
        | Fact::Revoked(_)
        | Fact::Expired { .. }
        | Fact::Closed { .. }
        | Fact::Reclaimed(_)
        | Fact::Released(_)
        | Fact::Witnessed { .. }
        | Fact::Forked(_)
        | Fact::Begun(_)
        | Fact::Commissioned(_)
        | Fact::Ended(_)
        | Fact::Reported(_)
        | Fact::Declined { .. }
        | Fact::Saving
        | Fact::Saved { .. } => None,
    }
}
