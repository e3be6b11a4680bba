//! The link to this run at this event.

use super::dialog::Dialog;
use crate::ui::dom;
use crate::ui::strings::dialog as words;
use crate::ui::tree::html;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct ShareProps {
    pub link: Result<String, String>,
}

/// The dialog.
#[component]
pub fn Share(properties: &ShareProps) -> Html {
    let said = use_state(|| "");
    let field = use_node_ref();
    let body = match &properties.link {
        Err(sentence) => html! { <p class="refused" role="alert">{ sentence }</p> },
        Ok(link) => {
            let address = address(link);
            let copy = {
                let (address, said, field) = (address.clone(), said.clone(), field.clone());
                move |_| copy(address.clone(), said.clone(), field.clone())
            };
            html! {
                <>
                    <p class="soft">{ words::SHARE_NOTE }</p>
                    <div class="copy">
                        <label><span class="hidden">{ words::LINK }</span>
                            <input id="link" readonly=true value={address} ref={field} /></label>
                        <button type="button" class="first" onclick={copy}>{ words::COPY }</button>
                    </div>
                    <p class="soft" role="status">{ *said }</p>
                </>
            }
        }
    };
    yew::html! { <Dialog title={words::SHARE}>{ body }</Dialog> }
}

/// The page's address with the link in place of whatever it had.
fn address(link: &str) -> String {
    let href = dom::window().location().href().unwrap_or_default();
    let page = href.split('#').next().unwrap_or_default();
    format!("{page}{link}")
}

fn copy(address: String, said: UseStateHandle<&'static str>, field: NodeRef) {
    yew::platform::spawn_local(async move {
        // Frames and pages that are not served securely have no clipboard.
        let navigator = dom::window().navigator();
        let has = js_sys::Reflect::has(&navigator, &"clipboard".into()).unwrap_or(false);
        let done =
            has && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(&address)).await.is_ok();
        if let (false, Some(field)) = (done, field.cast::<HtmlInputElement>()) {
            field.select();
        }
        said.set(if done { words::COPIED } else { words::COPY_BY_HAND });
    });
}
