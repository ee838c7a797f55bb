//! `errorIfExists` means the same whether the store is open in this process or not.

use tempfile::TempDir;

use crate::error::ErrorCode;
use crate::options::Options;
use crate::store::Store;

#[test]
fn is_refused_as_existing() {
    let folder = TempDir::new().unwrap();
    let fresh = Options { error_if_exists: true, ..Options::default() };
    let store = Store::open(folder.path(), &fresh).unwrap();
    let code_of = |options: &Options| Store::open(folder.path(), options).map(drop).unwrap_err().code();
    assert_eq!(code_of(&fresh), ErrorCode::Exists);
    let other = Options { memory_budget: 256 << 20, ..Options::default() };
    assert_eq!(code_of(&other), ErrorCode::OptionsMismatch);
    assert_eq!(code_of(&Options { error_if_exists: true, ..other }), ErrorCode::Exists);
    store.close().unwrap();
    assert_eq!(code_of(&fresh), ErrorCode::Exists);
}
