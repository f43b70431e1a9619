/* hello-c greets: from a workflow, from scripts and over HTTP. */
#include "nflow.h"

/* put_greeting writes a JSON string such as "Hello, Ana!". */
static void put_greeting(nflow_buf *out, nflow_text greeting, nflow_text name) {
	nflow_puts(out, "\"");
	nflow_put_escaped(out, greeting);
	nflow_puts(out, ", ");
	nflow_put_escaped(out, name);
	nflow_puts(out, "!\"");
}

/* greet_payload answers {"name": "Ana"} with {"message": "Hello, Ana!"}. */
static int greet_payload(nflow_call *c, nflow_text greeting) {
	nflow_text name;
	if (!nflow_want_string(c, nflow_get(c->payload, "name"), "payload.name", &name)) return NFLOW_FAILED;
	nflow_puts(&c->out, "{\"message\":");
	put_greeting(&c->out, greeting, name);
	nflow_puts(&c->out, "}");
	return NFLOW_OK;
}

static int greet_node(nflow_call *c) {
	nflow_text greeting = nflow_cstr("Hello");
	nflow_json given = nflow_get(c->params, "greeting");
	if (given.len && !nflow_want_string(c, given, "params.greeting", &greeting)) return NFLOW_FAILED;
	return greet_payload(c, greeting);
}

static int greet_action(nflow_call *c) { return greet_payload(c, nflow_cstr("Hello")); }

static int greet_function(nflow_call *c) {
	nflow_text name;
	if (!nflow_want_string(c, nflow_at(c->payload, 0), "args[0]", &name)) return NFLOW_FAILED;
	put_greeting(&c->out, nflow_cstr("Hello"), name);
	return NFLOW_OK;
}

static const nflow_member members[] = {
	{"node", "greet", greet_node},
	{"function", "greet", greet_function},
	{"action", "greet", greet_action},
};

NFLOW_PLUGIN("nflow-plugin.json", members)
