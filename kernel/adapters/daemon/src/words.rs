//! What the tool says of what the daemon said, and the exit status that goes with it.

use crate::exit;
use antfarm_daemon::control::{EntityLine, Status};
use antfarm_node::{Answer, Declined, Ending, Notice};

/// What came of an ask.
pub(crate) fn notice(notice: &Notice) -> (String, u8) {
    match notice {
        Notice::Answered { key, answer, .. } => match answer {
            Answer::Done { result } => {
                let result = String::from_utf8_lossy(result.bytes());
                let result = if result.is_empty() { String::new() } else { format!(": {}", result.escape_debug()) };
                (format!("done{result}"), exit::DONE)
            }
            Answer::Failed => ("failed: the tool says that nothing happened, and nothing will".to_owned(), exit::REFUSED),
            Answer::Refused(reason) => (format!("refused: {reason}"), exit::REFUSED),
            Answer::InDoubt => {
                (format!("in doubt: somebody has to look, and say `antfarmd resolve {}`", key.digest()), exit::OPEN)
            }
            Answer::Busy => ("busy: nothing was decided; ask again".to_owned(), exit::OPEN),
        },
        Notice::Granted { writ, .. } => (format!("writ {}", writ.digest()), exit::DONE),
        Notice::Declined { why: Declined::Busy, .. } => ("busy: nothing was done; ask again".to_owned(), exit::OPEN),
        Notice::Declined { why, .. } => (format!("declined: {why}"), exit::REFUSED),
        Notice::Revoked { writ } => (format!("revoked {}", writ.digest()), exit::DONE),
        Notice::Closed { writ } => (format!("closed {}", writ.digest()), exit::DONE),
        Notice::Began { .. } => ("the task was taken on".to_owned(), exit::DONE),
        Notice::Ended { ending, .. } => (format!("the task ended: {}", self::ending(ending)), exit::DONE),
        Notice::Opened(_)
        | Notice::Stopped(_)
        | Notice::Refused(_)
        | Notice::Broken { .. }
        | Notice::RolledBack { .. }
        | Notice::Called(_)
        | Notice::Reclaimed { .. }
        | Notice::Forked { .. }
        | Notice::Reported { .. }
        | Notice::Stepped(_) => (format!("{notice:?}"), exit::DONE),
    }
}

fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Answered { answer } => format!("`{}`", String::from_utf8_lossy(answer.bytes()).escape_debug()),
        Ending::Steps => "it took all the thoughts that it may".to_owned(),
        Ending::Time => "its time is over, or that of its writ".to_owned(),
        Ending::Refused(reason) => format!("it may not think any more: {reason}"),
        Ending::InDoubt => "what became of a thought cannot be found out".to_owned(),
    }
}

/// What an entity is, line by line.
pub(crate) fn entity(it: &EntityLine) -> String {
    let lines = it.variables.iter().map(|(name, value)| format!("\n{name} = {value}"));
    format!("status = '{}'{}", it.status, lines.collect::<String>())
}

/// How a node is, line by line.
pub(crate) fn status(it: &Status) -> String {
    let state = match (it.serving, it.rolled_back) {
        (_, true) => "stopped for good: its log is not what it was",
        (true, _) => "serving",
        (false, _) => "not open",
    };
    let connected = if it.connected.is_empty() { "nobody".to_owned() } else { it.connected.join(", ") };
    format!(
        "name       {}\nkey        {}\ncolony     {}\nlog        {}\nstate      {state}\nrecords    {}\nwrits      {}\nunder way  {}\nconnected  {connected}",
        it.name, it.key, it.colony, it.log, it.records, it.writs, it.open
    )
}
