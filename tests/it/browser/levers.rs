//! Levers, as two people pull them: the demo's page goes down before their eyes and comes back.

use std::time::Duration;

use breakglass::sandbox::{self, demo::Demo};
use telegram_sandbox::{Control, Rights};

use super::driver::{Driver, Screen};
use super::page::{self, Page};
use super::{driver, watch};
use crate::harness::{Harness, Stage};

/// How long a lever may run; far above what it needs.
const PATIENCE: Duration = Duration::from_mins(2);

struct Play<'a> {
    page: &'a Page<'a>,
    driver: &'a Driver,
    harness: &'a Harness,
    demo: &'a Demo,
}

/// The sandbox as a newcomer finds it: the owner made Bob a commander, and the levers reach the demo.
async fn tell(story: impl AsyncFnOnce(&Play<'_>)) {
    let Some((driver, _turn)) = driver().await else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let demo = Demo::start(folder.path().join("demo"), listen).await;
    let demo = demo.expect("the demo starts");
    let stage = Stage {
        page: true,
        targets: Some(demo.lookup()),
        ..Stage::default()
    };
    let harness = Harness::with(stage).await;
    let world = harness.world;
    harness
        .control
        .make_bot_admin(world.group, world.owner, Rights::ALL);
    sandbox::staff(&harness.control, world);
    harness.quiet().await;
    let page = Page::open(&driver, &harness, Screen::Desktop, "").await;
    watch(page, async |page| {
        let play = Play {
            page,
            driver: &driver,
            harness: &harness,
            demo: &demo,
        };
        story(&play).await;
    })
    .await;
    harness.end().await;
    demo.stop().await;
}

impl Play<'_> {
    /// Bob asks, Olivia hears his number and picks it.
    async fn two(&self, lever: &str) {
        self.page.becomes("Bob").await;
        self.page.says(lever).await;
        let number = self.number().await;
        self.page.becomes("Olivia").await;
        self.page.presses(&number).await;
    }

    /// The number that the page shows to Bob alone.
    async fn number(&self) -> String {
        self.page.presses("I asked: show number").await;
        let told = self.page.told().await;
        let number = told.split(" is ").nth(1);
        let number = number.and_then(|it| it.split('.').next());
        number.expect("a number").to_owned()
    }

    /// Says of each step that waits for a person that it is done, until the chat shows these words.
    async fn does_by_hand(&self, end: &str) {
        let room = self.harness.world.group;
        let asked = |control: &Control| {
            let all = control.transcript(room);
            let keys = all.iter().rev().flat_map(|it| it.keyboard.iter().flatten());
            let mut labels = keys.map(|key| key.text.clone());
            labels.find(|label| label.ends_with(" · Done"))
        };
        let ended = |control: &Control| {
            let all = control.transcript(room);
            all.iter().any(|it| it.is_bot && it.text.contains(end))
        };
        loop {
            let control = &self.harness.control;
            let goes_on = control
                .wait_until(PATIENCE, |it| ended(it) || asked(it).is_some())
                .await;
            assert!(goes_on, "the run neither asks nor ends");
            let Some(label) = asked(control) else { return };
            self.page.presses(&label).await;
            let taken = control.wait_until(PATIENCE, |it| asked(it).as_ref() != Some(&label));
            assert!(taken.await, "{label:?} is not taken");
        }
    }

    /// Waits until the chat shows these words.
    async fn shows(&self, words: &str) {
        let room = self.harness.world.group;
        let shown = self.harness.control.wait_until(PATIENCE, |control| {
            let all = control.transcript(room);
            all.iter().any(|it| it.is_bot && it.text.contains(words))
        });
        assert!(shown.await, "the chat never shows {words:?}");
        self.harness.quiet().await;
        self.page.sees(words).await;
    }

    /// What one who stands in the kitchen sees on a phone.
    async fn on_a_phone(&self, name: &str) {
        let place = self.page.run("return location.hash", vec![]).await;
        let place = place.as_str().unwrap_or_default();
        let phone = Page::open(self.driver, self.harness, Screen::Phone, place).await;
        watch(phone, async |phone| {
            phone.picture(name).await;
        })
        .await;
    }

    /// The demo's own page.
    async fn demo_shows(&self, word: &str, name: &str) {
        let client = self.driver.browser(Screen::Phone).await;
        let address = format!("http://{}/", self.demo.address());
        client.goto(&address).await.expect("the demo's page opens");
        let word_of = "return document.querySelector('#tars .word').innerText";
        let shown = client.execute(word_of, vec![]).await;
        let picture = client.screenshot().await.expect("a picture");
        client.close().await.expect("the browser closes");
        page::keep(name, &picture);
        assert_eq!(shown.expect("a word").as_str(), Some(word));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_take_the_demo_down_and_bring_it_back() {
    tell(async |play| {
        let page = play.page;
        page.becomes("Bob").await;
        page.opens_chat("War room").await;
        page.says("/declare P0 Signing key found in a public repository")
            .await;
        page.says("/emergency_shutdown The key is public").await;
        page.sees("Emergency shutdown").await;
        page.becomes("Olivia").await;
        play.on_a_phone("lever-1-request").await;
        page.becomes("Bob").await;
        let number = play.number().await;
        page.becomes("Olivia").await;
        page.presses(&number).await;
        play.shows("Run 1 · Emergency shutdown: done").await;
        play.on_a_phone("lever-2-pulled").await;
        play.demo_shows("DOWN", "lever-3-demo-down").await;

        play.two("/restore The key is revoked").await;
        play.shows("Run 2 · Restore service: done").await;
        play.on_a_phone("lever-4-restored").await;
        play.demo_shows("UP", "lever-5-demo-up").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_rotated_and_evidence_handed_on() {
    tell(async |play| {
        let page = play.page;
        page.becomes("Bob").await;
        page.opens_chat("War room").await;
        page.says("/declare P0 A laptop with keys was stolen").await;
        page.says("/collect").await;
        play.shows("Run 1 · Collect evidence: done").await;
        play.two("/rotate all The laptop was stolen").await;
        play.shows("5 steps wait for a person").await;
        play.on_a_phone("lever-6-rotate").await;
        page.becomes("Bob").await;
        play.does_by_hand("Run 2 · Every credential: done").await;
        play.shows("Run 2 · Every credential: done").await;
        page.says("/rotate").await;
        page.sees("Webhook secrets (webhook_secrets): rotated")
            .await;
        play.on_a_phone("lever-7-rotated").await;
        page.becomes("Olivia").await;
        page.says("/export").await;
        play.shows("VERIFY.html").await;
        play.on_a_phone("lever-8-exported").await;
    })
    .await;
}
