//! `html!` in little code. That of Yew builds every element in place, some two hundred bytes of program each; this one
//! calls a [`Tree`] for each attribute and child. It reads what the page writes of the same language: elements, groups,
//! `{ value }`, `{ for list }`, and `if`. Components are Yew's: `{ yew::html! { <Component … /> } }`.

mod markup;
mod values;

pub(crate) use markup::{begin, choose, element, grow, html, named};
pub(crate) use values::classes;
pub use values::{Child, Value, joined};

use std::rc::Rc;
use yew::NodeRef;
use yew::virtual_dom::{AttrValue, AttributeOrProperty, Attributes, Key, Listener, Listeners, VList, VNode, VTag};

/// What is known of an element when the page is built.
pub struct Shape {
    /// The name.
    pub tag: &'static str,
    /// Attributes that never change.
    pub fixed: &'static [(&'static str, AttributeOrProperty)],
    /// The names of all attributes, the fixed ones first; none when there are no others.
    pub keys: &'static [&'static str],
}

/// An element, or a group, that is not complete.
struct Open {
    /// `None` for a group.
    shape: Option<&'static Shape>,
    values: Vec<Option<AttributeOrProperty>>,
    listeners: Vec<Option<Rc<dyn Listener>>>,
    node: NodeRef,
    key: Option<Key>,
    value: Option<AttrValue>,
    checked: Option<bool>,
    children: Vec<VNode>,
}

/// Nodes in the making.
pub struct Tree {
    open: Vec<Open>,
}

impl Tree {
    /// Nothing yet.
    #[inline(never)]
    pub fn new() -> Tree {
        let mut tree = Tree { open: Vec::new() };
        tree.begin(None);
        tree
    }

    #[inline(never)]
    fn begin(&mut self, shape: Option<&'static Shape>) {
        let mut values = Vec::new();
        if let Some(shape) = shape
            && !shape.keys.is_empty()
        {
            values.extend(shape.fixed.iter().map(|(_, value)| Some(value.clone())));
        }
        self.open.push(Open {
            shape,
            values,
            listeners: Vec::new(),
            node: NodeRef::default(),
            key: None,
            value: None,
            checked: None,
            children: Vec::new(),
        });
    }

    fn last(&mut self) -> &mut Open {
        self.open.last_mut().expect("the root is open to the end")
    }

    /// Begins an element.
    #[inline(never)]
    pub fn open(&mut self, shape: &'static Shape) {
        self.begin(Some(shape));
    }

    /// Begins a group: one place among its neighbours, whatever is in it.
    #[inline(never)]
    pub fn group(&mut self) {
        self.begin(None);
    }

    /// Ends the element or the group.
    #[inline(never)]
    pub fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.last().children.push(open.complete());
        }
    }

    /// The next attribute.
    #[inline(never)]
    fn attribute(&mut self, value: Option<AttrValue>) {
        self.last().values.push(value.map(AttributeOrProperty::Attribute));
    }

    /// The next attribute: one that is there or is not.
    #[inline(never)]
    pub fn flag(&mut self, name: &'static str, on: bool) {
        self.attribute(on.then_some(AttrValue::Static(name)));
    }

    /// Listens.
    #[inline(never)]
    pub fn listen(&mut self, listener: Option<Rc<dyn Listener>>) {
        self.last().listeners.push(listener);
    }

    /// Where the element is to be found.
    #[inline(never)]
    pub fn node(&mut self, node: NodeRef) {
        self.last().node = node;
    }

    /// What the element is known by among its neighbours.
    #[inline(never)]
    pub fn key(&mut self, key: u64) {
        self.last().key = Some(key.into());
    }

    fn entered(&mut self, value: Option<AttrValue>) {
        self.last().value = value;
    }

    /// The next attribute, whatever its type.
    #[inline(always)]
    pub fn set(&mut self, value: impl Value) {
        value.set(self);
    }

    /// What is entered, whatever its type.
    #[inline(always)]
    pub fn enter(&mut self, value: impl Value) {
        value.enter(self);
    }

    /// Whether it is ticked.
    #[inline(never)]
    pub fn checked(&mut self, checked: bool) {
        self.last().checked = Some(checked);
    }

    /// The next child.
    #[inline(never)]
    pub fn child(&mut self, node: VNode) {
        self.last().children.push(node);
    }

    /// The next children.
    pub fn children<T: Child>(&mut self, list: impl IntoIterator<Item = T>) {
        for node in list {
            node.put(self);
        }
    }

    /// The nodes.
    #[inline(never)]
    pub fn done(mut self) -> VNode {
        let mut root = self.open.pop().expect("the root is open to the end");
        if root.children.len() == 1 { root.children.remove(0) } else { root.complete() }
    }
}

impl Open {
    fn complete(self) -> VNode {
        let list = |mut children: Vec<VNode>| match children.len() {
            1 => children.remove(0),
            _ => VList::with_children(children, None).into(),
        };
        let Some(shape) = self.shape else { return VList::with_children(self.children, None).into() };
        let attributes = match shape.keys {
            [] => Attributes::Static(shape.fixed),
            keys => Attributes::Dynamic { keys, values: self.values.into_boxed_slice() },
        };
        let listeners = match self.listeners.is_empty() {
            true => Listeners::None,
            false => Listeners::Pending(self.listeners.into_boxed_slice()),
        };
        let (node, key) = (self.node, self.key);
        VNode::from(match shape.tag {
            "input" => VTag::__new_input(self.value, self.checked, node, key, attributes, listeners),
            tag => VTag::__new_other(tag.into(), node, key, attributes, listeners, list(self.children)),
        })
    }
}
