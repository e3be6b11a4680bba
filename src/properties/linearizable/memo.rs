//! What a search has seen: a hash table over one flat list of numbers, with a fixed hash function. It is only asked
//! whether something is in it, so its order reaches nobody.

/// The most numbers that are kept (4 bytes each); what comes later is not remembered, which costs time, not truth.
const MOST_WORDS: usize = 48 << 20;
const NOWHERE: u32 = u32::MAX;
/// Hash, next entry of the bucket, length of the key, length of the spent part.
const HEADER: usize = 4;

/// Configurations: a key (the state and the calls that compete) and what was spent of the open calls to get there, as
/// ascending pairs (class, count).
pub(super) struct Memo {
    words: Vec<u32>,
    buckets: Vec<u32>,
    entries: usize,
    most_words: usize,
}

impl Memo {
    pub fn new() -> Self {
        Self::with_room_for(MOST_WORDS)
    }

    fn with_room_for(most_words: usize) -> Self {
        Memo { words: Vec::new(), buckets: vec![NOWHERE; 1 << 8], entries: 0, most_words }
    }

    /// True when a configuration with the same key that had spent no more was seen before: whatever can be reached from
    /// here could be reached from there. Otherwise remembers this one.
    pub fn seen(&mut self, key: &[u32], spent: &[u32]) -> bool {
        let hash = mix(key);
        let mut at = self.buckets[self.bucket(hash)];
        while at != NOWHERE {
            let start = at as usize;
            let [entry_hash, next, key_length, spent_length] = self.header(start);
            let key_end = start + HEADER + key_length as usize;
            if entry_hash == hash
                && &self.words[start + HEADER..key_end] == key
                && no_more(&self.words[key_end..key_end + spent_length as usize], spent)
            {
                return true;
            }
            at = next;
        }
        self.insert(hash, key, spent);
        false
    }

    fn insert(&mut self, hash: u32, key: &[u32], spent: &[u32]) {
        if self.words.len() + HEADER + key.len() + spent.len() > self.most_words {
            return;
        }
        if self.entries >= self.buckets.len() {
            self.grow();
        }
        let bucket = self.bucket(hash);
        let start = self.words.len() as u32;
        self.words.extend([hash, self.buckets[bucket], key.len() as u32, spent.len() as u32]);
        self.words.extend_from_slice(key);
        self.words.extend_from_slice(spent);
        self.buckets[bucket] = start;
        self.entries += 1;
    }

    fn grow(&mut self) {
        self.buckets = vec![NOWHERE; self.buckets.len() * 4];
        let mut start = 0;
        while start < self.words.len() {
            let [hash, _, key_length, spent_length] = self.header(start);
            let bucket = self.bucket(hash);
            self.words[start + 1] = self.buckets[bucket];
            self.buckets[bucket] = start as u32;
            start += HEADER + key_length as usize + spent_length as usize;
        }
    }

    fn header(&self, start: usize) -> [u32; HEADER] {
        [self.words[start], self.words[start + 1], self.words[start + 2], self.words[start + 3]]
    }

    fn bucket(&self, hash: u32) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }
}

/// Whether `less` has spent, in every class, no more than `more`.
fn no_more(less: &[u32], more: &[u32]) -> bool {
    let mut more = more.chunks_exact(2);
    less.chunks_exact(2).all(|spent| {
        let same_class = more.find(|other| other[0] >= spent[0]);
        same_class.is_some_and(|other| other[0] == spent[0] && other[1] >= spent[1])
    })
}

fn mix(key: &[u32]) -> u32 {
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for &word in key {
        hash = (hash ^ u64::from(word)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
    }
    hash as u32
}

#[cfg(test)]
mod tests {
    use super::Memo;

    #[test]
    fn what_spent_no_more_of_the_open_calls_stands_for_what_spent_more() {
        let mut memo = Memo::new();
        assert!(!memo.seen(&[1, 2], &[3, 1, 5, 2]));
        assert!(memo.seen(&[1, 2], &[3, 1, 5, 2]));
        assert!(memo.seen(&[1, 2], &[0, 1, 3, 1, 5, 7]));
        assert!(!memo.seen(&[1, 2], &[3, 1]));
        assert!(!memo.seen(&[1, 2], &[5, 9]));
        assert!(memo.seen(&[1, 2], &[3, 1, 4, 1]));
        assert!(!memo.seen(&[1, 3], &[3, 1]));
        assert!(!memo.seen(&[1, 2], &[]));
        assert!(memo.seen(&[1, 2], &[0, 1]));
    }

    #[test]
    fn thousands_of_configurations_are_told_apart_through_growth() {
        let mut memo = Memo::new();
        for round in 0..2 {
            for word in 0..5_000 {
                assert_eq!(memo.seen(&[word, word / 7], &[]), round == 1, "{word}");
            }
        }
    }

    #[test]
    fn a_full_memo_forgets_what_comes_later_and_keeps_what_it_has() {
        let mut memo = Memo::with_room_for(12);
        for _ in 0..2 {
            memo.seen(&[1, 1], &[]);
            memo.seen(&[2, 2], &[]);
            assert!(!memo.seen(&[3, 3], &[]));
        }
        assert!(memo.seen(&[1, 1], &[]) && memo.seen(&[2, 2], &[]));
        assert!(memo.words.len() <= 12);
    }
}
