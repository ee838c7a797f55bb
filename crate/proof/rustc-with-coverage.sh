#!/bin/sh
# rustc for the crates of this workspace, so that libFuzzer sees which branches they take and what they compare. Works on
# stable Rust, for these are flags of LLVM: RUSTC_WORKSPACE_WRAPPER=crate/proof/rustc-with-coverage.sh cargo build …
exec "$@" -Cpasses=sancov-module -Cdebug-assertions=on \
  -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
