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
	Host       string `key:"host" check:"hostport" doc:"Address and port, such as localhost:6379; empty = no Redis."`
	Password   Secret `key:"password" doc:"Password of the server."`
	DB         int    `key:"db" default:"0" min:"0" max:"1000" doc:"Number of the database."`
	MaxRetries int    `key:"max_retries" default:"3" min:"0" max:"100" doc:"Tries after the first."`
	PoolSize   int    `key:"pool_size" default:"10" min:"1" max:"10000" doc:"Most connections."`
}

// Runs is [runs].
type Runs struct {
	Keep int `key:"keep" default:"100" min:"0" max:"1000000" doc:"Records kept of each workflow; 0 = none."`
}
