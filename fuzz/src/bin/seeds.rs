//! Writes the seeds of each target into `fuzz/corpus/TARGET`. Other files there, which fuzzers found, are left alone.

use antfarm_fuzz::{TARGETS, seeds};
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    for (target, _) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (name, bytes) in seeds(target) {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
