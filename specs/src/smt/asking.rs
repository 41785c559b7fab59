//! A question to the solver about a path, and whether the interpreter does what was found.
//!
//! Where what is found would say nothing (somebody of another home is asked, a list is longer than what is modelled), the same is asked
//! again without such paths: what is found then is there.

use super::found::{Found, Run};
use super::path::{Encoding, Path};
use super::proof::{Failed, Obligation};
use super::solver::{Answer, Solver};
use super::term::{Truth, all};
use super::value::Val;
use crate::verdict::{Property, Reason};
use std::time::Instant;

/// The most bytes that a solver is asked at once.
const TOO_LARGE: usize = 16 << 20;

/// Who asks, and what was asked so far.
pub(super) struct Asking<'a> {
    encoding: &'a Encoding<'a>,
    solver: &'a mut Solver,
    pub(super) obligations: Vec<Obligation>,
}

impl<'a> Asking<'a> {
    pub(super) fn new(encoding: &'a Encoding<'a>, solver: &'a mut Solver) -> Self {
        Self { encoding, solver, obligations: Vec::new() }
    }

    /// Whether there is no such path, whatever the interpreter says of it.
    pub(super) fn is_never(&mut self, of: &[Property], name: &str, path: &Path) -> Result<bool, Failed> {
        Ok(path.script.text().len() <= TOO_LARGE && matches!(self.ask(of, name, path)?, Answer::Unsat))
    }

    /// Asks the solver, and writes down what was asked.
    fn ask(&mut self, of: &[Property], name: &str, path: &Path) -> Result<Answer, Failed> {
        let start = Instant::now();
        let answer = self.solver.ask(path.script.text(), path.script.constants())?;
        let took = start.elapsed();
        let word = match answer {
            Answer::Unsat => "unsat",
            Answer::Sat(_) => "sat",
            Answer::Unknown(_) => "unknown",
        };
        let names: Vec<String> = of.iter().map(ToString::to_string).collect();
        let head = format!("; `{}` of `{}`: {name}\n(set-logic ALL)\n", names.join("`, `"), self.encoding.table.spec().entity);
        let text = format!("{head}{}(check-sat)\n", path.script.text());
        self.obligations.push(Obligation { of: of.to_vec(), name: name.to_owned(), text, answer: word, took });
        Ok(answer)
    }

    /// Whether there is such a path, as the interpreter follows it. `is_it` says what else the interpreter must say of it.
    pub(super) fn find(
        &mut self,
        of: &[Property],
        name: &str,
        mut path: Path,
        is_it: impl Fn(&Run<'a>) -> bool,
    ) -> Result<Found<'a>, Failed> {
        self.encoding.connect(&mut path);
        let found = self.find_short(of, name, path.clone(), &is_it)?;
        let Found::Unclear(Reason::Inexpressible(why)) = &found else { return Ok(found) };
        // Without such paths, it may be found, too.
        match why.as_str() {
            Found::ELSEWHERE | Found::FORESEEN => {
                self.encoding.ask_here(&mut path);
                self.encoding.surprise(&mut path);
            }
            Found::FAR => self.encoding.avoid(&mut path, Encoding::goes_far),
            _ => return Ok(found),
        }
        match self.find_short(of, &format!("{name}, here"), path, &is_it)? {
            Found::Yes(run) => Ok(Found::Yes(run)),
            Found::No | Found::Unclear(_) => Ok(found),
        }
    }

    /// The same, and where that says nothing, with no list that is longer than what is modelled.
    fn find_short(
        &mut self,
        of: &[Property],
        name: &str,
        mut path: Path,
        is_it: &impl Fn(&Run<'a>) -> bool,
    ) -> Result<Found<'a>, Failed> {
        let found = self.find_once(of, name, &path, is_it)?;
        let all_short = all(path.lists().map(|it| it.is_longer().not()));
        if !matches!(found, Found::Unclear(Reason::Inexpressible(_))) || all_short == Truth::TRUE {
            return Ok(found);
        }
        path.script.note("no list is longer than what is modelled");
        path.script.assert(&all_short);
        match self.find_once(of, &format!("{name}, short"), &path, is_it)? {
            Found::Yes(run) => Ok(Found::Yes(run)),
            Found::No | Found::Unclear(_) => Ok(found),
        }
    }

    fn find_once(
        &mut self,
        of: &[Property],
        name: &str,
        path: &Path,
        is_it: &impl Fn(&Run<'a>) -> bool,
    ) -> Result<Found<'a>, Failed> {
        if path.script.text().len() > TOO_LARGE {
            return Ok(Found::Unclear(Reason::Inexpressible("what is to be asked is too large".to_owned())));
        }
        let model = match self.ask(of, name, path)? {
            Answer::Unsat => return Ok(Found::No),
            Answer::Unknown(_) => return Ok(Found::Unclear(Reason::Unsolved)),
            Answer::Sat(model) => model,
        };
        let is_open = path.script.open.iter().next().copied();
        let unclear = |why: &str| Ok(Found::Unclear(Reason::Inexpressible(is_open.unwrap_or(why).to_owned())));
        let Some(run) = Run::new(self.encoding, path, &model) else {
            return unclear("no text lies between two that the spec writes out");
        };
        let is_so = run.is_followed() && is_it(&run);
        if run.asked_what_it_made() {
            return unclear("what an entity says that was made on the way");
        }
        if is_so && run.goes_far() {
            return unclear(Found::FAR);
        }
        if is_so {
            return match (run.asked_elsewhere(), run.foresees()) {
                (true, _) => unclear(Found::ELSEWHERE),
                (false, true) => unclear(Found::FORESEEN),
                (false, false) => Ok(Found::Yes(run)),
            };
        }
        match is_open {
            Some(_) => unclear(""),
            None => Err(Failed::Disagrees { of: of.to_vec(), trace: Box::new(run.trace()) }),
        }
    }

    /// The same, of small numbers where there are such: a path for people.
    pub(super) fn find_plain(
        &mut self,
        of: &[Property],
        name: &str,
        path: Path,
        is_it: impl Fn(&Run<'a>) -> bool,
    ) -> Result<Found<'a>, Failed> {
        let found = self.find(of, name, path.clone(), &is_it)?;
        let Found::Yes(run) = found else { return Ok(found) };
        let (mut run, mut path) = (run, path);
        if run.returns() {
            self.encoding.avoid(&mut path, Encoding::returns);
            match self.find(of, &format!("{name}, once"), path.clone(), &is_it)? {
                Found::Yes(other) => run = other,
                Found::No | Found::Unclear(_) => return Ok(Found::Unclear(Reason::Inexpressible(Found::RETURNS.to_owned()))),
            }
        }
        for most in [4, 100] {
            let mut path = path.clone();
            let states = path.states.iter().flat_map(|it| &it.slots);
            let small = states.chain(path.given()).map(|it| match it {
                Val::Number(number) => number.lies(-most, most),
                Val::Truth(_) | Val::Text(_) | Val::Any { .. } | Val::List(_) => Truth::TRUE,
            });
            let small = all(small);
            path.script.assert(&small);
            if let Found::Yes(run) = self.find(of, &format!("{name}, small"), path, &is_it)? {
                return Ok(Found::Yes(run));
            }
        }
        Ok(Found::Yes(run))
    }
}
