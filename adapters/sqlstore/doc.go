// Package sqlstore keeps everything the runtime remembers in a SQL database:
// SQLite in one file, or PostgreSQL shared by several instances. It implements
// the ports WorkflowReader, WorkflowWriter, WorkflowChanges, Library, UserStore,
// TokenStore, Settings, SessionStore, RunStore, TrackerStore, PluginStore,
// PluginSwitches, KeyValues and Pinger.
//
// Our own tables begin with nf_. The tables of the nFlow designer (nflow,
// modules, template, queries, users, api_tokens, tracker) are read, through
// statements that rows of the table queries may replace.
//
// Every call ends in time, even when the server is silent. A lost connection is
// made again, and what surely did not happen is repeated, for a moment.
//
// It refuses to alter or migrate the designer's tables of a database that already
// has any of them, and to write any but tracker; to run on a database that a newer
// version migrated; to repeat a write that may have happened; and to repeat the
// data source name in an error.
package sqlstore
