//! Expressions read from text.
//!
//! ```text
//! expr    = or [ "=>" expr ]
//! or      = and { "||" and }
//! and     = not { "&&" not }
//! not     = "!" not | compare
//! compare = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum | [ "not" ] "in" set ]
//! sum     = product { ("+" | "-") product }
//! product = sign { ("*" | "/" | "%") sign }
//! sign    = "-" sign | atom
//! atom    = "(" expr ")" | literal | "status" | "params" "." name | "len" "(" list ")" | "empty" "(" list ")"
//!         | ("all" | "any") "(" name "in" set "," expr ")" | Type "[" list "]" "." (name | "status") | name
//! set     = "[" [ literal { "," literal } ] "]" | list
//! list    = name | "params" "." name
//! literal = [ "-" ] int [ unit ] | [ "-" ] span | 'text' | "true" | "false" | "null"
//! ```
//!
//! Rule kept: the whole text is read, or nothing is. What is left over, and every connective that is not in the grammar, is an error.

use crate::expr::{Arith, Expr, Literal, Set};
use crate::lex::{Placed, Word, words};
use crate::misread::{Misread, Misreading};
use crate::{Marks, Text};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

/// How deep expressions nest, and how many stand in one row of `&&`, `||`, `+` or `*`.
pub const MOST_NESTED: usize = 64;

/// Words that cannot be names.
pub const KEYWORDS: [&str; 10] = ["status", "true", "false", "null", "in", "not", "len", "empty", "params", "if"];

/// What a person may write for a connective of ours.
const SPELT: [(&str, &str); 9] = [
    ("and", "&&"),
    ("or", "||"),
    ("AND", "&&"),
    ("OR", "||"),
    ("implies", "=>"),
    ("iff", "=="),
    ("xor", "!="),
    ("is", "=="),
    ("contains", "in"),
];

/// Reads an expression.
///
/// # Errors
///
/// The text is not exactly one expression, or what would be written of it, with parentheses and blanks of its own, is beyond what
/// is read.
pub fn parse(source: &str) -> Result<(Expr, Marks), Misread> {
    let found = exactly(source)?;
    reads_back(&found.0)?;
    Ok(found)
}

/// That what is written of an expression can be read: a table's digest is of what is written.
///
/// # Errors
///
/// It is nested too deep, has too many in one row, or is too long.
pub(crate) fn reads_back(expr: &Expr) -> Result<(), Misread> {
    exactly(&expr.to_string()).map(drop).map_err(|wrong| Misread { at: 0, ..wrong })
}

fn exactly(source: &str) -> Read {
    let mut parser = Parser::new(source)?;
    let found = parser.expr()?;
    parser.finish()?;
    Ok(found)
}

pub(crate) struct Parser {
    words: Vec<Placed>,
    next: usize,
    end: usize,
    depth: usize,
}

type Read = Result<(Expr, Marks), Misread>;

impl Parser {
    pub(crate) fn new(source: &str) -> Result<Self, Misread> {
        Ok(Self { words: words(source)?, next: 0, end: source.len(), depth: 0 })
    }

    /// Where the next word begins.
    pub(crate) fn at(&self) -> usize {
        self.words.get(self.next).map_or(self.end, |(_, at)| *at)
    }

    pub(crate) fn refuse<T>(&self, what: Misreading) -> Result<T, Misread> {
        Err(Misread { at: self.at(), what })
    }

    pub(crate) fn peek(&self) -> Option<&Word> {
        self.words.get(self.next).map(|(word, _)| word)
    }

    fn peek_after(&self) -> Option<&Word> {
        self.words.get(self.next + 1).map(|(word, _)| word)
    }

    pub(crate) fn skip(&mut self) {
        self.next += 1;
    }

    pub(crate) fn take(&mut self, word: &Word) -> bool {
        let is_there = self.peek() == Some(word);
        self.next += usize::from(is_there);
        is_there
    }

    pub(crate) fn expect(&mut self, word: &Word, what: &'static str) -> Result<(), Misread> {
        if self.take(word) { Ok(()) } else { self.refuse(Misreading::Expected(what)) }
    }

    pub(crate) fn take_named(&mut self, name: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Word::Name(found)) if *found == name);
        self.next += usize::from(is_there);
        is_there
    }

    /// A name that is no keyword.
    pub(crate) fn name(&mut self, what: &'static str) -> Result<Text, Misread> {
        match self.peek() {
            Some(Word::Name(name)) if KEYWORDS.iter().any(|word| *name == *word) => {
                self.refuse(Misreading::Keyword(name.clone()))
            }
            Some(Word::Name(name)) => {
                let name = name.clone();
                self.skip();
                Ok(name)
            }
            Some(_) | None => self.refuse(Misreading::Expected(what)),
        }
    }

    /// That nothing is left.
    pub(crate) fn finish(&self) -> Result<(), Misread> {
        match self.peek() {
            None => Ok(()),
            Some(Word::Name(name)) => match SPELT.iter().find(|(word, _)| *name == *word) {
                Some((_, ours)) => self.refuse(Misreading::Connective { found: name.clone(), ours }),
                None => self.refuse(Misreading::Expected("an operator, or nothing more")),
            },
            Some(Word::Compare(_)) => self.refuse(Misreading::Chained),
            Some(Word::Assign) => self.refuse(Misreading::Connective { found: "=".into(), ours: "==" }),
            Some(_) => self.refuse(Misreading::Expected("an operator, or nothing more")),
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Misread>) -> Result<T, Misread> {
        if self.depth == MOST_NESTED {
            return self.refuse(Misreading::TooDeep);
        }
        self.depth += 1;
        let found = read(self)?;
        self.depth -= 1;
        Ok(found)
    }

    pub(crate) fn expr(&mut self) -> Read {
        self.deeper(|parser| {
            let (left, marked) = parser.or()?;
            let at = parser.at();
            if !parser.take(&Word::Implies) {
                return Ok((left, marked));
            }
            let (right, other) = parser.expr()?;
            Ok((Expr::Implies(Box::new(left), Box::new(right)), Marks::new(at, [marked, other])))
        })
    }

    fn or(&mut self) -> Read {
        self.row(&Word::Or, Self::and, Expr::Or)
    }

    fn and(&mut self) -> Read {
        self.row(&Word::And, Self::not, Expr::And)
    }

    fn row(&mut self, sign: &Word, part: fn(&mut Self) -> Read, joined: fn(Vec<Expr>) -> Expr) -> Read {
        let (first, marked) = part(self)?;
        let at = self.at();
        let (mut parts, mut marks) = (alloc::vec![first], alloc::vec![marked]);
        while self.take(sign) {
            if parts.len() == MOST_NESTED {
                return self.refuse(Misreading::TooDeep);
            }
            let (next, marked) = part(self)?;
            parts.push(next);
            marks.push(marked);
        }
        if parts.len() == 1 { Ok((parts.remove(0), marks.remove(0))) } else { Ok((joined(parts), Marks::new(at, marks))) }
    }

    fn not(&mut self) -> Read {
        let at = self.at();
        if !self.take(&Word::Not) {
            return self.comparison();
        }
        let (inner, marked) = self.deeper(Self::not)?;
        Ok((Expr::Not(Box::new(inner)), Marks::new(at, [marked])))
    }

    fn comparison(&mut self) -> Read {
        let (left, marked) = self.sum()?;
        let at = self.at();
        if let Some(Word::Compare(order)) = self.peek() {
            let order = *order;
            self.skip();
            let (right, other) = self.sum()?;
            if matches!(self.peek(), Some(Word::Compare(_))) {
                return self.refuse(Misreading::Chained);
            }
            return Ok((Expr::compare(left, order, right), Marks::new(at, [marked, other])));
        }
        let negated = self.take_named("not");
        if !self.take_named("in") {
            return if negated { self.refuse(Misreading::Expected("`in` after `not`")) } else { Ok((left, marked)) };
        }
        let (set, other) = self.set()?;
        let marks = core::iter::once(marked).chain(other);
        Ok((Expr::In { item: Box::new(left), set, negated }, Marks::new(at, marks)))
    }

    fn sum(&mut self) -> Read {
        self.arith(&[Arith::Plus, Arith::Minus], |parser| parser.arith(&[Arith::Times, Arith::Divide, Arith::Modulo], Self::sign))
    }

    fn arith(&mut self, ops: &[Arith], part: impl Fn(&mut Self) -> Read) -> Read {
        let (mut left, mut marked) = part(self)?;
        for _ in 0..MOST_NESTED {
            let at = self.at();
            let op = match self.peek() {
                Some(Word::Arith(op)) if ops.contains(op) => *op,
                Some(_) | None => return Ok((left, marked)),
            };
            self.skip();
            let (right, other) = part(self)?;
            left = Expr::Arith { op, left: Box::new(left), right: Box::new(right) };
            marked = Marks::new(at, [marked, other]);
        }
        self.refuse(Misreading::TooDeep)
    }

    fn sign(&mut self) -> Read {
        let at = self.at();
        let is_minus = self.peek() == Some(&Word::Arith(Arith::Minus));
        if !is_minus || matches!(self.peek_after(), Some(Word::Int(_) | Word::Span(_))) {
            return self.atom();
        }
        self.skip();
        let (inner, marked) = self.deeper(Self::sign)?;
        Ok((Expr::Negate(Box::new(inner)), Marks::new(at, [marked])))
    }

    fn atom(&mut self) -> Read {
        let at = self.at();
        if self.take(&Word::Open) {
            let inner = self.expr()?;
            self.expect(&Word::Close, "`)`")?;
            return Ok(inner);
        }
        if let Some(literal) = self.literal()? {
            return Ok((Expr::Literal(literal), Marks::at(at)));
        }
        let called = match (self.peek(), self.peek_after()) {
            (Some(Word::Name(name)), Some(Word::Open)) => Some(name.clone()),
            (Some(_) | None, _) => None,
        };
        match called.as_deref() {
            Some("len" | "empty") => {
                self.next += 2;
                let (list, marked) = self.list()?;
                self.expect(&Word::Close, "`)`")?;
                let wrap = if called.as_deref() == Some("len") { Expr::Len } else { Expr::Empty };
                Ok((wrap(Box::new(list)), Marks::new(at, [marked])))
            }
            Some("all" | "any") => {
                self.next += 2;
                let name = self.name("a name for the element")?;
                if !self.take_named("in") {
                    return self.refuse(Misreading::Expected("`in`"));
                }
                let (set, of) = self.set()?;
                self.expect(&Word::Comma, "`,` and what must hold")?;
                let (holds, marked) = self.expr()?;
                self.expect(&Word::Close, "`)`")?;
                let all = called.as_deref() == Some("all");
                let marks = Marks::new(at, of.into_iter().chain([marked]));
                Ok((Expr::Each { all, name, set, holds: Box::new(holds) }, marks))
            }
            Some(other) => {
                let what = SPELT.iter().find(|(word, _)| *word == other);
                let name = other.into();
                self.refuse(
                    what.map_or(Misreading::Function(name), |(word, ours)| Misreading::Connective {
                        found: (*word).into(),
                        ours,
                    }),
                )
            }
            None if self.take_named("status") => Ok((Expr::Status, Marks::at(at))),
            None => self.named(),
        }
    }

    /// A variable, a parameter, or what a related entity says.
    fn named(&mut self) -> Read {
        let at = self.at();
        if matches!(self.peek(), Some(Word::Name(name)) if *name == "params") {
            return self.list();
        }
        let name = self.name("a value")?;
        if !self.take(&Word::OpenList) {
            return Ok((Expr::Name(name), Marks::at(at)));
        }
        let (id, marked) = self.list()?;
        self.expect(&Word::CloseList, "`]`")?;
        self.expect(&Word::Dot, "`.status`, or `.` and a variable of the other entity")?;
        let field =
            if self.take_named("status") { "status".into() } else { self.name("`status` or a variable of the other entity")? };
        Ok((Expr::Related { entity: name, id: Box::new(id), field }, Marks::new(at, [marked])))
    }

    fn list(&mut self) -> Read {
        let at = self.at();
        if self.take_named("params") {
            self.expect(&Word::Dot, "`.` and a parameter")?;
            return Ok((Expr::Param(self.name("a parameter")?), Marks::at(at)));
        }
        Ok((Expr::Name(self.name("a name")?), Marks::at(at)))
    }

    /// A set, and the marks of the list that it is, if it is one.
    fn set(&mut self) -> Result<(Set, Option<Marks>), Misread> {
        if !self.take(&Word::OpenList) {
            let (list, marked) = self.list()?;
            return Ok((Set::Of(Box::new(list)), Some(marked)));
        }
        let mut literals = Vec::new();
        while !self.take(&Word::CloseList) {
            if !literals.is_empty() {
                self.expect(&Word::Comma, "`,` or `]`")?;
            }
            match self.literal()? {
                Some(literal) => literals.push(literal),
                None => return self.refuse(Misreading::Expected("a literal")),
            }
        }
        Ok((Set::Listed(literals), None))
    }

    pub(crate) fn literal(&mut self) -> Result<Option<Literal>, Misread> {
        let minus =
            self.peek() == Some(&Word::Arith(Arith::Minus)) && matches!(self.peek_after(), Some(Word::Int(_) | Word::Span(_)));
        let from = self.next;
        self.next += usize::from(minus);
        let literal = match self.peek() {
            Some(Word::Int(number)) => {
                let number = i128::from(*number) * if minus { -1 } else { 1 };
                let Ok(number) = i64::try_from(number) else { return self.refuse(Misreading::TooLarge) };
                match self.peek_after() {
                    Some(Word::Name(unit)) if !is_taken(unit) => {
                        let unit = unit.clone();
                        self.skip();
                        Literal::Money(number, unit)
                    }
                    Some(_) | None => Literal::Int(number),
                }
            }
            Some(Word::Span(span)) => Literal::Span(if minus { -span } else { *span }),
            Some(Word::Text(text)) => Literal::Text(text.clone()),
            Some(Word::Name(name)) if *name == "true" => Literal::Bool(true),
            Some(Word::Name(name)) if *name == "false" => Literal::Bool(false),
            Some(Word::Name(name)) if *name == "null" => Literal::Null,
            Some(_) | None => {
                self.next = from;
                return Ok(None);
            }
        };
        self.skip();
        Ok(Some(literal))
    }
}

/// Whether a word after a number is no unit.
fn is_taken(word: &str) -> bool {
    KEYWORDS.contains(&word) || SPELT.iter().any(|(spelt, _)| *spelt == word)
}

/// Whether a text can be the name of a variable, a parameter or an element: letters, digits and `_`, no keyword.
pub fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !KEYWORDS.contains(&text)
}
