//! Base64 for addresses, without padding: RFC 4648, §5.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends `bytes` to `text`, six bits to a character.
pub fn encode(bytes: &[u8], text: &mut String) {
    for chunk in bytes.chunks(3) {
        let mut word = 0;
        for place in 0..3 {
            word = word << 8 | usize::from(chunk.get(place).copied().unwrap_or(0));
        }
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[word >> (18 - 6 * place) & 63]));
        }
    }
}

/// The bytes of a text; `None` when no bytes give it.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0u32;
        for letter in chunk {
            word = word << 6 | ALPHABET.iter().position(|known| known == letter)? as u32;
        }
        // A character alone is no byte, and what is left over of the last one is 0.
        let over = match chunk.len() {
            4 => 0,
            3 => 2,
            2 => 4,
            _ => return None,
        };
        if word & ((1 << over) - 1) != 0 {
            return None;
        }
        let count = chunk.len() - 1;
        bytes.extend_from_slice(&(word >> over << (8 * (4 - count))).to_be_bytes()[..count]);
    }
    Some(bytes)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as THEIRS;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let mut text = String::new();
            super::encode(&bytes, &mut text);
            prop_assert_eq!(&text, &THEIRS.encode(&bytes));
            prop_assert_eq!(super::decode(&text), Some(bytes));
        }

        #[test]
        fn what_is_refused_is_refused(text in "[A-Za-z0-9_=+/é-]{0,12}|[A-Z_-]{0,9}") {
            prop_assert_eq!(super::decode(&text), THEIRS.decode(&text).ok());
        }
    }
}
