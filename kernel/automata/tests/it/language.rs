//! Texts to trees and back, and what is no text of the language.

use crate::{choices, draws, effect, expr};
use antfarm_automata::{Arith, Expr, Literal, MOST_NESTED, Misreading, Order, parse, parse_effect, reference};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_reads_back_the_same(choices in choices(200), params: bool) {
        let tree = reference::expression(&mut draws(choices), params);
        let text = tree.to_string();
        let (read, _) = parse(&text).map_err(|wrong| TestCaseError::fail(format!("`{text}`: {wrong}")))?;
        prop_assert_eq!(read, tree, "{}", text);
    }

    #[test]
    fn effects_read_back_the_same(choices in choices(300)) {
        for action in reference::spec(&mut draws(choices)).actions {
            for tree in action.effects {
                let text = tree.to_string();
                let (read, _) = parse_effect(&text).map_err(|wrong| TestCaseError::fail(format!("`{text}`: {wrong}")))?;
                prop_assert_eq!(read, tree, "{}", text);
            }
        }
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused(text in "[a-z'\\[\\]()!&|=<>0-9 .,+*/%:-]{0,40}|\\PC{0,20}") {
        if let Ok((tree, _)) = parse(&text) {
            prop_assert_eq!(&parse(&tree.to_string()).expect("what was read is written so that it can be read").0, &tree);
        }
        let _ = parse_effect(&text);
    }
}

#[test]
fn connectives_bind_as_the_grammar_says() {
    let same = |one: &str, other: &str| assert_eq!(expr(one), expr(other), "`{one}` and `{other}`");
    same("a => b => c", "a => (b => c)");
    same("a || b && c", "a || (b && c)");
    same("a && b => c || d", "(a && b) => (c || d)");
    same("!a == b", "!(a == b)");
    same("!!a", "!(!a)");
    same("x + y * 2 > 3 - z", "(x + (y * 2)) > (3 - z)");
    same("x - y - z == 0", "((x - y) - z) == 0");
    same("status not in ['A'] && p", "(status not in ['A']) && p");
    assert_ne!(expr("x - y - z == 0"), expr("x - (y - z) == 0"));
    assert_ne!(expr("(a => b) => c"), expr("a => b => c"));
    assert_eq!(expr("-3 < x"), Expr::compare(Expr::Literal(Literal::Int(-3)), Order::Less, Expr::name("x")));
    let negated = Expr::Negate(Box::new(Expr::Literal(Literal::Int(3))));
    assert_eq!(expr("-(3) < x"), Expr::compare(negated, Order::Less, Expr::name("x")));
    let (three, two) = (Expr::Literal(Literal::Int(3)), Expr::Literal(Literal::Int(-2)));
    let sum = Expr::Arith { op: Arith::Minus, left: Box::new(three), right: Box::new(two) };
    assert_eq!(expr("3 - -2 == x"), Expr::compare(sum, Order::Equal, Expr::name("x")));
}

#[test]
fn spans_and_amounts_are_literals() {
    assert_eq!(expr("wait > 1h30m"), Expr::compare(Expr::name("wait"), Order::More, Expr::Literal(Literal::Span(5_400_000))));
    assert_eq!(
        expr("fee <= 20 usdc"),
        Expr::compare(Expr::name("fee"), Order::AtMost, Expr::Literal(Literal::Money(20, "usdc".into())))
    );
    assert_eq!(Literal::Span(5_400_250).to_string(), "1h30m250ms");
    assert_eq!(Literal::Span(-1).to_string(), "-1ms");
    assert_eq!(expr("x == 'it''s'"), Expr::compare(Expr::name("x"), Order::Equal, Expr::text("it's")));
}

/// One text, the byte at which it goes wrong, and how the message begins.
fn refused(text: &str, at: usize, words: &str) {
    let wrong = parse(text).map(|(tree, _)| tree).expect_err(text);
    assert_eq!((wrong.at, wrong.what.to_string().starts_with(words)), (at, true), "`{text}`: {wrong}");
}

#[test]
fn whatever_is_not_in_the_grammar_is_refused_at_its_place() {
    refused("a and b", 2, "unknown connective `and`; write `&&`");
    refused("a or b", 2, "unknown connective `or`; write `||`");
    refused("items > 0 and ready", 10, "unknown connective `and`");
    refused("a & b", 2, "unknown connective `&`; write `&&`");
    refused("a | b", 2, "unknown connective `|`");
    refused("a -> b", 2, "unknown connective `->`; write `=>`");
    refused("a <=> b", 2, "unknown connective `<=>`");
    refused("a ==> b", 2, "unknown connective `==>`");
    refused("a <> b", 2, "unknown connective `<>`");
    refused("a xor b", 2, "unknown connective `xor`");
    refused("a iff b", 2, "unknown connective `iff`");
    refused("a = b", 2, "unknown connective `=`; write `==`");
    refused("ordering(A, B)", 0, "unknown function `ordering`");
    refused("a b", 2, "expected an operator, or nothing more");
    refused("a &&", 4, "expected a value");
    refused("a && && b", 5, "expected a value");
    refused("(a", 2, "expected `)`");
    refused("a)", 1, "expected an operator, or nothing more");
    refused("", 0, "expected a value");
    refused("a < b < c", 6, "comparisons cannot be chained");
    refused("x in tags == y", 10, "comparisons cannot be chained");
    refused("!(x) => y && z <", 16, "expected a value");
    refused("x == \"a\"", 5, "texts stand in single quotes");
    refused("x == 'a", 5, "the text that begins here");
    refused("x > 99999999999999999999", 4, "the number does not fit");
    refused("x > 9223372036854775808", 4, "the number does not fit");
    refused("wait > 5x", 7, "unknown unit `x`");
    refused("x not y", 6, "expected `in` after `not`");
    refused("in == 3", 0, "`in` has a meaning of its own");
    refused("x ; y", 2, "`;` means nothing here");
    refused("x in [a]", 6, "expected a literal");
    refused("x in ['a' 'b']", 10, "expected `,` or `]`");
    refused("Review[id].status.x", 17, "expected an operator");
    refused("Review[id]", 10, "expected `.status`");
    refused("a é", 2, "`é` means nothing here");
}

#[test]
fn depth_length_and_rows_are_bounded() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MOST_NESTED - 1)).is_ok());
    refused(&nested(MOST_NESTED), MOST_NESTED, "nested too deep");
    assert!(parse(&format!("{}a", "!".repeat(MOST_NESTED - 1))).is_ok());
    assert!(parse(&format!("{}a", "!".repeat(3000))).is_err());
    assert!(parse(&format!("{}a", "-".repeat(3000))).is_err());
    assert!(parse(&vec!["a"; MOST_NESTED].join(" && ")).is_ok());
    assert!(parse(&vec!["a"; MOST_NESTED + 1].join(" && ")).is_err());
    assert!(parse(&vec!["1"; 1000].join("+")).is_err());
    assert!(parse(&vec!["a"; 1000].join("=>")).is_err());
    refused(&" ".repeat(5000), 4096, "too long");
}

/// What is written has parentheses and blanks of its own, and must be read, too.
#[test]
fn what_could_not_be_read_again_is_refused() {
    let nots = |count: usize| format!("{}a == b", "!".repeat(count));
    assert!(parse(&nots(MOST_NESTED - 2)).is_ok());
    refused(&nots(MOST_NESTED - 1), 0, "nested too deep");
    let row = |count: usize| vec!["a"; count].join(" + ");
    assert!(parse(&format!("({}) + a > 0", row(MOST_NESTED - 1))).is_ok());
    refused(&format!("({}) + a > 0", row(MOST_NESTED)), 0, "nested too deep");
    let name = "n".repeat(60);
    refused(&vec![format!("{name}<9"); 64].join("&&"), 0, "too long");
    let wrong = parse_effect(&format!("x = ({}) + a", row(MOST_NESTED))).map(|(tree, _)| tree);
    assert_eq!(wrong.map_err(|wrong| (wrong.at, wrong.what)), Err((0, Misreading::TooDeep)));
}

#[test]
fn effects_are_all_that_an_action_can_do() {
    for text in [
        "x = 3",
        "x += params.n",
        "x -= y * 2",
        "ready = !ready && x > 3",
        "append(tags, 'new')",
        "remove(tags, params.tag)",
        "remove_at(tags, 0)",
        "schedule('Expire', 30)",
        "schedule('Expire', 250ms)",
        "schedule_at('Expire', due)",
        "spawn('Task', 'Create')",
        "spawn('Task', 'Create', task_id)",
        "spawn('Task', 'Create', task_id, params.id)",
        "if x > 3: x = 0",
        "if x in ['a'] || y: append(tags, 'b')",
    ] {
        assert_eq!(effect(text).to_string(), text);
    }
    assert_eq!(effect("schedule('Expire', 1m30s)").to_string(), "schedule('Expire', 90)");
    for (text, at, words) in [
        ("x := 3", 2, "expected `=`"),
        ("emit Done", 5, "expected `=`"),
        ("emit(Done)", 0, "unknown effect `emit`"),
        ("x = 3; y = 4", 5, "`;` means nothing"),
        ("x = a y = 4", 6, "expected an operator"),
        ("schedule(Expire, 30)", 9, "expected a name in single quotes"),
        ("schedule('Expire', -1)", 21, "expected a number of seconds"),
        ("append(tags)", 11, "expected `,`"),
        ("if x = 3", 5, "expected `:`"),
        ("status = 'Done'", 0, "`status` has a meaning of its own"),
        ("3 = x", 0, "expected an effect"),
        ("", 0, "expected an effect"),
    ] {
        let wrong = parse_effect(text).map(|(tree, _)| tree).expect_err(text);
        assert_eq!((wrong.at, wrong.what.to_string().starts_with(words)), (at, true), "`{text}`: {wrong}");
    }
}
