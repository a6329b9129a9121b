"""Brand folders by people who mean no good, or know no better: all refused with a clear error.

The table holds what each folder has in it; the same proofs are made of all.
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from handbook import loading
from handbook.brand.new import Wishes, draft
from handbook.diagnostics import ContentError
from tests.minibook import copy_minibook, edit, write

ACME = "themes/acme"
YAML = f"{ACME}/theme.yaml"
SECONDS = 5
MEGABYTES = 300
"""What one folder may take at the most, above what was taken before."""

Plant = Callable[[Path], None]


def replaced(old: str, new: str) -> Plant:
    """Return what puts `new` into the place of `old` in theme.yaml."""
    return lambda root: edit(root, YAML, old, new)


def added(line: str) -> Plant:
    return replaced("extends: default", f"extends: default\n{line}")


def file(name: str, data: bytes) -> Plant:
    def plant(root: Path) -> None:
        path = root / ACME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return plant


def logo(name: str, data: bytes) -> Plant:
    """Return what puts a logo beside theme.yaml and names it there."""

    def plant(root: Path) -> None:
        file(name, data)(root)
        added(f"logo: {name}")(root)

    return plant


def doubled(element: str, use: str, rule: str = "") -> str:
    """Return masks (or clipping paths) each of which uses the one before it twice."""
    rules = "".join(rule.format(number) for number in range(20))
    masks = "".join(
        f'<{element} id="m{number}">{2 * f"<path {use.format(number - 1)}/>"}</{element}>'
        for number in range(20)
    )
    return f"<style>{rules}</style>{masks}<path {use.format(19)}/>"


def svg(inside: str, head: str = "", box: str = "0 0 9 9") -> Plant:
    text = (
        f'{head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink">\n{inside}\n</svg>'
    )
    return logo("mark.svg", text.encode())


def picture(kind: str, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((40, 40), 50).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def moving() -> bytes:
    frame = Image.new("RGB", (8, 8), "red")
    stream = io.BytesIO()
    frame.save(stream, "PNG", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")])
    return stream.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of few bytes and many points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width // 8)) for _ in range(min(height, 12_000)))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = rows + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def font(letters: str = "AB", family: str = "Acme Sans", **os2: int) -> bytes:
    """Return a small font with a box for each of `letters`."""
    names = [".notdef", *(f"g{ord(c)}" for c in letters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"g{ord(c)}" for c in letters})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((500, 700))
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyf(dict.fromkeys(names, glyph))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(**{"sTypoAscender": 800, "fsType": 0, **os2})
    builder.setupPost()
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def variable() -> bytes:
    from fontTools.ttLib import TTFont

    with TTFont(io.BytesIO(font())) as made:
        builder = FontBuilder(font=made)
        builder.setupFvar([("wght", 100, 400, 900, "Weight")], [])
        stream = io.BytesIO()
        made.save(stream)
    return stream.getvalue()


def link(name: str, target: str) -> Plant:
    return lambda root: (root / ACME / name).symlink_to(target)


def fifo(root: Path) -> None:
    os.mkfifo(root / ACME / "logo.svg")
    added("logo: logo.svg")(root)


def circle(root: Path) -> None:
    write(root, "themes/middle/theme.yaml", "extends: acme\n")
    replaced("extends: default", "extends: middle")(root)


def many_files(root: Path) -> None:
    for number in range(2_100):
        file(f"photos/{number}.txt", b"")(root)


def strange_form(root: Path) -> None:
    forms = 'company: {nominative: "{name}", genitive: "{name}’s"}'
    edit(root, "locales/en/language.yaml", "line_height: 1.5", f"line_height: 1.5\n{forms}")
    replaced(NAME, "name: Acme, nominative: Acme, genetive: Acme’s")(root)


def cases_clash(root: Path) -> None:
    file("Logo.svg", b"")(root)
    file("logo.svg", b"")(root)


def both(*plants: Plant) -> Plant:
    def plant(root: Path) -> None:
        for each in plants:
            each(root)

    return plant


NAME = "name: Acme, nominative: Acme, genitive: Acme’s"
WIDE = "".join(f'<use xlink:href="#a{n}"/>' for n in range(10))
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(10))
DTD_FILE = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
INCLUDE = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
FONT_FACE = "<style>@font-face{font-family:x;src:url(//x.example/x)}</style>"
ANIMATE = '<animate attributeName="href" values="javascript:alert(1)"/>'
FOREIGN = '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'

FOLDERS: dict[str, tuple[Plant, str, str]] = {
    # what theme.yaml says
    "a list for a mapping": (
        replaced("colours:\n  primary:", "colours:\n  - primary:"),
        "theme.yaml:7",
        "colours",
    ),
    "a number for a colour": (replaced('"#5b2a6e"', "512365"), "theme.yaml:7:12", "primary"),
    "an unknown key": (added("color: red"), "theme.yaml:2:1", "unknown key “color”"),
    "an unknown style": (added("style: {cover: lace}"), "theme.yaml:2:16", "cover"),
    "no for a paper": (added("paper: no"), "theme.yaml:2:8", "paper"),
    "a bomb of references": (
        added("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"),
        "theme.yaml:3",
        "references",
    ),
    "a deep nest": (added("a: " + "[" * 5000), "theme.yaml:2", "nested"),
    "a tag of a programming language": (
        added("logo: !!python/object/apply:os.system [x]"),
        "theme.yaml:2",
        "tag",
    ),
    "a colour by name": (replaced('"#5b2a6e"', "purple"), "theme.yaml:7:3", "not a colour"),
    "a short colour": (replaced('"#5b2a6e"', '"#fff"'), "theme.yaml:7:3", "not a colour"),
    "a colour without quotes": (replaced('"#5b2a6e"', "#5b2a6e"), "theme.yaml:7:3", "in quotes"),
    "a colour that ends the style": (
        replaced('"#5b2a6e"', '"#5b2a6e;}</style><script>"'),
        "theme.yaml:7:3",
        "not a colour",
    ),
    "a pale colour": (replaced('"#5b2a6e"', '"#ffcc00"'), "theme.yaml:7:3", "the nearest"),
    "a name that a language lacks": (
        replaced("nominative: 阿克梅", "nominative: "),
        "acme/theme.yaml:5",
        "missing in zh-Hans",
    ),
    "a form that a language lacks": (strange_form, "theme.yaml:3", "did you mean “genitive”"),
    "a name with a placeholder": (
        replaced(NAME, 'nominative: "{{ config }}"'),
        "theme.yaml:3",
        "holds “{”",
    ),
    "a name of two lines": (
        replaced(NAME, 'nominative: "Acme\\nBank"'),
        "theme.yaml:3",
        "line break",
    ),
    "a name that turns the text around": (
        replaced(NAME, 'nominative: "Acme\\u202e"'),
        "theme.yaml:3",
        "U+202E",
    ),
    "a name that is markup": (
        replaced(NAME, "nominative: <b>Acme</b>"),
        "theme.yaml:3",
        "holds “<”",
    ),
    "an endless name": (
        replaced(NAME, f"nominative: {'A' * 300}"),
        "theme.yaml:3",
        "300 characters",
    ),
    "a contact that ends the style": (
        added('contact: ["</style><script>"]'),
        "theme.yaml:2",
        "holds “<”",
    ),
    "an address that is a script": (
        added('address: "javascript:alert(1)/"'),
        "theme.yaml:2",
        "address",
    ),
    "themes in a circle": (circle, "theme.yaml:1", "circle"),
    "a theme elsewhere": (
        replaced("extends: default", "extends: ../../etc"),
        "theme.yaml:1:10",
        "cannot be the name",
    ),
    # the logo
    "no such logo": (added("logo: mark.svg"), "theme.yaml:2:7", "no file"),
    "a logo elsewhere": (added("logo: ../../../etc/passwd"), "theme.yaml:2:7", "beside theme.yaml"),
    "a logo by a link": (
        both(link("mark.svg", "/etc/passwd"), added("logo: mark.svg")),
        "mark.svg",
        "link",
    ),
    "a logo that is a pipe": (fifo, "logo.svg", "device"),
    "a huge logo": (logo("mark.svg", b" " * 1_500_000), "mark.svg", "1,500,000 bytes"),
    "a broken picture": (logo("mark.png", picture("PNG")[:-300]), "mark.png", "cannot be read"),
    "a bomb of points": (logo("mark.png", bomb(12_000, 12_000)), "mark.png", "12,000 × 12,000"),
    "a picture as wide as the sea": (
        logo("mark.png", bomb(2_000_000, 2)),
        "mark.png",
        "2,000,000 × 2",
    ),
    "another kind of picture": (
        logo("mark.png", picture("GIF", "P")),
        "mark.png",
        "no PNG picture",
    ),
    "a moving picture": (logo("mark.png", moving()), "mark.png", "moves"),
    "a picture for a press": (logo("mark.jpg", picture("JPEG", "CMYK")), "mark.jpg", "CMYK"),
    "a drawing with a script": (svg("<script>alert(1)</script>"), "mark.svg:2", "<script>"),
    "a drawing that listens": (svg('<g onload="alert(1)"/>'), "mark.svg:2", "onload"),
    "a drawing with entities": (
        svg("<title>&e9;</title>", f"<!DOCTYPE svg [{ENTITIES}]>"),
        "mark.svg:1",
        "document type",
    ),
    "a drawing that reads a file": (svg("&x;", DTD_FILE), "mark.svg:1", "document type"),
    "a drawing that includes": (svg(INCLUDE), "mark.svg:2", "include"),
    "a drawing that repeats itself": (svg(f'<g id="a0">{WIDE}</g>'), "mark.svg:2", "<use>"),
    "a drawing with a font elsewhere": (svg(FONT_FACE), "mark.svg:2", "<style>"),
    "a drawing that imports": (
        svg("<style>@import '//x.example/x.css';</style>"),
        "mark.svg:2",
        "<style>",
    ),
    "a drawing in a drawing": (
        svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>'),
        "mark.svg:2",
        "<image>",
    ),
    "a page in a drawing": (svg(FOREIGN), "mark.svg:2", "foreignObject"),
    "a drawing that changes itself": (svg(ANIMATE), "mark.svg:2", "<animate>"),
    "a drawing of too many shapes": (svg("<path d='M0 0'/>" * 4000), "mark.svg:1", "3,000 shapes"),
    "masks that double": (svg(doubled("mask", 'mask="url(#m{})"')), "mark.svg:1", "3,000 shapes"),
    "clipping paths that double, by a style": (
        svg(doubled("clipPath", 'style="clip-path/**/:url(#m{})"')),
        "mark.svg:1",
        "3,000 shapes",
    ),
    "masks that double, by a style sheet": (
        svg(doubled("mask", 'class="m{}"', ".m{0}{{mask:url(#m{0})}}")),
        "mark.svg:1",
        "3,000 shapes",
    ),
    "a mask of itself": (
        svg('<mask id="m"><path mask="url(#m)"/></mask><path mask="url(#m)"/>'),
        "mark.svg:1",
        "3,000 shapes",
    ),
    "a drawing as deep as a well": (
        svg("<g>" * 3000 + "</g>" * 3000),
        "mark.svg:2",
        "no valid SVG",
    ),
    "a drawing without an end": (svg("<path/>", box="0 0 1e9 1e9"), "mark.svg:1", "no size"),
    "a drawing with a style sheet": (
        svg("<?xml-stylesheet href='//x.example/x.css'?>"),
        "mark.svg:2",
        "xml-stylesheet",
    ),
    # fonts
    "a font that is none": (file("fonts/acme.ttf", b"no font at all"), "acme.ttf", "no font"),
    "a broken font": (file("fonts/acme.ttf", font()[:400]), "acme.ttf", "broken"),
    "a font that may not be passed on": (
        file("fonts/acme.ttf", font(fsType=2)),
        "acme.ttf",
        "may not be put",
    ),
    "a collection of fonts": (
        file("fonts/acme.ttf", b"ttcf" + bytes(60)),
        "acme.ttf",
        "collection",
    ),
    "a packed font": (file("fonts/acme.ttf", b"wOFF" + bytes(200)), "acme.ttf", "no font"),
    "a font without letters": (file("fonts/acme.ttf", font("")), "acme.ttf", "no letters"),
    "a font that is called as the theme's": (
        file("fonts/acme.ttf", font(family="noto sans")),
        "acme/fonts/acme.ttf",
        "languages are set in",
    ),
    "a variable font": (file("fonts/acme.ttf", variable()), "acme.ttf", "variable"),
    "a font that is not there": (
        added("fonts: {heading: Acme Serif}"),
        "theme.yaml:2",
        "no file in fonts/",
    ),
    # the folder
    "a template": (file("templates/site/page.html", b"{{ 1 }}"), "page.html", "data only"),
    "a program": (file("site.js", b"alert(1)"), "site.js", "data only"),
    "a style sheet": (file("styles/site.css", b"* {}"), "site.css", "data only"),
    "names that clash": (cases_clash, "logo.svg", "the same file"),
    "a name that Windows keeps": (file("aux.txt", b""), "aux.txt", "Windows"),
    "too many files": (many_files, "themes/acme", "files here"),
}


def files_below(root: Path) -> dict[str, float]:
    return {str(path): path.lstat().st_mtime for path in sorted(root.rglob("*"))}


def peak() -> float:
    """Return the most memory that this process has taken so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_there_are_forty_at_least() -> None:
    assert len(FOLDERS) >= 40


@pytest.mark.parametrize("name", FOLDERS)
def test_a_hostile_folder_is_refused(tmp_path: Path, name: str) -> None:
    plant, place, words = FOLDERS[name]
    root = copy_minibook(tmp_path)
    plant(root)
    before, memory, started = files_below(root), peak(), time.process_time()
    with pytest.raises(ContentError) as caught:
        loading.load(root)
    assert time.process_time() - started < SECONDS
    assert peak() - memory < MEGABYTES
    assert files_below(root) == before
    problems = caught.value.problems
    assert place in str(problems[0].span), problems
    assert words in f"{problems[0].message} {problems[0].hint}", problems
    assert len(problems) <= 2, problems
    assert all(problem.hint for problem in problems)


def colour(value: str) -> str:
    return f'{{"color": {{"$type": "color", "primary": {{"$value": {value}}}}}}}'


SRGB = '{"colorSpace": "srgb", "components": [0.1, 0.2, 0.4]}'


def doubling_groups() -> str:
    """Return groups each of which extends the one before it twice."""
    groups: dict[str, object] = {"g0": {}}
    for number in range(1, 39):
        before = {"$extends": f"{{g{number - 1}}}"}
        groups[f"g{number}"] = {**before, "a": before}
    return json.dumps(groups)


TOKENS: dict[str, tuple[str, str, str]] = {
    "tokens in a circle": (
        '{"a": {"$type": "color", "$value": "{b}"}, "b": {"$value": "{a}"}}',
        "1:",
        "circle",
    ),
    "groups in a circle": ('{"a": {"$extends": "{b}"}, "b": {"$extends": "{a}"}}', "1:", "circle"),
    "groups that double": (doubling_groups(), "1:", "groups, as extended"),
    "a token that is not there": (colour('"{color.blue}"'), "1:", "no token “color.blue”"),
    "an unknown colour space": (
        colour('{"colorSpace": "cmyk", "components": [0, 0, 0]}'),
        "1:",
        "no colour space “cmyk”",
    ),
    "a number that is none": (
        colour('{"colorSpace": "srgb", "components": [NaN, 0, 0]}'),
        "1:",
        "three numbers",
    ),
    "too few numbers": (
        colour('{"colorSpace": "srgb", "components": [0, 0]}'),
        "1:",
        "three numbers",
    ),
    "a colour that is a word": (colour('"navy"'), "1:", "not a colour"),
    "a transparent colour": (colour(SRGB[:-1] + ', "alpha": 0.5}'), "1:", "transparent"),
    "a deep nest": ('{"a": ' * 3000 + "1" + "}" * 3000, "1:", "nested"),
    "a huge file": ('{"a": "' + "x" * 2_100_000 + '"}', "1:", "2,000,000 bytes"),
    "no JSON": ('{"a": ', "2:1", "does not end"),
    "a list": ("[1, 2]", "1:", "expected keys"),
    "a key twice": ('{"a": {"$value": 1}, "a": {"$value": 2}}', "1:", "twice"),
    "nothing of use": ('{"a": {"$type": "number", "$value": 1}}', "--", "no token is"),
}


@pytest.mark.parametrize("name", TOKENS)
def test_hostile_tokens_are_refused(tmp_path: Path, name: str) -> None:
    text, place, words = TOKENS[name]
    root = copy_minibook(tmp_path)
    path = tmp_path / "brand.tokens.json"
    path.write_text(text, encoding="utf-8")
    before, started = files_below(root), time.process_time()
    with pytest.raises(ContentError) as caught:
        draft(root, Wishes("Beta", tokens=path))
    assert time.process_time() - started < SECONDS
    assert files_below(root) == before
    problem = caught.value.problems[0]
    assert place in str(problem.span), problem
    assert words in problem.message, problem
