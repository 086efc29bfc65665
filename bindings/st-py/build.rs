//! Shows the banner in the build output.
//!
//! A build script reaches cargo's (and so maturin's) log only through `cargo::warning`, and cargo repeats those lines
//! at every command that touches this crate. `SPIRALTORCH_BANNER=0` leaves them out; the Makefile sets it wherever the
//! banner has already been, so a log holds it once.

const BANNER: &str = r"
   ___      _          _ _____            _
  / __|_ __(_)_ _ __ _| |_   _|__ _ _ ___| |_
  \__ \ '_ \ | '_/ _` | | | |/ _ \ '_/ __| ' \
  |___/ .__/_|_| \__,_|_| |_|\___/_| \___|_||_|
      |_|";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SPIRALTORCH_BANNER");
    if std::env::var("SPIRALTORCH_BANNER").is_ok_and(|value| value == "0") {
        return;
    }
    for line in BANNER.lines().skip(1) {
        println!("cargo::warning={line}");
    }
    println!("cargo::warning=  tensors for every device, {}", env!("CARGO_PKG_VERSION"));
}
