//! Where a byte of a string stands in the file that says the string.

use antfarm_strict::Place;

/// The place in `file` of byte `at` of the string that stands at `place`: one character, or the end.
pub(crate) fn within(file: &str, place: &Place, at: usize) -> Place {
    let Some(raw) = file.get(place.clone()) else { return place.clone() };
    let start = place.start + raw_offset(raw, at).min(raw.len());
    start..place.end.max(start)
}

/// How far into `raw`, quotes and escapes included, the string's byte `at` stands.
fn raw_offset(raw: &str, at: usize) -> usize {
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let Some(quote) = quotes.into_iter().find(|quote| raw.starts_with(quote)) else { return 0 };
    let is_literal = quote.starts_with('\'');
    let is_long = quote.len() == 3;
    let mut raw_at = quote.len();
    // A line break right behind long quotes is not part of the string.
    if is_long {
        raw_at += if raw[raw_at..].starts_with("\r\n") { 2 } else { usize::from(raw[raw_at..].starts_with('\n')) };
    }
    if is_literal {
        return raw_at + at;
    }
    let mut read = 0;
    while read < at {
        let rest = &raw[raw_at..];
        let (taken, said) = one(rest);
        if taken == 0 {
            break;
        }
        raw_at += taken;
        read += said;
    }
    raw_at
}

/// How many bytes the first character of a basic string takes in the file, and how many it says.
fn one(rest: &str) -> (usize, usize) {
    let mut chars = rest.chars();
    let Some(first) = chars.next() else { return (0, 0) };
    if first != '\\' {
        return (first.len_utf8(), first.len_utf8());
    }
    let digits = match chars.next() {
        Some('u') => 4,
        Some('U') => 8,
        Some('x') => 2,
        Some(c) if c.is_whitespace() => {
            let blank = rest[1..].len() - rest[1..].trim_start().len();
            return (1 + blank, 0);
        }
        Some(c) => return (1 + c.len_utf8(), 1),
        None => return (1, 0),
    };
    let code = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
    (2 + digits, code.map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_a_string_is_found_behind_quotes_and_escapes() {
        fn at(raw: &str, at: usize) -> &str {
            &raw[within(raw, &(0..raw.len()), at)]
        }
        assert_eq!(at("\"abc\"", 1), "bc\"");
        assert_eq!(at("'abc'", 2), "c'");
        assert_eq!(at("\"a\\\"b\\u00e9c\"", 2), "b\\u00e9c\"");
        assert_eq!(at("\"a\\\"b\\u00e9c\"", 5), "c\"");
        assert_eq!(at("\"é\\tb\"", 3), "b\"");
        assert_eq!(at("\"\\u0041b\"", 1), "b\"");
        assert_eq!(at("\"\\u00e9\\U000000e9\\x41b\"", 5), "b\"");
        assert_eq!(at("\"\"\"\nab\"\"\"", 1), "b\"\"\"");
        assert_eq!(at("'''ab'''", 1), "b'''");
        assert_eq!(at("\"\"\"a\\\n   b\"\"\"", 1), "\\\n   b\"\"\"");
        assert_eq!(at("\"abc\"", 99), "");
        assert_eq!(at("3", 5), "3");
    }
}
