//! The cookbook, `scenarios/README.md`: every scenario in it runs, and its text is true of the run.

use antfarm_sim::Recorder;
use antfarm_sim::scenario::{Bounds, Conclusion, Registry, Staged, Tally};
use antfarm_template::Skeletons;
use std::path::Path;

const FILE: &str = "scenarios/README.md";

/// How many seeds of each recipe are run.
const SEEDS: u64 = 2;

struct Recipe {
    title: String,
    /// What is not in a block.
    prose: String,
    /// Below as many empty lines as stand above it in the cookbook: what is wrong with it is found in its line there.
    scenario: String,
    scenarios: usize,
    commands: usize,
}

impl Recipe {
    fn stage(&self) -> Box<dyn Staged> {
        let registry: Registry = antfarm_cli::registry().with(Skeletons);
        registry.read(FILE, &self.scenario).unwrap_or_else(|troubles| panic!("{}: {troubles}", self.title))
    }

    /// What the text says in back-ticks with a dot in it: marks, and families of faults.
    fn promises(&self) -> impl Iterator<Item = &str> {
        let words = self.prose.split('`').skip(1).step_by(2);
        let is_name = |word: &&str| word.chars().all(|it| it.is_ascii_lowercase() || matches!(it, '.' | '_' | '-'));
        words.filter(|word| word.contains('.') && !word.ends_with(".toml")).filter(is_name)
    }
}

fn recipes() -> Vec<Recipe> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE);
    let text = std::fs::read_to_string(path).expect("the cookbook is there");
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut fence = None;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(title) = line.strip_prefix("## ") {
            let (title, prose, scenario) = (title.to_owned(), String::new(), String::new());
            recipes.push(Recipe { title, prose, scenario, scenarios: 0, commands: 0 });
        }
        let Some(recipe) = recipes.last_mut() else { continue };
        match (fence, line) {
            (None, "```toml") => {
                recipe.scenarios += 1;
                recipe.scenario = "\n".repeat(number);
                fence = Some(line);
            }
            (None, "```sh") => {
                recipe.commands += 1;
                fence = Some(line);
            }
            (Some(_), "```") => fence = None,
            (Some("```toml"), row) => recipe.scenario.extend([row, "\n"]),
            (Some(_), _) => {}
            (None, _) => recipe.prose.extend([line, "\n"]),
        }
    }
    recipes
}

#[test]
fn a_recipe_is_one_short_scenario_and_one_command() {
    let recipes = recipes();
    assert_eq!(recipes.len(), 10);
    for Recipe { title, scenario, scenarios, commands, .. } in recipes {
        assert_eq!((scenarios, commands), (1, 1), "{title}");
        let lines = scenario.lines().filter(|line| !line.is_empty()).count();
        assert!((8..=20).contains(&lines), "{title}: {lines} lines");
    }
}

#[test]
fn every_recipe_runs_and_does_what_its_text_says() {
    for recipe in recipes() {
        let title = &recipe.title;
        let stage = recipe.stage();
        let mut tally = Tally::default();
        for seed in 0..SEEDS {
            let report = stage.run(seed, Recorder::Off);
            assert!(report.ok(), "{title}, seed {seed}: {:?}", report.violation);
            tally.add(&report);
        }
        assert_eq!(tally.conclude(), Conclusion::Held, "{title}");
        for promise in recipe.promises() {
            let fired = tally.faults.iter().any(|(family, count)| family.header().name == promise && count.fired > 0);
            assert!(fired || tally.reached.contains_key(promise), "{title}: `{promise}` did not happen");
        }
    }
}

#[test]
fn the_small_world_of_the_cookbook_is_searched_to_its_end() {
    let recipe = recipes().into_iter().find(|recipe| recipe.title.starts_with("Every order")).expect("it is in the cookbook");
    let found = recipe.stage().check(Bounds { states: 1 << 20, threads: 1 }).expect("colonies say how they are searched");
    assert!(found.complete && found.violations.is_empty(), "{found:?}");
}
