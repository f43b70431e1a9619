CREATE TABLE nflow (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT,
    json       TEXT,
    default_js TEXT,
    tag        TEXT
);
CREATE TABLE modules (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT,
    form TEXT,
    mod  TEXT,
    code TEXT
);
CREATE TABLE template (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT,
    content TEXT
);
CREATE TABLE queries (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    name  TEXT,
    query TEXT
);
CREATE TABLE users (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT,
    password TEXT,
    rol      TEXT,
    active   BOOLEAN
);
CREATE TABLE api_tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT,
    token      TEXT,
    start      INTEGER,
    expired    INTEGER,
    active     BOOLEAN,
    header     TEXT,
    token_type TEXT
);
CREATE TABLE tracker (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    log_id          TEXT,
    box_id          TEXT,
    box_name        TEXT,
    box_type        TEXT,
    url             TEXT,
    username        TEXT,
    connection_next TEXT,
    duration        TEXT,
    created         TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    order_box       INTEGER,
    payload         TEXT,
    ip              TEXT,
    real_ip         TEXT,
    user_agent      TEXT,
    query_param     TEXT,
    hostname        TEXT,
    host            TEXT
);
