//! What a node was fed and what it wanted, each in one line.

use antfarm_identity::Codec;
use antfarm_machine::{Effect, Input, Operation, Outcome};
use antfarm_node::{Ask, Body, Node, Notice};
use std::fmt::Debug;

/// How much of one thing is shown, in characters.
const SHOWN: usize = 120;

/// What was fed.
pub(crate) fn input(input: &Input<Node>) -> String {
    match input {
        Input::Woke { incarnation } => format!("woke: start {incarnation}"),
        Input::Asked(ask) => format!("asked {}: {}", kind(ask), asked(ask)),
        Input::Heard { from, message } => format!("heard {} from {from}: {}", kind(message), heard(&message.body)),
        Input::Stored(receipt) => format!("stored: request {} {}", receipt.ticket.0, outcome(&receipt.outcome)),
        Input::Rang(timer) => format!("rang: {timer:?}"),
    }
}

/// What was wanted, the same kinds together: `store, 2 tell Answered`; nothing where nothing was.
pub(crate) fn effects(effects: &[Effect<Node>]) -> String {
    let mut told: Vec<(String, u64)> = Vec::new();
    for effect in effects {
        let what = match effect {
            Effect::Send { to, message } => format!("send {} to {to}", kind(message)),
            Effect::Store(request) => operation(&request.operation),
            Effect::Arm { timer, after } => format!("arm {} for {after}", kind(timer)),
            Effect::Disarm(timer) => format!("disarm {}", kind(timer)),
            Effect::Tell(notice) => format!("tell {}", kind::<Notice>(notice)),
        };
        match told.last_mut().filter(|(last, _)| *last == what) {
            Some((_, count)) => *count += 1,
            None => told.push((what, 1)),
        }
    }
    let told: Vec<String> =
        told.into_iter().map(|(what, count)| if count > 1 { format!("{count} {what}") } else { what }).collect();
    told.join(", ")
}

fn kind<T: Codec>(it: &T) -> &'static str {
    T::KINDS.get(usize::from(it.kind())).copied().unwrap_or("?")
}

fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Wish(wish) => {
            let (writ, target, args) = (wish.writ.digest().short(), wish.target.text().escape_debug(), wish.args.bytes().len());
            shown(&format_args!("{} of `{target}` with {args} bytes, under writ {writ}", wish.tool))
        }
        Ask::Grant { .. } | Ask::Revoke { .. } | Ask::Close { .. } | Ask::Resolve { .. } | Ask::Work { .. } => shown(ask),
    }
}

fn heard(body: &Body) -> String {
    shown(body)
}

fn operation(operation: &Operation) -> String {
    match operation {
        Operation::List => "list".to_owned(),
        Operation::Read { object, range } => format!("read {object}[{}..{}]", range.start, range.end),
        Operation::AppendAt { object, expected_end, bytes } => {
            format!("append {} bytes to {object} at {expected_end}", bytes.len())
        }
        Operation::Truncate { object, length } => format!("truncate {object} to {length}"),
        Operation::Remove { object } => format!("remove {object}"),
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Data(bytes) => format!("gave {} bytes", bytes.len()),
        Outcome::Listed(entries) => format!("found {} objects", entries.len()),
        Outcome::Conflict { end } => format!("in conflict: the object ends at {end}"),
        Outcome::Full => "refused: the disk is full".to_owned(),
        Outcome::Failed => "failed".to_owned(),
    }
}

/// The beginning of what `{:?}` says.
fn shown(it: &dyn Debug) -> String {
    let text = format!("{it:?}");
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((end, _)) => format!("{}..", &text[..end]),
    }
}
