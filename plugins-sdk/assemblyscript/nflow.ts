// nflow.ts: write nFlow plugins in AssemblyScript.
//
//   import { Call, Json, action } from "./nflow";
//   export { nflow_abi_version, nflow_call } from "./nflow";
//
//   action("greet", (c: Call): Json => {
//     const name = c.wantString(c.payload.get("name"), "payload.name");
//     if (name === null) return c.failed;
//     return Json.object().set("message", Json.string("Hello, " + name + "!"));
//   });
//
// Build it with nflow plugin build, or with npm run build -- --outFile NAME.wasm.
//
// A member never throws: a throw in AssemblyScript is a trap, and costs the host
// the instance. It reports with c.fail(code, message) and returns what that gives.
// Functions here cannot capture variables of others; keep state in globals, which
// live as long as the instance, of which there may be several.

import { MANIFEST } from "./manifest";

// @ts-ignore: decorator
@external("nflow_v1", "input_len")
declare function input_len(): i32;
// @ts-ignore: decorator
@external("nflow_v1", "input_read")
declare function input_read(to: usize, len: i32): i32;
// @ts-ignore: decorator
@external("nflow_v1", "output_write")
declare function output_write(from: usize, len: i32): void;
// @ts-ignore: decorator
@external("nflow_v1", "host_call")
declare function host_call(from: usize, len: i32): i32;
// @ts-ignore: decorator
@external("nflow_v1", "host_read")
declare function host_read(to: usize, len: i32): i32;

/** How deeply arrays and objects nest, as in nFlow. */
const DEPTH: i32 = 512;

/** What a JSON value is. */
export enum Kind {
  Null,
  Bool,
  Number,
  String,
  Array,
  Object,
  /** There is no value: a member or an element that is not there. */
  Missing,
}

/** One JSON value. Numbers are kept as they were written. */
export class Json {
  /** Of a string its text, of a number its digits, of a boolean true or false. */
  text: string = "";
  private list: Array<Json> | null = null;
  private keys: Array<string> | null = null;

  constructor(readonly kind: Kind) {}

  static missing(): Json { return new Json(Kind.Missing); }
  static null(): Json { return new Json(Kind.Null); }
  static bool(b: bool): Json { return Json.plain(Kind.Bool, b ? "true" : "false"); }
  static string(s: string): Json { return Json.plain(Kind.String, s); }
  static integer(n: i64): Json { return Json.plain(Kind.Number, n.toString()); }
  /** A number; null when it is none that JSON knows. */
  static number(n: f64): Json { return isFinite(n) ? Json.plain(Kind.Number, n.toString()) : Json.null(); }
  static array(): Json { return new Json(Kind.Array); }
  static object(): Json { return new Json(Kind.Object); }

  static plain(kind: Kind, text: string): Json {
    const v = new Json(kind);
    v.text = text;
    return v;
  }

  get isMissing(): bool { return this.kind == Kind.Missing; }
  get isNull(): bool { return this.kind == Kind.Null; }
  get isTrue(): bool { return this.kind == Kind.Bool && this.text == "true"; }

  /** The number of elements or members. */
  get length(): i32 {
    const list = this.list;
    return list === null ? 0 : list.length;
  }

  /** A member of an object; the last, should a key stand there twice. */
  get(key: string): Json {
    const keys = this.keys, list = this.list;
    if (keys !== null && list !== null) {
      const i = keys.lastIndexOf(key);
      if (i >= 0) return list[i];
    }
    return Json.missing();
  }

  /** An element of an array, or the value of a member of an object. */
  at(i: i32): Json {
    const list = this.list;
    return list !== null && i >= 0 && i < list.length ? list[i] : Json.missing();
  }

  /** The key of a member of an object. */
  key(i: i32): string {
    const keys = this.keys;
    return keys !== null && i >= 0 && i < keys.length ? keys[i] : "";
  }

  /** Adds a member to an object. */
  set(key: string, value: Json): Json {
    let keys = this.keys;
    if (keys === null) this.keys = keys = new Array<string>();
    keys.push(key);
    return this.push(value);
  }

  /** Adds an element to an array. */
  push(value: Json): Json {
    let list = this.list;
    if (list === null) this.list = list = new Array<Json>();
    list.push(value);
    return this;
  }

  /** The number as a float; NaN when this is none. */
  float(): f64 { return this.kind == Kind.Number ? parseFloat(this.text) : NaN; }

  /** Whether this is a whole number that fits 64 bits. */
  get isInteger(): bool {
    if (this.kind != Kind.Number) return false;
    const negative = this.text.startsWith("-");
    const digits = negative ? this.text.substring(1) : this.text;
    for (let i = 0; i < digits.length; i++) {
      if (!isDigit(digits.charCodeAt(i))) return false;
    }
    const most = negative ? "9223372036854775808" : "9223372036854775807";
    return digits.length < most.length || (digits.length == most.length && digits <= most);
  }

  /** The whole number; 0 when isInteger is false. */
  integer(): i64 { return this.isInteger ? I64.parseInt(this.text) : 0; }

  /** This value as JSON. */
  toString(): string {
    const out = new Array<string>();
    this.write(out);
    return out.join("");
  }

  private write(out: Array<string>): void {
    switch (this.kind) {
      case Kind.Missing:
      case Kind.Null: out.push("null"); break;
      case Kind.String: quote(this.text, out); break;
      case Kind.Array: this.writeAll("[", "]", out); break;
      case Kind.Object: this.writeAll("{", "}", out); break;
      default: out.push(this.text);
    }
  }

  private writeAll(open: string, close: string, out: Array<string>): void {
    out.push(open);
    for (let i = 0; i < this.length; i++) {
      if (i > 0) out.push(",");
      if (this.kind == Kind.Object) {
        quote(this.key(i), out);
        out.push(":");
      }
      this.at(i).write(out);
    }
    out.push(close);
  }
}

/** Appends a JSON string. Half of a surrogate pair becomes U+FFFD. */
function quote(s: string, out: Array<string>): void {
  out.push('"');
  let done = 0;
  for (let i = 0; i < s.length; i++) {
    const ch = s.charCodeAt(i);
    if (isHigh(ch) && i + 1 < s.length && isLow(s.charCodeAt(i + 1))) {
      i++;
      continue;
    }
    const half = isHigh(ch) || isLow(ch);
    if (ch >= 0x20 && ch != 0x22 && ch != 0x5c && !half) continue;
    out.push(s.substring(done, i));
    out.push(half ? "\uFFFD" : ch < 0x20 ? "\\u00" + (ch < 16 ? "0" : "") + ch.toString(16) : "\\" + s.charAt(i));
    done = i + 1;
  }
  out.push(done == 0 ? s : s.substring(done));
  out.push('"');
}

function isHigh(ch: i32): bool { return ch >= 0xd800 && ch < 0xdc00; }
function isLow(ch: i32): bool { return ch >= 0xdc00 && ch < 0xe000; }
function isDigit(ch: i32): bool { return ch >= 0x30 && ch <= 0x39; }

/** Reads one JSON value; null when the text is none. */
export function parse(text: string): Json | null {
  const r = new Reader(text);
  const v = r.value(0);
  r.space();
  return r.wrong || r.at < text.length ? null : v;
}

class Reader {
  at: i32 = 0;
  wrong: bool = false;

  constructor(private s: string) {}

  /** The code unit at the place of reading; -1 behind the end. */
  private here(): i32 { return this.at < this.s.length ? this.s.charCodeAt(this.at) : -1; }

  private fail(): Json {
    this.wrong = true;
    return Json.missing();
  }

  space(): void {
    let ch = this.here();
    while (ch == 0x20 || ch == 0x0a || ch == 0x0d || ch == 0x09) {
      this.at++;
      ch = this.here();
    }
  }

  private take(ch: i32): bool {
    this.space();
    if (this.here() != ch) return false;
    this.at++;
    return true;
  }

  value(depth: i32): Json {
    this.space();
    const ch = this.here();
    if (ch == 0x7b || ch == 0x5b) return depth < DEPTH ? this.container(ch == 0x7b, depth + 1) : this.fail();
    if (ch == 0x22) return Json.string(this.string());
    if (ch == 0x2d || isDigit(ch)) return this.number();
    if (this.word("true")) return Json.bool(true);
    if (this.word("false")) return Json.bool(false);
    if (this.word("null")) return Json.null();
    return this.fail();
  }

  private word(w: string): bool {
    if (this.s.substr(this.at, w.length) != w) return false;
    this.at += w.length;
    return true;
  }

  private container(object: bool, depth: i32): Json {
    const v = object ? Json.object() : Json.array();
    const close = object ? 0x7d : 0x5d;
    this.at++;
    if (this.take(close)) return v;
    do {
      if (object) {
        this.space();
        if (this.here() != 0x22) return this.fail();
        const key = this.string();
        if (!this.take(0x3a)) return this.fail();
        v.set(key, this.value(depth));
      } else {
        v.push(this.value(depth));
      }
      if (this.wrong) return v;
    } while (this.take(0x2c));
    return this.take(close) ? v : this.fail();
  }

  private digits(): bool {
    const from = this.at;
    while (isDigit(this.here())) this.at++;
    return this.at > from;
  }

  private number(): Json {
    const from = this.at;
    if (this.here() == 0x2d) this.at++;
    const zero = this.here() == 0x30, first = this.at;
    if (!this.digits() || (zero && this.at - first > 1)) return this.fail();
    if (this.here() == 0x2e) {
      this.at++;
      if (!this.digits()) return this.fail();
    }
    if ((this.here() | 0x20) == 0x65) {
      this.at++;
      if (this.here() == 0x2b || this.here() == 0x2d) this.at++;
      if (!this.digits()) return this.fail();
    }
    return Json.plain(Kind.Number, this.s.substring(from, this.at));
  }

  private string(): string {
    const parts = new Array<string>();
    let done = ++this.at;
    for (;;) {
      const ch = this.here();
      if (ch < 0x20) { // behind the end, too
        this.wrong = true;
        return "";
      }
      if (ch == 0x22) break;
      if (ch != 0x5c) {
        this.at++;
        continue;
      }
      parts.push(this.s.substring(done, this.at));
      parts.push(this.escape());
      if (this.wrong) return "";
      done = this.at;
    }
    const rest = this.s.substring(done, this.at++);
    if (parts.length == 0) return rest;
    parts.push(rest);
    return parts.join("");
  }

  private escape(): string {
    this.at++;
    const ch = this.here();
    this.at++;
    switch (ch) {
      case 0x22: return '"';
      case 0x5c: return "\\";
      case 0x2f: return "/";
      case 0x62: return "\b";
      case 0x66: return "\f";
      case 0x6e: return "\n";
      case 0x72: return "\r";
      case 0x74: return "\t";
      case 0x75: return this.unicode();
    }
    this.wrong = true;
    return "";
  }

  /** Half of a surrogate pair becomes U+FFFD. */
  private unicode(): string {
    const n = this.hex4();
    if (isHigh(n) && this.s.substr(this.at, 2) == "\\u") {
      const back = this.at;
      this.at += 2;
      const low = this.hex4();
      if (isLow(low)) return String.fromCharCode(n, low);
      this.at = back;
    }
    return isHigh(n) || isLow(n) ? "\uFFFD" : String.fromCharCode(n);
  }

  private hex4(): i32 {
    let n = 0;
    for (let i = 0; i < 4; i++, this.at++) {
      const ch = this.here(), lower = ch | 0x20;
      if (isDigit(ch)) n = (n << 4) | (ch - 0x30);
      else if (lower >= 0x61 && lower <= 0x66) n = (n << 4) | (lower - 0x57);
      else {
        this.wrong = true;
        return 0;
      }
    }
    return n;
  }
}

/** Whether bytes are UTF-8; decoding others would make something up. */
function isUTF8(b: Uint8Array): bool {
  for (let i = 0; i < b.length; ) {
    const first = b[i], second: u8 = i + 1 < b.length ? b[i + 1] : 0;
    const n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (n == 0 || i + n > b.length) return false;
    for (let k = 1; k < n; k++) {
      if ((b[i + k] & 0xc0) != 0x80) return false;
    }
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return false; // too long; surrogates
    if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return false; // too long; too great
    i += n;
  }
  return true;
}

/** A header and a payload. */
class Frame {
  constructor(readonly header: Json, readonly payload: Json) {}

  static decode(b: Uint8Array): Frame | null {
    if (b.length < 4) return null;
    const n = load<u32>(b.dataStart);
    if (n > <u32>b.length - 4) return null;
    const header = jsonOf(b.subarray(4, 4 + n)), rest = b.subarray(4 + n);
    const payload = rest.length == 0 ? Json.null() : jsonOf(rest);
    return header === null || payload === null || header.kind != Kind.Object ? null : new Frame(header, payload);
  }

  static encode(header: string, payload: string): Uint8Array {
    const h = Uint8Array.wrap(String.UTF8.encode(header)), p = Uint8Array.wrap(String.UTF8.encode(payload));
    const b = new Uint8Array(4 + h.length + p.length);
    store<u32>(b.dataStart, h.length);
    b.set(h, 4);
    b.set(p, 4 + h.length);
    return b;
  }
}

function jsonOf(b: Uint8Array): Json | null {
  return isUTF8(b) ? parse(String.UTF8.decodeUnsafe(b.dataStart, b.length)) : null;
}

/** One call: what it asks for, and what stands beside the payload of its answer. */
export class Call {
  readonly op: string;
  readonly name: string;
  /** Of a node, an object. */
  readonly params: Json;

  /** The output that a node follows. */
  next: string = "";
  /** Says that the result is an array of {"payload": ..., "next": ...}. */
  emitted: bool = false;
  /** HTTP status of an action; 0 = 200. */
  status: i32 = 0;
  /** HTTP headers of an action, an object. */
  headers: Json = Json.missing();
  /** Says that the result is a string that holds bytes in base64. */
  base64: bool = false;

  /** What a member returns that reported an error. */
  readonly failed: Json = Json.missing();
  /** The error that was reported, if any. */
  error: Json = Json.missing();

  /** header holds all that ABI.md names; payload is null when there is none. */
  constructor(readonly header: Json, readonly payload: Json) {
    this.op = header.get("op").text;
    this.name = header.get("name").text;
    const params = header.get("params");
    this.params = params.kind == Kind.Object ? params : Json.object();
  }

  /**
   * Reports a typed error. Codes: invalid_argument, permission_denied, not_found,
   * conflict, payload_too_large, resource_exhausted, internal, unavailable,
   * deadline_exceeded, cancelled. It is retryable when it may succeed later;
   * details is any JSON that helps the caller.
   */
  fail(code: string, message: string, retryable: bool = false, details: Json = Json.missing()): Json {
    this.error = Json.object().set("code", Json.string(code)).set("message", Json.string(message));
    if (retryable) this.error.set("retryable", Json.bool(true));
    if (!details.isMissing) this.error.set("details", details);
    return this.failed;
  }

  /** A string that must be there; null = it is not, and the error is reported. */
  wantString(v: Json, field: string): string | null {
    if (v.kind == Kind.String) return v.text;
    this.fail("invalid_argument", field + (v.isMissing ? " is missing; give a string" : " must be a string"));
    return null;
  }

  /**
   * Calls the host: a method and the object of its arguments, as ABI.md lists
   * them. A result that isMissing failed, and its error is reported: return
   * failed, or clear error and go on without it.
   */
  host(method: string, args: Json): Json {
    const request = Frame.encode(Json.object().set("method", Json.string(method)).toString(), args.toString());
    const len = host_call(request.dataStart, request.length);
    const bytes = new Uint8Array(max(len, 0));
    const answer = len >= 0 && host_read(bytes.dataStart, len) == len ? Frame.decode(bytes) : null;
    if (answer === null) return this.fail("internal", method + ": the host gave no answer that can be read");
    const error = answer.header.get("error");
    if (error.kind != Kind.Object) return answer.payload;
    this.error = error;
    return this.failed;
  }

  /** A value of a space; null when it was never set, Missing when it failed. */
  kvGet(space: string, key: string): Json {
    const r = this.host("kv.get", Json.object().set("space", Json.string(space)).set("key", Json.string(key)));
    return r.isMissing ? r : r.get("found").isTrue ? r.get("value") : Json.null();
  }

  /** Writes one; false = it failed. */
  kvSet(space: string, key: string, value: Json): bool {
    const a = Json.object().set("space", Json.string(space)).set("key", Json.string(key)).set("value", value);
    return !this.host("kv.set", a).isMissing;
  }

  /** Writes to the log: level debug, info, warn or error; false = it failed. */
  log(level: string, message: string): bool {
    return !this.host("log", Json.object().set("level", Json.string(level)).set("message", Json.string(message))).isMissing;
  }
}

/** A node, function or action. */
export type Member = (c: Call) => Json;

const members = new Map<string, Member>();

/** Offers a node type. */
export function node(type: string, f: Member): void { members.set("node " + type, f); }
/** Offers a function; the payload is the array of its arguments. */
export function func(name: string, f: Member): void { members.set("function " + name, f); }
/** Offers an action; the payload is the body of the request. */
export function action(name: string, f: Member): void { members.set("action " + name, f); }
/** Takes the operator's settings, an object, before the first call. */
export function configure(f: Member): void { members.set("configure ", f); }

function dispatch(c: Call): string {
  if (c.op == "describe") return MANIFEST;
  const known = c.op == "node" || c.op == "function" || c.op == "action", member = c.op + " " + (known ? c.name : "");
  if (members.has(member)) return members.get(member)(c).toString();
  if (c.op == "configure") { // settings that nobody reads are a mistake
    if (c.payload.length > 0) c.fail("invalid_argument", "this plugin takes no settings");
  } else if (known) c.fail("not_found", c.name + " is not in this plugin");
  else c.fail("invalid_argument", c.op + ": this operation is unknown");
  return "";
}

function headerOf(c: Call): Json {
  const h = Json.object();
  if (!c.error.isMissing) return h.set("error", c.error);
  if (c.next.length > 0) h.set("next", Json.string(c.next));
  if (c.emitted) h.set("emitted", Json.bool(true));
  if (c.status != 0) h.set("status", Json.integer(c.status));
  if (!c.headers.isMissing) h.set("headers", c.headers);
  if (c.base64) h.set("encoding", Json.string("base64"));
  return h;
}

/** The version of the contract; export it from your module. */
export function nflow_abi_version(): i32 { return 1; }

/** One call; export it from your module. */
export function nflow_call(): i32 {
  const input = new Uint8Array(max(input_len(), 0));
  const frame = input_read(input.dataStart, input.length) == input.length ? Frame.decode(input) : null;
  const c = frame === null ? new Call(Json.object(), Json.null()) : new Call(frame.header, frame.payload);
  let payload = "";
  if (frame === null) {
    c.fail("invalid_argument", "the call is no frame: a little-endian uint32 header length, the JSON header, the JSON payload");
  } else if (c.header.get("op").kind != Kind.String || (c.header.get("name").kind != Kind.String && !c.header.get("name").isMissing)) {
    c.fail("invalid_argument", "op and name of the call's header must be strings");
  } else {
    payload = dispatch(c);
  }
  const ok = c.error.isMissing;
  const answer = Frame.encode(headerOf(c).toString(), ok ? payload : "");
  output_write(answer.dataStart, answer.length);
  return ok ? 0 : 1;
}
