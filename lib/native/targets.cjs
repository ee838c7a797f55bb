'use strict'

/**
 * The systems SledStore is built for. Each has a package of its own, `sledstore-<name>`, that npm installs where `os`,
 * `cpu` and `libc` fit; the names are those of @napi-rs/cli. The loader, the packing and the cross builds read this one
 * table. Tier 1 is tested on its own system before a release, tier 2 is only loaded.
 */
module.exports = {
  'linux-x64-gnu': { tier: 1, rust: 'x86_64-unknown-linux-gnu', os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-x64-musl': { tier: 1, rust: 'x86_64-unknown-linux-musl', os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64-gnu': { tier: 1, rust: 'aarch64-unknown-linux-gnu', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-arm64-musl': { tier: 1, rust: 'aarch64-unknown-linux-musl', os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-x64': { tier: 1, rust: 'x86_64-apple-darwin', os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { tier: 1, rust: 'aarch64-apple-darwin', os: 'darwin', cpu: 'arm64' },
  'win32-x64-msvc': { tier: 1, rust: 'x86_64-pc-windows-msvc', os: 'win32', cpu: 'x64' },
  'win32-arm64-msvc': { tier: 1, rust: 'aarch64-pc-windows-msvc', os: 'win32', cpu: 'arm64' },
  'linux-arm-gnueabihf': { tier: 2, rust: 'armv7-unknown-linux-gnueabihf', os: 'linux', cpu: 'arm', libc: 'glibc' },
  'freebsd-x64': { tier: 2, rust: 'x86_64-unknown-freebsd', os: 'freebsd', cpu: 'x64' },
  'android-arm64': { tier: 2, rust: 'aarch64-linux-android', os: 'android', cpu: 'arm64' },
}
