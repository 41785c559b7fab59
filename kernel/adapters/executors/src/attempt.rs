//! One attempt at a call: its turn, the note that it begins, what carries it out, and the note how it went.

use crate::cause::{Cause, Ran};
use crate::command::{self, Ground};
use crate::executors::{Answer, Inner, Refused};
use crate::http::{self, Going};
use crate::manifest::{Action, Tool};
use crate::secrets::Used;
use crate::template::Values;
use antfarm_authority::{Amount, Bytes, Calls, Usdc};
use antfarm_machine::Wall;
use antfarm_node::{Call, Outcome, REPLACED};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// One attempt at a call.
pub(crate) struct Attempt {
    pub(crate) inner: Arc<Inner>,
    pub(crate) call: Call,
    /// Its key is remembered until then.
    pub(crate) until: Wall,
    /// Whether an earlier attempt may have taken effect.
    pub(crate) doubted: bool,
}

impl Attempt {
    /// Carries it out, once it is its turn.
    pub(crate) async fn run(self) -> Result<Answer, Refused> {
        let inner = &*self.inner;
        let name = &self.call.tool;
        let tool = inner.setup.manifest.tool(name).expect("it was looked up before");
        let gate = inner.gates.get(name).expect("each tool has a gate").clone();
        let _turn = gate.acquire_owned().await.map_err(|_| Refused::Stopped)?;
        if inner.is_closed(self.call.key) {
            return self.end(tool, Ran::Failed(Cause::Burned), None).await;
        }
        if self.is_late() {
            let cause = if self.doubted { Cause::InDoubt } else { self.too_late() };
            return Ok(self.answer(Outcome::Unclear, cause));
        }
        let values = match Values::read(&self.call, &tool.arguments) {
            Ok(values) => values,
            Err(unfit) => return self.end(tool, Ran::Failed(Cause::Unfit(unfit)), None).await,
        };
        // INVARIANT(begun-before-begin): what changes nothing may be done again, and needs no note.
        if !tool.reads {
            inner.outcomes.begin(self.call.key, self.until).await?;
        }
        let mut secrets = Used::new(&inner.setup.secrets, inner.salt);
        let ran = match self.is_late() {
            true => Ran::Failed(self.too_late()),
            false => self.carry_out(tool, &values, &mut secrets).await,
        };
        let ran = match ran {
            Ran::Done(result) => Ran::Done(secrets.redact(result)),
            Ran::Failed(_) | Ran::Unclear(_) => ran,
        };
        self.end(tool, ran, values.number()).await
    }

    async fn carry_out(&self, tool: &Tool, values: &Values<'_>, secrets: &mut Used<'_>) -> Ran {
        let inner = &*self.inner;
        match &tool.action {
            Action::Command(command) => {
                let nth = inner.folders.fetch_add(1, Ordering::Relaxed);
                let name = format!("{nth}-{}", self.call.key.digest().short());
                let ground = Ground { helper: &inner.setup.helper, scratch: &inner.setup.scratch, name };
                let layers = |held| {
                    inner.layers.lock().unwrap_or_else(PoisonError::into_inner).insert(self.call.tool.clone(), held);
                };
                command::run(command, values, secrets, &ground, layers).await
            }
            Action::Http(http) => {
                let may_begin = || if self.is_late() { Err(self.too_late()) } else { Ok(()) };
                let going = Going { resolver: &inner.setup.resolver, may_begin: &may_begin };
                http::send(http, values, secrets, &going).await
            }
        }
    }

    /// Keeps how it went, then tells it.
    async fn end(&self, tool: &Tool, ran: Ran, number: Option<u64>) -> Result<Answer, Refused> {
        let (outcome, cause) = match ran {
            Ran::Done(result) => {
                let result = Bytes::new(&result).or_else(|_| Bytes::new(REPLACED.as_bytes())).unwrap_or_default();
                let price = number.filter(|_| tool.priced).map(Usdc);
                let spent = Amount { money: price.unwrap_or(tool.cost.money), ..tool.cost };
                (Outcome::Done { result, spent }, Cause::Done)
            }
            // INVARIANT(doubt): it says nothing of earlier attempts, unless none can have had an effect.
            Ran::Failed(cause) if self.doubted && !tool.reads => (Outcome::Unclear, cause),
            Ran::Failed(cause) => (failed(&cause), cause),
            Ran::Unclear(cause) if tool.reads => (failed(&cause), cause),
            Ran::Unclear(cause) => (Outcome::Unclear, cause),
        };
        if outcome != Outcome::Unclear {
            self.inner.outcomes.settle(self.call.key, self.until, outcome.clone()).await?;
        }
        Ok(self.answer(outcome, cause))
    }

    fn answer(&self, outcome: Outcome, cause: Cause) -> Answer {
        Answer { key: self.call.key, outcome, cause }
    }

    fn is_late(&self) -> bool {
        self.inner.latest() > self.call.deadline
    }

    fn too_late(&self) -> Cause {
        Cause::TooLate { deadline: self.call.deadline }
    }
}

/// A failure, and what it cost: a call, if whoever carried it out was asked.
fn failed(cause: &Cause) -> Outcome {
    let asked = match cause {
        Cause::Done
        | Cause::Exited(_)
        | Cause::Signalled(_)
        | Cause::TimedOut
        | Cause::Flooded
        | Cause::HelperDied
        | Cause::Status(_)
        | Cause::Broken
        | Cause::Redirect(_) => 1,
        Cause::Repeated
        | Cause::Burned
        | Cause::InDoubt
        | Cause::TooLate { .. }
        | Cause::Unfit(_)
        | Cause::Secret { .. }
        | Cause::Sandbox(_)
        | Cause::Unstarted(_)
        | Cause::Unreachable(_)
        | Cause::Barred(_) => 0,
    };
    Outcome::Failed { spent: Amount { calls: Calls(asked), ..Amount::ZERO } }
}
