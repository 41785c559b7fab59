//! Words that must not be committed: what is put off, and what is silenced without a reason.

use super::{ends_in, files, read, report};

#[test]
fn nothing_is_put_off_or_silenced_without_a_reason() {
    // Written apart, so that this file does not contain them.
    let banned = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    // An example in a comment may leave out what does not matter.
    let code = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore"), concat!("dbg", "!(")];
    let silenced = [concat!("#[al", "low("), concat!("#![al", "low(")];
    let mut wrong = Vec::new();
    for path in files().into_iter().filter(|path| ["rs", "toml", "md"].iter().any(|it| ends_in(path, it))) {
        for (number, line) in (1..).zip(read(&path).lines()) {
            let at = format!("{}:{number}", path.display());
            let code = code.iter().filter(|_| !line.trim_start().starts_with("//"));
            let found = banned.iter().chain(code).filter(|word| line.contains(**word));
            wrong.extend(found.map(|word| format!("{at}: `{word}`")));
            if silenced.iter().any(|word| line.contains(word)) && !line.contains("reason") {
                wrong.push(format!("{at}: a lint is silenced; use `#[expect(lint, reason = \"..\")]`"));
            }
        }
    }
    report(wrong);
}
