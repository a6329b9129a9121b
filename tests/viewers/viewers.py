"""Two viewers of PDF forms in a headless Chromium: its own (PDFium), and pdf.js (of Firefox).

Sheets are filled in by clicks, and what the file has worked out is read back from the viewer.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pikepdf
from playwright.sync_api import Browser, Frame, sync_playwright

from tests.validators.axe import FLAGS
from tests.validators.tools import package, program

PAGE = Path(__file__).with_name("pdfjs.html")
KINDS = {".html": "text/html", ".mjs": "text/javascript", ".css": "text/css"}
OFF_BY_DEFAULT = ("--disable-extensions", "--disable-component-extensions-with-background-pages")
"""Chromium's viewer is an extension, which playwright switches off by these."""
LOADED = "() => document.querySelector('pdf-viewer')?.loadState_ === 'success'"
PLACES = """(count) => Array.from({length: count}, (_, page) => {
    const {x, y, width} =
        document.querySelector("pdf-viewer").viewport_.getPageScreenRect(page);
    return [x, y, width];
})"""
SAVE = """async () => {
    const viewer = document.querySelector("pdf-viewer");
    const {dataToSave} = await viewer.pluginController_.save("EDITED");
    return btoa(Array.from(new Uint8Array(dataToSave), (byte) => String.fromCharCode(byte)).join(""));
}"""

Answers = Mapping[str, str]
Values = dict[str, str]
"""Field → what it shows."""


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
        def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
            path = self.path.split("?")[0].removeprefix("/")
            self.send_response(200)
            self.send_header("Content-Type", KINDS.get(Path(path).suffix, "application/pdf"))
            self.end_headers()
            self.wfile.write(_content(path))

        def log_message(self, *_: object) -> None: ...

    def _content(path: str) -> bytes:
        if path.startswith("pdfjs/"):
            return package("pdfjs-dist", *path.split("/")[1:]).read_bytes()
        return PAGE.read_bytes() if path == "pdfjs.html" else pdf

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Pdfium:
    """A sheet in Chromium's own viewer."""

    def __init__(self, browser: Browser, address: str, pdf: bytes) -> None:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            self._pages = len(file.pages)
            size = {"width": 900, "height": 1200 * self._pages}
            self.page = browser.new_page(viewport=size)
            self.page.goto(f"{address}/sheet.pdf#toolbar=0&navpanes=0&zoom=100")
            self._viewer = self._wait_for_viewer()
            self.places = dict(self._find_places(file))

    def _wait_for_viewer(self) -> Frame:
        for _ in range(200):
            for frame in self.page.frames:
                if frame.url.startswith("chrome-extension://") and frame.evaluate(LOADED):
                    return frame
            self.page.wait_for_timeout(50)
        raise TimeoutError("the viewer does not show the sheet")

    def _find_places(
        self, file: pikepdf.Pdf
    ) -> Iterator[tuple[tuple[str, str], tuple[float, float]]]:
        """Yield field and option (empty for texts), and the middle of the box on the screen."""
        shown = self._viewer.evaluate(PLACES, self._pages)
        for page, (x, y, width) in zip(file.pages, shown, strict=True):
            _, _, right, top = map(float, page.mediabox)
            scale = width / right
            for widget in page.get("/Annots", ()):
                low_x, low_y, high_x, high_y = map(float, widget.Rect)
                middle = (
                    x + (low_x + high_x) / 2 * scale,
                    y + (top - (low_y + high_y) / 2) * scale,
                )
                if "/Parent" in widget:
                    [option] = set(widget.AP.N.keys()) - {"/Off"}
                    yield (str(widget.Parent.T), option[1:]), middle
                else:
                    yield (str(widget.T), ""), middle

    def answer(self, answers: Answers) -> None:
        """Click the option of each item."""
        for item, option in answers.items():
            self.page.mouse.click(*self.places[item, option])

    def write(self, field: str, text: str) -> None:
        """Type a text into a field."""
        self.page.mouse.click(*self.places[field, ""])
        self.page.keyboard.type(text, delay=20)

    def save(self) -> bytes:
        """Return the copy that the viewer saves."""
        return base64.b64decode(self._viewer.evaluate(SAVE))

    def values(self) -> Values:
        """Return what all fields show."""
        with pikepdf.open(io.BytesIO(self.save())) as file:
            return {str(f.T): str(f.get("/V", "")) for f in file.Root.AcroForm.Fields}


class PdfJs:
    """A sheet in pdf.js, with its scripting sandbox."""

    def __init__(self, browser: Browser, address: str, pages: int) -> None:
        self.page = browser.new_page(viewport={"width": 900, "height": 800 * pages})
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{address}/pdfjs.html")
        self.page.wait_for_selector("body[data-ready]", timeout=20_000)

    def answer(self, answers: Answers) -> None:
        """Click the option of each item."""
        for item, option in answers.items():
            self.page.click(f'input[name="{item}"][exportvalue="{option}"]')

    def values(self, waiting_for: Values) -> Values:
        """Return what the text fields show, at the latest after two seconds; scripts take time."""
