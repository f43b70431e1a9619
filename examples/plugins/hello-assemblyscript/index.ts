// hello-assemblyscript greets: from a workflow, from scripts and over HTTP.
import { Call, Json, action, func, node } from "./nflow";

export { nflow_abi_version, nflow_call } from "./nflow";

// greetPayload answers {"name": "Ana"} with {"message": "Hello, Ana!"}.
function greetPayload(c: Call, greeting: string): Json {
  const name = c.wantString(c.payload.get("name"), "payload.name");
  if (name === null) return c.failed;
  return Json.object().set("message", Json.string(greeting + ", " + name + "!"));
}

node("greet", (c: Call): Json => {
  const given = c.params.get("greeting");
  if (given.isMissing) return greetPayload(c, "Hello");
  const greeting = c.wantString(given, "params.greeting");
  return greeting === null ? c.failed : greetPayload(c, greeting);
});

action("greet", (c: Call): Json => greetPayload(c, "Hello"));

func("greet", (c: Call): Json => {
  const name = c.wantString(c.payload.at(0), "args[0]");
  return name === null ? c.failed : Json.string("Hello, " + name + "!");
});
