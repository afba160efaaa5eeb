"""JSON text whose strings hold half a surrogate pair, which JSON can and UTF-8 can't, made readable."""

from __future__ import annotations

import re
from typing import BinaryIO

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_SURROGATES = re.compile(rb"(%b)(%b)|%b|%b" % (_HIGH, _LOW, _HIGH, _LOW))
_IN_ESCAPES = b"\\u0123456789abcdefABCDEF"


def readable(text: bytes) -> bytes:
    """Write each half of a surrogate pair that stands alone as the six characters of its escape.

    So whatever holds one is another text than any article's, and is told where it is checked.
    """
    return _SURROGATES.sub(_doubled, text) if b"\\ud" in text or b"\\uD" in text else text


def _doubled(match: re.Match[bytes]) -> bytes:
    text, start = match.string, match.start()
    before = start
    while text[before - 1 : before] == b"\\":
        before -= 1
    if (start - before) % 2:
        # The backslash is itself escaped: no surrogate, but what follows it is one alone.
        return match[1] + b"\\" + match[2] if match[1] else match[0]
    return match[0] if match[1] else b"\\" + match[0]


class ReadableStream:
    """A stream of JSON text that gives it ``readable``, and never cuts an escape in two."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._kept = b""

    def read(self, size: int) -> bytes:
        """Give about so many bytes more; nothing at the end."""
        while True:
            more = self._stream.read(size)
            text = self._kept + more
            end = len(text.rstrip(_IN_ESCAPES)) if more else len(text)
            self._kept = text[end:]
            if end or not more:
                return readable(text[:end])
