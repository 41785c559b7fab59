//! Entities of a home: what a move does, and what it refuses. Files are short; what is tested stands in them.

mod alarms;
mod between;
mod composite;
mod fit;
mod random;
mod reactions;

use antfarm_automata::entities::{Asked, Entities, Happened, Move, Refused, Step, Suite};
use antfarm_automata::{Text, Value};

/// A suite of these texts.
pub(super) fn suite(files: &[&str]) -> Suite {
    let tables =
        files.iter().map(|text| antfarm_automata_reader::read("it.ioa.toml", text).unwrap_or_else(|it| panic!("{it}")).table);
    Suite::new(tables.collect()).unwrap_or_else(|misfits| panic!("{misfits:#?}"))
}

/// Entities that are moved by name, and what they said last.
pub(super) struct Colony {
    pub(super) suite: Suite,
    pub(super) entities: Entities,
    pub(super) at: i64,
    fresh: usize,
}

impl Colony {
    pub(super) fn new(files: &[&str]) -> Self {
        Self { suite: suite(files), entities: Entities::new(), at: 0, fresh: 0 }
    }

    /// Steps, applies, and holds the step to what must be true of any: it can be recorded, and made again.
    pub(super) fn try_step(&mut self, asked: &Asked) -> Result<Step, Refused> {
        let home = self.entities.home();
        let suffix = if home.is_empty() { String::new() } else { format!("@{home}") };
        let fresh: Vec<Text> = (0..9).map(|nth| format!("new{}{suffix}", self.fresh + nth).into()).collect();
        let step = self.entities.step(&self.suite, asked, &fresh)?;
        assert_eq!(self.entities.step(&self.suite, &step.asked, &step.drawn).as_ref(), Ok(&step), "made again from its record");
        let bytes = antfarm_identity::to_bytes(&step);
        assert_eq!(antfarm_identity::from_bytes::<Step>(&bytes).as_ref(), Ok(&step), "read as it was written");
        self.fresh += step.drawn.len();
        self.entities.apply(&step);
        if self.entities.len() < 32 {
            let bytes = antfarm_identity::to_bytes(&self.entities);
            assert_eq!(
                antfarm_identity::from_bytes::<Entities>(&bytes).as_ref(),
                Ok(&self.entities),
                "read as they were written"
            );
        }
        Ok(step)
    }

    pub(super) fn step(&mut self, moved: Move) -> Result<Step, Refused> {
        let asked = Asked { at: self.at, ..Asked::of(moved) };
        self.try_step(&asked)
    }

    pub(super) fn create(&mut self, entity: &str, id: &str, given: &[(&str, Value)]) -> Result<Step, Refused> {
        let moved = self.suite.create(entity, id, given)?;
        self.step(moved)
    }

    pub(super) fn act(&mut self, entity: &str, id: &str, action: &str, params: &[(&str, Value)]) -> Result<Step, Refused> {
        let moved = self.suite.moved(entity, id, action, params)?;
        self.step(moved)
    }

    /// Does what must work: `"Type id Action"`.
    pub(super) fn go(&mut self, said: &str) -> Step {
        let [entity, id, action] = said.split(' ').collect::<Vec<_>>()[..] else { panic!("`{said}`") };
        self.act(entity, id, action, &[]).unwrap_or_else(|refused| panic!("`{said}`: {refused:?}"))
    }

    pub(super) fn status(&self, entity: &str, id: &str) -> String {
        let who = self.suite.who(entity, id).expect("a type");
        let held = self.entities.get(who.entity, id).unwrap_or_else(|| panic!("there is no `{id}`"));
        self.suite.table(who.entity).expect("a type").spec().states[held.state.status()].to_string()
    }

    pub(super) fn value(&self, entity: &str, id: &str, variable: &str) -> Value {
        let number = self.suite.entity(entity).expect("a type");
        let slot = self.suite.table(number).and_then(|it| it.variable(variable)).expect("a variable");
        self.entities.get(number, id).expect("an entity").state.slot(slot).expect("a slot").clone()
    }

    /// The alarms that are set, as `id Action@due`.
    pub(super) fn alarms(&self) -> Vec<String> {
        let said = |(alarm, armed): (_, antfarm_automata::entities::Armed)| {
            let alarm: antfarm_automata::entities::Alarm = alarm;
            let (_, action) = self.suite.rings(&alarm).expect("an alarm of the suite");
            format!("{} {action}@{}", alarm.who.id, armed.due())
        };
        self.entities.alarms().map(said).collect()
    }

    /// Rings the only alarm of an entity that calls this action.
    pub(super) fn ring(&mut self, id: &str, action: &str) -> Result<Step, Refused> {
        let is_it = |it: &antfarm_automata::entities::Alarm| self.suite.rings(it).is_some_and(|(_, called)| *called == action);
        let alarm = self.entities.alarms().map(|(alarm, _)| alarm).find(|it| it.who.id == *id && is_it(it));
        self.step(Move::Ring(alarm.unwrap_or_else(|| panic!("`{id}` has no alarm for `{action}`"))))
    }
}

/// What was taken and dropped, in order, as `id Action` and `id Action dropped`.
pub(super) fn story(suite: &Suite, step: &Step) -> Vec<String> {
    let name = |entity: u16, action: usize| suite.table(entity).expect("a type").spec().actions[action].name.clone();
    let said = |it: &Happened| match it {
        Happened::Born { who, .. } => Some(format!("{} born", who.id)),
        Happened::Took { who, transition, .. } => Some(format!("{} {}", who.id, name(who.entity, transition.action()))),
        Happened::Dropped(dropped) => {
            let who = dropped.who.as_ref();
            let action = who.zip(dropped.action).map_or_else(Text::default, |(who, it)| name(who.entity, it.into()));
            Some(format!("{} {action} dropped", who.map_or("nobody", |it| &it.id)))
        }
        Happened::Sent(sent) => Some(format!("{} {} sent", sent.id, sent.action)),
        Happened::Rang(_)
        | Happened::Armed { .. }
        | Happened::Disarmed(_)
        | Happened::Received { .. }
        | Happened::Acknowledged { .. }
        | Happened::Called { .. } => None,
    };
    step.happened.iter().filter_map(said).collect()
}

const DOOR: &str = r#"
    [automaton]
    name = "Door"
    states = ["Open", "Shut"]
    initial = "Shut"
    allow_indefinite_states = ["Open", "Shut"]

    [[state]]
    name = "keys"
    type = "counter"
    given = true

    [[action]]
    name = "Push"
    from = ["Shut"]
    to = "Open"
    guard = "keys > 0"

    [[field_invariant]]
    name = "FewKeys"
    assert = "keys < 10"
"#;

#[test]
fn an_entity_is_created_once_in_its_initial_state_and_at_its_home() {
    let mut colony = Colony::new(&[DOOR]);
    colony.create("Door", "front", &[("keys", Value::Int(2))]).unwrap();
    assert_eq!((colony.status("Door", "front").as_str(), colony.value("Door", "front", "keys")), ("Shut", Value::Int(2)));
    let taken = Refused::Taken { id: "front".into() };
    assert_eq!(colony.create("Door", "front", &[]), Err(taken));
    assert_eq!(colony.create("Door", "", &[]), Err(Refused::Nobody));
    assert_eq!(colony.create("Door", "back@elsewhere", &[]), Err(Refused::Elsewhere { id: "back@elsewhere".into() }));
    assert_eq!(colony.create("Door", "back", &[("keys", Value::Int(10))]), Err(Refused::Field(0)));
    assert!(matches!(colony.create("Door", "back", &[("status", Value::text("Open"))]), Err(Refused::Table(_))));
    assert_eq!(colony.create("Window", "w", &[]), Err(Refused::Type));
    assert_eq!(colony.entities.len(), 1);
}

#[test]
fn what_is_refused_changes_nothing_and_says_why() {
    let mut colony = Colony::new(&[DOOR]);
    colony.create("Door", "front", &[]).unwrap();
    let before = colony.entities.clone();
    let refused = colony.act("Door", "front", "Push", &[]).unwrap_err();
    assert_eq!(colony.suite.explain(Some((0, 0)), &refused).to_string(), "`Push` needs `keys > 0`");
    assert_eq!(colony.act("Door", "back", "Push", &[]), Err(Refused::Missing));
    assert_eq!(colony.act("Door", "back@there", "Push", &[]), Err(Refused::Elsewhere { id: "back@there".into() }));
    assert_eq!(colony.entities, before);
}

#[test]
fn each_transition_names_its_table_and_each_step_its_suite() {
    let mut colony = Colony::new(&[DOOR]);
    colony.create("Door", "front", &[("keys", Value::Int(1))]).unwrap();
    let step = colony.go("Door front Push");
    let table = colony.suite.table(0).expect("a door").digest();
    assert!(matches!(&step.happened[0], Happened::Took { table: of, .. } if *of == table));
    assert_eq!(step.suite, colony.suite.digest());
    let other = suite(&[&DOOR.replace("keys > 0", "keys > 1")]);
    assert_ne!(other.digest(), colony.suite.digest());
    let (one, two) = (DOOR, &DOOR.replace("Door", "Gate"));
    assert_eq!(suite(&[one, two]).digest(), suite(&[two, one]).digest(), "the order of files says nothing");
}

#[test]
fn under_one_key_a_move_happens_once_however_the_clock_goes() {
    use antfarm_automata::entities::Key;
    let mut colony = Colony::new(&[DOOR]);
    let ask = |colony: &Colony, at: i64, id: &str, key: &str, expires: i64| {
        let moved = colony.suite.create("Door", id, &[]).expect("a door");
        Asked { record: 0, at, moved, key: Some(Key { key: key.into(), expires }) }
    };
    let asked = ask(&colony, 10, "a", "k", 100);
    colony.try_step(&asked).unwrap();
    assert_eq!(colony.try_step(&asked), Err(Refused::Repeated));
    let asked = ask(&colony, 11, "b", "k", 100);
    assert_eq!(colony.try_step(&asked), Err(Refused::OtherKey));
    let asked = ask(&colony, 20, "b", "late", 20);
    assert_eq!(colony.try_step(&asked), Err(Refused::Expired));
    // What is remembered is forgotten after its time. It is refused all the same when the clock goes back.
    let asked = ask(&colony, 200, "c", "other", 300);
    colony.try_step(&asked).unwrap();
    assert!(colony.entities.remembered("k").is_none());
    let asked = ask(&colony, 50, "b", "k", 100);
    assert_eq!(colony.try_step(&asked), Err(Refused::Expired));
    let asked = ask(&colony, 50, "b", "fine", 101);
    colony.try_step(&asked).unwrap();
}

#[test]
fn what_another_table_made_is_not_touched_and_not_believed() {
    let asks = DOOR.replace("keys > 0", "keys > 0 && Door[other].status == 'Shut'");
    let mut colony = Colony::new(&[&asks]);
    colony.create("Door", "front", &[("keys", Value::Int(1)), ("other", Value::text("back"))]).unwrap();
    colony.create("Door", "back", &[]).unwrap();
    let (old, new) = (colony.suite.clone(), suite(&[&asks.replace("< 10", "< 9")]));
    colony.suite = new;
    assert_eq!(colony.act("Door", "front", "Push", &[]), Err(Refused::Drifted));
    colony.create("Door", "side", &[("keys", Value::Int(1)), ("other", Value::text("back"))]).unwrap();
    let apart = Refused::Apart { entity: "Door".into(), id: "back".into() };
    assert_eq!(colony.act("Door", "side", "Push", &[]), Err(apart));
    colony.suite = old;
    colony.go("Door front Push");
}

#[test]
fn entities_are_saved_one_by_one_and_put_back() {
    let mut colony = Colony::new(&[DOOR, &DOOR.replace("Door", "Gate")]);
    for id in ["a", "b", "c"] {
        colony.create("Gate", id, &[]).unwrap();
        colony.create("Door", id, &[]).unwrap();
    }
    let (mut last, mut restored) = (None, colony.entities.outline());
    while let Some((who, held)) = colony.entities.after(last.take()).next() {
        restored.restore(who.clone(), held.clone()).unwrap();
        last = Some(who);
    }
    assert_eq!(restored, colony.entities);
    let (who, held) = colony.entities.after(None).next().unwrap();
    assert_eq!(restored.restore(who, held.clone()), None);
}
