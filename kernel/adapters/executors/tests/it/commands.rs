//! Commands: what a call can put into them, and what the sandbox keeps them from.

use crate::fixture::{Place, alive, call, result};
use antfarm_executors::{Answer, Cause, Layer, Unfit};
use antfarm_node::Outcome;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

fn manifest(command: &str) -> String {
    format!("[[tool]]\nname = \"tool\"\ncontract = \"keyed\"\nretention = \"1h\"\n[tool.command]\n{command}\n")
}

/// A shell script as a tool, with further keys.
fn script(script: &str, more: &str) -> String {
    manifest(&format!("argv = [\"/bin/sh\", \"-c\", '''{script}''']\n{more}"))
}

fn run(script_text: &str, more: &str) -> Answer {
    Place::new().call(&script(script_text, more), "target", "args")
}

fn failed(answer: &Answer) -> &Cause {
    assert!(matches!(answer.outcome, Outcome::Failed { .. }), "{answer:?}");
    &answer.cause
}

fn unclear(answer: &Answer) -> &Cause {
    assert_eq!(answer.outcome, Outcome::Unclear, "{answer:?}");
    &answer.cause
}

#[test]
fn every_layer_holds_and_is_told() {
    let place = Place::new();
    let executors = place.open(&script("echo hello", ""));
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!(result(&answer), "hello\n");
    let held = executors.layers(&antfarm_authority::Name::new("tool").expect("legal"));
    assert!(held.iter().all(|it| it.missing.is_none()), "{held:?}");
    let layers: Vec<_> = held.iter().map(|it| it.layer).collect();
    let all = [
        Layer::Identity,
        Layer::User,
        Layer::Network,
        Layer::Mount,
        Layer::Ipc,
        Layer::Uts,
        Layer::Processes,
        Layer::Limits,
        Layer::NoNewPrivileges,
        Layer::Files,
        Layer::Calls,
    ];
    assert_eq!(layers, all);
}

#[test]
fn a_value_is_one_argument_whatever_it_holds() {
    let place = Place::new();
    let command = manifest("argv = [\"/usr/bin/printf\", \"[%s]\", \"--\", \"a${target}\", \"${args}\", \"$${args}\"]");
    let answer = place.call(&command, "; rm -rf / #", "-rf $(id) `id` \"'\n*");
    assert_eq!(result(&answer), "[--][a; rm -rf / #][-rf $(id) `id` \"'\n*][${args}]");
}

#[test]
fn a_value_that_looks_like_an_option_needs_the_end_of_options_before_it() {
    let place = Place::new();
    let answer = place.call(&manifest("argv = [\"/bin/echo\", \"${target}\"]"), "-n", "");
    assert!(matches!(failed(&answer), Cause::Unfit(Unfit::Value { .. })), "{answer:?}");
    let place = Place::new();
    let answer = place.call(&manifest("argv = [\"/bin/echo\", \"${target}\"]"), "a\0b", "");
    assert!(matches!(failed(&answer), Cause::Unfit(Unfit::Value { .. })), "{answer:?}");
}

#[test]
fn the_environment_is_what_is_declared_and_the_input_is_the_arguments() {
    let place = Place::new();
    let command = manifest("argv = [\"/usr/bin/env\"]\nenv = { TARGET = \"<${target}>\", FIXED = \"x\" }");
    assert_eq!(result(&place.call(&command, "t", "")), "FIXED=x\nTARGET=<t>\n");
    let place = Place::new();
    let long = "0123456789abcdef".repeat(4_000);
    assert_eq!(result(&place.call(&manifest("argv = [\"/bin/cat\"]\nstdin = \"${args}\""), "t", &long)), long);
}

#[test]
fn a_command_has_a_folder_of_its_own_that_is_gone_afterwards() {
    let place = Place::new();
    let answer = place.call(&script("pwd; ls -A; echo x > file; cat file", ""), "t", "");
    let said = result(&answer);
    assert!(
        said.starts_with(place.path().to_str().expect("text")) && said.ends_with("\nx\n") && said.lines().count() == 2,
        "{said}"
    );
    let left: Vec<_> = fs::read_dir(place.path()).expect("it is there").flatten().map(|it| it.file_name()).collect();
    assert!(left.iter().all(|it| it.to_string_lossy().starts_with("outcomes")), "{left:?}");
}

#[test]
fn a_command_reads_and_writes_what_is_listed_and_nothing_else() {
    let place = Place::new();
    let (open, shut) = (place.path().join("open"), place.path().join("shut"));
    for folder in [&open, &shut] {
        fs::create_dir(folder).expect("a folder");
        fs::write(folder.join("file"), "content\n").expect("a file");
        // By their modes, anybody may do anything there.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("it is ours");
        fs::set_permissions(folder.join("file"), fs::Permissions::from_mode(0o666)).expect("it is ours");
    }
    let (open, shut) = (open.display(), shut.display());
    let tries = format!(
        "cat {open}/file; cat {shut}/file || echo unread; echo x > {shut}/new || echo unwritten; \
         echo x > {open}/new || echo unwritten; ls {shut} || echo unlisted; cat /etc/passwd || echo unread; \
         cat /proc/1/environ || echo unread; chmod 700 {open}/file || echo unchanged"
    );
    let usual = "\"/usr\", \"/bin\", \"/lib\", \"/lib64\"";
    let answer = place.call(&script(&tries, &format!("read = [{usual}, \"{open}\"]")), "t", "");
    assert_eq!(result(&answer), "content\nunread\nunwritten\nunwritten\nunlisted\nunread\nunread\nunchanged\n");
    let place = Place::new();
    let written = format!("echo y > {open}/new && echo written; cat {open}/new");
    let answer = place.call(&script(&written, &format!("write = [\"{open}\"]")), "t", "");
    assert_eq!(result(&answer), "written\ny\n");
}

#[test]
fn a_command_opens_no_sockets() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = server.local_addr().expect("it is bound").port();
    server.set_nonblocking(true).expect("a socket");
    let tries = format!("(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>&1 || echo none");
    let command = manifest(&format!("argv = [\"/bin/bash\", \"-c\", '''{tries}''']"));
    let answer = Place::new().call(&command, "t", "");
    let said = result(&answer);
    assert!(said.contains("not permitted") && said.ends_with("none\n"), "{said}");
    assert!(server.accept().is_err(), "nobody came");
}

#[test]
fn a_command_has_no_more_processes_than_it_may() {
    let bomb = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.2 & done; wait; echo all";
    let answer = run(bomb, "processes = 8\nfailed = [2]");
    assert_eq!(*failed(&answer), Cause::Exited(2));
    assert_eq!(result(&run(bomb, "processes = 30")), "all\n");
}

#[test]
fn memory_files_and_their_sizes_are_limited() {
    let big = "dd if=/dev/zero of=file bs=1024 count=100 2>/dev/null; wc -c < file";
    assert_eq!(result(&run(big, "file-size = 10240")).trim(), "10240");
    let hungry = "dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null && echo fed || echo hungry";
    assert_eq!(result(&run(hungry, "memory = 100000000")), "hungry\n");
    assert_eq!(result(&run(hungry, "")), "fed\n");
    let answer = run("while :; do :; done", "cpu = 1\ntime = \"20s\"");
    assert!(matches!(unclear(&answer), Cause::Signalled(_)), "{answer:?}");
}

#[test]
fn a_flood_of_output_is_cut() {
    let start = Instant::now();
    let answer = run("while :; do echo flood; done", "output = 1000\ntime = \"60s\"");
    assert_eq!(*unclear(&answer), Cause::Flooded);
    assert!(start.elapsed().as_secs() < 30, "its time was not waited for");
    assert_eq!(result(&run("printf 0123456789", "output = 10")), "0123456789");
    // Errors are not output; they are cut, and nobody waits for them.
    assert_eq!(result(&run("head -c 1000000 /dev/zero >&2; echo done", "output = 10")), "done\n");
}

#[test]
fn when_its_time_is_over_everything_it_started_is_gone() {
    let lengths = ["98765.4321", "98765.4322", "98765.4323"];
    let [one, two, three] = lengths;
    // One in the background, one in a session of its own that closed what it was given, and itself.
    let tree =
        format!("sleep {one} & setsid sh -c 'exec </dev/null >/dev/null 2>&1; sleep {two} & sleep {two}' & exec sleep {three}");
    for sandbox in ["strict", "best-effort"] {
        let start = Instant::now();
        let answer = run(&tree, &format!("time = \"300ms\"\nsandbox = \"{sandbox}\""));
        assert_eq!(*unclear(&answer), Cause::TimedOut);
        assert!(start.elapsed().as_secs() < 20);
        for length in lengths {
            assert_eq!(alive(length), 0, "`sleep {length}` under {sandbox}");
        }
    }
}

#[test]
fn what_a_command_leaves_behind_ends_with_it() {
    let start = Instant::now();
    assert_eq!(result(&run("sleep 87654.321 & echo over", "time = \"60s\"")), "over\n");
    assert!(start.elapsed().as_secs() < 30, "its output is still open, and nobody waits for that");
    assert_eq!(alive("87654.321"), 0);
}

#[test]
fn the_status_says_whether_there_was_an_effect() {
    assert_eq!(*unclear(&run("exit 3", "failed = [4]")), Cause::Exited(3));
    assert_eq!(*failed(&run("exit 3", "failed = [3]")), Cause::Exited(3));
    let reads = script("exit 3", "").replace("[tool.command]", "reads = true\n[tool.command]");
    assert_eq!(*failed(&Place::new().call(&reads, "t", "")), Cause::Exited(3));
}

#[test]
fn what_cannot_be_started_has_no_effect() {
    let place = Place::new();
    let answer = place.call(&manifest("argv = [\"/usr/bin/no-such-program\"]"), "t", "");
    assert!(matches!(failed(&answer), Cause::Unstarted(why) if why.contains("No such file")), "{answer:?}");
    let answer = run("echo x", "read = [\"/usr\", \"/no/such/folder\"]");
    assert!(matches!(failed(&answer), Cause::Unstarted(why) if why.contains("/no/such/folder")), "{answer:?}");
}

#[test]
fn a_secret_reaches_its_command_and_is_not_echoed() {
    let mut place = Place::new();
    place.secrets.insert("token".to_owned(), b"hunter2-hunter2".to_vec());
    let command = script(
        "echo \"${#TOKEN} $TOKEN\"; printf %s \"$TOKEN\" | od -An -tx1 | tr -d \" \\n\"",
        "secrets = { TOKEN = \"token\" }",
    );
    let said = result(&place.call(&command.replace("${#TOKEN}", "$${#TOKEN}"), "t", ""));
    assert_eq!(said, "15 [secret:token]\n[secret:token]");
    let place = Place::new();
    let answer = place.call(&script("echo x", "secrets = { TOKEN = \"missing\" }"), "t", "");
    assert!(matches!(failed(&answer), Cause::Secret { name, .. } if name == "missing"), "{answer:?}");
}

#[test]
fn a_layer_that_the_machine_lacks_is_refused_by_name_unless_the_manifest_says_otherwise() {
    let place = Place::new();
    // There the helper is root, and cannot become anybody else: no other identity is mapped.
    let helper = place.path().join("helper");
    fs::write(&helper, format!("#!/bin/sh\nexec unshare --user --map-root-user {}\n", env!("CARGO_BIN_EXE_antfarm-exec")))
        .expect("a file");
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let ask = |manifest: &str| {
        let mut setup = place.setup(manifest);
        setup.helper.clone_from(&helper);
        let executors = (0..1_000).find_map(|_| {
            place.wait();
            antfarm_executors::Executors::open(setup.clone()).ok()
        });
        let executors = executors.expect("the former one let go");
        let answer = place.ask(&executors, &call(if manifest.contains("best") { 2 } else { 1 }, "t", b"")).expect("it is taken");
        (answer, executors.layers(&antfarm_authority::Name::new("tool").expect("legal")))
    };
    let (answer, _) = ask(&script("echo x", ""));
    assert!(matches!(failed(&answer), Cause::Sandbox(held) if held.layer == Layer::Identity), "{answer:?}");
    let said = answer.cause.to_string();
    assert!(said.contains("lacks `identity (not root)`") && said.contains("sandbox = \"best-effort\""), "{said}");
    let (answer, _) = ask(&script("echo x", "sandbox = \"best-effort\""));
    assert!(!matches!(answer.cause, Cause::Sandbox(_)), "{answer:?}");
}
