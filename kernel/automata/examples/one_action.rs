//! What one action costs, by hand: `cargo run --release -p antfarm-automata --example one_action`. The best of many rounds, so that other
//! load on the machine counts little.

#![expect(clippy::print_stdout, reason = "this is a tool")]

use antfarm_automata::{Action, Expr, Home, Mode, Param, Sites, parse, parse_effect};
use antfarm_automata::{Call, Kind, Nobody, Spec, Table, Value, Variable};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn action(
    name: &str,
    from: &str,
    to: Option<&str>,
    guard: &str,
    effects: &[&str],
    params: &[&str],
) -> Result<Action, Box<dyn Error>> {
    let effects = effects.iter().map(|it| parse_effect(it).map(|(effect, _)| effect)).collect::<Result<_, _>>()?;
    Ok(Action {
        name: name.into(),
        mode: Mode::Input,
        from: vec![from.into()],
        to: to.map(Into::into),
        guard: if guard.is_empty() { Expr::ALWAYS } else { parse(guard)?.0 },
        constraints: Vec::new(),
        effects,
        params: params.iter().map(|it| Param { name: (*it).into(), kind: None }).collect(),
        hint: None,
        triggers: Vec::new(),
        composite: None,
    })
}

fn order() -> Result<Table, Box<dyn Error>> {
    let variable = |name: &str, kind: Kind| Variable {
        name: name.into(),
        initial: kind.blank(),
        kind,
        given: false,
        ghost: false,
        implied: false,
        home: Home::Unstated,
        stored: Vec::new(),
    };
    let spec = Spec {
        entity: "Order".into(),
        states: ["Draft", "Submitted", "Confirmed"].map(Into::into).into(),
        initial: "Draft".into(),
        variables: vec![variable("items", Kind::Counter), variable("has_address", Kind::Bool), variable("note", Kind::Text)],
        actions: vec![
            action("AddItem", "Draft", None, "items < 1000000000", &["items += 1"], &[])?,
            action("AddItems", "Draft", None, "params.n > 0 && items + params.n < 1000000000", &["items += params.n"], &["n"])?,
            action("Submit", "Draft", Some("Submitted"), "items > 0 && has_address", &[], &[])?,
            action("Annotate", "Draft", None, "", &[], &["note"])?,
            action("Confirm", "Submitted", Some("Confirmed"), "", &[], &[])?,
        ],
        ..Spec::default()
    };
    Ok(Table::new(spec, &Sites::new()).map_err(|faults| faults[0].to_string())?.0)
}

/// The best of 200 rounds of 10,000, each.
fn best(mut work: impl FnMut()) -> f64 {
    const EACH: u32 = 10_000;
    let mut least = Duration::MAX;
    for _ in 0..200 {
        let begun = Instant::now();
        (0..EACH).for_each(|_| work());
        least = least.min(begun.elapsed());
    }
    least.as_secs_f64() * 1e9 / f64::from(EACH)
}

fn main() -> Result<(), Box<dyn Error>> {
    let table = order()?;
    let draft = table.state(0, vec![Value::Int(3), Value::Bool(true), Value::text("")]).ok_or("it is a state")?;
    let bare = table.state(0, vec![Value::Int(3), Value::Bool(false), Value::text("")]).ok_or("it is a state")?;
    let (three, note) = ([Value::Int(3)], [Value::text("by hand")]);
    let cases: [(&str, usize, &[Value], bool); 7] = [
        ("guard and one write", 0, &[], true),
        ("a parameter in guard and write", 1, &three, true),
        ("two conjuncts, another status", 2, &[], true),
        ("a parameter into its variable", 3, &note, true),
        ("a guard that fails", 2, &[], false),
        ("the wrong status", 4, &[], true),
        ("no such action", 9, &[], true),
    ];
    for (name, action, params, full) in cases {
        let state = if full { &draft } else { &bare };
        let nanos = best(|| {
            let _ = black_box(table.evaluate(black_box(state), black_box(Call::new(action, params)), &Nobody));
        });
        println!("{nanos:6.1} ns  {name}");
    }
    let mut state = draft.clone();
    let nanos = best(|| {
        if let Ok(transition) = table.evaluate(black_box(&state), Call::new(0, &[]), &Nobody) {
            transition.apply(&mut state);
        }
    });
    println!("{nanos:6.1} ns  guard and one write, applied in place");
    let nanos = best(|| {
        if let Ok(transition) = table.evaluate(black_box(&draft), Call::new(0, &[]), &Nobody) {
            black_box(transition.after(&draft));
        }
    });
    println!("{nanos:6.1} ns  guard and one write, as a new state");
    Ok(())
}
