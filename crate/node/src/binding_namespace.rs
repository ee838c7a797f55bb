//! Namespaces: the cold calls.

use std::sync::Arc;

use napi::Env;
use napi_derive::napi;
use sledstore_engine::NamespaceOptions;

use crate::binding_store::with;
use crate::error::Code;
use crate::hot;
use crate::lifecycle::{NamespaceEntry, Object};

/// Opens or creates a namespace; one that is open already keeps its handle.
#[napi]
pub fn namespace(env: Env, store: i32, name: String, key: String, value: String) -> napi::Result<i32, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let options = NamespaceOptions { key_codec: key, value_codec: value };
        let before = store.engine.visible_seq();
        let id = store.engine.namespace(&name, &options)?.id;
        if store.engine.visible_seq() != before {
            hot::note(&store, store.engine.newest_seq());
        }
        let known = store.namespaces.borrow().get(&id.get()).copied();
        if let Some(handle) = known {
            return Ok(handle);
        }
        let handle = environment.insert(Object::Namespace(NamespaceEntry::new(store.clone(), id)))?;
        store.namespaces.borrow_mut().insert(id.get(), handle);
        Ok(handle)
    })
}

/// A namespace as the catalogue lists it.
#[napi(object)]
pub struct NamespaceRow {
    /// Its name.
    pub name: String,
    /// Name of its key codec.
    pub key: String,
    /// Name of its value codec.
    pub value: String,
    /// Rows as of the last checkpoint.
    pub rows: f64,
    /// Bytes as of the last checkpoint.
    pub bytes: f64,
}

/// Every namespace, by name.
#[napi]
pub fn namespaces(env: Env, store: i32) -> napi::Result<Vec<NamespaceRow>, Code> {
    with(env, |environment| {
        let engine = &environment.store(store)?.engine;
        let row = |namespace: Arc<sledstore_engine::Namespace>| {
            let (rows, bytes) = engine.approximate_size(namespace.id);
            NamespaceRow {
                name: namespace.name.clone(),
                key: namespace.options.key_codec.clone(),
                value: namespace.options.value_codec.clone(),
                rows: rows as f64,
                bytes: bytes as f64,
            }
        };
        Ok(engine.namespaces().into_iter().map(row).collect())
    })
}

/// Gives a namespace another name.
#[napi]
pub fn rename_namespace(env: Env, store: i32, from: String, to: String) -> napi::Result<(), Code> {
    with(env, |environment| {
        let store = environment.store(store)?;
        store.engine.rename_namespace(&from, &to)?;
        hot::note(store, store.engine.newest_seq());
        Ok(())
    })
}

/// Drops a namespace; its handle is stale afterwards. Tells whether there was one.
#[napi]
pub fn drop_namespace(env: Env, store: i32, name: String) -> napi::Result<bool, Code> {
    with(env, |environment| {
        let store = environment.store(store)?.clone();
        let found = store.engine.namespaces().into_iter().find(|namespace| namespace.name == name);
        let dropped = store.engine.drop_namespace(&name)?;
        hot::note(&store, store.engine.newest_seq());
        if let Some(namespace) = found.filter(|_| dropped) {
            let handle = store.namespaces.borrow_mut().remove(&namespace.id.get());
            drop(handle.and_then(|handle| environment.handles.remove(handle)));
        }
        Ok(dropped)
    })
}

/// The number under which a namespace stands in encoded batches.
#[napi]
pub fn namespace_id(env: Env, namespace: i32) -> napi::Result<u32, Code> {
    with(env, |environment| Ok(environment.namespace(namespace)?.id.get()))
}
