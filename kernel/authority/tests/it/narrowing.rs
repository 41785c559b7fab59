//! The order of grants: what narrowing means, and that nothing escapes it.

use crate::fixture::{amount, delegation, grants, mixed, name, narrow, other_colony, scopes, some_scopes, tenant, wide, window};
use antfarm_authority::{
    BadName, Calls, Ceiling, Class, Dimension, Field, Grant, MAX_DELEGATIONS, MAX_NAME, MAX_SCOPES, Name, Scope, Scopes, Tokens,
    Usdc, Widened, delegates, narrows,
};
use antfarm_machine::Span;
use proptest::prelude::*;

/// What `child` must be told to exceed, given `wide()`.
#[track_caller]
fn check(child: Grant, expected: &[Field]) {
    let found = narrows(&wide(), &child).err().map(|Widened { fields }| fields.into_iter().collect::<Vec<_>>());
    assert_eq!(found.unwrap_or_default(), expected);
}

#[test]
fn a_child_that_exceeds_its_parent_is_refused_by_the_name_of_each_field() {
    check(narrow(), &[]);
    check(wide(), &[]);
    check(Grant { colony: other_colony(), ..narrow() }, &[Field::Colony]);
    check(Grant { tenant: tenant("evil"), ..narrow() }, &[Field::Tenant]);
    check(Grant { tools: scopes(&["bank.read", "mail.*"]), ..narrow() }, &[Field::Tools]);
    let mut more = narrow();
    more.budget.tokens = Tokens(11);
    check(more, &[Field::Budget(Dimension::Tokens)]);
    let mut more = narrow();
    more.budget.calls = Calls(11);
    check(more, &[Field::Budget(Dimension::Calls)]);
    let mut more = narrow();
    more.budget.time = Span::from_nanos(11);
    check(more, &[Field::Budget(Dimension::Time)]);
    let mut more = narrow();
    more.budget.money = Usdc(11);
    check(more, &[Field::Budget(Dimension::Money)]);
    check(Grant { window: window(99, 190), ..narrow() }, &[Field::NotBefore]);
    check(Grant { window: window(110, 201), ..narrow() }, &[Field::ExpiresAt]);
    check(Grant { delegation: delegation(4, false), ..narrow() }, &[Field::Depth]);
    check(Grant { freshness: Span::from_secs(11), ..narrow() }, &[Field::Freshness]);
    let all = Grant { tenant: tenant("evil"), freshness: Span::MAX, budget: amount(11), ..narrow() };
    let budget = Dimension::ALL.map(Field::Budget);
    check(all, &[&[Field::Tenant], &budget[..], &[Field::Freshness]].concat());
}

/// OpenThymos compares neither reading nor subdividing (W18).
#[test]
fn w18_reading_and_subdividing_narrow_like_everything_else() {
    let nothing = Grant { ceiling: Ceiling::default(), delegation: delegation(3, false), ..wide() };
    let exceeding = |child: Grant| narrows(&nothing, &child).map_err(|it| it.fields.into_iter().collect::<Vec<_>>());
    let ceiling = |ceiling| Grant { ceiling, ..nothing.clone() };
    assert_eq!(exceeding(ceiling(Ceiling { read: true, ..Ceiling::default() })), Err(vec![Field::Read]));
    assert_eq!(exceeding(ceiling(Ceiling { write: true, ..Ceiling::default() })), Err(vec![Field::Write]));
    assert_eq!(exceeding(ceiling(Ceiling { external: true, ..Ceiling::default() })), Err(vec![Field::External]));
    assert_eq!(exceeding(ceiling(Ceiling { irreversible: true, ..Ceiling::default() })), Err(vec![Field::Irreversible]));
    let divides = Grant { delegation: delegation(1, true), ..nothing.clone() };
    assert_eq!(exceeding(divides), Err(vec![Field::Subdivision]));
}

#[test]
fn handing_on_costs_a_generation() {
    let same = delegates(&wide(), &wide()).expect_err("as deep as its parent");
    assert!(same.fields.into_iter().eq([Field::Depth]));
    assert_eq!(delegates(&wide(), &Grant { delegation: delegation(2, true), ..wide() }), Ok(()));

    let last = Grant { delegation: delegation(0, true), ..wide() };
    let refused = delegates(&last, &last).expect_err("nobody follows");
    assert!(refused.fields.into_iter().eq([Field::Depth]));
}

#[test]
fn who_may_not_subdivide_hands_on_all_of_the_budget_or_nothing() {
    let whole = Grant { delegation: delegation(3, false), ..wide() };
    let child = |n| Grant { budget: amount(n), delegation: delegation(2, false), ..wide() };
    assert_eq!(delegates(&whole, &child(10)), Ok(()));
    let refused = delegates(&whole, &child(9)).expect_err("a part");
    assert!(refused.fields.into_iter().eq([Field::Subdivision]));
    assert_eq!(delegates(&wide(), &child(9)), Ok(()));
}

#[test]
fn names_and_scopes_are_short_and_plain() {
    let longest = "a".repeat(MAX_NAME);
    assert!(Name::new(&longest).is_ok() && Scope::new(&longest).is_ok());
    assert!(Scope::new(&format!("{}*", &longest[1..])).is_ok());
    // As many bytes as the longest name: such a glob would match one name only, as the literal does.
    assert_eq!(Scope::new(&format!("{longest}*")), Err(BadName::TooLong { length: MAX_NAME + 1 }));
    assert_eq!(Name::new(&format!("{longest}a")), Err(BadName::TooLong { length: MAX_NAME + 1 }));
    assert_eq!(Name::new(""), Err(BadName::Empty));
    assert_eq!(Scope::new(""), Err(BadName::Empty));
    assert_eq!(Name::new("a*"), Err(BadName::Character { at: 1 }));
    assert_eq!(Scope::new("a**"), Err(BadName::Character { at: 1 }));
    assert_eq!(Scope::new("*a"), Err(BadName::Character { at: 0 }));
    assert_eq!(Name::new("\u{e9}"), Err(BadName::Character { at: 0 }));
    assert!(Scope::new("*").is_ok_and(|it| it.matches(&name("anything"))));
}

#[test]
fn a_set_of_scopes_is_bounded_after_what_is_covered_is_left_out() {
    let numbered = |n: usize| (0..n).map(|it| Scope::new(&format!("t{it:03}")).expect("legal"));
    assert!(Scopes::new(numbered(MAX_SCOPES)).is_ok());
    assert!(Scopes::new(numbered(MAX_SCOPES + 1)).is_err_and(|it| it.count == MAX_SCOPES + 1));
    let covered = numbered(MAX_SCOPES + 1).chain([Scope::new("t*").expect("legal")]);
    assert_eq!(Scopes::new(covered), Ok(scopes(&["t*"])));
}

#[test]
fn no_chain_is_longer_than_the_bound_on_delegation() {
    assert!(antfarm_authority::Delegation::new(MAX_DELEGATIONS, true).is_some());
    assert!(antfarm_authority::Delegation::new(MAX_DELEGATIONS + 1, true).is_none());
}

/// Every name of up to four characters. No scope of `some_scopes` has a `c`, so these contain a witness of every difference.
fn all_names() -> Vec<Name> {
    let mut names = vec![String::new()];
    let mut from = 0;
    for _ in 0..4 {
        let upto = names.len();
        for at in from..upto {
            names.extend(["a", "b", "c"].map(|end| format!("{}{end}", names[at])));
        }
        from = upto;
    }
    names[1..].iter().map(|it| name(it)).collect()
}

/// One thing that somebody could want to do.
#[derive(Debug, Clone)]
struct Deed {
    tenant: &'static str,
    tool: Name,
    class: Class,
    at: u64,
    cost: u64,
    fresh: u64,
}

fn deeds() -> impl Strategy<Value = Deed> {
    let class = prop::sample::select(vec![Class::Pure, Class::Read, Class::Write, Class::External, Class::Irreversible]);
    let tool = prop::sample::select(all_names());
    let owner = prop::sample::select(vec!["acme", "evil"]);
    (owner, tool, class, 0..6u64, 0..3u64, 0..3u64).prop_map(|(tenant, tool, class, at, cost, fresh)| Deed {
        tenant,
        tool,
        class,
        at,
        cost,
        fresh,
    })
}

/// Written out a second time, without the order.
fn allows(grant: &Grant, deed: &Deed) -> bool {
    let second = |wall: antfarm_machine::Wall| wall.as_nanos() / 1_000_000_000;
    grant.tenant == tenant(deed.tenant)
        && grant.tools.matches(&deed.tool)
        && grant.ceiling.allows(deed.class)
        && (second(grant.window.not_before())..=second(grant.window.expires_at())).contains(&deed.at)
        && Dimension::ALL.into_iter().all(|it| deed.cost <= grant.budget.of(it))
        && Span::from_secs(deed.fresh) <= grant.freshness
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_set_of_scopes_covers_another_exactly_when_it_matches_all_that_the_other_matches(a in some_scopes(), b in some_scopes()) {
        let names = all_names();
        let matched = names.iter().all(|it| !b.matches(it) || a.matches(it));
        prop_assert_eq!(a.covers(&b), matched, "{:?} {:?}", a, b);
        let same = names.iter().all(|it| b.matches(it) == a.matches(it));
        prop_assert_eq!(a == b, same, "{:?} {:?}", a, b);
    }

    #[test]
    fn narrowing_is_a_partial_order(a in grants(), others in (grants(), grants()), fields in any::<(u16, u16)>()) {
        let b = mixed(&a, others.0, fields.0);
        let c = mixed(&b, others.1, fields.1);
        prop_assert_eq!(narrows(&a, &a), Ok(()));
        for (x, y, z) in [(&a, &b, &c), (&b, &c, &a), (&c, &a, &b), (&c, &b, &a), (&b, &a, &c), (&a, &c, &b)] {
            let (xy, yz) = (narrows(x, y).is_ok(), narrows(y, z).is_ok());
            prop_assert!(!(xy && yz) || narrows(x, z).is_ok(), "not transitive");
            prop_assert!(!(xy && narrows(y, x).is_ok()) || x == y, "not antisymmetric");
        }
    }

    #[test]
    fn what_a_narrower_grant_allows_the_wider_allows(a in grants(), other in grants(), fields in any::<u16>(), deed in deeds()) {
        let b = mixed(&a, other, fields);
        if narrows(&a, &b).is_ok() && allows(&b, &deed) {
            prop_assert!(allows(&a, &deed));
        }
    }

    /// Handing on is narrower than narrowing, and never a circle.
    #[test]
    fn what_can_be_handed_on_narrows_and_cannot_be_handed_back(a in grants(), other in grants(), fields in any::<u16>()) {
        let b = mixed(&a, other, fields);
        if delegates(&a, &b).is_ok() {
            prop_assert_eq!(narrows(&a, &b), Ok(()));
            prop_assert!(delegates(&b, &a).is_err());
        }
    }
}
