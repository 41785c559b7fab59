//! Scripted minds: what cognition says, good and bad.
//!
//! A mind is called as a tool is, and fails as tools do. What it says follows from what it is told and from its manner. A scripted
//! mind does what the text of its task says, a statement for each thought:
//!
//! ```text
//! pay 3000000 well, put shelf; mail bob; give scout 2 { pay 1000000 well; answer paid }; answer done
//! ```
//!
//! Statements are separated by `;`, moves of one thought by `,`. `give NODE USDC { TASK }` hands on a part of the writ with a task of
//! its own. A script that ends without `answer` answers `ok`. All other manners are those of minds that are wrong.

use crate::cast::{name, signer};
use crate::errand::Manner;
use antfarm_authority::{Amount, Bytes, Calls, Delegation, Grant, Nonce, Offer, Text, Tokens, Usdc};
use antfarm_identity::{Digest, Domain, to_bytes};
use antfarm_machine::PeerId;
use antfarm_node::{Call, Context, MAX_MOVES, MAX_RESULT, Move, Task, Thought};

const CHANCE: Domain = Domain::new("antfarm 2026 colony mind");

/// What one thought costs a mind that is honest, in tokens.
pub(crate) const THOUGHT: u64 = 1_000;

/// What a mind says to one call, and what it says that this took, in tokens.
pub(crate) fn think(manner: Manner, call: &Call, names: &[String]) -> (Bytes<MAX_RESULT>, u64) {
    let said = |thought: &Thought| Bytes::new(&to_bytes(thought)).unwrap_or_default();
    let Ok(context) = antfarm_identity::from_bytes::<Context>(call.args.bytes()) else { return (Bytes::default(), THOUGHT) };
    let digest = Digest::of(CHANCE, &to_bytes(&call.key));
    match manner {
        Manner::Scripted | Manner::Replaying | Manner::Contradicting => (said(&scripted(&context, call, names)), THOUGHT),
        Manner::Random => (random(&context, call, digest), THOUGHT),
        Manner::Looping => (said(&Thought { moves: vec![pay("well", 1_000_000)], answer: None }), THOUGHT),
        Manner::Flooding => {
            let moves = (0..MAX_MOVES).map(|nth| pay(&format!("well-{nth}"), 1)).collect();
            (said(&Thought { moves, answer: None }), THOUGHT)
        }
        Manner::Greedy => (said(&scripted(&context, call, names)), u64::MAX),
        Manner::Babbling => (Bytes::new(digest.as_bytes()).unwrap_or_default(), THOUGHT),
    }
}

fn pay(target: &str, micros: u64) -> Move {
    wish("bank.pay", target, &micros.to_le_bytes())
}

fn wish(tool: &str, target: &str, args: &[u8]) -> Move {
    Move::Call {
        tool: name(tool),
        target: Text::new(target).unwrap_or_default(),
        args: Bytes::new(args).unwrap_or_default(),
        rationale: Text::default(),
    }
}

/// Some bytes of a digest, as a number.
fn number(digest: &Digest, at: usize) -> u64 {
    digest.as_bytes()[at..at + 4].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Moves of all kinds, legal and not, and now and then no thought at all.
fn random(context: &Context, call: &Call, digest: Digest) -> Bytes<MAX_RESULT> {
    if number(&digest, 0).is_multiple_of(8) {
        return Bytes::new(digest.as_bytes()).unwrap_or_default();
    }
    let count = usize::try_from(number(&digest, 4) % 4).unwrap_or(0);
    let moves = (0..count).map(|at| match number(&digest, 8 + at * 4) % 7 {
        0 => pay("well", number(&digest, 12) % 200_000_000),
        1 => wish("store.put", "shelf", b"anything"),
        2 => wish("mail.send", "bob", b"hello"),
        3 => wish("clock.read", "", b""),
        4 => wish("nothing.of.the.kind", "", b""),
        5 => wish("bank.pay", "well", b"\xff"),
        // The first node, which may be who runs it, and more than it has.
        _ => part(context, call, 0, 1 + number(&digest, 16) % 4_000, "answer me"),
    });
    let moves = moves.collect();
    let answer = number(&digest, 24).is_multiple_of(6).then(|| Bytes::new(b"whatever").unwrap_or_default());
    Bytes::new(&to_bytes(&Thought { moves, answer })).unwrap_or_default()
}

/// A part of the writ for the node with this number, with a task of its own, for the same mind.
fn part(context: &Context, call: &Call, node: u32, usdc: u64, text: &str) -> Move {
    let parent = &context.grant;
    let budget = Amount {
        money: Usdc::whole(usdc),
        calls: Calls(context.free.calls.0 / 4),
        tokens: Tokens(context.free.tokens.0 / 4),
        ..Amount::ZERO
    };
    let depth = parent.delegation.depth().saturating_sub(1);
    let delegation = Delegation::new(depth, true).unwrap_or(Delegation::NONE);
    let key = signer(PeerId::new(node)).public();
    let grant = Grant { budget, delegation, ..(**parent).clone() };
    let offer = Box::new(Offer { subject: key, nonce: Nonce::default(), home: key, grant });
    let until = parent.window.expires_at();
    let task = Task { mind: call.tool.clone(), text: Text::new(text).unwrap_or_default(), steps: context.steps, until };
    Move::Delegate { offer, task: Box::new(task) }
}

fn scripted(context: &Context, call: &Call, names: &[String]) -> Thought {
    let statements = split(context.task.text(), ';');
    let at = usize::try_from(context.step).unwrap_or(usize::MAX);
    let Some(statement) = statements.get(at) else { return answer("ok") };
    if let Some(text) = statement.strip_prefix("answer") {
        return answer(text.trim());
    }
    let moves = split(statement, ',').into_iter().filter_map(|said| parse(context, call, names, said));
    Thought { moves: moves.take(MAX_MOVES).collect(), answer: None }
}

fn answer(text: &str) -> Thought {
    Thought { moves: Vec::new(), answer: Some(Bytes::new(text.as_bytes()).unwrap_or_default()) }
}

fn parse(context: &Context, call: &Call, names: &[String], said: &str) -> Option<Move> {
    let (verb, rest) = said.split_once(' ').unwrap_or((said, ""));
    let rest = rest.trim();
    match verb {
        "pay" => rest.split_once(' ').and_then(|(sum, target)| Some(pay(target.trim(), sum.parse().ok()?))),
        "put" => Some(wish("store.put", rest, b"value")),
        "mail" => Some(wish("mail.send", rest, b"hello")),
        "read" => Some(wish("clock.read", "", b"")),
        "give" => {
            let (to, rest) = rest.split_once(' ')?;
            let (usdc, task) = rest.trim().split_once(' ')?;
            let text = task.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
            let node = names.iter().position(|name| name == to)?;
            Some(part(context, call, u32::try_from(node).ok()?, usdc.parse().ok()?, text))
        }
        _ => None,
    }
}

/// The parts of a text between `mark`, except within braces; without what is empty.
fn split(text: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut begin, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            letter if letter == mark && depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + mark.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn braces_hold_a_task_together() {
        let parts = split("pay 1 well, put a; give scout 2 { pay 1 well; answer x } ;; answer done", ';');
        assert_eq!(parts, ["pay 1 well, put a", "give scout 2 { pay 1 well; answer x }", "answer done"]);
        assert_eq!(split(parts[0], ','), ["pay 1 well", "put a"]);
    }
}
