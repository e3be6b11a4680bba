//! The page. On any other target this program only tells how to see it.

#[cfg(target_arch = "wasm32")]
fn main() {
    // Without the page's element there is nothing to start: another page has loaded the program for `js::Run`.
    let document = web_sys::window().and_then(|window| window.document());
    if document.is_some_and(|document| document.get_element_by_id("app").is_some()) {
        #[cfg(feature = "page")]
        {
            // `www/boot.js` has loaded them.
            let file = |name: &str| {
                let file = js_sys::Reflect::get(&js_sys::global(), &name.into());
                file.ok().and_then(|text| text.as_string()).unwrap_or_default()
            };
            consensus_playground::scenario::library::load(file("playgroundScenarios"));
            consensus_playground::text::load(&file("playgroundTexts"));
        }
        consensus_playground::ui::start();
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The page runs in a browser: `cargo xtask serve` builds and serves it.");
}
