"""Starts PLUGIN_NAME; nFlow does, and python3 . manifest prints its manifest."""

from members import plugin

plugin.run()
