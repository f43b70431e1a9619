"""Tests without nFlow: python3 -m unittest"""

import unittest

from members import plugin


class Greet(unittest.TestCase):
    def test_node(self):
        result = plugin.call("node", "greet", {"name": "Ana"}, params={"greeting": "Hola"})
        self.assertEqual(result, {"message": "Hola, Ana!"})

    def test_function(self):
        self.assertEqual(plugin.call("function", "greet", ["Ana"]), "Hello, Ana!")

    def test_action_without_a_name(self):
        with self.assertRaises(plugin.Error) as caught:
            plugin.call("action", "greet", {})
        self.assertEqual(caught.exception.code, "invalid_argument")
        self.assertIn("payload.name", caught.exception.message)


if __name__ == "__main__":
    unittest.main()
