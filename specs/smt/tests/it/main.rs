//! Proofs, with the solver.

mod cascade;
mod crossed;
mod differential;
#[path = "../../../tests/it/drawn.rs"]
mod drawn;
mod holes;
mod homes;
mod odd;
mod planted;
mod shipped;
mod solver;
mod speed;

use antfarm_automata::Table;
use antfarm_automata_reader::read;
use antfarm_specs::Verdict;
use antfarm_specs::smt::{Failed, Limits, Planted, Proof, Solver, prove_with};
use std::fs;
use std::path::{Path, PathBuf};

/// The program that was built beside these tests.
fn running() -> Solver {
    Solver::start(Path::new(env!("CARGO_BIN_EXE_antfarm-smt")), 10_000).expect("it was built beside this test")
}

fn folder(name: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies below `specs`").join(name);
    let entries = fs::read_dir(dir).expect("the folder can be read");
    let mut found: Vec<PathBuf> = entries.map(|it| it.expect("an entry can be read").path()).collect();
    found.retain(|path| path.to_string_lossy().ends_with(".ioa.toml"));
    found.sort();
    found
}

fn load(path: &Path) -> Option<Table> {
    let text = fs::read_to_string(path).expect("a spec can be read");
    read(&path.to_string_lossy(), &text).ok().map(|it| it.table)
}

fn spec(text: &str) -> Table {
    read("test.ioa.toml", text).expect("it is well-formed").table
}

fn judge(table: &Table, others: &[Table], planted: Option<Planted>) -> Result<Proof, Failed> {
    let others = others.iter().filter(|it| it.spec().entity != table.spec().entity);
    let tables: Vec<&Table> = others.chain([table]).collect();
    prove_with(table, &tables, "test", &mut running(), Limits::default(), planted)
}

fn verdict(proof: &Proof, name: &str) -> Verdict {
    let judged = proof.finding.judged.iter().find(|it| it.property.name == name);
    judged.unwrap_or_else(|| panic!("nothing is said of `{name}`")).verdict.clone()
}
