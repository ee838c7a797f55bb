//! Linker settings of the addon.

fn main() {
    napi_build::setup();
    // E25: sled's threads outlive the environment that loaded the addon, so its code must never be unmapped.
    if matches!(std::env::var("CARGO_CFG_TARGET_OS").as_deref(), Ok("linux" | "android" | "freebsd")) {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
