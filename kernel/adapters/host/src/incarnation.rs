//! Where a process counts its starts: a small file, made durable before the machine wakes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Counts one more start in the file at `path` and returns its number, once that is durable: two starts never get the same number,
/// whatever is killed or loses power in between. The caller sees to it that no two processes do this at once.
///
/// The number is one more than the last, 0 the first time, and not less than `floor`. With the nanoseconds of the wall clock for a
/// floor, a file that was put back to what it once was, with all that lies beside it, gives no number anew, unless the clock was set
/// back too: others see that this is another start.
///
/// The file holds the last number in decimal, and a line end. It is replaced as a whole through `path` with `.new` added.
///
/// # Errors
///
/// Those of the file system; and [`io::ErrorKind::InvalidData`] when the file holds something else, which only a person can mend.
pub fn next_incarnation(path: &Path, floor: u64) -> io::Result<u64> {
    let next = match fs::read_to_string(path) {
        Ok(text) => {
            text.strip_suffix('\n').and_then(|it| it.parse::<u64>().ok()).and_then(|it| it.checked_add(1)).ok_or_else(|| {
                let what =
                    format!("`{}` does not hold the number of the last start; restore it, or write a higher one", path.display());
                io::Error::new(io::ErrorKind::InvalidData, what)
            })?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let next = next.max(floor);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(format!("{next}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(next)
}
