//! JSON's grammar (RFC 8259), read into [`Json`]. A page is downloaded often: a general deserialiser is several times
//! this code, and its tables of powers of ten alone weigh more.

use super::json::Json;

/// How deep arrays and objects may lie in each other.
const DEPTH: u32 = 128;

/// Reads the text of one value. The error says what is wrong and where.
pub(super) fn parse(text: &str) -> Result<Json, String> {
    let mut reader = Reader { text, at: 0 };
    let json = reader.value(DEPTH)?;
    match reader.next() {
        None => Ok(json),
        Some(_) => Err(reader.wrong("there is more behind the value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> String {
        let before = &self.text.as_bytes()[..self.at];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let end = if self.at == self.text.len() { "the text ends: " } else { "" };
        format!("{end}{what} at line {line} column {column}")
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space.
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.byte() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn value(&mut self, depth: u32) -> Result<Json, String> {
        match self.next() {
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[' | b'{') if depth == 0 => Err(self.wrong("arrays and objects lie too deep in each other")),
            Some(b'[') => {
                let mut items = Vec::new();
                self.list(b']', |reader| {
                    items.push(reader.value(depth - 1)?);
                    Ok(())
                })?;
                Ok(Json::Array(items))
            }
            Some(b'{') => {
                let mut fields = Vec::new();
                self.list(b'}', |reader| {
                    if reader.next() != Some(b'"') {
                        return Err(reader.wrong("a field's name is missing"));
                    }
                    let name = reader.string()?;
                    if reader.next() != Some(b':') {
                        return Err(reader.wrong("`:` is missing"));
                    }
                    reader.at += 1;
                    fields.push((name, reader.value(depth - 1)?));
                    Ok(())
                })?;
                Ok(Json::Object(fields))
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, String> {
        for (word, json) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(json);
            }
        }
        Err(self.wrong("a value is missing"))
    }

    /// What lies between brackets, with commas between the elements.
    fn list(&mut self, end: u8, mut element: impl FnMut(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.at += 1;
        if self.next() == Some(end) {
            self.at += 1;
            return Ok(());
        }
        loop {
            element(self)?;
            match self.next() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == end => {
                    self.at += 1;
                    return Ok(());
                }
                _ => {
                    return Err(self.wrong(if end == b']' {
                        "`,` or `]` is missing"
                    } else {
                        "`,` or `}` is missing"
                    }));
                }
            }
        }
    }

    fn digits(&mut self) -> Result<(), String> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong("a digit is missing"));
        }
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        let negative = self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        } else if self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong("a number begins with 0"));
        }
        let mut whole = true;
        if self.take(b'.') {
            whole = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            whole = false;
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let text = &self.text[start..self.at];
        let integer = match (whole, negative) {
            (true, false) => text.parse().ok().map(Json::Unsigned),
            (true, true) => text.parse().ok().filter(|integer| *integer < 0).map(Json::Negative),
            (false, _) => None,
        };
        Ok(integer.unwrap_or_else(|| Json::Fraction(text.to_string())))
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let plain = self.text[self.at..].find(|c: char| c == '"' || c == '\\' || c < ' ');
            let Some(plain) = plain else {
                self.at = self.text.len();
                return Err(self.wrong("a string is not closed"));
            };
            string.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            if self.take(b'"') {
                return Ok(string);
            }
            if !self.take(b'\\') {
                return Err(self.wrong("a control character stands in a string"));
            }
            string.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let escape = self.byte();
        let c = match escape {
            Some(b'"' | b'\\' | b'/') => char::from(escape.unwrap_or(b'/')),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code(),
            _ => return Err(self.wrong("there is no such escape")),
        };
        self.at += 1;
        Ok(c)
    }

    /// `uD83D\uDE00`: one code unit, or two that make a pair.
    fn code(&mut self) -> Result<char, String> {
        let first = self.unit()?;
        let mut code = u32::from(first);
        if (0xd800..0xdc00).contains(&first) && self.take(b'\\') {
            let second = self.unit()?;
            if (0xdc00..0xe000).contains(&second) {
                code = 0x10000 + ((code - 0xd800) << 10) + (u32::from(second) - 0xdc00);
            }
        }
        char::from_u32(code).ok_or_else(|| self.wrong("half a surrogate pair stands in a string"))
    }

    fn unit(&mut self) -> Result<u16, String> {
        let digits = if self.take(b'u') { self.text.get(self.at..self.at + 4) } else { None };
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let Some(unit) = unit else { return Err(self.wrong("four hexadecimal digits are missing")) };
        self.at += 4;
        Ok(unit)
    }
}

/// The decimal number in `text` times a million; `None` when it is below 0 or above 1. The error: it has more than six
/// decimal places.
pub(super) fn millionths(text: &str) -> Option<Result<u32, ()>> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0');
    if digits().all(|digit| digit == 0) {
        return Some(Ok(0));
    }
    // Where the point stands behind the first digit that counts; further than this it makes no difference.
    let exponent = exponent.trim_start_matches('+');
    let far = if exponent.starts_with('-') { -1_000_000_000 } else { 1_000_000_000 };
    let exponent = exponent.parse::<i32>().unwrap_or(far).clamp(-1_000_000_000, 1_000_000_000);
    let zeros = digits().take_while(|digit| *digit == 0).count();
    let places = i64::from(exponent) + whole.len() as i64 - zeros as i64;
    if negative || places > 1 {
        return None;
    }
    let mut ppm = 0u32;
    let mut left = 6 + places;
    for digit in digits().skip(zeros) {
        if left > 0 {
            ppm = ppm * 10 + u32::from(digit);
        } else if digit != 0 {
            return if ppm >= 1_000_000 { None } else { Some(Err(())) };
        }
        left -= 1;
    }
    while left > 0 {
        ppm *= 10;
        left -= 1;
    }
    (ppm <= 1_000_000).then_some(Ok(ppm))
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[expect(clippy::float_arithmetic, reason = "serde_json has numbers with a fraction as floats")]
    fn same(ours: &Json, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(a), Value::Bool(b)) => a == b,
            (Json::Unsigned(a), b) => b.as_u64() == Some(*a),
            (Json::Negative(a), b) => b.as_i64() == Some(*a),
            // Theirs is rounded, in its last digits twice.
            (Json::Fraction(a), Value::Number(b)) => {
                let (a, b) = (a.parse::<f64>().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
                (a - b).abs() <= a.abs() * 1e-12
            }
            (Json::Text(a), Value::String(b)) => a == b,
            (Json::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            // Of a field that is given twice, theirs has the last.
            (Json::Object(a), Value::Object(b)) => {
                a.iter().all(|(name, _)| b.contains_key(name))
                    && b.iter().all(|(name, b)| {
                        a.iter().rev().find(|(other, _)| other == name).is_some_and(|(_, a)| same(a, b))
                    })
            }
            _ => false,
        }
    }

    /// What texts are made of: tokens, and pieces of tokens.
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"b\":",
        "null",
        "true",
        "false",
        "nul",
        " ",
        "\n",
        "\t",
        "0",
        "1",
        "-",
        "-0",
        "12",
        "00",
        ".",
        ".5",
        "1.25",
        "e",
        "E+3",
        "e-2",
        "1e5",
        "18446744073709551616",
        "-9223372036854775809",
        "-7",
        "\\",
        "\\n",
        "\\u",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\udc00",
        "\\x",
        "\u{7f}",
        "\u{1}",
        "é",
        "😀",
        "/",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn what_is_json_is_read_and_nothing_else(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12), shape in 0..4,
        ) {
            let body = pieces.concat();
            let text = match shape {
                0 => body,
                1 => format!("[{body}]"),
                2 => format!("\"{body}\""),
                _ => format!("{{\"k\": {body}}}"),
            };
            match (parse(&text), serde_json::from_str::<Value>(&text)) {
                (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{text}: {ours:?}"),
                (Err(_), Err(_)) => {}
                (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{text}: {error}"),
                (Err(sentence), Ok(_)) => prop_assert!(false, "{text}: {sentence}"),
            }
        }

        #[test]
        fn what_is_written_reads_back(text in "\\PC*|[\\x00-\\x7f]*") {
            let json = Json::Object(vec![(text.clone(), Json::Text(text))]);
            prop_assert_eq!(parse(&json.to_string()).unwrap(), json.clone());
            prop_assert_eq!(parse(&json.indented()).unwrap(), json);
        }

        #[test]
        fn millionths_are_exact(ppm in 0u32..=1_000_000, shift in 0usize..9) {
            let plain = format!("{}.{:06}", ppm / 1_000_000, ppm % 1_000_000);
            prop_assert_eq!(millionths(&plain), Some(Ok(ppm)));
            prop_assert_eq!(millionths(&format!("{ppm}e-6")), Some(Ok(ppm)));
            prop_assert_eq!(millionths(&format!("{ppm}{}E-{}", "0".repeat(shift), 6 + shift)), Some(Ok(ppm)));
        }
    }

    #[test]
    fn millionths_at_the_edges() {
        for (text, expected) in [
            ("1.0", Some(Ok(1_000_000))),
            ("1.0000001", None),
            ("1.1", None),
            ("10e-1", Some(Ok(1_000_000))),
            ("0.0000001", Some(Err(()))),
            ("1e-7", Some(Err(()))),
            ("0.1234567", Some(Err(()))),
            ("-0.0", Some(Ok(0))),
            ("-0.1", None),
            ("0e999999999999", Some(Ok(0))),
            ("1e999999999999", None),
            ("1e-999999999999", Some(Err(()))),
            ("0.000001000", Some(Ok(1))),
            ("1e-6", Some(Ok(1))),
        ] {
            assert_eq!(millionths(text), expected, "{text}");
        }
    }
}
