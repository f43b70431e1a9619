CREATE TABLE nflow (id INTEGER PRIMARY KEY, name VARCHAR(50), json TEXT, default_js TEXT, tag TEXT);
CREATE TABLE modules (id INTEGER PRIMARY KEY, name TEXT, form TEXT, mod TEXT, code TEXT);
CREATE TABLE template (id INTEGER PRIMARY KEY, name TEXT, content TEXT);
CREATE TABLE queries (id INTEGER PRIMARY KEY, name TEXT, query TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password TEXT, rol TEXT, active BOOLEAN);
CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY, name TEXT, token TEXT, start INTEGER, expired INTEGER, active BOOLEAN, header TEXT, token_type TEXT
);
CREATE TABLE tracker (
    id INTEGER PRIMARY KEY, log_id TEXT, box_id TEXT, box_name TEXT, box_type TEXT, url TEXT, username TEXT,
    connection_next TEXT, duration TEXT, created TEXT, order_box INTEGER, payload TEXT, ip TEXT, real_ip TEXT,
    user_agent TEXT, query_param TEXT, hostname TEXT, host TEXT
);
INSERT INTO queries (id, name, query) VALUES (1, 'QueryGetApp', 'SELECT json,default_js FROM nflow where name = $1');
INSERT INTO queries (id, name, query) VALUES (2, 'QueryGetUser', 'SELECT id,username,password,rol,active FROM users where username = $1');
INSERT INTO queries (id, name, query) VALUES (3, 'QueryGetTemplate', 'SELECT id,name,content FROM template where name = $1');
INSERT INTO api_tokens (id, name, token, start, expired, active, header, token_type)
    VALUES (1, 'partner', 'abc', 0, NULL, TRUE, 'Authorization', 'Bearer');
