"""The preview: for this computer only, never at a loss, always the last good page."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbook.diagnostics import MachineError
from handbook.serve import PORTS, Preview, make_server
from tests.command import start_handbook
from tests.minibook import copy_minibook, edit


class Client:
    """Asks one server, with whatever address and headers it likes."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of `path`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest("GET", path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """Send `request` as it is and return the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            return connection.makefile("rb").readline()


class Events:
    """A page that listens to what the preview announces."""

    def __init__(self, port: int, version: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._connection.request("GET", f"/__events{version}")
        self._answer = self._connection.getresponse()

    def next(self) -> str:
        """Return the next announcement: empty for a good build, or its problems."""
        while True:
            line = self._answer.readline()
            assert line[:1] not in (b"", b":"), "nothing was announced"
            if line.startswith(b"data: "):
                return str(json.loads(line[6:]))

    def close(self) -> None:
        """Leave."""
        self._answer.close()
        self._connection.close()


@pytest.fixture
def preview() -> Preview:
    return Preview()


@pytest.fixture
def client(tmp_path: Path, preview: Preview) -> Iterator[Client]:
    site = tmp_path / "public"
    (site / "en").mkdir(parents=True)
    (site / "index.html").write_text("<p>home")
    (site / "en" / "index.html").write_text("<p>english")
    (site / "en" / "smörgås bord.html").write_text("<p>table")
    (site / "site.css").write_text("p {}")
    (site / ".handbook.json").write_text("{}")
    (site / ".hidden").mkdir()
    (site / ".hidden" / "page.html").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (site / "leak.txt").symlink_to(tmp_path / "secret.txt")
    server = make_server(site, preview, 18000)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield Client(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


# -- what it gives


def test_pages_listen_for_the_next_build_and_other_files_are_as_they_are(client: Client) -> None:
    status, page = client.get("/")
    assert (status, page[:7]) == (200, b"<p>home")
    assert b"EventSource" in page
    assert client.get("/en/")[1].startswith(b"<p>english")
    assert client.get("/en/sm%C3%B6rg%C3%A5s%20bord.html?query#part")[0] == 200
    assert client.get("/site.css") == (200, b"p {}")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/en/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "///etc/passwd",
        "/%2fetc%2fpasswd",
        "/leak.txt",
        "/.handbook.json",
        "/.hidden/page.html",
        "/en/.",
        "/%00",
        "/index.html%00.txt",
        "/%ff%fe",
        "/%ed%a0%80",
        "/" + "a" * 5000,
        "/" + "a/" * 3000,
        "/index.html/",
        "/en",
        "/nowhere.html",
    ],
)
def test_what_is_hidden_elsewhere_or_nowhere_is_not_found(client: Client, path: str) -> None:
    status, page = client.get(path)
    assert status == 404
    assert b"secret" not in page
    assert client.get("/")[0] == 200


@pytest.mark.parametrize("path", ["http://[", "/\xa0"])
def test_an_address_that_is_none_is_refused(client: Client, path: str) -> None:
    line = client.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n\r\n".encode())
    assert int(line.split()[1]) in (400, 404)
    assert client.get("/")[0] == 200


# -- to whom


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_this_computer_is_answered(client: Client, name: str) -> None:
    own = f"{name}:{client.port}"
    assert client.get("/", Host=own)[0] == 200
    assert client.get("/", Host=own, Origin=f"http://{own}")[0] == 200


@pytest.mark.parametrize("path", ["/", "/__events", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{}", "127.0.0.1", "0.0.0.0:{}", ""])
def test_another_host_is_refused(client: Client, path: str, host: str) -> None:
    assert client.get(path, Host=host.format(client.port))[0] == 403


@pytest.mark.parametrize("path", ["/", "/__events"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{}", ""])
def test_another_origin_is_refused(client: Client, path: str, origin: str) -> None:
    assert client.get(path, Origin=origin.format(client.port))[0] == 403


def test_only_the_loopback_address_listens(tmp_path: Path, preview: Preview) -> None:
    with make_server(tmp_path, preview, 18100) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_a_port_in_use_leads_to_the_next(tmp_path: Path, preview: Preview) -> None:
    with (
        make_server(tmp_path, preview, 18200) as first,
        make_server(tmp_path, preview, first.server_address[1]) as second,
    ):
        assert first.server_address[1] < second.server_address[1] < 18200 + PORTS


def test_no_free_port_is_told_in_one_line(
    tmp_path: Path, preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handbook.serve.PORTS", 1)
    with make_server(tmp_path, preview, 18300) as server:
        port = server.server_address[1]
        with pytest.raises(MachineError, match=f"no port from {port} to {port} is free"):
            make_server(tmp_path, preview, port)


# -- events


def test_an_open_page_hears_of_every_build(client: Client, preview: Preview) -> None:
    events = Events(client.port)
    preview.announce()
    assert events.next() == ""
    preview.announce("a.md:1:1: error[x]: “wrong”\n    mend it")
    assert events.next() == "a.md:1:1: error[x]: “wrong”\n    mend it"
    events.close()


def test_a_page_that_opens_later_hears_of_what_is_wrong(client: Client, preview: Preview) -> None:
    preview.announce("it is wrong")
    events = Events(client.port)
    assert events.next() == "it is wrong"
    events.close()


def test_a_page_of_an_earlier_build_loads_again_at_once(client: Client, preview: Preview) -> None:
    found = re.search(rb"/__events(\?\d+)", client.get("/")[1])
    assert found
    preview.announce()
    events = Events(client.port, found[1].decode())
    assert events.next() == ""
    events.close()


def test_clients_that_are_slow_or_gone_hinder_nobody(client: Client, preview: Preview) -> None:
    slow = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(60)]
    listening = [Events(client.port) for _ in range(30)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHo")
    for events in listening[:15]:
        events.close()
    preview.announce()
    assert client.get("/")[0] == 200
    assert [events.next() for events in listening[15:]] == [""] * 15
    for connection in slow:
        connection.close()
    for events in listening[15:]:
        events.close()


# -- the whole command


class Serving:
    """`handbook serve` on a small book."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        found = re.fullmatch(r"Ready: http://127\.0\.0\.1:(\d+)/\n", process.stdout.readline())
        assert found
        self.client = Client(int(found[1]))


PAGE = "/default/en/general/principle-listen.html"
FILE = "content/principles/principle-listen.md"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


@pytest.fixture
def serving(book: Path) -> Iterator[Serving]:
    with start_handbook("serve", "--port", "18400", "--language", "en", cwd=book) as process:
        try:
            yield Serving(process)
        finally:
            process.kill()


def test_a_save_makes_open_pages_load_again(serving: Serving, book: Path) -> None:
    events = Events(serving.client.port)
    edit(book, FILE, "learns what", "understands what")
    assert events.next() == ""
    assert b"understands what" in serving.client.get(PAGE)[1]
    events.close()


def test_a_mistake_is_shown_over_the_last_good_page(serving: Serving, book: Path) -> None:
    events = Events(serving.client.port)
    edit(book, FILE, "title:", "titel:")
    assert f"{FILE}:2:1: error[" in events.next()
    assert b"learns what" in serving.client.get(PAGE)[1]
    edit(book, FILE, "titel:", "title:")
    assert events.next() == ""
    events.close()


def test_a_folder_that_goes_does_not_end_it(serving: Serving, book: Path) -> None:
    events = Events(serving.client.port)
    (book / "content").rename(book / "gone")
    assert "content/handbook.yaml" in events.next()
    (book / "gone").rename(book / "content")
    while events.next():
        pass
    assert serving.client.get(PAGE)[0] == 200
    events.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it(serving: Serving, number: int, code: int) -> None:
    serving.process.send_signal(number)
    assert serving.process.wait(3) == code
