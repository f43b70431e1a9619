/* Uses all of nflow.h, for its tests. */
#include "nflow.h"

static char word[64];
static nflow_size word_len;

static int configure(nflow_call *c) {
	nflow_text t;
	if (!nflow_want_string(c, nflow_get(c->payload, "word"), "settings.word", &t)) return NFLOW_FAILED;
	if (t.len > sizeof word) return nflow_fail(c, "payload_too_large", t, " is too long a word");
	memcpy(word, t.at, t.len);
	word_len = t.len;
	return NFLOW_OK;
}

static int word_function(nflow_call *c) {
	nflow_put_string(&c->out, (nflow_text){word, word_len});
	return NFLOW_OK;
}

static int route(nflow_call *c) {
	if (!nflow_want_string(c, nflow_get(c->params, "next"), "params.next", &c->next)) return NFLOW_FAILED;
	nflow_put(&c->out, c->payload);
	return NFLOW_OK;
}

static int emit(nflow_call *c) {
	c->emitted = 1;
	nflow_puts(&c->out, "[{\"payload\":1,\"next\":\"output_2\"},{\"payload\":");
	nflow_put(&c->out, c->payload);
	nflow_puts(&c->out, ",\"next\":\"\"}]");
	return NFLOW_OK;
}

static int next_int(nflow_call *c) {
	long long n;
	if (!nflow_want_int(c, nflow_at(c->payload, 0), "args[0]", &n)) return NFLOW_FAILED;
	nflow_put_int(&c->out, (long long)((unsigned long long)n + 1));
	return NFLOW_OK;
}

static int kv(nflow_call *c) {
	nflow_text key;
	nflow_json value;
	if (!nflow_want_string(c, nflow_at(c->payload, 0), "args[0]", &key)) return NFLOW_FAILED;
	if (nflow_at(c->payload, 1).len && !nflow_kv_set(c, "probe", key, nflow_at(c->payload, 1))) return NFLOW_FAILED;
	if (!nflow_log(c, "info", key) || !nflow_kv_get(c, "probe", key, &value)) return NFLOW_FAILED;
	nflow_put(&c->out, value);
	return NFLOW_OK;
}

static int fail(nflow_call *c) {
	c->retryable = 1;
	c->details = nflow_cstr("{\"n\":[1]}");
	return nflow_fail(c, "conflict", nflow_cstr("\"no\""), " and no");
}

static int silent(nflow_call *c) { return (void)c, NFLOW_FAILED; }

static int same(nflow_call *c) {
	nflow_text t;
	if (nflow_string(c->payload, &t)) nflow_put_string(&c->out, t);
	else nflow_put(&c->out, c->payload);
	return NFLOW_OK;
}

static int bytes(nflow_call *c) {
	nflow_text t;
	if (!nflow_same(nflow_get(c->header, "encoding"), "\"base64\"") || !nflow_bytes(c->payload, &t))
		return nflow_fail(c, "invalid_argument", nflow_cstr("the body"), " is not bytes");
	c->base64 = 1;
	c->status = 201;
	c->headers = nflow_cstr("{\"Content-Type\":\"application/x-probe\"}");
	nflow_put_base64(&c->out, t);
	return NFLOW_OK;
}

static int eat(nflow_call *c) {
	long long n;
	if (!nflow_want_int(c, nflow_at(c->payload, 0), "args[0]", &n)) return NFLOW_FAILED;
	nflow_puts(&c->out, "\"");
	while (n-- > 0 && !c->out.failed) nflow_puts(&c->out, "0123456789012345678901234567890123456789012345678901234567890123");
	nflow_puts(&c->out, "\"");
	return NFLOW_OK;
}

static const nflow_member members[] = {
	{"configure", "", configure}, {"function", "word", word_function},
	{"node", "route", route}, {"node", "emit", emit},
	{"function", "next", next_int}, {"function", "kv", kv}, {"function", "fail", fail}, {"function", "silent", silent}, {"function", "eat", eat},
	{"action", "same", same}, {"action", "bytes", bytes},
};

NFLOW_PLUGIN("nflow-plugin.json", members)
