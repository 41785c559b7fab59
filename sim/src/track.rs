//! What every timed walk has under its feet: a world, the digest of what happened, and the names of what is pending.
//!
//! [`Track::perform`] is the one place where a walk makes a choice happen, so that digest, names and record cannot miss one.

use crate::chance::Chance;
use crate::digest::TraceDigest;
use crate::link::{LaneId, Links};
use crate::name::{Fate, FlightName, Name};
use crate::record::{Recorder, Step};
use crate::subject::{Outside, Simulated};
use crate::world::{AskId, Choice, FlightId, Scratch, World};
use antfarm_identity::{Codec, to_bytes};
use antfarm_machine::PeerId;
use std::borrow::Cow;

/// The name of a message under way, in the walk's own terms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tag {
    pub(crate) lane: LaneId,
    pub(crate) nth: u32,
    pub(crate) copy: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Track<M: Simulated, O> {
    pub(crate) world: World<M, O>,
    pub(crate) scratch: Scratch<M>,
    pub(crate) links: Links,
    pub(crate) digest: TraceDigest,
    pub(crate) recorder: Recorder,
    /// By flight slot.
    tags: Vec<Tag>,
    /// Asks so far, by node; and their ordinals, by ask slot.
    asked: Vec<u32>,
    ask_tags: Vec<u32>,
    event: Vec<u8>,
    /// Check on every delivery that the message survives its encoding.
    pub(crate) round_trip: bool,
}

impl<M: Simulated, O: Outside<M>> Track<M, O> {
    pub(crate) fn new(world: World<M, O>, recorder: Recorder) -> Self {
        let mut asked = vec![0; world.len()];
        let mut ask_tags = Vec::new();
        for (id, node) in world.wants().filter_map(|id| Some((id, world.wanted(id)?.0))) {
            asked[node.index()] += 1;
            ask_tags.resize(id.0 as usize + 1, 0);
            ask_tags[id.0 as usize] = asked[node.index()];
        }
        Self {
            world,
            scratch: Scratch::default(),
            links: Links::new(M::Message::KINDS),
            digest: TraceDigest::new(),
            recorder,
            tags: Vec::new(),
            asked,
            ask_tags,
            event: Vec::new(),
            round_trip: false,
        }
    }

    /// Makes `choice` happen at the world's present time. What was born is in `scratch.born`, and named.
    pub(crate) fn perform(&mut self, choice: &Choice) {
        self.event.clear();
        let what = self.world.canon(choice, &mut self.event);
        let recorded = self.recorder.wants();
        if recorded {
            // Before it happens: a machine that panics is seen in the act.
            let (at, number) = (self.world.now(), self.digest.events() + 1);
            let name = self.name(choice);
            let detail = if self.recorder.prints() { self.world.carried(choice) } else { String::new() };
            self.recorder.push(Step { at, name, digest: 0, number, void: false, detail, notices: Vec::new() });
        }
        if self.round_trip {
            self.check_round_trip(choice);
        }
        let copied = if let Choice::Copy(id) = choice { Some(self.tag(*id)) } else { None };

        self.world.apply(choice, &mut self.scratch);

        let born = &self.scratch.born;
        for notice in &born.notices {
            notice.encode(&mut self.event);
        }
        self.digest.absorb(self.world.now(), what, &self.event);
        for &flight in &born.flights {
            let tag = match copied {
                Some(original) => Tag { copy: original.copy.saturating_add(1), ..original },
                None => {
                    let Some(it) = self.world.flight(flight) else { continue };
                    let (lane, nth) = self.links.count(it.from, it.to, it.message.kind());
                    Tag { lane, nth, copy: 0 }
                }
            };
            let slot = flight.0 as usize;
            if self.tags.len() <= slot {
                self.tags.resize(slot + 1, Tag::default());
            }
            self.tags[slot] = tag;
        }
        if self.digest.is_due() {
            self.seal();
        }
        if recorded {
            let born = &self.scratch.born;
            let told = || born.notices.iter().map(|notice| format!("{notice:?}")).collect();
            self.recorder.finish(self.digest.value(), born.void, told);
        }
    }

    /// Seals the digest with the whole world as it is now.
    pub(crate) fn seal(&mut self) {
        self.event.clear();
        self.world.canon_state(&mut self.event);
        self.digest.checkpoint(&self.event);
    }

    pub(crate) fn want(&mut self, node: PeerId, ask: M::Ask) -> AskId {
        let id = self.world.want(node, ask);
        let slot = id.0 as usize;
        if self.ask_tags.len() <= slot {
            self.ask_tags.resize(slot + 1, 0);
        }
        self.asked[node.index()] += 1;
        self.ask_tags[slot] = self.asked[node.index()];
        id
    }

    #[inline]
    pub(crate) fn tag(&self, flight: FlightId) -> Tag {
        self.tags[flight.0 as usize]
    }

    #[inline]
    pub(crate) fn draw(&mut self, tag: Tag, chance: &Chance) -> crate::chance::Slot {
        self.links.draw(tag.lane, chance)
    }

    /// The name of a choice that is open now.
    pub(crate) fn name(&self, choice: &Choice) -> Name {
        let flight = |fate, id: &FlightId| Name::Flight(fate, self.flight_name(*id));
        match choice {
            Choice::Deliver(id) => flight(Fate::Deliver, id),
            Choice::Lose(id) => flight(Fate::Lose, id),
            Choice::Copy(id) => flight(Fate::Copy, id),
            Choice::Corrupt(id, bits) => flight(Fate::Corrupt(*bits), id),
            Choice::Ring(node, arm) => {
                let timer = self.world.timer(*node, *arm);
                let kind = timer.and_then(|timer| M::Timer::KINDS.get(timer.kind() as usize)).copied().unwrap_or_default();
                Name::Ring(*node, Cow::Borrowed(kind), timer.map(encoding).unwrap_or_default())
            }
            Choice::Sync(node, id, verdict) => Name::Sync(*node, *id, verdict.clone()),
            Choice::Ask(id) => {
                let (node, ask) = self.world.wanted(*id).expect("an ask that is wanted");
                Name::Ask(node, self.ask_tags[id.0 as usize], encoding(ask))
            }
            Choice::Start(node) => Name::Start(*node),
            Choice::Crash(node) => Name::Crash(*node),
            Choice::Tear(node, id, keep, zeros) => Name::Tear(*node, *id, *keep, *zeros),
            Choice::Replace(node) => Name::Replace(*node),
            Choice::Rot(node, object, offset, bit) => Name::Rot(*node, object.clone(), *offset, *bit),
            Choice::Clock(node, change) => Name::Clock(*node, *change),
        }
    }

    pub(crate) fn flight_name(&self, id: FlightId) -> FlightName {
        let tag = self.tag(id);
        let (from, to, kind) = self.links.ends(tag.lane);
        FlightName { from, to, kind: Cow::Borrowed(kind), nth: tag.nth, copy: tag.copy }
    }

    fn check_round_trip(&self, choice: &Choice) {
        if let Choice::Deliver(id) = choice
            && let Some(flight) = self.world.flight(*id)
        {
            let back = antfarm_identity::from_bytes(&to_bytes(&flight.message));
            assert_eq!(back.as_ref(), Ok(&flight.message), "a message is what its encoding decodes to");
        }
    }
}

/// The encoding of a value of any length: names are not decoded unless a replay asks for it.
fn encoding(value: &impl Codec) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode(&mut bytes);
    bytes
}
