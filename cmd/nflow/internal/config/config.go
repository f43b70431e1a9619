package config

// Config is every section. Values returned by Load have passed every check;
// the zero Config is not usable.
type Config struct {
	Server     Server              `key:"server" doc:"The HTTP server."`
	Auth       Auth                `key:"auth" doc:"Who may use the API, and the sessions of visitors."`
	Log        Log                 `key:"log" doc:"What the process writes to standard error."`
	Store      Store               `key:"database_nflow" doc:"Where workflows, runs and sessions are kept. A database of the nFlow designer works as it is. Environment names may drop the \"_NFLOW\": NFLOW_DATABASE_DSN."`
	Databases  map[string]Database `key:"databases" doc:"Databases that db nodes may use, by name: [databases.shop] is \"database\": \"shop\" in a node."`
	Redis      Redis               `key:"redis" doc:"Shared state of several instances."`
	VMPool     VMPool              `key:"vm_pool" doc:"How JavaScript runs and what it may touch."`
	Limits     Limits              `key:"limits" doc:"What one run may use."`
	Runs       Runs                `key:"runs" doc:"The record of what runs did."`
	Egress     Egress              `key:"egress" doc:"Which hosts http nodes and scripts may call. Entries are host names, *.suffix, addresses or CIDR ranges."`
	Mail       Mail                `key:"mail" doc:"The mail server of mail nodes and scripts."`
	Twilio     Twilio              `key:"twilio" doc:"The Twilio Verify service of send_otp and check_otp. Both need vm_pool.enable_network."`
	Monitor    Monitor             `key:"monitor" doc:"Health and metrics."`
	Debug      Debug               `key:"debug" doc:"Pages under /debug."`
	Tracker    Tracker             `key:"tracker" doc:"A row for each visited node, in the designer's table tracker."`
	RateLimit  RateLimit           `key:"rate_limit" doc:"How many requests an address may send."`
	Security   Security            `key:"security" doc:"Checks of scripts and protection of data."`
	PluginHost PluginHost          `key:"plugin_host" doc:"Where plugins come from and whom nFlow trusts."`
	Plugins    []Plugin            `key:"plugins" doc:"Plugins, one [[plugins]] each. They can be given in the file only."`
	Env        map[string]string   `key:"env" secret:"yes" doc:"What scripts read as env.NAME and get_env(\"NAME\"). They see nothing else of the environment."`

	// places says where each value came from, for the faults of later checks.
	places places
	source *Source // what Load was given
}
