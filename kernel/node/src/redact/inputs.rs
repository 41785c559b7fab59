//! Secrets, taken out of what a node is told: the same way whether the node does it or somebody who records what it was told.
//!
//! Rule kept: *a node that is fed an input without its secrets has the same effects*, and so has one that knows no secrets. So what
//! is signed by others is replaced whole where it has one: it could not be cleaned either way.

use super::{REPLACED, Secrets};
use crate::ask::{Ask, Wish};
use crate::config::Form;
use crate::effect::Effect;
use crate::entity::SignedDelivery;
use crate::message::{Body, MAX_RESULT, Message, Outcome};
use crate::node::Node;
use crate::task::{Commission, Ending, Report, Task, Thought};
use alloc::boxed::Box;
use antfarm_authority::{Bytes, EffectKey, Text};
use antfarm_automata::entities::Delivery;
use antfarm_identity::{Signature, to_bytes};
use antfarm_machine::Input;

impl Secrets {
    /// A wish without secrets; with `keep_args` they may stay in its arguments.
    pub(crate) fn redact_wish(&self, wish: Wish, keep_args: bool) -> Wish {
        let args = if keep_args { wish.args } else { self.redact_bytes(&wish.args) };
        Wish { target: self.redact_field(&wish.target), args, rationale: self.redact_field(&wish.rationale), ..wish }
    }

    /// A task without secrets.
    pub(crate) fn redact_task(&self, task: Task) -> Task {
        Task { text: self.redact_field(&task.text), ..task }
    }

    /// What a tool or a mind answered, without secrets.
    pub(crate) fn redact_result(&self, result: &Bytes<MAX_RESULT>, is_mind: bool) -> Bytes<MAX_RESULT> {
        match is_mind {
            true => Thought::redact(result.bytes(), self),
            false => self.redact_bytes(result),
        }
    }

    fn redact_ask(&self, ask: Ask) -> Ask {
        let clean = |task: Box<Task>| Box::new(self.redact_task(*task));
        match ask {
            Ask::Wish(wish) => Ask::Wish(Box::new(self.redact_wish(*wish, false))),
            Ask::Grant { parent, offer, task } => Ask::Grant { parent, offer, task: task.map(clean) },
            Ask::Work { writ, nonce, task } => Ask::Work { writ, nonce, task: clean(task) },
            Ask::Revoke { .. } | Ask::Close { .. } | Ask::Resolve { .. } => ask,
        }
    }

    fn redact_commission(&self, it: Box<Commission>) -> Box<Commission> {
        if self.is_clean(it.task.text.text().as_bytes()) {
            return it;
        }
        let text = Text::new(REPLACED).expect("what replaces a field is short");
        Box::new(Commission { task: Task { text, ..it.task }, ..*it })
    }

    fn redact_report(&self, it: Box<Report>) -> Box<Report> {
        match &it.ending {
            Ending::Answered { answer } if !self.is_clean(answer.bytes()) => {
                let answer = Bytes::new(REPLACED.as_bytes()).expect("what replaces a field is short");
                Box::new(Report { ending: Ending::Answered { answer }, ..*it })
            }
            Ending::Answered { .. } | Ending::Steps | Ending::Time | Ending::Refused(_) | Ending::InDoubt => it,
        }
    }
}

impl Secrets {
    /// Whether nothing in a delivery is a secret.
    pub(crate) fn is_clean_delivery(&self, signed: &SignedDelivery) -> bool {
        self.is_empty() || self.is_clean(&to_bytes(&signed.delivery))
    }

    /// Of a delivery with a secret in it: whose it is, and which. Not its signature either, by which a secret could be guessed.
    fn redact_delivery(&self, signed: SignedDelivery) -> SignedDelivery {
        if self.is_clean_delivery(&signed) {
            return signed;
        }
        let SignedDelivery { delivery, signature } = signed;
        let from = if self.is_clean(delivery.from.as_bytes()) { delivery.from } else { REPLACED.into() };
        let signature = Signature::new([0; 64]).unwrap_or(signature);
        SignedDelivery { delivery: Delivery::withheld(from, delivery.seq), signature }
    }
}

impl Node {
    /// The input without the secrets that this node is configured with: fed it, this node has the effects that it would have had,
    /// and so has one without secrets. What comes from the disk is as it is: it holds those that came there before they were
    /// registered. So are names, of tools say.
    pub fn without_secrets(&self, input: Input<Self>) -> Input<Self> {
        let secrets = &self.config.secrets;
        if secrets.is_empty() {
            return input;
        }
        match input {
            Input::Asked(ask) => Input::Asked(secrets.redact_ask(ask)),
            Input::Heard { from, message: Message { head, body } } => {
                Input::Heard { from, message: Message { head, body: self.body_without_secrets(body) } }
            }
            Input::Woke { .. } | Input::Stored(_) | Input::Rang(_) => input,
        }
    }

    fn body_without_secrets(&self, body: Body) -> Body {
        let secrets = &self.config.secrets;
        match body {
            Body::Outcome { key, outcome: Outcome::Done { result, spent } } => {
                let result = secrets.redact_result(&result, self.is_thought(key));
                Body::Outcome { key, outcome: Outcome::Done { result, spent } }
            }
            Body::Present { chain, drawn, commission } => {
                Body::Present { chain, drawn, commission: commission.map(|it| secrets.redact_commission(it)) }
            }
            Body::Report(report) => Body::Report(secrets.redact_report(report)),
            Body::Deliver(signed) => Body::Deliver(Box::new(secrets.redact_delivery(*signed))),
            // Only tools are called, so nothing comes of it.
            Body::Call(mut call) => {
                (call.target, call.args) = (secrets.redact_field(&call.target), secrets.redact_bytes(&call.args));
                Body::Call(call)
            }
            Body::Outcome { outcome: Outcome::Failed { .. } | Outcome::Unclear, .. }
            | Body::Presented { .. }
            | Body::Inquire { .. }
            | Body::Standing(_)
            | Body::Revoked { .. }
            | Body::Sets { .. }
            | Body::Closed(_)
            | Body::Reclaimed(_)
            | Body::Recall(_)
            | Body::Passed { .. }
            | Body::Seen { .. }
            | Body::Forked(_)
            | Body::Close { .. }
            | Body::Reported { .. }
            | Body::Delivered { .. } => body,
        }
    }

    /// Whether what is answered to this call is a thought.
    fn is_thought(&self, key: EffectKey) -> bool {
        let call = self.state.effect(key).and_then(Effect::call);
        call.and_then(|call| self.config.tools.tool(&call.tool)).is_some_and(|tool| tool.form == Form::Context)
    }
}
