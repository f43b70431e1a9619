-- +goose Up
CREATE TABLE nf_plugins (
    name          TEXT    NOT NULL PRIMARY KEY,
    last_revision INTEGER NOT NULL -- numbers are never used again
);

CREATE TABLE nf_plugin_revisions (
    name      TEXT    NOT NULL REFERENCES nf_plugins (name),
    revision  INTEGER NOT NULL,
    version   TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    platform  TEXT    NOT NULL,
    sha256    TEXT    NOT NULL,
    bytes     INTEGER NOT NULL,
    installed INTEGER NOT NULL,
    author    TEXT    NOT NULL,
    removed   BOOLEAN NOT NULL,
    manifest  BLOB    NOT NULL,
    signature BLOB    NOT NULL, -- empty = not signed
    artifact  BLOB    NOT NULL, -- last, so that lists need not read past it
    PRIMARY KEY (name, revision)
);

CREATE TABLE nf_plugin_switches (
    name     TEXT    NOT NULL PRIMARY KEY,
    disabled BOOLEAN NOT NULL,
    reloads  INTEGER NOT NULL
);

CREATE TABLE nf_value_spaces (
    space TEXT    NOT NULL PRIMARY KEY,
    keys  INTEGER NOT NULL -- number of rows in nf_values
);

CREATE TABLE nf_values (
    space   TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    content BLOB    NOT NULL, -- JSON
    updated INTEGER NOT NULL,
    PRIMARY KEY (space, key)
);
