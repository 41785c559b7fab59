//! The committed corpus, file by file.

use antfarm_fuzz::{Met, TARGETS, Target, seeds};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The files of a target's corpus by name.
pub(crate) fn corpus(target: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files = entries.map(|entry| {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        (name, fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    });
    files.collect()
}

/// Runs a target; when a guarantee breaks, names the input too.
pub(crate) fn run(name: &str, target: Target, input: &[u8]) -> Met {
    match catch_unwind(AssertUnwindSafe(|| target(input))) {
        Ok(met) => met,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map_or("a panic without words", String::as_str);
            panic!("{name}: {words}\ninput: {}", hex(input))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_input_of_the_corpus_keeps_every_guarantee_and_is_met_alike_twice() {
    for (target, function) in TARGETS {
        for (name, input) in corpus(target) {
            let name = format!("{target}/{name}");
            assert_eq!(run(&name, function, &input), run(&name, function, &input), "{name}");
        }
    }
}

/// Formats change, and a corpus that is only turned away tests the door. What libFuzzer kept reaches further into refusals, too.
#[test]
fn much_of_each_corpus_is_taken() {
    for (target, function) in TARGETS {
        let files = corpus(target);
        let ours: Vec<&Vec<u8>> = files.iter().filter(|(name, _)| !name.starts_with("kept-")).map(|(_, input)| input).collect();
        let taken = ours.iter().filter(|input| function(input) == Met::Taken).count();
        assert!(taken * 2 >= ours.len(), "`{target}`: {taken} of {} inputs are taken", ours.len());
        assert!(files.values().all(|input| input.len() < 4096), "`{target}`: a small corpus of small files");
        assert!((10..=200).contains(&files.len()), "`{target}`: {} files", files.len());
    }
}

#[test]
fn the_corpus_holds_what_its_generator_writes() {
    for (target, _) in TARGETS {
        let files = corpus(target);
        let stale = seeds(target).into_iter().filter(|(name, bytes)| files.get(name) != Some(bytes));
        let stale: Vec<String> = stale.map(|(name, _)| name).collect();
        assert!(stale.is_empty(), "`{target}`: {stale:?} are stale; run `cargo run -p antfarm-fuzz --bin seeds`");
    }
}
