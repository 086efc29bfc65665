//! As much JSON as the header of a safetensors file takes: objects, lists, strings, integers.

use st_core::{Result, value_err};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// Names and values, in the text's order.
    Object(Vec<(String, Json)>),
    /// Values.
    List(Vec<Json>),
    /// Text.
    Text(String),
    /// A whole number that is not negative.
    Number(u64),
}

/// The value a text stands for.
pub(super) fn parse(text: &str) -> Result<Json> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.wrong("the end")) } else { Ok(value) }
}

/// Text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Values may be nested this deep: a header's are three levels.
const DEPTH: usize = 8;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, expected: &str) -> st_core::Error {
        value_err!("the file's header is no JSON of safetensors: expected {expected} at byte {}", self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Whether the next character, after space, is this one; if so it is taken.
    fn takes(&mut self, wanted: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: u8) -> Result<()> {
        if self.takes(wanted) { Ok(()) } else { Err(self.wrong(&format!("'{}'", wanted as char))) }
    }

    fn value(&mut self, depth: usize) -> Result<Json> {
        if depth > DEPTH {
            return Err(self.wrong("fewer levels"));
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => Ok(Json::Object(self.parts(b'}', |r| {
                let name = r.string()?;
                r.expect(b':')?;
                Ok((name, r.value(depth + 1)?))
            })?)),
            Some(b'[') => Ok(Json::List(self.parts(b']', |r| r.value(depth + 1))?)),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'0'..=b'9') => self.number(),
            _ => Err(self.wrong("a value")),
        }
    }

    /// What stands between brackets, with commas.
    fn parts<T>(&mut self, end: u8, mut part: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.at += 1;
        let mut parts = Vec::new();
        if self.takes(end) {
            return Ok(parts);
        }
        loop {
            parts.push(part(self)?);
            if self.takes(end) {
                return Ok(parts);
            }
            self.expect(b',')?;
        }
    }

    fn number(&mut self) -> Result<Json> {
        let digits = self.text[self.at..].bytes().take_while(u8::is_ascii_digit).count();
        let number = self.text[self.at..][..digits].parse().map_err(|_| self.wrong("a smaller number"))?;
        self.at += digits;
        Ok(Json::Number(number))
    }

    fn string(&mut self) -> Result<String> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let Some(c) = self.text[self.at..].chars().next() else { return Err(self.wrong("'\"'")) };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escaped()?),
                c => out.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Result<char> {
        let c = self.peek().ok_or_else(|| self.wrong("an escape"))?;
        self.at += 1;
        Ok(match c {
            b'"' | b'\\' | b'/' => c as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => {
                self.at -= 1;
                return Err(self.wrong("an escape"));
            }
        })
    }

    /// Four hexadecimal digits, or twice four for what is beyond 16 bits.
    fn unicode(&mut self) -> Result<char> {
        let mut units = vec![self.unit()?];
        if (0xD800..0xDC00).contains(&units[0]) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            units.push(self.unit()?);
        }
        let text = String::from_utf16(&units).map_err(|_| self.wrong("a character"))?;
        text.chars().next().ok_or_else(|| self.wrong("a character"))
    }

    fn unit(&mut self) -> Result<u16> {
        let digits = self.text.get(self.at..self.at + 4);
        let all = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit =
            all.and_then(|d| u16::from_str_radix(d, 16).ok()).ok_or_else(|| self.wrong("four digits"))?;
        self.at += 4;
        Ok(unit)
    }
}
