//! The clauses that every `Storage` keeps.

use super::place::Place;
use antfarm_conformance::{StorageRig, storage};
use antfarm_files::{Files, Folder, Store};
use antfarm_machine::{Receipt, Request, Storage as _};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Files with their thread. A crash drops them, which performs what is waiting, as a request without a receipt may be.
struct Threaded {
    place: Place,
    files: Option<Files>,
    receipts: Receiver<Receipt>,
    waiting: usize,
}

fn opened(place: &Place) -> (Option<Files>, Receiver<Receipt>) {
    let (sender, receipts) = channel();
    let files = Files::open(place.path(), move |receipt| drop(sender.send(receipt)));
    (Some(files.expect("a fresh folder")), receipts)
}

impl StorageRig for Threaded {
    fn submit(&mut self, request: Request) {
        self.waiting += 1;
        self.files.as_mut().expect("it is open").submit(request);
    }

    fn next(&mut self) -> Option<Receipt> {
        // What is not due would have come at once, all the same.
        let wait = if self.waiting > 0 { Duration::from_secs(60) } else { Duration::from_millis(20) };
        let receipt = self.receipts.recv_timeout(wait).ok()?;
        self.waiting -= 1;
        Some(receipt)
    }

    fn crash(&mut self) {
        self.files = None;
        self.waiting = 0;
        (self.files, self.receipts) = opened(&self.place);
    }
}

#[test]
fn files_keep_the_contract() {
    storage(|| {
        let place = Place::new();
        let (files, receipts) = opened(&place);
        Threaded { place, files, receipts, waiting: 0 }
    });
}

/// A store on real files. A crash ends it between two groups, with the journal as it is.
struct Killed {
    place: Place,
    store: Option<Store<Folder>>,
    requests: VecDeque<Request>,
    receipts: VecDeque<Receipt>,
}

fn store(place: &Place) -> Option<Store<Folder>> {
    Some(Store::open(Folder::open(place.path()).expect("a fresh folder")).expect("a healthy disk"))
}

impl StorageRig for Killed {
    fn submit(&mut self, request: Request) {
        self.requests.push_back(request);
    }

    fn next(&mut self) -> Option<Receipt> {
        let store = self.store.as_mut().expect("it is open");
        store.perform(&mut self.requests, |receipt| self.receipts.push_back(receipt));
        self.receipts.pop_front()
    }

    fn crash(&mut self) {
        (self.requests, self.receipts) = Default::default();
        self.store = None;
        self.store = store(&self.place);
    }
}

#[test]
fn a_killed_process_keeps_the_contract() {
    storage(|| {
        let place = Place::new();
        let store = store(&place);
        Killed { place, store, requests: VecDeque::new(), receipts: VecDeque::new() }
    });
}
