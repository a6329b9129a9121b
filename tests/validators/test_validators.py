"""The validators' own proof: each one tells a good sample from a bad one."""

import subprocess
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import weasyprint
from playwright.sync_api import Browser

from . import axe, nu, tools, verapdf
from .install import install
from .tools import ToolMissing

ROOT = Path(__file__).parents[2]

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sample</title></head>
<body><main>{}</main></body>
</html>
"""
GOOD = PAGE.format("<h1>One</h1><h2>Two</h2><p>Text</p>")
BAD = PAGE.format('<h2 id="a">Two</h2><h4 id="a">Four</h4><img src="data:,">')


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[verapdf.PdfReport]:
    folder = tmp_path_factory.mktemp("pdf")
    good, bad, cut = folder / "good.pdf", folder / "κακό 坏.pdf", folder / "cut.pdf"
    for path, html in ((good, GOOD), (bad, BAD.replace("<img", "<hr"))):
        weasyprint.HTML(string=html).write_pdf(path, pdf_variant="pdf/ua-1")
    cut.write_bytes(good.read_bytes()[:800])
    return verapdf.check([bad, cut, good])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with axe.browser() as browser:
        yield browser


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class TestVeraPdf:
    def test_good(self, reports: list[verapdf.PdfReport]) -> None:
        good = reports[2]
        assert good.path.name == "good.pdf"
        assert good.compliant
        assert good.assertions > 100
        assert good.failures == ()

    def test_bad(self, reports: list[verapdf.PdfReport]) -> None:
        bad = reports[0]
        assert not bad.compliant
        assert bad.error is None
        [failure] = bad.failures
        assert (failure.rule, failure.count) == ("7.4.2-1", 2)
        assert "H1 shall be the first" in failure.message
        assert "SEHn H2" in (failure.context or "")

    def test_unreadable(self, reports: list[verapdf.PdfReport]) -> None:
        assert not reports[1].compliant
        assert reports[1].failures == ()
        assert "ModelParsingException" in (reports[1].error or "")

    def test_unknown_flavour(self) -> None:
        with pytest.raises(RuntimeError, match="unknown flavour: xua1"):
            verapdf.check([Path("any.pdf")], "xua1")

    def test_foreign_jar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verapdf, "JAR_SHA256", "0" * 64)
        with pytest.raises(ToolMissing, match="pinned SHA-256"):
            verapdf.check([Path("any.pdf")])


class TestNu:
    def test_tells_apart(self, tmp_path: Path) -> None:
        good, bad = tmp_path / "good.html", tmp_path / "el" / "κακό #1%.html"
        bad.parent.mkdir()
        good.write_text(GOOD, encoding="utf-8")
        bad.write_text(BAD, encoding="utf-8")
        (tmp_path / "index.json").write_text("{}", encoding="utf-8")
        messages = nu.check(tmp_path)
        assert {message.path for message in messages} == {bad}
        assert {message.severity for message in messages} == {"error", "warning"}
        assert any(message.text == "Duplicate ID “a”." for message in messages)

    def test_css(self, tmp_path: Path) -> None:
        good, bad = tmp_path / "good.css", tmp_path / "bad.css"
        good.write_text("p { margin-inline: 1rem }", encoding="utf-8")
        bad.write_text("p { color: red }\np { colr: red }", encoding="utf-8")
        [message] = nu.check_css([good, bad])
        assert (message.path, message.line, message.severity) == (bad, 2, "error")
        assert "colr" in message.text

    def test_nothing_to_check(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="no HTML"):
            nu.check(tmp_path)

    def test_lost_file(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match=r"did not read .*lost\.css"):
            nu.check_css([tmp_path / "lost.css"])


class TestAxe:
    def test_good(self, browser: Browser, tmp_path: Path) -> None:
        page = tmp_path / "good.html"
        page.write_text(GOOD, encoding="utf-8")
        assert axe.inspect(browser, page.as_uri()) == axe.PageReport(page.as_uri(), (), (), ())

    def test_bad(self, browser: Browser, tmp_path: Path) -> None:
        page = tmp_path / "bad.html"
        page.write_text(BAD, encoding="utf-8")
        violations = {v.rule: v for v in axe.inspect(browser, page.as_uri()).violations}
        image = axe.Violation("image-alt", "critical", 1, '<img src="data:,">')
        assert violations["image-alt"] == image

    def test_bad_frame(self, browser: Browser, tmp_path: Path) -> None:
        page = tmp_path / "frame.html"
        (tmp_path / "bad.html").write_text(BAD, encoding="utf-8")
        page.write_text(GOOD.replace("Text", '<iframe title="Bad" src="bad.html"></iframe>'))
        rules = {violation.rule for violation in axe.inspect(browser, page.as_uri()).violations}
        assert "image-alt" in rules

    def test_width(self, browser: Browser, tmp_path: Path) -> None:
        page = tmp_path / "wide.html"
        script = "<script>if (innerWidth < 500) console.error(innerWidth, innerHeight)</script>"
        page.write_text(GOOD.replace("</main>", f"</main>{script}"), encoding="utf-8")
        assert axe.inspect(browser, page.as_uri()).console_errors == ()
        narrow = axe.inspect(browser, page.as_uri(), width=320, height=256)
        assert narrow.console_errors == (f"320 256 ({page.as_uri()})",)

    @pytest.mark.parametrize("scheme", ["file", "http"])
    def test_planted(self, browser: Browser, tmp_path: Path, site: str, scheme: str) -> None:
        planted = (
            '<link rel="stylesheet" href="own.css">'
            '<link rel="stylesheet" href="https://style.example/a.css">'
            '<script>console.warn("fine"); console.error("planted");'
            'new WebSocket("wss://socket.example/"); fetch("http://203.0.113.7/");'
            'fetch("data:,x"); throw new Error("uncaught")</script>'
        )
        page = tmp_path / "planted.html"
        page.write_text(GOOD.replace("</head>", f"{planted}</head>"), encoding="utf-8")
        (tmp_path / "own.css").write_text("p { margin: 0 }", encoding="utf-8")
        url = page.as_uri() if scheme == "file" else f"{site}/planted.html"
        report = axe.inspect(browser, url)
        assert set(report.outside_requests) == {
            "https://style.example/a.css",
            "wss://socket.example/",
            "http://203.0.113.7/",
        }
        errors = "\n".join(report.console_errors)
        assert f"planted ({url})" in errors
        assert "uncaught" in errors
        assert "fine" not in errors
        assert report.violations == ()


class TestTools:
    def test_install_is_quick_when_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("ran a command"))
        start = time.perf_counter()
        install(ROOT)
        assert time.perf_counter() - start < 0.5

    def test_missing_program(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(ToolMissing, match="java is missing; run: python -m") as missing:
            tools.java("-version")
        assert missing.value.cure == tools.INSTALL
        with pytest.raises(ToolMissing, match=r"sudo apt-get install .*chromium .*qpdf"):
            install(ROOT)
