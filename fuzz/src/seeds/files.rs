//! Seeds of the targets that read what people write: `config`, `manifest`.

use antfarm_identity::Signer;

fn files<const N: usize>(files: [(&str, String); N]) -> Vec<(String, Vec<u8>)> {
    files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

pub(crate) fn config() -> Vec<(String, Vec<u8>)> {
    let key = |number| Signer::insecure(number).public();
    let least = format!(
        "name = \"queen\"\ncolony = \"hive\"\ntenant = \"acme\"\nkey = \"queen.key\"\nfolder = \"queen\"\ncontrol = \"queen.sock\"\n\
         listen = \"127.0.0.1:7401\"\nroots = [\"{}\"]\n",
        key(1)
    );
    let peer = |name: &str, number: u64| {
        format!("[[peer]]\nname = \"{name}\"\nkey = \"{}\"\naddress = \"127.0.0.1:{}\"\n", key(number), 7400 + number)
    };
    let whole = format!(
        "{least}tools = \"tools.toml\"\nsecrets = \"/etc/secrets\"\npulse = \"1s\"\npatience = \"1500ms\"\nreopen = \"200ms\"\nsweep = \"1h\"\nrecord = \"runs\"\n{}{}",
        peer("scout", 2),
        peer("store", 3)
    );
    files([
        ("least", least.clone()),
        ("whole", whole.clone()),
        ("peers", format!("{least}{}{}{}", peer("a", 2), peer("b", 3), peer("c.d_e-f", 4))),
        ("whole-paths", least.replace("\"queen", "\"/var/lib/queen").replace("name = \"/var/lib/", "name = \"")),
        ("two-roots", least.replace("roots = [", &format!("roots = [\"{}\", ", key(9)))),
        ("inline-peers", format!("{least}peer = [{{ name = \"s\", key = \"{}\", address = \"h:1\" }}]\n", key(2))),
        ("line-ends", whole.replace('\n', "\r\n")),
        ("comments", format!("# \u{1f41c} the queen\n{least}# pulse = 1\n")),
        ("pauses", format!("{least}pulse = \"24h\"\nsweep = \"1ms\"\npatience = \"1m30s\"\n")),
        ("long-pause", format!("{least}pulse = \"25h\"\nsweep = \"0s\"\n")),
        ("recorded-into-the-ledger", format!("{least}record = \"queen\"\n")),
        ("twins", format!("{least}{}{}", peer("scout", 2), peer("scout", 2))),
        ("no-key", least.replace(&key(1).to_string(), "00ff")),
        ("empty", String::new()),
        ("misspelt", whole.replace("roots", "rotos").replace("address", "adress").replace("pulse = \"1s\"", "pulse = 1")),
        (
            "wrong-types",
            "name = 1\ncolony = [1]\ntenant = {}\nkey = 1.5\nfolder = 2026-01-01\npeer = 3\nroots = [1, 2]\n".to_owned(),
        ),
        ("control-characters", least.replace("hive", "\\u001b[31m").replace("\"acme\"", "\"\u{7f}\u{9b}\"")),
        ("no-toml", "name = \"\u{1b}[31m\n= [[[[\n\u{1f41c} = 'x".to_owned()),
    ])
}

pub(crate) fn manifest() -> Vec<(String, Vec<u8>)> {
    let tool =
        |name: &str, more: &str| format!("[[tool]]\nname = \"{name}\"\ncontract = \"keyed\"\nretention = \"24h\"\n{more}\n");
    let sort =
        tool("text.sort", "reads = true\n[tool.command]\nargv = [\"/usr/bin/sort\"]\nread = [\"/usr\"]\nstdin = \"${args}\"");
    let shrink = tool(
        "image.shrink",
        "args = \"json\"\nfields = [\"width\"]\nparallel = 2\n[tool.command]\n\
         argv = [\"/usr/bin/convert\", \"-resize\", \"${args.width}\", \"--\", \"${target}\", \"$${x}\"]\n\
         read = [\"/usr\", \"/srv\"]\nwrite = []\ntime = \"10s\"\ncpu = 3\nmemory = 1048576\nfiles = 8\nprocesses = 1\nfile-size = 0\n\
         output = 65536\nuser = 1\nsandbox = \"best-effort\"\nfailed = [1, 255]\nenv = { LANG = \"C\", KEY = \"${key}\" }\n\
         secrets = { TOKEN = \"bank-token\" }",
    );
    let charge = tool(
        "bank.charge",
        "args = \"json\"\nfields = [\"amount\", \"to\"]\n[tool.http]\nmethod = \"POST\"\n\
         url = \"https://api.bank.example/v1/accounts/${target}/charges?to=${args.to}\"\n\
         secrets = { Authorization = \"Bearer ${bank-token}\" }\nidempotency = \"Idempotency-Key\"\n\
         json = '{\"amount\": \"${args.amount}\", \"more\": [1, true, null, {\"to\": \"a ${args.to}\"}]}'\n\
         allow = [\"other.example\", \"[::1]:8443\"]\nredirects = 3\nconnect = \"1s\"\ntime = \"2s\"\nrequest = 1000\nresponse = 1000",
    );
    let rate = "[[tool]]\nname = \"rate\"\ncontract = \"blind\"\nargs = \"none\"\nmoney = 1\ntokens = 2\n[tool.http]\nmethod = \"GET\"\n\
                url = \"http://127.0.0.1:80/\"\ncleartext = true\nallow-loopback = true\nheaders = { Accept = \"text/plain\" }\n";
    let form = tool(
        "form",
        "args = \"number\"\npriced = true\nrepeats = true\n[tool.http]\nmethod = \"PUT\"\nurl = \"https://h.example\"\n\
         form = { a = \"${args}\", b = \"${key}\" }\nroots = \"/etc/ca.pem\"",
    );
    files([
        ("none", "tool = []\n".to_owned()),
        ("command", sort.clone()),
        ("command-whole", shrink.clone()),
        ("http", rate.to_owned()),
        ("http-whole", charge.clone()),
        ("form", form.clone()),
        ("body", charge.replace("json = '", "body = '")),
        ("several", format!("{sort}{rate}{form}")),
        ("closable", sort.replace("\"keyed\"", "\"closable\"").replace("24h", "1ms")),
        ("bytes", sort.replace("reads = true", "args = \"bytes\"")),
        ("line-ends", charge.replace('\n', "\r\n")),
        ("twins", format!("{sort}{sort}")),
        ("both", sort.replace("[tool.command]", "http = {}\n[tool.command]")),
        ("no-contract", shrink.replace("contract", "contrast").replace("[1, 255]", "[256]")),
        ("bad-places", charge.replace("${args.amount}", "${args.amoutn}").replace("${target}", "${target")),
        ("bad-host", charge.replace("api.bank.example", "api.${target}.example").replace("https://", "http://")),
        ("bad-headers", charge.replace("Authorization", "Host").replace("Idempotency-Key", "a b")),
        ("bad-json", charge.replace("[1, true", "[[[[\u{1b}1, true")),
        ("control-characters", sort.replace("text.sort", "\\u001b[31m").replace("24h", "\\u0007")),
        ("bad-paths", shrink.replace("\"/usr", "\"usr").replace("LANG", "A=B").replace("bank-token", "../x")),
    ])
}
