//! What a request carries: texts, forms and JSON, with the values of a call at their places.

use super::place::escape;
use crate::template::{Arguments, Part, Slot, Template, Unfit, Values};
use serde_json::Value as Json;
use std::borrow::Cow;

/// The body of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// None.
    Nothing,
    /// The arguments as they came.
    Args,
    /// A text.
    Text(Template),
    /// Names and values, as forms of the web are sent.
    Form(Vec<(String, Template)>),
    /// JSON.
    Json(Tree),
}

/// JSON whose texts are templates. A text that is one placeholder of a field becomes what the field is; all else stays text, so that
/// no value can change the shape.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Tree {
    Fixed(Json),
    Text(Template),
    Slot(Slot),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Tree {
    /// Reads JSON with placeholders in its texts.
    pub(crate) fn parse(text: &str, arguments: &Arguments) -> Result<Self, String> {
        Self::of(serde_json::from_str(text).map_err(|error| error.to_string())?, arguments)
    }

    fn of(json: Json, arguments: &Arguments) -> Result<Self, String> {
        Ok(match json {
            Json::Null | Json::Bool(_) | Json::Number(_) => Self::Fixed(json),
            Json::String(text) => {
                let template = Template::parse(&text, arguments)?;
                match template.parts() {
                    [Part::Slot(slot)] => Self::Slot(slot.clone()),
                    [..] => Self::Text(template),
                }
            }
            Json::Array(items) => Self::List(items.into_iter().map(|it| Self::of(it, arguments)).collect::<Result<_, _>>()?),
            Json::Object(fields) => {
                let field = |(name, value)| Ok((name, Self::of(value, arguments)?));
                Self::Object(fields.into_iter().map(field).collect::<Result<_, String>>()?)
            }
        })
    }

    fn fill(&self, values: &Values<'_>) -> Result<Json, Unfit> {
        Ok(match self {
            Self::Fixed(json) => json.clone(),
            Self::Text(template) => Json::String(template.fill(values, Ok)?),
            Self::Slot(slot) => values.json(slot)?,
            Self::List(items) => Json::Array(items.iter().map(|it| it.fill(values)).collect::<Result<_, _>>()?),
            Self::Object(fields) => {
                let field = |(name, tree): &(String, Self)| Ok((name.clone(), tree.fill(values)?));
                Json::Object(fields.iter().map(field).collect::<Result<_, Unfit>>()?)
            }
        })
    }
}

impl Content {
    /// What it is called in the header `Content-Type`, where a manifest says nothing.
    pub(crate) const fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::Args => None,
            Self::Text(_) => Some("text/plain; charset=utf-8"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Json(_) => Some("application/json"),
        }
    }

    /// Its bytes for a call.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Result<Vec<u8>, Unfit> {
        Ok(match self {
            Self::Nothing => Vec::new(),
            Self::Args => values.args().to_vec(),
            Self::Text(template) => template.fill(values, Ok)?.into_bytes(),
            Self::Json(tree) => tree.fill(values)?.to_string().into_bytes(),
            Self::Form(fields) => {
                let mut pairs = Vec::new();
                for (name, template) in fields {
                    let value = template.fill(values, |it| Ok(Cow::Owned(it.into_owned())))?;
                    pairs.push(format!("{}={}", escape(name), escape(&value)));
                }
                pairs.join("&").into_bytes()
            }
        })
    }
}
