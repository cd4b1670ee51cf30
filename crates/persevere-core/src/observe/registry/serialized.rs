//! A snapshot as serde's map of names. Written out, because serde's own impls need its feature `std`, and a feature of an
//! optional dependency puts that dependency into every lock file.

use super::RegistrySnapshot;
use core::fmt;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::string::String;

impl Serialize for RegistrySnapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for RegistrySnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RegistrySnapshot, D::Error> {
        deserializer.deserialize_map(ByName)
    }
}

struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = RegistrySnapshot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of names to statistics")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<RegistrySnapshot, M::Error> {
        let mut by_name = BTreeMap::new();
        while let Some((Name(name), stats)) = map.next_entry()? {
            by_name.insert(name, stats);
        }
        Ok(RegistrySnapshot { by_name })
    }
}

struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        Ok(Name(name.to_owned()))
    }
}
