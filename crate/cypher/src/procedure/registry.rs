//! The procedures that queries may call: built-in ones, and those that the application adds.

use sledstore_engine::sort_sometimes;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::builtin;
use super::signature::refused;
use super::{Procedure, Procedures};
use crate::error::CypherError;

/// Procedures by name; shared by the threads that run queries.
#[derive(Debug, Default)]
pub struct Registry {
    added: RwLock<BTreeMap<String, Arc<Procedure>>>,
    version: AtomicU64,
}

impl Registry {
    /// Adds a procedure.
    ///
    /// # Errors
    /// `ProcedureError` for a name that another has.
    pub fn add(&self, procedure: Procedure) -> Result<(), CypherError> {
        let name = procedure.signature.name.clone();
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        if builtin::find(&name).is_some() || added.contains_key(&name) {
            return Err(refused(format!("there is a procedure `{name}` already")));
        }
        added.insert(name, Arc::new(procedure));
        self.version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Removes a procedure that was added; answers whether there was one. Queries that are running keep it.
    pub fn remove(&self, name: &str) -> bool {
        let removed = self.added.write().unwrap_or_else(PoisonError::into_inner).remove(name).is_some();
        self.version.fetch_add(u64::from(removed), Ordering::Release);
        removed
    }

    /// Changes whenever a procedure is added or removed: a plan is good for one version.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Procedure>>> {
        self.added.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Procedures for Registry {
    fn find(&self, name: &str) -> Option<Arc<Procedure>> {
        builtin::find(name).or_else(|| self.read().get(name).cloned())
    }

    fn all(&self) -> Vec<Arc<Procedure>> {
        let mut all: Vec<_> = builtin::all().iter().chain(self.read().values()).cloned().collect();
        sort_sometimes(&mut all, |left, right| left.signature.name.cmp(&right.signature.name));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::{Invocation, held};
    use crate::value::Value;

    fn empty(name: &str) -> Procedure {
        Procedure::new(&format!("{name}() :: ()"), "Nothing.", |_: &[Value], run: &mut Invocation<'_>| {
            held(Vec::new(), run)
        })
        .unwrap()
    }

    #[test]
    fn names_are_given_once() {
        let registry = Registry::default();
        let before = registry.version();
        registry.add(empty("my.one")).unwrap();
        assert!(registry.add(empty("my.one")).is_err());
        assert!(registry.add(empty("db.labels")).is_err());
        assert!(registry.version() > before);
        assert!(registry.find("my.one").is_some() && registry.find("my.One").is_none());
        assert!(registry.remove("my.one") && !registry.remove("my.one") && !registry.remove("db.labels"));
        assert!(registry.find("my.one").is_none() && registry.find("db.labels").is_some());
    }
}
