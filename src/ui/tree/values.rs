//! What may stand in the page's markup: values of attributes, children, classes.

use super::Tree;
use std::rc::Rc;
use yew::virtual_dom::{AttrValue, VNode, VText};

/// What an attribute may be set to.
pub trait Value {
    /// Sets the next attribute.
    fn set(self, tree: &mut Tree);
    /// Sets what is entered.
    fn enter(self, tree: &mut Tree);
}

impl Value for &'static str {
    #[inline(never)]
    fn set(self, tree: &mut Tree) {
        tree.attribute(Some(AttrValue::Static(self)));
    }

    fn enter(self, tree: &mut Tree) {
        tree.entered(Some(AttrValue::Static(self)));
    }
}

impl Value for String {
    #[inline(never)]
    fn set(self, tree: &mut Tree) {
        tree.attribute(Some(self.into()));
    }

    fn enter(self, tree: &mut Tree) {
        tree.entered(Some(self.into()));
    }
}

/// Nothing leaves the attribute away.
impl<T: Value> Value for Option<T> {
    fn set(self, tree: &mut Tree) {
        match self {
            Some(value) => value.set(tree),
            None => tree.attribute(None),
        }
    }

    fn enter(self, tree: &mut Tree) {
        if let Some(value) = self {
            value.enter(tree);
        }
    }
}

/// What may stand within an element.
pub trait Child {
    /// Puts it there.
    fn put(self, tree: &mut Tree);
}

impl Child for VNode {
    fn put(self, tree: &mut Tree) {
        tree.child(self);
    }
}

impl Child for Option<VNode> {
    fn put(self, tree: &mut Tree) {
        tree.child(self.unwrap_or_default());
    }
}

impl Child for &str {
    #[inline(never)]
    fn put(self, tree: &mut Tree) {
        tree.child(VText::new(Rc::<str>::from(self)).into());
    }
}

impl Child for &String {
    fn put(self, tree: &mut Tree) {
        self.as_str().put(tree);
    }
}

impl Child for &Rc<str> {
    fn put(self, tree: &mut Tree) {
        tree.child(VText::new(self.clone()).into());
    }
}

impl Child for String {
    #[inline(never)]
    fn put(self, tree: &mut Tree) {
        tree.child(VText::new(self).into());
    }
}

/// A class of an element, or none.
pub trait Class {
    /// Its name, "" for none.
    fn name(&self) -> &str;
}

impl Class for &str {
    fn name(&self) -> &str {
        self
    }
}

impl Class for String {
    fn name(&self) -> &str {
        self
    }
}

impl Class for Option<&str> {
    fn name(&self) -> &str {
        self.unwrap_or("")
    }
}

/// The value of the attribute `class`; `None` when there is no class.
#[inline(never)]
pub fn joined(classes: &[&dyn Class]) -> Option<String> {
    let mut all = String::new();
    for class in classes {
        let name = class.name();
        if !all.is_empty() && !name.is_empty() {
            all.push(' ');
        }
        all.push_str(name);
    }
    (!all.is_empty()).then_some(all)
}

/// Classes of an element, each a string or an option.
macro_rules! classes {
    ($($class:expr),* $(,)?) => { $crate::ui::tree::joined(&[$(&$class),*]) };
}
pub(crate) use classes;

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Child for $number {
            fn put(self, tree: &mut Tree) {
                self.to_string().put(tree);
            }
        })*
    };
}

numbers![u64, u32, u16, usize];
