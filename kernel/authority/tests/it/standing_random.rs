//! A holder, its givers and the network between them, in random order, against true time.
//!
//! Every part may do its worst: inquiries and answers are lost, late, doubled and out of order, the holder's clock is as wrong
//! as it may be, the holder restarts, and each giver learns of a revocation only if it is its own.

use crate::fixture::{handed_on, helper, narrow, queen, root, scout, wide};
use antfarm_authority::{
    Grant, Granted, Inquiry, Revocation, Revocations, Standing, Standings, deadline_bound, revocation_bound,
};
use antfarm_identity::Signer;
use antfarm_machine::{MAX_DRIFT, MAX_SKEW, Mono, Now, Span, Wall};
use proptest::collection::vec;
use proptest::prelude::*;

/// Long enough for a thousandth of it to be many nanoseconds.
const FRESHNESS: u64 = 1_000_000;

#[derive(Clone, Debug)]
enum Event {
    Ask {
        root: bool,
    },
    /// One of the inquiries under way reaches whom it is for.
    Answer {
        which: usize,
        keep: bool,
    },
    /// One of the answers under way reaches the holder.
    Take {
        which: usize,
        keep: bool,
    },
    Revoke {
        by_root: bool,
        parent: bool,
    },
    Restart,
}

fn events() -> impl Strategy<Value = (u64, Event)> {
    let which = || (0..64usize, prop::bool::weighted(0.2));
    let event = prop_oneof![
        6 => any::<bool>().prop_map(|root| Event::Ask { root }),
        6 => which().prop_map(|(which, keep)| Event::Answer { which, keep }),
        6 => which().prop_map(|(which, keep)| Event::Take { which, keep }),
        1 => Just(Event::Restart),
    ];
    (prop_oneof![9 => 0..FRESHNESS / 40, 1 => 0..FRESHNESS / 2], event)
}

struct Scene {
    writ: Granted,
    rate: u64,
    /// True time, and when the holder's clock was at zero.
    now: u64,
    booted: u64,
    epoch: u64,
    holder: Standings,
    dead: [Revocations; 2],
    revoked: Option<u64>,
    inquiries: Vec<Inquiry>,
    answers: Vec<Standing>,
}

fn signer(root: bool) -> Signer {
    if root { queen() } else { scout() }
}

impl Scene {
    fn new(drift: i32) -> Self {
        let freshness = Span::from_nanos(FRESHNESS);
        let writ = handed_on(&root(wide()), &scout(), &helper(), Grant { freshness, ..narrow() });
        let rate = u64::try_from(1_000_000 + drift).expect("it runs forward");
        let (holder, dead) = (Standings::new(helper().public(), 0), [Revocations::new(), Revocations::new()]);
        let (inquiries, answers) = (Vec::new(), Vec::new());
        Self { writ, rate, now: 0, booted: 0, epoch: 0, holder, dead, revoked: None, inquiries, answers }
    }

    fn reading(&self) -> Mono {
        Mono::from_nanos((self.now - self.booted) * self.rate / 1_000_000)
    }

    fn step(&mut self, event: Event) {
        match event {
            Event::Ask { root } => {
                let inquiry = self.holder.inquire(self.writ.id(), signer(root).public(), self.reading());
                self.inquiries.push(inquiry.expect("there is room"));
            }
            Event::Answer { which, keep } => {
                let Some(inquiry) = pick(&mut self.inquiries, which, keep) else { return };
                let root = inquiry.giver == queen().public();
                let dead = &self.dead[usize::from(root)];
                self.answers.extend(Standing::answer(inquiry, &self.writ, dead, &signer(root)).ok());
            }
            Event::Take { which, keep } => {
                if let Some(answer) = pick(&mut self.answers, which, keep) {
                    let refused = self.holder.take(&answer, &self.writ).is_err();
                    assert!(refused || answer.inquiry.epoch == self.epoch, "an answer survived a restart");
                }
            }
            Event::Revoke { by_root, parent } => {
                let target =
                    if parent && by_root { self.writ.parent().expect("it is a child").clone() } else { self.writ.clone() };
                let revocation = Revocation::sign(&target, &signer(by_root));
                self.dead[usize::from(by_root)].take(&revocation, &target).expect("it may");
                self.revoked.get_or_insert(self.now);
            }
            Event::Restart => {
                self.epoch += 1;
                self.booted = self.now;
                self.holder = Standings::new(helper().public(), self.epoch);
            }
        }
    }

    /// The holder would like to send an effect at every instant.
    fn check(&mut self) {
        if self.holder.check(&self.writ, self.reading()).is_ok() {
            let bound = revocation_bound(Span::from_nanos(FRESHNESS)).as_nanos();
            let late = self.revoked.is_some_and(|at| self.now > at + bound);
            assert!(!late, "sent at {}, revoked at {:?}", self.now, self.revoked);
        }
        // The holder's wall clock is as far ahead as it may be, and the tool's as far behind; the tool acts at its last instant.
        let now = Now { mono: self.reading(), wall: Wall::from_nanos(self.now) + MAX_SKEW };
        if let Ok(deadline) = self.holder.deadline(&self.writ, now) {
            // Each of two readings of the clock is cut to whole nanoseconds.
            let bound = deadline_bound(Span::from_nanos(FRESHNESS)).as_nanos() + 2;
            let acts = (deadline + MAX_SKEW).as_nanos();
            let late = self.revoked.is_some_and(|at| acts > at + bound);
            assert!(!late, "done at {acts}, revoked at {:?}", self.revoked);
        }
    }
}

fn pick<T: Copy>(items: &mut Vec<T>, which: usize, keep: bool) -> Option<T> {
    let at = which.checked_rem(items.len())?;
    Some(if keep { items[at] } else { items.remove(at) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_network_does_a_revoked_writ_acts_no_longer_than_the_bound(
        drift in prop_oneof![Just(-MAX_DRIFT.0), -MAX_DRIFT.0..=MAX_DRIFT.0],
        events in vec(events(), 40..160), (when, by_root, parent) in any::<(prop::sample::Index, bool, bool)>(),
    ) {
        let mut scene = Scene::new(drift);
        let when = when.index(events.len());
        for (at, (passed, event)) in events.into_iter().enumerate() {
            scene.now += passed;
            scene.check();
            scene.step(if at == when { Event::Revoke { by_root, parent } } else { event });
            scene.check();
        }
        if let Some(revoked) = scene.revoked {
            scene.now = scene.now.max(revoked + revocation_bound(Span::from_nanos(FRESHNESS)).as_nanos() + 1);
            scene.check();
        }
    }
}
