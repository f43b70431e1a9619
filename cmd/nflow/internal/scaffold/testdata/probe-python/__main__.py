"""Uses all of nflow_plugin.py, for its tests."""

import os
import sys
import time

import nflow_plugin
from nflow_plugin import Emit, Next, Response, host, want

print("this goes to the log, not to the handshake")

plugin = nflow_plugin.Plugin("probe", "0.1.0", optional_capabilities={"kv": ["probe"]})
word = ""


@plugin.configure
def configure(settings):
    global word
    word = want(settings, "word", str, "settings.word")


@plugin.function("word")
def word_function():
    return word


@plugin.node("route")
def route(payload, params):
    return Next(want(params, "next", str, "params.next"), payload)


@plugin.node("emit")
def emit(payload, params):
    return Emit([Next("output_2", 1), payload])


@plugin.function("next")
def next_int(n: int):
    return n + 1


@plugin.function("kv")
def kv(key: str, value=None):
    if value is not None:
        host.kv_set("probe", key, value)
    host.log("info", key)
    return host.kv_get("probe", key)


@plugin.function("fail")
def fail():
    raise plugin.Error("conflict", '"no" and no', retryable=True, details={"n": [1]})


@plugin.function("crash")
def crash():
    raise KeyError("secret")


@plugin.function("unfit")
def unfit():
    return {1, 2}


@plugin.function("leave")
def leave():
    sys.exit(3)


@plugin.function("die")
def die():
    os._exit(3)


@plugin.function("spin")
def spin():
    host.log("info", "spinning")
    while True:
        pass


@plugin.function("stubborn")
def stubborn():
    try:
        host.call("hang")
    except Exception:  # Cancelled is none
        return "Cancelled is an Exception"
    while True:  # the host may answer before it cancels
        time.sleep(0.01)


@plugin.function("cwd")
def cwd():
    return sys.path[0]


@plugin.action("same")
def same(body):
    return body


@plugin.action("bytes")
def bytes_action(body):
    if not isinstance(body, bytes):
        raise plugin.Error("invalid_argument", "the body is not bytes")
    return Response(body, 201, {"Content-Type": "application/x-probe"})


plugin.run()
