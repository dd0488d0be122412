//! The page's own files, built in.

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// A file: its path, its type, its content.
pub(super) type PageFile = (&'static str, &'static str, &'static [u8]);

/// All of them.
#[rustfmt::skip]
pub(super) const FILES: &[PageFile] = &[
    ("/", HTML, include_bytes!("../../page/index.html")),
    ("/app.js", SCRIPT, include_bytes!("../../page/app.js")),
    ("/composer.js", SCRIPT, include_bytes!("../../page/composer.js")),
    ("/dom.js", SCRIPT, include_bytes!("../../page/dom.js")),
    ("/menus.js", SCRIPT, include_bytes!("../../page/menus.js")),
    ("/message.css", STYLE, include_bytes!("../../page/message.css")),
    ("/message.js", SCRIPT, include_bytes!("../../page/message.js")),
    ("/net.js", SCRIPT, include_bytes!("../../page/net.js")),
    ("/popups.js", SCRIPT, include_bytes!("../../page/popups.js")),
    ("/rich.js", SCRIPT, include_bytes!("../../page/rich.js")),
    ("/sidebar.js", SCRIPT, include_bytes!("../../page/sidebar.js")),
    ("/store.js", SCRIPT, include_bytes!("../../page/store.js")),
    ("/style.css", STYLE, include_bytes!("../../page/style.css")),
    ("/theme.js", SCRIPT, include_bytes!("../../page/theme.js")),
    ("/thread.js", SCRIPT, include_bytes!("../../page/thread.js")),
];
