-- +goose Up
CREATE TABLE nf_workflows (
    id           TEXT    NOT NULL PRIMARY KEY,
    active       INTEGER NOT NULL, -- version; 0 = none
    last_version INTEGER NOT NULL, -- numbers are never used again
    deleted      BOOLEAN NOT NULL  -- hides a row of the designer, too
);

CREATE TABLE nf_workflow_versions (
    workflow   TEXT    NOT NULL REFERENCES nf_workflows (id),
    version    INTEGER NOT NULL,
    document   BLOB    NOT NULL,
    default_js TEXT    NOT NULL,
    author     TEXT    NOT NULL,
    created    INTEGER NOT NULL, -- Unix microseconds, like every time here; 0 = unknown or never
    PRIMARY KEY (workflow, version)
);

CREATE TABLE nf_modules (
    name TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    form TEXT NOT NULL,
    mod  TEXT NOT NULL
);

CREATE TABLE nf_templates (
    name    TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE nf_credentials (
    username TEXT NOT NULL PRIMARY KEY,
    hash     TEXT NOT NULL,
    replaces TEXT NOT NULL -- salted digest of the designer's password it stands for
);

CREATE TABLE nf_tokens (
    hash    TEXT    NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    scopes  TEXT    NOT NULL, -- JSON array
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
);

CREATE TABLE nf_sessions (
    key     TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    content BLOB    NOT NULL, -- JSON
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
);
CREATE INDEX nf_sessions_expires ON nf_sessions (expires);

CREATE TABLE nf_settings (
    key     TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE nf_runs (
    id          TEXT    NOT NULL PRIMARY KEY,
    workflow    TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    started_by  TEXT    NOT NULL,
    started     INTEGER NOT NULL,
    duration_ms REAL    NOT NULL,
    steps       INTEGER NOT NULL,
    error_code  TEXT    NOT NULL,
    error       TEXT    NOT NULL,
    error_node  TEXT    NOT NULL,
    nodes       TEXT    NOT NULL -- JSON array
);
CREATE INDEX nf_runs_started ON nf_runs (started, id);
CREATE INDEX nf_runs_workflow ON nf_runs (workflow, started, id);
