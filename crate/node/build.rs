//! Linker settings of the addon.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    napi_build::setup();
    println!("cargo:rerun-if-changed=build.rs");
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    // E25: sled's threads outlive the environment that loaded the addon, so its code must never be unmapped.
    if matches!(system.as_str(), "linux" | "android" | "freebsd") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    // Where it was measured, and where the linker that Rust brings along knows the script.
    if env::var("TARGET").as_deref() == Ok("x86_64-unknown-linux-gnu") {
        lay_hot_functions_side_by_side()?;
        // Generic code that came out the same for several types is kept once.
        println!("cargo:rustc-cdylib-link-arg=-Wl,--icf=all");
    }
    Ok(())
}

/// The functions a small program runs are a third of the code but lie everywhere in it, and the kernel maps whole
/// stretches of a file around each page that is touched: side by side they leave the rest unmapped. A name that no
/// longer exists is passed over, and a function without a name here only lies elsewhere.
fn lay_hot_functions_side_by_side() -> io::Result<()> {
    let list = "hot-functions.txt";
    println!("cargo:rerun-if-changed={list}");
    let sections: String = fs::read_to_string(list)?
        .lines()
        .map(|name| format!("    *(.text.{name} .text.unlikely.{name} .text.startup.{name})\n"))
        .collect();
    let script = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("hot-functions.ld");
    fs::write(&script, format!("SECTIONS {{\n  .text.used : {{\n{sections}  }}\n}}\nINSERT BEFORE .text;\n"))?;
    println!("cargo:rustc-cdylib-link-arg=-Wl,-T,{}", script.display());
    Ok(())
}
