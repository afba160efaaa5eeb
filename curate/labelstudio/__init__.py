"""The edge to Label Studio: its page, its tasks, its API and a local server."""
