"""Releases as Hugging Face datasets: the folder, its card and manifest, and how it gets to the Hub."""
