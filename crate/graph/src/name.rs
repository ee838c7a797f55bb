//! Labels and edge types, interned: rows carry small numbers, one pair of rows translates them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use sledstore_engine::{Error, ErrorCode, NamespaceId, Read, Result, Store, Write};

use crate::counter::Counter;
use crate::keys::{self, NameClass, damaged, parse_number};
use crate::model::NAME_BYTES_MAX;

/// The names of one graph.
///
/// A name's number never changes and is never given to another name, so committed pairs are cached for ever. Only what
/// the store's latest state holds is cached: what a transaction has interned may still be undone.
pub(crate) struct Names {
    namespace: NamespaceId,
    numbers: Counter,
    cache: RwLock<Cache>,
}

#[derive(Default)]
struct Cache {
    labels: Table,
    edge_types: Table,
}

#[derive(Default)]
struct Table {
    by_name: HashMap<Arc<str>, u32>,
    by_id: HashMap<u32, Arc<str>>,
}

impl Cache {
    fn table(&self, class: NameClass) -> &Table {
        match class {
            NameClass::Label => &self.labels,
            NameClass::EdgeType => &self.edge_types,
        }
    }

    fn add(&mut self, class: NameClass, name: Arc<str>, id: u32) {
        let table = match class {
            NameClass::Label => &mut self.labels,
            NameClass::EdgeType => &mut self.edge_types,
        };
        table.by_name.insert(name.clone(), id);
        table.by_id.insert(id, name);
    }
}

impl Names {
    pub fn new(namespace: NamespaceId) -> Self {
        Self { namespace, numbers: Counter::new(namespace, keys::CounterKind::Name), cache: RwLock::default() }
    }

    /// The number of `name`, if the reader's graph or the latest one has it.
    ///
    /// A name that neither has is read through `reader`, so a transaction that found nothing conflicts with one that
    /// introduces the name.
    pub fn find(&self, store: &Store, reader: &impl Read, class: NameClass, name: &str) -> Result<Option<u32>> {
        if let Some(&id) = self.cache.read().table(class).by_name.get(name) {
            return Ok(Some(id));
        }
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Ok(None);
        }
        let key = keys::name_to_id(class, name);
        if let Some(id) = store.get_with(self.namespace, &key, parse_id)?.transpose()? {
            self.cache.write().add(class, name.into(), id);
            return Ok(Some(id));
        }
        reader.get_with(self.namespace, &key, parse_id)?.transpose()
    }

    /// The number of `name`, given now if it has none.
    pub fn intern(&self, store: &Store, tx: &mut (impl Read + Write), class: NameClass, name: &str) -> Result<u32> {
        check(class, name)?;
        if let Some(id) = self.find(store, tx, class, name)? {
            return Ok(id);
        }
        let id = self.numbers.reserve(store, 1)?.start;
        let number = u32::try_from(id)
            .map_err(|_| Error::new(ErrorCode::TooLarge, "the graph has 2^32 labels and edge types; use properties"))?;
        let mut value = Vec::new();
        keys::push_id(&mut value, id);
        tx.put(self.namespace, &keys::name_to_id(class, name), &value)?;
        tx.put(self.namespace, &keys::id_to_name(class, number), name.as_bytes())?;
        Ok(number)
    }

    /// The name behind a number that stood in a row.
    pub fn name(&self, store: &Store, reader: &impl Read, class: NameClass, id: u32) -> Result<Arc<str>> {
        if let Some(name) = self.cache.read().table(class).by_id.get(&id) {
            return Ok(name.clone());
        }
        let key = keys::id_to_name(class, id);
        if let Some(name) = store.get_with(self.namespace, &key, parse_name)?.transpose()? {
            self.cache.write().add(class, name.clone(), id);
            return Ok(name);
        }
        let own = reader.get_with(self.namespace, &key, parse_name)?.transpose()?;
        own.ok_or_else(|| damaged(&format!("the name of {class:?} {id}")))
    }
}

fn parse_id(value: &[u8]) -> Result<u32> {
    u32::try_from(parse_number(value, "a name's row")?).map_err(|_| damaged("a name's row"))
}

fn parse_name(value: &[u8]) -> Result<Arc<str>> {
    Ok(str::from_utf8(value).map_err(|_| damaged("a name's row"))?.into())
}

fn check(class: NameClass, name: &str) -> Result<()> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        let what = match class {
            NameClass::Label => "a label",
            NameClass::EdgeType => "an edge type",
        };
        return Err(Error::new(
            ErrorCode::InvalidArgument,
            format!("{what} has 1 to {NAME_BYTES_MAX} bytes of UTF-8; this one has {}", name.len()),
        ));
    }
    Ok(())
}
