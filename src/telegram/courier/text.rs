//! Texts in Telegram's HTML: how long they are for Telegram, splitting them at safe places, and taking the markup out.

/// Telegram's limit for a message, in UTF-16 units after the markup is taken out.
const MESSAGE: usize = 4096;
/// Kept free for the mark of a possible repeat.
const ROOM: usize = 160;

/// The visible text of some HTML: tags stripped, entities unescaped. For when Telegram cannot read the markup.
pub fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for token in tokens(html) {
        match token {
            Token::Tag(_) => {}
            Token::Entity(entity) => text.push_str(&unescape(entity)),
            Token::Char(c) => text.push(c),
        }
    }
    text
}

/// Escapes plain text for HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Splits HTML into parts that Telegram takes, at line ends where possible, never inside a tag or an entity; what is open
/// at a cut is closed there and opened again.
pub fn split(html: &str) -> Vec<String> {
    split_at(html, MESSAGE - ROOM)
}

/// The HTML cut to `limit` visible UTF-16 units, its tags closed.
pub(super) fn cut(html: &str, limit: usize) -> String {
    split_at(html, limit).into_iter().next().unwrap_or_default()
}

fn split_at(html: &str, limit: usize) -> Vec<String> {
    let mut splitter = Splitter {
        limit,
        parts: Vec::new(),
        part: Part::default(),
        safe: None,
    };
    for token in tokens(html) {
        splitter.add(&token);
    }
    splitter.finish()
}

enum Token<'a> {
    /// `<…>`
    Tag(&'a str),
    /// `&…;`
    Entity(&'a str),
    /// Anything else.
    Char(char),
}

fn tokens(html: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let whole = match first {
            '<' => rest
                .find('>')
                .map(|end| (Token::Tag(&rest[..=end]), end + 1)),
            '&' => rest[..rest.floor_char_boundary(12)]
                .find(';')
                .map(|end| (Token::Entity(&rest[..=end]), end + 1)),
            _ => None,
        };
        let (token, length) = whole.unwrap_or((Token::Char(first), first.len_utf8()));
        rest = &rest[length..];
        Some(token)
    })
}

fn unescape(entity: &str) -> String {
    let name = &entity[1..entity.len() - 1];
    let named = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let code =
                name.strip_prefix('#')
                    .and_then(|number| match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok(),
                        None => number.parse().ok(),
                    });
            code.and_then(char::from_u32)
        }
    };
    named.map_or_else(|| entity.to_owned(), String::from)
}

/// A part in the making.
#[derive(Clone, Default)]
struct Part {
    html: String,
    /// Visible UTF-16 units.
    visible: usize,
    /// Tags that are open at its end, as they were written.
    open: Vec<String>,
}

struct Splitter {
    limit: usize,
    parts: Vec<String>,
    part: Part,
    /// The best place to cut so far: length of the HTML there, the tags open there, visible units, and whether it is a line end.
    safe: Option<Safe>,
}

struct Safe {
    at: usize,
    open: Vec<String>,
    visible: usize,
    line: bool,
}

impl Splitter {
    fn add(&mut self, token: &Token<'_>) {
        match *token {
            Token::Tag(tag) => {
                if tag.starts_with("</") {
                    self.part.open.pop();
                } else {
                    self.part.open.push(tag.to_owned());
                }
                self.part.html.push_str(tag);
            }
            Token::Entity(entity) => {
                self.visible(entity, unescape(entity).encode_utf16().count(), None);
            }
            Token::Char(c) => {
                let mut buffer = [0; 4];
                self.visible(c.encode_utf8(&mut buffer), c.len_utf16(), Some(c));
            }
        }
    }

    fn visible(&mut self, text: &str, units: usize, c: Option<char>) {
        if self.part.visible + units > self.limit {
            self.cut();
        }
        self.part.html.push_str(text);
        self.part.visible += units;
        let (line, blank) = (c == Some('\n'), c == Some(' '));
        // A line end is better than a blank, unless it would leave the part half empty.
        let better = |safe: &Safe| line || !safe.line || safe.visible * 2 < self.limit;
        if (line || blank) && self.safe.as_ref().is_none_or(better) {
            self.safe = Some(Safe {
                at: self.part.html.len(),
                open: self.part.open.clone(),
                visible: self.part.visible,
                line,
            });
        }
    }

    fn cut(&mut self) {
        let part = std::mem::take(&mut self.part);
        let safe = self.safe.take().unwrap_or(Safe {
            at: part.html.len(),
            open: part.open.clone(),
            visible: part.visible,
            line: false,
        });
        let (head, tail) = part.html.split_at(safe.at);
        self.push(head, &safe.open);
        // What stands behind the place of the cut begins the next part, with the same tags open.
        self.part = Part {
            html: safe.open.concat() + tail,
            visible: part.visible - safe.visible,
            open: part.open,
        };
    }

    fn push(&mut self, html: &str, open: &[String]) {
        let mut html = html.trim_end().to_owned();
        for tag in open.iter().rev() {
            html.push_str("</");
            let name = tag.trim_start_matches('<').trim_end_matches('>');
            html.push_str(
                name.split(|c: char| c.is_whitespace() || c == '=')
                    .next()
                    .unwrap_or(name),
            );
            html.push('>');
        }
        if !plain(&html).trim().is_empty() {
            self.parts.push(html);
        }
    }

    fn finish(mut self) -> Vec<String> {
        let part = std::mem::take(&mut self.part);
        self.push(&part.html, &part.open);
        if self.parts.is_empty() {
            self.parts.push(String::new());
        }
        self.parts
    }
}
