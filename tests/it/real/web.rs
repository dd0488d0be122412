//! A real nginx in front of an app: it answers 503 while a flag file is there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where Debian puts it, should it not be on PATH.
const USUAL: &str = "/usr/sbin/nginx";

/// The program, where it is installed.
pub fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).map(|it| it.join("nginx"));
    let mut places = folders.chain([PathBuf::from(USUAL)]);
    places.find(|it| it.is_file())
}

/// A server of its own: as the current user, in the foreground, everything it writes in one folder.
pub struct Nginx {
    child: Child,
    folder: PathBuf,
    pub address: SocketAddr,
}

impl Nginx {
    /// In front of `app`, closed while `flag` is there.
    pub async fn start(program: &Path, folder: &Path, app: SocketAddr, flag: &Path) -> Self {
        std::fs::create_dir_all(folder.join("temp")).expect("a folder");
        // Between asking for a free port and using it somebody else may take it.
        for _ in 0..5 {
            if let Some(running) = Self::try_start(program, folder, app, flag).await {
                return running;
            }
        }
        let said = std::fs::read_to_string(folder.join("error.log")).unwrap_or_default();
        panic!("nginx does not answer: {said}");
    }

    async fn try_start(
        program: &Path,
        folder: &Path,
        app: SocketAddr,
        flag: &Path,
    ) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("its address");
        drop(free);
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration(folder, address, app, flag)).expect("a file");
        let child = Command::new(program)
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.join("error.log"))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx can be started");
        let mut running = Self {
            child,
            folder: folder.to_owned(),
            address,
        };
        for _ in 0..200 {
            let ended = running.child.try_wait().expect("its state").is_some();
            if ended {
                return None;
            }
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Some(running);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// Status, who says so, and the body of a page.
    pub async fn get(&self, path: &str) -> (u16, String, String) {
        let url = format!("http://{}{path}", self.address);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(url).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let server = answer.headers().get("server");
        let server = server.and_then(|it| it.to_str().ok()).unwrap_or_default();
        let server = server.to_owned();
        (status, server, answer.text().await.expect("a body"))
    }

    /// How many requests it answered with a status, by its own log.
    pub fn answered(&self, status: u16) -> usize {
        let log = std::fs::read_to_string(self.folder.join("access.log")).unwrap_or_default();
        log.lines()
            .filter(|it| it.contains(&format!("\" {status} ")))
            .count()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(folder: &Path, address: SocketAddr, app: SocketAddr, flag: &Path) -> String {
    let (folder, flag) = (folder.display(), flag.display());
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|it| format!("    {it}_temp_path {folder}/temp/{it};\n"))
        .concat();
    format!(
        "daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
{temporary}    server {{
        listen {address};
        if (-f {flag}) {{
            return 503;
        }}
        location / {{
            proxy_pass http://{app};
        }}
    }}
}}
"
    )
}
