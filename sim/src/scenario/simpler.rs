//! Values that a shrinker tries in place of others: simpler ones for rows of asks, higher odds for faults.

use crate::chance::Odds;
use crate::fault::Fault;
use antfarm_strict::Value;

/// Simpler values, the simplest first: what happens at times happens always, a range is where it begins, a rate is high, a number
/// small.
pub(super) fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Text(text) if text.ends_with('%') && text != "100%" => vec![Value::Text("100%".to_owned())],
        Value::Text(text) if text.ends_with("/s") && text.len() < 5 => vec![Value::Text("100/s".to_owned())],
        Value::Text(text) => text.split_once("..").map(|(low, _)| Value::Text(low.to_owned())).into_iter().collect(),
        Value::Integer(number) => {
            [1, 3, number / 10].into_iter().filter(|it| (1..*number).contains(it)).map(Value::Integer).collect()
        }
        Value::Flag(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => Vec::new(),
    }
}

/// The same fault with higher odds, the highest first; none when it does not come by chance.
pub(super) fn sharper(fault: &Fault) -> Vec<Fault> {
    const ODDS: [u32; 3] = [1_000_000, 500_000, 100_000];
    ODDS.into_iter().filter_map(|to| raised(fault, Odds::per_million(to)?)).collect()
}

fn raised(fault: &Fault, to: Odds) -> Option<Fault> {
    let (odds, raised) = match fault {
        Fault::Lose(reach, odds) => (odds, Fault::Lose(reach.clone(), to)),
        Fault::Copy(reach, odds) => (odds, Fault::Copy(reach.clone(), to)),
        Fault::Reorder(reach, odds, late) => (odds, Fault::Reorder(reach.clone(), to, *late)),
        Fault::Corrupt(reach, odds) => (odds, Fault::Corrupt(reach.clone(), to)),
        Fault::Tear(node, odds) => (odds, Fault::Tear(*node, to)),
        Fault::LoseSync(node, odds) => (odds, Fault::LoseSync(*node, to)),
        Fault::FailSync(node, odds) => (odds, Fault::FailSync(*node, to)),
        Fault::LieSync(node, odds) => (odds, Fault::LieSync(*node, to)),
        Fault::LoseEntry(node, odds) => (odds, Fault::LoseEntry(*node, to)),
        Fault::Misdirect(node, odds) => (odds, Fault::Misdirect(*node, to)),
        Fault::Latency(..)
        | Fault::Cut(_)
        | Fault::Hold(_)
        | Fault::Drop { .. }
        | Fault::Crash(_)
        | Fault::Pause(_)
        | Fault::Offset(..)
        | Fault::Drift(..)
        | Fault::Step(..)
        | Fault::Freeze(_)
        | Fault::SlowDisk(..)
        | Fault::Rot(_)
        | Fault::Fill(_)
        | Fault::Replace(_) => return None,
    };
    (odds.as_per_million() < to.as_per_million()).then_some(raised)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_machine::PeerId;

    #[test]
    fn odds_only_rise_and_values_only_become_smaller() {
        let fault = |odds| Fault::FailSync(PeerId::new(3), Odds::per_million(odds).expect("a part of a million"));
        assert_eq!(sharper(&fault(200_000)), [fault(1_000_000), fault(500_000)]);
        assert_eq!(sharper(&fault(1_000_000)), []);
        assert_eq!(sharper(&Fault::Rot(PeerId::new(3))), []);

        let check = |value: Value, expected: &[&str]| {
            let told = |it: Value| if let Value::Text(text) = it { text } else { format!("{it:?}") };
            assert_eq!(simpler(&value).into_iter().map(told).collect::<Vec<_>>(), expected, "{value:?}");
        };
        check(Value::Text("20%".to_owned()), &["100%"]);
        check(Value::Text("100%".to_owned()), &[]);
        check(Value::Text("2/s".to_owned()), &["100/s"]);
        check(Value::Text("4s..9s".to_owned()), &["4s"]);
        check(Value::Text("queen".to_owned()), &[]);
        check(Value::Integer(50), &["Integer(1)", "Integer(3)", "Integer(5)"]);
        check(Value::Integer(1), &[]);
    }
}
