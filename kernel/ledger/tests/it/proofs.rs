//! Proofs hold for what is in the log, and for nothing else.

use crate::disk::id;
use crate::log::Log;
use antfarm_identity::{Digest, Signer};
use antfarm_ledger::{Consistency, Frontier, Inclusion, LogHead, SignedHead, Verified, Verifier};

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|number| id(&format!("leaf {number}"))).collect()
}

fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    assert_eq!(frontier.leaves(), leaves.len() as u64);
    frontier.root()
}

fn inclusion(leaves: &[Digest], index: u64) -> Inclusion {
    let mut prover = Inclusion::prove(index, leaves.len() as u64).expect("a leaf of the tree");
    leaves.iter().for_each(|leaf| prover.leaf(*leaf));
    prover.finish().expect("all leaves were seen")
}

fn consistency(leaves: &[Digest], old: u64) -> Consistency {
    let mut prover = Consistency::prove(old, leaves.len() as u64).expect("an earlier tree");
    leaves.iter().for_each(|leaf| prover.leaf(*leaf));
    prover.finish().expect("all leaves were seen")
}

/// The tree as RFC 9162 defines it, by recursion from the top.
fn defined(leaves: &[Digest]) -> Digest {
    match leaves {
        [one] => *one,
        more => {
            let middle = 1 << (more.len() - 1).ilog2();
            let mut both = Frontier::new();
            both.push(defined(&more[..middle]));
            both.push(defined(&more[middle..]));
            both.root()
        }
    }
}

#[test]
fn the_root_is_the_one_that_rfc_9162_defines() {
    for count in 1..70 {
        let leaves = leaves(count);
        assert_eq!(root(&leaves), defined(&leaves), "{count} leaves");
    }
}

#[test]
fn every_leaf_is_proved_in_every_small_tree_and_no_other_leaf_position_or_tree_is() {
    for size in 1..40 {
        let leaves = leaves(size);
        let root = root(&leaves);
        for index in 0..size {
            let proof = inclusion(&leaves, index);
            for (other, leaf) in leaves.iter().enumerate() {
                assert_eq!(proof.holds(leaf, &root), other as u64 == index, "{index} of {size}");
            }
            let leaf = &leaves[usize::try_from(index).expect("small")];
            for other in (0..=size).filter(|other| *other != index) {
                assert!(!Inclusion { index: other, ..proof.clone() }.holds(leaf, &root), "{index} of {size} as {other}");
            }
            for at in 0..proof.path.len() {
                let mut altered = proof.clone();
                altered.path[at] = id("else");
                assert!(!altered.holds(leaf, &root), "{index} of {size}, path {at}");
                altered.path.remove(at);
                assert!(!altered.holds(leaf, &root), "{index} of {size}, without path {at}");
            }
            let longer = Inclusion { path: [proof.path.clone(), vec![root]].concat(), ..proof };
            assert!(!longer.holds(leaf, &root), "{index} of {size}, longer");
        }
    }
    assert_eq!(Inclusion::prove(3, 3), None);
}

#[test]
fn every_small_tree_is_proved_to_be_the_beginning_of_every_larger_one_and_of_no_fork() {
    for new in 0..40 {
        let leaves = leaves(new);
        let later = root(&leaves);
        for old in 0..=new {
            let earlier = root(&leaves[..usize::try_from(old).expect("small")]);
            let proof = consistency(&leaves, old);
            assert!(proof.holds(&earlier, &later), "{old} of {new}");
            assert!(old == 0 || !proof.holds(&id("else"), &later), "{old} of {new}");
            assert!(old == 0 || !proof.holds(&earlier, &id("else")), "{old} of {new}");
            for at in 0..proof.path.len() {
                let mut altered = proof.clone();
                altered.path[at] = id("else");
                assert!(!altered.holds(&earlier, &later), "{old} of {new}, path {at}");
                altered.path.remove(at);
                assert!(!altered.holds(&earlier, &later), "{old} of {new}, without path {at}");
            }
            if 0 < old && old < new {
                let mut fork = leaves.clone();
                fork[0] = id("fork");
                assert!(!consistency(&fork, old).holds(&earlier, &root(&fork)), "{old} of {new}, fork");
            }
        }
    }
    assert_eq!(Consistency::prove(4, 3), None);
}

#[test]
fn a_log_that_ends_too_early_proves_nothing() {
    let mut prover = Inclusion::prove(0, 3).expect("a leaf of the tree");
    leaves(2).into_iter().for_each(|leaf| prover.leaf(leaf));
    assert_eq!(prover.finish(), None);
}

#[test]
fn a_record_is_proved_to_be_under_a_signed_head_from_one_pass_over_the_log() {
    let log = Log::of_200("proofs");
    let head = log.ledger.durable().expect("open");
    let (mut inclusion, mut consistency) =
        (Inclusion::prove(77, 200).expect("in"), Consistency::prove(120, 200).expect("earlier"));
    let (mut record, mut earlier) = (None, None);
    let mut frontier = Frontier::new();
    let segments = log.bytes();
    let verified = Verifier::new(log.config.log).run(&segments, &mut |seen| {
        inclusion.leaf(seen.digest);
        consistency.leaf(seen.digest);
        frontier.push(seen.digest);
        if seen.header.position == 77 {
            record = Some(seen.digest);
        }
        if frontier.leaves() == 120 {
            earlier = Some(frontier.root());
        }
    });
    assert_eq!(verified, Ok(Verified { head, tear: None }));
    let signed = SignedHead::sign(&log.config.signer, id("colony"), log.config.log, head);
    assert_eq!(signed.verify(&log.config.signer.public(), id("colony")), Ok(()));
    assert!(inclusion.finish().expect("whole").holds(&record.expect("seen"), &signed.head.root));
    assert!(consistency.finish().expect("whole").holds(&earlier.expect("seen"), &signed.head.root));
}

#[test]
fn a_signed_head_is_bound_to_signer_colony_log_and_point() {
    let signer = Signer::insecure(7);
    let head = LogHead { records: 5, digest: id("digest"), root: id("root") };
    let signed = SignedHead::sign(&signer, id("colony"), id("log"), head);
    assert_eq!(signed.verify(&signer.public(), id("colony")), Ok(()));
    assert!(signed.verify(&Signer::insecure(8).public(), id("colony")).is_err());
    assert!(signed.verify(&signer.public(), id("another colony")).is_err());
    let altered = [
        SignedHead { log: id("another log"), ..signed },
        SignedHead { head: LogHead { records: 6, ..head }, ..signed },
        SignedHead { head: LogHead { digest: id("x"), ..head }, ..signed },
        SignedHead { head: LogHead { root: id("x"), ..head }, ..signed },
    ];
    for altered in altered {
        assert!(altered.verify(&signer.public(), id("colony")).is_err(), "{altered:?}");
    }
    assert!(signed.contradicts(&SignedHead::sign(&signer, id("colony"), id("log"), LogHead { digest: id("x"), ..head })));
    assert!(!signed.contradicts(&signed));
}
