//! Landlock: what a command may read and write.
//!
//! What it does not guard, and the filter of system calls denies therefore: changing modes, owners and extended attributes.

use super::wire::{Layer, Spec};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};
use std::path::Path;

/// The oldest version that guards all writing: older ones let files be emptied.
const NEEDED: ABI = ABI::V3;

/// The newest one that was looked at.
const WANTED: ABI = ABI::V6;

/// What every program may expect: devices without memory.
const DEVICES: [(&str, bool); 4] = [("/dev/null", true), ("/dev/zero", false), ("/dev/random", false), ("/dev/urandom", false)];

/// Why it does not hold.
pub(super) enum Unheld {
    /// The machine does not have it.
    Layer(String),
    /// A path of the manifest is not there.
    Path(String),
}

/// Restricts this process and all that come from it.
pub(super) fn restrict(spec: &Spec) -> Result<(), Unheld> {
    let failed = |error: &dyn std::fmt::Display| Unheld::Layer(error.to_string());
    // What the command may write it may not execute.
    let written = AccessFs::from_all(WANTED) & !AccessFs::Execute & !AccessFs::MakeChar & !AccessFs::MakeBlock;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))
        .map_err(|error| failed(&error))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(WANTED)))
        .and_then(|rules| rules.scope(Scope::from_all(WANTED)))
        .and_then(Ruleset::create)
        .map_err(|error| failed(&error))?;
    for path in &spec.read {
        rules = allow(rules, path, AccessFs::from_read(WANTED))?;
    }
    for path in spec.write.iter().chain([&spec.folder]) {
        rules = allow(rules, path, written)?;
    }
    for (device, writable) in DEVICES.into_iter().filter(|(device, _)| Path::new(device).exists()) {
        let access = if writable { AccessFs::ReadFile | AccessFs::WriteFile } else { AccessFs::ReadFile.into() };
        rules = allow(rules, device, access)?;
    }
    let status = rules.restrict_self().map_err(|error| failed(&error))?;
    match status.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
        RulesetStatus::NotEnforced => Err(Unheld::Layer(format!("{} is not there", Layer::Files))),
    }
}

fn allow(rules: RulesetCreated, path: &str, access: BitFlags<AccessFs>) -> Result<RulesetCreated, Unheld> {
    let unheld = |error: &dyn std::fmt::Display| Unheld::Path(format!("`{path}` of the manifest: {error}"));
    let file = PathFd::new(path).map_err(|error| unheld(&error))?;
    let access = if Path::new(path).is_dir() { access } else { access & AccessFs::from_file(WANTED) };
    rules.add_rule(PathBeneath::new(file, access)).map_err(|error| unheld(&error))
}
