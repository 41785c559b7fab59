//! The storage clauses against a disk that keeps them and many that do not.

use super::check;
use super::disk::{Disk, Flaw};
use antfarm_conformance::{storage, storage_clauses};

const FLAWS: &[(Flaw, &str)] = &[
    (Flaw::ReadCreates, "storage/a-missing-object-reads-as-empty"),
    (Flaw::ReadFailsWhenMissing, "storage/a-missing-object-reads-as-empty"),
    (Flaw::StopsAtNul, "storage/bytes-are-kept"),
    (Flaw::WritesOnePage, "storage/bytes-are-kept"),
    (Flaw::PadsReads, "storage/a-range-is-cut-to-what-exists"),
    (Flaw::AppendsAnywhere, "storage/a-stale-append-conflicts"),
    (Flaw::ConflictNamesTheExpectation, "storage/a-stale-append-conflicts"),
    (Flaw::ConflictAppends, "storage/a-stale-append-conflicts"),
    (Flaw::TruncationExtends, "storage/a-truncation-cuts-and-never-extends"),
    (Flaw::TruncationCreates, "storage/a-truncation-cuts-and-never-extends"),
    (Flaw::TruncationForgetsOnlyTheLength, "storage/bytes-that-were-cut-never-come-back"),
    (Flaw::RemovalKeepsBytes, "storage/bytes-that-were-cut-never-come-back"),
    (Flaw::RemovalFailsWhenMissing, "storage/a-removed-object-is-missing"),
    (Flaw::RemovalOnlyEmpties, "storage/a-removed-object-is-missing"),
    (Flaw::ListsInOrderOfCreation, "storage/a-listing-is-complete-and-in-order"),
    (Flaw::ListsWithoutTheLast, "storage/a-listing-is-complete-and-in-order"),
    (Flaw::ListsOldLengths, "storage/a-listing-is-complete-and-in-order"),
    (Flaw::FoldsNames, "storage/names-are-distinct"),
    (Flaw::ShortensNames, "storage/names-are-distinct"),
    (Flaw::TakesTooMuch, "storage/a-too-long-append-fails"),
    (Flaw::AnswersTwice, "storage/each-request-has-one-receipt"),
    (Flaw::NeverAnswersConflicts, "storage/each-request-has-one-receipt"),
    (Flaw::MixesUpTickets, "storage/each-request-has-one-receipt"),
    (Flaw::AnswersReadsFirst, "storage/receipts-of-one-object-keep-their-order"),
    (Flaw::AnswersNewestFirst, "storage/receipts-of-one-object-keep-their-order"),
    (Flaw::PerformsReadsFirst, "storage/requests-take-effect-in-their-order"),
    (Flaw::NeverSyncs, "storage/an-answered-append-survives"),
    (Flaw::NeverSyncsTheFolder, "storage/an-answered-append-survives"),
    (Flaw::NeverSyncsTruncations, "storage/an-answered-truncation-survives"),
    (Flaw::NeverSyncsRemovals, "storage/an-answered-removal-survives"),
    (Flaw::TearsWithGarbage, "storage/an-unanswered-append-leaves-a-prefix"),
    (Flaw::TearsTheEnd, "storage/an-unanswered-append-leaves-a-prefix"),
    (Flaw::TearsBeyondTheEnd, "storage/an-unanswered-append-leaves-a-prefix"),
    (Flaw::AnswersAfterTheCrash, "storage/a-crash-ends-all-receipts"),
];

#[test]
fn every_storage_clause_holds_on_a_sound_disk_and_fails_on_a_flawed_one() {
    check(FLAWS, &storage_clauses(), Disk::with);
}

#[test]
fn one_line_runs_them_all() {
    storage(|| Box::new(Disk::with(None)));
}

#[test]
#[should_panic(
    expected = "1 of 18 clauses of `Storage` do not hold:\n\nstorage/an-answered-removal-survives\n  rule: an object \
                           whose removal was answered with `Done` does not come back in a crash\n  saw:  the listing is"
)]
fn a_breach_names_clause_rule_and_remedy() {
    storage(|| Disk::with(Some(Flaw::NeverSyncsRemovals)));
}
