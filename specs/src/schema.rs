//! The schema of spec files, for editors: JSON Schema, draft 2020-12.
//!
//! It says which tables and keys the newest grammar has and what stands in them. It is weaker than the reader: whether names are known and
//! expressions well-formed, only the reader knows. A test holds both against each other, key by key.

use serde_json::{Map, Value, json};

/// What stands behind a key.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Texts,
    Number,
    Flag,
    /// A value of a variable.
    Plain,
    /// Texts by name.
    Pairs,
    /// Values by name.
    Settings,
    OneOf(&'static [&'static str]),
    List(&'static [Key]),
    /// Names, or tables with these keys.
    NamesOr(&'static [Key]),
    Table(&'static [Key]),
    /// A word, or a table with these keys.
    WordOr(&'static [Key]),
}

/// A key: its name, what stands behind it, whether it must be there, and what it says.
type Key = (&'static str, Form, bool, &'static str);

use Form::{Flag, List, NamesOr, Number, OneOf, Pairs, Plain, Settings, Table, Text, Texts, WordOr};

const TYPES: &[&str] = &[
    "bool", "counter", "int", "integer", "number", "float", "string", "status", "list", "set", "money", "duration", "ref",
    "property",
];

const FILE: &[Key] = &[
    ("automaton", Table(AUTOMATON), true, "The type of entity, and its states."),
    ("state", List(VARIABLE), false, "The variables."),
    ("action", List(ACTION), false, "The actions; what is not here cannot happen."),
    ("invariant", List(INVARIANT), false, "What holds in every reachable state."),
    ("field_invariant", List(FIELD_INVARIANT), false, "What holds after every write that is no action, such as creation."),
    ("liveness", List(LIVENESS), false, "What happens in the end."),
    ("state_timeout", List(TIMEOUT), false, "How long states may last."),
    ("webhook", List(WEBHOOK), false, "A server's: calls from outside that become actions."),
    ("context_entity", List(CONTEXT), false, "A server's: a related entity whose status the policy sees."),
    ("key", List(KEY), false, "A server's: an alternative unique key."),
    ("vector", List(VECTOR), false, "A server's: a property that is searched by likeness."),
    ("admission", Table(ADMISSION), false, "A server's: how much is let in at once."),
    ("integration", List(INTEGRATION), false, "An older form of triggers."),
    ("broken", Table(BROKEN), false, "That this spec is meant to be refuted, and by whom."),
];

const AUTOMATON: &[Key] = &[
    ("name", Text, true, "The type of the entity."),
    ("states", Texts, true, "Its states."),
    ("initial", Text, true, "The state in which it is created, and in no other."),
    ("terminal", Texts, false, "States that no action leads from."),
    ("allow_indefinite_states", Texts, false, "States that may last without a timeout, and without a way on."),
    ("strict_action_params", Flag, false, "Only declared parameters write; always so here."),
];

const VARIABLE: &[Key] = &[
    ("name", Text, true, "The variable."),
    ("type", OneOf(TYPES), true, "What it holds."),
    ("initial", Plain, false, "What it holds at first."),
    ("unit", Text, false, "Of money: what it counts."),
    ("entity", Text, false, "The type of the entities whose ids it holds."),
    ("most", Number, false, "The most elements of a list or set."),
    ("given", Flag, false, "Whether whoever creates the entity may give another first value."),
    ("ghost", Flag, false, "Whether it is there for the proof only."),
    ("home", OneOf(&["same", "reserved"]), false, "Where the entities that it refers to have their home."),
    ("overflow_inline_max_bytes", Number, false, "A server's: beyond this it is stored elsewhere."),
    ("overflow_ttl_seconds", Number, false, "A server's: how long it is kept there."),
    ("query_indexed", Flag, false, "A server's: whether it can be searched for."),
];

const ACTION: &[Key] = &[
    ("name", Text, true, "The action."),
    ("kind", OneOf(&["input", "internal", "output", "Composite"]), false, "Who takes it; an `output` only names an event."),
    ("from", Texts, false, "The states that it leads from; none: all that are not terminal."),
    ("to", Text, false, "The state that it leads to; none: the same."),
    ("guard", Text, false, "What must hold before it: an expression."),
    ("effect", Texts, false, "What it does, one statement after the other."),
    ("params", NamesOr(PARAM), false, "What a caller gives."),
    ("constraints", List(CONSTRAINT), false, "What must hold of its parameters, too."),
    ("hint", Text, false, "What it is for."),
    ("triggers", List(TRIGGER), false, "What it sets going."),
    ("record_parent_event", Flag, false, "Of a composite action: whether it is recorded itself."),
    ("cedar_gate", Table(GATE), false, "Of a composite action: the question to the policy."),
    ("sub_writes", List(WRITE), false, "Of a composite action: what it may write elsewhere."),
];

const PARAM: &[Key] = &[
    ("name", Text, true, "The parameter."),
    ("type", OneOf(TYPES), false, "What it holds; otherwise what its use says."),
    ("unit", Text, false, "Of money: what it counts."),
    ("entity", Text, false, "The type of the entities whose ids it holds."),
    ("most", Number, false, "The most elements of a list or set."),
];

const CONSTRAINT: &[Key] = &[
    (
        "kind",
        OneOf(&["param_equals_field", "param_not_equals_field", "param_greater_than_field", "param_nonempty"]),
        true,
        "What must hold.",
    ),
    ("param", Text, true, "The parameter."),
    ("field", Text, false, "The variable that it is held against."),
];

const GATE: &[Key] =
    &[("principal", Text, false, "Who asks."), ("resource", Text, false, "About what."), ("action", Text, false, "To do what.")];

const WRITE: &[Key] = &[
    ("target_entity", Text, true, "The type that is written to."),
    ("action", Text, true, "The action on it."),
    ("generated_from", Text, false, "What it is made of."),
];

const TRIGGER: &[Key] = &[
    ("name", Text, true, "The trigger."),
    ("kind", OneOf(&["entity", "wasm", "adapter", "webhook", "hook"]), true, "What is set going."),
    ("principal", Text, false, "Under whose name; none: the caller's."),
    ("to_state", Text, false, "Only where the action leads to this state."),
    ("guard", Text, false, "Only where this holds after the action."),
    ("liveness", OneOf(&["none", "best_effort", "required"]), false, "What is promised of it."),
    ("drop_ok", Flag, false, "Whether nobody minds that the target refuses."),
    ("llm", Flag, false, "Whether a model is called."),
    ("target_entity", Text, false, "Of an entity: its type."),
    ("target_action", Text, false, "Of an entity: the action."),
    ("params", Settings, false, "Of an entity: parameters with fixed values."),
    ("params_from", Pairs, false, "Of an entity: parameters, and the variables that they come from."),
    ("resolve_target", WordOr(TARGET), false, "Of an entity: which one."),
    ("module", Text, false, "Of wasm: the module."),
    ("adapter", Text, false, "Of an adapter: which."),
    ("adapter_type", Text, false, "Of an adapter: which."),
    ("url", Text, false, "Of a webhook: where to."),
    ("method", Text, false, "Of a webhook: how."),
    ("headers", Settings, false, "Of a webhook: its headers."),
    ("body_template", Text, false, "Of a webhook: what it says."),
    ("hook", Text, false, "Of a hook: which."),
    ("on_success", Text, false, "The action of this entity where it succeeds."),
    ("on_failure", Text, false, "The action of this entity where it fails."),
    ("config", Settings, false, "What it is told."),
];

const TARGET: &[Key] = &[
    ("type", OneOf(&["field", "same_id", "static", "create_if_missing", "create"]), true, "How the target is found."),
    ("field", Text, false, "The variable that holds its id."),
    ("entity_id", Text, false, "Its id."),
    ("id_field", Text, false, "The variable that holds its id, or the one to create it under."),
];

const INVARIANT: &[Key] = &[("name", Text, true, "Its name."), ("assert", Text, true, "What holds: an expression.")];

const FIELD_INVARIANT: &[Key] = &[
    ("name", Text, true, "Its name."),
    ("assert", Text, true, "What holds: an expression."),
    ("message", Text, false, "What it asks, for people."),
];

const LIVENESS: &[Key] = &[
    ("name", Text, true, "Its name."),
    ("from", Texts, false, "From which states; none: all that are not terminal."),
    ("reaches", Texts, false, "One of these states is reached in the end."),
    ("has_actions", Flag, false, "Some action is always enabled."),
    ("fair", Texts, false, "The actions that are taken in the end where they stay enabled; none said: all."),
];

const TIMEOUT: &[Key] = &[
    ("state", Text, true, "The state."),
    ("after", Text, false, "How long it may last: `1m30s`."),
    ("after_seconds", Number, false, "The same in seconds."),
    ("on_timeout", Text, true, "The action then."),
    ("max_occurrences", Number, false, "How often in the life of an entity; once, where nothing is said."),
    ("reset_on", Texts, false, "Actions after which the time begins anew."),
    ("params", Pairs, false, "What the action is given."),
];

const WEBHOOK: &[Key] = &[
    ("name", Text, true, "Its name."),
    ("path", Text, true, "Where it is called."),
    ("method", Text, false, "How it is called."),
    ("action", Text, true, "The action that it becomes."),
    ("entity_lookup", OneOf(&["query_param", "body_field", "header", "path_param"]), false, "How the entity is found."),
    ("entity_param", Text, false, "Under which name."),
    ("extract", Pairs, false, "Parameters, and where they are in the call."),
    ("hmac_secret", Text, false, "The secret that it is signed with, as a reference."),
    ("hmac_header", Text, false, "The header that holds the signature."),
];

const CONTEXT: &[Key] = &[
    ("name", Text, true, "Its name."),
    ("entity_type", Text, true, "The type of the entity."),
    ("id_field", Text, true, "The variable that holds its id."),
];

const KEY: &[Key] = &[("name", Text, true, "Its name."), ("properties", Texts, true, "What it is made of, in this order.")];

const VECTOR: &[Key] = &[
    ("name", Text, false, "Its name."),
    ("property", Text, true, "What is searched."),
    ("model_property", Text, true, "What says by which model."),
    ("dims", Number, true, "How many numbers it has."),
    ("metric", OneOf(&["cosine", "dot", "l2"]), true, "How far two are apart."),
];

const ADMISSION: &[Key] = &[
    ("max_concurrent_creates", Number, false, "Creations at once."),
    ("max_concurrent_actions", Settings, false, "By action: how many at once."),
    ("queue_depth", Number, false, "How many wait."),
    ("queue_timeout_seconds", Number, false, "How long they wait."),
];

const INTEGRATION: &[Key] = &[];

const BROKEN: &[Key] = &[
    ("level", OneOf(&["load", "L0", "L1", "L2", "L3", "composite"]), true, "Who refutes it."),
    ("property", Text, true, "What does not hold; of `load`, the message."),
    ("because", Text, true, "Why not."),
    ("steps", Number, false, "The actions of the shortest counterexample."),
];

/// The schema of spec files.
pub fn schema() -> Value {
    let mut schema = table(FILE);
    // Older forms have other keys in each version; the reader knows them.
    schema["properties"]["integration"]["items"] = json!({ "type": "object" });
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "An automaton of Antfarm".into();
    schema
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for (name, form, _, says) in keys {
        let mut value = of(*form);
        value["description"] = (*says).into();
        properties.insert((*name).to_owned(), value);
    }
    let required: Vec<&str> = keys.iter().filter(|(.., required, _)| *required).map(|(name, ..)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn of(form: Form) -> Value {
    let text = || json!({ "type": "string" });
    match form {
        Text => text(),
        Texts => json!({ "type": "array", "items": text() }),
        Number => json!({ "type": "integer", "minimum": 0 }),
        Flag => json!({ "type": "boolean" }),
        Plain => json!({ "type": ["string", "integer", "boolean", "array"] }),
        Pairs => json!({ "type": "object", "additionalProperties": text() }),
        Settings => json!({ "type": "object" }),
        OneOf(words) => json!({ "enum": words }),
        List(keys) => json!({ "type": "array", "items": table(keys) }),
        NamesOr(keys) => json!({ "type": "array", "items": { "anyOf": [text(), table(keys)] } }),
        Table(keys) => table(keys),
        WordOr(keys) => json!({ "anyOf": [text(), table(keys)] }),
    }
}
