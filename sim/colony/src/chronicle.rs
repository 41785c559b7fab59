//! A chronicle: what members tell, as a person would write it down.

use crate::cast::{Plan, signer};
use crate::member::{Member, Told};
use crate::tool::ToolTold;
use antfarm_authority::{EffectKey, Granted, WritId};
use antfarm_identity::{Digest, PublicKey};
use antfarm_machine::PeerId;
use antfarm_node::{Answer, Call, Ending, Node, Notice, log_of};
use antfarm_sim::{Moment, Nobody, Oracle, Time, Violation};
use std::sync::{Arc, Mutex, PoisonError};

/// Listens to everybody and writes it down. Clones write into one book.
#[derive(Clone, Debug)]
pub(crate) struct Chronicle {
    names: Arc<Vec<String>>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Chronicle {
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self { names: Arc::new(names), lines: Arc::default() }
    }

    pub(crate) fn story(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// What a person would write down of one event.
    pub(crate) fn lines(&self, moment: &Moment<'_, Member, Nobody>) -> Vec<String> {
        let Some((peer, member)) = moment.turned() else { return Vec::new() };
        let at = seconds(moment.at());
        let sentences = moment.notices.iter().filter_map(|told| self.sentence(member.node(), told));
        sentences.map(|sentence| format!("{at:>9} {}: {sentence}", self.name(peer))).collect()
    }

    fn name(&self, peer: PeerId) -> &str {
        self.names.get(peer.index()).map_or("?", String::as_str)
    }

    fn of_key(&self, key: &PublicKey) -> String {
        let peers = (0..).map(PeerId::new).take(self.names.len());
        peers.into_iter().find(|peer| signer(*peer).public() == *key).map_or("a stranger", |peer| self.name(peer)).to_owned()
    }

    fn of_log(&self, log: &Digest) -> String {
        let peers = (0..).map(PeerId::new).take(self.names.len());
        let is_log = |peer: &PeerId| log_of(Plan::colony(), &signer(*peer).public()) == *log;
        peers.into_iter().find(is_log).map_or("a stranger", |peer| self.name(peer)).to_owned()
    }

    fn sentence(&self, node: Option<&Node>, told: &Told) -> Option<String> {
        Some(match told {
            Told::Node(notice) => crate::act::told(&self.notice(node, notice)?, &self.names),
            Told::Tool(ToolTold::Acted { key, caller }) => format!("does {} for {}", short(*key), self.name(*caller)),
            Told::Tool(ToolTold::TooLate { key }) => format!("does not begin {}: its deadline is over", short(*key)),
        })
    }

    fn notice(&self, node: Option<&Node>, notice: &Notice) -> Option<String> {
        let writ = |id: &WritId| {
            let granted = node.and_then(|node| node.state().writ(*id));
            granted.map_or("a writ".to_owned(), |it| self.writ(it))
        };
        Some(match notice {
            Notice::Opened(opened) if opened.incarnation == 0 => "opens its log for the first time".to_owned(),
            Notice::Opened(opened) => format!("opens its log again, with {} records", opened.records),
            Notice::Stopped(stop) => format!("stops: {stop}"),
            Notice::Refused(refused) => format!("does not serve its log: {refused}"),
            Notice::Broken { position } => format!("does not serve its log: record {position} is none of its own"),
            Notice::RolledBack { records } => format!("finds that its log was rolled back: others know of {records} records"),
            Notice::Granted { writ: id, .. } => format!("knows {}", writ(id)),
            Notice::Declined { why, .. } => format!("declines: {why}"),
            Notice::Answered { key, answer, .. } => format!("{}: {}", short(*key), answered(answer)),
            Notice::Called(call) => format!("calls {} as {}", what(call), short(call.key)),
            Notice::Revoked { writ: id } => format!("knows that {} is revoked", writ(id)),
            Notice::Closed { writ: id } => format!("has closed {}", writ(id)),
            Notice::Reclaimed { writ: id } => format!("has back what was left of {}", writ(id)),
            Notice::Began { writ: id, .. } => format!("takes on a task under {}", writ(id)),
            Notice::Ended { writ: id, ending, .. } => format!("ends a task under {}: {}", writ(id), ended(ending)),
            Notice::Reported { writ: id, ending } => format!("hears how the task ended under {}: {}", writ(id), ended(ending)),
            Notice::Stepped(step) => crate::deeds::told(node?.config().suite.as_ref()?, step)?,
            Notice::Forked { log } => format!("has evidence that {} signed two histories", self.of_log(log)),
        })
    }

    fn writ(&self, writ: &Granted) -> String {
        let body = writ.body();
        format!(
            "the writ that {} gave {} ({})",
            self.of_key(&body.issuer),
            self.of_key(&body.subject),
            writ.id().digest().short()
        )
    }
}

/// The first digits of a key: enough to follow it through a story.
fn short(key: EffectKey) -> String {
    format!("call {}", key.digest().short())
}

fn what(call: &Call) -> String {
    match call.target.text() {
        "" => format!("`{}`", call.tool),
        target => format!("`{}` on `{target}`", call.tool),
    }
}

fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Done { .. } => "done".to_owned(),
        Answer::Failed => "failed, and nothing happened".to_owned(),
        Answer::Refused(reason) => format!("refused, for {reason}"),
        Answer::InDoubt => "in doubt: somebody has to look".to_owned(),
        Answer::Busy => "too busy, or not open".to_owned(),
    }
}

fn ended(ending: &Ending) -> String {
    match ending {
        Ending::Answered { answer } => format!("answered `{}`", String::from_utf8_lossy(answer.bytes())),
        Ending::Steps => "all its thoughts are used up".to_owned(),
        Ending::Time => "its time is over".to_owned(),
        Ending::Refused(reason) => format!("it may not think any more, for {reason}"),
        Ending::InDoubt => "what became of a thought is not known".to_owned(),
    }
}

impl Oracle<Member, Nobody> for Chronicle {
    fn property(&self) -> &'static str {
        "chronicle"
    }

    fn claim(&self) -> &'static str {
        "what is told is written down"
    }

    fn after(&mut self, moment: &Moment<'_, Member, Nobody>) -> Result<(), Violation> {
        let lines = self.lines(moment);
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
        Ok(())
    }
}

/// A time to the millisecond.
fn seconds(at: Time) -> String {
    format!("{}.{:03}s", at.0 / 1_000_000_000, at.0 / 1_000_000 % 1_000)
}
