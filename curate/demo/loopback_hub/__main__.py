"""A loopback Hub run by itself: ``python -m curate.demo.loopback_hub FOLDER``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from curate.demo.loopback_hub.serving import start
from curate.errors import CurateError


def main(arguments: list[str] | None = None) -> int:
    """Serve a folder until interrupted; print the url on stdout and the clients' settings on stderr."""
    parser = argparse.ArgumentParser(prog="python -m curate.demo.loopback_hub", description="A Hub on loopback.")
    parser.add_argument("folder", type=Path, help="where uploads are kept")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    options = parser.parse_args(arguments)
    try:
        hub = start(options.folder, port=options.port)
    except CurateError as error:
        print(f"{error.message}\n{error.fix}", file=sys.stderr)
        return error.exit_code
    print(hub.url, flush=True)
    print(f"HF_ENDPOINT={hub.url} HF_HUB_DISABLE_XET=1 HF_TOKEN={hub.token}", file=sys.stderr, flush=True)
    # A shell that starts it in the background makes it deaf to interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with hub:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
