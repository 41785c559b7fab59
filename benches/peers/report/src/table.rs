//! From samples to a table: one block for each work, the fastest tool first.

use peer_measure::Sample;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Renders a Markdown table of medians.
///
/// # Errors
///
/// If there is no sample, or if two runs of one tool on one work differ in simulated time: then that tool was not
/// deterministic, or did not do the same work twice, and its figures compare nothing.
pub(crate) fn render(samples: &[Sample]) -> Result<String, String> {
    let mut works: BTreeMap<(&str, u32, u64), BTreeMap<&str, Vec<&Sample>>> = BTreeMap::new();
    for sample in samples {
        let tools = works.entry((&sample.work, sample.nodes, sample.count)).or_default();
        tools.entry(&sample.tool).or_default().push(sample);
    }
    if works.is_empty() {
        return Err("nothing was measured".to_owned());
    }
    let mut text = String::from(
        "| work | nodes | count | tool | per CPU-second (range) | slower than the first | CPU s | wall s | simulated s | runs |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for ((work, nodes, count), tools) in works {
        let mut rows = tools.into_iter().map(|(tool, runs)| Row::of(tool, &runs)).collect::<Result<Vec<_>, _>>()?;
        rows.sort_by(|a, b| b.rate.total_cmp(&a.rate));
        let best = rows.first().map_or(f64::NAN, |row| row.rate);
        for row in rows {
            let simulated = row.simulated.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1}"));
            writeln!(
                text,
                "| {work} | {nodes} | {} | {} | {} ({} to {}) | {:.1}x | {:.3} | {:.3} | {simulated} | {} |",
                grouped(count),
                row.tool,
                thousands(row.rate),
                thousands(row.lowest),
                thousands(row.highest),
                best / row.rate,
                row.cpu,
                row.wall,
                row.runs,
            )
            .expect("a string takes every write");
        }
    }
    Ok(text)
}

struct Row<'a> {
    tool: &'a str,
    rate: f64,
    lowest: f64,
    highest: f64,
    cpu: f64,
    wall: f64,
    simulated: Option<f64>,
    runs: usize,
}

impl<'a> Row<'a> {
    fn of(tool: &'a str, runs: &[&Sample]) -> Result<Self, String> {
        let sorted = |of: fn(&Sample) -> f64| {
            let mut values: Vec<_> = runs.iter().map(|run| of(run)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let simulated = runs[0].simulated_s;
        if let Some(other) = runs.iter().find(|run| run.simulated_s != simulated) {
            let (first, other) = (simulated.unwrap_or(f64::NAN), other.simulated_s.unwrap_or(f64::NAN));
            return Err(format!("`{tool}` simulated {first} s in one run and {other} s in another, with one seed"));
        }
        let rates = sorted(|run| run.per_cpu_s);
        Ok(Self {
            tool,
            rate: median(&rates),
            lowest: rates[0],
            highest: rates[rates.len() - 1],
            cpu: median(&sorted(|run| run.cpu_s)),
            wall: median(&sorted(|run| run.wall_s)),
            simulated,
            runs: runs.len(),
        })
    }
}

/// Of values in order; the mean of the middle two if their number is even.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// Whole thousands, grouped: more digits than that no machine repeats.
fn thousands(rate: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "rates are positive and far below 2^53")]
    let rounded = (rate / 1_000.0).round() as u64 * 1_000;
    grouped(rounded)
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn sample(tool: &str, cpu_ms: u64, simulated_s: u64) -> Sample {
        let cpu = Duration::from_millis(cpu_ms);
        Sample::new(tool, "echo", 10, 200_000, cpu, 2 * cpu, Some(Duration::from_secs(simulated_s)))
    }

    #[test]
    fn the_fastest_tool_leads_with_its_median() {
        let samples: Vec<_> = [("slow", 2_000), ("fast", 100), ("slow", 1_000), ("fast", 200), ("slow", 4_000), ("fast", 800)]
            .map(|(tool, cpu)| sample(tool, cpu, 5))
            .into();
        let table = render(&samples).expect("consistent");
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| echo | 10 | 200,000 | fast | 1,000,000 (250,000 to 2,000,000) | 1.0x | 0.200 | 0.400 | 5.0 | 3 |",
                "| echo | 10 | 200,000 | slow | 100,000 (50,000 to 200,000) | 10.0x | 2.000 | 4.000 | 5.0 | 3 |",
            ]
        );
    }

    #[test]
    fn a_tool_that_repeats_itself_differently_is_refused() {
        let refusal = render(&[sample("fickle", 100, 5), sample("fickle", 100, 6)]).expect_err("differs");
        assert!(refusal.contains("`fickle` simulated 5 s in one run and 6 s in another"), "{refusal}");
    }

    #[test]
    fn no_samples_make_no_table() {
        assert_eq!(render(&[]), Err("nothing was measured".to_owned()));
    }
}
