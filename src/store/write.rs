//! Writes one plan in one transaction.

use std::{collections::BTreeMap, mem::take};

use sqlx::{Any, AnyConnection, Connection};

use super::{
    open::Engine,
    plan::Plan,
    sql::{Many, Value, bind},
    types::{OutboxState, Settlement},
};

const CHATS: Many = Many::rows(
    "INSERT INTO chats (key, telegram_id, title, kind) VALUES ",
    4,
    " ON CONFLICT DO NOTHING",
);
const UPDATES: Many = Many::rows(
    "INSERT INTO updates (update_id, at) VALUES ",
    2,
    " ON CONFLICT DO NOTHING",
);
const TIMERS_DONE: Many = Many::keys("DELETE FROM timers WHERE id IN ", "");
const PLANS: Many = Many::rows(
    "INSERT INTO plans (revision, source, at) VALUES ",
    3,
    " ON CONFLICT DO NOTHING",
);
const PEOPLE: Many = Many::rows(
    "INSERT INTO people (user_id, username, name, language, seen) VALUES ",
    5,
    " ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, name = excluded.name, language = excluded.language, seen = excluded.seen",
);
const JOINED: Many = Many::rows(
    "INSERT INTO members (chat, user_id) VALUES ",
    2,
    " ON CONFLICT DO NOTHING",
);
const LEFT: Many = Many::rows(
    "DELETE FROM members WHERE (chat, user_id) IN (VALUES ",
    2,
    ")",
);
const STREAMS: Many = Many::rows(
    "INSERT INTO streams (stream, chat) VALUES ",
    2,
    " ON CONFLICT DO NOTHING",
);
const EVENTS: Many = Many::rows(
    "INSERT INTO events (stream, seq, chat, position, at, kind, body, prev, hash) VALUES ",
    9,
    " ON CONFLICT DO NOTHING",
);
const OUTBOX: Many = Many::rows(
    "INSERT INTO outbox (id, chat, incident, lane, body, at) VALUES ",
    6,
    "",
);
const TIMERS: Many = Many::rows(
    "INSERT INTO timers (id, chat, due, kind, body) VALUES ",
    5,
    " ON CONFLICT (id) DO UPDATE SET chat = excluded.chat, due = excluded.due, kind = excluded.kind, body = excluded.body",
);
const CARDS: Many = Many::rows(
    "INSERT INTO cards (incident, chat, message_id, thread_id, shown_version, shown_hash) VALUES ",
    6,
    " ON CONFLICT (incident) DO UPDATE SET chat = excluded.chat, message_id = excluded.message_id, thread_id = excluded.thread_id, shown_version = excluded.shown_version, shown_hash = excluded.shown_hash",
);
const SETTINGS: Many = Many::rows(
    "INSERT INTO settings (name, value) VALUES ",
    2,
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
);
const SET_ASIDE: Many = Many::rows(
    "INSERT INTO set_aside (id, update_id, at, kind, reason, body) VALUES ",
    6,
    "",
);

const SENDING: Many = Many::keys(
    "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id IN ",
    "",
);
const DONE: Many = Many::keys("DELETE FROM outbox WHERE id IN ", "");
const SENT: Many = Many::rows(
    "UPDATE outbox SET state = 'sent', error = NULL, message_id = v.column2 FROM (VALUES ",
    2,
    ") AS v WHERE outbox.id = v.column1",
);
const WAITING: Many = Many::rows(
    "UPDATE outbox SET state = 'waiting', error = NULL, attempts = v.column2 FROM (VALUES ",
    2,
    ") AS v WHERE outbox.id = v.column1",
);
const STOPPED: Many = Many::rows(
    "UPDATE outbox SET state = v.column2, error = v.column3 FROM (VALUES ",
    3,
    ") AS v WHERE outbox.id = v.column1",
);

/// Why a plan was not committed.
pub(super) enum Failed {
    /// Some rows are there already (or gone already). Rolled back; ask [`super::learn`] which.
    Clash,
    /// The database refused. `committing` if it was on COMMIT, when the outcome may be unknown.
    Database {
        error: sqlx::Error,
        committing: bool,
    },
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Database {
            error,
            committing: false,
        }
    }
}

/// Writes a plan (its event and outbox rows are used up). On an error nothing of it is kept, save for an unknown outcome of COMMIT.
pub(super) async fn write(
    conn: &mut AnyConnection,
    engine: Engine,
    plan: &mut Plan,
) -> Result<(), Failed> {
    let mut transaction = conn.begin_with(engine.begin()).await?;
    if !rows(&mut transaction, plan).await? {
        transaction.rollback().await?;
        return Err(Failed::Clash);
    }
    transaction
        .commit()
        .await
        .map_err(|error| Failed::Database {
            error,
            committing: true,
        })
}

/// Writes the rows. False if some that must be new are not, or some that must be there are gone.
async fn rows(conn: &mut AnyConnection, plan: &mut Plan) -> sqlx::Result<bool> {
    if !checked(conn, CHATS, plan.chats.clone()).await?
        || !change_chats(conn, plan).await?
        || !checked(conn, UPDATES, plan.updates.clone()).await?
        || !checked(conn, TIMERS_DONE, plan.timers_done.clone()).await?
    {
        return Ok(false);
    }
    STREAMS.run(conn, take(&mut plan.streams)).await?;
    if !checked(conn, EVENTS, take(&mut plan.events)).await? {
        return Ok(false);
    }
    OUTBOX.run(conn, take(&mut plan.outbox)).await?;
    people(conn, plan).await?;
    state(conn, plan).await?;
    settle(conn, &plan.settlements).await?;
    if let Some((updates, outbox)) = plan.prune {
        sqlx::query("DELETE FROM updates WHERE at < $1")
            .bind(updates)
            .execute(&mut *conn)
            .await?;
        sqlx::query("DELETE FROM outbox WHERE at < $1 AND (state = 'sent' OR state = 'dropped')")
            .bind(outbox)
            .execute(&mut *conn)
            .await?;
    }
    Ok(true)
}

async fn checked(
    conn: &mut AnyConnection,
    statement: Many,
    values: Vec<Value>,
) -> sqlx::Result<bool> {
    let wanted = (values.len() / statement.width.max(1)) as u64;
    Ok(statement.run(conn, values).await? == wanted)
}

async fn change_chats(conn: &mut AnyConnection, plan: &Plan) -> sqlx::Result<bool> {
    for chat in &plan.chat_updates {
        let values = [
            chat.key.into(),
            chat.title.as_str().into(),
            chat.kind.as_str().into(),
        ];
        sqlx::query_with::<Any, _>(
            "UPDATE chats SET title = $2, kind = $3 WHERE key = $1",
            bind(values, 3),
        )
        .execute(&mut *conn)
        .await?;
    }
    for moved in &plan.chat_moves {
        let text = "UPDATE chats SET telegram_id = $2 WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM chats AS c WHERE c.telegram_id = $2 AND c.key <> $1)";
        let done = sqlx::query(text)
            .bind(moved.key)
            .bind(moved.telegram_id)
            .execute(&mut *conn)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn people(conn: &mut AnyConnection, plan: &Plan) -> sqlx::Result<()> {
    let people = plan.people.values().flat_map(|person| {
        let username: Value = person.username.clone().into();
        [
            person.user_id.into(),
            username,
            person.name.as_str().into(),
            person.language.clone().into(),
            person.seen.into(),
        ]
    });
    PEOPLE.run(conn, people.collect()).await?;
    let pairs = |joined: bool| {
        let chosen = plan
            .members
            .iter()
            .filter(move |(_, here)| **here == joined);
        chosen
            .flat_map(|((chat, user), _)| [Value::Int(*chat), Value::Int(*user)])
            .collect::<Vec<_>>()
    };
    JOINED.run(conn, pairs(true)).await?;
    LEFT.run(conn, pairs(false)).await?;
    Ok(())
}

async fn state(conn: &mut AnyConnection, plan: &mut Plan) -> sqlx::Result<()> {
    let plans = plan.plans.iter().flat_map(|(revision, source)| {
        [
            revision.as_str().into(),
            source.as_str().into(),
            plan.at.into(),
        ]
    });
    PLANS.run(conn, plans.collect()).await?;
    let mut cancelled = Vec::new();
    let mut set = Vec::new();
    for (id, timer) in &plan.timers {
        let Some(timer) = timer else {
            cancelled.push(id.as_str().into());
            continue;
        };
        set.extend([
            id.as_str().into(),
            timer.chat.into(),
            timer.due.into(),
            timer.kind.as_str().into(),
            timer.body.as_str().into(),
        ]);
    }
    TIMERS_DONE.run(conn, cancelled).await?;
    TIMERS.run(conn, set).await?;
    let cards = plan.cards.values().flat_map(|card| {
        [
            card.incident.as_str().into(),
            card.chat.into(),
            card.message_id.into(),
            card.thread_id.into(),
            card.shown_version.into(),
            card.shown_hash.as_str().into(),
        ]
    });
    CARDS.run(conn, cards.collect()).await?;
    let settings = plan
        .settings
        .iter()
        .flat_map(|(name, value)| [name.as_str().into(), value.as_str().into()]);
    SETTINGS.run(conn, settings.collect()).await?;
    SET_ASIDE.run(conn, take(&mut plan.set_aside)).await?;
    Ok(())
}

/// Marks deliveries. Of several marks for one delivery in a row the last decides its state. In the
/// order of ids, so that two replicas do not block each other.
async fn settle(conn: &mut AnyConnection, settlements: &[Settlement]) -> sqlx::Result<()> {
    let mut last: BTreeMap<i64, &Settlement> = BTreeMap::new();
    let mut sending = Vec::new();
    for settlement in settlements {
        let (Settlement::Sending { id }
        | Settlement::Sent { id, .. }
        | Settlement::Done { id }
        | Settlement::Waiting { id, .. }
        | Settlement::Parked { id, .. }
        | Settlement::Dropped { id, .. }) = settlement;
        if matches!(settlement, Settlement::Sending { .. }) {
            sending.push(Value::Int(*id));
        }
        last.insert(*id, settlement);
    }
    SENDING.run(conn, sending).await?;
    let (mut done, mut sent, mut waiting, mut stopped) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for settlement in last.into_values() {
        match settlement {
            Settlement::Sending { .. } => {}
            Settlement::Done { id } => done.push(Value::Int(*id)),
            Settlement::Sent { id, message_id } => {
                sent.extend([Value::Int(*id), (*message_id).into()]);
            }
            Settlement::Waiting { id, attempts } => {
                waiting.extend([Value::Int(*id), (*attempts).into()]);
            }
            Settlement::Parked { id, why } => stopped.extend(stop(*id, OutboxState::Parked, why)),
            Settlement::Dropped { id, why } => stopped.extend(stop(*id, OutboxState::Dropped, why)),
        }
    }
    DONE.run(conn, done).await?;
    SENT.run(conn, sent).await?;
    WAITING.run(conn, waiting).await?;
    STOPPED.run(conn, stopped).await?;
    Ok(())
}

fn stop(id: i64, state: OutboxState, why: &str) -> [Value; 3] {
    [id.into(), state.as_str().into(), why.into()]
}
