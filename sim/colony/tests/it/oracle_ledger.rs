//! Each oracle of logs, of progress and of bounds fails over a member that is wrong in its way, and not over one that is not.

use crate::flawed::{Flaw, Flawed, SECRET};
use antfarm_authority::{Bytes, EffectKey, Name, Nonce, Text};
use antfarm_colony::{Colonies, Colonist, Errand, Mood, Plan, Settings, nonce_of, oracle};
use antfarm_identity::{Digest, from_bytes, to_bytes};
use antfarm_ledger::{Draft, Ledger, Link, Progress};
use antfarm_machine::{Operation, Outcome, PeerId, Receipt, Request, Span};
use antfarm_node::{Fact, Node, VERSION};
use antfarm_sim::scenario::{Subject, Trouble};
use antfarm_sim::{Failure, Fault, Load, Nobody, Odds, Oracle, Planned, Simulation, Time};

const NAMES: [&str; 5] = ["queen", "scout", "helper", "bank", "store"];
const QUEEN: PeerId = PeerId::new(0);
const SCOUT: PeerId = PeerId::new(1);
const HELPER: PeerId = PeerId::new(2);
const BANK: PeerId = PeerId::new(3);
const STORE: PeerId = PeerId::new(4);

fn ms(n: u64) -> Time {
    Time::ZERO.after(Span::from_millis(n))
}

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

fn fault(from: u64, until: u64, fault: Fault) -> Planned {
    Planned { from: ms(from), until: Some(ms(until)), fault, row: None }
}

fn crash() -> Planned {
    fault(6_000, 6_500, Fault::Crash(SCOUT))
}

/// The scout's disk takes back what it answers from the third second on, when the scout crashes.
fn lie() -> [Planned; 2] {
    [fault(3_000, 6_400, Fault::LieSync(SCOUT, Odds::ALWAYS)), crash()]
}

fn wish(tool: &'static str, nonce: Nonce, args: &[u8]) -> Errand {
    let (under, tool) = (name("errands"), name(tool));
    Errand::Wish { under, nonce, tool, target: Text::new("well").expect("short"), args: Bytes::new(args).expect("short") }
}

/// Ten seconds of wishes and thirty to settle, with these faults, watched by one oracle, all members but the queen being wrong.
fn watch(flaw: Flaw, watching: impl Oracle<Flawed, Nobody> + 'static, faults: &[Planned]) -> Result<(), Failure> {
    let settings = Settings { retention: Span::from_secs(4), patience: Span::from_millis(250), ..Settings::default() };
    let members = Plan::of(NAMES, settings).machines();
    let flawed = (0..).map(PeerId::new).zip(members).map(|(peer, member)| {
        let forged = member.node().filter(|_| flaw == Flaw::Bewitched).map(forged).unwrap_or_default();
        Flawed::new(if peer == QUEEN { Flaw::None } else { flaw }, member, forged)
    });
    let grant = |name_of: &str, to: PeerId| Errand::Grant {
        name: name(name_of),
        under: None,
        to: antfarm_colony::signer(to).public(),
        home: antfarm_colony::signer(to).public(),
        grant: Box::new(antfarm_colony::Terms::default().grant()),
    };
    let every = |gap: u64| (Span::from_millis(gap), Span::from_millis(gap + 40));
    let pay = Load::every(every(60), vec![SCOUT], |_, nth| wish("bank.pay", nonce_of(&format!("pay {nth}")), &5_u64.to_le_bytes()));
    let put = Load::every(every(80), vec![SCOUT], |_, nth| wish("store.put", nonce_of(&format!("put {nth}")), b"value"));
    let nothing = Load::every(every(20), vec![HELPER], |_, nth| wish("bank.pay", nonce_of(&format!("no {nth}")), b""));
    let fail = |tool| move |_: &mut _, _| Errand::Fail { mood: Mood::Silent, times: 1 }.for_tool(tool);
    let mut sim = Simulation::seeded(7, flawed)
        .load(Load::once(ms(500), QUEEN, grant("errands", SCOUT)))
        .load(Load::once(ms(9_000), QUEEN, grant("late", HELPER)))
        .load(Load::once(ms(9_500), QUEEN, Errand::Revoke { name: name("errands") }))
        .load(pay)
        .load(put)
        .load(nothing)
        .load(Load::every(every(900), vec![BANK], fail(BANK)))
        .load(Load::every(every(900), vec![STORE], fail(STORE)))
        .oracle(watching)
        .faults(faults.iter().cloned());
    sim.run(Span::from_secs(10), Span::from_secs(40))
}
