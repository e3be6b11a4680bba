//! `html!` in little code. That of Yew builds every element in place, some two hundred bytes of program each; this one
//! calls a [`Tree`] for each attribute and child. It reads what the page writes of the same language: elements, groups,
//! `{ value }`, `{ for list }`, and `if`. Components are Yew's: `{ yew::html! { <Component … /> } }`.

use std::rc::Rc;
use yew::NodeRef;
use yew::virtual_dom::{
    AttrValue, AttributeOrProperty, Attributes, Key, Listener, Listeners, VList, VNode, VTag, VText,
};

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

/// A part of the page, as [`yew::html!`] has it.
macro_rules! html {
    () => { ::yew::virtual_dom::VNode::default() };
    ($($tokens:tt)+) => {{
        let mut tree = $crate::ui::tree::Tree::new();
        $crate::ui::tree::grow!(tree $($tokens)+);
        tree.done()
    }};
}
pub(crate) use html;

/// What follows, in `$tree`.
macro_rules! grow {
    ($tree:ident) => {};
    ($tree:ident < / > $($rest:tt)*) => {
        $tree.close();
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident < / $tag:ident > $($rest:tt)*) => {
        $tree.close();
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident < > $($rest:tt)*) => {
        $tree.group();
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident < $tag:ident $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag [] [] [] $($rest)*);
    };
    ($tree:ident { for $($list:tt)* } $($rest:tt)*) => {
        $tree.children($($list)*);
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident { $($child:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::Child::put({ $($child)* }, &mut $tree);
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident if $($rest:tt)*) => {
        $crate::ui::tree::choose!($tree [] $($rest)*);
    };
}
pub(crate) use grow;

/// `if`: one place, whether there is something or not.
macro_rules! choose {
    ($tree:ident [$($condition:tt)*] { $($then:tt)* } else { $($other:tt)* } $($rest:tt)*) => {
        $tree.group();
        if $($condition)* {
            $crate::ui::tree::grow!($tree $($then)*);
        } else {
            $crate::ui::tree::grow!($tree $($other)*);
        }
        $tree.close();
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident [$($condition:tt)*] { $($then:tt)* } $($rest:tt)*) => {
        $tree.group();
        if $($condition)* {
            $crate::ui::tree::grow!($tree $($then)*);
        }
        $tree.close();
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident [$($condition:tt)*] $next:tt $($rest:tt)*) => {
        $crate::ui::tree::choose!($tree [$($condition)* $next] $($rest)*);
    };
}
pub(crate) use choose;

/// The attributes of an element: collects `[fixed] [changing] [other]`, then begins the element.
macro_rules! element {
    // All are there.
    ($tree:ident $tag:ident [$($fixed:tt)*] [$($changing:tt)*] [$($other:tt)*] / > $($rest:tt)*) => {
        $crate::ui::tree::begin!($tree $tag [$($fixed)*] [$($changing)*] [$($other)*]);
        $tree.close();
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    ($tree:ident $tag:ident [$($fixed:tt)*] [$($changing:tt)*] [$($other:tt)*] > $($rest:tt)*) => {
        $crate::ui::tree::begin!($tree $tag [$($fixed)*] [$($changing)*] [$($other)*]);
        $crate::ui::tree::grow!($tree $($rest)*);
    };
    // What is no attribute.
    ($tree:ident $tag:ident $f:tt $c:tt [$($other:tt)*] ref = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f $c [$($other)* (node) { $($v)* }] $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt [$($other:tt)*] key = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f $c [$($other)* (key) { u64::from($($v)*) }] $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt [$($other:tt)*] checked = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f $c [$($other)* (checked) { $($v)* }] $($rest)*);
    };
    ($tree:ident input $f:tt $c:tt [$($other:tt)*] value = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree input $f $c [$($other)* (enter) { $($v)* }] $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt [$($changing:tt)*] $o:tt selected = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f [$($changing)* ("selected") flag { "selected", $($v)* }] $o $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt [$($changing:tt)*] $o:tt disabled = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f [$($changing)* ("disabled") flag { "disabled", $($v)* }] $o $($rest)*);
    };
    ($tree:ident $tag:ident [$($fixed:tt)*] $c:tt $o:tt readonly = true $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag [$($fixed)* ("readonly") "readonly"] $c $o $($rest)*);
    };
    // Names with dashes.
    ($tree:ident $tag:ident [$($fixed:tt)*] $c:tt $o:tt $a:ident - $b:ident = $v:literal $($rest:tt)*) => {
        $crate::ui::tree::element!(
            $tree $tag [$($fixed)* (concat!(stringify!($a), "-", stringify!($b))) $v] $c $o $($rest)*
        );
    };
    ($tree:ident $tag:ident $f:tt [$($changing:tt)*] $o:tt $a:ident - $b:ident = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f [$($changing)* (concat!(stringify!($a), "-", stringify!($b))) set { { $($v)* } }] $o $($rest)*);
    };
    // Other names.
    ($tree:ident $tag:ident [$($fixed:tt)*] $c:tt $o:tt $name:ident = $v:literal $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag [$($fixed)* (stringify!($name)) $v] $c $o $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt $name:ident = { $($v:tt)* } $($rest:tt)*) => {
        $crate::ui::tree::named!($tree $tag $f $c $o $name { $($v)* } $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt {$name:ident} $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f $c $o $name = { $name } $($rest)*);
    };
}
pub(crate) use element;

/// An attribute, or what is listened to.
macro_rules! named {
    (@listen $tree:ident $tag:ident $f:tt $c:tt [$($other:tt)*] $event:ident $v:tt $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f $c [$($other)* (listen) {
            ::yew::html::$event::Wrapper::__macro_new($v)
        }] $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onclick $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onclick $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onchange $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onchange $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt oninput $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o oninput $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onkeydown $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onkeydown $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onsubmit $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onsubmit $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onclose $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onclose $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onpointerdown $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onpointerdown $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onpointermove $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onpointermove $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onpointerup $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onpointerup $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onwheel $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onwheel $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onpointercancel $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onpointercancel $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt $c:tt $o:tt onscroll $v:tt $($rest:tt)*) => {
        $crate::ui::tree::named!(@listen $tree $tag $f $c $o onscroll $v $($rest)*);
    };
    ($tree:ident $tag:ident $f:tt [$($changing:tt)*] $o:tt $name:ident $v:tt $($rest:tt)*) => {
        $crate::ui::tree::element!($tree $tag $f [$($changing)* (stringify!($name)) set { $v }] $o $($rest)*);
    };
}
pub(crate) use named;

/// Begins an element whose attributes are known.
macro_rules! begin {
    ($tree:ident $tag:ident [$($name:tt $fixed:tt)*] [] [$(($call:ident) $other:tt)*]) => {
        $crate::ui::tree::begin!(@open $tree $tag [$($name $fixed)*] []);
        $($tree.$call($other);)*
    };
    ($tree:ident $tag:ident [$($name:tt $fixed:tt)*] [$($key:tt $set:ident { $($value:tt)* })+]
     [$(($call:ident) $other:tt)*]) => {
        $crate::ui::tree::begin!(@open $tree $tag [$($name $fixed)*] [$($name)* $($key)*]);
        $($tree.$set($($value)*);)*
        $($tree.$call($other);)*
    };
    (@open $tree:ident $tag:ident [$($name:tt $fixed:tt)*] [$($key:tt)*]) => {
        $tree.open(const {
            &$crate::ui::tree::Shape {
                tag: stringify!($tag),
                fixed: &[$(($name, ::yew::virtual_dom::AttributeOrProperty::Static($fixed))),*],
                keys: &[$($key),*],
            }
        });
    };
}
pub(crate) use begin;
