//! Who may depend on whom: layers, and external crates one by one.

use super::{files, read, report};
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::{Table, Value};

/// A package: its rank (it sees only lower ranks; the tens are DESIGN's layers) and the external crates that it may use,
/// in its library and in its tests.
struct Rule {
    rank: u32,
    uses: &'static [&'static str],
    tests: &'static [&'static str],
}

const fn rule(rank: u32, uses: &'static [&'static str], tests: &'static [&'static str]) -> Rule {
    Rule { rank, uses, tests }
}

/// Every package of the workspace.
fn rules() -> BTreeMap<&'static str, Rule> {
    BTreeMap::from([
        ("antfarm-machine", rule(0, &[], &[])),
        ("antfarm-identity-derive", rule(10, &["proc-macro2", "quote", "syn"], &[])),
        ("antfarm-identity", rule(11, &["blake3", "ed25519-dalek"], &["borsh", "proptest"])),
        ("antfarm-strict", rule(10, &["toml", "toml_parser"], &[])),
        ("antfarm-conformance", rule(12, &[], &["proptest"])),
        ("antfarm-recording", rule(20, &[], &[])),
        ("antfarm-ledger", rule(20, &[], &["proptest"])),
        ("antfarm-automata", rule(20, &[], &["proptest"])),
        ("antfarm-automata-reader", rule(21, &[], &["proptest"])),
        ("antfarm-authority", rule(30, &[], &["proptest"])),
        ("antfarm-node", rule(40, &[], &["proptest"])),
        ("antfarm-files", rule(60, &["rustix"], &[])),
        (
            "antfarm-executors",
            rule(
                60,
                &[
                    "http-body-util",
                    "hyper",
                    "hyper-util",
                    "landlock",
                    "nix",
                    "seccompiler",
                    "serde_json",
                    "tokio",
                    "tokio-rustls",
                    "webpki-roots",
                ],
                &["rcgen", "tempfile"],
            ),
        ),
        ("antfarm-host", rule(60, &["rustix", "tokio", "tracing"], &["rustix", "tokio"])),
        (
            "antfarm-network",
            rule(60, &["rustls", "tokio", "tokio-rustls", "tracing"], &["rustls", "tokio", "tokio-rustls", "tracing"]),
        ),
        ("antfarm-daemon", rule(61, &["clap", "getrandom", "rustix", "tokio", "tracing", "tracing-subscriber", "zeroize"], &[])),
        (
            "antfarm-sim",
            rule(60, &["blake3", "proptest", "rand_chacha", "serde_json", "stateright", "tracing"], &["insta", "proptest"]),
        ),
        ("antfarm-raft", rule(61, &["stateright"], &["proptest"])),
        ("antfarm-keeper", rule(61, &[], &["proptest"])),
        ("antfarm-colony", rule(62, &[], &[])),
        ("antfarm-specs", rule(63, &["proptest", "serde_json"], &["toml"])),
        ("antfarm-smt", rule(64, &["z3"], &[])),
        ("antfarm-cli", rule(64, &["clap", "ctrlc", "indicatif", "libtest-mimic", "serde_json"], &["insta", "toml"])),
        ("antfarm-adapter-template", rule(61, &[], &[])),
        ("antfarm-template", rule(65, &[], &[])),
        ("antfarm-benches", rule(70, &["criterion", "stateright"], &[])),
        ("antfarm-fuzz", rule(70, &["rustls", "tokio"], &[])),
    ])
}

/// What a generic simulator may know of the kernel.
const SIM_SEES: &[&str] = &["antfarm-machine", "antfarm-identity", "antfarm-strict"];

/// Workspaces of their own: what compares us with others, what needs a fuzzer's toolchain, and what is compiled under madsim's flag.
const APART: &[&str] = &["benches/peers", "fuzz/libfuzzer", "kernel/adapters/host/madsim"];

struct Manifest {
    path: PathBuf,
    text: String,
    table: Table,
}

fn manifests() -> BTreeMap<String, Manifest> {
    let ours = files().into_iter().filter(|path| path.ends_with("Cargo.toml") && !APART.iter().any(|it| path.starts_with(it)));
    let mut found = BTreeMap::new();
    for path in ours {
        let text = read(&path);
        let table: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if let Some(name) = table.get("package").and_then(|it| it.get("name")).and_then(Value::as_str) {
            found.insert(name.to_owned(), Manifest { path, text, table });
        }
    }
    found
}

fn names(manifest: &Manifest, section: &str) -> Vec<String> {
    manifest.table.get(section).and_then(Value::as_table).map(|it| it.keys().cloned().collect()).unwrap_or_default()
}

fn is_ours(name: &str) -> bool {
    name.starts_with("antfarm-")
}

#[test]
fn a_crate_sees_only_crates_of_lower_layers() {
    let rules = rules();
    let mut wrong = Vec::new();
    for (name, manifest) in manifests() {
        let Some(rule) = rules.get(name.as_str()) else {
            wrong.push(format!("`{name}` has no rule; give it a layer in {}", file!()));
            continue;
        };
        for seen in names(&manifest, "dependencies").into_iter().filter(|it| is_ours(it)) {
            if rules.get(seen.as_str()).is_none_or(|other| other.rank >= rule.rank) {
                wrong.push(format!("`{name}` must not depend on `{seen}`, which lies no lower"));
            }
            if name == "antfarm-sim" && !SIM_SEES.contains(&seen.as_str()) {
                wrong.push(format!("the simulator knows nothing of `{seen}`"));
            }
        }
    }
    report(wrong);
}

#[test]
fn every_external_dependency_is_on_the_list_of_its_crate() {
    let rules = rules();
    let mut wrong = Vec::new();
    for (name, manifest) in manifests() {
        let Some(rule) = rules.get(name.as_str()) else { continue };
        for (section, allowed) in [("dependencies", rule.uses), ("dev-dependencies", rule.tests), ("build-dependencies", &[])] {
            for seen in names(&manifest, section).into_iter().filter(|it| !is_ours(it)) {
                if !allowed.contains(&seen.as_str()) {
                    wrong.push(format!("{}: `{seen}` is not on the list of [{section}]", manifest.path.display()));
                }
            }
        }
    }
    report(wrong);
}

#[test]
fn every_external_dependency_says_why() {
    let mut wrong = Vec::new();
    for manifest in manifests().into_values() {
        let mut why = false;
        let mut within = false;
        for line in manifest.text.lines() {
            if line.starts_with('[') {
                (within, why) = (line.contains("dependencies"), false);
            } else if line.trim().is_empty() {
                why = false;
            } else if line.starts_with('#') {
                why = true;
            } else if let Some(name) = line.split(['=', '.', ' ']).next().filter(|it| within && !it.is_empty())
                && !why
                && !is_ours(name)
            {
                wrong.push(format!("{}: nothing above `{name}` says why it is needed", manifest.path.display()));
            }
        }
    }
    report(wrong);
}

#[test]
fn what_decides_is_built_without_the_standard_library() {
    let pure = [
        "kernel/machine",
        "kernel/identity",
        "kernel/recording",
        "kernel/ledger",
        "kernel/automata",
        "kernel/authority",
        "kernel/node",
    ];
    let has_std = |folder: &&&str| !read(&PathBuf::from(**folder).join("src/lib.rs")).contains("#![no_std]");
    report(pure.iter().filter(has_std).map(|folder| format!("{folder}/src/lib.rs lacks `#![no_std]`")).collect());
}
