//! The addon's batch buffer: refused with a code, or the store does what a map does.
//!
//! Input: the buffer. Its namespaces are taken for one of two.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;

use sledstore_engine::{
    Batch, Clock, KeyRange, NamespaceId, NamespaceOptions, Operation, OperationKind, Options, Read, ScanOptions, Store,
};

const NOW_MS: u64 = 1_700_000_000_000;

type Model = BTreeMap<(NamespaceId, Vec<u8>), (Vec<u8>, Option<u64>)>;

thread_local! {
    static STORE: RefCell<Option<(Store, [NamespaceId; 2])>> = const { RefCell::new(None) };
}

fn open() -> (Store, [NamespaceId; 2]) {
    let options = Options { clock: Clock::manual(NOW_MS), memtable_bytes: Some(1 << 20), ..Options::default() };
    let store = Store::memory(&options).expect("a store in memory");
    let id = |name| store.namespace(name, &NamespaceOptions::default()).expect("a namespace").id;
    (store.clone(), ["a", "b"].map(id))
}

pub fn run(input: &[u8]) {
    let Ok(batch) = Batch::from_encoded(input, || NOW_MS) else { return };
    assert_eq!(batch.operations().count(), batch.len());
    STORE.with_borrow_mut(|store| {
        let (store, namespaces) = store.get_or_insert_with(open);
        compare(store, *namespaces, &batch);
    });
}

fn range(start: &[u8], end: Bound<Vec<u8>>) -> KeyRange {
    KeyRange { start: Bound::Included(start.to_vec()), end }
}

fn compare(store: &Store, namespaces: [NamespaceId; 2], batch: &Batch) {
    let (mut mapped, mut model) = (Batch::new(), Model::new());
    for operation in batch.operations() {
        let namespace = namespaces[operation.namespace.get() as usize % 2];
        let Operation { kind, key, value, expires_at, .. } = operation;
        let done = match (kind, expires_at) {
            (OperationKind::PutExpiring, Some(at)) => mapped.put_expiring(namespace, key, value, at),
            (OperationKind::Put, _) => mapped.put(namespace, key, value),
            (OperationKind::Delete, _) => mapped.delete(namespace, key),
            (OperationKind::Clear, _) => mapped.clear(namespace, &range(key, Bound::Excluded(value.to_vec()))),
            (OperationKind::ClearToEnd, _) => mapped.clear(namespace, &range(key, Bound::Unbounded)),
            _ => panic!("a buffer carried {kind:?}"),
        };
        done.expect("what a buffer may carry, a batch takes");
        let inside = |other: &[u8]| other >= key && (kind == OperationKind::ClearToEnd || other < value);
        match kind {
            OperationKind::Delete => drop(model.remove(&(namespace, key.to_vec()))),
            OperationKind::Clear | OperationKind::ClearToEnd => {
                model.retain(|(of, k), _| *of != namespace || !inside(k))
            }
            _ => drop(model.insert((namespace, key.to_vec()), (value.to_vec(), expires_at))),
        }
    }
    store.apply(&mapped).expect("a batch is applied");
    model.retain(|_, (_, expires_at)| expires_at.is_none_or(|at| at > NOW_MS));
    for namespace in namespaces {
        let scan = store.scan(namespace, &KeyRange::all(), ScanOptions::default()).expect("a scan");
        let found: Vec<_> = scan.map(|row| row.expect("a row")).collect();
        let of = model.iter().filter(|((of, _), _)| *of == namespace);
        let right: Vec<_> = of.map(|((_, key), (value, _))| (key.clone(), value.clone())).collect();
        assert_eq!(found, right);
    }
    let mut clear = Batch::new();
    let cleared = namespaces.iter().try_for_each(|&namespace| clear.clear(namespace, &KeyRange::all()));
    cleared.and_then(|()| store.apply(&clear)).expect("a clear");
}

pub fn seeds() -> Vec<Vec<u8>> {
    let (a, b) = (NamespaceId::new(0), NamespaceId::new(1));
    let build = |fill: &dyn Fn(&mut Batch) -> sledstore_engine::Result<()>| {
        let mut batch = Batch::new();
        fill(&mut batch).map(|()| batch.as_bytes().to_vec()).unwrap_or_default()
    };
    vec![
        build(&|batch| batch.put(a, b"key", b"value")),
        build(&|batch| {
            batch.put(a, b"one", b"1")?;
            batch.put_expiring(a, b"two", b"2", 1_000)?;
            batch.clear(a, &KeyRange::prefix(b"o"))?;
            batch.delete(b, b"three")?;
            batch.put(b, b"", &[7; 300])?;
            batch.clear(b, &KeyRange::all())
        }),
    ]
}
