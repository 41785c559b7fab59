//! README's test is a test here.

use std::path::Path;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    std::fs::read_to_string(path).expect("README.md is at the root")
}

/// The first block of README that is fenced as `language`.
fn block(language: &str) -> String {
    let text = readme();
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("README has such a block");
    rest.split_once("```").expect("a block ends").0.to_owned()
}

#[test]
fn the_test_in_readme_is_the_test_below() {
    let below = include_str!("readme/example.rs");
    assert!(below.ends_with(&block("rust")), "copy the block of README.md to {}", "sim/cli/tests/it/readme/example.rs");
}

mod example;
