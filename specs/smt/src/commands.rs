//! Commands of SMT-LIB 2, one after the other: what stands between balanced parentheses.

use std::io::{self, BufRead};

/// The most bytes of one command.
const MOST: usize = 64 << 20;

/// The commands of a stream.
pub(crate) struct Commands<R> {
    input: R,
    line: Vec<u8>,
    at: usize,
}

impl<R: BufRead> Commands<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), at: 0 }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.line.len() {
            self.line.clear();
            self.at = 0;
            self.input.read_until(b'\n', &mut self.line)?;
        }
        let byte = self.line.get(self.at).copied();
        self.at += 1;
        if byte.is_none() {
            self.at = 0;
        }
        Ok(byte)
    }

    /// The next command, without what stands around it; nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<String>> {
        let (mut found, mut depth, mut within) = (Vec::new(), 0_usize, None);
        while let Some(byte) = self.byte()? {
            match within {
                Some(b';') if byte == b'\n' => within = None,
                Some(b';') => continue,
                Some(quote) if byte == quote => within = None,
                Some(_) => {}
                None if matches!(byte, b';' | b'|' | b'"') => {
                    within = Some(byte);
                    if byte == b';' {
                        continue;
                    }
                }
                None if byte == b'(' => depth += 1,
                None => {}
            }
            if depth > 0 {
                found.push(byte);
            }
            if byte == b')' && within.is_none() && depth > 0 {
                depth -= 1;
                if depth == 0 {
                    return Ok(Some(String::from_utf8_lossy(&found).into_owned()));
                }
            }
            if found.len() > MOST {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a command is too long"));
            }
        }
        Ok(None)
    }
}

/// The words of a command: its parentheses, and what stands between them; `|a b|` is the word `a b`.
pub(crate) fn words(command: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), command.trim_start());
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '(' | ')' => rest.split_at(1),
            '|' => match rest[1..].split_once('|') {
                Some(split) => split,
                None => (&rest[1..], ""),
            },
            _ => rest.split_at(rest.find(|it: char| it.is_whitespace() || matches!(it, '(' | ')' | '|')).unwrap_or(rest.len())),
        };
        found.push(word);
        rest = after.trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut commands = Commands::new(text.as_bytes());
        std::iter::from_fn(|| commands.next().expect("bytes in memory can be read")).collect()
    }

    #[test]
    fn a_command_ends_with_its_last_parenthesis_whatever_is_quoted() {
        let text = "(a) ; (not this)\n(b |)| \")\" (c)) (never closed";
        assert_eq!(all(text), ["(a)", "(b |)| \")\" (c))"]);
    }

    #[test]
    fn a_comment_within_a_command_is_left_out() {
        assert_eq!(all("(a ; b)\n c)"), ["(a \n c)"]);
    }

    #[test]
    fn a_quoted_symbol_is_one_word() {
        assert_eq!(words("(declare-const |a b| Int)"), ["(", "declare-const", "a b", "Int", ")"]);
    }
}
