//! What an obligation says so far: declarations, names for long terms, assertions; and what could not be said exactly.

use super::term::{Number, Truth};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A script. It only grows; a copy of it is a point to go on from.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    text: String,
    /// Symbols that are taken.
    taken: BTreeSet<String>,
    /// The constants, whose values make a model.
    constants: Vec<String>,
    /// Why what a solver finds may not be there: values that are left open where they cannot be said.
    pub(super) open: BTreeSet<&'static str>,
}

/// A name as a symbol of SMT-LIB.
fn symbol(name: &str) -> String {
    let clean: String =
        name.chars().map(|it| if matches!(it, '|' | '\\') || !(' '..='~').contains(&it) { '_' } else { it }).collect();
    format!("|{clean}|")
}

impl Script {
    /// A symbol that nothing else has.
    fn fresh(&mut self, name: &str) -> String {
        let mut found = symbol(name);
        let mut nth = 1_u32;
        while !self.taken.insert(found.clone()) {
            nth += 1;
            found = symbol(&format!("{name}'{nth}"));
        }
        found
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line for people.
    pub(super) fn note(&mut self, note: &str) {
        writeln!(self.text, "; {}", note.replace('\n', " ")).expect("a text can be written");
    }

    /// A constant that may be any integer between these.
    pub(super) fn number(&mut self, name: &str, least: i128, most: i128) -> Number {
        let name = self.fresh(name);
        self.line(&format!("(declare-const {name} Int)"));
        let open = Number::said(name.as_str(), i128::MIN, i128::MAX);
        self.constants.push(name);
        self.assert(&open.lies(least, most));
        open.within(least, most)
    }

    /// A constant that may be true or false.
    pub(super) fn truth(&mut self, name: &str) -> Truth {
        let name = self.fresh(name);
        self.line(&format!("(declare-const {name} Bool)"));
        let truth = Truth::said(name.as_str());
        self.constants.push(name);
        truth
    }

    /// A function from an integer to an integer.
    pub(super) fn function(&mut self, name: &str) -> String {
        let name = self.fresh(name);
        self.line(&format!("(declare-fun {name} (Int) Int)"));
        name
    }

    pub(super) fn assert(&mut self, truth: &Truth) {
        if *truth != Truth::TRUE {
            self.line(&format!("(assert {truth})"));
        }
    }

    /// The same truth, under a name where it is long.
    pub(super) fn share(&mut self, truth: Truth) -> Truth {
        if !truth.is_long() {
            return truth;
        }
        let name = self.fresh("t");
        self.line(&format!("(define-fun {name} () Bool {truth})"));
        Truth::said(name)
    }

    /// The same number, under a name where it is long.
    pub(super) fn name(&mut self, number: Number) -> Number {
        if !number.is_long() {
            return number;
        }
        let name = self.fresh("n");
        self.line(&format!("(define-fun {name} () Int {number})"));
        Number::said(name, number.least, number.most)
    }

    /// A truth that is left open, since it cannot be said.
    pub(super) fn open_truth(&mut self, why: &'static str) -> Truth {
        self.open.insert(why);
        self.truth("open")
    }

    /// A number that is left open, since it cannot be said.
    pub(super) fn open_number(&mut self, why: &'static str, least: i128, most: i128) -> Number {
        self.open.insert(why);
        self.number("open", least, most)
    }

    /// Whether `text` is all that a solver is told.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The constants, by symbol.
    pub(super) fn constants(&self) -> &[String] {
        &self.constants
    }
}
