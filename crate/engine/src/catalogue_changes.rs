//! Creating, renaming and dropping namespaces (E24).

use std::sync::Arc;

use crate::admission::Admission;
use crate::batch::Batch;
use crate::error::{Error, ErrorCode, Result};
use crate::namespace::{Namespace, NamespaceId, NamespaceOptions, check_name, check_options, encode_row, row};
use crate::options::Durability;
use crate::store::Inner;

impl Inner {
    pub fn open_namespace(self: &Arc<Self>, name: &str, options: &NamespaceOptions) -> Result<Arc<Namespace>> {
        if let Some(stored) = self.catalogue.by_name(name) {
            check_options(&stored, options)?;
            return Ok(stored);
        }
        check_name(name)?;
        if let Some(file) = &self.snapshot_file {
            let what =
                format!("{} holds no namespace \"{name}\"; create it in the store and publish again", file.display());
            return Err(Error::new(ErrorCode::NotFound, what));
        }
        let _changes = self.catalogue_changes.lock();
        if let Some(stored) = self.catalogue.by_name(name) {
            check_options(&stored, options)?;
            return Ok(stored);
        }
        let id = NamespaceId::new(self.catalogue.next_id());
        let next_id = id.get().checked_add(1).ok_or_else(|| {
            Error::new(
                ErrorCode::Unsupported,
                "the store has given out every number of a namespace; export it into a new one",
            )
        })?;
        let namespace = Arc::new(Namespace::new(id, name.to_owned(), options.clone()));
        let mut batch = Batch::new();
        batch.put(NamespaceId::CATALOGUE, &row::name(name), &encode_row(&namespace))?;
        batch.put(NamespaceId::CATALOGUE, row::NEXT_ID, &next_id.to_le_bytes())?;
        let seq = self.apply(&batch, Admission::Block)?;
        self.catalogue.insert(namespace.clone());
        self.wait(seq, self.options.durability.min(Durability::Os))?;
        Ok(namespace)
    }

    pub fn rename_namespace(self: &Arc<Self>, from: &str, to: &str) -> Result<()> {
        check_name(to)?;
        let _changes = self.catalogue_changes.lock();
        let stored = self
            .catalogue
            .by_name(from)
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no namespace \"{from}\" to rename")))?;
        if self.catalogue.by_name(to).is_some() {
            return Err(Error::new(
                ErrorCode::NamespaceExists,
                format!("namespace \"{to}\" exists already; drop it first or choose another name"),
            ));
        }
        let mut batch = Batch::new();
        batch.delete(NamespaceId::CATALOGUE, &row::name(from))?;
        batch.put(NamespaceId::CATALOGUE, &row::name(to), &encode_row(&stored))?;
        let seq = self.apply(&batch, Admission::Block)?;
        self.catalogue.rename(from, to);
        self.wait(seq, self.options.durability)
    }

    pub fn drop_namespace(self: &Arc<Self>, name: &str) -> Result<bool> {
        let _changes = self.catalogue_changes.lock();
        let Some(stored) = self.catalogue.by_name(name) else { return Ok(false) };
        let mut batch = Batch::new();
        batch.delete(NamespaceId::CATALOGUE, &row::name(name))?;
        batch.put(NamespaceId::CATALOGUE, &row::dropped(stored.id), &[1])?;
        // Before the drop's seq is visible: whoever reads there finds no namespace, and no commit follows it (E24).
        let seq = self.apply_locked(&mut self.lock_writer(), (&batch).into(), |seq| {
            self.catalogue.mark_dropped(name, seq);
            self.derived.stamps.end_namespace(stored.id);
        })?;
        self.wait(seq, self.options.durability)?;
        self.background.wake_checkpoint();
        Ok(true)
    }
}
