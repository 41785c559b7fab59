//! The examples of `specs/README.md` are specs.

use crate::shipped::folder;
use antfarm_automata::Kind;
use antfarm_automata_reader::read;
use std::fs;

/// What stands in blocks that are fenced as `toml`, each behind the heading that it is under.
fn examples() -> Vec<(String, String)> {
    let text = fs::read_to_string(folder().join("README.md")).expect("it is there");
    let (mut found, mut heading, mut block) = (Vec::new(), String::new(), None::<String>);
    for line in text.lines() {
        match (&mut block, line) {
            (None, "```toml") => block = Some(String::new()),
            (Some(_), "```") => found.extend(block.take().map(|text| (heading.clone(), text))),
            (Some(text), line) => *text += &format!("{line}\n"),
            (None, line) if line.starts_with('#') => heading = line.trim_start_matches('#').trim().to_owned(),
            (None, _) => {}
        }
    }
    found
}

#[test]
fn each_example_is_read_without_a_warning() {
    let examples = examples();
    assert!(examples.len() >= 9, "{examples:#?}");
    for (heading, text) in examples {
        read(&heading, &text)
            .unwrap_or_else(|troubles| panic!("{troubles:#}"))
            .strictly()
            .unwrap_or_else(|troubles| panic!("{troubles:#}"));
    }
}

#[test]
fn the_examples_show_every_kind_of_variable() {
    let kinds: Vec<Kind> = examples()
        .iter()
        .flat_map(|(heading, text)| read(heading, text).expect("it is read").table.spec().variables.clone())
        .map(|it| it.kind)
        .collect();
    for word in ["bool", "counter", "int", "money", "duration", "string", "ref", "list", "set", "property"] {
        assert!(kinds.iter().any(|kind| kind.word() == word), "no example has a `{word}`");
    }
}

#[test]
fn the_grammar_in_the_document_is_that_of_the_parser() {
    let document = fs::read_to_string(folder().join("README.md")).expect("it is there");
    let sources = ["../src/parse.rs", "../src/effect.rs"]
        .map(|file| fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect("it is there"));
    for source in sources {
        let rules = source.lines().skip_while(|line| *line != "//! ```text").skip(1).take_while(|line| *line != "//! ```");
        for rule in rules.map(|line| line.trim_start_matches("//!").trim()) {
            assert!(document.contains(rule), "specs/README.md lacks `{rule}`");
        }
    }
}
