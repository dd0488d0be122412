-- The ledger: one text for SQLite and PostgreSQL, so only TEXT and BIGINT columns.
-- Times are UTC microseconds. JSON is TEXT. Applied files never change: add a new one instead.

-- A chat keeps its key for ever. When a group becomes a supergroup only telegram_id changes, so every other row follows.
CREATE TABLE chats (
    key BIGINT NOT NULL PRIMARY KEY,
    telegram_id BIGINT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL
);

-- One row per event stream, written with its first event.
CREATE TABLE streams (
    stream TEXT NOT NULL PRIMARY KEY,
    chat BIGINT NOT NULL
);

-- The only source of truth. `hash` covers the row and the hash before it; `position` orders the events of all streams.
CREATE TABLE events (
    stream TEXT NOT NULL,
    seq BIGINT NOT NULL,
    chat BIGINT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
);
CREATE UNIQUE INDEX events_by_chat ON events (chat, position);

-- Updates whose effects are committed: a repeat is a no-op.
CREATE TABLE updates (
    update_id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);

-- What must still be sent, and what was sent. state: waiting, sending, sent, parked, dropped.
CREATE TABLE outbox (
    id BIGINT NOT NULL PRIMARY KEY,
    chat BIGINT NOT NULL,
    incident TEXT,
    lane BIGINT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL,
    message_id BIGINT,
    error TEXT
);
CREATE INDEX outbox_open ON outbox (chat, id) WHERE state <> 'sent';

CREATE TABLE timers (
    id TEXT NOT NULL PRIMARY KEY,
    chat BIGINT NOT NULL,
    due BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX timers_by_due ON timers (due);

CREATE TABLE plans (
    revision TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE people (
    user_id BIGINT NOT NULL PRIMARY KEY,
    username TEXT,
    name TEXT NOT NULL,
    language TEXT,
    seen BIGINT NOT NULL
);
CREATE INDEX people_by_username ON people (lower(username));

CREATE TABLE members (
    chat BIGINT NOT NULL REFERENCES chats (key),
    user_id BIGINT NOT NULL REFERENCES people (user_id),
    PRIMARY KEY (chat, user_id)
);

-- The pinned card of an incident: where it is and what it shows.
CREATE TABLE cards (
    incident TEXT NOT NULL PRIMARY KEY,
    chat BIGINT NOT NULL REFERENCES chats (key),
    message_id BIGINT,
    thread_id BIGINT,
    shown_version BIGINT NOT NULL,
    shown_hash TEXT NOT NULL
);

-- Input that failed again and again, redacted.
CREATE TABLE set_aside (
    id BIGINT NOT NULL PRIMARY KEY,
    update_id BIGINT,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
