-- +goose Up
CREATE TABLE nf_plugins (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last_revision BIGINT NOT NULL -- numbers are never used again
);

CREATE TABLE nf_plugin_revisions (
    name      TEXT COLLATE "C" NOT NULL REFERENCES nf_plugins (name),
    revision  BIGINT NOT NULL,
    version   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    platform  TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    bytes     BIGINT NOT NULL,
    installed BIGINT NOT NULL,
    author    TEXT NOT NULL,
    removed   BOOLEAN NOT NULL,
    manifest  BYTEA NOT NULL,
    signature BYTEA NOT NULL, -- empty = not signed
    artifact  BYTEA NOT NULL, -- last, so that lists need not read past it
    PRIMARY KEY (name, revision)
);

CREATE TABLE nf_plugin_switches (
    name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    disabled BOOLEAN NOT NULL,
    reloads  BIGINT NOT NULL
);

CREATE TABLE nf_value_spaces (
    space TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    keys  BIGINT NOT NULL -- number of rows in nf_values
);

CREATE TABLE nf_values (
    space   TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL, -- JSON
    updated BIGINT NOT NULL,
    PRIMARY KEY (space, key)
);
