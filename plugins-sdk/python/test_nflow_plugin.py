"""Tests of what needs no nFlow: python3 -m unittest"""

import unittest

import nflow_plugin as n


class Messages(unittest.TestCase):
    def test_there_and_back(self):
        for size in (0, 1, 127, 128, 300, 70000):
            m = n._message(b"h" * size, None, b"x")
            self.assertEqual(n._fields(m), {1: b"h" * size, 3: b"x"})

    def test_fields_of_others(self):
        m = b"\x18\x01" + b"\x21" + b"8" * 8 + b"\x2d" + b"4444" + b"\x0a\x01a\x0a\x01b"
        self.assertEqual(n._fields(m), {3: 1, 4: b"8" * 8, 5: b"4444", 1: b"b"})
        self.assertEqual(n._read_varint(b"\xac\x02", 0), (300, 2))

    def test_what_is_no_message(self):
        for m in (b"\x0a", b"\x0a\x05a", b"\x80", b"\xff" * 11, b"\x0b", b"\x21abc", b"\x0a\xff\xff\xff\xff\x0f"):
            with self.assertRaises(ValueError, msg=m):
                n._fields(m)


class Manifests(unittest.TestCase):
    def test_members(self):
        p = n.Plugin("a", "1.0.0", "b", capabilities={"kv": ["s"]})
        p.node("x", params={"type": "object"}, outputs=["output_1"])(lambda payload, params: payload)
        p.function("y")(lambda: 1)
        self.assertEqual(p.manifest(), {
            "name": "a", "version": "1.0.0", "abi": 1, "description": "b",
            "nodes": [{"type": "x", "params": {"type": "object"}, "outputs": ["output_1"]}],
            "functions": [{"name": "y"}], "capabilities": {"kv": ["s"]},
        })

    def test_twice(self):
        p = n.Plugin("a", "1.0.0")
        p.function("y")(lambda: 1)
        with self.assertRaises(ValueError):
            p.function("y")


class Calls(unittest.TestCase):
    def setUp(self):
        self.plugin = n.Plugin("a", "1.0.0")

    def failure(self, *call, **header):
        with self.assertRaises(n.Error) as caught:
            self.plugin.call(*call, **header)
        return str(caught.exception)

    def test_kinds(self):
        @self.plugin.function("f")
        def f(a: int, b: float = 0, *rest):
            return [a, b, list(rest)]

        self.assertEqual(self.plugin.call("function", "f", [1, 2, 3, "x"]), [1, 2, [3, "x"]])
        for arguments, problem in (([True], "args[0] (a) must be a whole number"), ([1, "x"], "args[1] (b) must be a number"), ([], "args: missing")):
            self.assertIn("invalid_argument: " + problem, self.failure("function", "f", arguments))
        self.assertIn("must be an array", self.failure("function", "f", {}))

    def test_host(self):
        asked = []

        def ask(method, arguments):
            asked.append((method, arguments))
            return {"found": True, "value": 7} if method == "kv.get" else {"status": 200, "body_base64": "AP8="}

        self.plugin.function("f")(lambda: [n.host.kv_get("s", "k"), len(n.host.fetch("http://a", body=b"\0")["body"]), n.current().run])
        self.assertEqual(self.plugin.call("function", "f", [], ask, run="r1"), [7, 2, "r1"])
        self.assertEqual(asked[1][1], {"url": "http://a", "method": "GET", "headers": {}, "body_base64": "AA=="})
        self.assertIn("unavailable", self.failure("function", "f", []))

    def test_results_that_are_no_json(self):
        self.plugin.function("f")(lambda x: {"set": {1}, "nan": float("nan")}[x])
        for which in ("set", "nan", "neither"):
            self.assertIn("internal: ", self.failure("function", "f", [which]))
        self.plugin.function("half")(lambda: "\ud800")
        self.assertEqual(self.plugin.call("function", "half", []), "\ud800")


if __name__ == "__main__":
    unittest.main()
