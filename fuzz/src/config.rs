//! Target `config`: bytes as the text of a daemon's configuration.
//!
//! Held: reading ends in a configuration or in troubles as [`crate::troubles`] wants them; a configuration is within its bounds,
//! whatever the file says: peers have names and keys of their own, somebody may give writs, no pause is longer than a day.

use crate::Met;
use crate::troubles::sound;
use antfarm_daemon::{Config, MAX_PEERS};
use antfarm_machine::Span;
use std::collections::BTreeSet;

const DAY: Span = Span::from_secs(86_400);

/// Reads a configuration. Bytes that are no text are replaced first: whoever opens files refuses them.
///
/// Panics when a guarantee of the reader is broken.
pub fn config(input: &[u8]) -> Met {
    let text = String::from_utf8_lossy(input);
    let config = match Config::parse("fuzz.toml", &text) {
        Ok(config) => config,
        Err(troubles) => {
            sound(&troubles, "fuzz.toml", &text);
            return Met::Refused;
        }
    };
    assert_eq!(Config::parse("fuzz.toml", &text).as_ref(), Ok(&config), "a configuration is a function of the text");
    assert!(config.peers.len() <= MAX_PEERS, "{} peers", config.peers.len());
    let names: BTreeSet<&str> = config.peers.iter().map(|peer| peer.name.as_str()).collect();
    let keys: BTreeSet<_> = config.peers.iter().map(|peer| peer.key).collect();
    assert!(names.len() == config.peers.len() && keys.len() == config.peers.len(), "two peers are one: {:?}", config.peers);
    for peer in &config.peers {
        assert_eq!(config.called(&peer.key), Some(peer.name.as_str()), "a peer is called by its name");
    }
    for name in names.into_iter().chain([config.name.as_str()]) {
        let plain = name.chars().all(|it| it.is_ascii_alphanumeric() || "._-".contains(it));
        assert!(plain && (1..=64).contains(&name.len()), "`{name}` is a name");
    }
    assert!(!config.roots.is_empty(), "nobody gives writs");
    for pause in [config.pulse, config.patience, config.reopen, config.sweep] {
        assert!(pause > Span::ZERO && pause <= DAY, "{pause:?} is no pause");
    }
    Met::Taken
}
