package config

import "time"

// Store is [database_nflow].
type Store struct {
	Driver          string        `key:"driver" default:"sqlite3" enum:"sqlite3|postgres|memory" doc:"Kind of database; memory forgets everything at exit. When it is not given and dsn starts with postgres://, it is postgres."`
	DSN             Secret        `key:"dsn" default:"app.sqlite" doc:"A file for sqlite3; a URL or key=value pairs for postgres."`
	Query           string        `key:"query" default:"SELECT name,query FROM queries" doc:"Statement that gives the names and texts of the SQL statements used on a designer's database."`
	MaxOpenConns    int           `key:"max_open_conns" default:"20" min:"1" max:"10000" doc:"Most connections."`
	MaxIdleConns    int           `key:"max_idle_conns" default:"10" min:"0" max:"10000" doc:"Most unused connections kept open; not above max_open_conns."`
	ConnMaxLifetime time.Duration `key:"conn_max_lifetime" default:"300" unit:"seconds" doc:"A connection older than this is replaced; 0 = never."`

	StatementTimeout   time.Duration `key:"statement_timeout" default:"10s" min:"10ms" doc:"A statement that takes longer fails, and who waits for it is told that the database is away."`
	PreparedStatements bool          `key:"prepared_statements" default:"true" doc:"Keep statements prepared in the connections. Switch it off behind a pooler that shares connections between statements, such as pgbouncer in transaction mode."`
	PollInterval       time.Duration `key:"poll_interval" default:"500ms" min:"10ms" max:"1h" doc:"How often to look for what other instances published. PostgreSQL and Redis announce it besides."`
}

// Database is [databases.NAME].
type Database struct {
	Driver          string        `key:"driver" enum:"sqlite3|postgres" doc:"Kind of database; inferred from a dsn that starts with postgres://."`
	DSN             Secret        `key:"dsn" doc:"A file for sqlite3; a URL or key=value pairs for postgres. Required."`
	MaxOpenConns    int           `key:"max_open_conns" default:"10" min:"1" max:"10000" doc:"Most connections."`
	MaxIdleConns    int           `key:"max_idle_conns" default:"5" min:"0" max:"10000" doc:"Most unused connections kept open; not above max_open_conns."`
	ConnMaxLifetime time.Duration `key:"conn_max_lifetime" default:"300" unit:"seconds" doc:"A connection older than this is replaced; 0 = never."`
}

// Redis is [redis].
type Redis struct {
	Host       string   `key:"host" check:"remote" doc:"Address and port, such as localhost:6379; empty = no Redis, unless addresses are given."`
	Addresses  []string `key:"addresses" check:"remote" doc:"Addresses and ports of the servers of a cluster, or of the sentinels when master_name is given; instead of host."`
	MasterName string   `key:"master_name" doc:"Name of the master that the sentinels at addresses watch."`
	Cluster    bool     `key:"cluster" default:"false" doc:"The one address is the entry to a cluster, such as a cloud's configuration endpoint; several without master_name are a cluster anyway."`
	Username   string   `key:"username" doc:"User of the server; empty = the default user."`
	Password   Secret   `key:"password" doc:"Password of the server."`
	DB         int      `key:"db" default:"0" min:"0" max:"1000" doc:"Number of the database; a cluster has only 0."`
	MaxRetries int      `key:"max_retries" default:"3" min:"0" max:"100" doc:"Tries after the first."`
	PoolSize   int      `key:"pool_size" default:"10" min:"1" max:"10000" doc:"Most connections to a server."`

	SentinelUsername string        `key:"sentinel_username" doc:"User of the sentinels."`
	SentinelPassword Secret        `key:"sentinel_password" doc:"Password of the sentinels."`
	TLS              bool          `key:"tls" default:"false" doc:"Speak TLS 1.2 or later with the servers; their certificates are verified."`
	TLSCA            string        `key:"tls_ca" doc:"File with the certificates that sign those of the servers, PEM; empty = those of the system."`
	TLSCert          string        `key:"tls_cert" doc:"File with the certificate that nFlow shows, PEM. Set together with tls_key."`
	TLSKey           string        `key:"tls_key" doc:"File with its private key, PEM."`
	Timeout          time.Duration `key:"timeout" default:"1s" min:"10ms" doc:"For one call, whatever it takes: connecting, waiting for a connection, trying again."`
	KeyPrefix        string        `key:"key_prefix" default:"nflow:" check:"keyprefix" doc:"Begins every key, so that several installations can share a server."`
}

// Runs is [runs].
type Runs struct {
	Keep   int           `key:"keep" default:"100" min:"0" max:"1000000" doc:"Records kept of each workflow; 0 = none."`
	MaxAge time.Duration `key:"max_age" default:"0s" doc:"Records older than this are deleted, such as 720h; 0 = whatever their age."`
}
