//! The demo's public page: readable from across the room.

use std::fmt::Write as _;

use super::Machine;
use super::look::{Service, Word};

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Demo service</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="2">
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1c1e21}
main{max-width:960px;margin:0 auto;padding:24px;display:grid;grid-template-columns:1fr 1fr;gap:20px}
@media(max-width:720px){main{grid-template-columns:1fr}}
header,footer{grid-column:1/-1}h1{margin:0;font-size:20px}header p,footer{color:#5b616a;margin:2px 0}
section{background:#fff;border-radius:12px;padding:20px 24px;border-top:8px solid var(--c)}
h2{margin:0;font-size:18px}.word{font-size:clamp(28px,5vw,44px);font-weight:800;letter-spacing:1px;line-height:1.2;color:var(--c);margin:4px 0 12px}
ul{list-style:none;margin:0;padding:0}li{padding:6px 0;border-top:1px solid #eceef1;display:flex;gap:10px}li b{flex:1;font-weight:600}
.good{color:#1a7f37}.bad{color:#c0262d}.up{--c:#1a7f37}.degraded{--c:#b26a00}.maintenance{--c:#b26a00}.down{--c:#c0262d}
dl{display:grid;grid-template-columns:auto 1fr;gap:2px 14px;margin:14px 0 0;color:#5b616a}dd{margin:0}
</style></head><body><main>
<header><h1>Demo service</h1><p>The machine that the sandbox's levers work on. Loopback only.</p></header>
"#;

pub(super) async fn page(machine: &Machine) -> String {
    let mut html = HEAD.to_owned();
    section(&mut html, &machine.tars().await);
    section(&mut html, &machine.jarvis().await);
    let count = machine.log().count;
    let firewall = escaped(&machine.firewall());
    let _ = write!(
        html,
        "<footer>Firewall: {firewall}<br>Requests so far: <b id=\"count\">{count}</b> (looking at this page is none)</footer></main></body></html>"
    );
    html
}

fn section(html: &mut String, service: &Service) {
    let class = match service.word {
        Word::Up => "up",
        Word::Degraded => "degraded",
        Word::Maintenance => "maintenance",
        Word::Down => "down",
    };
    let (name, word) = (service.name, service.word.shown());
    let _ = write!(
        html,
        "<section class=\"{class}\" id=\"{}\"><h2>{name}</h2><div class=\"word\">{word}</div><ul>",
        name.to_lowercase()
    );
    for part in &service.parts {
        let (class, mark) = if part.good {
            ("good", "✓")
        } else {
            ("bad", "✗")
        };
        let note = escaped(&part.note);
        let _ = write!(
            html,
            "<li><span class=\"{class}\">{mark}</span><b>{}</b><span class=\"{class}\">{note}</span></li>",
            part.name
        );
    }
    html.push_str("</ul><dl>");
    for (name, value) in &service.facts {
        let _ = write!(html, "<dt>{name}</dt><dd>{}</dd>", escaped(value));
    }
    html.push_str("</dl></section>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
