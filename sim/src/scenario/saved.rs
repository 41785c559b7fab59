//! Saved failures: a scenario file that remembers how it failed.

use crate::scenario::head::Scenario;
use crate::scenario::print::quoted;
use crate::scenario::report::Violated;
use antfarm_strict::duration_text;

/// The text of a scenario with what failed under `seed` as its table `failure`.
pub(super) fn saved_text(scenario: &Scenario, seed: u64, digest: u64, violated: &Violated) -> String {
    let number = i64::try_from(seed).map_or_else(|_| quoted(&seed.to_string()), |seed| seed.to_string());
    let at = duration_text(i64::try_from(violated.at.0).unwrap_or(i64::MAX));
    format!(
        "{}\n\n[failure]\nseed = {number}\nproperty = {}\nevent = {}\nat = \"{at}\"\ndigest = \"{digest:016x}\"\n",
        scenario.text_without_failure().trim_end(),
        quoted(&violated.property),
        violated.event,
    )
}
