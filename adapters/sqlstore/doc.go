// Package sqlstore keeps everything the runtime remembers in a SQL database:
// SQLite in one file, or PostgreSQL shared by several instances. It implements
// the ports WorkflowReader, WorkflowWriter, Library, UserStore, TokenStore,
// Settings, SessionStore, RunStore, PluginStore, PluginSwitches, KeyValues and
// Pinger.
//
// Our own tables begin with nf_. The tables of the nFlow designer (nflow,
// modules, template, queries, users, api_tokens, tracker) are read, through
// statements that rows of the table queries may replace.
//
// It refuses to alter, migrate or write the designer's tables of a database that
// already has any of them, to run on a database that a newer version migrated,
// and to repeat the data source name in an error.
package sqlstore
