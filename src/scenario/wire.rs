//! Bytes written, or read: one description of a layout for both ways.
//!
//! They are those of postcard: fields follow each other, a byte is a byte, any other number has seven bits to a byte, the
//! lowest first, the sign of a signed one in its lowest bit; a list or a string begins with its length, an option with 0
//! or 1, a choice with its number.

/// Writes what it is shown, or reads it.
pub(super) struct Wire<'a> {
    /// What is written.
    pub(super) bytes: Vec<u8>,
    /// What is left to be read; `None` when writing.
    pub(super) left: Option<&'a [u8]>,
    /// Something could not be read.
    pub(super) damaged: bool,
}

impl Wire<'_> {
    /// A byte.
    pub(super) fn byte(&mut self, byte: &mut u8) {
        match &mut self.left {
            None => self.bytes.push(*byte),
            Some([first, rest @ ..]) => {
                *byte = *first;
                self.left = Some(rest);
            }
            Some([]) => self.damaged = true,
        }
    }

    /// A number.
    pub(super) fn number(&mut self, number: &mut u64) {
        let (mut rest, mut read) = (*number, 0);
        for place in 0..10 {
            let mut byte = rest as u8 & 0x7f;
            rest >>= 7;
            if rest > 0 {
                byte |= 0x80;
            }
            self.byte(&mut byte);
            let bits = u64::from(byte & 0x7f);
            self.damaged |= place == 9 && bits > 1;
            read |= bits << (7 * place);
            if byte < 0x80 {
                *number = read;
                return;
            }
        }
        self.damaged = true;
    }

    /// A number of fewer bits.
    pub(super) fn small<T: Copy + Into<u64> + TryFrom<u64>>(&mut self, number: &mut T) {
        let mut wide = (*number).into();
        self.number(&mut wide);
        match wide.try_into() {
            Ok(fits) => *number = fits,
            Err(_) => self.damaged = true,
        }
    }

    /// A number with a sign.
    pub(super) fn signed(&mut self, number: &mut i64) {
        let mut folded = ((*number << 1) ^ (*number >> 63)) as u64;
        self.number(&mut folded);
        *number = (folded >> 1) as i64 ^ -((folded & 1) as i64);
    }

    /// Whether something is so.
    pub(super) fn flag(&mut self, flag: &mut bool) {
        let mut byte = u8::from(*flag);
        self.byte(&mut byte);
        self.damaged |= byte > 1;
        *flag = byte == 1;
    }

    /// The number of a choice among so many.
    pub(super) fn choice(&mut self, now: usize, among: usize) -> usize {
        let mut number = now as u64;
        self.number(&mut number);
        self.damaged |= number >= among as u64;
        if self.damaged { 0 } else { number as usize }
    }

    /// A string.
    pub(super) fn text(&mut self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        self.list(&mut bytes, Wire::byte);
        match String::from_utf8(bytes) {
            Ok(read) => *text = read,
            Err(_) => self.damaged = true,
        }
    }

    /// Every item takes at least a byte, so that the length of the link bounds what is made of it, whatever length a
    /// list claims.
    pub(super) fn list<T: Default>(&mut self, items: &mut Vec<T>, each: fn(&mut Self, &mut T)) {
        let mut length = items.len() as u64;
        self.number(&mut length);
        if self.left.is_none() {
            return items.iter_mut().for_each(|item| each(self, item));
        }
        for _ in 0..length {
            if self.damaged {
                return;
            }
            items.push(T::default());
            if let Some(item) = items.last_mut() {
                each(self, item);
            }
        }
    }

    /// Something that may be there.
    pub(super) fn option<T: Default>(&mut self, item: &mut Option<T>, each: fn(&mut Self, &mut T)) {
        let mut given = item.is_some();
        self.flag(&mut given);
        if given {
            each(self, item.get_or_insert_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_claims_more_than_there_is_takes_no_room() {
        let mut wire = Wire { bytes: Vec::new(), left: Some(&[0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2]), damaged: false };
        let mut items = Vec::new();
        wire.list(&mut items, Wire::byte);
        assert!(wire.damaged && items.capacity() < 64);
    }
}
