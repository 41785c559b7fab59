//! Target `predicate`: bytes as the text of a guard, an invariant or an effect.
//!
//! Held, of the text as an expression and as an effect:
//!
//! - Reading ends in a tree, or in a misreading at a place of the text.
//! - A tree is written as text that reads back to the same tree, and is written alike then.
//! - Each part of a tree stands at a place of the text.

use crate::Met;
use antfarm_automata::{Effect, Expr, Marks, Misread, parse, parse_effect};

/// Reads an expression, and an effect. Bytes that are no text are replaced first: whoever opens files refuses them.
///
/// Panics when a guarantee of the language is broken.
pub fn predicate(input: &[u8]) -> Met {
    let text = String::from_utf8_lossy(input);
    let expr = parse(&text).map(|(expr, marks)| whole(&text, &expr, &marks)).map_err(|wrong| placed(&text, &wrong));
    let effect = parse_effect(&text).map(|(effect, marks)| written(&text, &effect, &marks));
    let effect = effect.map_err(|wrong| placed(&text, &wrong));
    if expr.is_ok() || effect.is_ok() { Met::Taken } else { Met::Refused }
}

fn whole(text: &str, expr: &Expr, marks: &Marks) {
    let printed = expr.to_string();
    match parse(&printed) {
        Ok((again, _)) => assert_eq!(again, *expr, "what is written of `{text}` is another expression: `{printed}`"),
        Err(wrong) => panic!("what is written of `{text}` is no expression: `{printed}`: {wrong}"),
    }
    marked(text, expr, marks);
}

fn written(text: &str, effect: &Effect, marks: &Marks) {
    let printed = effect.to_string();
    match parse_effect(&printed) {
        Ok((again, _)) => assert_eq!(again, *effect, "what is written of `{text}` is another effect: `{printed}`"),
        Err(wrong) => panic!("what is written of `{text}` is no effect: `{printed}`: {wrong}"),
    }
    for (nth, part) in effect.parts().into_iter().enumerate() {
        marked(text, part, marks.part(nth));
    }
}

/// Panics when a part of an expression stands beside the text.
fn marked(text: &str, expr: &Expr, marks: &Marks) {
    let is_there = marks.at < text.len() && text.is_char_boundary(marks.at);
    assert!(is_there, "`{expr}` stands at {} of `{text}`", marks.at);
    for (nth, part) in expr.parts().into_iter().enumerate() {
        marked(text, part, marks.part(nth));
    }
}

fn placed(text: &str, wrong: &Misread) {
    assert!(wrong.at <= text.len() && text.is_char_boundary(wrong.at), "{wrong} at {} of `{text}`", wrong.at);
    assert!(!wrong.what.to_string().is_empty(), "a misreading says what is wrong");
}
