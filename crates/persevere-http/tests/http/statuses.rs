//! Sets of statuses.

use http::StatusCode;
use persevere::http::Statuses;
use proptest::prelude::*;

#[test]
fn standard_statuses_are_those_of_documentation() {
    assert!(Statuses::STANDARD.iter().eq([408, 421, 425, 429, 500, 502, 503, 504]));
    assert!(Statuses::REJECTED.iter().eq([421, 425, 429]));
    assert_eq!(Statuses::NONE.iter().count(), 0);
    assert_eq!(format!("{:?}", Statuses::REJECTED), "{421, 425, 429}");
}

#[test]
fn set_is_edited_in_const() {
    const EDITED: Statuses = Statuses::STANDARD.with(409).without(500).with(100).with(999);
    assert!(EDITED.iter().eq([100, 408, 409, 421, 425, 429, 502, 503, 504, 999]));
    assert!(EDITED.has(StatusCode::CONFLICT));
}

#[test]
fn status_outside_range_is_rejected() {
    for status in [0, 99, 1000, u16::MAX] {
        assert_eq!(Statuses::NONE.try_with(status), None);
        assert!(!Statuses::NONE.contains(status));
        assert_eq!(Statuses::STANDARD.without(status), Statuses::STANDARD);
    }
}

proptest! {
    #[test]
    fn set_holds_what_was_added_and_not_removed(
        added in prop::collection::btree_set(100u16..1000, 0..40),
        removed in prop::collection::btree_set(100u16..1000, 0..40),
    ) {
        let set = added.iter().fold(Statuses::NONE, |set, status| set.with(*status));
        let set = removed.iter().fold(set, |set, status| set.without(*status));
        prop_assert!(set.iter().eq(added.difference(&removed).copied()));
    }
}
