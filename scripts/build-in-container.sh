#!/bin/sh
# Builds the addon for Linux inside a container, so that it asks for no newer C library than that container has:
#
#   docker run --rm -v "$PWD:/src" -w /src almalinux:8 sh scripts/build-in-container.sh linux-x64-gnu
#
# It leaves addons/sledstore.<platform>.node in the checkout.
set -eu
platform=$1

if command -v apk >/dev/null; then
  apk add --quiet build-base curl
  # Rust links musl statically unless it is told not to, and what is static cannot be loaded by Node.
  export RUSTFLAGS='-C target-feature=-crt-static'
else
  dnf install --quiet --assumeyes gcc
fi
if ! command -v cargo >/dev/null; then
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain "$RUST_VERSION"
  . "$HOME/.cargo/env"
fi

cargo build --locked --release --package sledstore-node --target-dir "target/$platform"
mkdir -p addons
cp "target/$platform/release/libsledstore_node.so" "addons/sledstore.$platform.node"
