"""The way in: files become articles."""
