//! Whether something happens in the end: a search over the whole graph of states, ours, since stateright's `eventually` takes a path that
//! ends in a loop for one that goes on.
//!
//! A run is *fair* where no action of the fair ones stays enabled for ever without being taken. What should happen does not, if there is a
//! fair run that stays away from it: one that ends in a set of states each of which leads to each other, such that every fair action is
//! taken within the set or not enabled in some state of it. A state that nothing leads on from is such a set, if no fair action is enabled
//! there: it stays so. Looking at the largest such sets is enough: what makes one unfair makes each part of it unfair.
//!
//! Entities do not change places here, so that an action of one is never taken for the same action of another. Texts that no spec writes
//! out do: fairness does not speak of parameters.

use crate::small::spot::Spot;
use crate::small::world::World;
use antfarm_automata::{Goal, Liveness, Text};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// An action of an entity: type, id, action.
type Label = (u16, Text, u16);

/// The whole graph.
pub(crate) struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    labels: Vec<Label>,
    /// Whether all of it is here.
    pub(crate) is_whole: bool,
}

struct Node {
    spot: Spot,
    /// Where its edges are.
    edges: std::ops::Range<usize>,
    /// The labels that are enabled, ascending.
    enabled: Box<[u16]>,
    /// How it was come by first: the node before.
    from: Option<u32>,
}

struct Edge {
    to: u32,
    /// The labels that are taken.
    taken: Box<[u16]>,
}

/// A run that stays away from what should happen.
pub(crate) struct Lasso {
    /// The states, as prints, behind the first.
    pub(crate) path: Vec<u64>,
    /// The number of steps after which the loop begins.
    pub(crate) back_to: u32,
    /// The first state.
    pub(crate) first: Spot,
}

impl Graph {
    /// All states and what leads from one to another, up to so many states.
    pub(crate) fn of(world: &World, most: usize) -> Self {
        let mut graph = Self { nodes: Vec::new(), edges: Vec::new(), labels: Vec::new(), is_whole: true };
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        let mut labels: BTreeMap<Label, u16> = BTreeMap::new();
        for spot in world.begin() {
            numbers.insert(spot.print, graph.add(spot, None));
        }
        let mut at = 0;
        while at < graph.nodes.len() {
            let spot = graph.nodes[at].spot.clone();
            let begun = graph.edges.len();
            let mut enabled = BTreeSet::new();
            if !spot.is_beyond {
                world.each_move(&spot, &mut |tried, went| {
                    let Ok(went) = went else { return };
                    let mut number = |of: u16, id: &Text, action: usize| {
                        let next = u16::try_from(labels.len()).unwrap_or(u16::MAX);
                        *labels.entry((of, id.clone(), crate::small::world::small(action))).or_insert(next)
                    };
                    enabled.insert(number(tried.of, tried.id, tried.action));
                    let mut taken: Vec<u16> = Vec::new();
                    went.each_taken(&spot, &mut |of, id, action, _| taken.push(number(of, id, action)));
                    // A composite action may be recorded by what it writes alone.
                    taken.push(number(tried.of, tried.id, tried.action));
                    let after = world.after(&spot, &went);
                    let to = match numbers.get(&after.print) {
                        Some(to) => *to,
                        None if graph.nodes.len() >= most => {
                            graph.is_whole = false;
                            return;
                        }
                        None => {
                            let print = after.print;
                            let to = graph.add(after, u32::try_from(at).ok());
                            numbers.insert(print, to);
                            to
                        }
                    };
                    graph.edges.push(Edge { to, taken: taken.into() });
                });
            }
            let node = &mut graph.nodes[at];
            node.edges = begun..graph.edges.len();
            node.enabled = enabled.into_iter().collect();
            at += 1;
        }
        graph.labels = vec![(0, Text::default(), 0); labels.len()];
        for (label, number) in labels {
            graph.labels[usize::from(number)] = label;
        }
        graph
    }

    fn add(&mut self, spot: Spot, from: Option<u32>) -> u32 {
        self.nodes.push(Node { spot, edges: 0..0, enabled: Box::default(), from });
        u32::try_from(self.nodes.len() - 1).expect("there are fewer than 2^32 states")
    }

    /// A fair run that comes to one of the states of `said` and stays away from where it should lead; nothing where there is none.
    pub(crate) fn lasso(&self, world: &World, of: u16, said: &Liveness) -> Option<Lasso> {
        let Goal::Reaches(goals) = &said.goal else { return None };
        let spec = world.suite.table(of)?.spec();
        let ids: BTreeSet<&Text> =
            self.nodes.iter().flat_map(|it| it.spot.roll.iter()).filter(|it| it.of == of).map(|it| &it.id).collect();
        let fair: Vec<bool> = self
            .labels
            .iter()
            .map(|(other, _, action)| {
                let named = |names: &Vec<Text>| *other == of && names.contains(&spec.actions[usize::from(*action)].name);
                said.fair.as_ref().is_none_or(named)
            })
            .collect();
        let lassos = ids.into_iter().filter_map(|id| {
            let status = |node: &Node| node.spot.roll.get(of, id).and_then(|it| spec.states.get(it.status()));
            let is_goal: Vec<bool> = self.nodes.iter().map(|it| status(it).is_some_and(|it| goals.contains(it))).collect();
            let begins = |it: &Node| {
                let over = |name: &Text| spec.terminal.contains(name);
                status(it).is_some_and(|name| if said.from.is_empty() { !over(name) } else { said.from.contains(name) })
            };
            let begins: Vec<bool> = self.nodes.iter().map(begins).collect();
            self.away(&is_goal, &begins, &fair)
        });
        lassos.min_by_key(|it| it.path.len())
    }

    /// The shortest way to a fair set of states without a goal, behind a state in which `begins` holds.
    fn away(&self, is_goal: &[bool], begins: &[bool], fair: &[bool]) -> Option<Lasso> {
        let sets = self.sets(is_goal);
        let mut of_set: Vec<Vec<u32>> = Vec::new();
        for (node, set) in sets.iter().enumerate() {
            if let Some(set) = set {
                of_set.resize_with(of_set.len().max(set + 1), Vec::new);
                of_set[*set].push(u32::try_from(node).ok()?);
            }
        }
        let is_fair: Vec<bool> = of_set.iter().enumerate().map(|(set, nodes)| self.is_fair(set, nodes, &sets, fair)).collect();
        let is_end = |node: u32| sets[node as usize].is_some_and(|set| is_fair[set]);
        // Breadth first, in two phases: before and behind a state in which it begins.
        let mut from: HashMap<(u32, bool), Option<(u32, bool)>> = HashMap::new();
        let mut open = VecDeque::new();
        let firsts = (0..).zip(&self.nodes).filter(|(_, it)| it.from.is_none()).map(|(at, _)| at);
        for first in firsts {
            // It may begin there, and need not.
            let may_begin = begins[first as usize] && !is_goal[first as usize];
            for behind in [true, false].into_iter().filter(|behind| may_begin || !behind) {
                from.insert((first, behind), None);
                open.push_back((first, behind));
            }
        }
        let mut end = None;
        while let Some(at @ (node, behind)) = open.pop_front() {
            if behind && is_end(node) {
                end = Some(at);
                break;
            }
            for edge in &self.edges[self.nodes[node as usize].edges.clone()] {
                let to = edge.to as usize;
                let behinds = match behind {
                    true if is_goal[to] => continue,
                    true => true,
                    false => begins[to] && !is_goal[to],
                };
                // It may begin at any such state, and need not.
                for behind in if behinds && !behind { vec![true, false] } else { vec![behinds] } {
                    if let std::collections::hash_map::Entry::Vacant(entry) = from.entry((edge.to, behind)) {
                        entry.insert(Some(at));
                        open.push_back((edge.to, behind));
                    }
                }
            }
        }
        let end = end?;
        let mut stem = vec![end.0];
        let mut at = end;
        while let Some(Some(before)) = from.get(&at) {
            stem.push(before.0);
            at = *before;
        }
        stem.reverse();
        let around = self.round(end.0, &sets, fair);
        let prints = stem[1..].iter().chain(&around).map(|it| self.nodes[*it as usize].spot.print);
        Some(Lasso {
            path: prints.collect(),
            back_to: u32::try_from(stem.len() - 1).ok()?,
            first: self.nodes[stem[0] as usize].spot.clone(),
        })
    }

    /// Whether a run may stay in a set for ever.
    fn is_fair(&self, set: usize, nodes: &[u32], sets: &[Option<usize>], fair: &[bool]) -> bool {
        let nodes = || nodes.iter().map(|it| &self.nodes[*it as usize]);
        // What lies beyond a bound does not end there.
        if nodes().any(|it| it.spot.is_beyond) {
            return false;
        }
        let mut taken = BTreeSet::new();
        for edge in nodes().flat_map(|it| &self.edges[it.edges.clone()]) {
            if sets[edge.to as usize] == Some(set) {
                taken.extend(edge.taken.iter().copied());
            }
        }
        let mut always: Option<BTreeSet<u16>> = None;
        for node in nodes() {
            let enabled: BTreeSet<u16> = node.enabled.iter().copied().collect();
            always = Some(always.map_or(enabled.clone(), |it| &it & &enabled));
        }
        always.unwrap_or_default().iter().all(|label| !fair[usize::from(*label)] || taken.contains(label))
    }

    /// A way round within the set of `begin` that is fair: through a state or an edge for each action that would stay enabled.
    fn round(&self, begin: u32, sets: &[Option<usize>], fair: &[bool]) -> Vec<u32> {
        let set = sets[begin as usize];
        let mut open: BTreeSet<u16> = (0..).zip(fair).filter(|(_, fair)| **fair).map(|(label, _)| label).collect();
        let rid = |open: &mut BTreeSet<u16>, node: u32| open.retain(|it| self.nodes[node as usize].enabled.contains(it));
        let mut around = Vec::new();
        let mut at = begin;
        rid(&mut open, at);
        loop {
            let wanted = |node: u32, taken: &[u16]| {
                let enabled = &self.nodes[node as usize].enabled;
                open.iter().any(|it| taken.contains(it) || !enabled.contains(it))
            };
            let home = |node: u32, _: &[u16]| node == begin;
            let way = if open.is_empty() { self.way(at, set, sets, &home) } else { self.way(at, set, sets, &wanted) };
            let Some(way) = way else { return around };
            for (node, edge) in way {
                open.retain(|it| !self.edges[edge].taken.contains(it));
                rid(&mut open, node);
                around.push(node);
                at = node;
            }
            if open.is_empty() && at == begin {
                return around;
            }
        }
    }

    /// The shortest way, of one step at least, within a set, to an edge and its node that are wanted.
    fn way(
        &self,
        begin: u32,
        set: Option<usize>,
        sets: &[Option<usize>],
        is_wanted: &dyn Fn(u32, &[u16]) -> bool,
    ) -> Option<Vec<(u32, usize)>> {
        let mut from: HashMap<u32, (u32, usize)> = HashMap::new();
        let mut open = VecDeque::from([begin]);
        while let Some(node) = open.pop_front() {
            for edge in self.nodes[node as usize].edges.clone() {
                let Edge { to, taken } = &self.edges[edge];
                if sets[*to as usize] != set {
                    continue;
                }
                if is_wanted(*to, taken) {
                    let mut way = vec![(*to, edge)];
                    let mut at = node;
                    while at != begin {
                        let (before, edge) = from[&at];
                        way.push((at, edge));
                        at = before;
                    }
                    way.reverse();
                    return Some(way);
                }
                if *to != begin && !from.contains_key(to) {
                    from.insert(*to, (node, edge));
                    open.push_back(*to);
                }
            }
        }
        None
    }

    /// The number of the largest set of states that each node lies in, goals left out (Tarjan, without recursion).
    fn sets(&self, is_goal: &[bool]) -> Vec<Option<usize>> {
        const NONE: u32 = u32::MAX;
        let many = self.nodes.len();
        let (mut index, mut low) = (vec![NONE; many], vec![0_u32; many]);
        let (mut on, mut set) = (vec![false; many], vec![None; many]);
        let (mut stack, mut next, mut sets) = (Vec::new(), 0_u32, 0);
        for root in 0..many {
            if index[root] != NONE || is_goal[root] {
                continue;
            }
            let mut calls = vec![(root, self.nodes[root].edges.clone())];
            (index[root], low[root], on[root]) = (next, next, true);
            next += 1;
            stack.push(root);
            while let Some((node, edges)) = calls.last_mut() {
                let node = *node;
                if let Some(edge) = edges.next() {
                    let to = self.edges[edge].to as usize;
                    if is_goal[to] {
                        continue;
                    }
                    if index[to] == NONE {
                        (index[to], low[to], on[to]) = (next, next, true);
                        next += 1;
                        stack.push(to);
                        calls.push((to, self.nodes[to].edges.clone()));
                    } else if on[to] {
                        low[node] = low[node].min(index[to]);
                    }
                    continue;
                }
                calls.pop();
                if let Some((parent, _)) = calls.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
                if low[node] == index[node] {
                    while let Some(member) = stack.pop() {
                        (on[member], set[member]) = (false, Some(sets));
                        if member == node {
                            break;
                        }
                    }
                    sets += 1;
                }
            }
        }
        set
    }
}
