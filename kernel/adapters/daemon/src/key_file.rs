//! A node's secret key, in a file of its own that nobody else may read.
//!
//! The file has two lines: what it is, and 64 hexadecimal digits. It is made with mode 0600 and never over another file; one that its
//! group or others may read or write is refused. No error quotes what a file says.

use antfarm_identity::{Digest, PublicKey, Signer};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FIRST_LINE: &str = "antfarm secret key 1";

/// A longer file is no key.
const LONGEST: u64 = 256;

/// Makes a key and the file that keeps it.
///
/// # Errors
///
/// The file is there already, or cannot be written.
pub fn generate(path: &Path) -> Result<PublicKey, KeyTrouble> {
    let failed = |error| KeyTrouble { path: path.to_owned(), what: What::Io(error) };
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).map_err(|error| failed(io::Error::other(error.to_string())))?;
    let signer = Signer::new(&secret);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let text = Zeroizing::new(format!("{FIRST_LINE}\n{}\n", *Zeroizing::new(hex(&secret))));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(signer.public())
}

/// Reads a key.
///
/// # Errors
///
/// Others may read the file, it cannot be read, or it is no key.
pub fn read(path: &Path) -> Result<Signer, KeyTrouble> {
    let trouble = |what| KeyTrouble { path: path.to_owned(), what };
    let file = File::open(path).map_err(|error| trouble(What::Io(error)))?;
    let facts = file.metadata().map_err(|error| trouble(What::Io(error)))?;
    if facts.mode() & 0o077 != 0 {
        return Err(trouble(What::Open { mode: facts.mode() & 0o777 }));
    }
    let mut text = Zeroizing::new(String::new());
    let read = file.take(LONGEST + 1).read_to_string(&mut text);
    read.map_err(|_| trouble(What::NoKey))?;
    let digits = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n')).map(|rest| rest.trim_end_matches('\n'));
    let secret: Digest = digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| trouble(What::NoKey))?;
    let secret = Zeroizing::new(*secret.as_bytes());
    Ok(Signer::new(&secret))
}

/// The public key that these 64 hexadecimal digits are.
pub fn public(text: &str) -> Option<PublicKey> {
    let bytes: Digest = text.parse().ok()?;
    PublicKey::new(*bytes.as_bytes()).ok()
}

fn hex(bytes: &[u8; 32]) -> String {
    Digest::from_bytes(*bytes).to_string()
}

/// Why there is no key.
#[derive(Debug)]
pub struct KeyTrouble {
    path: PathBuf,
    what: What,
}

#[derive(Debug)]
enum What {
    Io(io::Error),
    Open { mode: u32 },
    NoKey,
}

impl fmt::Display for KeyTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.what {
            What::Io(error) => write!(f, "key `{path}`: {error}"),
            What::Open { mode } => {
                write!(
                    f,
                    "key `{path}` has mode {mode:04o}: others may use it; say `chmod 600 {path}`, and make a new one if they did"
                )
            }
            What::NoKey => write!(f, "`{path}` is no key file; `antfarmd keygen {path}` makes one where there is none"),
        }
    }
}

impl std::error::Error for KeyTrouble {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("antfarmd-key-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        folder
    }

    #[test]
    fn a_key_is_read_back_and_never_made_over_another_file() {
        let path = folder("made").join("queen.key");
        let public = generate(&path).expect("it is made");
        assert_eq!(read(&path).expect("it is read").public(), public);
        assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o777, 0o600);
        assert!(generate(&path).expect_err("it is there").to_string().contains("exists"));
        assert_eq!(read(&path).expect("it is as it was").public(), public);
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_no_key_is_refused_and_not_quoted() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder("refused").join("queen.key");
        generate(&path).expect("it is made");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
        assert!(read(&path).expect_err("others may read it").to_string().contains("0640"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        for text in ["", "antfarm secret key 1\nc0ffee\n", "antfarm secret key 2\n", &"c0ffee".repeat(100)] {
            fs::write(&path, text).expect("it is ours");
            let error = read(&path).expect_err("it is no key").to_string();
            assert!(error.contains("no key file") && !error.contains("c0ffee"), "{error}");
        }
    }
}
