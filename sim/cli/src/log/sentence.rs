//! What a record says, as a person would write it down: one plain sentence.

use crate::log::finding::unreadable;
use crate::log::names::Names;
use crate::log::survey::Bench;
use crate::log::trial::Entry;
use antfarm_authority::{Amount, EffectKey, Granted, Intent, Writ, WritId};
use antfarm_identity::{Digest, PublicKey};
use antfarm_ledger::OPENED;
use antfarm_machine::Wall;
use antfarm_node::{Ending, Fact, State, Task, Unreadable};

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
            Ok(None) => format!("opens its log again, for the {}. time", entry.header.link.position + 1),
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
            Fact::Refused { intent, writ, reason, .. } => format!("refuses {} under {}: {reason}", what(intent), under(*writ)),
            Fact::Started { intent, proposal, .. } => {
                let (call, cost) = (call(proposal.key), amount(proposal.cost));
                format!("starts {call}, {}, for at most {cost}, under {}", what(intent), under(proposal.writ))
            }
            Fact::Withheld { key, reason } => format!("does not make {} after all: {reason}", call(*key)),
            Fact::Done { key, spent, delta, .. } => {
                let changed: Vec<String> = delta.ops().iter().map(|op| quoted(op.key().id())).collect();
                let world = if changed.is_empty() { String::new() } else { format!(", which changed {}", changed.join(", ")) };
                format!("has {} done for {}{world}", call(*key), amount(*spent))
            }
            Fact::Failed { key, spent } => format!("hears that {} failed, for {}", call(*key), amount(*spent)),
            Fact::Doubted { key } => format!("is in doubt about {}: somebody has to look", call(*key)),
            Fact::Revoked(revocation) => {
                format!("knows that {} revoked {}", self.key(&revocation.by), named(revocation.writ))
            }
            Fact::Expired { writ } => format!("sees that {} has expired", named(*writ)),
            Fact::Closed { writ } => format!("closes {} for good", named(*writ)),
            Fact::Reclaimed(closed) => {
                format!("has back what was left of {}; {} were spent", named(closed.writ), amount(closed.spent))
            }
            Fact::Released(word) => format!("hears that what was left of {} has arrived", named(word.child)),
            Fact::Witnessed { heads } => {
                let heads: Vec<String> =
                    heads.iter().map(|(key, head)| format!("{} at {} records", self.key(key), head.head.records)).collect();
                format!("remembers how far the logs of others were: {}", heads.join(", "))
            }
            Fact::Forgot { at } => format!("forgets what was over by {}", time(*at)),
            Fact::Forked(fork) => {
                format!("has evidence that the keeper of {} signed two histories", self.names.log(&fork.one.log))
            }
            Fact::Begun(it) => format!("takes on {} under {}", task(&it.task), under(it.writ)),
            Fact::Commissioned(it) => format!("hands on {} with {}", task(&it.task), named(it.writ)),
            Fact::Ended(it) => format!("ends its task under {}: {}", named(it.writ), ending(&it.ending)),
            Fact::Reported(it) => format!("hears how the task ended that came with {}: {}", named(it.writ), ending(&it.ending)),
            Fact::Declined { writ, why, .. } => format!("hands on no part of {}, as its mind wanted: {why:?}", named(*writ)),
        }
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
}

fn short(writ: WritId) -> String {
    writ.digest().short().to_string()
}

fn call(key: EffectKey) -> String {
    format!("call {}", key.digest().short())
}

fn task(task: &Task) -> String {
    format!("the task {} for `{}`, in {} thoughts at most", quoted(task.text.text()), task.mind, task.steps)
}

fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Answered { answer } => format!("the answer is {}", quoted(&String::from_utf8_lossy(answer.bytes()))),
        Ending::Steps => "its thoughts are used up".to_owned(),
        Ending::Time => "its time is over".to_owned(),
        Ending::Refused(reason) => format!("it may not think any more: {reason}"),
        Ending::InDoubt => "what became of a thought is not known".to_owned(),
    }
}

/// A text that came from cognition: what could trick a terminal is escaped.
fn quoted(text: &str) -> String {
    format!("`{}`", text.escape_debug())
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

fn terms(writ: &Writ) -> String {
    let grant = &writ.body.grant;
    let window = grant.window;
    format!("{}, from {} to {}", amount(grant.budget), time(window.not_before()), time(window.expires_at()))
}

fn amount(it: Amount) -> String {
    let plural = |count: u64, noun: &str| (count > 0).then(|| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }));
    let parts = [
        plural(it.calls.0, "call"),
        (it.money.0 > 0).then(|| format!("{} USDC", usdc(it.money.0))),
        plural(it.tokens.0, "token"),
        (it.time.as_nanos() > 0).then(|| format!("{} of work", it.time)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(" and ") }
}

/// Millionths as a decimal number.
fn usdc(millionths: u64) -> String {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// When a fact says that it was recorded.
pub(crate) fn at(fact: &Fact) -> Option<Wall> {
    match fact {
        Fact::Refused { at, .. } | Fact::Started { at, .. } | Fact::Forgot { at } => Some(*at),
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
        | Fact::Declined { .. } => None,
    }
}

/// A wall time as RFC 3339 has it, to the millisecond. The date is by the method of H. Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`, for days after 1970.
pub(crate) fn time(wall: Wall) -> String {
    let millis = wall.as_nanos() / 1_000_000;
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", rest % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        let check = |seconds: u64, text: &str| assert_eq!(time(Wall::from_nanos(seconds * 1_000_000_000)), text);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_399, "2000-02-28T23:59:59.000Z");
        check(951_782_400, "2000-02-29T00:00:00.000Z");
        check(1_609_459_200, "2021-01-01T00:00:00.000Z");
        check(4_107_542_400, "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn amounts_are_told_in_units() {
        use antfarm_authority::{Calls, Usdc};
        assert_eq!(amount(Amount { calls: Calls(1), money: Usdc(20), ..Amount::ZERO }), "1 call and 0.00002 USDC");
        assert_eq!(amount(Amount { calls: Calls(2), money: Usdc::whole(50), ..Amount::ZERO }), "2 calls and 50 USDC");
        assert_eq!(amount(Amount::ZERO), "nothing");
    }
}
