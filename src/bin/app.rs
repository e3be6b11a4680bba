//! The page. On any other target this program only tells how to see it.

#[cfg(target_arch = "wasm32")]
fn main() {
    consensus_playground::ui::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The page runs in a browser: `cargo xtask serve` builds and serves it.");
}
