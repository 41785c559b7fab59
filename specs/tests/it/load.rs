//! Which specs are proved together.

use crate::shipped;
use antfarm_specs::{Group, Unloaded, load};

fn names(group: &Group) -> Vec<(&str, bool)> {
    group.members.iter().map(|it| (it.table.spec().entity.as_str(), it.is_proved)).collect()
}

#[test]
fn a_folder_is_one_group_and_what_lies_below_it_is_not_in_it() {
    let groups = load(&[shipped("")]).unwrap();
    assert_eq!(groups.len(), 1);
    assert!(groups[0].members.len() >= 12, "{:?}", names(&groups[0]));
    assert!(groups[0].members.iter().all(|it| it.is_proved && it.table.spec().broken.is_none()));
}

#[test]
fn a_twin_stands_alone_beside_what_it_refers_to() {
    let groups = load(&[shipped("broken/publish_on_a_local_flag.ioa.toml"), shipped("broken/stuck.ioa.toml")]).unwrap();
    let names: Vec<_> = groups.iter().map(names).collect();
    assert_eq!(names, [vec![("Page", true), ("Review", false)], vec![("Job", true)]]);
    let named = load(&[shipped("broken/publish_on_a_local_flag.ioa.toml"), shipped("review.ioa.toml")]).unwrap();
    assert_eq!(named.iter().map(self::names).collect::<Vec<_>>(), [names[0].clone(), vec![("Review", true)]]);
}

#[test]
fn files_that_are_named_are_proved_together() {
    let groups = load(&[shipped("plan.ioa.toml"), shipped("task.ioa.toml")]).unwrap();
    assert_eq!(groups.iter().map(names).collect::<Vec<_>>(), [vec![("Plan", true), ("Task", true)]]);
}

#[test]
fn what_cannot_be_read_is_told_all_at_once() {
    let wrong = load(&[shipped("src"), shipped("none.ioa.toml"), shipped("broken/guard_with_a_typo.ioa.toml")]).unwrap_err();
    assert!(matches!(wrong[..], [Unloaded::Empty(_), Unloaded::Unreadable(..), Unloaded::Malformed(_)]), "{wrong:?}");
    assert!(wrong[2].to_string().contains("did you mean `items`?"), "{}", wrong[2]);
}
