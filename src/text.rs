//! Words for people that the engine carries about and never reads: what a rule says, what a setting is for.
//!
//! In the page's own program (the feature `page`) they are numbers, and the words a file that is loaded beside it,
//! `www/texts.tsv`: a translation is another such file.

/// A text for people. Make it with `text!`.
#[cfg(not(feature = "page"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(&'static str);

/// A text for people: its [`key`].
#[cfg(feature = "page")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(u32);

impl Text {
    /// A text, made by the compiler: at run time it may be a number only.
    #[cfg(not(feature = "page"))]
    pub const fn new(words: &'static str) -> Text {
        Text(words)
    }

    /// A text, made by the compiler: at run time it is a number only.
    #[cfg(feature = "page")]
    pub const fn new(words: &'static str) -> Text {
        Text(key(words))
    }

    /// The words.
    #[cfg(not(feature = "page"))]
    pub fn words(self) -> &'static str {
        self.0
    }

    /// The words; none if the file was lost on the way.
    #[cfg(feature = "page")]
    pub fn words(self) -> String {
        LOADED.with_borrow(|loaded| {
            let place = loaded.binary_search_by_key(&self.0, |(key, _)| *key);
            place.map_or_else(|_| String::new(), |place| loaded[place].1.clone())
        })
    }
}

/// The number under which the page finds a text: FNV-1a, 32 bits.
pub const fn key(words: &str) -> u32 {
    let (bytes, mut key, mut i) = (words.as_bytes(), 0x811c_9dc5_u32, 0);
    while i < bytes.len() {
        key = (key ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    key
}

#[cfg(feature = "page")]
thread_local! {
    static LOADED: std::cell::RefCell<Vec<(u32, String)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Takes in the file: a line for each text with its key, a tab and the words, by ascending keys.
#[cfg(feature = "page")]
pub fn load(file: &str) {
    let line = |line: &str| line.split_once('\t').and_then(|(key, words)| Some((key.parse().ok()?, words.to_owned())));
    LOADED.set(file.lines().filter_map(line).collect());
}

/// A [`Text`] of a literal, which stays out of the page's program.
macro_rules! text {
    ($words:literal) => {
        const { $crate::text::Text::new($words) }
    };
}
