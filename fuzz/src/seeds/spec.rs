//! Seeds of the targets that read specified state machines: `spec`, `predicate`.

fn texts<const N: usize>(texts: [(&str, String); N]) -> Vec<(String, Vec<u8>)> {
    texts.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// States, and a variable of each kind.
const HEAD: &str = r#"[automaton]
name = "Thing"
states = ["Draft", "Active", "Done"]
initial = "Draft"
terminal = ["Done"]
allow_indefinite_states = ["Draft", "Active"]
[[state]]
name = "items"
type = "counter"
[[state]]
name = "score"
type = "int"
initial = -3
[[state]]
name = "ready"
type = "bool"
[[state]]
name = "fee"
type = "money"
unit = "usdc"
[[state]]
name = "wait"
type = "duration"
initial = 1500
[[state]]
name = "label"
type = "string"
initial = "it's"
[[state]]
name = "tags"
type = "set"
most = 3
[[state]]
name = "log"
type = "list"
initial = ["a", "a"]
[[state]]
name = "peer"
type = "ref"
entity = "Thing"
home = "same"
given = true
"#;

pub(crate) fn spec() -> Vec<(String, Vec<u8>)> {
    let action = |lines: &str| format!("{HEAD}[[action]]\nname = \"Go\"\n{lines}\n");
    let whole = action(
        "from = [\"Draft\"]\nto = \"Active\"\nparams = [\"n\", { name = \"who\", type = \"ref\", entity = \"Thing\" }]\n\
         guard = \"params.n > 0 && Thing[params.who].status in ['Draft', 'Active']\"\nhint = \"begin\"\n\
         effect = [\"items += params.n\", \"if items > 3: ready = true\", \"append(tags, 'x')\", \"schedule('End', 30)\"]\n\
         [[action]]\nname = \"End\"\nto = \"Done\"\neffect = [\"remove_at(log, items - 1)\", \"score = -score * 2 / (items + 1)\"]\n\
         [[action]]\nname = \"Pay\"\nkind = \"input\"\nparams = [\"fee\", \"label\"]\nguard = \"fee <= 20 usdc && wait < 1m30s\"\n\
         effect = [\"remove(tags, label)\", \"wait += 250ms\"]\n[[action]]\nname = \"Told\"\nkind = \"output\"\n\
         [[invariant]]\nname = \"few\"\nassert = \"items <= 100 || !ready\"\n\
         [[invariant]]\nname = \"tags\"\nassert = \"all(t in tags, t != '' && t not in ['y']) => len(log) >= 1\"\n\
         [[field_invariant]]\nname = \"label\"\nassert = \"empty(label) || any(l in log, l == 'a')\"\n\
         [[liveness]]\nname = \"ends\"\nfrom = [\"Active\"]\nreaches = [\"Done\"]\nfair = [\"End\"]\n\
         [[state_timeout]]\nstate = \"Active\"\nafter = \"1m30s\"\non_timeout = \"End\"\nmax_occurrences = 2\nreset_on = [\"Pay\"]",
    );
    let trigger = |lines: &str| action(&format!("to = \"Done\"\n[[action.triggers]]\nname = \"tell\"\n{lines}"));
    texts([
        (
            "least",
            "[automaton]\nname = \"A\"\nstates = [\"S\"]\ninitial = \"S\"\nallow_indefinite_states = [\"S\"]\n\
             [[action]]\nname = \"Go\"\n"
                .to_owned(),
        ),
        ("kinds", action("to = \"Done\"")),
        ("whole", whole.clone()),
        ("line-ends", whole.replace('\n', "\r\n")),
        ("guard-in-words", action("guard = \"min items 3\"\neffect = \"increment items\"")),
        (
            "guard-in-tables",
            action(
                "guard = [\"is_true ready\", { type = \"state_in\", values = [\"Draft\"] }, \"list_contains tags very important\"]",
            ),
        ),
        ("effect-by", action("effect = \"increment items by amount\"")),
        (
            "constraints",
            action(
                "params = [\"who\", { name = \"level\", type = \"int\" }]\nguard = \"ready\"\nconstraints = [{ kind = \
                 \"param_equals_field\", param = \"who\", field = \"label\" }, { kind = \"param_greater_than_field\", param = \
                 \"level\", field = \"score\" }, { kind = \"param_nonempty\", param = \"who\" }]",
            ),
        ),
        ("ordering", action("to = \"Active\"\n[[invariant]]\nname = \"x\"\nassert = \"ordering(Active, Done)\"")),
        ("when", action("[[invariant]]\nname = \"x\"\nwhen = [\"Active\", \"Done\"]\nassert = \"items > 0\"")),
        (
            "trigger",
            trigger(
                "kind = \"entity\"\ntarget_entity = \"Thing\"\ntarget_action = \"Go\"\nresolve_target = { type = \"field\", field = \
                 \"peer\" }\nguard = \"items > 0\"\nto_state = \"Done\"\ndrop_ok = true\nliveness = \"required\"",
            ),
        ),
        (
            "trigger-creates",
            trigger(
                "kind = \"entity\"\ntarget_entity = \"Thing\"\ntarget_action = \"Go\"\nresolve_target = { type = \
                 \"create_if_missing\", id_field = \"peer\" }",
            ),
        ),
        ("spawn", action("from = [\"Draft\"]\nto = \"Active\"\neffect = [\"spawn('Thing', 'Go', peer)\"]")),
        ("schedule-at", action("effect = [\"schedule_at('Go', label)\", \"if ready: schedule('Go', 1500ms)\"]")),
        ("overflow", action("effect = [\"score = score * score * 9223372036854775807\", \"items -= 9\"]")),
        (
            "broken",
            action("to = \"Done\"\n[broken]\nlevel = \"L1\"\nproperty = \"few\"\nbecause = \"nothing keeps it\"\nsteps = 4"),
        ),
        ("strange-texts", action("hint = \"\\u001b[31m \\\" \\\\ \u{1f41c}\"\nguard = \"label != 'it''s \u{1f41c}'\"")),
        ("misspelt", whole.replace("items", "itmes").replace("Active\"]", "Actve\"]")),
        ("wrong-kinds", action("guard = \"items == 'a' && fee < 3 eur && ready > 1\"")),
        ("no-toml", "[automaton]\nname = \"\u{1b}[31m\n= [[[[\n".to_owned()),
    ])
}

pub(crate) fn predicate() -> Vec<(String, Vec<u8>)> {
    let numbered = |texts: &[&str], of: &str| -> Vec<(String, Vec<u8>)> {
        let name = |nth: usize| format!("{of}-{nth:02}");
        texts.iter().enumerate().map(|(nth, text)| (name(nth), text.as_bytes().to_vec())).collect()
    };
    let exprs = [
        "status in ['Submitted', 'Confirmed'] => items > 0 && has_address",
        "a || b && !c => d",
        "a => b => c",
        "(a => b) => c",
        "!(a == b) && !!c && !(a || b)",
        "x - y - z == 0 && x - (y - z) != 0",
        "-x * (y + 2) / 3 % -4 <= -(3) - -2",
        "fee <= 20 usdc && -5 eur < debt",
        "wait >= 1h30m && wait != 250ms && -1d < wait",
        "params.by not in approvers && params.by != ''",
        "name == 'it''s' || name == '' || name == null",
        "len(tags) >= 2 && empty(params.list) && !empty(label)",
        "all(r in approvals, r != assignee)",
        "any(t in ['a', 'b'], any(s in params.list, s == t) => true)",
        "all(t in tasks, Task[t].status in ['Done', 'Failed'])",
        "Review[review_id].status == 'Passed' && Thing[params.who].score > 3",
        "status not in []",
        "x == -9223372036854775808 || x == 9223372036854775807",
    ];
    let effects = [
        "items += 1",
        "score -= params.amount * 2",
        "if len(approvals) > 0 && status == 'Open': remove_at(approvals, len(approvals) - 1)",
        "ready = items > 3 || !ready",
        "append(tags, params.tag)",
        "remove(tags, 'it''s')",
        "schedule('Retry', 2s)",
        "schedule('Retry', 30)",
        "if late: schedule_at('Go', due)",
        "spawn('Task', 'Begin', tasks, params.id)",
        "spawn('Task', 'Begin')",
    ];
    let refused = [
        "a and b",
        "a < b < c",
        "\"a\" == b",
        "a & b",
        "items == 99999999999999999999",
        "wait > 3 parsecs7 && 4y",
        "if : x = 1",
        "name == 'unclosed",
        "a -> b <=> c ~ d",
        "max(a, b) \u{1f41c}",
    ];
    let deep = texts([
        ("deep-parentheses", format!("{}a{}", "(".repeat(60), ")".repeat(60))),
        ("deep-nots", format!("{}a == b", "!".repeat(62))),
        ("too-deep-when-written", format!("{}a == b", "!".repeat(63))),
        ("too-long-a-row-when-written", format!("({}) + a > 0", vec!["a"; 64].join(" + "))),
        ("long-row", vec!["a == 1"; 64].join(" && ")),
        ("long-sum", format!("{} > 0", vec!["a"; 60].join(" + "))),
    ]);
    [numbered(&exprs, "expr"), numbered(&effects, "effect"), numbered(&refused, "refused"), deep].concat()
}
