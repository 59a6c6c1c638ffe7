"""A real package index on the loopback interface, with bad days to choose from."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wheelmaker import make_wheel, sha256

from jupyter_frozenfs.environment.wheels import wheel_metadata


class PackageServer:
    """Serves wheels under ``/simple/`` and files under ``/files/``.

    Attributes
    ----------
    requests
        The paths that were asked for, in order.
    faults
        Path → what goes wrong there: a status, ``"hang"``, ``"cut"`` (half of the body), ``"flip"`` (a
        changed byte).
    style
        ``"json"`` or ``"html"``.
    metadata, ranges, hashes
        Whether the index offers metadata alone, answers ranges, names digests.
    """

    def __init__(self, directory):
        self.directory = directory
        self.requests = []
        self.authorized = []
        self.faults = {}
        self.style = "json"
        self.metadata = True
        self.ranges = True
        self.hashes = True
        self.yanked = {}
        self.extra = {}
        self.released = threading.Event()
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def simple(self):
        return f"{self.url}/simple/"

    def add(self, name, version="1.0", **options):
        return make_wheel(self.directory, name, version, **options)

    def page(self, name):
        """Return the page of a project, None when there is none."""
        files = [path for path in sorted(self.directory.iterdir()) if normalized(path.name) == name]
        if not files:
            return None
        if self.style == "html":
            return "text/html", self._html(files)
        entries = []
        for path in files:
            entry = {"filename": path.name, "url": f"../../files/{path.name}", "hashes": {}}
            if self.hashes:
                entry["hashes"] = {"sha256": sha256(path)}
            if path.suffix == ".whl":
                entry["core-metadata"] = self.metadata
                if python := requires_python(path):
                    entry["requires-python"] = python
            if path.name in self.yanked:
                entry["yanked"] = self.yanked[path.name]
            entries.append(entry)
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": entries}
        return "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()

    def _html(self, files):
        links = []
        for path in files:
            attributes = ""
            if path.suffix == ".whl" and (python := requires_python(path)):
                attributes += f' data-requires-python="{python.replace("<", "&lt;").replace(">", "&gt;")}"'
            if path.name in self.yanked:
                attributes += f' data-yanked="{self.yanked[path.name]}"'
            if self.metadata:
                attributes += " data-core-metadata"
            fragment = f"#sha256={sha256(path)}" if self.hashes else ""
            links.append(f'<a href="{path.name}{fragment}"{attributes}>{path.name}</a><br/>')
        head = '<!DOCTYPE html><html><head><base href="/files/"></head><body>\n'
        return (head + "\n".join(links) + "\n</body></html>").encode()


def normalized(file):
    return re.sub(r"[-_.]+", "-", file.partition("-")[0]).lower()


def requires_python(path):
    return BytesParser().parsebytes(wheel_metadata(path, path.name))["Requires-Python"]


@contextmanager
def running(server):
    class Handler(_Handler):
        site = server

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path
        self.site.requests.append(path)
        if self.headers.get("Authorization"):
            self.site.authorized.append(path)
        fault = next((value for key, value in self.site.faults.items() if path.startswith(key)), None)
        if fault == "hang":
            self.site.released.wait(30)
            self.close_connection = True
            return
        if isinstance(fault, int):
            self.answer(fault, "text/plain", b"a bad day")
            return
        kind, body = self.body(path)
        if body is None:
            self.answer(404, "text/plain", b"not here")
        elif fault == "cut":
            self.answer(200, kind, body, sent=body[: len(body) // 2])
        elif fault == "flip":
            self.answer(200, kind, bytes([body[0] ^ 1]) + body[1:])
        else:
            self.whole_or_range(kind, body)

    def body(self, path):
        if path in self.site.extra:
            return "application/octet-stream", self.site.extra[path]
        if path.startswith("/simple/"):
            return self.site.page(path.split("/")[2]) or (None, None)
        name = path.rpartition("/")[2]
        file = self.site.directory / name.removesuffix(".metadata")
        if not path.startswith("/files/") or not file.is_file():
            return None, None
        if name.endswith(".metadata"):
            return (
                "text/plain",
                wheel_metadata(file, file.name) if self.site.metadata else None,
            )
        return "application/octet-stream", file.read_bytes()

    def whole_or_range(self, kind, body):
        span = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        if not span or not self.site.ranges:
            self.answer(200, kind, body)
            return
        if span[1]:
            start, end = int(span[1]), min(int(span[2] or len(body) - 1) + 1, len(body))
        else:
            start, end = max(0, len(body) - int(span[2])), len(body)
        self.answer(
            206, kind, body[start:end], headers={"Content-Range": f"bytes {start}-{end - 1}/{len(body)}"}
        )

    def answer(self, status, kind, body, sent=None, headers=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body if sent is None else sent)
        if sent is not None:
            self.close_connection = True

    def log_message(self, *arguments):
        pass
