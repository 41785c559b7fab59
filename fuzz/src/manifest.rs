//! Target `manifest`: bytes as the text of a manifest of tools.
//!
//! Held: reading ends in a manifest or in troubles as [`crate::troubles`] wants them; of a manifest, each tool is found by its name
//! and its promise has a retention. Of the machine only whether usual folders exist is asked; nothing is carried out.

use crate::Met;
use crate::troubles::sound;
use antfarm_authority::{Name, Resolution};
use antfarm_executors::Manifest;
use antfarm_machine::Span;

/// Reads a manifest. Bytes that are no text are replaced first: whoever opens files refuses them.
///
/// Panics when a guarantee of the reader is broken.
pub fn manifest(input: &[u8]) -> Met {
    let text = String::from_utf8_lossy(input);
    let manifest = match Manifest::parse("fuzz.toml", &text) {
        Ok(manifest) => manifest,
        Err(troubles) => {
            sound(&troubles, "fuzz.toml", &text);
            return Met::Refused;
        }
    };
    assert_eq!(Manifest::parse("fuzz.toml", &text).as_ref(), Ok(&manifest), "a manifest is a function of the text");
    let mut met = Met::Refused;
    for (name, tool) in manifest.tools() {
        met = Met::Taken;
        assert_eq!(manifest.tool(name), Some(tool), "a tool is found by its name");
        assert_eq!(Name::new(name.text()).as_ref(), Ok(name), "a name is one");
        match tool.resolution {
            Resolution::Keyed { retention } | Resolution::Closable { retention } => {
                assert!(retention > Span::ZERO, "`{name}` remembers nothing");
            }
            Resolution::Blind => {}
        }
        assert!(!format!("{tool:?}").is_empty(), "a tool prints");
    }
    met
}
