//! What is looked up before and after a transaction: the ends of streams, why rows clashed, whether a commit happened after all.

use std::collections::{HashMap, HashSet};

use sqlx::AnyConnection;

use super::{
    plan::{Known, Plan, Witness},
    sql::{Many, Value, get},
    types::Head,
};

const KNOWN_UPDATES: Many = Many::keys("SELECT update_id FROM updates WHERE update_id IN ", "");
const KNOWN_TIMERS: Many = Many::keys("SELECT id FROM timers WHERE id IN ", "");
const KNOWN_KEYS: Many = Many::keys("SELECT key FROM chats WHERE key IN ", "");
const KNOWN_IDS: Many = Many::keys("SELECT telegram_id FROM chats WHERE telegram_id IN ", "");
const HEADS: Many = Many::keys(
    "SELECT e.stream, e.seq, e.position, e.hash FROM (SELECT stream AS name, MAX(seq) AS top FROM events WHERE stream IN ",
    " GROUP BY stream) AS ends JOIN events AS e ON e.stream = ends.name AND e.seq = ends.top",
);

/// Finds out which rows of a plan clash with the database. Heads of its streams are read anew.
pub(super) async fn learn(
    conn: &mut AnyConnection,
    plan: &Plan,
    known: &mut Known,
    heads: &mut HashMap<String, Head>,
) -> sqlx::Result<()> {
    let column = |values: &[Value], width: usize, column: usize| -> Vec<Value> {
        values.iter().skip(column).step_by(width).cloned().collect()
    };
    for row in KNOWN_UPDATES
        .fetch(conn, column(&plan.updates, 2, 0))
        .await?
    {
        known.updates.insert(get(&row, "update_id")?);
    }
    for row in KNOWN_KEYS.fetch(conn, column(&plan.chats, 4, 0)).await? {
        known.chat_keys.insert(get(&row, "key")?);
    }
    let mut ids = column(&plan.chats, 4, 1);
    ids.extend(
        plan.chat_moves
            .iter()
            .map(|moved| Value::Int(moved.telegram_id)),
    );
    for row in KNOWN_IDS.fetch(conn, ids).await? {
        known.chat_ids.insert(get(&row, "telegram_id")?);
    }
    let mut gone: HashSet<String> = plan
        .timers_done
        .iter()
        .filter_map(|value| {
            if let Value::Text(id) = value {
                Some(id.clone())
            } else {
                None
            }
        })
        .collect();
    for row in KNOWN_TIMERS.fetch(conn, plan.timers_done.clone()).await? {
        gone.remove(get::<&str>(&row, "id")?);
    }
    known.timers_gone.extend(gone);
    read_heads(conn, plan.heads.keys().cloned().collect(), heads).await
}

/// Reads the ends of these streams into `heads`; streams without events are taken out.
pub(super) async fn read_heads(
    conn: &mut AnyConnection,
    streams: Vec<String>,
    heads: &mut HashMap<String, Head>,
) -> sqlx::Result<()> {
    for stream in &streams {
        heads.remove(stream);
    }
    for row in HEADS
        .fetch(conn, streams.into_iter().map(Value::from).collect())
        .await?
    {
        let head = Head {
            stream: get(&row, "stream")?,
            seq: get(&row, "seq")?,
            position: get(&row, "position")?,
            hash: get(&row, "hash")?,
        };
        heads.insert(head.stream.clone(), head);
    }
    Ok(())
}

/// After a COMMIT whose answer was lost: whether it happened.
pub(super) async fn landed(conn: &mut AnyConnection, witness: &Witness) -> sqlx::Result<bool> {
    let row = match witness {
        Witness::Outbox(id) => {
            sqlx::query("SELECT id FROM outbox WHERE id = $1")
                .bind(*id)
                .fetch_optional(conn)
                .await?
        }
        Witness::Event {
            stream,
            seq,
            position,
        } => {
            let text = "SELECT seq FROM events WHERE stream = $1 AND seq = $2 AND position = $3";
            sqlx::query(text)
                .bind(stream.as_str())
                .bind(*seq)
                .bind(*position)
                .fetch_optional(conn)
                .await?
        }
        Witness::Update { id, at } => {
            sqlx::query("SELECT at FROM updates WHERE update_id = $1 AND at = $2")
                .bind(*id)
                .bind(*at)
                .fetch_optional(conn)
                .await?
        }
    };
    Ok(row.is_some())
}
