//! The nearest valid name to a misspelt one.

/// Longer names than this are not compared: the distance takes quadratic time.
const LONGEST: usize = 64;

/// The known name with the least edit distance, if that is at most a third of the name's length (at least one edit).
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = name.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if letters.len() > LONGEST {
        return None;
    }
    let most = (letters.len() / 3).max(1);
    // Of equally near names the one that begins alike: the first letter is seldom wrong.
    let begins_alike = |known: &str| known.chars().flat_map(char::to_lowercase).next() == letters.first().copied();
    let rated = known.into_iter().map(|known| (distance(&letters, known), !begins_alike(known), known));
    let (distance, _, near) = rated.min_by_key(|(distance, differs, _)| (*distance, *differs))?;
    (distance <= most).then_some(near)
}

/// Insertions, deletions, replacements and swaps of neighbours that make `known` of `name` (optimal string alignment),
/// without regard to case.
fn distance(name: &[char], known: &str) -> usize {
    let known: Vec<char> = known.chars().take(LONGEST).flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=known.len()).collect();
    for (i, letter) in name.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in known.iter().enumerate() {
            let replaced = above[j] + usize::from(letter != other);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == known[j - 1] && name[i - 1] == *other {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour_and_a_strange_one_finds_none() {
        let known = ["name", "nodes", "purpose"];
        assert_eq!(nearest("naem", known), Some("name"));
        assert_eq!(nearest("purpos", known), Some("purpose"));
        assert_eq!(nearest("Nodes", known), Some("nodes"));
        assert_eq!(nearest("rat", ["at", "rate"]), Some("rate"));
        assert_eq!(nearest("frequency", known), None);
        assert_eq!(nearest(&"n".repeat(100_000), known), None);
        assert_eq!(nearest("x", []), None);
    }
}
