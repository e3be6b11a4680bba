//! The page. On any other target this program only tells how to see it.

#[cfg(target_arch = "wasm32")]
mod page {
    use yew::prelude::*;

    #[component]
    pub fn Page() -> Html {
        html! { <main><h1>{ "consensus playground" }</h1></main> }
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"))
        .expect("index.html has an element with the id `app`");
    yew::Renderer::<page::Page>::with_root(root).render();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The page runs in a browser: `cargo xtask serve` builds and serves it.");
}
