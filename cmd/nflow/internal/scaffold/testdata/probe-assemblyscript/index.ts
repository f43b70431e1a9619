// Uses all of nflow.ts, for its tests.
import { Call, Json, Kind, action, configure, func, node } from "./nflow";

export { nflow_abi_version, nflow_call } from "./nflow";

let word = "";

configure((c: Call): Json => {
  const t = c.wantString(c.payload.get("word"), "settings.word");
  if (t !== null) word = t;
  return c.failed;
});

func("word", (c: Call): Json => Json.string(word));

node("route", (c: Call): Json => {
  const next = c.wantString(c.params.get("next"), "params.next");
  if (next === null) return c.failed;
  c.next = next;
  return c.payload;
});

node("emit", (c: Call): Json => {
  c.emitted = true;
  return Json.array()
    .push(Json.object().set("payload", Json.integer(1)).set("next", Json.string("output_2")))
    .push(Json.object().set("payload", c.payload).set("next", Json.string("")));
});

func("next", (c: Call): Json => {
  const n = c.payload.at(0);
  if (!n.isInteger) return c.fail("invalid_argument", "args[0]" + (n.isMissing ? " is missing; give a whole number" : " must be a whole number"));
  return Json.integer(n.integer() + 1);
});

func("kv", (c: Call): Json => {
  const key = c.wantString(c.payload.at(0), "args[0]");
  if (key === null) return c.failed;
  if (!c.payload.at(1).isMissing && !c.kvSet("probe", key, c.payload.at(1))) return c.failed;
  if (!c.log("info", key)) return c.failed;
  return c.kvGet("probe", key);
});

func("fail", (c: Call): Json => c.fail("conflict", '"no" and no', true, Json.object().set("n", Json.array().push(Json.integer(1)))));
func("silent", (c: Call): Json => c.fail("internal", "silent failed without saying why"));
func("eat", (c: Call): Json => Json.number(c.payload.at(0).float()));

action("same", (c: Call): Json => c.payload);

action("bytes", (c: Call): Json => {
  if (c.header.get("encoding").text != "base64" || c.payload.kind != Kind.String) return c.fail("invalid_argument", "the body is not bytes");
  c.base64 = true;
  c.status = 201;
  c.headers = Json.object().set("Content-Type", Json.string("application/x-probe"));
  return c.payload;
});
