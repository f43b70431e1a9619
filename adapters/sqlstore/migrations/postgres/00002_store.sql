-- +goose Up
CREATE TABLE nf_workflows (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    active       BIGINT  NOT NULL, -- version; 0 = none
    last_version BIGINT  NOT NULL, -- numbers are never used again
    deleted      BOOLEAN NOT NULL  -- hides a row of the designer, too
);

CREATE TABLE nf_workflow_versions (
    workflow   TEXT COLLATE "C" NOT NULL REFERENCES nf_workflows (id),
    version    BIGINT  NOT NULL,
    document   BYTEA   NOT NULL,
    default_js TEXT    NOT NULL,
    author     TEXT    NOT NULL,
    created    BIGINT  NOT NULL, -- Unix microseconds, like every time here; 0 = unknown or never
    PRIMARY KEY (workflow, version)
);

CREATE TABLE nf_modules (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    form TEXT NOT NULL,
    mod  TEXT NOT NULL
);

CREATE TABLE nf_templates (
    name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE nf_credentials (
    username TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash     TEXT COLLATE "C" NOT NULL,
    replaces TEXT NOT NULL -- salted digest of the designer's password it stands for
);

CREATE TABLE nf_tokens (
    hash    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name    TEXT COLLATE "C" NOT NULL,
    scopes  TEXT    NOT NULL, -- JSON array
    created BIGINT  NOT NULL,
    expires BIGINT  NOT NULL
);

CREATE TABLE nf_sessions (
    key     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT  NOT NULL,
    content BYTEA   NOT NULL, -- JSON
    created BIGINT  NOT NULL,
    expires BIGINT  NOT NULL
);
CREATE INDEX nf_sessions_expires ON nf_sessions (expires);

CREATE TABLE nf_settings (
    key     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE nf_runs (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    workflow    TEXT COLLATE "C" NOT NULL,
    version     BIGINT  NOT NULL,
    status      TEXT    NOT NULL,
    started_by  TEXT    NOT NULL,
    started     BIGINT  NOT NULL,
    duration_ms DOUBLE PRECISION NOT NULL,
    steps       BIGINT  NOT NULL,
    error_code  TEXT    NOT NULL,
    error       TEXT    NOT NULL,
    error_node  TEXT    NOT NULL,
    nodes       TEXT    NOT NULL -- JSON array
);
CREATE INDEX nf_runs_started ON nf_runs (started, id);
CREATE INDEX nf_runs_workflow ON nf_runs (workflow, started, id);
