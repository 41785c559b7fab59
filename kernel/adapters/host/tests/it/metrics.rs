//! What a host counts, and how it is told.

use crate::kit::{Order, Probe, Rig, on_one_thread, receipt, settle};
use antfarm_host::{Kind, Limits};
use antfarm_machine::{PeerId, Span};

#[test]
fn a_host_counts_what_it_does() {
    on_one_thread(async {
        let rig = Rig::start(Probe::default(), Limits { asks: 5, ..Limits::default() });
        for order in [
            Order::Store(1),
            Order::Say(2),
            Order::Arm(1, Span::from_secs(1)),
            Order::Arm(2, Span::from_secs(9)),
            Order::Store(3),
        ] {
            rig.inbox.asked(order).unwrap();
        }
        assert!(rig.inbox.asked(Order::Note(0)).is_err());
        settle().await;
        rig.inbox.stored(receipt(1));
        rig.inbox.heard(PeerId::new(1), 7).unwrap();
        settle().await;
        rig.time.pass(Span::from_secs(1));
        settle().await;
        let counts = rig.handle.counts();
        assert_eq!(Kind::ALL.map(|kind| counts.inputs.of(kind)), [1, 5, 1, 1, 1]);
        assert_eq!((counts.requests, counts.sends, counts.notices, counts.unanswered, counts.armed), (2, 1, 9, 1, 1));
        assert_eq!((counts.asks.most, counts.asks.now, counts.messages.most, counts.refused_asks), (5, 0, 1, 1));
        let rounds = &counts.inputs_per_round;
        assert_eq!((rounds.count(), rounds.sum()), (3, 8), "five asks, then a message and a receipt, then an alarm");
        assert_eq!((rounds.quantile(500), rounds.quantile(1_000), rounds.quantile(0)), (3, 7, 0));
        assert_eq!(counts.step_nanos.count(), 9);

        let text = counts.prometheus();
        for line in [
            "# TYPE antfarm_host_inputs_total counter",
            "antfarm_host_inputs_total{kind=\"asked\"} 5",
            "antfarm_host_refused_total{lane=\"asks\"} 1",
            "antfarm_host_waiting_most{lane=\"messages\"} 1",
            "antfarm_host_requests_total 2",
            "antfarm_host_unanswered 1",
            "antfarm_host_round_inputs_bucket{le=\"1\"} 1",
            "antfarm_host_round_inputs_bucket{le=\"3\"} 2",
            "antfarm_host_round_inputs_bucket{le=\"7\"} 3",
            "antfarm_host_round_inputs_bucket{le=\"+Inf\"} 3",
            "antfarm_host_round_inputs_sum 8",
            "antfarm_host_step_nanoseconds_count 9",
        ] {
            assert!(text.lines().any(|it| it == line), "`{line}` is not in\n{text}");
        }
    });
}
