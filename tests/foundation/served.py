"""A small WSGI application, for the tests of foundation.serving."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

from foundation.serving import PIECE, Threaded

LONGEST = 6_000_000


class Stored:
    """A file that knows its path, as Django's stored ones."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.file = path.open("rb")
        self.read, self.tell, self.fileno = self.file.read, self.file.tell, self.file.fileno

    def close(self) -> None:
        self.file.close()
        print("closed", flush=True)


class Closing(list):
    def close(self) -> None:
        print("closed", flush=True)


def django(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers by path."""
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    if path == "/environ":
        shown = {name: value for name, value in environ.items() if isinstance(value, str)}
        start_response(
            "200 OK", [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        )
        return Closing([json.dumps(shown).encode()])
    if path == "/body":
        read = environ["wsgi.input"].read()
        print("read", len(read), flush=True)
        start_response("200 OK", [])
        return [f"{len(read)} {hashlib.sha256(read).hexdigest()}".encode()]
    if path == "/lines":
        start_response("200 OK", [])
        return [str(sum(1 for _ in environ["wsgi.input"])).encode()]
    if path == "/stored":
        start_response("200 OK", [("Content-Length", str(Path(query).stat().st_size)), ("X-Kind", "file")])
        return environ["wsgi.file_wrapper"](Stored(Path(query)))
    if path == "/temporary":
        file = tempfile.NamedTemporaryFile()  # noqa: SIM115
        file.write(b"t" * (3 * PIECE))
        file.seek(0)
        start_response("200 OK", [("Content-Length", str(3 * PIECE))])
        return FileWrapper(file)
    if path == "/nothing":
        start_response("304 Not Modified", [("ETag", '"1"')])
        return []
    if path == "/slow":
        print("slow one begun", flush=True)
        time.sleep(1)
        start_response("200 OK", [])
        return [str(os.getpid()).encode()]
    raise ValueError(path)


class Application:
    """What granian looks for."""

    def __init__(self) -> None:
        self.threaded = Threaded(django, 4, longest=LONGEST)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        await self.threaded(scope, protocol)


application = Application()
