//! `breakglass sandbox`: the real bot against a stand-in for Telegram, with a chat page.

pub mod demo;

use std::net::SocketAddr;
use std::path::PathBuf;

use demo::Demo;
use telegram_sandbox::{Control, NewChat, NewUser, Options as StandIn, Rights, Sandbox, Say};

use crate::config::{Settings, Telegram};
use crate::evidence::export::seal::Recipients;
use crate::incident::UserId;
use crate::run;
use crate::secret::Secret;

/// How the sandbox is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the chat page is served.
    pub listen: SocketAddr,
    /// Where the demo service is served.
    pub demo: SocketAddr,
    /// Keep the incidents here.
    pub database: Option<PathBuf>,
    /// A folder with plans.
    pub plans: Option<PathBuf>,
}

/// The people and groups that a newcomer finds.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// Olivia, the owner.
    pub owner: i64,
    /// Alice, a responder.
    pub alice: i64,
    /// Bob, a responder.
    pub bob: i64,
    /// Mallory, who belongs to no team.
    pub outsider: i64,
    /// A plain group.
    pub group: i64,
    /// A forum group where the bot may make topics.
    pub forum: i64,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// One line that says what to change.
pub async fn run(options: Options) -> Result<(), String> {
    stays_here("--listen", options.listen)?;
    stays_here("--demo", options.demo)?;
    let stand_in = Sandbox::start(StandIn {
        listen: options.listen,
        page: true,
        // A kept database knows the numbers of earlier runs: they only ever rise.
        first_update_id: crate::clock::Clock::system().now().timestamp(),
        ..StandIn::default()
    })
    .await
    .map_err(|error| format!("--listen {}: {error}; choose another port", options.listen))?;
    let world = seed(&stand_in.control());
    // A random one is good for one run; a kept database wants the same again.
    let key = match crate::config::secret_key(|name| std::env::var(name).ok()) {
        Ok(None) if options.database.is_none() => crate::totp::Key::random().ok(),
        given => given.map_err(|error| error.to_string())?,
    };
    let scratch = Scratch::new(options.database)?;
    let demo = Demo::start(scratch.demo(), options.demo)
        .await
        .map_err(|error| format!("the demo service: {error}"))?;
    let settings = Settings {
        telegram: Telegram {
            token: Secret::new(stand_in.token().to_owned()),
            api_url: stand_in.api_url(),
            webhook: None,
        },
        recipients: Recipients::default(),
        evidence: crate::config::beside(&scratch.url()),
        database: scratch.url(),
        owners: [UserId(world.owner)].into(),
        home_chat: None,
        plans: options.plans,
        messages: None,
        listen: options.listen,
        secret_key: key,
        admin_token: None,
        journal: scratch.journal(),
    };
    // The levers find the demo, and nothing of the real environment.
    let how = run::Options {
        targets: demo.lookup(),
        ..run::Options::default()
    };
    // Before the bot starts: its first words find a chat that it is in.
    enter(&stand_in.control(), world);
    staff(&stand_in.control(), world);
    let mut running = match run::start(&settings, how).await {
        Ok(running) => running,
        Err(error) => {
            stand_in.stop().await;
            demo.stop().await;
            return Err(refused(error));
        }
    };
    println!("breakglass sandbox: http://{}/", stand_in.addr());
    println!(
        "demo service that the levers work on: http://{}/",
        demo.address()
    );
    println!("Open the first one, choose a person and a group, and type: /declare P1 key leaked");
    println!("A lever: as Bob /emergency_shutdown, then tell Olivia the number that it shows you.");
    println!("Ctrl-C ends everything.");
    let ended = tokio::select! {
        ended = running.ended() => ended,
        () = run::asked_to_stop() => Ok(()),
    };
    running.stop().await;
    stand_in.stop().await;
    demo.stop().await;
    drop(scratch);
    ended.map_err(|error| error.to_string())
}

/// Nobody is asked who they are in the sandbox: other machines must not reach it.
fn stays_here(name: &str, address: SocketAddr) -> Result<(), String> {
    if address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "{name} {address}: the sandbox asks nobody for a password, so it is served on this machine only; use 127.0.0.1:{}",
        address.port()
    ))
}

/// What was given on the command line is no setting.
fn refused(error: run::StartError) -> String {
    match error {
        run::StartError::Database(error) => format!("--database: {error}"),
        run::StartError::Plan(error) => format!("--plans: {error}"),
        run::StartError::Plans { folder, why } => format!("--plans: {folder}: {why}"),
        error => error.to_string(),
    }
}

/// Makes the people and the groups; nobody has brought the bot in yet.
pub fn seed(control: &Control) -> World {
    let person = |first: &str, last: &str, username: &str| {
        control.add_user(NewUser {
            last_name: Some(last.to_owned()),
            ..NewUser::named(first, username)
        })
    };
    let owner = person("Olivia", "Owner", "olivia");
    let alice = person("Alice", "Archer", "alice");
    let bob = person("Bob", "Baker", "bob");
    let outsider = person("Mallory", "Moss", "mallory");
    let group = control.add_chat(NewChat::group("War room"));
    let forum = control.add_chat(NewChat::forum("Incident forum"));
    for chat in [group, forum] {
        for member in [owner, alice, bob] {
            control.join(chat, member);
        }
        control.make_owner(chat, owner);
    }
    World {
        owner,
        alice,
        bob,
        outsider,
        group,
        forum,
    }
}

/// The owner brings the bot in: that puts both groups into use.
pub fn enter(control: &Control, world: World) {
    // As an administrator from the start: its first words ask for no rights that it has.
    control.make_bot_admin(world.group, world.owner, Rights::ALL);
    control.make_bot_admin(world.forum, world.owner, Rights::ALL);
}

/// The owner makes Bob a commander in both groups, as any owner would: so he asks for a lever, and she approves it.
pub fn staff(control: &Control, world: World) {
    for chat in [world.group, world.forum] {
        let said = control.says(chat, world.bob, "I am on call this week");
        let grant = Say::text("/grant commander").reply_to(said);
        control.send(chat, world.owner, grant);
    }
}

/// The database of one sandbox, and the folder of its demo service.
struct Scratch {
    file: PathBuf,
    folder: PathBuf,
}

impl Scratch {
    fn new(database: Option<PathBuf>) -> Result<Self, String> {
        let folder =
            std::env::temp_dir().join(format!("breakglass-sandbox-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let file = database.unwrap_or_else(|| folder.join("sandbox.db"));
        Ok(Self { file, folder })
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.file.display())
    }

    fn journal(&self) -> PathBuf {
        self.file.with_extension("journal")
    }

    fn demo(&self) -> PathBuf {
        self.folder.join("demo")
    }

    fn remove(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!("{} could not be removed: {error}", self.folder.display());
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}
