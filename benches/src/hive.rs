//! A large colony that does little: what it costs that it is there.

use antfarm_authority::{Amount, Bytes, Calls, Ceiling, Delegation, Grant, Name, Scope, Scopes, Text, Usdc, Window};
use antfarm_colony::{BEGIN, Colonies, Errand, Member, Plan, Settings, nonce_of, signer};
use antfarm_machine::{PeerId, Span};
use antfarm_sim::scenario::Subject;
use antfarm_sim::{Load, Nobody, Recorder, Simulation, Time, World};

fn name(text: &str) -> Name {
    Name::new(text).expect("legal")
}

fn writ_of(node: PeerId) -> Name {
    name(&format!("w{}", node.number()))
}

fn grant(node: PeerId) -> Errand {
    let grant = Grant {
        colony: Plan::colony(),
        tenant: Plan::tenant(),
        tools: Scopes::new(Scope::new("*")).expect("one is not too many"),
        budget: Amount { calls: Calls(1_000), money: Usdc::whole(1_000), ..Amount::ZERO },
        ceiling: Ceiling::ALL,
        window: Window::new(BEGIN, BEGIN + Span::from_secs(2 * 86_400)).expect("it ends later"),
        delegation: Delegation::new(0, true).expect("not too deep"),
        freshness: Span::from_secs(3_600),
    };
    let key = signer(node).public();
    Errand::Grant { name: writ_of(node), under: None, to: key, home: key, grant: Box::new(grant), task: None }
}

/// `nodes` nodes and a bank for `secs` simulated seconds under the default faults: each node has a writ of the first one, knows that
/// one and one neighbour on either side, tells one of them each minute what it knows, and makes a payment each hour, all in the
/// mean. Nobody watches. The number of events.
pub fn hive(seed: u64, nodes: u32, secs: u64) -> u64 {
    let names: Vec<String> = (0..nodes).map(|number| format!("n{number}")).chain(["bank".to_owned()]).collect();
    let settings = Settings { pulse: Span::from_secs(60), neighbours: Some(1), ..Settings::default() };
    let plan = Plan::of(names.iter().map(String::as_str), settings);
    let (queen, workers) = (PeerId::new(0), plan.nodes().split_off(1));
    let core = [plan.nodes(), plan.tools()].concat();
    let mut sim: Simulation<Member> = Simulation::new(seed, World::new(plan.machines(), Nobody).lasting(&plan.tools()))
        .record(Recorder::Off)
        .core(core)
        .swarm(&Colonies.tolerates(), Span::from_secs(secs));
    for (nth, node) in (1..).zip(&workers) {
        let at = Time::ZERO.after(Span::from_secs(2) + Span::from_millis(10).times(nth));
        sim = sim.load(Load::once(at, queen, grant(*node)));
        let wish = {
            let under = writ_of(*node);
            move |_: &mut antfarm_sim::Dice, nth: u64| Errand::Wish {
                under: under.clone(),
                lasts: None,
                nonce: nonce_of(&format!("{under} {nth}")),
                tool: name("bank.pay"),
                target: Text::new("well").expect("short"),
                args: Bytes::new(&Usdc(5).0.to_le_bytes()).expect("short"),
            }
        };
        sim = sim.load(Load::every((Span::from_secs(1_800), Span::from_secs(5_400)), vec![*node], wish));
    }
    sim.run(Span::from_secs(secs), Span::from_secs(300)).unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
    // What is in doubt stays reserved: the bank's clock may be wrong for hours, and then it begins nothing.
    let begun = |node: &PeerId| {
        let state = sim.machine(*node).node().map(antfarm_node::Node::state);
        let accounts = state.into_iter().flat_map(|it| it.writs().filter_map(|writ| it.accounts().account(writ.id())));
        accounts.map(|account| account.spent().calls.0 + account.reserved().calls.0).sum::<u64>()
    };
    let (begun, wished) = (workers.iter().map(begun).sum::<u64>(), u64::from(nodes) * secs / 3_600);
    assert!(2 * begun > wished, "most payments are begun: {begun} of about {wished}");
    sim.events()
}
