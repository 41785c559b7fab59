//! What was said so far, and what follows from it.

use crate::commands::words;
use std::collections::BTreeMap;
use z3::ast::{Bool, Int};
use z3::{Config, Params, SatResult, Tactic, with_z3_config};

/// An answer.
pub(crate) enum Said {
    Nothing,
    Line(String),
    Bye,
}

/// A constant that was declared.
#[derive(Clone, Copy)]
enum Sort {
    Bool,
    Int,
}

/// The commands since the last `(reset)`.
pub(crate) struct Session {
    ms: u32,
    text: String,
    asserted: usize,
    constants: BTreeMap<String, Sort>,
    /// The values of constants, if the last answer was that there are such.
    model: Option<BTreeMap<String, String>>,
    reason: String,
}

impl Session {
    pub(crate) fn new(ms: u32) -> Self {
        Self { ms, text: String::new(), asserted: 0, constants: BTreeMap::new(), model: None, reason: String::new() }
    }

    pub(crate) fn obey(&mut self, command: &str) -> Said {
        let words = words(command);
        let ["(", verb, ref rest @ .., ")"] = words[..] else { return wrong("not a command") };
        match verb {
            "set-logic" | "set-info" | "set-option" => Said::Nothing,
            "declare-const" => match rest {
                [name, "Int"] => self.declare(name, Sort::Int, command),
                [name, "Bool"] => self.declare(name, Sort::Bool, command),
                _ => wrong("constants are of sort Int or Bool"),
            },
            "declare-fun" | "define-fun" => self.keep(command),
            "assert" => {
                self.asserted += 1;
                self.keep(command)
            }
            "check-sat" => self.check(),
            "get-value" => self.values(rest),
            "get-info" => match rest {
                [":version"] => {
                    Said::Line(format!("(:version \"antfarm-smt {}, z3 {}\")", env!("CARGO_PKG_VERSION"), z3::full_version()))
                }
                [":reason-unknown"] => Said::Line(format!("(:reason-unknown \"{}\")", self.reason)),
                _ => wrong("this is not known"),
            },
            "reset" => {
                *self = Self::new(self.ms);
                Said::Nothing
            }
            "exit" => Said::Bye,
            _ => wrong("this command is not understood"),
        }
    }

    fn keep(&mut self, command: &str) -> Said {
        self.text.push_str(command);
        self.text.push('\n');
        Said::Nothing
    }

    fn declare(&mut self, name: &str, sort: Sort, command: &str) -> Said {
        self.constants.insert(name.to_owned(), sort);
        self.keep(command)
    }

    fn check(&mut self) -> Said {
        self.model = None;
        let (text, ms) = (self.text.as_str(), self.ms);
        if text.contains('\0') {
            return wrong("a text with a zero byte");
        }
        // Each question has a context of its own: what was asked before neither slows it down nor changes its answer.
        let (asserted, constants) = (self.asserted, &self.constants);
        match with_z3_config(&Config::new(), || decide(text, asserted, constants, ms)) {
            Decided::Unread => wrong("what was asserted cannot be read"),
            Decided::Unsat => Said::Line("unsat".to_owned()),
            Decided::Sat(model) => {
                self.model = Some(model);
                Said::Line("sat".to_owned())
            }
            Decided::Unknown(reason) => {
                self.reason = reason;
                Said::Line("unknown".to_owned())
            }
        }
    }

    fn values(&self, rest: &[&str]) -> Said {
        let ["(", ref names @ .., ")"] = *rest else { return wrong("`get-value` takes a list of constants") };
        let Some(model) = &self.model else { return wrong("there is no model") };
        let mut line = String::from("(");
        for name in names {
            let Some(value) = model.get(*name) else { return wrong("the value of what is not declared") };
            line.push_str(&format!("(|{name}| {value})"));
        }
        line.push(')');
        Said::Line(line)
    }
}

/// What follows from a text.
enum Decided {
    Unread,
    Unsat,
    Sat(BTreeMap<String, String>),
    Unknown(String),
}

fn decide(text: &str, asserted: usize, constants: &BTreeMap<String, Sort>, ms: u32) -> Decided {
    // The default solver looks for a strategy first, which takes ten times as long as such questions do.
    let solver = Tactic::new("smt").solver();
    let mut params = Params::new();
    params.set_u32("timeout", ms);
    solver.set_params(&params);
    solver.from_string(text);
    // INVARIANT(read-or-refused): what Z3 could not read it leaves out without a word, and everything is satisfiable then.
    if solver.get_assertions().len() != asserted {
        return Decided::Unread;
    }
    match solver.check() {
        SatResult::Unsat => Decided::Unsat,
        SatResult::Unknown => Decided::Unknown(solver.get_reason_unknown().unwrap_or_default().replace(['"', '\n'], " ")),
        SatResult::Sat => {
            let Some(model) = solver.get_model() else { return Decided::Unknown("there is no model".to_owned()) };
            let value = |(name, sort): (&String, &Sort)| {
                let value = match sort {
                    Sort::Int => model.eval(&Int::new_const(name.as_str()), true)?.to_string(),
                    Sort::Bool => model.eval(&Bool::new_const(name.as_str()), true)?.to_string(),
                };
                Some((name.clone(), value))
            };
            match constants.iter().map(value).collect() {
                Some(values) => Decided::Sat(values),
                None => Decided::Unknown("a constant has no value".to_owned()),
            }
        }
    }
}

fn wrong(why: &str) -> Said {
    Said::Line(format!("(error \"{why}\")"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(commands: &[&str]) -> Vec<String> {
        let mut session = Session::new(1000);
        let lines = commands.iter().filter_map(|command| match session.obey(command) {
            Said::Line(line) => Some(line),
            Said::Nothing | Said::Bye => None,
        });
        lines.collect()
    }

    #[test]
    fn what_is_satisfiable_has_values() {
        let told = ask(&[
            "(declare-const |a b| Int)",
            "(declare-const c Bool)",
            "(assert (and c (= |a b| (- 9223372036854775808))))",
            "(check-sat)",
            "(get-value (|a b| c))",
        ]);
        assert_eq!(told, ["sat", "((|a b| (- 9223372036854775808))(|c| true))"]);
    }

    #[test]
    fn a_reset_forgets() {
        let told = ask(&["(declare-const a Int)", "(assert (< a a))", "(check-sat)", "(reset)", "(check-sat)"]);
        assert_eq!(told, ["unsat", "sat"]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_no_answer() {
        assert_eq!(ask(&["(assert (< nobody 3))", "(check-sat)"]), ["(error \"what was asserted cannot be read\")"]);
        assert_eq!(ask(&["(declare-const a Real)"]), ["(error \"constants are of sort Int or Bool\")"]);
        assert_eq!(ask(&["(get-value (a))"]), ["(error \"there is no model\")"]);
        assert_eq!(ask(&["(push 1)"]), ["(error \"this command is not understood\")"]);
    }

    #[test]
    fn division_is_euclidean_as_the_language_says() {
        let of = |left: &str, right: &str| {
            ask(&[
                "(declare-const q Int)",
                "(declare-const r Int)",
                &format!("(assert (= q (div {left} {right})))"),
                &format!("(assert (= r (mod {left} {right})))"),
                "(check-sat)",
                "(get-value (q r))",
            ])
            .remove(1)
        };
        assert_eq!(of("(- 7)", "2"), "((|q| (- 4))(|r| 1))");
        assert_eq!(of("(- 7)", "(- 2)"), "((|q| 4)(|r| 1))");
    }
}
