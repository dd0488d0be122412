CREATE TABLE users (
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password_must_change BOOLEAN NOT NULL DEFAULT false
);
INSERT INTO users (id, email, name) VALUES
    ('u1', 'test@tars.example', 'Test user'), ('u2', 'ines@tars.example', 'Ines Duarte'),
    ('u3', 'tomas@tars.example', 'Tomas Vrba'), ('u4', 'yuki@tars.example', 'Yuki Mori');
CREATE TABLE products (id TEXT PRIMARY KEY, name TEXT NOT NULL, price_cents BIGINT NOT NULL);
INSERT INTO products VALUES ('p1', 'Call summaries', 2900), ('p2', 'Voice agent', 9900), ('p3', 'Dashboard', 1900);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, token TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL,
    ip TEXT NOT NULL, user_agent TEXT NOT NULL
);
INSERT INTO sessions VALUES
    ('s1', 'u2', 'demo-token-1', '2026-02-16 08:12:00', '2026-03-16 08:12:00', '198.51.100.7', 'Firefox'),
    ('s2', 'u3', 'demo-token-2', '2026-02-16 09:40:00', '2026-03-16 09:40:00', '198.51.100.23', 'Safari'),
    ('s3', 'u4', 'demo-token-3', '2026-02-17 01:03:00', '2026-03-17 01:03:00', '203.0.113.66', 'curl'),
    ('s4', 'u4', 'demo-token-4', '2026-02-17 01:04:00', '2026-03-17 01:04:00', '203.0.113.66', 'curl');
CREATE TABLE audit_log (id INTEGER PRIMARY KEY, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO audit_log (actor, action, target, created_at) VALUES
    ('ines@tars.example', 'sign_in', 'web', '2026-02-16 08:12:00'),
    ('yuki@tars.example', 'export', 'users', '2026-02-17 01:05:00');
CREATE TABLE access_log (user_id TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, ip TEXT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO access_log VALUES
    ('u2', 'read', 'products', '198.51.100.7', '2026-02-16 08:13:00'),
    ('u4', 'read', 'users', '203.0.113.66', '2026-02-17 01:05:00');
CREATE TABLE call_logs (id TEXT PRIMARY KEY, created_at TEXT NOT NULL, summary TEXT NOT NULL);
INSERT INTO call_logs VALUES
    ('c1', '2026-02-16 10:00:00', 'Asked about the price of the voice agent.'),
    ('c2', '2026-02-17 01:06:00', 'Hello <script src=//203.0.113.66/x.js></script>');
