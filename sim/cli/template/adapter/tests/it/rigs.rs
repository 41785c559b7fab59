//! What the contracts hold on to: each port, and the few handles that a port itself does not have.

use antfarm_adapter_template::{SkeletonClock, SkeletonNetwork, SkeletonStorage};
use antfarm_conformance::{ClockRig, Delivery, NetworkRig, StorageRig};
use antfarm_machine::{Clock, Network, Now, PeerId, Receipt, Request, Span, Storage};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How long something takes at most that happens at all.
const MOMENT: Duration = Duration::from_millis(100);

/// A storage in a folder that nobody else has.
pub(crate) struct Disk {
    home: PathBuf,
    storage: Option<SkeletonStorage>,
    receipts: Receiver<Receipt>,
}

impl Disk {
    /// An empty one.
    pub(crate) fn fresh() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("skeleton-{}-{number}", std::process::id()));
        fs::create_dir_all(&home).expect("a folder for the test");
        let (storage, receipts) = open(&home);
        Self { home, storage: Some(storage), receipts }
    }
}

fn open(home: &Path) -> (SkeletonStorage, Receiver<Receipt>) {
    let (sender, receipts) = channel();
    let storage = SkeletonStorage::open(home, move |receipt| drop(sender.send(receipt))).expect("it opens");
    (storage, receipts)
}

impl StorageRig for Disk {
    fn submit(&mut self, request: Request) {
        self.storage.as_mut().expect("it is open").submit(request);
    }

    fn next(&mut self) -> Option<Receipt> {
        self.receipts.recv_timeout(MOMENT).ok()
    }

    fn crash(&mut self) {
        // Make as much go away here as you can; what was not synced, at best.
        self.storage = None;
        let (storage, receipts) = open(&self.home);
        (self.storage, self.receipts) = (Some(storage), receipts);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.storage = None;
        drop(fs::remove_dir_all(&self.home));
    }
}

/// Three peers. Connect them to each other where they are made.
pub(crate) struct Wires {
    peers: Vec<SkeletonNetwork>,
    arrivals: Receiver<Delivery>,
}

impl Wires {
    /// Peers that nobody has sent anything to.
    pub(crate) fn fresh() -> Self {
        let (sender, arrivals) = channel();
        let peer = |number| {
            let (at, sender): (_, Sender<Delivery>) = (PeerId::new(number), sender.clone());
            SkeletonNetwork::new(at, Box::new(move |from, message| drop(sender.send(Delivery { at, from, message }))))
        };
        Self { peers: (0..3).map(peer).collect(), arrivals }
    }
}

impl NetworkRig for Wires {
    fn peers(&self) -> Vec<PeerId> {
        self.peers.iter().map(SkeletonNetwork::me).collect()
    }

    fn send(&mut self, from: PeerId, to: PeerId, message: Vec<u8>) {
        let peer = self.peers.iter_mut().find(|peer| peer.me() == from).expect("one of `peers` sends");
        peer.send(to, message);
    }

    fn next(&mut self) -> Option<Delivery> {
        self.arrivals.recv_timeout(MOMENT / 20).ok()
    }
}

/// A clock in real time.
pub(crate) struct Time(SkeletonClock<u8>);

impl Time {
    /// With no alarm armed.
    pub(crate) fn fresh() -> Self {
        Self(SkeletonClock::new())
    }
}

impl ClockRig for Time {
    const UNIT: Span = Span::from_millis(50);
    const SLACK: Span = Span::from_millis(4);

    fn now(&mut self) -> Now {
        self.0.now()
    }

    fn arm(&mut self, timer: u8, after: Span) {
        self.0.arm(timer, after);
    }

    fn disarm(&mut self, timer: u8) {
        self.0.disarm(&timer);
    }

    fn pass(&mut self, span: Span) -> Span {
        let began = Instant::now();
        std::thread::sleep(Duration::from_nanos(span.as_nanos()));
        Span::from_nanos(u64::try_from(began.elapsed().as_nanos()).expect("a test is shorter than 584 years"))
    }

    fn take_ring(&mut self) -> Option<u8> {
        self.0.take_due()
    }

    fn restart(&mut self) {
        self.0 = SkeletonClock::new();
    }
}
