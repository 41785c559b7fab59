//! The table `command` of a manifest.

use super::{Command, Input};
use crate::sandbox::Limits;
use crate::secrets::is_name;
use crate::template::{Arguments, Template};
use antfarm_machine::Span;
use antfarm_strict::{Found, Section};
use std::collections::BTreeMap;
use std::path::Path;

/// Its keys.
pub(crate) const KEYS: &[&str] = &[
    "argv",
    "stdin",
    "env",
    "secrets",
    "read",
    "write",
    "time",
    "cpu",
    "memory",
    "files",
    "processes",
    "file-size",
    "output",
    "user",
    "sandbox",
    "failed",
];

/// What a program needs that is linked to libraries, where a manifest says nothing; what is not there is left out.
const USUAL: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache"];

/// The most that a command may write, in bytes: what a node takes as an answer.
const MOST_OUTPUT: u64 = antfarm_node::MAX_RESULT as u64;

/// Reads it.
pub(crate) fn read(section: &Section, arguments: &Arguments, found: &mut Found) -> Option<Command> {
    let texts = section.need(&["argv"], section.texts("argv", found), found);
    let mut argv = Vec::new();
    for text in texts.iter().flatten() {
        argv.extend(template(section, "argv", text, arguments, found));
    }
    match argv.first().map(Template::fixed) {
        Some(Some(program)) if Path::new(program).is_absolute() => {}
        Some(_) => {
            found.push(section.refuse("argv", "the program is a whole path without placeholders, such as \"/usr/bin/jq\""))
        }
        None if section.has("argv") => found.push(section.refuse("argv", "name the program, by its whole path")),
        None => {}
    }
    let input = match section.text("stdin", found) {
        None => Input::Nothing,
        Some(text) if text == "${args}" && *arguments != Arguments::Number && *arguments != Arguments::Nothing => Input::Args,
        Some(text) => Input::Text(template(section, "stdin", &text, arguments, found)?),
    };
    let mut environment = BTreeMap::new();
    for (name, text) in section.map("env", found) {
        environment.extend(template(section, "env", &text, arguments, found).map(|text| (name, text)));
    }
    let secrets = section.map("secrets", found);
    for (key, name) in environment.keys().map(|name| ("env", name)).chain(secrets.keys().map(|name| ("secrets", name))) {
        if name.is_empty() || name.contains(['=', '\0']) {
            found.push(section.refuse(key, "the name of a variable is not empty and holds no `=`"));
        }
    }
    for name in secrets.values().filter(|name| !is_name(name)) {
        found.push(section.refuse("secrets", format!("`{}` cannot be the name of a secret", name.escape_debug())));
    }
    let paths = |key, found: &mut Found| {
        let paths = section.texts(key, found);
        if paths.iter().flatten().any(|path| !Path::new(path).is_absolute()) {
            found.push(section.refuse(key, "expected whole paths, such as \"/usr\""));
        }
        paths
    };
    let usual = || USUAL.into_iter().filter(|path| Path::new(path).exists()).map(str::to_owned).collect();
    let limits = Limits {
        time: section.span("time", Span::from_secs(10), found),
        cpu: section.number("cpu", (1, 86_400), 10, found),
        memory: section.number("memory", (1 << 20, 1 << 40), 1 << 30, found),
        files: section.number("files", (8, 65_536), 64, found),
        processes: section.number("processes", (1, 4_096), 16, found),
        file_size: section.number("file-size", (0, 1 << 40), 64 << 20, found),
        output: section.number("output", (0, MOST_OUTPUT), MOST_OUTPUT, found),
    };
    Some(Command {
        argv,
        input,
        environment,
        secrets,
        read: paths("read", found).unwrap_or_else(usual),
        write: paths("write", found).unwrap_or_default(),
        limits,
        user: u32::try_from(section.number("user", (1, u64::from(u32::MAX - 1)), 65_534, found)).unwrap_or(65_534),
        best_effort: section.word("sandbox", &[("strict", false), ("best-effort", true)], false, found),
        failed: section.bytes("failed", found).unwrap_or_default(),
    })
}

fn template(section: &Section, key: &str, text: &str, arguments: &Arguments, found: &mut Found) -> Option<Template> {
    let read = match text.contains('\0') {
        true => Err("NUL cannot stand in arguments and variables".to_owned()),
        false => Template::parse(text, arguments),
    };
    found.sift(read.map_err(|why| section.refuse(key, why)))
}
