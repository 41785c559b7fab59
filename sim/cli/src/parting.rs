//! Where two runs part: the first event after which their digests differ, with the states that they came to.

use crate::load::Stage;
use antfarm_sim::scenario::Look;
use antfarm_sim::{Recorder, Recording};
use std::fmt::{self, Write};

/// A run, as far as it is known.
pub(crate) struct Side {
    /// How the user named it.
    pub(crate) name: String,
    pub(crate) recording: Recording,
    /// What can be run again to look at its states.
    pub(crate) source: Option<(Stage, u64)>,
}

impl Side {
    fn look(&self, event: u64) -> Option<Look> {
        let (stage, seed) = self.source.as_ref()?;
        stage.staged.look(*seed, event)
    }

    /// What it did at a step, or that it had ended.
    fn step(&self, at: usize) -> String {
        match self.recording.steps.get(at) {
            Some((time, name, digest)) => format!("{time}  {name}  (digest {digest:016x})"),
            None => "it had ended".to_owned(),
        }
    }
}

/// The index of the first step at which two runs differ, also when one of them ends earlier; `None` when they are equal.
pub(crate) fn first(left: &Recording, right: &Recording) -> Option<usize> {
    let (a, b) = (left.steps.len(), right.steps.len());
    left.first_difference(right).or_else(|| (a != b).then_some(a.min(b)))
}

/// Tells where two runs of one seed part, when two more of them do.
pub(crate) fn of_one_seed(stage: &Stage, seed: u64) -> String {
    let record = || stage.run(seed, Recorder::whole()).recording;
    let (one, other) = (record(), record());
    match first(&one, &other) {
        Some(at) => {
            let told = |recording: Recording| Side { name: String::new(), recording, source: None }.step(at);
            format!("two runs part at event {}:\n  {}\n  {}", at + 1, told(one), told(other))
        }
        None => "two runs gave two digests, and two more did not: look for what is shared between runs".to_owned(),
    }
}

/// Tells where two runs part, and how their states differ there.
pub(crate) fn tell(left: &Side, right: &Side, at: usize) -> String {
    let event = at as u64 + 1;
    let mut text =
        format!("they part at event {event}\n  {}: {}\n  {}: {}\n", left.name, left.step(at), right.name, right.step(at));
    for (which, event) in [("before it", event - 1), ("after it", event)] {
        if event == 0 {
            continue;
        }
        let (one, other) = (left.look(event), right.look(event));
        if one.is_none() && other.is_none() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\nstates {which} (event {event})");
        let _ = compare(&mut text, (&left.name, one.as_ref()), (&right.name, other.as_ref()));
    }
    text
}

fn compare(text: &mut String, one: (&str, Option<&Look>), other: (&str, Option<&Look>)) -> fmt::Result {
    if let ((_, Some(a)), (_, Some(b))) = (one, other)
        && a == b
    {
        return writeln!(text, "  both: {}\n{}", whom(a), indent(a.state.lines()));
    }
    let states = [one.1, other.1].map(|look| look.map(|look| look.state.lines().collect::<Vec<_>>()).unwrap_or_default());
    let [a, b] = &states;
    let same_node = one.1.map(|look| &look.node) == other.1.map(|look| &look.node);
    let (head, tail) = if same_node { common(a, b) } else { (0, 0) };
    for ((name, look), lines) in [one, other].into_iter().zip(&states) {
        match look {
            None => writeln!(text, "  {name}: no state is known")?,
            Some(look) => {
                writeln!(text, "  {name}: {}", whom(look))?;
                // A few equal lines around those that differ say where they are.
                let (from, to) = (head.saturating_sub(3), (lines.len() - tail + 3).min(lines.len()));
                write!(text, "{}", indent(lines[from..to].iter().copied()))?;
            }
        }
    }
    Ok(())
}

fn whom(look: &Look) -> String {
    look.node.as_ref().map_or_else(|| "no node took an input".to_owned(), |node| format!("node {node}"))
}

fn indent<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(|line| format!("      {line}\n")).collect()
}

/// How many lines two texts have in common at the beginning, and of the rest at the end.
fn common(a: &[&str], b: &[&str]) -> (usize, usize) {
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    (head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(digests: &[u64]) -> Recording {
        let name = || "start 0".parse().expect("a name");
        Recording { steps: digests.iter().map(|digest| (antfarm_sim::Time(0), name(), *digest)).collect() }
    }

    #[test]
    fn runs_part_where_digests_differ_or_one_ends() {
        let check = |a: &[u64], b: &[u64], expected| assert_eq!(first(&recording(a), &recording(b)), expected, "{a:?} {b:?}");
        check(&[1, 2, 3], &[1, 2, 3], None);
        check(&[1, 2, 3], &[1, 9, 8], Some(1));
        check(&[1, 2], &[1, 2, 3], Some(2));
        check(&[], &[], None);
    }

    #[test]
    fn lines_in_common_are_counted_from_both_ends() {
        assert_eq!(common(&["a", "b", "c"], &["a", "x", "c"]), (1, 1));
        assert_eq!(common(&["a", "a"], &["a"]), (1, 0));
        assert_eq!(common(&[], &["a"]), (0, 0));
    }
}
