//! The markup's language, as macros: `html!` reads it, and calls a [`Tree`](super::Tree) for each thing that it finds.

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
