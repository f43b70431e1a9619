"""Write nFlow plugins in Python.

    import nflow_plugin
    from nflow_plugin import host

    plugin = nflow_plugin.Plugin("hello", "0.1.0", description="Greets by name.")

    @plugin.function("greet", examples=[{"payload": ["Ana"], "result": "Hello, Ana!"}])
    def greet(name: str):
        return f"Hello, {name}!"

    plugin.run()

Import this module before anything that prints: nFlow reads the standard output,
so what is printed goes to the standard error, and from there to nFlow's log.

Each call runs in a thread of its own, several at a time. Raise
plugin.Error(code, message) to report a typed error; any other exception is
reported as internal, with its traceback in the log. When nobody waits for a call
any more, Cancelled is raised in it. That cannot interrupt what waits outside of Python,
such as a long time.sleep or a socket without a timeout: nFlow then ends the process,
with all calls in it, so wait in small pieces.

It needs Python 3.9 or newer and grpcio (Debian: python3-grpcio), and nothing else.
"""

import base64
import contextvars
import ctypes
import inspect
import json
import math
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback

__all__ = ["Plugin", "Error", "Cancelled", "Next", "Emit", "Response", "host", "current", "want"]

ABI = 1
COOKIE_KEY, COOKIE_VALUE = "NFLOW_PLUGIN", "v1-6b0f5c1e9a"


def _started():
    """Whether nFlow started us."""
    return os.environ.get(COOKIE_KEY) == COOKIE_VALUE


def _take_stdout():
    """Keeps the standard output for the handshake or the manifest."""
    if not _started() and sys.argv[1:] != ["manifest"]:
        return None
    sys.stdout.flush()
    real = os.dup(1)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)
    return real


_stdout = _take_stdout()


def _write(text):
    """Writes to the real standard output, which is then done with."""
    with os.fdopen(_stdout, "w", encoding="utf-8") as out:
        out.write(text)


# Stacks count as memory of the plugin; the usual 8 MiB for each thread are too many.
threading.stack_size(2 << 20)
_parent = os.getppid()


class Error(Exception):
    """A typed error. Codes: invalid_argument, permission_denied, not_found, conflict,
    payload_too_large, resource_exhausted, internal, unavailable, deadline_exceeded,
    cancelled."""

    def __init__(self, code, message, retryable=False, details=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.retryable, self.details = code, message, retryable, details

    def header(self):
        e = {"code": self.code, "message": self.message}
        if self.retryable:
            e["retryable"] = True
        if self.details is not None:
            e["details"] = self.details
        return {"error": e}


class Cancelled(BaseException):
    """Nobody waits for this call any more."""


class Next:
    """What a node returns to choose the output that is followed."""

    def __init__(self, output, payload=None):
        self.output, self.payload = output, payload


class Emit:
    """What a node returns to fire several times: payloads, or Next with payloads."""

    def __init__(self, firings):
        self.firings = list(firings)


class Response:
    """What an action returns to choose its status and headers. A body of bytes is sent
    as it is, with the Content-Type of the headers."""

    def __init__(self, body=None, status=0, headers=None):
        self.body, self.status, self.headers = body, status, headers


# ---- JSON and checks -------------------------------------------------------------

_KINDS = {
    str: "a string", bool: "a boolean", int: "a whole number", float: "a number",
    list: "an array", dict: "an object", type(None): "null",
}


def _is(value, kind):
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _check(value, kind, field):
    if kind in _KINDS and not _is(value, kind):
        raise Error("invalid_argument", f"{field} must be {_KINDS[kind]}")
    return value


_none = object()


def want(value, key, kind, field, default=_none):
    """A member of an object, such as want(payload, "name", str, "payload.name").
    invalid_argument names the field when it is missing, unless there is a default,
    and when it is of another kind."""
    if isinstance(value, dict) and key in value:
        return _check(value[key], kind, field)
    if default is not _none:
        return default
    raise Error("invalid_argument", f"{field} is missing; give {_KINDS.get(kind, 'a value')}")


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def _parse(raw, what):
    try:
        return json.loads(raw.decode(), parse_float=_finite, parse_constant=_finite) if raw else None
    except (ValueError, RecursionError) as e:
        raise Error("invalid_argument", f"{what} is not JSON: {e}") from None


def _encode(value):
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


# ---- plugins ---------------------------------------------------------------------

_call = contextvars.ContextVar("nflow_call")


class Call:
    """What is known of a call beside its payload; see current()."""

    def __init__(self, header, payload, ask):
        get = header.get
        self.header, self.payload, self._ask = header, payload, ask
        self.op, self.name = get("op"), get("name", "")
        self.workflow, self.run, self.node = get("workflow", ""), get("run", ""), get("node", "")
        self.query, self.headers = get("query") or {}, get("headers") or {}
        self.content_type, self.caller = get("content_type", ""), get("caller", "")
        #: time.monotonic() after which nobody waits; None = no limit
        self.deadline = time.monotonic() + get("deadline_ms") / 1000 if get("deadline_ms") else None


def current():
    """The Call that runs in this thread."""
    return _call.get()


class Plugin:
    """A plugin: its manifest and its members."""

    Error = Error

    def __init__(self, name, version, description="", capabilities=None, optional_capabilities=None):
        self._manifest = {"name": name, "version": version, "abi": ABI}
        if description:
            self._manifest["description"] = description
        self._capabilities = {"capabilities": capabilities, "optional_capabilities": optional_capabilities}
        self._lists = {"node": [], "function": [], "action": []}
        self._members = {}
        self._configure = None

    def node(self, type, params=None, outputs=None, description="", examples=None):
        """Offers a node type: f(payload, params) returns a payload, Next or Emit.
        params is the JSON Schema of its fields."""
        return self._member("node", {"type": type}, description, params, examples, outputs=outputs)

    def function(self, name, params=None, description="", examples=None):
        """Offers a function to scripts: f(*arguments) returns its result. params is the
        JSON Schema of the array of arguments; annotations such as str are checked."""
        return self._member("function", {"name": name}, description, params, examples)

    def action(self, name, params=None, description="", examples=None):
        """Offers POST /api/plugin/PLUGIN/NAME: f(body) returns a body or Response. A body
        that is not JSON is bytes."""
        return self._member("action", {"name": name}, description, params, examples)

    def configure(self, f):
        """Takes the operator's settings, f(settings), before the first call."""
        self._configure = f
        return f

    def _member(self, op, entry, description, params, examples, outputs=None):
        name = next(iter(entry.values()))
        if (op, name) in self._members:
            raise ValueError(f"the {op} {name} stands there twice")
        more = {"description": description, "params": params, "outputs": outputs, "examples": examples}
        entry.update({k: v for k, v in more.items() if v})

        def register(f):
            self._lists[op].append(entry)
            self._members[op, name] = f
            return f

        return register

    def manifest(self):
        """The manifest, as nflow-plugin.json holds it."""
        m = dict(self._manifest)
        m.update({op + "s": entries for op, entries in self._lists.items() if entries})
        m.update({k: v for k, v in self._capabilities.items() if v})
        return m

    def call(self, op, name, payload=None, ask=None, /, **header):
        """One call, as nFlow makes it, for tests; returns the result or raises Error.
        ask(method, arguments) plays the host."""
        header.update(op=op, name=name)
        answer, result = self.handle(_encode(header), _encode(payload), ask)
        error = json.loads(answer).get("error")
        if error:
            raise Error(error["code"], error["message"], error.get("retryable", False), error.get("details"))
        return json.loads(result) if result else None

    def handle(self, header, payload, ask=None):
        """One call, from bytes to bytes: header and payload of its frame, and of the
        answer's. Only Cancelled leaves it."""
        try:
            h = _parse(header, "the header of the call")
            if not isinstance(h, dict) or not isinstance(h.get("op"), str) or not isinstance(h.get("name", ""), str):
                raise Error("invalid_argument", "the header of the call must be an object with the strings op and name")
            call = Call(h, _parse(payload, "the payload of the call"), ask)
            context = contextvars.copy_context()
            context.run(_call.set, call)
            answer, result = context.run(self._dispatch, call)
            return _encode(answer), _encode(result)
        except Error as e:
            return self._failure(e)
        except Cancelled:
            raise
        except BaseException as e:  # whatever it is, it must not end the plugin
            traceback.print_exc()
            return self._failure(Error("internal", f"{type(e).__name__}: {e}"))

    @staticmethod
    def _failure(e):
        try:
            return _encode(e.header()), b""
        except (TypeError, ValueError):  # only details can be at fault
            return _encode(Error(str(e.code), str(e.message), bool(e.retryable)).header()), b""

    def _dispatch(self, c):
        if c.op == "describe":
            return {}, self.manifest()
        if c.op == "configure":
            settings = _check({} if c.payload is None else c.payload, dict, "the settings")
            if self._configure:
                self._configure(settings)
            elif settings:  # settings that nobody reads are a mistake
                raise Error("invalid_argument", "this plugin takes no settings")
            return {}, None
        if c.op not in self._lists:
            raise Error("invalid_argument", f"{c.op}: this operation is unknown")
        f = self._members.get((c.op, c.name))
        if f is None:
            raise Error("not_found", f"{c.name} is not in this plugin")
        return getattr(self, "_run_" + c.op)(f, c)

    def _run_node(self, f, c):
        r = f(c.payload, _check(c.header.get("params") or {}, dict, "params"))
        if isinstance(r, Emit):
            firings = [e if isinstance(e, Next) else Next("", e) for e in r.firings]
            return {"emitted": True}, [{"payload": e.payload, "next": e.output} for e in firings]
        return ({"next": r.output}, r.payload) if isinstance(r, Next) else ({}, r)

    def _run_function(self, f, c):
        arguments = _check([] if c.payload is None else c.payload, list, "the payload")
        signature = inspect.signature(f)
        try:
            bound = signature.bind(*arguments)
        except TypeError as e:
            raise Error("invalid_argument", f"args: {e}") from None
        for i, (name, value) in enumerate(bound.arguments.items()):
            _check(value, signature.parameters[name].annotation, f"args[{i}] ({name})")
        return {}, f(*arguments)

    def _run_action(self, f, c):
        body = c.payload
        if c.header.get("encoding") == "base64":
            try:
                body = base64.b64decode(_check(body, str, "the body"), validate=True)
            except ValueError:
                raise Error("invalid_argument", "the body is not base64") from None
        r = f(body)
        r = r if isinstance(r, Response) else Response(r)
        answer = {k: v for k, v in {"status": r.status, "headers": r.headers}.items() if v}
        if isinstance(r.body, (bytes, bytearray, memoryview)):
            answer["encoding"] = "base64"
            return answer, base64.b64encode(r.body).decode()
        return answer, r.body

    def run(self):
        """Serves nFlow until it is done with this plugin; with the argument manifest,
        prints the manifest instead."""
        if sys.argv[1:] == ["manifest"]:
            _write(json.dumps(self.manifest(), indent=2, ensure_ascii=False) + "\n")
        elif not _started():
            sys.exit(_INTRODUCTION.format(name=self._manifest["name"], version=self._manifest["version"], path=sys.argv[0]))
        else:
            _Server(self).serve()


_INTRODUCTION = """This is the nFlow plugin {name} {version}. nFlow starts it; alone it does nothing.

To use it, add it to the configuration of nFlow, with the file nflow-plugin.json
beside the program:

    [[plugins]]
    name = "{name}"
    path = "{path}"
    no_tls = true
"""


# ---- the host --------------------------------------------------------------------


class Host:
    """What nFlow does for a plugin. The manifest must ask for it (capabilities), and the
    operator grant it. What fails raises Error."""

    def call(self, method, /, **arguments):
        """A method of ABI.md with its arguments."""
        c = _call.get(None)
        if c is None or c._ask is None:
            raise Error("unavailable", f"{method}: the host answers only nodes, functions and actions, in the thread of their call")
        return c._ask(method, arguments)

    def kv_get(self, space, key, default=None):
        r = self.call("kv.get", space=space, key=key)
        return r.get("value") if r.get("found") else default

    def kv_set(self, space, key, value):
        self.call("kv.set", space=space, key=key, value=value)

    def kv_delete(self, space, key):
        self.call("kv.delete", space=space, key=key)

    def fetch(self, url, method="GET", headers=None, body=None, timeout_ms=0):
        """An HTTP request: {"status", "headers", "body"}; body of both is text or bytes."""
        arguments = {"url": url, "method": method, "headers": headers or {}}
        if isinstance(body, (bytes, bytearray)):
            arguments["body_base64"] = base64.b64encode(body).decode()
        elif body is not None:
            arguments["body"] = body
        if timeout_ms:
            arguments["timeout_ms"] = timeout_ms
        r = self.call("http.fetch", **arguments)
        if r.get("body_base64"):
            r["body"] = base64.b64decode(r.pop("body_base64"))
        return r

    def secret(self, name):
        return self.call("secret.get", name=name)

    def log(self, level, message, **fields):
        """Writes to nFlow's log; level debug, info, warn or error."""
        self.call("log", level=level, message=message, fields=fields)


host = Host()


# ---- protobuf --------------------------------------------------------------------
# The messages of plugin.proto are few and flat: fields of bytes, and one bool.


def _varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _read_varint(b, at):
    n = 0
    for shift in range(0, 70, 7):
        if at >= len(b):
            break
        n |= (b[at] & 0x7F) << shift
        at += 1
        if b[at - 1] < 0x80:
            return n, at
    raise ValueError("a varint does not end")


def _message(*fields):
    """Fields 1, 2, ... of bytes; None is left out."""
    return b"".join(_varint(i << 3 | 2) + _varint(len(f)) + f for i, f in enumerate(fields, 1) if f is not None)


def _fields(b):
    """A message as {number: bytes or int}; the last of a number stands."""
    out, at = {}, 0
    while at < len(b):
        tag, at = _read_varint(b, at)
        kind = tag & 7
        if kind == 0:
            out[tag >> 3], at = _read_varint(b, at)
            continue
        if kind == 2:
            n, at = _read_varint(b, at)
        elif kind in (1, 5):
            n = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind} is unknown")
        if n > len(b) - at:
            raise ValueError("a field does not end")
        out[tag >> 3] = b[at:at + n]
        at += n
    return out


def _frame_of(message):
    """The header and payload of a Frame."""
    f = _fields(message)
    return f.get(1, b""), f.get(2, b"")


# ---- serving ---------------------------------------------------------------------


class _Running:
    """One Invoke: its thread, and the messages it exchanges with the host."""

    def __init__(self, plugin, start):
        self.plugin, self.start = plugin, start
        self.out, self.results = queue.SimpleQueue(), queue.SimpleQueue()
        self.asking, self.lock = threading.Lock(), threading.Lock()
        self.thread, self.cancelled = None, False

    def run(self):
        """Carries out the call, in a thread of its own."""
        try:
            try:
                with self.lock:
                    if self.cancelled:
                        raise Cancelled()
                    self.thread = threading.get_ident()
                answer = self.plugin.handle(*self.start, self.ask)
            finally:
                with self.lock:
                    self._raise(None)  # what was raised and has not arrived
                    self.thread = None
        except Cancelled:
            answer = self.plugin._failure(Error("cancelled", "the call was cancelled"))
        self.out.put(_message(None, _message(*answer)))
        self.out.put(None)

    def _raise(self, exception):
        if self.thread is not None:
            value = None if exception is None else ctypes.py_object(exception)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), value)

    def cancel(self):
        """Raises Cancelled in the call, once."""
        with self.lock:
            if not self.cancelled:
                self.cancelled = True
                self._raise(Cancelled)
        self.results.put(None)

    def listen(self, requests):
        """Hands out results until the stream ends, and ends the call with it."""
        try:
            for m in requests:
                if m.get(3):
                    break
                if 2 in m:
                    self.results.put(_frame_of(m[2]))
        except Exception:  # the stream is gone
            pass
        self.cancel()

    def ask(self, method, arguments):
        """One host call."""
        request = _message(_message(_encode({"method": method}), _encode(arguments)))
        with self.asking:
            if self.cancelled:
                raise Cancelled()
            self.out.put(request)
            answer = self.results.get()
        if answer is None:
            raise Cancelled()
        return _result(method, *answer)


def _result(method, header, payload):
    """What the host answered; raises what went wrong."""
    try:
        header, result = _parse(header, "its header"), _parse(payload, "its payload")
        error = header.get("error")
    except (AttributeError, Error) as e:
        raise Error("internal", f"{method}: the host's answer cannot be read: {e}") from None
    if error:
        raise Error(error.get("code", "internal"), error.get("message", ""), error.get("retryable", False), error.get("details"))
    return result


class _Server:
    """The gRPC services that nFlow and go-plugin speak with."""

    def __init__(self, plugin):
        self.plugin = plugin
        self.ending = threading.Event()

    def services(self, grpc):
        raw = {"request_deserializer": bytes, "response_serializer": bytes}
        unary = lambda f: grpc.unary_unary_rpc_method_handler(f, **raw)
        make = grpc.method_handlers_generic_handler
        invoke = grpc.stream_stream_rpc_method_handler(self.invoke(grpc), _fields, bytes)
        return (
            make("nflow.plugin.v1.Plugin", {"Describe": unary(self.describe), "Configure": unary(self.configure), "Invoke": invoke}),
            make("plugin.GRPCController", {"Shutdown": unary(self.shutdown)}),
            make("grpc.health.v1.Health", {"Check": unary(lambda *_: b"\x08\x01")}),  # SERVING
        )

    def describe(self, _request, _context):
        return _message(_encode(self.plugin.manifest()))

    def configure(self, request, _context):
        settings = _fields(request).get(1, b"")
        return _message(_message(*self.plugin.handle(b'{"op":"configure"}', settings)))

    def shutdown(self, _request, _context):
        self.ending.set()
        return b""

    def invoke(self, grpc):
        def handler(requests, context):
            first = next(requests, {})
            if 1 not in first:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the first message of Invoke is not start")
            r = _Running(self.plugin, _frame_of(first[1]))
            if not context.add_callback(r.cancel):
                r.cancel()
            threading.Thread(target=r.listen, args=(requests,), daemon=True).start()
            threading.Thread(target=r.run, daemon=True).start()
            yield from iter(r.out.get, None)

        return handler

    def serve(self):
        grpc = self.check()
        from concurrent import futures

        directory = os.environ.get("PLUGIN_UNIX_SOCKET_DIR")
        own = None if directory else tempfile.mkdtemp(prefix="nflow-plugin-")
        path = os.path.join(directory or own, f"python-{os.getpid()}.sock")
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)]
        # Calls are bounded by nFlow; room must be left to shut down beside them.
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=1000), self.services(grpc), options=options)
        if not server.add_insecure_port("unix:" + path):
            sys.exit(f"the socket {path} cannot be made")
        for which in (signal.SIGINT, signal.SIGTERM):
            # An interrupt at the terminal is for nFlow, which then ends us.
            signal.signal(which, signal.SIG_IGN if which == signal.SIGINT else lambda *_: self.ending.set())
        server.start()
        _write(f"1|1|unix|{path}|grpc|\n")
        while not self.ending.wait(0.5) and os.getppid() == _parent:
            pass
        server.stop(0.2).wait(1)
        for remove, what in ((os.unlink, path), (os.rmdir, own)):
            try:
                remove(what)
            except (OSError, TypeError):  # it is gone, or was not ours
                pass
        sys.stderr.flush()
        os._exit(0)  # whatever threads still run

    def check(self):
        """Says what is missing, or gives grpc."""
        versions = os.environ.get("PLUGIN_PROTOCOL_VERSIONS", "1").split(",")
        if "1" not in versions:
            sys.exit(f"this plugin speaks version 1 of the protocol; nFlow wants {', '.join(versions)}: update nflow_plugin.py")
        if os.environ.get("PLUGIN_CLIENT_CERT"):
            sys.exit("plugins in Python cannot encrypt the local socket: set no_tls = true for this plugin (plugins.no_tls)")
        try:
            import grpc
        except ImportError as e:
            sys.exit(f"{sys.executable} cannot import grpc ({e}): install python3-grpcio, or grpcio for this Python")
        return grpc
