//! Groups of one or two random specs, that ask each other, set each other going, create each other and promise to end. Tests of other crates
//! read this file, too.

use antfarm_automata::entities::Suite;
use antfarm_automata::reference::{self, Draw};
use antfarm_automata::{
    Action, Assign, Composite, Deed, Effect, Expr, Goal, Home, Kind, Literal, Liveness, Mode, Promise, Property, Sites, Spec,
    Started, Table, Target, Text, Timeout, Trigger, Value,
};
use antfarm_automata_reader::{Read, read, read_together};
use antfarm_specs::{Group, Member};
use std::env;

/// `ANTFARM_CASES=100000` for more; `ANTFARM_SEED` for others.
pub(crate) fn told(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(otherwise)
}

/// Numbers below others, by a seed.
pub(crate) fn dice(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits fit") % below
    }
}

/// The same without what it can do without: a world is the smaller the less there is to be held or given.
fn pruned(mut spec: Spec) -> Table {
    let table = |spec: &Spec| Table::new(spec.clone(), &Sites::new()).ok().map(|it| it.0);
    for nth in (0..spec.variables.len()).rev() {
        let variable = spec.variables.remove(nth);
        if table(&spec).is_none() {
            spec.variables.insert(nth, variable);
        }
    }
    for action in 0..spec.actions.len() {
        for nth in (0..spec.actions[action].params.len()).rev() {
            let param = spec.actions[action].params.remove(nth);
            if table(&spec).is_none() {
                spec.actions[action].params.insert(nth, param);
            }
        }
    }
    table(&spec).expect("what is drawn is well-formed")
}

/// One of these.
fn pick<T: Clone>(draw: Draw<'_>, from: &[T]) -> T {
    from[draw(from.len())].clone()
}

/// Changes here and there what the generator always says in one way: kinds, first values, who gives them. What is not well-formed then is
/// taken back.
fn vary(spec: &mut Spec, draw: Draw<'_>) {
    let is_legal = |spec: &Spec| Table::new(spec.clone(), &Sites::new()).is_ok();
    let texts = || Kind::List { entity: None, most: 3 };
    for nth in 0..spec.variables.len() {
        let before = spec.variables[nth].clone();
        let variable = &mut spec.variables[nth];
        variable.given = draw(4) == 0;
        let kinds = [before.kind.clone(), before.kind.clone(), Kind::Open, Kind::Int, Kind::Counter, Kind::Text, texts()];
        variable.kind = pick(draw, &kinds);
        let values = [variable.kind.blank(), Value::Int(2), Value::text("a"), Value::Bool(true), Value::list(["a", "b"])];
        variable.initial = pick(draw, &values);
        if !is_legal(spec) {
            spec.variables[nth] = before;
        }
    }
    for action in 0..spec.actions.len() {
        for nth in 0..spec.actions[action].params.len() {
            let before = spec.actions[action].params[nth].clone();
            let kinds = [Kind::Open, Kind::Int, Kind::Counter, Kind::Duration, Kind::Text, texts()];
            spec.actions[action].params[nth].kind = Some(pick(draw, &kinds));
            if draw(2) == 0 || !is_legal(spec) {
                spec.actions[action].params[nth] = before;
            }
        }
    }
}

/// Has an action set another one going, at whom the spec knows, itself or somebody new.
fn trigger(spec: &mut Spec, other: &Spec, draw: Draw<'_>) {
    let at = draw(spec.actions.len());
    let action = pick(draw, &other.actions);
    let friend = || Text::from("friend");
    let targets = [
        Target::Field(friend()),
        Target::Create,
        Target::SameId,
        Target::CreateIfMissing(friend()),
        Target::CreateIfMissing("Id".into()),
        Target::Fixed(pick(draw, &["main", "p0"]).into()),
    ];
    let target = pick(draw, &targets);
    let names: Vec<Text> = spec.variables.iter().map(|it| it.name.clone()).chain([Text::from("Id")]).collect();
    let params_from = action.params.iter().map(|it| (it.name.clone(), pick(draw, &names))).collect();
    let deed =
        Started::Entity { entity: other.entity.clone(), action: action.name.clone(), target, params: Vec::new(), params_from };
    let trigger = Trigger {
        name: format!("Then{}", spec.actions[at].triggers.len()).into(),
        principal: None,
        to_state: if draw(4) == 0 { Some(pick(draw, &spec.states)) } else { None },
        guard: if draw(3) == 0 { Some(reference::expression(draw, false)) } else { None },
        liveness: pick(draw, &[Promise::BestEffort, Promise::Required]),
        drop_ok: draw(2) == 0,
        llm: false,
        deed,
    };
    spec.actions[at].triggers.push(trigger);
    if Table::new(spec.clone(), &Sites::new()).is_err() {
        spec.actions[at].triggers.pop();
    }
}

/// Has an action create somebody under an id that the entity holds, or that is said.
fn spawn(spec: &mut Spec, other: &Spec, draw: Draw<'_>) {
    let at = draw(spec.actions.len());
    let held =
        spec.variables.iter().filter(|it| matches!(it.kind, Kind::Text | Kind::Open)).map(|it| Expr::Name(it.name.clone()));
    let said = spec.actions[at].params.iter().map(|it| Expr::Param(it.name.clone()));
    let ids: Vec<Expr> = held.chain(said).collect();
    if ids.is_empty() {
        return;
    }
    let id = Some(pick(draw, &ids));
    let deed = Deed::Spawn { entity: other.entity.clone(), action: pick(draw, &other.actions).name, store: None, id };
    spec.actions[at].effects.push(Effect { when: None, deed });
    if Table::new(spec.clone(), &Sites::new()).is_err() {
        spec.actions[at].effects.pop();
    }
}

/// Has an action write at others, in one step.
fn compose(spec: &mut Spec, other: &Spec, draw: Draw<'_>) {
    let at = draw(spec.actions.len());
    let before = spec.actions[at].clone();
    let record_parent_event = draw(2) == 0;
    let writes = (0..1 + draw(2)).map(|_| (other.entity.clone(), pick(draw, &other.actions).name, None)).collect();
    let action = &mut spec.actions[at];
    (action.mode, action.composite) = (Mode::Composite, Some(Composite { record_parent_event, gate: None, writes }));
    if !record_parent_event {
        (action.to, action.effects, action.triggers) = (None, Vec::new(), Vec::new());
    }
    if Table::new(spec.clone(), &Sites::new()).is_err() {
        spec.actions[at] = before;
    }
}

/// Adds what most specs lack: something later, somebody who must live here, something of others that always holds.
fn extend(spec: &mut Spec, draw: Draw<'_>) {
    let before = spec.clone();
    let action = pick(draw, &spec.actions).name;
    match draw(8) {
        0 => {
            let state = pick(draw, &spec.states);
            let most = pick(draw, &[1, 2, 3]);
            let reset_on = if draw(2) == 0 { vec![pick(draw, &spec.actions).name] } else { Vec::new() };
            spec.timeouts.push(Timeout { state, after: 1_000, action, most, reset_on, params: Vec::new() });
        }
        1 => {
            let at = draw(spec.actions.len());
            spec.actions[at].effects.push(Effect { when: None, deed: Deed::Schedule { action, after: 500 } });
        }
        2 => {
            let friend = spec.variables.iter_mut().find(|it| it.name == "friend");
            friend.into_iter().for_each(|it| it.home = Home::Same);
        }
        3..=5 => {
            let at = draw(spec.actions.len());
            let deed = set(draw);
            spec.actions[at].effects.push(Effect { when: None, deed });
        }
        6 => {
            let assert = reference::expression(draw, false);
            spec.field_invariants.push(Property { name: "field_0".into(), assert, message: None });
        }
        _ => {
            let assert = reference::expression(draw, false);
            spec.invariants.push(Property { name: "more_0".into(), assert, message: None });
        }
    }
    if Table::new(spec.clone(), &Sites::new()).is_err() {
        *spec = before;
    }
}

/// Whom somebody knows, what is known of others, and names of states, as values.
fn set(draw: Draw<'_>) -> Deed {
    let of_friend =
        |field: &str| Expr::Related { entity: "Peer".into(), id: Box::new(Expr::name("friend")), field: field.into() };
    let ids = [
        Expr::Param("who".into()),
        Expr::Param("label".into()),
        Expr::name("label"),
        Expr::Literal(Literal::Null),
        of_friend("friend"),
        of_friend("label"),
    ];
    let texts = [Expr::Status, of_friend("status"), of_friend("label"), Expr::name("friend"), Expr::Param("who".into())];
    let (variable, value) = match draw(4) {
        0 | 1 => ("friend", pick(draw, &ids)),
        2 => ("label", pick(draw, &texts)),
        _ => ("number", of_friend("number")),
    };
    Deed::Assign { variable: variable.into(), how: Assign::Set, value }
}

/// Promises that one of some states is reached: then entities do not change places in the search.
fn promise(spec: &mut Spec, draw: Draw<'_>) {
    let goal = Goal::Reaches(vec![pick(draw, &spec.states)]);
    let goal = if draw(4) == 0 { Goal::HasActions } else { goal };
    let fair = if draw(3) == 0 { Some(vec![pick(draw, &spec.actions).name]) } else { None };
    spec.liveness.push(Liveness { name: "Ends".into(), from: vec![pick(draw, &spec.states)], goal, fair });
    if Table::new(spec.clone(), &Sites::new()).is_err() {
        spec.liveness.pop();
    }
}

/// The same, about others of this type where it was about its own.
fn about(spec: &Spec, own: &str, other: &str) -> Option<Spec> {
    let text = spec.to_string().replace("Peer", other);
    let text = text.replacen(&format!("name = \"{other}\""), &format!("name = \"{own}\""), 1);
    Some(read("drawn.ioa.toml", &text).ok()?.table.spec().clone())
}

/// What actions of a type may be given: the names of type, action and parameter.
fn params(spec: &Spec) -> Vec<(Text, Text, Text)> {
    let of =
        |action: &Action| action.params.iter().map(|it| (spec.entity.clone(), action.name.clone(), it.name.clone())).collect();
    spec.actions.iter().flat_map(|it| -> Vec<_> { of(it) }).collect()
}

/// One or two types.
pub(crate) fn group(draw: Draw<'_>) -> Group {
    loop {
        let mut drawn = || {
            let mut spec = reference::spec(draw);
            vary(&mut spec, draw);
            (0..draw(3)).for_each(|_| extend(&mut spec, draw));
            spec
        };
        let (mut specs, other) = (vec![drawn()], drawn());
        if draw(3) > 0 {
            let (Some(one), Some(other)) =
                (about(&specs[0], "Peer", "Mate"), about(&other, "Mate", pick(draw, &["Peer", "Mate"])))
            else {
                continue;
            };
            specs = vec![one, other];
        }
        for _ in 0..draw(3) {
            let (of, other) = (draw(specs.len()), pick(draw, &specs));
            trigger(&mut specs[of], &other, draw);
        }
        if draw(2) == 0 {
            let (of, other) = (draw(specs.len()), pick(draw, &specs));
            spawn(&mut specs[of], &other, draw);
        }
        if draw(4) == 0 {
            let (of, other) = (draw(specs.len()), pick(draw, &specs));
            compose(&mut specs[of], &other, draw);
        }
        if draw(3) == 0 {
            promise(&mut specs[0], draw);
        }
        let mut specs: Vec<Spec> = specs.into_iter().map(|it| pruned(it).spec().clone()).collect();
        let params: Vec<(Text, Text, Text)> = specs.iter().flat_map(params).collect();
        let triggers = specs.iter_mut().flat_map(|it| &mut it.actions).flat_map(|it| &mut it.triggers);
        for deed in triggers.map(|it| &mut it.deed) {
            if let Started::Entity { entity, action, params_from, .. } = deed {
                params_from.retain(|(name, _)| params.contains(&(entity.clone(), action.clone(), name.clone())));
            }
        }
        let texts: Vec<String> = specs.iter().map(ToString::to_string).collect();
        let files: Vec<(&str, &str)> =
            ["peer.ioa.toml", "mate.ioa.toml"].into_iter().zip(texts.iter().map(String::as_str)).collect();
        let Ok(reads) = read_together(&files) else { continue };
        if Suite::new(reads.iter().map(|it| it.table.clone()).collect()).is_err() {
            continue;
        }
        let member = |(read, text): (Read, String)| Member {
            file: "drawn.ioa.toml".to_owned(),
            text,
            table: read.table,
            warnings: Vec::new(),
            is_proved: true,
        };
        return Group { members: reads.into_iter().zip(texts).map(member).collect() };
    }
}
