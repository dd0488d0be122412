//! The chat page as a person uses it: choose who one is, write, press, look.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::driver::{Driver, Screen};
use crate::harness::Harness;

/// How long the page may take to show something; far above what it needs.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);

/// The pictures that are kept in the repository; all others stay in `target`.
const KEPT: [&str; 17] = [
    "tars-1-declared",
    "tars-2-containment",
    "tars-3-eradication",
    "tars-5-closed",
    "jarvis-1-containment",
    "jarvis-3-notification",
    "jarvis-6-closed",
    "phone",
    "dark",
    "lever-1-request",
    "lever-2-pulled",
    "lever-3-demo-down",
    "lever-4-restored",
    "lever-5-demo-up",
    "lever-6-rotate",
    "lever-7-rotated",
    "lever-8-exported",
];

/// Toasts fade: this keeps the words of every one that was shown.
const KEEP_TOASTS: &str = "
    window.toasts = [];
    new MutationObserver((changes) => {
        for (const change of changes)
            for (const node of change.addedNodes)
                if (node.dataset?.testid === 'toast') window.toasts.push(node.innerText);
    }).observe(document.getElementById('toasts'), {childList: true});";

/// The newest card that still has buttons, as an element.
const CARD: &str = "
    const rows = [...document.querySelectorAll('#list .row')].filter((row) =>
        /^\\S+ (SEC|DRILL)-\\d+-\\d+ · /m.test(row.querySelector('.text')?.innerText ?? '') && row.querySelector('.key'));
    return rows.at(-1);";

pub struct Page<'a> {
    client: Client,
    harness: &'a Harness,
}

impl<'a> Page<'a> {
    /// Opens the chat page and waits until it is there.
    pub async fn open(driver: &Driver, harness: &'a Harness, screen: Screen, place: &str) -> Self {
        let client = driver.browser(screen).await;
        let page = Self { client, harness };
        let address = format!("{}{place}", harness.page());
        page.client.goto(&address).await.expect("the page opens");
        page.until(
            "the page is ready",
            "return document.body.dataset.ready === '1'",
            vec![],
        )
        .await;
        page.run(KEEP_TOASTS, vec![]).await;
        if matches!(screen, Screen::Desktop) {
            // The window has a frame, even without a head.
            let frame = page.run("return outerHeight - innerHeight", vec![]).await;
            let frame = frame
                .as_u64()
                .and_then(|it| u32::try_from(it).ok())
                .unwrap_or(0);
            page.client
                .set_window_size(1280, 900 + frame)
                .await
                .expect("the window can be resized");
        }
        page
    }

    pub async fn close(self) {
        self.client.close().await.expect("the browser closes");
    }

    // --- what a person does ---

    /// From now on as somebody else, chosen in the switcher.
    pub async fn becomes(&self, name: &str) {
        let id = format!("person-{}", self.harness.person(name));
        self.click(&by_testid(&id)).await;
        let chosen = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.ariaChecked === 'true'";
        self.until(&format!("one is {name}"), chosen, vec![json!(id)])
            .await;
    }

    pub async fn opens_chat(&self, title: &str) {
        let chat = self.harness.chat(title).id();
        self.click(&by_testid(&format!("chat-{chat}"))).await;
        let shown = "return document.getElementById('title').innerText === arguments[0]";
        self.until(&format!("{title:?} is open"), shown, vec![json!(title)])
            .await;
    }

    /// Opens the newest topic.
    pub async fn opens_topic(&self) {
        let newest =
            "return [...document.querySelectorAll('.topic[data-thread]')].at(-1).dataset.testid";
        let topics = "return document.querySelectorAll('.topic[data-thread]').length > 1";
        self.until("there is a topic", topics, vec![]).await;
        let id = self.run(newest, vec![]).await;
        let id = id.as_str().expect("an id");
        self.click(&by_testid(id)).await;
        let chosen = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.ariaSelected === 'true'";
        self.until("the topic is open", chosen, vec![json!(id)])
            .await;
    }

    /// Writes into the composer and sends it with the button.
    pub async fn says(&self, text: &str) {
        self.types(text).await;
        self.click(&by_testid("send")).await;
        let empty = "return document.getElementById('composer').value === ''";
        self.until(&format!("{text:?} is sent"), empty, vec![])
            .await;
        self.harness.quiet().await;
    }

    async fn types(&self, text: &str) {
        let field = self.find("//textarea[@data-testid='composer']").await;
        field.send_keys(text).await.expect("one can write");
    }

    /// Presses the newest button with exactly this label.
    pub async fn presses(&self, label: &str) {
        let path = format!(
            "(//*[@id='list']//button[@data-testid='button' and normalize-space(.)='{label}'])[last()]"
        );
        self.click(&path).await;
        self.harness.quiet().await;
        let answered = "return !document.querySelector('.key.busy')";
        self.until(&format!("{label:?} is answered"), answered, vec![])
            .await;
    }

    /// Answers the newest message that says `part`, with the arrow that shows under the pointer.
    pub async fn replies(&self, part: &str, text: &str) {
        let row = format!("(//*[@id='list']//article[contains(.,'{part}')])[last()]");
        let bubble = self
            .find(&format!("{row}//*[contains(@class,'text')]"))
            .await;
        let to = PointerAction::MoveToElement {
            element: bubble,
            duration: Some(Duration::from_millis(20)),
            x: 0.0,
            y: 0.0,
        };
        let mouse = MouseActions::new("mouse".to_owned()).then(to);
        self.client
            .perform_actions(mouse)
            .await
            .expect("the pointer moves");
        self.click(&format!("{row}//button[@aria-label='Reply (R)']"))
            .await;
        self.until(
            "a reply is begun",
            "return !document.getElementById('context').hidden",
            vec![],
        )
        .await;
        self.says(text).await;
    }

    /// Goes to the card by the bar above the messages.
    pub async fn goes_to_the_card(&self) {
        self.click(&by_testid("pinned")).await;
        let there = format!(
            "const card = (() => {{ {CARD} }})();
            const top = card?.getBoundingClientRect().top ?? -1;
            return top >= document.getElementById('scroll').getBoundingClientRect().top - 2 && top < innerHeight / 2"
        );
        self.until("the card's head is in view", &there, vec![])
            .await;
    }

    /// Presses keys, wherever the focus is.
    pub async fn keys(&self, keys: &str) {
        for _ in 0..10 {
            let focus = self.client.active_element().await;
            let focus = focus.expect("something has the focus");
            match focus.send_keys(keys).await {
                // The card was drawn anew in between: nothing was pressed.
                Err(error) if error.is_stale_element_reference() => {}
                pressed => return pressed.expect("keys can be pressed"),
            }
        }
        panic!("the focus never stands still");
    }

    pub async fn click(&self, path: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            // A message that is drawn anew takes its buttons away: look again.
            let error = match self.client.find(Locator::XPath(path)).await {
                Ok(element) => match element.click().await {
                    Ok(()) => return,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            let seen = self.text().await;
            assert!(
                Instant::now() < until,
                "{path} cannot be clicked: {error}\n{seen}"
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn find(&self, path: &str) -> Element {
        let waiting = self.client.wait().at_most(PATIENCE).every(GLANCE);
        let found = waiting.for_element(Locator::XPath(path)).await;
        found.unwrap_or_else(|error| panic!("{path} is not on the page: {error}"))
    }

    // --- what a person sees ---

    /// Waits until the open chat shows these words.
    pub async fn sees(&self, words: &str) {
        let script = "return document.getElementById('list').innerText.includes(arguments[0])";
        self.until(
            &format!("the chat shows {words:?}"),
            script,
            vec![json!(words)],
        )
        .await;
    }

    /// Waits until the newest card shows these words, its buttons included.
    pub async fn card_shows(&self, words: &str) {
        let script = format!(
            "const card = (() => {{ {CARD} }})(); return (card?.innerText ?? '').includes(arguments[0]);"
        );
        self.until(
            &format!("the card shows {words:?}"),
            &script,
            vec![json!(words)],
        )
        .await;
    }

    /// Waits until a toast with these words was shown.
    pub async fn toasted(&self, words: &str) {
        let script = "return window.toasts.some((toast) => toast.includes(arguments[0]))";
        self.until(
            &format!("a toast says {words:?}"),
            script,
            vec![json!(words)],
        )
        .await;
    }

    /// Waits until the bar above the messages shows these words.
    pub async fn pinned(&self, words: &str) {
        let script = "const bar = document.getElementById('pinned');
            return !bar.hidden && bar.innerText.includes(arguments[0])";
        self.until(
            &format!("the pinned bar shows {words:?}"),
            script,
            vec![json!(words)],
        )
        .await;
    }

    /// Runs a script that looks at the page.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client
            .execute(script, arguments)
            .await
            .expect("the script runs")
    }

    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) {
        let until = Instant::now() + PATIENCE;
        while self.run(script, arguments.clone()).await != json!(true) {
            if Instant::now() >= until {
                let file = self.picture("failed").await;
                panic!("{what}: no; see {}\n{}", file.display(), self.text().await);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn text(&self) -> String {
        let text = self
            .run("return document.getElementById('main').innerText", vec![])
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Takes a picture into `target/screenshots`, and into `docs/screenshots` if it is kept and asked for.
    pub async fn picture(&self, name: &str) -> PathBuf {
        // No ring around what was pressed last, no toast over what is to be seen.
        let tidy = "document.activeElement?.blur();
            document.getElementById('toasts').replaceChildren()";
        self.run(tidy, vec![]).await;
        // Fonts and pictures are there, nothing moves any more.
        let still = "return document.fonts.status === 'loaded' && [...document.images].every((it) => it.complete)
            && document.getAnimations().every((it) => it.playState !== 'running' || it.effect.getTiming().iterations === Infinity)";
        let until = Instant::now() + Duration::from_secs(5);
        while self.run(still, vec![]).await != json!(true) && Instant::now() < until {
            tokio::time::sleep(GLANCE).await;
        }
        let bytes = self.client.screenshot().await.expect("a picture");
        keep(name, &bytes)
    }

    /// What an alert says; it is closed.
    pub async fn told(&self) -> String {
        let box_of = self.find("//dialog[@data-testid='alert']//p").await;
        let text = box_of.text().await.expect("it says something");
        self.click("//dialog[@data-testid='alert']//button[normalize-space(.)='OK']")
            .await;
        text
    }
}

/// Keeps a picture in `target/screenshots`, and in `docs/screenshots` if it is one of those and asked for.
pub fn keep(name: &str, bytes: &[u8]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .with_file_name("screenshots")
        .join(format!("{name}.png"));
    write(&file, bytes);
    if KEPT.contains(&name) && std::env::var("BREAKGLASS_SCREENSHOTS").is_ok_and(|it| it == "docs")
    {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
        write(&docs.join(format!("{name}.png")), bytes);
    }
    file
}

fn write(file: &Path, bytes: &[u8]) {
    let folder = file.parent().expect("a folder");
    std::fs::create_dir_all(folder).expect("the folder for pictures");
    std::fs::write(file, bytes).expect("the picture is written");
}

fn by_testid(id: &str) -> String {
    format!("//*[@data-testid='{id}']")
}
