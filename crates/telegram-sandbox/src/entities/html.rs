//! Telegram's HTML: its tags, its leniencies and its error texts.

use super::{Entity, Formatted, sort};

const TAGS: [&str; 17] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// A tag that is open.
struct Open {
    name: String,
    argument: String,
    format: Option<String>,
    /// UTF-16 units.
    offset: usize,
    /// Bytes of the result.
    begin: usize,
}

struct Parser<'a> {
    input: &'a [u8],
    at: usize,
    /// The text without markup, as bytes of UTF-8.
    out: Vec<u8>,
    units: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

/// Parses `parse_mode=HTML`.
///
/// # Errors
/// Telegram's own sentence, without the prefix `can't parse entities: `.
pub(crate) fn parse_html(text: &str) -> Result<Formatted, String> {
    let mut parser = Parser {
        input: text.as_bytes(),
        at: 0,
        out: Vec::with_capacity(text.len()),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
    };
    parser.run()?;
    if let Some(open) = parser.open.last() {
        return Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            open.name
        ));
    }
    let mut entities = parser.entities;
    sort(&mut entities);
    merge_code_in_pre(&mut entities);
    let text = String::from_utf8_lossy(&parser.out).into_owned();
    Ok(Formatted { text, entities })
}

/// `<pre><code class="language-x">` is one block with a language.
fn merge_code_in_pre(entities: &mut Vec<Entity>) {
    let codes: Vec<Entity> = entities
        .iter()
        .filter(|entity| entity.kind == "code")
        .cloned()
        .collect();
    for code in codes {
        let block = entities.iter_mut().find(|entity| {
            entity.kind == "pre" && entity.offset == code.offset && entity.length == code.length
        });
        if let Some(block) = block {
            block.language.clone_from(&code.language);
            entities.retain(|entity| *entity != code);
        }
    }
    for code in entities.iter_mut().filter(|entity| entity.kind == "code") {
        code.language = None;
    }
}

fn space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x0b)
}

impl Parser<'_> {
    /// The byte here; 0 at the end, as in a C string.
    fn byte(&self) -> u8 {
        self.input.get(self.at).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.input.len()
    }

    fn skip_spaces(&mut self) {
        while !self.ended() && space(self.byte()) {
            self.at += 1;
        }
    }

    fn text(&self, from: usize, to: usize) -> String {
        String::from_utf8_lossy(&self.input[from..to.min(self.input.len())]).into_owned()
    }

    fn push(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.out
            .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        self.units += c.len_utf16();
    }

    fn run(&mut self) -> Result<(), String> {
        while !self.ended() {
            match self.byte() {
                b'&' => match self.decode() {
                    Some(c) => self.push(c),
                    None => self.copy(),
                },
                b'<' => {
                    let begin = self.at;
                    self.at += 1;
                    if self.byte() == b'/' {
                        self.end_tag(begin)?;
                    } else {
                        self.start_tag(begin)?;
                    }
                }
                _ => self.copy(),
            }
        }
        Ok(())
    }

    fn copy(&mut self) {
        let byte = self.byte();
        if byte & 0xc0 != 0x80 {
            self.units += if byte >= 0xf0 { 2 } else { 1 };
        }
        self.out.push(byte);
        self.at += 1;
    }

    /// Reads `&lt;`, `&#60;`, `&#x3c;`; on anything else stays where it is.
    fn decode(&mut self) -> Option<char> {
        let rest = &self.input[self.at + 1..];
        let (c, mut used) = if rest.first() == Some(&b'#') {
            let hex = rest.get(1) == Some(&b'x');
            let start = if hex { 2 } else { 1 };
            let digits = rest[start..]
                .iter()
                .take_while(|byte| {
                    if hex {
                        byte.is_ascii_hexdigit()
                    } else {
                        byte.is_ascii_digit()
                    }
                })
                .count();
            let text = std::str::from_utf8(&rest[start..start + digits]).ok()?;
            let code = u32::from_str_radix(text, if hex { 16 } else { 10 })
                .ok()
                .filter(|code| *code != 0)?;
            (char::from_u32(code)?, start + digits)
        } else {
            let letters = rest
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
            let c = match &rest[..letters] {
                b"lt" => '<',
                b"gt" => '>',
                b"amp" => '&',
                b"quot" => '"',
                _ => return None,
            };
            (c, letters)
        };
        if rest.get(used) == Some(&b';') {
            used += 1;
        }
        self.at += 1 + used;
        Some(c)
    }

    fn start_tag(&mut self, begin: usize) -> Result<(), String> {
        while !self.ended() && !space(self.byte()) && self.byte() != b'>' {
            self.at += 1;
        }
        if self.ended() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        let name = self.text(begin + 1, self.at).to_ascii_lowercase();
        if !TAGS.contains(&name.as_str()) {
            return Err(format!(
                "Unsupported start tag \"{name}\" at byte offset {begin}"
            ));
        }
        let (argument, format) = self.attributes(&name, begin)?;
        self.at += 1;
        if name == "span" && argument != "spoiler" {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        if name == "tg-time" && argument.parse::<i64>().is_err() {
            return Err(format!(
                "Tag \"tg-time\" must have a valid attribute \"unix\" at byte offset {begin}"
            ));
        }
        self.open.push(Open {
            name,
            argument,
            format,
            offset: self.units,
            begin: self.out.len(),
        });
        Ok(())
    }

    /// Reads the attributes up to `>`: the argument that matters for the tag, and a time's format.
    fn attributes(&mut self, tag: &str, begin: usize) -> Result<(String, Option<String>), String> {
        let mut argument = String::new();
        let mut format = None;
        loop {
            self.skip_spaces();
            if self.byte() == b'>' {
                return Ok((argument, format));
            }
            let from = self.at;
            while !self.ended() && !space(self.byte()) && self.byte() != b'=' && self.byte() != b'>'
            {
                self.at += 1;
            }
            let name = self.text(from, self.at);
            if self.ended() {
                return Err(format!(
                    "Unclosed start tag \"{tag}\" at byte offset {begin}"
                ));
            }
            if name.is_empty() {
                return Err(format!(
                    "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
                ));
            }
            self.skip_spaces();
            let value = if self.byte() == b'=' {
                self.at += 1;
                self.value(tag, begin)?
            } else {
                if self.ended() {
                    return Err(format!(
                        "Unclosed start tag \"{tag}\" at byte offset {begin}"
                    ));
                }
                String::new()
            };
            match (tag, name.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix") => argument = value,
                ("tg-time", "format") => format = Some(value),
                ("code", "class") => value
                    .strip_prefix("language-")
                    .unwrap_or_default()
                    .clone_into(&mut argument),
                ("span", "class") => value
                    .strip_prefix("tg-")
                    .unwrap_or_default()
                    .clone_into(&mut argument),
                ("blockquote", "expandable") => "1".clone_into(&mut argument),
                _ => {}
            }
        }
    }

    fn value(&mut self, tag: &str, begin: usize) -> Result<String, String> {
        self.skip_spaces();
        if self.ended() {
            return Err(format!(
                "Unclosed start tag \"{tag}\" at byte offset {begin}"
            ));
        }
        let quote = self.byte();
        if quote != b'"' && quote != b'\'' {
            let from = self.at;
            while self.byte().is_ascii_alphanumeric() || matches!(self.byte(), b'.' | b'-') {
                self.at += 1;
            }
            if !space(self.byte()) && self.byte() != b'>' {
                return Err(format!(
                    "Unexpected end of name token at byte offset {from}"
                ));
            }
            return Ok(self.text(from, self.at).to_ascii_lowercase());
        }
        self.at += 1;
        let mut value = Vec::new();
        while !self.ended() && self.byte() != quote {
            if self.byte() == b'&'
                && let Some(c) = self.decode()
            {
                value.extend_from_slice(c.to_string().as_bytes());
                continue;
            }
            value.push(self.byte());
            self.at += 1;
        }
        if self.ended() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        self.at += 1;
        if self.ended() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        Ok(String::from_utf8_lossy(&value).into_owned())
    }

    fn end_tag(&mut self, begin: usize) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        while !self.ended() && !space(self.byte()) && self.byte() != b'>' {
            self.at += 1;
        }
        let name = self.text(begin + 2, self.at);
        self.skip_spaces();
        if self.byte() != b'>' {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        if !name.is_empty() && name != open.name {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                open.name
            ));
        }
        let covered = String::from_utf8_lossy(&self.out[open.begin..]).into_owned();
        self.close(open, &covered);
        Ok(())
    }

    fn close(&mut self, open: Open, covered: &str) {
        let length = self.units - open.offset;
        if length == 0 {
            return;
        }
        let mut entity = Entity::new("", open.offset, length);
        let kind = match open.name.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "tg-spoiler" | "span" => "spoiler",
            "blockquote" if open.argument.is_empty() => "blockquote",
            "blockquote" => "expandable_blockquote",
            "pre" => "pre",
            "code" => {
                entity.language = (!open.argument.is_empty()).then_some(open.argument);
                "code"
            }
            "tg-emoji" => {
                entity.custom_emoji_id = Some(open.argument);
                "custom_emoji"
            }
            "tg-time" => {
                entity.unix_time = open.argument.parse().ok();
                entity.date_time_format = open.format;
                "date_time"
            }
            _ => {
                let url = if open.argument.is_empty() {
                    covered.to_owned()
                } else {
                    open.argument
                };
                let Some(url) = link(&url) else { return };
                entity.url = Some(url);
                "text_link"
            }
        };
        kind.clone_into(&mut entity.kind);
        self.entities.push(entity);
    }
}

/// A link that Telegram takes; others are dropped without an error. The bot's `tg://user?id=` links become mentions later, where users are known.
fn link(url: &str) -> Option<String> {
    let url = url.trim();
    let schemes = ["http://", "https://", "tg://", "ton://", "mailto:", "tel:"];
    if schemes
        .iter()
        .any(|scheme| url.to_ascii_lowercase().starts_with(scheme))
    {
        return Some(url.to_owned());
    }
    (url.contains('.') && !url.contains(char::is_whitespace) && !url.contains(':'))
        .then(|| format!("http://{url}/"))
}
