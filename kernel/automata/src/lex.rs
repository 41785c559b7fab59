//! Words of the expression language. Anything that is no word of it is an error at its place; nothing is skipped but blanks.

use crate::misread::{Misread, Misreading};
use crate::{Arith, Order, Text};
use alloc::string::String;
use alloc::vec::Vec;

/// The most bytes of an expression or an effect.
pub const MOST_EXPRESSION: usize = 4096;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Word {
    Name(Text),
    /// Without its sign.
    Int(u64),
    Text(Text),
    /// Milliseconds.
    Span(i64),
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    Colon,
    Dot,
    Not,
    And,
    Or,
    Implies,
    Compare(Order),
    Arith(Arith),
    Assign,
    Add,
    Subtract,
}

/// A word and the byte at which it begins.
pub(crate) type Placed = (Word, usize);

pub(crate) fn words(source: &str) -> Result<Vec<Placed>, Misread> {
    if source.len() > MOST_EXPRESSION {
        return Err(Misread { at: source.floor_char_boundary(MOST_EXPRESSION), what: Misreading::TooLong });
    }
    let bytes = source.as_bytes();
    let (mut words, mut at) = (Vec::new(), 0);
    while let Some(first) = bytes.get(at) {
        if matches!(first, b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            continue;
        }
        let (word, length) = word(source, at)?;
        words.push((word, at));
        at += length;
    }
    Ok(words)
}

/// Signs, the longest first: what they begin is never read as two shorter ones.
const SIGNS: &[(&str, Word)] = &[
    ("&&", Word::And),
    ("||", Word::Or),
    ("=>", Word::Implies),
    ("==", Word::Compare(Order::Equal)),
    ("!=", Word::Compare(Order::Unequal)),
    ("<=", Word::Compare(Order::AtMost)),
    (">=", Word::Compare(Order::AtLeast)),
    ("+=", Word::Add),
    ("-=", Word::Subtract),
    ("<", Word::Compare(Order::Less)),
    (">", Word::Compare(Order::More)),
    ("!", Word::Not),
    ("=", Word::Assign),
    ("+", Word::Arith(Arith::Plus)),
    ("-", Word::Arith(Arith::Minus)),
    ("*", Word::Arith(Arith::Times)),
    ("/", Word::Arith(Arith::Divide)),
    ("%", Word::Arith(Arith::Modulo)),
    ("(", Word::Open),
    (")", Word::Close),
    ("[", Word::OpenList),
    ("]", Word::CloseList),
    (",", Word::Comma),
    (":", Word::Colon),
    (".", Word::Dot),
];

/// What other languages write, and what is written here. The longest first.
const FOREIGN: &[(&str, &str)] = &[
    ("<=>", "=="),
    ("<->", "=="),
    ("==>", "=>"),
    ("===", "=="),
    ("->", "=>"),
    ("<>", "!="),
    ("&", "&&"),
    ("|", "||"),
    ("~", "!"),
];

fn word(source: &str, at: usize) -> Result<(Word, usize), Misread> {
    let rest = &source[at..];
    let foreign = FOREIGN.iter().find(|(sign, _)| rest.starts_with(sign));
    // `&&` begins with `&`: one of ours that is longer comes first.
    if let Some((sign, ours)) = foreign.filter(|(sign, ours)| sign.len() > ours.len() || !rest.starts_with(ours)) {
        return Err(Misread { at, what: Misreading::Connective { found: (*sign).into(), ours } });
    }
    if let Some((sign, word)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((word.clone(), sign.len()));
    }
    let run = |holds: fn(char) -> bool| rest.find(|c| !holds(c)).unwrap_or(rest.len());
    match rest.chars().next() {
        Some('\'') => text(rest).ok_or(Misread { at, what: Misreading::UnclosedText }),
        Some('0'..='9') => {
            let length = run(|c| c.is_ascii_alphanumeric() || c == '_');
            number(&rest[..length]).map(|word| (word, length)).map_err(|what| Misread { at, what })
        }
        Some('a'..='z' | 'A'..='Z' | '_') => {
            let length = run(|c| c.is_ascii_alphanumeric() || c == '_');
            Ok((Word::Name(rest[..length].into()), length))
        }
        Some('"') => Err(Misread { at, what: Misreading::DoubleQuote }),
        Some(other) => Err(Misread { at, what: Misreading::Character(other) }),
        None => Err(Misread { at, what: Misreading::Expected("a value") }),
    }
}

/// A text in single quotes, and its length with them.
fn text(rest: &str) -> Option<(Word, usize)> {
    let (mut text, mut at) = (String::new(), 1);
    loop {
        let end = at + rest[at..].find('\'')?;
        text.push_str(&rest[at..end]);
        if !rest[end + 1..].starts_with('\'') {
            return Some((Word::Text(text.into()), end + 1));
        }
        text.push('\'');
        at = end + 2;
    }
}

/// Units of a span, the largest first, in milliseconds.
pub(crate) const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

fn number(text: &str) -> Result<Word, Misreading> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(Word::Int).map_err(|_| Misreading::TooLarge);
    }
    let (mut total, mut rest) = (0_i64, text);
    while !rest.is_empty() {
        let (digits, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len()));
        let Some((_, one)) = UNITS.iter().find(|(known, _)| *known == unit) else {
            return Err(Misreading::Unit(unit.into()));
        };
        let part = digits.parse::<i64>().ok().and_then(|digits| digits.checked_mul(*one));
        total = part.and_then(|part| total.checked_add(part)).ok_or(Misreading::TooLarge)?;
        rest = tail;
    }
    Ok(Word::Span(total))
}
