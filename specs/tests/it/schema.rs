//! The schema for editors and the reader say the same of keys.

use crate::shipped;
use antfarm_specs::schema;
use serde_json::Value;

/// Each key of the schema, with a table around it as a file would have it, and the words that may stand behind it.
fn keys(of: &Value) -> Vec<String> {
    of["properties"].as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default()
}

fn lists(table: &str) -> bool {
    !["automaton", "admission", "broken"].contains(&table)
}

/// What the reader says of a key that stands in a table with nothing but a wrong value.
fn said(table: &str, key: &str) -> String {
    let head = if lists(table) { format!("[[{table}]]") } else { format!("[{table}]") };
    let file = format!("{head}\n{key} = {{ }}\n");
    antfarm_automata_reader::read("x", &file).map_or_else(|troubles| troubles.to_string(), |_| String::new())
}

#[test]
fn the_reader_knows_each_key_of_the_schema_and_no_other_key_of_a_file() {
    let schema = schema();
    for table in keys(&schema).iter().filter(|it| *it != "integration") {
        let of = &schema["properties"][table];
        let of = if lists(table) { &of["items"] } else { of };
        assert!(!keys(of).is_empty(), "{table}");
        for key in keys(of) {
            assert!(!said(table, &key).contains("unknown key"), "{table}.{key}: {}", said(table, &key));
        }
        assert!(said(table, "colour").contains("unknown key `colour`"), "{}", said(table, "colour"));
    }
}

/// Whether the schema knows each key of a value.
fn check(value: &toml::Value, schema: &Value, path: &str) {
    match value {
        toml::Value::Table(table) => {
            let Some(known) = schema["properties"].as_object() else { return };
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(table.contains_key(required.as_str().unwrap()), "{path} lacks {required}");
            }
            for (key, value) in table {
                let below = known.get(key).unwrap_or_else(|| panic!("{path}.{key} is not in the schema"));
                check(value, below, &format!("{path}.{key}"));
            }
        }
        toml::Value::Array(items) => {
            let of = &schema["items"];
            let of = of.get("anyOf").map_or(of, |it| &it[1]);
            items.iter().filter(|it| it.is_table()).for_each(|it| check(it, of, path));
        }
        toml::Value::String(text) => {
            if let Some(words) = schema["enum"].as_array() {
                assert!(words.iter().any(|it| it == text), "{path} = {text}");
            }
        }
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {}
    }
}

#[test]
fn the_schema_knows_each_key_of_the_shipped_specs_and_of_the_examples() {
    let mut texts = Vec::new();
    for folder in ["", "broken"] {
        for entry in std::fs::read_dir(shipped(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".ioa.toml") {
                texts.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    let readme = std::fs::read_to_string(shipped("README.md")).unwrap();
    let examples = readme.split("```toml\n").skip(1).filter_map(|it| it.split_once("```")).map(|(text, _)| text.to_owned());
    texts.extend(examples.filter(|it| it.contains("[automaton]")).map(|it| ("README.md".to_owned(), it)));
    assert!(texts.len() > 35, "{}", texts.len());
    for (name, text) in texts {
        let value: toml::Value = text.parse::<toml::Table>().map(toml::Value::Table).unwrap_or_else(|it| panic!("{name}: {it}"));
        check(&value, &schema(), &name);
    }
}
