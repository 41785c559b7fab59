//! States of a varied run come back from their pieces as they were, after every record.

use antfarm_colony::{Colony, Manner, Mood, Settings, Terms};
use antfarm_keeper::verify;
use antfarm_machine::{PeerId, Span};
use antfarm_node::{Phase, State};

/// Everything that a state holds, at one time or another: writs of several depths, budgets, tasks, calls in doubt, dead writs.
fn varied(seed: u64) -> (Colony, [PeerId; 3]) {
    let settings = Settings { save: 20, sweep: Span::from_secs(5), ..Settings::default() };
    let members = ["queen", "scout", "helper", "bank", "store", "mail", "mind"];
    let mut colony = Colony::seeded(seed).members(members).settings(settings).build();
    let [queen, scout, helper, _, _, mail, mind] = colony.ids();
    let root = colony.grant(queen, queen, Terms::default().depth(3));
    let errands = colony.grant(queen, scout, Terms::default().depth(2));
    let dead = colony.grant(queen, helper, Terms::default());
    colony.fail(mail, Mood::Silent, 3);
    colony.run_for(Span::from_secs(1));
    let part = colony.delegate(scout, helper, &errands, Terms::default().calls(20).spend(20));
    colony.commission(queen, scout, &root, Terms::default().spend(5), "pay 2000000 well; answer thirsty");
    colony.work(scout, &errands, "give helper 3 { pay 1000000 well; answer watered }; answer all done");
    colony.work(helper, &dead, "pay 1000000 here; pay 1000000 there; answer paid");
    for nth in 0..60 {
        colony.pay(scout, &errands, "well", 1);
        match nth % 6 {
            0 => colony.mail(scout, &errands, "mother", "hello"),
            1 => colony.pay(helper, &part, "well", 1),
            2 => colony.put(scout, &errands, &format!("shelf-{nth}"), &[7; 100]),
            3 => colony.pay(helper, &dead, "well", 2),
            _ => {}
        }
        match nth {
            20 => colony.revoke(queen, &dead),
            25 => colony.crash(scout),
            27 | 47 => colony.mend(),
            30 => colony.think(mind, Manner::Looping),
            40 => colony.close(helper, &part),
            45 => colony.crash(helper),
            _ => {}
        }
        colony.run_for(Span::from_millis(400));
    }
    colony.settle();
    (colony, [queen, scout, helper])
}

#[test]
fn a_state_comes_back_from_its_pieces_after_every_record() {
    let (mut records, mut doubted, mut dead, mut tasks, mut lent, mut saved) = (0, 0, 0, 0, 0, 0);
    for seed in [1, 2] {
        let (mut colony, nodes) = varied(seed);
        for id in nodes {
            let (config, last) = (colony.node(id).config().clone(), colony.node(id).state().clone());
            let empty = State::new(&config);
            let mut state = empty.clone();
            let disk = colony.simulation().world().disk(id);
            verify(disk, config.ledger.log, &mut |record| {
                state.fold(record);
                let pieces: Vec<Vec<u8>> = state.pieces().collect();
                let back = empty.of_pieces(pieces.iter().cloned()).expect("they are pieces of a state");
                assert!(back == state, "after record {}", record.header.position);
                assert!(back.pieces().eq(pieces), "one state has one encoding");
                back.check();
                records += 1;
                doubted += state.under_way().filter(|(_, it)| *it.phase() == Phase::Doubted).count();
                dead += state.revocations().iter().count();
                tasks += state.runs().len();
                lent += state.accounts().writs().filter(|it| it.parent().is_some()).count();
            })
            .expect("the log is whole");
            assert!(state == last, "the state is the fold of the log");
            saved += disk.list().iter().filter(|it| antfarm_ledger::checkpoint_records(&it.object).is_some()).count();
        }
    }
    let seen = [records, doubted, dead, tasks, lent, saved];
    assert!(seen.iter().all(|it| *it > 0) && records > 400 && saved > 4, "{seen:?}");
}

#[test]
fn pieces_that_were_altered_are_none_or_those_of_another_state() {
    let (colony, [_, scout, _]) = varied(3);
    let empty = State::new(colony.node(scout).config());
    let state = colony.node(scout).state();
    let pieces: Vec<Vec<u8>> = state.pieces().collect();
    let (mut refused, mut others) = (0, 0);
    for (number, piece) in pieces.iter().enumerate() {
        for at in (0..piece.len()).step_by(17) {
            let mut altered = pieces.clone();
            altered[number][at] ^= 1 << (at % 8);
            match empty.of_pieces(altered) {
                None => refused += 1,
                Some(other) => {
                    assert_ne!(other, *state, "piece {number}, byte {at}");
                    others += 1;
                }
            }
        }
        let missing = pieces.iter().enumerate().filter(|(at, _)| *at != number).map(|(_, piece)| piece.clone());
        assert_ne!(empty.of_pieces(missing).as_ref(), Some(state), "without piece {number}");
    }
    assert!(refused > 100 && others > 0, "{refused} refused, {others} others");
}
