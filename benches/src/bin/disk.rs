//! Prints what a durable append of 512 bytes costs in a folder: `disk [FOLDER]`, by default the one for temporary files.
//!
//! Times are by the wall, for they are the disk's; the columns take turns, so that a disk that slows down slows all of them.
#![expect(clippy::print_stdout, reason = "a program that prints figures")]

use antfarm_benches::{Appends, appends, bare};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

const TURNS: u64 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("antfarm-disk-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let mut rows: Vec<(String, u64, Vec<Appends>)> = vec![("bare file, one at a time".into(), 1, Vec::new())];
    for at_once in [1, 16, 64, 256] {
        rows.push((format!("files, {at_once} at once"), at_once, Vec::new()));
    }
    for turn in 0..=TURNS {
        for (nth, (_, at_once, taken)) in rows.iter_mut().enumerate() {
            let appends = if nth == 0 { bare(&folder, 400)? } else { appends(&folder, *at_once, 400)? };
            // The first turn warms up: it makes the journal.
            if turn > 0 {
                taken.push(appends);
            }
        }
    }
    std::fs::remove_dir_all(&folder)?;
    println!(
        "{:<26} {:>10} {:>10} {:>10} {:>14} {:>14}",
        "", "median us", "p99 us", "appends/s", "syncs/append", "CPU us/append"
    );
    for (name, at_once, taken) in rows {
        let mut rounds: Vec<Duration> = taken.iter().flat_map(|it| it.rounds.iter().copied()).collect();
        rounds.sort_unstable();
        let micros = |at: usize| rounds[at].as_secs_f64() * 1e6;
        let count = (rounds.len() as u64 * at_once) as f64;
        let wall: f64 = rounds.iter().map(Duration::as_secs_f64).sum();
        let cpu: f64 = taken.iter().map(|it| it.cpu.as_secs_f64()).sum();
        let syncs: u64 = taken.iter().map(|it| it.counts.syncs).sum();
        let (median, late) = (micros(rounds.len() / 2), micros(rounds.len() * 99 / 100));
        let (rate, per, each) = (count / wall, syncs as f64 / count, cpu * 1e6 / count);
        println!("{name:<26} {median:>10.0} {late:>10.0} {rate:>10.0} {per:>14.3} {each:>14.1}");
    }
    Ok(())
}
