//! The files of `specs`: they are read strictly, their twins are refuted where they say.

use crate::explore::{Refuted, explore};
use antfarm_automata::{Table, Value};
use antfarm_automata_reader::{Read, read, read_together};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../specs")
}

/// Names and texts of the specs in a folder, in order.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    let paths = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path());
    let specs = paths.filter(|path| path.to_string_lossy().ends_with(".ioa.toml"));
    specs
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read_to_string(&path).expect("text")))
        .collect()
}

fn table(name: &str) -> Table {
    let text = &files(&folder())[name];
    read(name, text)
        .unwrap_or_else(|troubles| panic!("{troubles:#}"))
        .strictly()
        .unwrap_or_else(|troubles| panic!("{troubles:#}"))
}

#[test]
fn each_shipped_spec_is_read_without_a_warning_and_beside_the_others() {
    let files = files(&folder());
    assert!(files.len() >= 11, "{:?}", files.keys());
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let reads = read_together(&pairs).unwrap_or_else(|troubles| panic!("{troubles:#}"));
    for Read { table, warnings, .. } in reads {
        assert_eq!(warnings, [], "{}", table.spec().entity);
        assert!(table.spec().broken.is_none());
        assert!(!table.spec().invariants.is_empty());
    }
}

#[test]
fn what_the_shipped_specs_say_holds_as_far_as_a_small_search_goes() {
    let together = ["publish", "plan", "sale", "seat", "till"];
    for name in files(&folder()).keys().filter(|name| !together.iter().any(|it| name.starts_with(it))) {
        let table = table(name);
        let found = explore(&[("e", &table)], 3000);
        assert_eq!(found.refuted, None, "{name}");
        let dead: Vec<&str> = table
            .spec()
            .actions
            .iter()
            .map(|it| it.name.as_str())
            .filter(|name| !found.taken.iter().any(|(_, it)| *it == *name))
            .collect();
        assert!(
            dead.iter().all(|name| table.spec().actions[table.action(name).unwrap()].mode == antfarm_automata::Mode::Output),
            "{name}: {dead:?}"
        );
    }
    let (page, review) = (table("publish_needs_review.ioa.toml"), table("review.ioa.toml"));
    let found = explore(&[("p", &page), ("r1", &review), ("r2", &review)], 20_000);
    assert_eq!((found.refuted, found.is_all), (None, true));
    let (plan, task) = (table("plan.ioa.toml"), table("task.ioa.toml"));
    let found = explore(&[("p", &plan), ("t", &task)], 20_000);
    assert_eq!(found.refuted, None);
    assert!(found.taken.contains(&("Plan".into(), "Complete".into())));
    let (sale, seat, till) = (table("sale.ioa.toml"), table("seat.ioa.toml"), table("till.ioa.toml"));
    let found = explore(&[("s", &seat), ("a", &sale), ("t", &till)], 20_000);
    assert_eq!(found.refuted, None);
}

#[test]
fn each_broken_twin_is_refuted_where_it_says() {
    let files = files(&folder().join("broken"));
    assert!(files.len() >= 12, "{:?}", files.keys());
    let review = table("review.ioa.toml");
    let mut checked = 0;
    for (name, text) in files {
        if text.contains("level = \"load\"") {
            let troubles = read(&name, &text).expect_err(&name).to_string();
            let said = text
                .lines()
                .find_map(|line| line.strip_prefix("property = \""))
                .expect("a property")
                .trim_end_matches('"')
                .to_owned();
            assert!(troubles.contains(&said), "{name}: {troubles}");
            continue;
        }
        let table = read(&name, &text)
            .unwrap_or_else(|troubles| panic!("{troubles:#}"))
            .strictly()
            .unwrap_or_else(|troubles| panic!("{troubles:#}"));
        let broken = table.spec().broken.clone().unwrap_or_else(|| panic!("{name} says by whom it is refuted"));
        let Some(steps) = broken.steps else {
            // A loop, or something that is never reached: nothing that a path shows.
            assert_eq!(explore(&[("e", &table)], 3000).refuted, None, "{name}");
            continue;
        };
        let alone = [("e", &table)];
        let beside = [("p", &table), ("r1", &review), ("r2", &review)];
        let found = explore(if broken.level == "composite" { &beside } else { &alone }, 20_000);
        assert_eq!(found.refuted, Some(Refuted { property: broken.property.to_string(), steps }), "{name}");
        checked += 1;
    }
    assert!(checked >= 10, "{checked}");
}

#[test]
fn a_created_order_is_a_draft_without_items() {
    let order = table("order.ioa.toml");
    let state = order.create(&[]).unwrap();
    assert_eq!(order.spec().states[state.status()], "Draft");
    assert_eq!(state.slots()[0], Value::Int(0));
}
