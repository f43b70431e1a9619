/*
 * nflow.h: write nFlow plugins in C, without a C library.
 *
 *   #include "nflow.h"
 *
 *   static int greet(nflow_call *c) {
 *           nflow_text name;
 *           if (!nflow_want_string(c, nflow_get(c->payload, "name"), "payload.name", &name))
 *                   return NFLOW_FAILED;
 *           nflow_puts(&c->out, "{\"message\":");
 *           nflow_put_string(&c->out, name);
 *           nflow_puts(&c->out, "}");
 *           return NFLOW_OK;
 *   }
 *
 *   static const nflow_member members[] = {{"node", "greet", greet}};
 *   NFLOW_PLUGIN("nflow-plugin.json", members)
 *
 * Build it with nflow plugin build, or by hand:
 *
 *   clang --target=wasm32 -nostdlib -O2 -mbulk-memory -Wl,--no-entry -Wl,--stack-first -o greet.wasm main.c
 *
 * Every call begins with an empty arena: what nflow_alloc and the functions here
 * give lives until the call ends. Static variables of yours live as long as the
 * instance, of which there may be several. Nothing here traps: what goes wrong
 * is a typed error. JSON is checked before you see it, at most NFLOW_DEPTH deep.
 */
#ifndef NFLOW_H
#define NFLOW_H

#ifndef __wasm32__
#error "nflow.h is for WebAssembly: use clang --target=wasm32"
#endif

#define NFLOW_OK 0
#define NFLOW_FAILED 1
#define NFLOW_DEPTH 512 /* how deeply arrays and objects nest, as in nFlow */

#define NFLOW_FN static inline __attribute__((unused))
#define NFLOW_IMPORT(name) __attribute__((import_module("nflow_v1"), import_name(name)))
#define NFLOW_EXPORT(name) __attribute__((export_name(name), visibility("default")))

typedef __SIZE_TYPE__ nflow_size;

/* Bytes, without a NUL at their end. */
typedef struct {
	const char *at;
	nflow_size len;
} nflow_text;

/* One JSON value as it was written. Length 0: there is none. */
typedef nflow_text nflow_json;

/* Text that grows in the arena. Once memory ran out it takes nothing more. */
typedef struct {
	char *at;
	nflow_size len, cap;
	int failed;
} nflow_buf;

/* One call. What it asks for stands above; what you answer with, below. */
typedef struct {
	nflow_text op, name;
	nflow_json header;  /* everything else that ABI.md names, by nflow_get */
	nflow_json params;  /* of a node, an object */
	nflow_json payload; /* "null" when there is none */

	nflow_buf out;       /* JSON of the result; empty = null */
	nflow_text next;     /* output that a node follows */
	int emitted;         /* out is an array of {"payload":...,"next":...} */
	int status;          /* HTTP status of an action; 0 = 200 */
	nflow_json headers;  /* HTTP headers of an action, an object */
	int base64;          /* out is a JSON string that holds bytes in base64 */
	nflow_buf error;     /* set by nflow_fail, */
	int retryable;       /* which this makes one that may succeed later, */
	nflow_json details;  /* with any JSON that helps the caller */
} nflow_call;

/* A node, function or action; or {"configure", "", f} for the operator's settings,
 * an object, before the first call. */
typedef struct {
	const char *op, *name;
	int (*call)(nflow_call *);
} nflow_member;

/* What the host offers; see ABI.md. */
NFLOW_IMPORT("input_len") int nflow_v1_input_len(void);
NFLOW_IMPORT("input_read") int nflow_v1_input_read(void *to, int len);
NFLOW_IMPORT("output_write") void nflow_v1_output_write(const void *from, int len);
NFLOW_IMPORT("host_call") int nflow_v1_host_call(const void *from, int len);
NFLOW_IMPORT("host_read") int nflow_v1_host_read(void *to, int len);

/* ---- memory ---------------------------------------------------------------- */

/* The compiler may want these; weak, so that yours win. */
__attribute__((weak, no_builtin)) void *memcpy(void *to, const void *from, nflow_size n) {
	for (nflow_size i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i];
	return to;
}

__attribute__((weak, no_builtin)) void *memset(void *to, int byte, nflow_size n) {
	for (nflow_size i = 0; i < n; i++) ((char *)to)[i] = (char)byte;
	return to;
}

extern unsigned char __heap_base;
static nflow_size nflow_top; /* the first free byte of the arena */

/* nflow_room makes the memory reach to an address; 0 = there is no more. */
NFLOW_FN int nflow_room(nflow_size end) {
	nflow_size have = __builtin_wasm_memory_size(0) * 65536;
	if (end <= have) return 1;
	return end < 0x7fff0000 && __builtin_wasm_memory_grow(0, (end - have + 65535) / 65536) != (nflow_size)-1;
}

/* nflow_alloc gives bytes that live until the call ends; 0 = there are none. */
NFLOW_FN void *nflow_alloc(nflow_size n) {
	nflow_size at = (nflow_top + 7) & ~(nflow_size)7;
	if (n > 0x40000000 || !nflow_room(at + n)) return 0;
	nflow_top = at + n;
	return (void *)at;
}

/* ---- text ------------------------------------------------------------------ */

NFLOW_FN nflow_text nflow_cstr(const char *s) {
	nflow_text t = {s, 0};
	while (s[t.len]) t.len++;
	return t;
}

NFLOW_FN int nflow_same(nflow_text t, const char *s) {
	nflow_size i = 0;
	for (; i < t.len && s[i]; i++)
		if (t.at[i] != s[i]) return 0;
	return i == t.len && !s[i];
}

/* nflow_put appends bytes as they are. */
NFLOW_FN void nflow_put(nflow_buf *b, nflow_text t) {
	if (b->failed) return;
	if (t.len > b->cap - b->len) {
		nflow_size cap = b->len + t.len + b->cap + 64;
		if (cap <= 0x40000000 && b->at && (nflow_size)b->at + b->cap == nflow_top && nflow_room((nflow_size)b->at + cap)) {
			nflow_top = (nflow_size)b->at + cap; /* the last in the arena grows where it is */
		} else {
			char *at = nflow_alloc(cap);
			if (!at) {
				b->failed = 1;
				return;
			}
			if (b->len) __builtin_memcpy(at, b->at, b->len);
			b->at = at;
		}
		b->cap = cap;
	}
	if (t.len) __builtin_memcpy(b->at + b->len, t.at, t.len);
	b->len += t.len;
}

NFLOW_FN void nflow_puts(nflow_buf *b, const char *s) { nflow_put(b, nflow_cstr(s)); }

/* nflow_put_escaped appends text that stands between the quotes of a string. */
NFLOW_FN void nflow_put_escaped(nflow_buf *b, nflow_text t) {
	nflow_size done = 0;
	for (nflow_size i = 0; i < t.len; i++) {
		unsigned char ch = (unsigned char)t.at[i];
		if (ch >= 0x20 && ch != '"' && ch != '\\') continue;
		char esc[6] = {'\\', 'u', '0', '0', "0123456789abcdef"[ch >> 4], "0123456789abcdef"[ch & 15]};
		nflow_text e = {esc, 6};
		if (ch >= 0x20) {
			esc[1] = (char)ch;
			e.len = 2;
		}
		nflow_put(b, (nflow_text){t.at + done, i - done});
		nflow_put(b, e);
		done = i + 1;
	}
	nflow_put(b, (nflow_text){t.at + done, t.len - done});
}

/* nflow_put_string appends a JSON string. */
NFLOW_FN void nflow_put_string(nflow_buf *b, nflow_text t) {
	nflow_puts(b, "\"");
	nflow_put_escaped(b, t);
	nflow_puts(b, "\"");
}

NFLOW_FN void nflow_put_int(nflow_buf *b, long long n) {
	char digits[20];
	int i = 20;
	unsigned long long u = n < 0 ? 0 - (unsigned long long)n : (unsigned long long)n;
	do digits[--i] = (char)('0' + u % 10);
	while (u /= 10);
	if (n < 0) digits[--i] = '-';
	nflow_put(b, (nflow_text){digits + i, (nflow_size)(20 - i)});
}

/* nflow_put_base64 appends a JSON string that holds bytes; see base64 of a call. */
NFLOW_FN void nflow_put_base64(nflow_buf *b, nflow_text t) {
	const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)t.at;
	nflow_puts(b, "\"");
	for (nflow_size i = 0; i < t.len; i += 3) {
		nflow_size left = t.len - i;
		unsigned n = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
		char four[4] = {alphabet[n >> 18], alphabet[n >> 12 & 63], left > 1 ? alphabet[n >> 6 & 63] : '=', left > 2 ? alphabet[n & 63] : '='};
		nflow_put(b, (nflow_text){four, 4});
	}
	nflow_puts(b, "\"");
}

/* ---- reading JSON ---------------------------------------------------------- */

NFLOW_FN const char *nflow_space(const char *p, const char *end) {
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
	return p;
}

NFLOW_FN int nflow_hex4(const char *p, const char *end) {
	int n = 0;
	if (end - p < 4) return -1;
	for (int i = 0; i < 4; i++) {
		int ch = p[i] | 0x20;
		if (p[i] >= '0' && p[i] <= '9') n = n << 4 | (p[i] - '0');
		else if (ch >= 'a' && ch <= 'f') n = n << 4 | (ch - 'a' + 10);
		else return -1;
	}
	return n;
}

/* nflow_utf8 is the length of the character at p; 0 = that is no UTF-8. */
NFLOW_FN int nflow_utf8(const char *at, const char *end) {
	const unsigned char *p = (const unsigned char *)at;
	int n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (end - at < n) return 0;
	for (int i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80) return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)) return 0; /* too long; surrogates */
	if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)) return 0; /* too long; too great */
	return n;
}

/* nflow_char reads one character of a string to out, as UTF-8, and returns what
 * stands behind it; 0 = it is wrong. Half of a surrogate pair becomes U+FFFD. */
NFLOW_FN const char *nflow_char(const char *p, const char *end, char out[4], int *len) {
	if (*p != '\\') {
		*len = (unsigned char)*p < 0x20 ? 0 : nflow_utf8(p, end);
		for (int i = 0; i < *len; i++) out[i] = p[i];
		return *len ? p + *len : 0;
	}
	if (end - p < 2) return 0;
	const char *names = "\"\\/bfnrt", *values = "\"\\/\b\f\n\r\t";
	for (int i = 0; i < 8; i++)
		if (p[1] == names[i]) {
			*out = values[i];
			*len = 1;
			return p + 2;
		}
	int n = p[1] == 'u' ? nflow_hex4(p + 2, end) : -1;
	if (n < 0) return 0;
	p += 6;
	if (n >= 0xd800 && n < 0xe000) {
		int low = n < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? nflow_hex4(p + 2, end) : -1;
		if (low >= 0xdc00 && low < 0xe000) {
			n = 0x10000 + ((n - 0xd800) << 10) + (low - 0xdc00);
			p += 6;
		} else {
			n = 0xfffd;
		}
	}
	int more = n < 0x80 ? 0 : n < 0x800 ? 1 : n < 0x10000 ? 2 : 3;
	const unsigned char first[4] = {0, 0xc0, 0xe0, 0xf0};
	for (int i = more; i > 0; i--, n >>= 6) out[i] = (char)(0x80 | (n & 0x3f));
	out[0] = (char)(first[more] | n);
	*len = more + 1;
	return p;
}

NFLOW_FN const char *nflow_skip_string(const char *p, const char *end) {
	char out[4];
	int len;
	for (p++; p && p < end && *p != '"';) p = nflow_char(p, end, out, &len);
	return p && p < end ? p + 1 : 0;
}

NFLOW_FN const char *nflow_digits(const char *p, const char *end) {
	const char *from = p;
	while (p < end && *p >= '0' && *p <= '9') p++;
	return p > from ? p : 0;
}

NFLOW_FN const char *nflow_skip_number(const char *p, const char *end) {
	if (p < end && *p == '-') p++;
	const char *from = p;
	p = nflow_digits(p, end);
	if (!p || (*from == '0' && p - from > 1)) return 0;
	if (p < end && *p == '.') p = nflow_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-')) p++;
		p = nflow_digits(p, end);
	}
	return p;
}

/* nflow_skip returns what stands behind one valid value; 0 = it is not valid. */
NFLOW_FN const char *nflow_skip(const char *p, const char *end) {
	char closing[NFLOW_DEPTH]; /* of what is open */
	int depth = 0;
	for (;;) {
		p = nflow_space(p, end);
		if (p >= end) return 0;
		if (*p == '{' || *p == '[') {
			if (depth == NFLOW_DEPTH) return 0;
			closing[depth++] = *p == '{' ? '}' : ']';
			p = nflow_space(p + 1, end);
			if (p < end && *p == closing[depth - 1]) goto closed;
			if (closing[depth - 1] == ']') continue;
			goto key;
		}
		if (*p == '"') p = nflow_skip_string(p, end);
		else if (end - p >= 4 && (nflow_same((nflow_text){p, 4}, "true") || nflow_same((nflow_text){p, 4}, "null"))) p += 4;
		else if (end - p >= 5 && nflow_same((nflow_text){p, 5}, "false")) p += 5;
		else p = nflow_skip_number(p, end);
		if (!p) return 0;
	after:
		if (!depth) return p;
		p = nflow_space(p, end);
		if (p >= end) return 0;
		if (*p == closing[depth - 1]) {
		closed:
			depth--;
			p++;
			goto after;
		}
		if (*p++ != ',') return 0;
		if (closing[depth - 1] == ']') continue;
	key:
		p = nflow_space(p, end);
		p = p < end && *p == '"' ? nflow_skip_string(p, end) : 0;
		if (!p) return 0;
		p = nflow_space(p, end);
		if (p >= end || *p++ != ':') return 0;
	}
}

/* nflow_parse makes a value of bytes; length 0 = they are not one JSON value. */
NFLOW_FN nflow_json nflow_parse(nflow_text t) {
	const char *end = t.at + t.len, *p = nflow_space(t.at, end);
	const char *behind = nflow_skip(p, end);
	if (!behind || nflow_space(behind, end) != end) return (nflow_json){0, 0};
	return (nflow_json){p, (nflow_size)(behind - p)};
}

/* nflow_is tells the kind of a value: '{', '[', '"', 't' (true), 'f' (false),
 * 'n' (null) or '0' (a number). */
NFLOW_FN int nflow_is(nflow_json v, char kind) {
	if (!v.len) return 0;
	return kind == '0' ? *v.at == '-' || (*v.at >= '0' && *v.at <= '9') : *v.at == kind;
}

/* A walk over an array or an object:
 *   for (nflow_iter i = nflow_each(v); nflow_next(&i);) ... i.key, i.value ... */
typedef struct {
	const char *p, *end;
	nflow_json key, value;
} nflow_iter;

NFLOW_FN nflow_iter nflow_each(nflow_json v) {
	nflow_iter i = {0, 0, {0, 0}, {0, 0}};
	if (nflow_is(v, '{') || nflow_is(v, '[')) {
		i.p = v.at;
		i.end = v.at + v.len;
	}
	return i;
}

NFLOW_FN int nflow_next(nflow_iter *i) {
	if (!i->p) return 0;
	int object = i->end[-1] == '}';
	i->p = nflow_space(i->p + 1, i->end); /* over the bracket or comma */
	if (*i->p == '}' || *i->p == ']') return i->p = 0, 0;
	if (object) {
		i->key.at = i->p;
		i->p = nflow_skip_string(i->p, i->end);
		i->key.len = (nflow_size)(i->p - i->key.at);
		i->p = nflow_space(i->p, i->end) + 1; /* the colon */
		i->p = nflow_space(i->p, i->end);
	}
	i->value.at = i->p;
	i->p = nflow_skip(i->p, i->end);
	i->value.len = (nflow_size)(i->p - i->value.at);
	i->p = nflow_space(i->p, i->end);
	if (*i->p != ',') i->p = 0; /* that was the last */
	return 1;
}

/* nflow_equals compares a JSON string, such as a key, with text. */
NFLOW_FN int nflow_equals(nflow_json v, const char *s) {
	char out[4];
	int len;
	if (!nflow_is(v, '"')) return 0;
	for (const char *p = v.at + 1, *end = v.at + v.len - 1; p < end;) {
		p = nflow_char(p, end, out, &len);
		for (int i = 0; i < len; i++)
			if (!*s || *s++ != out[i]) return 0;
	}
	return !*s;
}

/* nflow_get is a member of an object, the last with its key; length 0 = none. */
NFLOW_FN nflow_json nflow_get(nflow_json v, const char *key) {
	nflow_json found = {0, 0};
	if (nflow_is(v, '{'))
		for (nflow_iter i = nflow_each(v); nflow_next(&i);)
			if (nflow_equals(i.key, key)) found = i.value;
	return found;
}

/* nflow_at is an element of an array; length 0 = none. */
NFLOW_FN nflow_json nflow_at(nflow_json v, nflow_size index) {
	if (nflow_is(v, '['))
		for (nflow_iter i = nflow_each(v); nflow_next(&i);)
			if (index-- == 0) return i.value;
	return (nflow_json){0, 0};
}

/* nflow_string reads a string; 0 = it is none, or there is no memory. */
NFLOW_FN int nflow_string(nflow_json v, nflow_text *out) {
	if (!nflow_is(v, '"')) return 0;
	nflow_text inside = {v.at + 1, v.len - 2};
	nflow_size plain = 0;
	while (plain < inside.len && inside.at[plain] != '\\') plain++;
	if (plain < inside.len) {
		char *to = nflow_alloc(inside.len); /* text only shrinks */
		nflow_size n = 0;
		int len;
		if (!to) return 0;
		for (const char *p = inside.at, *end = p + inside.len; p < end; n += (nflow_size)len) p = nflow_char(p, end, to + n, &len);
		inside = (nflow_text){to, n};
	}
	*out = inside;
	return 1;
}

/* nflow_int reads a whole number that fits; 0 = it is none. Other numbers are
 * best passed on as they are, with nflow_put. */
NFLOW_FN int nflow_int(nflow_json v, long long *out) {
	unsigned long long n = 0, most = 0x7fffffffffffffffULL;
	nflow_size i = 0;
	int negative = nflow_is(v, '-');
	if (!nflow_is(v, '0')) return 0;
	if (negative) i++, most++;
	for (; i < v.len; i++) {
		unsigned digit = (unsigned)(v.at[i] - '0');
		if (digit > 9 || n > (most - digit) / 10) return 0;
		n = n * 10 + digit;
	}
	*out = (long long)(negative ? 0 - n : n);
	return 1;
}

/* nflow_bytes reads a string that holds bytes in base64; 0 = it is none. */
NFLOW_FN int nflow_bytes(nflow_json v, nflow_text *out) {
	nflow_text t;
	if (!nflow_string(v, &t) || t.len % 4) return 0;
	while (t.len && t.at[t.len - 1] == '=') t.len--;
	unsigned char *to = nflow_alloc(t.len);
	nflow_size n = 0;
	unsigned bits = 0, held = 0;
	if (!to || t.len % 4 == 1) return 0;
	for (nflow_size i = 0; i < t.len; i++) {
		char ch = t.at[i];
		int six = ch >= 'A' && ch <= 'Z' ? ch - 'A' : ch >= 'a' && ch <= 'z' ? ch - 'a' + 26 : ch >= '0' && ch <= '9' ? ch - '0' + 52 : ch == '+' ? 62 : ch == '/' ? 63 : -1;
		if (six < 0) return 0;
		bits = bits << 6 | (unsigned)six;
		if ((held += 6) >= 8) to[n++] = (unsigned char)(bits >> (held -= 8));
	}
	*out = (nflow_text){(const char *)to, n};
	return 1;
}

/* ---- errors ---------------------------------------------------------------- */

/* nflow_fail reports a typed error; its message is what and why, one behind the
 * other. Codes: invalid_argument, permission_denied, not_found, conflict,
 * payload_too_large, resource_exhausted, internal, unavailable,
 * deadline_exceeded, cancelled. It returns NFLOW_FAILED. */
NFLOW_FN int nflow_fail(nflow_call *c, const char *code, nflow_text what, const char *why) {
	nflow_buf e = {0, 0, 0, 0};
	nflow_puts(&e, "{\"code\":");
	nflow_put_string(&e, nflow_cstr(code));
	nflow_puts(&e, ",\"message\":\"");
	nflow_put_escaped(&e, what);
	nflow_put_escaped(&e, nflow_cstr(why));
	nflow_puts(&e, "\"}");
	c->error = e;
	return NFLOW_FAILED;
}

/* nflow_want_string reads a string that must be there; 0 = it is not, and the
 * error that names it is reported. */
NFLOW_FN int nflow_want_string(nflow_call *c, nflow_json v, const char *field, nflow_text *out) {
	if (nflow_string(v, out)) return 1;
	const char *why = !v.len ? " is missing; give a string" : nflow_is(v, '"') ? " is too long" : " must be a string";
	return nflow_fail(c, nflow_is(v, '"') ? "payload_too_large" : "invalid_argument", nflow_cstr(field), why), 0;
}

/* nflow_want_int does the same for a whole number. */
NFLOW_FN int nflow_want_int(nflow_call *c, nflow_json v, const char *field, long long *out) {
	if (nflow_int(v, out)) return 1;
	return nflow_fail(c, "invalid_argument", nflow_cstr(field), v.len ? " must be a whole number" : " is missing; give a whole number"), 0;
}

/* ---- frames ---------------------------------------------------------------- */

/* nflow_frame joins a header and a payload; at 0 = there is no memory. */
NFLOW_FN nflow_text nflow_frame(nflow_buf header, nflow_buf payload) {
	nflow_buf f = {0, 0, 0, header.failed | payload.failed};
	const char len[4] = {(char)header.len, (char)(header.len >> 8), (char)(header.len >> 16), (char)(header.len >> 24)};
	nflow_put(&f, (nflow_text){len, 4});
	nflow_put(&f, (nflow_text){header.at, header.len});
	nflow_put(&f, (nflow_text){payload.at, payload.len});
	return f.failed ? (nflow_text){0, 0} : (nflow_text){f.at, f.len};
}

/* nflow_split takes a frame apart; 0 = it is none. */
NFLOW_FN int nflow_split(nflow_text f, nflow_json *header, nflow_json *payload) {
	const unsigned char *p = (const unsigned char *)f.at;
	if (!p || f.len < 4) return 0;
	nflow_size n = p[0] | (nflow_size)p[1] << 8 | (nflow_size)p[2] << 16 | (nflow_size)p[3] << 24;
	if (n > f.len - 4) return 0;
	*header = nflow_parse((nflow_text){f.at + 4, n});
	*payload = f.len - 4 == n ? nflow_cstr("null") : nflow_parse((nflow_text){f.at + 4 + n, f.len - 4 - n});
	return nflow_is(*header, '{') && payload->len;
}

/* ---- the host -------------------------------------------------------------- */

/* nflow_host calls the host: a method and the object of its arguments, as ABI.md
 * lists them. 0 = it failed, and its error is reported: return NFLOW_FAILED, or
 * go on without it. */
NFLOW_FN int nflow_host(nflow_call *c, const char *method, nflow_buf arguments, nflow_json *result) {
	nflow_buf header = {0, 0, 0, 0};
	nflow_json answer;
	nflow_puts(&header, "{\"method\":");
	nflow_put_string(&header, nflow_cstr(method));
	nflow_puts(&header, "}");
	nflow_text f = nflow_frame(header, arguments);
	if (!f.at) return nflow_fail(c, "resource_exhausted", nflow_cstr(method), ": no memory is left for the call"), 0;
	int len = nflow_v1_host_call(f.at, (int)f.len);
	char *to = len < 0 ? 0 : nflow_alloc((nflow_size)len);
	if (!to || nflow_v1_host_read(to, len) != len || !nflow_split((nflow_text){to, (nflow_size)len}, &answer, result))
		return nflow_fail(c, "internal", nflow_cstr(method), ": the host gave no answer that can be read"), 0;
	nflow_json error = nflow_get(answer, "error");
	if (!nflow_is(error, '{')) return 1;
	c->error = (nflow_buf){0, 0, 0, 0};
	nflow_put(&c->error, error);
	return 0;
}

/* nflow_kv_get reads a value of a space; 0 = it failed. A value of length 0 was
 * never set. */
NFLOW_FN int nflow_kv_get(nflow_call *c, const char *space, nflow_text key, nflow_json *value) {
	nflow_buf a = {0, 0, 0, 0};
	nflow_json result;
	nflow_puts(&a, "{\"space\":");
	nflow_put_string(&a, nflow_cstr(space));
	nflow_puts(&a, ",\"key\":");
	nflow_put_string(&a, key);
	nflow_puts(&a, "}");
	if (!nflow_host(c, "kv.get", a, &result)) return 0;
	*value = nflow_is(nflow_get(result, "found"), 't') ? nflow_get(result, "value") : (nflow_json){0, 0};
	return 1;
}

/* nflow_kv_set writes one; 0 = it failed. */
NFLOW_FN int nflow_kv_set(nflow_call *c, const char *space, nflow_text key, nflow_json value) {
	nflow_buf a = {0, 0, 0, 0};
	nflow_json result;
	nflow_puts(&a, "{\"space\":");
	nflow_put_string(&a, nflow_cstr(space));
	nflow_puts(&a, ",\"key\":");
	nflow_put_string(&a, key);
	nflow_puts(&a, ",\"value\":");
	nflow_put(&a, value);
	nflow_puts(&a, "}");
	return nflow_host(c, "kv.set", a, &result);
}

/* nflow_log writes to the log: level debug, info, warn or error; 0 = it failed. */
NFLOW_FN int nflow_log(nflow_call *c, const char *level, nflow_text message) {
	nflow_buf a = {0, 0, 0, 0};
	nflow_json result;
	nflow_puts(&a, "{\"level\":");
	nflow_put_string(&a, nflow_cstr(level));
	nflow_puts(&a, ",\"message\":");
	nflow_put_string(&a, message);
	nflow_puts(&a, "}");
	return nflow_host(c, "log", a, &result);
}

/* ---- calls ----------------------------------------------------------------- */

/* nflow_answer writes the answer and returns what nflow_call returns. */
NFLOW_FN int nflow_answer(nflow_call *c, int failed) {
	nflow_buf h = {0, 0, 0, 0}, none = {0, 0, 0, 0};
	if (failed && !c->error.len && !c->error.failed) nflow_fail(c, "internal", c->name, " failed without saying why");
	if (failed && c->error.failed) {
		h.failed = 1;
	} else if (failed) {
		nflow_puts(&h, "{\"error\":");
		nflow_put(&h, (nflow_text){c->error.at, c->error.len - 1}); /* without its brace */
		if (c->retryable) nflow_puts(&h, ",\"retryable\":true");
		if (c->details.len) {
			nflow_puts(&h, ",\"details\":");
			nflow_put(&h, c->details);
		}
		nflow_puts(&h, "}");
	} else {
		nflow_puts(&h, "{\"status\":");
		nflow_put_int(&h, c->status);
		if (c->next.len) {
			nflow_puts(&h, ",\"next\":");
			nflow_put_string(&h, c->next);
		}
		if (c->headers.len) {
			nflow_puts(&h, ",\"headers\":");
			nflow_put(&h, c->headers);
		}
		if (c->emitted) nflow_puts(&h, ",\"emitted\":true");
		if (c->base64) nflow_puts(&h, ",\"encoding\":\"base64\"");
	}
	nflow_puts(&h, "}");
	nflow_text f = nflow_frame(h, failed ? none : c->out);
	if (!f.at) {
		static const char exhausted[] = "\x4f\0\0\0{\"error\":{\"code\":\"resource_exhausted\",\"message\":\"the plugin's memory is full\"}}";
		_Static_assert(sizeof exhausted - 1 == 4 + 0x4f, "the frame says how long its header is");
		f = (nflow_text){exhausted, sizeof exhausted - 1};
		failed = 1;
	}
	nflow_v1_output_write(f.at, (int)f.len);
	return failed ? NFLOW_FAILED : NFLOW_OK;
}

NFLOW_FN int nflow_dispatch(nflow_call *c, const nflow_member *members, nflow_size count, nflow_text manifest) {
	for (nflow_size i = 0; i < count; i++)
		if (nflow_same(c->op, members[i].op) && (nflow_same(c->name, members[i].name) || nflow_same(c->op, "configure"))) return members[i].call(c);
	if (nflow_same(c->op, "describe")) return nflow_put(&c->out, manifest), NFLOW_OK;
	if (nflow_same(c->op, "configure")) { /* settings that nobody reads are a mistake */
		nflow_iter i = nflow_each(c->payload);
		return nflow_next(&i) ? nflow_fail(c, "invalid_argument", nflow_cstr("this plugin"), " takes no settings") : NFLOW_OK;
	}
	if (nflow_same(c->op, "node") || nflow_same(c->op, "function") || nflow_same(c->op, "action"))
		return nflow_fail(c, "not_found", c->name, " is not in this plugin");
	return nflow_fail(c, "invalid_argument", c->op, ": this operation is unknown");
}

/* nflow_run is one call, from its frame to its answer. */
NFLOW_FN int nflow_run(const nflow_member *members, nflow_size count, nflow_text manifest) {
	nflow_call c;
	__builtin_memset(&c, 0, sizeof c);
	nflow_top = (nflow_size)&__heap_base;
	int len = nflow_v1_input_len();
	char *input = len < 0 ? 0 : nflow_alloc((nflow_size)len);
	if (!input) return nflow_answer(&c, nflow_fail(&c, "payload_too_large", nflow_cstr("the call"), " does not fit into the plugin's memory"));
	if (nflow_v1_input_read(input, len) != len || !nflow_split((nflow_text){input, (nflow_size)len}, &c.header, &c.payload))
		return nflow_answer(&c, nflow_fail(&c, "invalid_argument", nflow_cstr("the call"), " is no frame: a little-endian uint32 header length, the JSON header, the JSON payload"));
	nflow_json name = nflow_get(c.header, "name"), params = nflow_get(c.header, "params");
	if (!nflow_string(nflow_get(c.header, "op"), &c.op) || (name.len && !nflow_string(name, &c.name)))
		return nflow_answer(&c, nflow_fail(&c, "invalid_argument", nflow_cstr("op and name"), " of the call's header must be strings"));
	c.params = nflow_is(params, '{') ? params : nflow_cstr("{}");
	return nflow_answer(&c, nflow_dispatch(&c, members, count, manifest));
}

/* NFLOW_PLUGIN makes a plugin of a manifest, a file of the folder in which the
 * compiler runs or of -I, and of its members. It stands once, at the end. */
#define NFLOW_PLUGIN(file, members)                                                              \
	__asm__(".section .rodata.nflow_manifest,\"\",@\n"                                           \
	        "nflow_manifest:\n.incbin \"" file "\"\n"                                            \
	        "nflow_manifest_end:\n.int8 0\n"                                                     \
	        ".size nflow_manifest, nflow_manifest_end-nflow_manifest\n.type nflow_manifest,@object\n" \
	        ".size nflow_manifest_end, 1\n.type nflow_manifest_end,@object\n");                  \
	extern const char nflow_manifest[], nflow_manifest_end[];                                    \
	NFLOW_EXPORT("nflow_abi_version") int nflow_abi_version(void) { return 1; }                  \
	NFLOW_EXPORT("nflow_call") int nflow_export_call(void) {                                     \
		return nflow_run(members, sizeof(members) / sizeof *(members),                           \
		                 (nflow_text){nflow_manifest, (nflow_size)(nflow_manifest_end - nflow_manifest)}); \
	}

#endif
