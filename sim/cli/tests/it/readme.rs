//! README's tests are tests: one here, one in the documentation of its crate.

use std::path::Path;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    std::fs::read_to_string(path).expect("README.md is at the root")
}

/// The block of README that is fenced as `language` and comes after `before` others.
fn block(language: &str, before: usize) -> String {
    let text = readme();
    let rest = text.split(&format!("```{language}\n")).nth(before + 1).expect("README has such a block");
    rest.split_once("```").expect("a block ends").0.to_owned()
}

#[test]
fn the_test_in_readme_is_the_test_below() {
    let below = include_str!("readme/example.rs");
    assert!(below.ends_with(&block("rust", 0)), "copy the block of README.md to {}", "sim/cli/tests/it/readme/example.rs");
}

#[test]
fn the_colony_in_readme_is_the_example_of_its_crate() {
    let front = include_str!("../../../colony/src/lib.rs");
    let told: String = front.lines().filter_map(|line| line.strip_prefix("//! ")).flat_map(|line| [line, "\n"]).collect();
    assert!(told.contains(&block("rust", 1)), "copy the block of README.md to {}", "sim/colony/src/lib.rs");
}

mod example;
