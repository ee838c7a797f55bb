use sledstore_engine::{ErrorCode, Options, Store};

use crate::store::{options, refusal, row, sample, set_mode};

#[test]
fn is_refused_unless_it_is_allowed() {
    for inner in ["", "journal", "sled", "sled/blobs"] {
        let (_above, folder) = sample();
        set_mode(&folder.join(inner), 0o777);
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::InsecureFolder), "{inner}");
        // As in /tmp, where others may not remove what is there, but put something beside it.
        set_mode(&folder.join(inner), 0o1777);
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::InsecureFolder), "{inner}");
        let allowing = Options { allow_insecure_folder: true, ..options() };
        let store = Store::open(&folder, &allowing).unwrap();
        assert!(store.is_in_insecure_folder().unwrap());
        assert_eq!(row(&store, 7), Some(vec![1; 100]));
        store.close().unwrap();
        set_mode(&folder.join(inner), 0o775);
        let store = Store::open(&folder, &allowing).unwrap();
        assert!(!store.is_in_insecure_folder().unwrap());
        store.close().unwrap();
    }
}

#[test]
fn is_not_made_a_store() {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o777);
    assert_eq!(refusal(folder.path(), &options()), Some(ErrorCode::InsecureFolder));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
