//! Up to a trust root, or nothing.

use crate::fixture::{
    colony, delegation, grants, handed_on, helper, mixed, narrow, nonce, offer, other_colony, queen, root, root_body, roots,
    scout, stranger, wide,
};
use antfarm_authority::{
    Body, Field, Grant, Granted, MAX_CHAIN, MAX_DELEGATIONS, MAX_ROOTS, NotGranted, TrustRoots, Widened, Writ, narrows,
};
use antfarm_identity::{PublicKey, Signer, from_bytes, to_bytes};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn a_writ_of_a_trust_root_is_granted_and_so_is_what_its_subject_hands_on() {
    let parent = root(wide());
    let child = handed_on(&parent, &scout(), &helper(), narrow());
    assert!(child.lineage().map(Granted::id).eq([child.id(), parent.id()]));
    let chain = [parent.writ().clone(), child.writ().clone()];
    assert_eq!(Granted::chain(chain, &roots()), Ok(child));
}

/// OpenThymos accepts writs that anybody signed with a key of his own, and never looks at the parent (W4).
#[test]
fn w4_a_chain_that_does_not_begin_at_a_trust_root_is_refused() {
    let body = Body { issuer: stranger().public(), ..root_body(wide()) };
    let own = Writ::issue(body, &stranger());
    assert_eq!(own.verify(), Ok(()), "it is signed well, by somebody");
    let refused = NotGranted::NoTrustRoot { issuer: stranger().public() };
    assert_eq!(Granted::root(own.clone(), &roots()), Err(refused.clone()));
    assert_eq!(Granted::chain([own], &roots()), Err(refused));
    assert_eq!(Granted::chain([], &roots()), Err(NotGranted::Empty));
}

#[test]
fn w4_a_child_without_its_parents_is_refused() {
    let parent = root(wide());
    let child = handed_on(&parent, &scout(), &helper(), narrow());
    assert_eq!(Granted::root(child.writ().clone(), &roots()), Err(NotGranted::Incomplete { parent: parent.id() }));
}

#[test]
fn w4_only_the_subject_of_a_writ_hands_it_on() {
    let parent = root(wide());
    for thief in [stranger(), queen(), helper()] {
        let body = Body { issuer: thief.public(), parent: Some(parent.id()), grant: narrow(), ..root_body(narrow()) };
        let writ = Writ::issue(body, &thief);
        let refused = NotGranted::Issuer { writ: writ.id(), expected: scout().public() };
        assert_eq!(parent.child(writ), Err(refused));
    }
}

#[test]
fn w4_a_child_of_another_writ_is_refused() {
    let (parent, other) = (root(wide()), root(Grant { delegation: delegation(2, true), ..wide() }));
    let writ = parent.delegate(offer(&helper(), 1, Grant { delegation: delegation(1, false), ..narrow() }), &scout());
    let writ = writ.expect("it narrows");
    assert_eq!(other.child(writ.clone()), Err(NotGranted::Parent { writ: writ.id(), expected: other.id() }));
    assert!(parent.child(writ).is_ok());
}

#[test]
fn w4_a_child_that_exceeds_its_parent_is_refused_even_if_well_signed() {
    let parent = root(wide());
    let (issuer, parent_id) = (scout().public(), Some(parent.id()));
    let wider = Grant { budget: crate::fixture::amount(11), ..narrow() };
    let writ = Writ::issue(Body { issuer, parent: parent_id, ..root_body(wider.clone()) }, &scout());
    let fields = antfarm_authority::Dimension::ALL.map(Field::Budget).into();
    assert_eq!(parent.child(writ.clone()), Err(NotGranted::Widened { writ: writ.id(), widened: Widened { fields } }));
    assert!(parent.delegate(offer(&helper(), 1, wider), &scout()).is_err(), "who asks first is told");
}

#[test]
fn a_writ_of_another_colony_means_nothing_here() {
    let writ = Writ::issue(root_body(Grant { colony: other_colony(), ..wide() }), &queen());
    assert_eq!(writ.verify(), Ok(()));
    assert_eq!(Granted::root(writ.clone(), &roots()), Err(NotGranted::Colony { writ: writ.id() }));
}

/// OpenThymos trusts the id that a writ carries; a changed one is not on the list of revoked ones (W3).
#[test]
fn w3_a_writ_has_no_other_name_than_the_digest_of_its_body() {
    let granted = root(wide());
    let bytes = to_bytes(granted.writ());
    // Nothing can be changed without the name changing or the writ being refused.
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        let Ok(writ) = from_bytes::<Writ>(&forged) else { continue };
        assert!(Granted::root(writ, &roots()).is_err(), "byte {at}");
    }
    assert_eq!(granted.id(), granted.body().id());
    let again = Writ::issue(Body { nonce: nonce(9), ..root_body(wide()) }, &queen());
    assert_ne!(again.id(), granted.id());
}

#[test]
fn a_signature_of_something_else_by_the_right_key_does_not_count() {
    let (one, two) = (Writ::issue(root_body(wide()), &queen()), Writ::issue(root_body(narrow()), &queen()));
    let swapped = Writ { signature: two.signature, ..one };
    assert_eq!(Granted::root(swapped.clone(), &roots()), Err(NotGranted::Signature { writ: swapped.id() }));
}

/// Everything about the child is right, but for who signed it.
#[test]
fn w4_a_child_in_the_name_of_the_subject_is_refused() {
    let parent = root(wide());
    let body = |issuer: &Signer| Body { issuer: issuer.public(), parent: Some(parent.id()), ..root_body(narrow()) };
    for forger in [stranger(), queen(), helper()] {
        let signature = Writ::issue(body(&forger), &forger).signature;
        let forged = Writ { body: body(&scout()), signature };
        assert_eq!(parent.child(forged.clone()), Err(NotGranted::Signature { writ: forged.id() }));
    }
    assert!(parent.child(Writ::issue(body(&scout()), &scout())).is_ok());

    // Nor can anything be changed in what the subject did sign.
    let good = to_bytes(&parent.delegate(offer(&helper(), 1, narrow()), &scout()).expect("it narrows"));
    for at in 0..good.len() {
        let mut forged = good.clone();
        forged[at] ^= 1;
        let Ok(writ) = from_bytes::<Writ>(&forged) else { continue };
        assert!(parent.child(writ).is_err(), "byte {at}");
    }
}

#[test]
fn a_chain_is_as_long_as_the_bound_and_no_longer() {
    let deepest = Grant { delegation: delegation(MAX_DELEGATIONS, true), ..wide() };
    let mut last = root(deepest);
    for depth in (0..MAX_DELEGATIONS).rev() {
        last = handed_on(&last, &scout(), &scout(), Grant { delegation: delegation(depth, true), ..wide() });
    }
    assert_eq!(last.lineage().count(), MAX_CHAIN);
    let next = offer(&helper(), 0, Grant { delegation: delegation(0, true), ..wide() });
    assert!(last.delegate(next, &scout()).is_err());
}

#[test]
fn a_colony_trusts_a_bounded_number_of_keys() {
    let keys = |n: u64| TrustRoots::new(colony(), (0..n).map(|it| Signer::insecure(it).public()));
    let most = u64::try_from(MAX_ROOTS).expect("small");
    assert!(keys(most).is_some());
    assert!(keys(most + 1).is_none());
}

#[test]
fn a_key_that_is_no_point_of_the_curve_is_no_trust_root() {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    let nobody: PublicKey = from_bytes(&bytes).expect("decoding does not look for the point");
    assert!(TrustRoots::new(colony(), [queen().public(), nobody]).is_none());
}

#[test]
#[should_panic(expected = "signed by its issuer")]
fn nobody_signs_for_somebody_else() {
    Writ::issue(root_body(wide()), &stranger());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Holders sign whatever they like; what is accepted is nowhere wider than any writ above it.
    #[test]
    fn narrowing_never_escapes_along_a_chain(first in grants(), steps in vec((grants(), any::<u16>(), 0..3u8), 1..6)) {
        let Ok(mut last) = Granted::root(Writ::issue(root_body(first), &queen()), &roots()) else { return Ok(()) };
        for (other, fields, less) in steps {
            let mut grant = mixed(&last.body().grant, other, fields & fields >> 8);
            let depth = grant.delegation.depth().saturating_sub(less);
            grant.delegation = delegation(depth, grant.delegation.may_subdivide());
            let body = Body { issuer: scout().public(), parent: Some(last.id()), ..root_body(grant) };
            if let Ok(child) = last.child(Writ::issue(body, &scout())) {
                for above in child.lineage() {
                    prop_assert_eq!(narrows(&above.body().grant, &child.body().grant), Ok(()));
                }
                prop_assert!(child.body().grant.delegation.depth() < last.body().grant.delegation.depth());
                prop_assert!(child.lineage().count() <= MAX_CHAIN);
                last = child;
            }
        }
    }
}
