"""A Hugging Face Hub for datasets on 127.0.0.1, for `curate demo` and for tests.

It speaks the Hub's dataset API over plain HTTP to the real `huggingface_hub` and `datasets` clients: who am
I, create a repository, upload (regular and LFS), commit to `main` with a check of the parent, pull requests,
tags, and every way of reading back. With a folder, what was uploaded is served again by the next start.

It was written from what the clients send and accept. Where it decides for itself (which files go to LFS, the
words of a refusal, commit ids) it models the Hub: that something works here is no evidence about the public
Hub. Not modelled: branches, discussions, settings, gating, organisations, `.gitignore`, the last commit of
each file, Xet, limits of size or rate. A card's YAML is only checked for having an end.

The clients read their surroundings at import, so set before importing them:
`HF_ENDPOINT` to the url, `HF_HUB_DISABLE_XET=1`, `HF_TOKEN` to the token, and an `HF_HOME` of its own.
"""

from curate.demo.loopback_hub.serving import LoopbackHub, start

__all__ = ["LoopbackHub", "start"]
