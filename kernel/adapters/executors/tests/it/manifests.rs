//! Manifests are strict: what is not known is an error that says where, and what was probably meant.

use antfarm_executors::Manifest;

fn check(text: &str, expected: &str) {
    let troubles = Manifest::parse("tools.toml", text).expect_err("it is wrong").to_string();
    assert!(troubles.contains(expected), "{troubles}\n  lacks\n{expected}");
}

const HEAD: &str = "[[tool]]\nname = \"t\"\ncontract = \"keyed\"\nretention = \"1h\"\n";

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let tool = |more: &str| format!("{HEAD}{more}");
    let command = |more: &str| format!("{HEAD}[tool.command]\n{more}");
    check("tools = 1", "tools.toml:1:1: unknown key `tools`; did you mean `tool`?");
    check("tool = 1", "tools.toml:1:8: expected a list of tables, found an integer");
    check("[[tool]]\nname = \"a b\"", "tools.toml:2:8: byte 1 of the name");
    check("[[tool]]\nname = \"a\"", "`contract` is missing in a tool");
    check("[[tool]]\nname = \"a\"\ncontract = \"keyd\"", "tools.toml:3:12: unknown word `keyd`; did you mean `keyed`?");
    check("[[tool]]\nname = \"a\"\ncontract = \"keyed\"", "`retention` is missing in a tool");
    check("[[tool]]\nname = \"a\"\ncontract = \"blind\"\nretention = \"1h\"", "tools.toml:4:13: a blind tool remembers nothing");
    check(&tool("contrakt = 1"), "tools.toml:5:1: unknown key `contrakt` in a tool; did you mean `contract`?");
    check(&tool("retries = true"), "unknown key `retries` in a tool");
    check(&tool("priced = true"), "only a number can be a price");
    check(&tool("fields = [\"a\"]"), "only JSON has fields");
    check(&tool("parallel = 0"), "tools.toml:5:12: `parallel` is between 1 and 1024");
    check(&tool(""), "is missing in a tool");
    check(&command("argv = [\"sh\"]"), "tools.toml:6:8: the program is a whole path");
    check(&command("argv = [\"/bin/${args}\"]"), "the program is a whole path");
    check(&command("argv = []"), "name the program");
    check(&command(""), "`argv` is missing in `command`");
    check(&command("argv = [\"/bin/echo\", \"${arg}\"]"), "unknown placeholder `${arg}`");
    check(&command("argv = [\"/bin/echo\", \"${args.x}\"]"), "`x` is not one of `fields`");
    check(&command("argv = [\"/bin/echo\", \"${args\"]"), "a placeholder `${` is not closed");
    check(&command("argv = [\"/bin/echo\"]\ntime = \"5\""), "tools.toml:7:8: a unit is missing");
    check(&command("argv = [\"/bin/echo\"]\nsandbox = \"none\""), "unknown word `none`");
    check(&command("argv = [\"/bin/echo\"]\nread = [\"usr\"]"), "expected whole paths");
    check(&command("argv = [\"/bin/echo\"]\nsecrets = { A = \"../x\" }"), "cannot be the name of a secret");
    check(&command("argv = [\"/bin/echo\"]\nenv = { \"A=B\" = \"x\" }"), "the name of a variable");
    let http = |url: &str, more: &str| format!("{HEAD}[tool.http]\nmethod = \"POST\"\nurl = \"{url}\"\n{more}");
    check(&tool("[tool.http]\nurl = \"https://a.example\""), "`method` is missing in `http`");
    check(&tool("[tool.http]\nmethod = \"POTS\"\nurl = \"https://a.example\""), "did you mean `POST`?");
    check(&http("https://${target}/x", ""), "tools.toml:7:7: a call fills path and query, never the host");
    check(&http("https://a.example${target}/", ""), "a call fills path and query, never the host");
    check(&http("https://user@a.example/", ""), "is not a host");
    check(&http("https:///x", ""), "is not a host");
    check(&http("https://a.example:99999/", ""), "is not a host");
    check(&http("ftp://a.example/", ""), "a URL begins with `https://`");
    check(&http("http://a.example/", ""), "write `cleartext = true`");
    check(&http("http://a.example/", "cleartext = true\nsecrets = { A = \"${b}\" }"), "a secret is not sent without encryption");
    check(&http("https://a.example/", "secrets = { A = \"hunter2\" }"), "a secret itself is never written here");
    check(&http("https://a.example/", "headers = { Host = \"b\" }"), "the header `host` is set by what sends the request");
    check(&http("https://a.example/", "body = \"a\"\njson = \"{}\""), "a request has one body");
    check(&http("https://a.example/", "json = \"{\""), "tools.toml:8:8:");
    check(&http("https://a.example/", "alow = []"), "unknown key `alow` in `http`; did you mean `allow`?");
    check(&http("https://a.example/", "[tool.command]\nargv = [\"/bin/true\"]"), "a tool is a `command` or `http`");
    check("[[tool]", "tools.toml:1:");
    check(&"[".repeat(100), "nested too deep");
    check(&format!("{}[tool.command]\nargv = [\"/bin/true\"]\n", HEAD).repeat(2), "another tool has this name");
}
