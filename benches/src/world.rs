//! Commits in worlds of several sizes: does a large one make them dearer?

use antfarm_authority::Name;
use antfarm_colony::{Colony, Terms};
use antfarm_machine::{PeerId, Span};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Payments that are wished at a time.
const AT_A_TIME: u64 = 16;

/// A colony whose bank has paid each of so many accounts.
struct Paid {
    colony: Colony,
    payer: PeerId,
    writ: Name,
    accounts: u64,
    /// Payments since.
    made: u64,
}

impl Paid {
    fn new(accounts: u64) -> Self {
        let mut colony = Colony::seeded(1).members(["queen", "scout", "bank"]).quiet().build();
        let [queen, payer, _] = colony.ids();
        let many = 4 * (1 << 20);
        let writ = colony.grant(queen, payer, Terms::default().calls(many).spend(many).freshness(Span::from_secs(60)));
        colony.run_for(Span::from_secs(1));
        let mut paid = Self { colony, payer, writ, accounts, made: 0 };
        for first in (0..accounts).step_by(512) {
            (first..accounts.min(first + 512)).for_each(|account| paid.pay(account));
            paid.colony.run_for(Span::from_millis(50));
        }
        paid.colony.settle();
        assert_eq!(paid.entries(), accounts, "every account was paid");
        paid
    }

    fn entries(&self) -> u64 {
        self.colony.node(self.payer).state().world().mark().keys
    }

    fn pay(&mut self, account: u64) {
        self.colony.pay(self.payer, &self.writ, &format!("customer-{account:08}"), 1);
    }

    /// Pays here and there: what the processor's caches lack is a part of the price.
    fn go_on(&mut self, payments: u64) {
        let before = self.colony.node(self.payer).state().begun() as u64;
        for nth in 0..payments {
            self.made += 1;
            self.pay(self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.accounts);
            if nth % AT_A_TIME == AT_A_TIME - 1 {
                self.colony.run_for(Span::from_millis(50));
            }
        }
        self.colony.run_for(Span::from_secs(5));
        let state = self.colony.node(self.payer).state();
        assert_eq!((state.begun() as u64 - before, state.under_way().count()), (payments, 0), "every payment was made");
        assert_eq!(self.entries(), self.accounts, "no account is new");
    }
}

/// `payments` commits in a world of `accounts` entries; how many. The world is made at the first time, by as many commits.
pub fn in_world(accounts: u64, payments: u64) -> u64 {
    thread_local! {
        static COLONIES: RefCell<BTreeMap<u64, Paid>> = const { RefCell::new(BTreeMap::new()) };
    }
    COLONIES.with_borrow_mut(|colonies| colonies.entry(accounts).or_insert_with(|| Paid::new(accounts)).go_on(payments));
    payments
}
