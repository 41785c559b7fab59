//! `[[integration]]` and the effect `trigger`: they become triggers of the actions that fired them.

use crate::reading::{Fields, Reading, scalar};
use crate::trigger::{action, table};
use antfarm_automata::{Promise, Spec, Started, Text, Trigger, Value};
use antfarm_strict::{Item, Place, Value as Toml};

/// What is not yet tied to an action.
pub(crate) struct Loose {
    /// The action, the name of what it triggers, and where it says so.
    fired: Vec<(usize, Text, Place)>,
    integrations: Vec<Integration>,
}

struct Integration {
    /// What fires it.
    trigger: Text,
    place: Place,
    is_used: bool,
    /// None: a webhook without an address never was sent.
    becomes: Option<Trigger>,
}

impl Loose {
    pub(crate) fn new(reading: &mut Reading, items: &[&Item]) -> Self {
        let integrations = items.iter().filter_map(|item| integration(reading, item)).collect();
        Self { fired: Vec::new(), integrations }
    }

    pub(super) fn trigger(&mut self, action: usize, name: &str, place: &Place) {
        self.fired.push((action, name.into(), place.clone()));
    }

    /// Ties what was fired to who fired it: to a trigger of the action itself, to integrations, to a trigger of another action, or to a
    /// hook of the platform, whose names begin with a capital.
    pub(crate) fn settle(mut self, reading: &mut Reading, spec: &mut Spec) {
        // Those that the file declares, before any is given to who fires it, too.
        let declared: Vec<Trigger> = spec.actions.iter().flat_map(|it| &it.triggers).cloned().collect();
        for (index, name, place) in &self.fired {
            if spec.actions[*index].triggers.iter().any(|it| it.name == *name) {
                continue;
            }
            let mut found = Vec::new();
            let mut is_known = false;
            for integration in self.integrations.iter_mut().filter(|it| it.trigger == *name) {
                (integration.is_used, is_known) = (true, true);
                found.extend(integration.becomes.clone());
            }
            if !is_known {
                let others: Vec<&Trigger> = declared.iter().filter(|it| it.name == *name).collect();
                match others.as_slice() {
                    [one] => found.push((*one).clone()),
                    [] if name.starts_with(|c: char| c.is_ascii_uppercase()) => found.push(hook(name)),
                    [] => reading.refuse(place, format!("`trigger {name}` names no integration, trigger or hook")),
                    [_, _, ..] => reading.refuse(place, format!("`trigger {name}` could be one of several triggers")),
                }
            }
            spec.actions[*index].triggers.extend(found);
        }
        for integration in &self.integrations {
            let is_event = spec.actions.iter().any(|it| it.name == integration.trigger);
            if !integration.is_used && !is_event {
                reading.warn(&integration.place, format!("nothing triggers `{}`", integration.trigger));
            } else if integration.becomes.is_none() {
                reading.warn(&integration.place, "a webhook without `url` goes nowhere");
            }
        }
        // An integration that names an action is fired by it.
        for integration in self.integrations.iter_mut().filter(|it| !it.is_used) {
            if let Some(action) = spec.actions.iter_mut().find(|it| it.name == integration.trigger) {
                action.triggers.extend(integration.becomes.take());
            }
        }
    }
}

fn outside(name: Text, via: &str, settings: Vec<(Text, Value)>) -> Trigger {
    Trigger {
        name,
        principal: None,
        to_state: None,
        guard: None,
        liveness: Promise::BestEffort,
        drop_ok: false,
        llm: false,
        deed: Started::Outside { via: via.into(), on_success: None, on_failure: None, settings },
    }
}

fn hook(name: &Text) -> Trigger {
    outside(name.clone(), "hook", vec![("hook".into(), Value::Text(name.clone()))])
}

/// An integration: what is no key of its own belongs to its configuration.
fn integration(reading: &mut Reading, item: &Item) -> Option<Integration> {
    const OWN: [&str; 8] = ["name", "trigger", "type", "module", "on_success", "on_failure", "llm", "config"];
    reading.is_old = true;
    let Toml::Table(entries) = &item.value else {
        reading.mismatch(item, "a table");
        return None;
    };
    let fields = Fields { name: "`[[integration]]`", place: item.place.clone(), table: entries };
    let (name, trigger) = (fields.need(reading, "name"), fields.need(reading, "trigger"));
    let mut config = table(reading, &fields, "config");
    for (key, (_, item)) in entries.0.iter().filter(|(key, _)| !OWN.contains(&key.as_str())) {
        match scalar(item) {
            Some(text) => config.push((format!("config.{key}").into(), Value::Text(text))),
            None => reading.mismatch(item, "a string"),
        }
    }
    let mut take = |key: &str| {
        let at = config.iter().position(|(known, _)| *known == format!("config.{key}").as_str())?;
        Some((Text::from(key), config.remove(at).1))
    };
    let kind = fields.text(reading, "type").unwrap_or_else(|| "webhook".into());
    let first = match kind.as_str() {
        "wasm" => Some(vec![("module".into(), Value::Text(fields.need(reading, "module")))]),
        "adapter" => match take("adapter").or_else(|| take("adapter_type")) {
            Some(adapter) => Some(vec![adapter]),
            None => {
                reading.refuse(&fields.place, "an integration of type `adapter` names its `adapter`");
                None
            }
        },
        "webhook" => take("url").map(|url| {
            let method = take("method").unwrap_or_else(|| ("method".into(), Value::text("POST")));
            vec![url, method]
        }),
        other => {
            reading.unknown(&fields.at("type"), "type", other, &["wasm", "adapter", "webhook"]);
            None
        }
    };
    let becomes = first.map(|first| {
        let mut becomes = outside(name, &kind, first.into_iter().chain(config).collect());
        becomes.llm = fields.flag(reading, "llm", false);
        if let Started::Outside { on_success, on_failure, .. } = &mut becomes.deed {
            *on_success = action(fields.text(reading, "on_success"));
            *on_failure = action(fields.text(reading, "on_failure"));
        }
        becomes
    });
    Some(Integration { trigger, place: item.place.clone(), is_used: false, becomes })
}
