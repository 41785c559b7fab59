//! Texts with secrets at declared places: `Bearer ${api-token}`. Filled when they are sent, and nowhere else.

use crate::cause::Cause;
use crate::secrets::{NoSecret, Used, is_name};

/// A text with places for secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sealing(Vec<Piece>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    Text(String),
    Secret(String),
}

impl Sealing {
    /// Reads it: `${NAME}` stands for the secret of that name, and there is at least one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let (name, behind) = behind.split_once('}').ok_or("a placeholder `${` is not closed")?;
            if !is_name(name) {
                return Err(format!("`{}` cannot be the name of a secret", name.escape_debug()));
            }
            pieces.extend([Piece::Text(before.to_owned()), Piece::Secret(name.to_owned())]);
            rest = behind;
        }
        if pieces.is_empty() {
            return Err("name a secret: `${NAME}`; a secret itself is never written here".to_owned());
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// The text with the secrets, which are from now on taken out of answers.
    pub(crate) fn open(&self, secrets: &mut Used<'_>) -> Result<Vec<u8>, Cause> {
        let mut opened = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => opened.extend_from_slice(text.as_bytes()),
                Piece::Secret(name) => {
                    let secret = secrets.take(name).map_err(|why| Cause::Secret { name: name.clone(), why })?;
                    opened.extend_from_slice(secret.bytes());
                }
            }
        }
        Ok(opened)
    }

    /// What is said of a secret that makes no header.
    pub(crate) fn unfit(&self) -> Cause {
        let name = |piece: &Piece| match piece {
            Piece::Text(_) => None,
            Piece::Secret(name) => Some(name.clone()),
        };
        let name = self.0.iter().find_map(name).expect("at least one secret is named");
        Cause::Secret { name, why: NoSecret::Unfit }
    }
}
