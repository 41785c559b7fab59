//! A symbolic state: a status and a value of each variable's kind.

use super::list::List;
use super::script::Script;
use super::term::{Number, Truth, all, any};
use super::texts::{NULL, Texts};
use super::value::{Val, tag};
use antfarm_automata::{Kind, Spec, Value};

/// A state as terms.
#[derive(Clone, Debug)]
pub(super) struct Symbolic {
    /// The code of the status.
    pub(super) status: Number,
    /// The variables, each as its kind is modelled.
    pub(super) slots: Vec<Val>,
}

/// Any value of a kind; and whether it is one of a parameter, which may be null for any kind, and says so by `given`.
pub(super) fn open(script: &mut Script, name: &str, kind: &Kind) -> Val {
    match kind {
        Kind::Bool => Val::Truth(script.truth(name)),
        Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => {
            let (least, most) = kind.range().expect("it holds integers");
            Val::Number(script.number(name, least.into(), most.into()))
        }
        Kind::Text => Val::Text(script.number(name, 0, i128::MAX)),
        Kind::Ref { .. } => {
            let code = script.number(name, NULL, i128::MAX);
            script.assert(&code.equals(&Number::known(0)).not());
            Val::Text(code)
        }
        Kind::List { most, .. } => Val::List(List::open(script, name, *most, false)),
        Kind::Set { most, .. } => Val::List(List::open(script, name, *most, true)),
        Kind::Open => {
            let what = script.number(&format!("{name}.is"), tag::NULL, tag::TEXT);
            let which = script.number(&format!("{name}.which"), i128::MIN, i128::MAX);
            script.assert(&is_property(&what, &which));
            Val::Any { tag: what, which }
        }
    }
}

/// Whether a value is null.
pub(super) fn is_null(value: &Val) -> Truth {
    super::value::same(value, &super::value::null())
}

/// That these two are what a property is, and which.
pub(super) fn is_property(what: &Number, which: &Number) -> Truth {
    let is = |tag| what.equals(&Number::known(tag));
    all([
        is(tag::NULL).implies(&which.equals(&Number::known(0))),
        is(tag::TRUTH).implies(&which.lies(0, 1)),
        is(tag::NUMBER).implies(&which.lies(i64::MIN.into(), i64::MAX.into())),
        is(tag::TEXT).implies(&which.lies(0, i128::MAX)),
    ])
}

/// A value that is written out, as its kind is modelled. Nothing for a list that is longer than what is modelled.
pub(super) fn fixed(texts: &Texts, kind: &Kind, value: &Value) -> Option<Val> {
    let plain = match value {
        Value::Null => Val::Text(Number::known(NULL)),
        Value::Bool(truth) => Val::Truth(Truth::Known(*truth)),
        Value::Int(number) => Val::Number(Number::known(*number)),
        Value::Text(text) => Val::Text(Number::known(texts.code(text))),
        Value::List(list) => {
            let codes: Vec<i128> = list.iter().map(|text| texts.code(text)).collect();
            return List::of(&codes, kind.most()?).map(Val::List);
        }
    };
    if *kind == Kind::Open {
        let (tag, which) = plain.any()?;
        return Some(Val::Any { tag, which });
    }
    Some(plain)
}

impl Symbolic {
    /// Any state of a spec, as constants with this suffix.
    pub(super) fn open(script: &mut Script, texts: &Texts, spec: &Spec, suffix: &str) -> Self {
        let codes: Vec<i128> = spec.states.iter().map(|state| texts.code(state)).collect();
        let (least, most) = (codes.iter().min().copied().unwrap_or(0), codes.iter().max().copied().unwrap_or(0));
        let status = script.number(&format!("status{suffix}"), least, most);
        let is_state = any(codes.iter().map(|code| status.equals(&Number::known(*code))));
        script.assert(&is_state);
        let slots = spec.variables.iter().map(|it| open(script, &format!("{}{suffix}", it.name), &it.kind)).collect();
        Self { status, slots }
    }

    /// That the two are the same state of one spec; `constant` is made of constants.
    pub(super) fn is(&self, constant: &Self) -> Truth {
        let slots = self.slots.iter().zip(&constant.slots).map(|(one, other)| is(one, other));
        all(std::iter::once(self.status.equals(&constant.status)).chain(slots))
    }
}

/// That two values of one kind are the same.
pub(super) fn is(value: &Val, constant: &Val) -> Truth {
    match (value, constant) {
        (Val::List(value), Val::List(constant)) => value.is(constant),
        (Val::List(_) | Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. }, _) => {
            super::value::same(value, constant)
        }
    }
}

/// `yes` where `truth` holds, `no` elsewhere; both of one kind.
pub(super) fn pick(script: &mut Script, truth: &Truth, yes: &Val, no: &Val) -> Val {
    match (yes, no) {
        (Val::Truth(yes), Val::Truth(no)) => Val::Truth(script.share(truth.choose(yes, no))),
        (Val::Number(yes), Val::Number(no)) => Val::Number(script.name(truth.pick(yes, no))),
        (Val::Text(yes), Val::Text(no)) => Val::Text(script.name(truth.pick(yes, no))),
        (Val::List(yes), Val::List(no)) => Val::List(List::pick(script, truth, yes, no)),
        (Val::Any { tag, which }, Val::Any { tag: other, which: that }) => {
            Val::Any { tag: script.name(truth.pick(tag, other)), which: script.name(truth.pick(which, that)) }
        }
        (Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::List(_) | Val::Any { .. }, _) => {
            unreachable!("values of one kind are modelled alike")
        }
    }
}

/// A value as a variable of this kind takes it, and whether it can.
pub(super) fn fitted(script: &mut Script, kind: &Kind, value: &Val) -> (Val, Truth) {
    match kind {
        Kind::Bool => {
            let is_truth = match value.any() {
                Some((what, _)) => what.equals(&Number::known(tag::TRUTH)),
                None => Truth::FALSE,
            };
            (Val::Truth(value.holds()), is_truth)
        }
        Kind::Counter | Kind::Int | Kind::Money { .. } | Kind::Duration => {
            let (least, most) = kind.range().expect("it holds integers");
            let (is, number) = value.number();
            let fits = number.lies(least.into(), most.into());
            (Val::Number(number.within(least.into(), most.into())), is.and(&fits))
        }
        Kind::Text => {
            let (is, code) = value.text();
            (Val::Text(code.within(0, i128::MAX)), is)
        }
        Kind::Ref { .. } => match value.any() {
            None => (Val::Text(Number::known(NULL)), Truth::FALSE),
            Some((what, _)) => {
                let (is, code) = value.text();
                let is_null = what.equals(&Number::known(tag::NULL));
                let fits = is_null.or(&is.and(&code.equals(&Number::known(0)).not()));
                let code = match value {
                    Val::Text(code) => code.clone(),
                    Val::Truth(_) | Val::Number(_) | Val::Any { .. } | Val::List(_) => {
                        is_null.pick(&Number::known(NULL), &code.within(0, i128::MAX))
                    }
                };
                (Val::Text(script.name(code)), fits)
            }
        },
        Kind::Open => match value.any() {
            Some((tag, which)) => (Val::Any { tag: script.name(tag), which: script.name(which) }, Truth::TRUE),
            None => (Val::Any { tag: Number::known(tag::NULL), which: Number::known(0) }, Truth::FALSE),
        },
        Kind::List { most, .. } | Kind::Set { most, .. } => {
            let is_set = matches!(kind, Kind::Set { .. });
            match value {
                Val::List(list) => {
                    let (list, fits) = list.fitted(script, *most, is_set);
                    (Val::List(list), fits)
                }
                Val::Truth(_) | Val::Number(_) | Val::Text(_) | Val::Any { .. } => (Val::List(List::none(*most)), Truth::FALSE),
            }
        }
    }
}
