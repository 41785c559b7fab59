//! Many seeds in one test: what `cargo test` users write instead of a loop.
//!
//! A seed that failed is written into a file beside the test, and tried first from then on. No harness of its own: it runs inside
//! any test function.
//!
//! | variable | says |
//! |---|---|
//! | `ANTFARM_SEED` | only this seed |
//! | `ANTFARM_SEEDS` | so many, whatever the test says |
//! | `ANTFARM_SECONDS` | as many as there is time for, one at least |

use std::any::type_name;
use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Runs `test` under `count` seeds, from 0 on, after those that failed before.
///
/// ```
/// # use antfarm_sim::doc::Echo;
/// use antfarm_machine::{PeerId, Span};
/// use antfarm_sim::{Simulation, seeds};
///
/// // In a test function:
/// seeds(20, |seed| {
///     let mut sim = Simulation::seeded(seed, [Echo::default(), Echo::default()]);
///     sim.ask(PeerId::new(0), PeerId::new(1));
///     sim.run_for(Span::from_secs(1));
///     assert_eq!(sim.machine(PeerId::new(1)).answered, 1);
/// });
/// ```
///
/// # Panics
///
/// When `test` does, with its own message, after the seed was written down: in `NAME.seeds`, beside the file `NAME.rs` of the
/// caller. When a variable of the environment is no number.
#[track_caller]
pub fn seeds(count: u64, test: impl Fn(u64)) {
    let name = test_name(&test);
    let beside = beside(Location::caller().file());
    let number =
        |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap_or_else(|_| not_a_number(name, &text)));
    let run = |seed: u64| run(seed, &test, name, beside.as_deref());
    if let Some(seed) = number("ANTFARM_SEED") {
        return run(seed);
    }
    let known = beside.as_deref().map(|path| failed_before(path, name)).unwrap_or_default();
    known.iter().for_each(|seed| run(*seed));
    match number("ANTFARM_SECONDS") {
        None => (0..number("ANTFARM_SEEDS").unwrap_or(count)).for_each(run),
        Some(seconds) => {
            let (begun, limit) = (now(), Duration::from_secs(seconds));
            let mut seed = 0;
            while seed == 0 || begun.elapsed() < limit {
                run(seed);
                seed += 1;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a test may take is no part of what it runs")]
fn now() -> Instant {
    Instant::now()
}

fn not_a_number(name: &str, text: &str) -> ! {
    panic!("`{name}` is `{text}`, and should be a number")
}

/// The path of the function that the closure stands in.
fn test_name<T>(_: &T) -> &'static str {
    let name = type_name::<T>();
    name.split_once("::{{closure}}").map_or(name, |(function, _)| function)
}

#[expect(clippy::print_stderr, reason = "a test says how to run it again where tests say things")]
fn run(seed: u64, test: &impl Fn(u64), name: &str, beside: Option<&Path>) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(|| test(seed))) else { return };
    let short = name.rsplit_once("::").map_or(name, |(_, short)| short);
    eprintln!("`{short}` fails under seed {seed}; again with: ANTFARM_SEED={seed} cargo test {short}");
    if let Some(path) = beside {
        match remember(path, name, seed) {
            Ok(()) => eprintln!("the seed is kept in {}, and tried first from now on", path.display()),
            Err(error) => eprintln!("the seed could not be kept in {}: {error}", path.display()),
        }
    }
    resume_unwind(payload)
}

/// The file beside a source file: found from where the package is, upwards, as compilers name sources from the workspace's root.
fn beside(source: &str) -> Option<PathBuf> {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    let found = package.ancestors().map(|folder| folder.join(source)).find(|path| path.is_file())?;
    Some(found.with_extension("seeds"))
}

fn failed_before(path: &Path, name: &str) -> Vec<u64> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(of, _)| *of == name)
        .filter_map(|(_, seed)| seed.parse().ok())
        .collect()
}

fn remember(path: &Path, name: &str, seed: u64) -> std::io::Result<()> {
    if failed_before(path, name).contains(&seed) {
        return Ok(());
    }
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{name} {seed}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn a_seed_that_failed_is_kept_and_tried_first() {
        let folder = std::env::temp_dir().join(format!("antfarm-seeds-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        let path = folder.join("it.seeds");
        let fails = |seed: u64| assert!(seed != 3, "three");
        let found = catch_unwind(AssertUnwindSafe(|| (0..9).for_each(|seed| run(seed, &fails, "here::fails", Some(&path)))));
        assert!(found.is_err(), "the test's own panic goes on");
        assert_eq!(failed_before(&path, "here::fails"), [3]);
        assert_eq!(failed_before(&path, "here::other"), [] as [u64; 0]);
        remember(&path, "here::fails", 3).expect("it is there already");
        remember(&path, "here::fails", 5).expect("room for a line");
        assert_eq!(failed_before(&path, "here::fails"), [3, 5]);
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn a_test_runs_under_each_seed_once_and_is_called_by_its_function() {
        let seen = RefCell::new(Vec::new());
        let test = |seed| seen.borrow_mut().push(seed);
        assert!(test_name(&test).ends_with("seeds::tests::a_test_runs_under_each_seed_once_and_is_called_by_its_function"));
        seeds(4, test);
        assert_eq!(seen.into_inner(), [0, 1, 2, 3]);
    }

    #[test]
    fn the_file_stands_beside_the_test() {
        let path = beside(file!()).expect("this very file");
        assert!(path.ends_with("sim/src/seeds.seeds"), "{}", path.display());
    }
}
