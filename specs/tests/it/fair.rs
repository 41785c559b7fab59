//! What `reaches` promises, decided a second time: on the graph that a random spec draws, by fixed points instead of sets of states that lead
//! to each other, with guards and effects that nobody but this file reads.

use crate::holes::verdict;
use antfarm_automata_reader::read;
use antfarm_specs::{Group, Limits, Member, Verdict, search};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// An automaton of a few states and truths.
struct Drawn {
    states: usize,
    truths: usize,
    terminal: BTreeSet<usize>,
    actions: Vec<Act>,
    /// Where what is promised begins; everywhere but in terminal states where there is none.
    from: BTreeSet<usize>,
    goals: BTreeSet<usize>,
    /// The actions that are fair; all of them where there is none.
    fair: BTreeSet<usize>,
}

struct Act {
    from: BTreeSet<usize>,
    to: Option<usize>,
    /// Truths that must be so.
    guard: Vec<(usize, bool)>,
    effect: Vec<(usize, bool)>,
}

/// A status, and truths as bits.
type Node = (usize, usize);

impl Drawn {
    fn new(below: &mut dyn FnMut(usize) -> usize) -> Self {
        let (states, truths) = (2 + below(3), below(3));
        let mut some = |of: usize, odds: usize| (0..of).filter(|_| below(odds) == 0).collect::<BTreeSet<usize>>();
        let terminal: BTreeSet<usize> = some(states, 4).into_iter().filter(|it| *it > 0).collect();
        let (mut from, mut goals) = (some(states, 3), some(states, 3));
        goals.insert(states - 1);
        from.retain(|it| !terminal.contains(it));
        let many = 1 + below(4);
        let actions = (0..many).map(|_| {
            let mut from: BTreeSet<usize> = (0..states).filter(|it| !terminal.contains(it) && below(2) == 0).collect();
            from.insert(0);
            let to = Some(below(states + 1)).filter(|it| *it < states);
            let mut bits = |odds: usize| {
                let mut some = Vec::new();
                for nth in 0..truths {
                    if below(odds) == 0 {
                        some.push((nth, below(2) == 0));
                    }
                }
                some
            };
            Act { from, to, guard: bits(2), effect: bits(2) }
        });
        let actions: Vec<Act> = actions.collect();
        let fair = if below(2) == 0 { BTreeSet::new() } else { (0..actions.len()).filter(|_| below(2) == 0).collect() };
        Self { states, truths, terminal, actions, from, goals, fair }
    }

    fn text(&self) -> String {
        let names = |of: &mut dyn Iterator<Item = usize>, name: &str| {
            format!("[{}]", of.map(|it| format!("'{name}{it}'")).collect::<Vec<_>>().join(", "))
        };
        let mut text = format!(
            "[automaton]\nname = 'Drawn'\nstates = {all}\ninitial = 'S0'\nterminal = {}\nallow_indefinite_states = {all}\n",
            names(&mut self.terminal.iter().copied(), "S"),
            all = names(&mut (0..self.states), "S"),
        );
        let bit = |(nth, is): &(usize, bool), sign: &str| format!("b{nth} {sign} {is}");
        for nth in 0..self.truths {
            let _ = writeln!(text, "[[state]]\nname = 'b{nth}'\ntype = 'bool'");
        }
        for (nth, act) in self.actions.iter().enumerate() {
            let _ = writeln!(text, "[[action]]\nname = 'A{nth}'\nfrom = {}", names(&mut act.from.iter().copied(), "S"));
            if let Some(to) = act.to {
                let _ = writeln!(text, "to = 'S{to}'");
            }
            let guard: Vec<String> = act.guard.iter().map(|it| bit(it, "==")).collect();
            if !guard.is_empty() {
                let _ = writeln!(text, "guard = '{}'", guard.join(" && "));
            }
            let effect: Vec<String> = act.effect.iter().map(|it| format!("'{}'", bit(it, "="))).collect();
            let _ = writeln!(text, "effect = [{}]", effect.join(", "));
        }
        let _ = writeln!(text, "[[liveness]]\nname = 'Ends'\nreaches = {}", names(&mut self.goals.iter().copied(), "S"));
        if !self.from.is_empty() {
            let _ = writeln!(text, "from = {}", names(&mut self.from.iter().copied(), "S"));
        }
        if !self.fair.is_empty() {
            let _ = writeln!(text, "fair = {}", names(&mut self.fair.iter().copied(), "A"));
        }
        text
    }

    /// Where an action leads, if it can be taken.
    fn taken(&self, action: usize, (status, bits): Node) -> Option<Node> {
        let act = &self.actions[action];
        let is_so = |(nth, is): &(usize, bool)| (bits >> nth & 1 == 1) == *is;
        let able = act.from.contains(&status) && act.guard.iter().all(is_so);
        let written = act.effect.iter().fold(bits, |bits, (nth, is)| bits & !(1 << nth) | usize::from(*is) << nth);
        able.then_some((act.to.unwrap_or(status), written))
    }

    fn after(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        (0..self.actions.len()).filter_map(move |it| self.taken(it, node))
    }

    /// Whether every fair run comes to a goal. A run may rest wherever no fair action stays enabled.
    fn ends(&self) -> bool {
        let all = (0..self.states).flat_map(|status| (0..1 << self.truths).map(move |bits| (status, bits)));
        let mut away: BTreeSet<Node> = all.filter(|(status, _)| !self.goals.contains(status)).collect();
        let is_fair = |it: &usize| self.fair.is_empty() || self.fair.contains(it);
        loop {
            let before = away.len();
            for action in (0..self.actions.len()).filter(is_fair) {
                let is_done = |node: &&Node| self.taken(action, **node).is_none_or(|to| away.contains(&to));
                let mut may_do: BTreeSet<Node> = away.iter().filter(is_done).copied().collect();
                loop {
                    let more: Vec<Node> = away
                        .iter()
                        .filter(|it| !may_do.contains(it) && self.after(**it).any(|to| may_do.contains(&to)))
                        .copied()
                        .collect();
                    if more.is_empty() {
                        break;
                    }
                    may_do.extend(more);
                }
                away = may_do;
            }
            if away.len() == before {
                break;
            }
        }
        let mut reached = BTreeSet::from([(0, 0)]);
        let mut open = vec![(0, 0)];
        while let Some(node) = open.pop() {
            open.extend(self.after(node).filter(|it| reached.insert(*it)));
        }
        let begins =
            |status: usize| if self.from.is_empty() { !self.terminal.contains(&status) } else { self.from.contains(&status) };
        !reached.iter().any(|it| begins(it.0) && away.contains(it))
    }
}

#[test]
fn what_is_promised_in_the_end_is_decided_alike_twice() {
    let told = |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise);
    let (cases, mut seed) = (told("ANTFARM_CASES", 5000), told("ANTFARM_SEED", 1));
    let mut below = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits fit") % below
    };
    let (mut kept, mut broken) = (0, 0);
    for _ in 0..cases {
        let drawn = Drawn::new(&mut below);
        let text = drawn.text();
        let read = read("drawn.ioa.toml", &text).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
        let member = Member {
            file: "drawn.ioa.toml".to_owned(),
            text: text.clone(),
            table: read.table,
            warnings: Vec::new(),
            is_proved: true,
        };
        let found = search(&Group { members: vec![member] }, Limits::default());
        match (verdict(&found, "Ends"), drawn.ends()) {
            (Verdict::Verified, true) => kept += 1,
            (Verdict::Refuted(Some(_)), false) => broken += 1,
            (said, ends) => panic!("L1: {said:?}, and it ends: {ends}\n{text}"),
        }
    }
    assert!(kept * 10 > cases && broken * 10 > cases, "{kept} kept, {broken} broken");
}
