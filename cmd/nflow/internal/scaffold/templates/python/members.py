"""PLUGIN_NAME greets: from a workflow, from scripts and over HTTP."""

import nflow_plugin
from nflow_plugin import want

plugin = nflow_plugin.Plugin("PLUGIN_NAME", "0.1.0", description="Greets by name.")

NODE = {
    "type": "object",
    "properties": {
        "greeting": {"type": "string", "default": "Hello", "description": "What stands before the name"},
    },
}
ARGUMENTS = {
    "type": "array",
    "prefixItems": [{"type": "string", "description": "The name"}],
    "minItems": 1,
    "maxItems": 1,
}
BODY = {
    "type": "object",
    "properties": {"name": {"type": "string", "description": "The name"}},
    "required": ["name"],
}
ANA = {"payload": {"name": "Ana"}, "result": {"message": "Hello, Ana!"}}
HOLA = {"params": {"greeting": "Hola"}, "payload": {"name": "Ana"}, "result": {"message": "Hola, Ana!"}}


@plugin.node("greet", params=NODE, description="Greets the name in the payload.", examples=[ANA, HOLA])
def greet_node(payload, params):
    greeting = want(params, "greeting", str, "params.greeting", default="Hello")
    name = want(payload, "name", str, "payload.name")
    return {"message": f"{greeting}, {name}!"}


@plugin.function("greet", params=ARGUMENTS, description="Greets a name.", examples=[{"payload": ["Ana"], "result": "Hello, Ana!"}])
def greet(name: str):
    return f"Hello, {name}!"


@plugin.action("greet", params=BODY, description="Greets the name in the body.", examples=[ANA])
def greet_action(body):
    return {"message": greet(want(body, "name", str, "payload.name"))}
