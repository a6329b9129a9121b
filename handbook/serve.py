"""A preview that makes itself again: on every save the site is rebuilt and open pages reload.

1. The site is built into a folder of its own; a failed build leaves the last good one there.
2. Pages are served on the loopback address only, to requests whose Host and Origin are ours, so
   that no page from elsewhere can read the preview (DNS rebinding).
3. Each page opens a stream of events; after a build it hears `reload`, after an error `problems`
   with the text that is then shown over the page.
"""

from __future__ import annotations

import json
import mimetypes
import sys
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from handbook.diagnostics import HandbookError, MachineError
from handbook.plan.plan import Selection
from handbook.publish.inputs import FOLDERS, inputs_digest

ADDRESS = "127.0.0.1"
PORTS = 20
"""How many ports are tried, the given one first."""
FIRST_LOOK = 1000
"""Milliseconds after which the files are looked at for the first time."""
_EVENTS = "/__events"
_CLIENT = b"""<script>
new EventSource("/__events?VERSION").onmessage = (event) => {
  const problems = JSON.parse(event.data);
  if (!problems) return location.reload();
  let box = document.getElementById("__problems") || document.createElement("pre");
  box.id = "__problems";
  box.setAttribute("role", "alert");
  box.style.cssText = "position:fixed;inset:0;margin:0;padding:2rem;overflow:auto;z-index:9;" +
    "background:#2b0d0d;color:#fff;font:14px/1.5 monospace;white-space:pre-wrap";
  box.textContent = problems;
  document.body.append(box);
};
</script>"""


class Preview:
    """What the builder tells the pages that are open."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.version = 0
        self.problems = ""
        """Text of the last failed build, or empty."""

    def announce(self, problems: str = "") -> None:
        """Tell all pages that a build ended: well, or with `problems`."""
        with self._changed:
            self.version += 1
            self.problems = problems
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """Return the number of the newest build, after waiting for another than `seen`."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, timeout)
            return self.version


def serve(
    root: Path,
    selection: Selection,
    port: int,
    allow_missing: bool,
    say: Callable[[str], None],
) -> None:
    """Serve the project in `root` until the user stops it; `say` prints a line.

    Raises `MachineError` when no port is free.
    """
    from watchfiles import watch

    preview = Preview()
    site = root / ".cache" / "preview" / "public"
    server = make_server(site, preview, port)
    address = f"http://{ADDRESS}:{server.server_address[1]}/"

    def rebuild() -> None:
        try:
            _build(root, selection, site, allow_missing)
        except (HandbookError, OSError) as error:  # OSError: a folder that was just deleted
            say(str(error))
            preview.announce(str(error))
        else:
            say(f"Ready: {address}")
            preview.announce()

    built = inputs_digest(root, ())
    rebuild()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folders = [root / folder for folder in FOLDERS]
    try:
        # The first look comes unasked: something may have been saved before the watch began.
        unlooked = True
        for changes in watch(
            *folders, raise_interrupt=True, yield_on_timeout=True, rust_timeout=FIRST_LOOK
        ):
            if changes or (unlooked and inputs_digest(root, ()) != built):
                rebuild()
            unlooked = False
    finally:
        server.shutdown()


def make_server(site: Path, preview: Preview, port: int) -> ThreadingHTTPServer:
    """Return a server of the folder `site` on the first free port from `port` on."""
    handler = partial(_Handler, site, preview)
    for candidate in range(port, port + PORTS):
        try:
            return _Server((ADDRESS, candidate), handler)
        except OSError:
            continue
    raise MachineError(f"no port from {port} to {port + PORTS - 1} is free; use --port")


def _build(root: Path, selection: Selection, site: Path, allow_missing: bool) -> None:
    from handbook import loading, pipeline

    loaded = loading.load(root, allow_missing=allow_missing)
    pipeline.build(loaded, selection, site, root / ".cache", 1, "", _Silence())


class _Silence:
    def phase(self, name: str, total: int) -> None:
        pass

    def step(self, name: str) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with the usual 5, a page with many files waits for seconds
    allow_reuse_address = sys.platform != "win32"  # where it means that two may have one port


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    """Seconds after which a silent connection is closed."""

    def __init__(self, site: Path, preview: Preview, *arguments: object) -> None:
        self._site = site
        self._preview = preview
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        try:
            if not self._is_ours():
                self._answer(HTTPStatus.FORBIDDEN, b"This preview answers this computer only.")
            elif urlsplit(self.path).path == _EVENTS:
                self._stream()
            else:
                self._file()
        except ValueError:  # no address at all
            self._answer(HTTPStatus.BAD_REQUEST, b"")
        except (ConnectionError, TimeoutError):  # the reader has gone
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep the terminal for builds and problems."""

    def _is_ours(self) -> bool:
        host = self.server.server_address
        port = host[1] if isinstance(host, tuple) else 0
        hosts = {f"{name}:{port}" for name in (ADDRESS, "localhost")}
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in hosts and (
            origin is None or origin in {f"http://{host}" for host in hosts}
        )

    def _file(self) -> None:
        name = unquote(urlsplit(self.path).path)
        # The number of the build that the page is from; a build that ends meanwhile reloads it.
        client = _CLIENT.replace(b"VERSION", str(self._preview.version).encode())
        if name.endswith("/"):
            name += "index.html"
        data = self._read(name)
        if data is None:
            page = b"<!doctype html><title>404</title><p>There is no such page.</p>"
            self._answer(HTTPStatus.NOT_FOUND, page + client)
            return
        if name.endswith(".html"):
            data += client
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._answer(HTTPStatus.OK, data, kind)

    def _read(self, name: str) -> bytes | None:
        """Return the bytes of a published file; nothing hidden, nothing from elsewhere."""
        if "\0" in name or any(part.startswith(".") for part in name.split("/")):
            return None
        place = self._site / name.lstrip("/")
        try:
            if place.resolve().is_relative_to(self._site.resolve()):
                return place.read_bytes()
        except OSError:  # not there, a folder, a name that is too long, just replaced
            pass
        return None

    def _answer(self, status: HTTPStatus, data: bytes, kind: str = "text/html") -> None:
        self.send_response(status)
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        query = urlsplit(self.path).query
        seen = int(query) if query.isdecimal() else self._preview.version
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            if self._preview.problems:  # a page that opens on a broken state shows it at once
                self._send(self._preview.problems)
                seen = self._preview.version
            while True:
                newest = self._preview.wait(seen, timeout=15)
                if newest != seen:
                    self._send(self._preview.problems)
                    seen = newest
                else:
                    self.wfile.write(b": still here\n\n")
                self.wfile.flush()
        except OSError:
            return  # the page was closed

    def _send(self, problems: str) -> None:
        self.wfile.write(f"data: {json.dumps(problems)}\n\n".encode())
        self.wfile.flush()
