//! What some bytes say under an encoding, byte by byte, and where in the original each byte stands.
//!
//! Secrets are looked for in what is decoded, so that every way to write one in an encoding is found: mixed case, escapes that
//! were not needed, any alignment. Whatever is no well-formed escape stands for itself.

use alloc::vec::Vec;
use core::ops::Range;

/// Decoded bytes, and for each the range of the original that says it.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    spans: Vec<(usize, usize)>,
}

impl View {
    /// The part of the original that says the decoded bytes in `range`, which is not empty.
    pub(super) fn span(&self, range: &Range<usize>) -> Range<usize> {
        self.spans[range.start].0..self.spans[range.end - 1].1
    }

    fn with_room(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), spans: Vec::with_capacity(bytes) }
    }

    fn push(&mut self, byte: u8, start: usize, end: usize) {
        self.bytes.push(byte);
        self.spans.push((start, end));
    }
}

/// Calls `look` with each view of `original` but the plain one. Decoded pieces shorter than `shortest` are left out.
pub(super) fn each(original: &[u8], shortest: usize, mut look: impl FnMut(&View)) {
    let has = |byte| original.contains(&byte);
    if has(b'\\') {
        look(&decoded(original, json));
        look(&decoded(original, nested_json));
    }
    if has(b'%') || has(b'+') {
        look(&decoded(original, percent));
        look(&decoded(original, form));
    }
    for run in runs(original, hexadecimal, shortest * 2) {
        (0..2).for_each(|phase| look(&pairs(&run, phase)));
    }
    for run in runs(original, base64, shortest * 4 / 3) {
        (0..4).for_each(|phase| look(&quads(&run, phase)));
    }
}

/// One unit: the bytes that it says, up to four, and how long it is.
struct Unit {
    says: [u8; 4],
    count: usize,
    length: usize,
}

impl Unit {
    fn byte(byte: u8, length: usize) -> Self {
        Self { says: [byte, 0, 0, 0], count: 1, length }
    }
}

/// Reads unit after unit; a byte at which there is none stands for itself.
fn decoded(original: &[u8], unit: impl Fn(&[u8]) -> Option<Unit>) -> View {
    let mut view = View::with_room(original.len());
    let mut at = 0;
    while let Some(first) = original.get(at) {
        let Unit { says, count, length } = unit(&original[at..]).unwrap_or(Unit::byte(*first, 1));
        says[..count].iter().for_each(|byte| view.push(*byte, at, at + length));
        at += length;
    }
    view
}

/// `%41`, also where it was not needed (RFC 3986, section 2.1).
fn percent(rest: &[u8]) -> Option<Unit> {
    let [b'%', high, low, ..] = rest else { return None };
    Some(Unit::byte(hexadecimal(*high)? << 4 | hexadecimal(*low)?, 3))
}

/// The same, with `+` for a space (`application/x-www-form-urlencoded`).
fn form(rest: &[u8]) -> Option<Unit> {
    if rest.first() == Some(&b'+') { Some(Unit::byte(b' ', 1)) } else { percent(rest) }
}

/// An escape within a string (RFC 8259, section 7).
fn json(rest: &[u8]) -> Option<Unit> {
    let [b'\\', kind, ..] = rest else { return None };
    let byte = match kind {
        b'"' | b'\\' | b'/' => *kind,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some(Unit::byte(byte, 2))
}

/// The same within a string within a string, however deep: any number of backslashes counts as one.
fn nested_json(rest: &[u8]) -> Option<Unit> {
    let more = rest.iter().take_while(|byte| **byte == b'\\').count().checked_sub(1)?;
    let Unit { says, count, length } = json(&rest[more..]).unwrap_or(Unit::byte(b'\\', 1));
    Some(Unit { says, count, length: more + length })
}

/// `\u0041`, or two of them that are a surrogate pair.
fn unicode(rest: &[u8]) -> Option<Unit> {
    let (high, low) = (code_unit(rest)?, rest.get(6..).and_then(code_unit));
    let pair = low.and_then(|low| char::decode_utf16([high, low]).next()?.ok().filter(|it| it.len_utf16() == 2));
    let (character, length) = match pair {
        Some(character) => (character, 12),
        None => (char::from_u32(u32::from(high))?, 6),
    };
    let mut says = [0; 4];
    let count = character.encode_utf8(&mut says).len();
    Some(Unit { says, count, length })
}

fn code_unit(rest: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = rest else { return None };
    let digits = digits.get(..4)?;
    digits.iter().try_fold(0, |high, digit| Some(high << 4 | u16::from(hexadecimal(*digit)?)))
}

/// What a digit is worth, in either case.
fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// What a digit is worth in either of the two alphabets (RFC 4648, sections 4 and 5).
fn base64(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Digits without anything between them but ends of lines: what each is worth, and where it stands.
type Run = Vec<(u8, usize)>;

/// The runs of at least `shortest` digits.
fn runs(original: &[u8], digit: impl Fn(u8) -> Option<u8>, shortest: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::new();
    for (at, byte) in original.iter().enumerate() {
        match digit(*byte) {
            Some(worth) => run.push((worth, at)),
            None if matches!(byte, b'\r' | b'\n') => {}
            None if run.len() >= shortest => runs.push(core::mem::take(&mut run)),
            None => run.clear(),
        }
    }
    if run.len() >= shortest {
        runs.push(run);
    }
    runs
}

/// Two hexadecimal digits a byte, from the digit `phase` on.
fn pairs(run: &Run, phase: usize) -> View {
    let mut view = View::with_room(run.len() / 2);
    let (pairs, _) = run[phase..].as_chunks::<2>();
    pairs.iter().for_each(|[(high, start), (low, last)]| view.push(high << 4 | low, *start, last + 1));
    view
}

/// Four base64 digits for three bytes, where the digit `phase` begins a group; also the end of the group before.
fn quads(run: &Run, phase: usize) -> View {
    let mut view = View::with_room(run.len() * 3 / 4 + 1);
    for (number, two) in run.windows(2).enumerate() {
        let [(first, start), (second, last)] = *two else { unreachable!("a window of two") };
        let byte = match (number + 4 - phase) % 4 {
            0 => first << 2 | second >> 4,
            1 => first << 4 | second >> 2,
            2 => first << 6 | second,
            _ => continue,
        };
        view.push(byte, start, last + 1);
    }
    view
}
