"""A package index on the loopback interface, through which uv sees the catalogue.

uv knows no platform tags of Pyodide after 2025, and it could not mix a lock file, a wheelhouse and an index
by our rules. So it sees one index, with one file for each usable version, and never talks to the network
itself.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from packaging.version import InvalidVersion, Version

from jupyter_frozenfs.errors import FrozenFSError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .catalogue import Catalogue

_JSON = "application/vnd.pypi.simple.v1+json"


@contextmanager
def serve(catalogue: Catalogue) -> Iterator[str]:
    """Serve a catalogue while the block runs; gives the address of its simple API."""

    class Handler(_Handler):
        pass

    Handler.catalogue = catalogue
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    catalogue: Catalogue
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        try:
            self._answer()
        except FrozenFSError as error:
            # a final answer: the catalogue remembers the reason, and it has tried often enough
            self._send(404, "text/plain", str(error).encode())

    def _answer(self) -> None:
        parts = unquote(self.path).strip("/").split("/")
        if len(parts) == 2 and parts[0] == "simple":  # noqa: PLR2004
            self._page(parts[1])
        elif len(parts) == 4 and parts[0] == "files" and parts[3].endswith(".metadata"):  # noqa: PLR2004
            self._metadata(parts[1], parts[2])
        else:
            self._send(404, "text/plain", b"no such page")

    def _page(self, name: str) -> None:
        offer = self.catalogue.offer(name)
        if not offer.wheels:
            self._send(404, "text/plain", b"no such package")
            return
        files: list[dict[str, Any]] = []
        for version, wheel in offer.wheels.items():
            file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            entry = {
                "filename": file,
                "url": quote(f"/files/{name}/{version}/{file}"),
                "hashes": {"sha256": wheel.sha256} if wheel.sha256 else {},
                "core-metadata": True,
                "yanked": wheel.yanked,
            }
            if wheel.requires_python:
                entry["requires-python"] = wheel.requires_python
            files.append(entry)
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
        self._send(200, _JSON, json.dumps(page).encode())

    def _metadata(self, name: str, version: str) -> None:
        try:
            wheel = self.catalogue.wheel(name, Version(version))
        except InvalidVersion:
            wheel = None
        if wheel is None:
            self._send(404, "text/plain", b"no such wheel")
        else:
            self._send(200, "text/plain", self.catalogue.metadata(wheel))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay quiet: what matters reaches the catalogue."""
