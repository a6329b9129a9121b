"""Two viewers of PDF forms in a headless Chromium: its own (PDFium), and pdf.js (Firefox's).

Sheets are filled in by clicks, and what the file has worked out is read back from the viewer.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pikepdf
from playwright.sync_api import Browser, Frame, ViewportSize, sync_playwright

from tests.validators.axe import FLAGS
from tests.validators.tools import package, program

PAGE = Path(__file__).with_name("pdfjs.html")
KINDS = {".html": "text/html", ".mjs": "text/javascript", ".css": "text/css"}
OFF_BY_DEFAULT = ["--disable-extensions", "--disable-component-extensions-with-background-pages"]
"""Chromium's viewer is an extension, which playwright switches off by these."""
LOADED = "() => document.querySelector('pdf-viewer')?.loadState_ === 'success'"
PLACES = """(count) => Array.from({length: count}, (_, page) => {
    const {viewport_} = document.querySelector("pdf-viewer");
    const {x, y, width} = viewport_.getPageScreenRect(page);
    return [x, y, width];
})"""
SAVE = """async () => {
    const {pluginController_} = document.querySelector("pdf-viewer");
    const {dataToSave} = await pluginController_.save("EDITED");
    const letters = Array.from(new Uint8Array(dataToSave), (byte) => String.fromCharCode(byte));
    return btoa(letters.join(""));
}"""
TEXTS = """() => Object.fromEntries(
    Array.from(document.querySelectorAll("input[type=text]"), ({name, value}) => [name, value])
)"""
PATIENCE = 20_000
"""Milliseconds; pdf.js runs scripts in a sandbox of their own, which takes its time."""

HIDDEN = 1 << 1

Answers = Mapping[str, str]
Box = tuple[str, str]
"""A field and an option of it; no option where it is a text."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium with its PDF viewer, that finds no host but this machine."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=program("chromium"), args=FLAGS, ignore_default_args=OFF_BY_DEFAULT
        ) as browser,
    ):
        yield browser


@contextmanager
def served(pdf: bytes) -> Iterator[str]:
    """The address at which this machine serves `sheet.pdf` and the page of pdf.js."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0].removeprefix("/")
            self.send_response(200)
            self.send_header("Content-Type", KINDS.get(Path(path).suffix, "application/pdf"))
            self.end_headers()
            self.wfile.write(_content(path, pdf))

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _content(path: str, pdf: bytes) -> bytes:
    if path.startswith("pdfjs/"):
        return package("pdfjs-dist", *path.split("/")[1:]).read_bytes()
    return PAGE.read_bytes() if path == PAGE.name else pdf


def widgets(file: pikepdf.Pdf) -> Iterator[tuple[int, Box, Any]]:
    """Yield the page, the field with its option, and the widget of each box that is shown."""
    for number, page in enumerate(file.pages):
        for widget in page.get("/Annots", ()):
            if widget.Subtype != "/Widget" or int(widget.F) & HIDDEN:
                continue
            if "/Parent" in widget:
                [option] = set(widget.AP.N.keys()) - {"/Off"}
                yield number, (str(widget.Parent.T), option.removeprefix("/")), widget
            else:
                yield number, (str(widget.T), ""), widget


class Pdfium:
    """A sheet in Chromium's own viewer, all its pages in sight."""

    def __init__(self, browser: Browser, address: str, pdf: bytes) -> None:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            pages = len(file.pages)
            self.page = browser.new_page(viewport=ViewportSize(width=900, height=1200 * pages))
            self.page.goto(f"{address}/sheet.pdf#toolbar=0&navpanes=0&zoom=100")
            self._viewer = self._wait_for_viewer()
            shown = self._viewer.evaluate(PLACES, pages)
            self._places = {
                box: _middle(file.pages[page], widget, shown[page])
                for page, box, widget in widgets(file)
            }

    def _wait_for_viewer(self) -> Frame:
        for _ in range(PATIENCE // 50):
            for frame in self.page.frames:
                if frame.url.startswith("chrome-extension://") and frame.evaluate(LOADED):
                    return frame
            self.page.wait_for_timeout(50)
        raise TimeoutError("the viewer does not show the sheet")

    def answer(self, answers: Answers) -> None:
        """Click the option of each item."""
        for box in answers.items():
            self.page.mouse.click(*self._places[box])

    def write(self, field: str, text: str) -> None:
        """Type a text into a field."""
        self.page.mouse.click(*self._places[field, ""])
        self.page.keyboard.type(text, delay=20)

    def save(self) -> bytes:
        """Return the copy that the viewer saves."""
        return base64.b64decode(self._viewer.evaluate(SAVE))

    def texts(self) -> dict[str, str]:
        """Return what the fields of text show."""
        with pikepdf.open(io.BytesIO(self.save())) as file:
            fields = file.Root.AcroForm.Fields
            return {str(f.T): str(f.V) for f in fields if f.FT == "/Tx" and "/V" in f}


def _middle(page: pikepdf.Page, widget: Any, shown: Sequence[float]) -> tuple[float, float]:
    """Return where the middle of a widget is on the screen; `shown`: its page's x, y and width."""
    x, y, width = shown
    _, _, right, top = map(float, page.mediabox)
    low_x, low_y, high_x, high_y = map(float, widget.Rect)
    scale = width / right
    return x + (low_x + high_x) / 2 * scale, y + (top - (low_y + high_y) / 2) * scale


class PdfJs:
    """A sheet in pdf.js with its scripting sandbox, all its pages in sight."""

    def __init__(self, browser: Browser, address: str, pdf: bytes) -> None:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            self._boxes = {box: f"{widget.objgen[0]}R" for _, box, widget in widgets(file)}
            height = 800 * len(file.pages)
        self.page = browser.new_page(viewport=ViewportSize(width=900, height=height))
        self.page.goto(f"{address}/{PAGE.name}")
        self.page.wait_for_selector("body[data-ready]", state="attached", timeout=PATIENCE)

    def answer(self, answers: Answers) -> None:
        """Click the option of each item."""
        for box in answers.items():
            self.page.click(f'[data-element-id="{self._boxes[box]}"]')

    def texts(self) -> dict[str, str]:
        """Return what the fields of text show."""
        texts: dict[str, str] = self.page.evaluate(TEXTS)
        return texts

    def settle(self, expected: Mapping[str, str]) -> dict[str, str]:
        """Return what the fields of text show, as soon as that is `expected`, or at last."""
        for _ in range(PATIENCE // 50):
            texts = self.texts()
            if all(texts[name] == value for name, value in expected.items()):
                break
            self.page.wait_for_timeout(50)
        return texts

    def save(self) -> bytes:
        """Return the copy that the viewer saves."""
        return bytes(self.page.evaluate("() => saved()"))
