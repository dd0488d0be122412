//! Chromedriver and headless chromium, from Debian's `chromium` and `chromium-driver`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// How large the window is.
#[derive(Debug, Clone, Copy)]
pub enum Screen {
    Desktop,
    /// 390 × 844 with touch.
    Phone,
}

/// How often chromedriver is started before it is given up.
const TRIES: usize = 3;

/// A running chromedriver; it ends when this is dropped.
pub struct Driver {
    child: Child,
    port: u16,
    chromium: PathBuf,
    /// The browsers' profiles.
    folder: tempfile::TempDir,
}

impl Driver {
    /// Starts chromedriver, or says what is missing.
    ///
    /// It chooses its port for IPv4 first and ends where the same port is taken for IPv6: then it chooses anew.
    pub fn start() -> Result<Self, String> {
        let mut tries = std::iter::repeat_with(Self::try_start).take(TRIES);
        tries.find(Result::is_ok).unwrap_or_else(Self::try_start)
    }

    fn try_start() -> Result<Self, String> {
        let program = find(&["chromedriver"]).ok_or("chromedriver is not installed")?;
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let chromium = find(&names).ok_or("chromium is not installed")?;
        let mut child = Command::new(program)
            .arg("--port=0")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver cannot be started: {error}"))?;
        let output = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let Some(port) = lines.find_map(|line| port_of(&line)) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err("chromedriver did not say on which port it listens".to_owned());
        };
        // Whatever else it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        Ok(Self {
            child,
            port,
            chromium,
            folder,
        })
    }

    /// Opens a browser of its own profile.
    pub async fn browser(&self, screen: Screen) -> Client {
        let profile = self.folder.path().join(format!("{screen:?}"));
        let mut arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            "--force-device-scale-factor=1",
            "--window-size=1280,900",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let mut chrome = json!({"args": arguments, "binary": self.chromium});
        if matches!(screen, Screen::Phone) {
            let metrics = json!({"width": 390, "height": 844, "pixelRatio": 1, "touch": true});
            chrome["mobileEmulation"] = json!({"deviceMetrics": metrics});
        }
        let mut wanted = Capabilities::new();
        wanted.insert("browserName".to_owned(), json!("chrome"));
        wanted.insert("goog:chromeOptions".to_owned(), chrome);
        let driver = format!("http://127.0.0.1:{}", self.port);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        builder.connect(&driver).await.expect("chromium starts")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `ChromeDriver was started successfully on port 34567.`
fn port_of(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|file| Path::is_file(file))
}
