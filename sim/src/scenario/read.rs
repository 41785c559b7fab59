//! Reading one value in its form.

use crate::chance::Odds;
use crate::fault::{Family, Shape};
use crate::scenario::key::{Form, Key, Unit};
use crate::scenario::nodes::Nodes;
use crate::scenario::quantity::{self, Spread};
use crate::scenario::section::{Section, none_of, tables};
use antfarm_machine::{PeerId, Span};
use antfarm_strict::{Complaint, Found, Item, Place, Source, Trouble, Value};
use std::sync::Arc;

/// The names that values may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    /// All peers: nodes first, then those outside.
    pub(super) peers: &'a Nodes,
    /// How many of the peers are nodes.
    pub(super) nodes: usize,
    /// Kinds of messages.
    pub(super) kinds: &'static [&'static str],
}

/// A value in its form.
#[derive(Clone, Debug)]
pub(super) enum Read {
    Text(String),
    Count(u64),
    Flag(bool),
    Word(&'static str),
    Span(Span),
    Spread(Spread),
    When(When),
    Gap(Span),
    Peer(PeerId),
    Group(Group),
    Link((Group, Group)),
    Shape(Shape),
    Texts(Vec<(Place, String)>),
    Swarm(Swarm),
    Table(Section),
    Rows(Vec<Section>),
    Raw(Item),
}

/// A time, sampled per seed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct When {
    /// Counted from the start of what it belongs to, else from the start of the run.
    pub relative: bool,
    /// In nanoseconds, not negative.
    pub spread: Spread,
}

/// Some peers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Group {
    /// Whichever.
    Any,
    /// These: one at least, each once.
    These(Vec<PeerId>),
}

/// Which faults are drawn from the seed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Swarm {
    /// None.
    Nothing,
    /// Those of the families that the machine tolerates.
    Tolerated,
    /// Those of all families.
    Everything,
    /// Those of these families.
    These(Vec<Family>),
}

/// Reads the value of a key; what is wrong goes to `found`.
pub(super) fn read(key: &Key, item: &Item, source: &Arc<Source>, terms: &Terms<'_>, found: &mut Found) -> Option<Read> {
    let reader = Reader { source, terms };
    let read = match key.form {
        Form::Text => reader.text(item, key.form).map(|text| Read::Text(text.to_owned())),
        Form::Count(least, most) => reader.count(item, least, most).map(Read::Count),
        Form::Amount(unit, most) => reader.amount(item, unit, most).map(Read::Count),
        Form::Seed => reader.seed(item).map(Read::Count),
        Form::Flag => match item.value {
            Value::Flag(it) => Ok(Read::Flag(it)),
            Value::Text(_) | Value::Integer(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
                Err(reader.mistyped(item, key.form))
            }
        },
        Form::Word(words) => reader.word(item, words).map(Read::Word),
        Form::Span => reader.spread(item, key.form, antfarm_strict::duration, true).and_then(|spread| {
            let just = u64::try_from(spread.low()).ok().filter(|_| spread.low() == spread.high());
            just.map(|nanos| Read::Span(Span::from_nanos(nanos))).ok_or_else(|| reader.misread(item, key.form))
        }),
        Form::Spread => reader.spread(item, key.form, antfarm_strict::duration, true).map(Read::Spread),
        Form::Shift => reader.spread(item, key.form, antfarm_strict::duration, false).map(Read::Spread),
        Form::When => reader.when(item).map(Read::When),
        Form::Odds => reader.spread(item, key.form, quantity::chance, true).map(Read::Spread),
        Form::Drift => reader.spread(item, key.form, quantity::drift, false).map(Read::Spread),
        Form::Rate => reader.rate(item).map(Read::Gap),
        Form::Nodes => reader.group(item, terms.nodes, key.form).map(Read::Group),
        Form::Peer => reader.text(item, key.form).and_then(|name| reader.peer(item, name, terms.peers.len())).map(Read::Peer),
        Form::Peers => reader.group(item, terms.peers.len(), key.form).map(Read::Group),
        Form::Link => reader.link(item).map(Read::Link),
        Form::Kind => reader.kind(item).map(|kind| Read::Text(kind.to_owned())),
        Form::Shape => reader.shape(item, found).map(Read::Shape),
        Form::Texts => reader.texts(item, key.form).map(Read::Texts),
        Form::Swarm => reader.swarm(item).map(Read::Swarm),
        Form::Expect => reader.expect(item).map(Read::Text),
        Form::Table(keys) => match &item.value {
            Value::Table(table) => {
                Ok(Read::Table(Section::open(source, (&item.place, table), (key.name, [keys, &[]]), terms, found)))
            }
            Value::Text(_) | Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Other(_) => {
                Err(reader.mistyped(item, key.form))
            }
        },
        Form::Rows(keys) => {
            let tables = tables(item, source, found);
            let open = |table| Section::open(source, table, (key.name, [keys, &[]]), terms, found);
            Ok(Read::Rows(tables.into_iter().map(open).collect()))
        }
        Form::Roster | Form::Config | Form::Asks | Form::Faults => Ok(Read::Raw(item.clone())),
    };
    found.sift(read)
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    terms: &'a Terms<'a>,
}

type Answer<T> = Result<T, Trouble>;

impl Reader<'_> {
    fn trouble(&self, item: &Item, complaint: Complaint) -> Trouble {
        self.source.trouble(&item.place, complaint)
    }

    fn mistyped(&self, item: &Item, form: Form) -> Trouble {
        self.trouble(item, Complaint::Type { wanted: form.wanted(), found: item.value.kind() })
    }

    /// It is a text, but not of the right form.
    fn misread(&self, item: &Item, form: Form) -> Trouble {
        match &item.value {
            Value::Text(found) => self.trouble(item, Complaint::Text { wanted: form.wanted(), found: found.clone() }),
            Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => self.mistyped(item, form),
        }
    }

    fn text<'i>(&self, item: &'i Item, form: Form) -> Answer<&'i str> {
        match &item.value {
            Value::Text(text) => Ok(text),
            Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
                Err(self.mistyped(item, form))
            }
        }
    }

    fn count(&self, item: &Item, least: u64, most: u64) -> Answer<u64> {
        let Value::Integer(number) = item.value else { return Err(self.mistyped(item, Form::Count(least, most))) };
        let bounds = || Complaint::Bounds { bounds: format!("a whole number from {least} to {most}") };
        let fits = u64::try_from(number).ok().filter(|number| (least..=most).contains(number));
        fits.ok_or_else(|| self.trouble(item, bounds()))
    }

    fn amount(&self, item: &Item, unit: &'static Unit, most: u64) -> Answer<u64> {
        if let Value::Text(text) = &item.value {
            return quantity::amount(text, unit, most).map_err(|complaint| self.trouble(item, complaint));
        }
        Ok(self.count(item, 0, most / unit.bare)? * unit.bare)
    }

    fn seed(&self, item: &Item) -> Answer<u64> {
        match &item.value {
            Value::Text(text) => text.parse().map_err(|_| self.misread(item, Form::Seed)),
            Value::Integer(_) => self.count(item, 0, u64::MAX),
            Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => Err(self.mistyped(item, Form::Seed)),
        }
    }

    fn word(&self, item: &Item, words: &'static [&'static str]) -> Answer<&'static str> {
        let text = self.text(item, Form::Word(words))?;
        words.iter().copied().find(|word| *word == text).ok_or_else(|| {
            let known = words.iter().map(|word| (*word).to_owned()).collect();
            self.trouble(item, Complaint::Name { of: "word", name: text.to_owned(), known })
        })
    }

    fn spread(&self, item: &Item, form: Form, one: fn(&str) -> Result<i64, Complaint>, positive: bool) -> Answer<Spread> {
        let text = self.text(item, form)?;
        let spread = quantity::spread(text, one).map_err(|complaint| self.trouble(item, complaint))?;
        if positive && spread.low() < 0 {
            return Err(self.trouble(item, Complaint::Bounds { bounds: "this is not negative".to_owned() }));
        }
        Ok(spread)
    }

    fn when(&self, item: &Item) -> Answer<When> {
        let text = self.text(item, Form::When)?;
        let relative = text.starts_with('+');
        let one = |text: &str| match (relative, text.strip_prefix('+')) {
            (true, Some(rest)) => antfarm_strict::duration(rest),
            (false, None) => antfarm_strict::duration(text),
            (true, None) | (false, Some(_)) => {
                Err(Complaint::Text { wanted: "both ends of the range with `+` or both without", found: text.to_owned() })
            }
        };
        let spread = quantity::spread(text, one).map_err(|complaint| self.trouble(item, complaint))?;
        if spread.low() < 0 {
            return Err(self.trouble(item, Complaint::Bounds { bounds: "a run begins at 0s".to_owned() }));
        }
        Ok(When { relative, spread })
    }

    fn rate(&self, item: &Item) -> Answer<Span> {
        let gap = quantity::rate(self.text(item, Form::Rate)?).map_err(|complaint| self.trouble(item, complaint))?;
        Ok(Span::from_nanos(u64::try_from(gap).unwrap_or(1)))
    }

    /// A peer among the first `most`.
    fn peer(&self, item: &Item, name: &str, most: usize) -> Answer<PeerId> {
        self.terms.peers.id(name).filter(|id| id.index() < most).ok_or_else(|| {
            let known = self.terms.peers.names().iter().take(most).cloned().collect();
            self.trouble(item, Complaint::Name { of: "node", name: name.to_owned(), known })
        })
    }

    fn group(&self, item: &Item, most: usize, form: Form) -> Answer<Group> {
        match &item.value {
            Value::Text(text) if text == "any" => Ok(Group::Any),
            Value::Text(name) => Ok(Group::These(vec![self.peer(item, name, most)?])),
            Value::List(items) if !items.is_empty() => {
                let mut peers = Vec::new();
                let mut seen = std::collections::BTreeSet::new();
                for item in items {
                    let name = self.text(item, Form::Peer)?;
                    let peer = self.peer(item, name, most)?;
                    if !seen.insert(peer) {
                        return Err(self.trouble(item, Complaint::Twice { name: name.to_owned() }));
                    }
                    peers.push(peer);
                }
                Ok(Group::These(peers))
            }
            Value::Integer(_) | Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => {
                Err(self.mistyped(item, form))
            }
        }
    }

    fn link(&self, item: &Item) -> Answer<(Group, Group)> {
        let Value::List(items) = &item.value else { return Err(self.mistyped(item, Form::Link)) };
        let [a, b] = items.as_slice() else {
            let complaint = Complaint::Bounds { bounds: "two groups, each a name, a list of names, or \"any\"".to_owned() };
            return Err(self.trouble(item, complaint));
        };
        let most = self.terms.peers.len();
        Ok((self.group(a, most, Form::Peers)?, self.group(b, most, Form::Peers)?))
    }

    fn kind<'i>(&self, item: &'i Item) -> Answer<&'i str> {
        let text = self.text(item, Form::Kind)?;
        if self.terms.kinds.contains(&text) {
            return Ok(text);
        }
        let known = self.terms.kinds.iter().map(|kind| (*kind).to_owned()).collect();
        Err(self.trouble(item, Complaint::Name { of: "kind of message", name: text.to_owned(), known }))
    }

    /// One of `{ uniform = R }`, `{ exponential = MEAN, least = D }`, `{ bimodal = D, slow = D, odds = P }`.
    fn shape(&self, item: &Item, found: &mut Found) -> Answer<Shape> {
        let Value::Table(table) = &item.value else { return Err(self.mistyped(item, Form::Shape)) };
        let Some((verb, keys)) = SHAPES.iter().find(|(verb, _)| table.0.contains_key(*verb)) else {
            let words = SHAPES.iter().map(|(verb, _)| *verb).collect();
            return Err(none_of(self.source, (&item.place, table), "a shape of latency", words, |_| false));
        };
        let section = Section::open(self.source, (&item.place, table), ("a shape of latency", [keys, &[]]), self.terms, found);
        let span = |key| section.span(key).unwrap_or(Span::ZERO);
        let nanos = |nanos| Span::from_nanos(u64::try_from(nanos).unwrap_or(0));
        Ok(match *verb {
            "uniform" => {
                let range = section.spread("uniform").unwrap_or(Spread::just(0));
                Shape::Uniform { low: nanos(range.low()), high: nanos(range.high()) }
            }
            "exponential" => Shape::Exponential { low: span("least"), mean: span("exponential") },
            _bimodal => {
                let ppm = section.spread("odds").unwrap_or(Spread::just(0));
                if ppm.low() != ppm.high() {
                    return Err(section.refuse("odds", "a shape has one chance, no range"));
                }
                let odds = u32::try_from(ppm.low()).ok().and_then(Odds::per_million).unwrap_or(Odds::NEVER);
                Shape::Bimodal { fast: span("bimodal"), slow: span("slow"), odds }
            }
        })
    }

    fn texts(&self, item: &Item, form: Form) -> Answer<Vec<(Place, String)>> {
        let Value::List(items) = &item.value else { return Err(self.mistyped(item, form)) };
        items.iter().map(|item| Ok((item.place.clone(), self.text(item, Form::Text)?.to_owned()))).collect()
    }

    fn swarm(&self, item: &Item) -> Answer<Swarm> {
        if let Value::Text(_) = item.value {
            return Ok(match self.word(item, &["none", "default", "all"])? {
                "none" => Swarm::Nothing,
                "default" => Swarm::Tolerated,
                _all => Swarm::Everything,
            });
        }
        let family = |(place, name): (Place, String)| {
            Family::named(&name).ok_or_else(|| {
                let known = Family::ALL.iter().map(|family| family.name().to_owned()).collect();
                self.source.trouble(&place, Complaint::Name { of: "fault family", name, known })
            })
        };
        Ok(Swarm::These(self.texts(item, Form::Swarm)?.into_iter().map(family).collect::<Answer<_>>()?))
    }

    fn expect(&self, item: &Item) -> Answer<String> {
        let text = self.text(item, Form::Expect)?;
        let name = text.strip_prefix("violation of ").ok_or_else(|| self.misread(item, Form::Expect))?;
        Ok(name.to_owned())
    }
}

/// The shapes of latency: the key that tells them apart, and all keys.
pub(super) const SHAPES: [(&str, &[Key]); 3] = [
    ("uniform", &[Key::new("uniform", Form::Spread, "Even between the ends of this range.").required()]),
    (
        "exponential",
        &[
            Key::new("exponential", Form::Span, "The mean of an exponential tail beyond `least`.").required(),
            Key::new("least", Form::Span, "The least latency; without it 0s."),
        ],
    ),
    (
        "bimodal",
        &[
            Key::new("bimodal", Form::Span, "Mostly even up to this.").required(),
            Key::new("slow", Form::Span, "Sometimes even up to this.").required(),
            Key::new("odds", Form::Odds, "How often is sometimes.").required(),
        ],
    ),
];
