//! `antfarm new`: skeletons that compile, pass, and are there to be changed.
//!
//! The skeletons of a machine and of an adapter are members of this workspace, so whatever breaks them breaks our own build. Their words
//! `Skeleton`, `skeleton`, `antfarm_template` and `antfarm_adapter_template` give way to the name that the user chose.

use crate::args::{Kind, New};
use crate::bad_input::BadInput;
use crate::console::say;
use crate::exit::Exit;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a machine's crate.
const MACHINE: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../../template/machine.toml")),
    ("src/lib.rs", include_str!("../../template/machine/src/lib.rs")),
    ("src/subject.rs", include_str!("../../template/machine/src/subject.rs")),
    ("src/main.rs", include_str!("../../template/machine/src/main.rs")),
    ("tests/scenarios.rs", include_str!("../../template/machine/tests/scenarios.rs")),
    ("scenarios/first.toml", include_str!("../../template/machine/scenarios/first.toml")),
];

/// The files of an adapter's crate.
const ADAPTER: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../../template/adapter.toml")),
    ("src/lib.rs", include_str!("../../template/adapter/src/lib.rs")),
    ("src/storage.rs", include_str!("../../template/adapter/src/storage.rs")),
    ("src/network.rs", include_str!("../../template/adapter/src/network.rs")),
    ("src/clock.rs", include_str!("../../template/adapter/src/clock.rs")),
    ("tests/it/main.rs", include_str!("../../template/adapter/tests/it/main.rs")),
    ("tests/it/rigs.rs", include_str!("../../template/adapter/tests/it/rigs.rs")),
];

const SCENARIO: &str = include_str!("../../template/scenario.toml");

const SPEC: &str = include_str!("../../template/spec.ioa.toml");

pub(crate) fn run(args: &New) -> Result<Exit, BadInput> {
    match args.kind {
        Kind::Scenario => {
            let path = args.path.with_extension("toml");
            write_new(&path, SCENARIO)?;
            say(format_args!("wrote {}; try `antfarm run {}`", path.display(), path.display()));
        }
        Kind::Spec => {
            let name = name(&args.path)?;
            let path = args.path.with_file_name(format!("{name}.ioa.toml"));
            write_new(&path, &christen(SPEC, name))?;
            say(format_args!("wrote {}; try `antfarm prove {}`", path.display(), path.display()));
        }
        Kind::Machine => {
            let path = write_crate(args, MACHINE)?;
            say(format_args!("wrote the crate `{path}`; try `cd {path} && cargo test && cargo run -- run scenarios`"));
        }
        Kind::Adapter => {
            let path = write_crate(args, ADAPTER)?;
            say(format_args!("wrote the crate `{path}`; `cd {path} && cargo test` says what is to be filled in"));
        }
    }
    Ok(Exit::Held)
}

/// Writes a crate that is not there yet; where it is.
fn write_crate(args: &New, files: &[(&str, &str)]) -> Result<String, BadInput> {
    let name = name(&args.path)?;
    if args.path.exists() {
        return Err(BadInput::Exists(args.path.clone()));
    }
    for (file, text) in files {
        write_new(&args.path.join(file), &christen(text, name))?;
    }
    Ok(args.path.display().to_string())
}

/// The last part of a path, when it can name a crate: lower-case letters, digits and `_`, a letter first.
fn name(path: &Path) -> Result<&str, BadInput> {
    let fits = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
    };
    path.file_name().and_then(|name| name.to_str()).filter(fits).ok_or_else(|| BadInput::Name(path.to_owned()))
}

fn christen(text: &str, name: &str) -> String {
    let camel: String = name.split('_').map(capital).collect();
    // Where this tool was built from; a published tool would name versions instead.
    let antfarm = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).display().to_string();
    text.replace("antfarm_adapter_template", name)
        .replace("antfarm_template", name)
        .replace("Skeleton", &camel)
        .replace("skeleton", name)
        .replace("{name}", name)
        .replace("{antfarm}", &antfarm)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// Writes a file that must not be there yet, and the folders above it.
fn write_new(path: &Path, text: &str) -> Result<(), BadInput> {
    let failed = |error| BadInput::Unwritable(PathBuf::from(path), error);
    if path.exists() {
        return Err(BadInput::Exists(path.to_owned()));
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_crate() {
        assert_eq!(name(Path::new("/tmp/ping_pong")).ok(), Some("ping_pong"));
        for bad in ["", "..", "Ping", "ping-pong", "1ping", "p\u{fc}ng"] {
            assert!(name(Path::new(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_of_the_template_is_left_in_what_it_writes() {
        for (file, text) in MACHINE.iter().chain(ADAPTER) {
            let text = christen(text, "ping_pong");
            assert!(
                !text.to_lowercase().contains("skeleton") && !text.contains("template") && !text.contains("{name}"),
                "{file}"
            );
        }
        assert!(christen(MACHINE[1].1, "ping_pong").contains("struct PingPong"));
    }
}
