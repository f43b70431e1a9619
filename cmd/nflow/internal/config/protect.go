package config

import "time"

// Security is [security].
type Security struct {
	EnableStaticAnalysis bool          `key:"enable_static_analysis" default:"true" doc:"Look for dangerous code before it is published and before it runs; docs/security.md has the rules."`
	BlockOnHighSeverity  bool          `key:"block_on_high_severity" default:"true" doc:"Neither publish nor run scripts with a finding of high severity."`
	LogSecurityWarnings  bool          `key:"log_security_warnings" default:"true" doc:"Log a line for each script with findings."`
	CacheAnalysisResults bool          `key:"cache_analysis_results" default:"true" doc:"Analyse an unchanged script once; false = before every run."`
	CacheTTL             time.Duration `key:"cache_ttl_minutes" default:"5" unit:"minutes" doc:"How long a result of the analysis is kept; 0 = not at all."`

	EnableEncryption     bool     `key:"enable_encryption" default:"false" doc:"Encrypt sensitive values. Needs encryption_key."`
	EncryptionKey        Secret   `key:"encryption_key" check:"key32" doc:"32 bytes, as base64, as 64 hexadecimal digits or as they are."`
	EncryptSensitiveData bool     `key:"encrypt_sensitive_data" default:"false" doc:"Find mail addresses, card numbers and the like, and encrypt them in stored runs."`
	EncryptInPlace       bool     `key:"encrypt_in_place" default:"false" doc:"Encrypt them in answers as well."`
	AlwaysEncryptFields  []string `key:"always_encrypt_fields" doc:"Names of fields whose values are always sensitive."`

	CustomPatterns map[string]string `key:"custom_patterns" check:"regexp" doc:"Further kinds of sensitive values: a name and a regular expression (RE2)."`
}

// Mail is [mail].
type Mail struct {
	Enabled  bool          `key:"enabled" default:"false" doc:"Allow mails. Needs smtp_host and from."`
	SMTPHost string        `key:"smtp_host" doc:"Name of the server."`
	SMTPPort int           `key:"smtp_port" default:"587" min:"1" max:"65535" doc:"Port of the server."`
	Username string        `key:"username" doc:"User to log in as; empty = no login."`
	Password Secret        `key:"password" doc:"Password to log in with."`
	From     string        `key:"from" check:"mailbox" doc:"Sender, such as nFlow <nflow@example.com>."`
	TLS      string        `key:"tls" default:"auto" enum:"auto|starttls|implicit|none" doc:"auto = implicit on port 465, else starttls, which fails when the server has no TLS; none sends in the clear."`
	Timeout  time.Duration `key:"timeout" default:"30s" min:"1ms" doc:"For one mail to be handed over."`
}
