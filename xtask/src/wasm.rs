//! As much of WebAssembly's binary format as is needed to look into the page's programs.

/// What Rust's programs use beyond the first version of WebAssembly.
pub const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

pub const CUSTOM: u8 = 0;
pub const IMPORT: u8 = 2;
pub const CODE: u8 = 10;
pub const DATA: u8 = 11;

/// The sections of a program: their numbers and what is in them. `None` where it is not WebAssembly.
pub fn sections(program: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut rest = Reader(program.get(8..)?);
    let mut sections = Vec::new();
    while !rest.0.is_empty() {
        let (id, length) = (rest.take(1)?[0], rest.number()?);
        sections.push((id, rest.take(length)?));
    }
    Some(sections)
}

/// The program of such sections.
pub fn program(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut program = b"\0asm\x01\0\0\0".to_vec();
    for (id, body) in sections {
        program.push(*id);
        put(&mut program, body.len());
        program.extend(body);
    }
    program
}

/// The bodies in the section of code.
pub fn functions(section: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = Reader(section);
    (0..reader.number()?)
        .map(|_| {
            let length = reader.number()?;
            reader.take(length)
        })
        .collect()
}

/// Appends a number, seven bits to a byte.
pub fn put(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What is left of some bytes.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for place in 0..5 {
            let byte = self.take(1)?[0];
            number |= usize::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }
}
