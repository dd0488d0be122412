//! The chat page in a real browser: whole incidents, walked by different persons with the mouse and with the keyboard.

mod driver;
mod keyboard;
mod levers;
mod page;
mod walks;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt as _;
use telegram_sandbox::Rights;
use tokio::sync::{Mutex, MutexGuard};

use crate::harness::{Harness, Stage};
use driver::{Driver, Screen};
use page::Page;

/// Browsers are heavy: one test at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// A driver, or `None` where no browser is installed and none is demanded.
async fn driver() -> Option<(Driver, MutexGuard<'static, ()>)> {
    let turn = TURN.lock().await;
    match Driver::start() {
        Ok(driver) => Some((driver, turn)),
        Err(missing) => {
            let required =
                std::env::var("BREAKGLASS_TEST_BROWSER").is_ok_and(|it| it == "required");
            assert!(!required, "a browser is required: {missing}");
            let line =
                format!("SKIPPED: browser test: {missing} (Debian: chromium, chromium-driver)");
            // Past the test runner, which hides what a passing test prints.
            let _ = writeln!(std::io::stderr(), "{line}");
            None
        }
    }
}

/// Tells a story on the page; the bot may pin in both groups.
async fn tell(story: impl AsyncFnOnce(&Page<'_>, &Driver, &Harness)) {
    let Some((driver, _turn)) = driver().await else {
        return;
    };
    let stage = Stage {
        page: true,
        ..Stage::default()
    };
    let harness = Harness::with(stage).await;
    let world = harness.world;
    harness
        .control
        .make_bot_admin(world.group, world.owner, Rights::ALL);
    harness.quiet().await;
    let page = Page::open(&driver, &harness, Screen::Desktop, "").await;
    watch(page, async |page| story(page, &driver, &harness).await).await;
    harness.end().await;
}

/// Closes the browser whatever happens in the story.
async fn watch(page: Page<'_>, story: impl AsyncFnOnce(&Page<'_>)) {
    let told = AssertUnwindSafe(story(&page)).catch_unwind().await;
    page.close().await;
    if let Err(panic) = told {
        resume_unwind(panic);
    }
}
