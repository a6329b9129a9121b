"""Pages in a browser: accessibility by axe-core, console errors, requests that leave the site."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

from .tools import package, program

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
LOCAL = {"file", "data", "blob"}  # nothing of these crosses a wire

# Frames of file: pages have no common origin; unless told so, axe passes what is in them unseen.
CONFIGURE = 'axe.configure({allowedOrigins: ["<unsafe_all_origins>"]})'
RUN = """async () => {
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.map(({id, impact, nodes}) => [id, impact, nodes.length, nodes[0].html]);
}"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of axe the page breaks, with the first element that breaks it."""

    rule: str
    impact: str | None
    nodes: int
    html: str


@dataclass(frozen=True, slots=True)
class PageReport:
    """What became of one page at one size."""

    url: str
    violations: tuple[Violation, ...]
    console_errors: tuple[str, ...]
    outside_requests: tuple[str, ...]


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium that finds no host but this machine."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS) as chromium,
    ):
        yield chromium


def inspect(
    browser: Browser,
    page_url: str,
    *,
    width: int = 1280,
    height: int = 800,
    color_scheme: Literal["light", "dark"] = "light",
) -> PageReport:
    """Load the page in a fresh context and examine it; outside requests are noted, and fail."""
    requests: list[str] = []
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location['url']})")

    axe = package("axe-core", "axe.min.js").read_text(encoding="utf-8") + CONFIGURE
    with browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=color_scheme,
        reduced_motion="reduce",  # a fading text has no settled contrast
    ) as context:
        context.on("request", lambda request: requests.append(request.url))
        context.on("console", on_console)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.on("websocket", lambda socket: requests.append(socket.url))
        page.goto(page_url)
        own_errors = tuple(errors)  # axe itself fetches style sheets, which `file:` forbids
        for frame in page.frames:
            frame.evaluate(axe)
        violations = tuple(Violation(*row) for row in page.evaluate(RUN))
    outside = tuple(url for url in requests if _is_outside(url, page_url))
    return PageReport(page_url, violations, own_errors, outside)


def _is_outside(url: str, page_url: str) -> bool:
    target, own = urlsplit(url), urlsplit(page_url)
    return target.scheme not in LOCAL and target[:2] != own[:2]
