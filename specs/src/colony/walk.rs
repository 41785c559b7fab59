//! What is asked of entities in a run: found by walking on a model of both homes, so that most of it is allowed.

use super::draft::{NODES, Row};
use crate::random::Trial;
use crate::small::small;
use antfarm_automata::entities::{Act, Asked, Entities, Move, Suite, Who, home_of};
use antfarm_automata::{Kind as Holds, Text, Value};
use antfarm_colony::Written;
use antfarm_node::creates;
use antfarm_sim::{Dice, Odds};
use std::collections::BTreeMap;

/// How often the model is asked for an action that it allows.
const TRIES: usize = 32;

/// What is asked in a run, found by walking on a model of both homes.
pub(super) struct Walk<'a> {
    trial: &'a Trial,
    homes: Vec<Entities>,
    /// By type, the ids that are created.
    ids: Vec<Vec<Text>>,
    /// Between two asks, in milliseconds, on average.
    gap: u64,
    /// How often each action was taken, by type.
    taken: BTreeMap<(u16, usize), u32>,
}

/// By type, the ids that are created.
pub(super) fn created(trial: &Trial) -> Vec<Vec<Text>> {
    let shape = &trial.shape;
    let ids = trial.suite.tables().iter().enumerate().map(|(of, table)| {
        let name = if shape.is_shared { "entity".to_owned() } else { table.spec().entity.to_lowercase() };
        let many = if shape.optional[of] { 1 } else { shape.first[of] };
        let at = |node: &str| {
            let numbered = (1..=many).map(|nth| format!("{name}-{nth}@{node}"));
            let fixed = shape.fixed[of].iter().map(|it| format!("{it}@{node}"));
            fixed.chain(numbered).map(Text::from).collect::<Vec<_>>()
        };
        NODES[1..].iter().flat_map(|it| at(it)).collect()
    });
    ids.collect()
}

impl<'a> Walk<'a> {
    pub(super) fn new(trial: &'a Trial, gap: u64) -> Self {
        Self {
            trial,
            homes: NODES[1..].iter().map(|it| Entities::at(it)).collect(),
            ids: created(trial),
            gap,
            taken: BTreeMap::new(),
        }
    }

    pub(super) fn rows(mut self, dice: &mut Dice, asks: usize) -> Vec<Row> {
        let (mut rows, mut at) = (Vec::new(), 1_000);
        let everybody = self.ids.iter().enumerate().flat_map(|(of, ids)| ids.iter().map(move |id| (of, id.clone())));
        let mut left: Vec<(usize, Text)> = everybody.collect();
        // Whom creation asks may be there the second time.
        for _ in 0..2 {
            left.retain(|(of, id)| {
                let home = usize::from(!id.ends_with(NODES[1]));
                let row = self.create(*of, id.clone(), home, at, dice);
                at += 20;
                let is_left = row.is_none();
                rows.extend(row);
                is_left
            });
        }
        at += 200;
        for _ in 0..asks {
            at += if dice.below(4) == 0 { 0 } else { dice.below(self.gap * 8 / 3) };
            let wants_all = dice.hit(Odds::percent(10));
            let found = (0..TRIES).find_map(|_| self.act(at, wants_all, dice));
            rows.extend(found);
        }
        // Clients who hear no answer ask the same again, and so do some who heard one.
        let told = rows.into_iter().enumerate().flat_map(|(nth, row)| {
            let (series, gap) = (nth + 1, self.gap);
            [0, 2, 5].map(|later| Row { at: row.at + later * gap, series, ..row.clone() })
        });
        let mut told: Vec<Row> = told.collect();
        told.sort_by_key(|it| it.at);
        told
    }

    fn suite(&self) -> &'a Suite {
        &self.trial.suite
    }

    fn create(&mut self, of: usize, id: Text, home: usize, at: u64, dice: &mut Dice) -> Option<Row> {
        let (suite, table) = (self.suite(), &self.suite().tables()[of]);
        let number = small(of);
        let given = table.spec().variables.iter().filter(|it| it.given);
        let given: Vec<(&Text, &Holds)> = given.map(|it| (&it.name, &it.kind)).collect();
        for attempt in 0..16 {
            let chosen: Vec<(Text, Value)> = match attempt {
                15 => Vec::new(),
                _ => given.iter().map(|(name, kind)| ((*name).clone(), self.value(home, kind, dice))).collect(),
            };
            let who = Who { entity: number, id: id.clone() };
            let moved = Move::Create { who, given: chosen.clone() };
            let Ok(step) = self.homes[home].step(suite, &Asked::of(moved), &[]) else { continue };
            self.homes[home].apply(&step);
            let act = format!("{}.{}", table.spec().entity, creates(suite, number));
            return Some(Row { at, node: NODES[1 + home], act, on: id, params: chosen, writes: Vec::new(), series: 0 });
        }
        None
    }

    /// An action that the model allows, or one that it need not allow.
    fn act(&mut self, at: u64, wants_all: bool, dice: &mut Dice) -> Option<Row> {
        let home = dice.index(self.homes.len());
        let act = self.pick(home, dice)?;
        let table = self.suite().table(act.who.entity)?;
        let spec = table.spec();
        let mut writes = Vec::new();
        if let Some(composite) = &spec.actions[usize::from(act.action)].composite {
            for (entity, action, _) in &composite.writes {
                let of = self.suite().entity(entity)?;
                let action = self.suite().table(of)?.action(action)?;
                let all: Vec<&Text> = self.homes[home].iter().filter(|it| it.0 == of).map(|it| it.1).collect();
                if dice.below(4) == 0 || all.is_empty() {
                    continue;
                }
                let who = Who { entity: of, id: dice.pick(&all).to_owned().clone() };
                writes.push(Act { who, action: small(action), params: self.params(home, of, action, dice) });
            }
        }
        let moved = Move::Act { act: act.clone(), writes: writes.clone() };
        match self.homes[home].step(self.suite(), &Asked::of(moved), &self.fresh(home)) {
            Ok(step) => {
                *self.taken.entry((act.who.entity, usize::from(act.action))).or_default() += 1;
                self.homes[home].apply(&step);
                self.deliver();
            }
            Err(_) if wants_all => {}
            Err(_) => return None,
        }
        let written =
            |it: &Act| Some(Written { tool: self.tool(it)?.into(), id: self.name(home, &it.who), params: self.named(it)? });
        let writes = writes.iter().map(written).collect::<Option<Vec<Written>>>()?;
        let (tool, on, params) = (self.tool(&act)?, self.name(home, &act.who), self.named(&act)?);
        Some(Row { at, node: NODES[1 + home], act: tool, on, params, writes, series: 0 })
    }

    fn pick(&self, home: usize, dice: &mut Dice) -> Option<Act> {
        let all: Vec<_> = self.homes[home].iter().collect();
        if all.is_empty() {
            return None;
        }
        let (of, id, held) = *dice.pick(&all);
        let table = self.suite().table(of)?;
        let spec = table.spec();
        let leads: Vec<usize> = (0..spec.actions.len()).filter(|it| table.leads_from(*it, held.state.status())).collect();
        // What ends an entity is taken now and then only, so that it lives.
        let ends = |action: &usize| spec.actions[*action].to.as_ref().is_some_and(|to| spec.terminal.contains(to));
        let (over, on): (Vec<usize>, Vec<usize>) = leads.into_iter().partition(ends);
        let actions = if on.is_empty() || dice.below(40) == 0 && !over.is_empty() { over } else { on };
        if actions.is_empty() {
            return None;
        }
        // Of two, the one that was taken less often: so that an entity goes on.
        let (one, other) = (*dice.pick(&actions), *dice.pick(&actions));
        let often = |action: usize| self.taken.get(&(of, action)).copied().unwrap_or(0);
        let action = if often(other) < often(one) { other } else { one };
        Some(Act { who: Who { entity: of, id: id.clone() }, action: small(action), params: self.params(home, of, action, dice) })
    }

    fn params(&self, home: usize, of: u16, action: usize, dice: &mut Dice) -> Vec<Value> {
        let kinds = self.suite().table(of).map(|it| it.params(action)).unwrap_or_default();
        kinds.iter().map(|kind| self.value(home, kind, dice)).collect()
    }

    /// A value of a kind; of references, mostly one to an entity of this home.
    fn value(&self, home: usize, kind: &Holds, dice: &mut Dice) -> Value {
        let of = kind.entity().and_then(|it| self.suite().entity(it)).map(|it| &self.ids[usize::from(it)]);
        let Some(ids) = of.filter(|it| !it.is_empty() && matches!(kind, Holds::Ref { .. })) else {
            return self.trial.value(&self.homes[home], kind, dice.long());
        };
        if dice.below(12) == 0 {
            return Value::Null;
        }
        let is_near = dice.below(4) > 0;
        let near: Vec<&Text> = ids.iter().filter(|it| it.ends_with(NODES[1 + home]) == is_near).collect();
        Value::Text(if near.is_empty() { dice.pick(ids).clone() } else { dice.pick(&near).to_owned().clone() })
    }

    /// Everything that is on its way arrives.
    fn deliver(&mut self) {
        for _ in 0..8 {
            let waiting: Vec<_> = self.homes.iter().flat_map(|it| it.waiting(None)).cloned().collect();
            if waiting.is_empty() {
                return;
            }
            for delivery in waiting {
                let (home, from, below) = (home_of(&delivery.id).to_owned(), delivery.from.clone(), delivery.seq + 1);
                let Some(to) = NODES[1..].iter().position(|it| *it == home) else { continue };
                let Some(sender) = NODES[1..].iter().position(|it| **it == *from) else { continue };
                let moves = [(to, Move::Deliver(delivery)), (sender, Move::Acknowledge { home: home.into(), below })];
                for (at, moved) in moves {
                    if let Ok(step) = self.homes[at].step(&self.trial.suite, &Asked::of(moved), &self.fresh(at)) {
                        self.homes[at].apply(&step);
                    }
                }
            }
        }
    }

    /// Ids that no entity of the model has.
    fn fresh(&self, home: usize) -> Vec<Text> {
        (0..8).map(|nth| format!("new{}-{nth}@{}", self.homes[home].len(), NODES[1 + home]).into()).collect()
    }

    fn tool(&self, act: &Act) -> Option<String> {
        let spec = self.suite().table(act.who.entity)?.spec();
        Some(format!("{}.{}", spec.entity, spec.actions.get(usize::from(act.action))?.name))
    }

    /// What a row calls an entity: one that nodes make up is one of its type.
    fn name(&self, home: usize, who: &Who) -> Text {
        if self.ids[usize::from(who.entity)].contains(&who.id) {
            return who.id.clone();
        }
        let place = self.homes[home].iter().filter(|it| it.0 == who.entity).position(|it| *it.1 == who.id);
        format!("*{}", place.unwrap_or(0) + 1).into()
    }

    fn named(&self, act: &Act) -> Option<Vec<(Text, Value)>> {
        let params = &self.suite().table(act.who.entity)?.spec().actions.get(usize::from(act.action))?.params;
        let given = params.iter().zip(&act.params).filter(|(_, value)| **value != Value::Null);
        Some(given.map(|(param, value)| (param.name.clone(), value.clone())).collect())
    }
}
