//! What a checkpoint holds comes back as it was, or not at all.

use crate::codec::{check, damage};
use crate::fixture::{
    amount, colony, delegation, handed_on, helper, narrow, offer, other_colony, queen, root, root_body, roots, scout, stranger,
    wall, wide,
};
use antfarm_authority::{
    Account, Accounts, Amount, Body, Grant, Granted, Inquiry, MAX_REVOKED, NotGranted, NotStanding, RestoreRefusal, Revocation,
    RevocationRefusal, Revocations, SavedAccounts, Standing, TrustRoots, Writ,
};
use antfarm_identity::{Codec, Digest, Domain, Malformed, Reason, from_bytes, to_bytes};
use antfarm_machine::{Span, Wall};
use proptest::collection::vec;
use proptest::prelude::*;

fn key(n: u64) -> Digest {
    Digest::of(Domain::new("antfarm 2026 test reservation"), &n.to_le_bytes())
}

/// The part with this number, of zero, which lives at the helper's.
fn nth(writ: &Granted, number: usize) -> Granted {
    let mut offer = offer(&helper(), 0, Grant { budget: Amount::ZERO, delegation: delegation(0, false), ..narrow() });
    offer.nonce.0[..8].copy_from_slice(&number.to_le_bytes());
    writ.child(writ.delegate(offer, &scout()).expect("it narrows")).expect("accepted")
}

/// The scout's node: something under way, a child here that handed on, one elsewhere, one that returned, one account closed.
fn busy() -> Accounts {
    let (mut accounts, writ) = (Accounts::new(scout().public()), root(wide()));
    let other = root(Grant { budget: amount(3), ..wide() });
    let near = handed_on(&writ, &scout(), &scout(), Grant { budget: amount(3), delegation: delegation(2, true), ..wide() });
    let deep = handed_on(&near, &scout(), &scout(), Grant { budget: amount(1), delegation: delegation(0, false), ..narrow() });
    let back = handed_on(&writ, &scout(), &scout(), Grant { budget: amount(2), ..narrow() });
    let far = handed_on(&writ, &scout(), &helper(), Grant { budget: amount(2), ..narrow() });
    for it in [&writ, &other] {
        accounts.open(it, None).expect("it lives here");
    }
    for it in [&near, &back, &deep] {
        accounts.draw(it).expect("there is enough");
        accounts.open(it, None).expect("it was drawn");
    }
    accounts.draw(&far).expect("there is enough");
    for n in 0..2 {
        accounts.reserve(near.id(), key(n), amount(1)).expect("there is enough");
    }
    accounts.settle(near.id(), key(0), amount(1)).expect("it was reserved");
    accounts.close(back.id()).expect("nothing is under way");
    let closed = accounts.closed(back.id(), &scout()).expect("it is closed");
    accounts.reclaim(writ.id(), &closed).expect("the last word");
    accounts.close(other.id()).expect("nothing is under way");
    assert!(accounts.expire(near.id()));
    accounts.check();
    accounts
}

fn saved(accounts: &Accounts) -> Vec<u8> {
    to_bytes(&accounts.saved())
}

fn restore(bytes: &[u8]) -> Accounts {
    from_bytes::<SavedAccounts>(bytes).expect("well-formed").restore(scout().public(), &roots()).expect("ours")
}

#[track_caller]
fn refused(bytes: &[u8], reason: Reason) {
    assert_eq!(from_bytes::<SavedAccounts>(bytes).map_err(|it| it.reason), Err(reason));
}

#[test]
fn accounts_come_back_as_they_were() {
    for accounts in [Accounts::new(scout().public()), busy()] {
        let bytes = saved(&accounts);
        let back = restore(&bytes);
        assert_eq!(back, accounts);
        assert_eq!(saved(&back), bytes);
        back.check();
    }
}

/// A parent that is shared is written once, and not once for each child.
#[test]
fn a_tree_is_saved_in_a_size_that_is_linear_in_its_writs() {
    let (mut accounts, writ) = (Accounts::new(scout().public()), root(wide()));
    accounts.open(&writ, None).expect("it lives here");
    let mut sizes = vec![saved(&accounts).len()];
    for batch in 0..2 {
        for n in 0..500 {
            accounts.draw(&nth(&writ, batch * 500 + n)).expect("there is room");
        }
        sizes.push(saved(&accounts).len());
    }
    assert_eq!(sizes[2] - sizes[1], sizes[1] - sizes[0]);
    let child = to_bytes(nth(&writ, 0).writ()).len();
    // Where it is in the forest, and that it was drawn.
    assert_eq!((sizes[1] - sizes[0]) / 500, child + 5);
    assert_eq!(restore(&saved(&accounts)), accounts);
}

fn opened(writs: &[Granted]) -> Accounts {
    let mut accounts = Accounts::new(scout().public());
    writs.iter().for_each(|it| accounts.open(it, None).expect("it lives here"));
    accounts
}

/// The layout, written out a second time.
fn layout(writs: &[&Writ], entries: &[Vec<u8>]) -> Vec<u8> {
    let count = |n: usize| u32::try_from(n).expect("few");
    let mut bytes = to_bytes(&(scout().public(), Wall::ZERO));
    count(writs.len()).encode(&mut bytes);
    writs.iter().for_each(|it| it.encode(&mut bytes));
    count(entries.len()).encode(&mut bytes);
    bytes.extend(entries.concat());
    bytes
}

/// An open account with nothing outside: of the writ at a place, with granted, spent, reserved, drawn and free.
fn quiet(place: u32, amounts: [u64; 5]) -> Vec<u8> {
    to_bytes(&(place, amounts.map(amount), 0u32, 0u32, [false; 3]))
}

const WHOLE: [u64; 5] = [10, 0, 0, 0, 10];

#[test]
fn the_layout_is_home_writs_and_accounts() {
    let writ = root(wide());
    assert_eq!(saved(&opened(std::slice::from_ref(&writ))), layout(&[writ.writ()], &[quiet(0, WHOLE)]));
}

#[test]
fn writs_and_accounts_are_written_once_and_in_order() {
    let (one, two) = (root(wide()), root(Grant { freshness: Span::ZERO, ..wide() }));
    let (one, two) = if one.id() < two.id() { (one, two) } else { (two, one) };
    let [one, two] = [one.writ(), two.writ()];
    let (first, second) = (quiet(0, WHOLE), quiet(1, WHOLE));
    let entries = [first.clone(), second.clone()];
    assert!(from_bytes::<SavedAccounts>(&layout(&[one, two], &entries)).is_ok());
    refused(&layout(&[two, one], &[second.clone(), first.clone()]), Reason::Order);
    refused(&layout(&[one, one], &entries[..1]), Reason::Order);
    refused(&layout(&[one, two], &[second.clone(), first.clone()]), Reason::Order);
    refused(&layout(&[one, two], &[first.clone(), first.clone()]), Reason::Order);
    refused(&layout(&[one], &entries), Reason::Illegal { what: "SavedEntry" });
    // It would be a second way to write the same accounts.
    refused(&layout(&[one, two], &[first]), Reason::Illegal { what: "SavedAccounts" });
}

/// What lies above it has no account here, and is verified all the same.
#[test]
fn a_child_is_saved_with_all_above_it() {
    let parent = root(wide());
    let child = handed_on(&parent, &scout(), &helper(), narrow());
    let (mut there, mut here) = (opened(&[parent]), Accounts::new(helper().public()));
    there.draw(&child).expect("there is enough");
    here.open(&child, there.drawn(&child, &scout()).as_ref()).expect("it was drawn");
    let read: SavedAccounts = from_bytes(&saved(&here)).expect("well-formed");
    assert_eq!(read.restore(helper().public(), &roots()), Ok(here));
}

#[test]
fn what_is_saved_is_restored_only_at_its_home_and_under_its_trust_roots() {
    let read = || from_bytes::<SavedAccounts>(&saved(&busy())).expect("well-formed");
    let elsewhere = read().restore(helper().public(), &roots());
    assert_eq!(elsewhere, Err(RestoreRefusal::OtherHome { home: scout().public() }));
    let not_granted = |roots: TrustRoots| match read().restore(scout().public(), &roots) {
        Err(RestoreRefusal::NotGranted(why)) => why,
        other => panic!("{other:?} is no refusal of a writ"),
    };
    let strange = TrustRoots::new(colony(), [stranger().public()]).expect("few");
    assert_eq!(not_granted(strange), NotGranted::NoTrustRoot { issuer: queen().public() });
    let other = TrustRoots::new(other_colony(), [queen().public()]).expect("few");
    assert!(matches!(not_granted(other), NotGranted::Colony { .. }));
}

/// Whoever writes the file can write any writ into it, but not the signature of who should have given it.
#[test]
fn no_bytes_make_a_writ_that_nobody_signed() {
    let (parent, entries) = (root(wide()), [quiet(0, WHOLE)]);
    let read = |writs: &[&Writ]| from_bytes::<SavedAccounts>(&layout(writs, &entries)).map(drop).map_err(|it| it.reason);
    let refused = Err(Reason::Illegal { what: "Granted" });
    let child = handed_on(&parent, &scout(), &scout(), narrow());

    assert_eq!(read(&[parent.writ()]), Ok(()));
    let altered = Body { subject: stranger().public(), ..root_body(wide()) };
    assert_eq!(read(&[&Writ { body: altered, ..parent.writ().clone() }]), refused);
    assert_eq!(read(&[child.writ()]), refused, "the one above it is missing");
    assert_eq!(read(&[parent.writ(), &Writ { signature: parent.writ().signature, ..child.writ().clone() }]), refused);
    // Well signed, and more than its issuer has.
    let wider = Body { grant: Grant { budget: amount(11), ..narrow() }, ..child.body().clone() };
    assert_eq!(read(&[parent.writ(), &Writ::issue(wider, &scout())]), refused);
}

#[test]
fn an_account_that_is_not_balanced_is_not_decoded() {
    let amounts = |places: [u64; 5]| to_bytes(&places.map(amount));
    assert!(from_bytes::<Account>(&amounts([10, 1, 2, 3, 4])).is_ok());
    for wrong in [[10, 1, 2, 3, 5], [10, 1, 2, 3, 3], [0, u64::MAX, 1, 0, 0]] {
        let refused = from_bytes::<Account>(&amounts(wrong));
        assert_eq!(refused, Err(Malformed { offset: 0, reason: Reason::Illegal { what: "Account" } }));
    }
}

/// Balanced by itself, and yet not what its parts say.
#[test]
fn an_account_that_disagrees_with_its_parts_is_not_decoded() {
    let writ = root(wide());
    let read = |amounts: [u64; 5]| layout(&[writ.writ()], &[quiet(0, amounts)]);
    assert!(from_bytes::<SavedAccounts>(&read([10, 4, 0, 0, 6])).is_ok(), "what was spent cannot be known");
    for wrong in [[11, 0, 0, 0, 11], [10, 0, 1, 0, 9], [10, 0, 0, 1, 9]] {
        refused(&read(wrong), Reason::Illegal { what: "SavedEntry" });
    }
}

/// It would spend what its parent here still has.
#[test]
fn an_open_child_that_was_not_drawn_here_is_not_decoded() {
    let parent = root(wide());
    let child = handed_on(&parent, &scout(), &scout(), narrow());
    let whole = quiet(1, [4, 0, 0, 0, 4]);
    refused(&layout(&[parent.writ(), child.writ()], std::slice::from_ref(&whole)), Reason::Illegal { what: "SavedAccounts" });
    let mut both = [(parent.id(), quiet(0, WHOLE)), (child.id(), whole)];
    both.sort();
    let both = both.map(|(_, it)| it);
    refused(&layout(&[parent.writ(), child.writ()], &both), Reason::Illegal { what: "SavedAccounts" });
}

/// A file cannot bring back what was seen expired.
#[test]
fn an_account_that_is_not_expired_after_its_end_is_not_decoded() {
    let mut bytes = layout(&[root(wide()).writ()], &[quiet(0, WHOLE)]);
    bytes[32..40].copy_from_slice(&to_bytes(&wall(200)));
    assert!(from_bytes::<SavedAccounts>(&bytes).is_ok());
    bytes[32..40].copy_from_slice(&to_bytes(&wall(201)));
    refused(&bytes, Reason::Illegal { what: "SavedAccounts" });
}

/// Nothing is reserved and nothing is drawn, in every dimension: and yet something is outside.
#[test]
fn a_closed_account_with_something_outside_is_not_decoded() {
    let (mut accounts, writ) = (opened(&[root(wide())]), root(wide()));
    let entry = |accounts: &Accounts| {
        let mut bytes = saved(accounts);
        let closed = bytes.len() - 2;
        assert_eq!(bytes.splice(closed.., [1, 0]).collect::<Vec<u8>>(), [0, 0], "neither closed nor released");
        bytes
    };
    assert!(from_bytes::<SavedAccounts>(&entry(&accounts)).is_ok());
    accounts.reserve(writ.id(), key(1), Amount::ZERO).expect("nothing is always free");
    refused(&entry(&accounts), Reason::Illegal { what: "SavedEntry" });
    accounts.settle(writ.id(), key(1), Amount::ZERO).expect("it was reserved");
    accounts.draw(&nth(&writ, 1)).expect("nothing is always free");
    refused(&entry(&accounts), Reason::Illegal { what: "SavedEntry" });
}

fn dead(numbers: &[usize]) -> Revocations {
    let (mut revocations, writ) = (Revocations::new(), root(wide()));
    for number in numbers {
        let child = nth(&writ, *number);
        assert_eq!(revocations.take(&Revocation::sign(&child, &queen()), &child), Ok(true));
    }
    revocations
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_checkpoints_are_refused_or_balanced(damage in vec(damage(), 1..3)) {
        check(&busy().saved(), &damage)?;
        check(&dead(&[1, 2, 3]), &damage)?;
        let mut bytes = saved(&busy());
        for (place, _, byte) in damage {
            let at = (bytes.len() * usize::from(place)) >> 16;
            bytes[at] = byte;
        }
        if let Ok(Ok(accounts)) = from_bytes::<SavedAccounts>(&bytes).map(|it| it.restore(scout().public(), &roots())) {
            accounts.check();
        }
    }
}

/// A giver that can take no more revocations would say of a writ that it stands, although it was to be revoked.
#[test]
fn a_giver_whose_memory_is_full_says_of_no_writ_that_it_stands() {
    let (writ, signature) = (root(wide()), Revocation::sign(&root(wide()), &queen()).signature);
    let flooded = |count: u32| {
        let mut bytes = to_bytes(&(Wall::ZERO, count));
        for number in 0..count {
            // In the order of the ids, which are digests: compared from their first byte on.
            let mut id = [0; 32];
            id[..4].copy_from_slice(&number.to_be_bytes());
            (id, queen().public(), signature, wall(200)).encode(&mut bytes);
        }
        from_bytes::<Revocations>(&bytes)
    };
    let most = u32::try_from(MAX_REVOKED).expect("small");
    let (room, full) = (flooded(most - 1).expect("within the bound"), flooded(most).expect("within the bound"));
    assert!(flooded(most + 1).is_err());
    let (giver, holder) = (queen().public(), scout().public());
    let inquiry = Inquiry { writ: writ.id(), giver, holder, epoch: 0, number: 0 };
    assert!(Standing::answer(inquiry, &writ, &room, &queen()).is_ok());
    assert_eq!(Standing::answer(inquiry, &writ, &full, &queen()), Err(NotStanding::Full));
    let refused = full.clone().take(&Revocation::sign(&writ, &queen()), &writ);
    assert_eq!(refused, Err(RevocationRefusal::TooMany));
}

#[test]
fn revocations_come_back_as_they_were_and_in_order_only() {
    let known = dead(&[1, 2]);
    let bytes = to_bytes(&known);
    assert_eq!(from_bytes::<Revocations>(&bytes), Ok(known));
    let middle = 12 + (bytes.len() - 12) / 2;
    let swapped = [&bytes[..12], &bytes[middle..], &bytes[12..middle]].concat();
    assert_eq!(from_bytes::<Revocations>(&swapped), Err(Malformed { offset: middle, reason: Reason::Order }));
}
