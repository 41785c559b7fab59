//! Log matching: two entries of the same position and term have the same log before them (thesis section 3.5).
//!
//! Each (position, term) is given the fold of everything up to it, when it is first seen. Whoever has an entry of this position
//! and term later must have the same fold. As all logs that were looked at agree with the folds, a log that only grew is
//! looked at from where it grew; any other, and every log after a restart, is looked at as a whole.
//!
//! Positions older than the latest few thousand are forgotten; a log that begins before them is not judged until it has
//! caught up, and that is counted.

use crate::oracle::past::Past;
use crate::oracle::serving;
use crate::{Config, Node, Server};
use antfarm_identity::Fold;
use antfarm_machine::{PeerId, reached};
use antfarm_sim::{Choice, Moment, Oracle, Violation};
use std::format;
use std::vec;
use std::vec::Vec;

/// If two logs hold an entry of the same position and term, they are equal up to it.
#[derive(Clone, Debug)]
pub struct LogMatching {
    folds: Past<Position>,
    /// By server: where its log ended when it was looked at last, and in which term. `None` after a crash.
    seen: Vec<Option<(u64, u64)>>,
}

/// The folds of one position by term. Nearly always there is one.
#[derive(Clone, Debug, Default)]
struct Position {
    term: u64,
    fold: u64,
    others: Vec<(u64, u64)>,
}

impl Position {
    fn fold(&self, term: u64) -> Option<u64> {
        if self.term == term {
            return Some(self.fold);
        }
        self.others.iter().find(|(other, _)| *other == term).map(|(_, fold)| *fold)
    }
}

impl LogMatching {
    /// For a cluster of this configuration.
    pub fn new(config: Config) -> Self {
        Self { folds: Past::default(), seen: vec![None; config.servers as usize] }
    }

    /// The fold of everything up to `index`, which is of `term`.
    fn fold(&self, index: u64, term: u64) -> Option<u64> {
        if index == 0 { Some(0) } else { self.folds.at(index)?.fold(term) }
    }

    fn look(&mut self, node: PeerId, server: &Server, after: u64) -> Result<(), Violation> {
        let before = server.term_at(after).and_then(|term| self.fold(after, term));
        let Some(mut fold) = before else {
            reached!("oracle.log_matching.skipped");
            return Ok(());
        };
        for index in after + 1..=server.last_index() {
            let Some(entry) = server.entry(index) else {
                return Err(Violation::at(node, format!("has no entry at {index}, between two that it has")));
            };
            let mut next = Fold::new();
            next.absorb_u64(fold);
            entry.fold(&mut next);
            fold = next.value();
            match self.fold(index, entry.term) {
                Some(known) if known == fold => {}
                Some(_) => {
                    let term = entry.term;
                    return Err(Violation::at(
                        node,
                        format!("the log up to entry {index} of term {term} differs from another server's up to the same entry"),
                    ));
                }
                None => self.learn(index, entry.term, fold),
            }
        }
        Ok(())
    }

    fn learn(&mut self, index: u64, term: u64, fold: u64) {
        if index == self.folds.last() + 1 {
            self.folds.push(Position { term, fold, others: Vec::new() });
        } else if let Some(position) = self.folds.at_mut(index) {
            position.others.push((term, fold));
        }
    }
}

impl<O> Oracle<Node, O> for LogMatching {
    fn property(&self) -> &'static str {
        "log-matching"
    }

    fn claim(&self) -> &'static str {
        "two logs that hold an entry of the same position and term are equal up to it"
    }

    fn after(&mut self, moment: &Moment<'_, Node, O>) -> Result<(), Violation> {
        if let Choice::Crash(node) = moment.choice
            && let Some(seen) = self.seen.get_mut(node.index())
        {
            *seen = None;
        }
        let Some((node, server)) = serving(moment) else { return Ok(()) };
        let last = server.last_index();
        let end = (last, server.term_at(last).unwrap_or(0));
        let seen = self.seen[node.index()];
        if seen == Some(end) {
            return Ok(());
        }
        reached!("oracle.log_matching");
        let grown = seen.filter(|&(index, term)| index < last && server.term_at(index) == Some(term));
        self.seen[node.index()] = Some(end);
        self.look(node, server, grown.map_or(server.first_index() - 1, |(index, _)| index))
    }
}
