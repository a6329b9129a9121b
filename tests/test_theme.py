"""Themes: what they extend, colours that can be read, and logos that do nothing."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from handbook.diagnostics import ContentError, Problem
from handbook.theme import Theme, read_theme
from handbook.theme.colours import TEXT, contrast, readable
from handbook.theme.logo import clean
from tests.minibook import REPOSITORY, copy_minibook, edit, write

ACME = "themes/acme/theme.yaml"
LANGUAGES = ("en", "el", "zh-Hans")
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 9 9">\n{}\n</svg>'
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


def theme_of(root: Path) -> Theme:
    return read_theme(root, "acme", LANGUAGES)


def problems_of(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        theme_of(root)
    return caught.value.problems


def test_a_brand_lies_over_the_theme_that_it_extends(root: Path) -> None:
    theme = theme_of(root)
    assert theme.file.colours.primary == "#5b2a6e"
    assert theme.file.colours.paper == "#ffffff"
    assert [folder.name for folder in theme.folders] == ["acme", "default"]
    assert theme.company("en")["genitive"] == "Acme’s"
    assert theme.company("fr") == {}
    assert theme.logo == b""


def test_a_file_is_found_in_the_nearest_theme(root: Path) -> None:
    write(root, "themes/acme/own.txt", "")
    theme = theme_of(root)
    assert theme.find("own.txt") == root / "themes/acme/own.txt"
    assert theme.find("styles/site.css") == root / "themes/default/styles/site.css"
    assert theme.find("theme.yaml").parent.name == "acme"
    with pytest.raises(KeyError):
        theme.find("none.css")


def test_a_longer_chain_is_followed(root: Path) -> None:
    write(root, "themes/middle/theme.yaml", 'extends: default\ncolours: {ink: "#101010"}\n')
    edit(root, ACME, "extends: default", "extends: middle")
    theme = theme_of(root)
    assert [folder.name for folder in theme.folders] == ["acme", "middle", "default"]
    assert theme.file.colours.ink == "#101010"


def test_a_circle_is_shown(root: Path) -> None:
    write(root, "themes/middle/theme.yaml", "extends: acme\n")
    edit(root, ACME, "extends: default", "extends: middle")
    (problem,) = problems_of(root)
    assert "circle: acme → middle → acme" in problem.message
    assert str(problem.span) == "themes/middle/theme.yaml:1:10"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme", "circle: acme → acme"),
        ("defalt", "no theme “defalt”"),
        ("../acme", "cannot be the name"),
        ("/etc", "cannot be the name"),
        ("'~'", "cannot be the name"),
        ("Default", "cannot be the name"),
    ],
)
def test_what_cannot_be_extended_is_told(root: Path, name: str, message: str) -> None:
    edit(root, ACME, "extends: default", f"extends: {name}")
    (problem,) = problems_of(root)
    assert message in problem.message
    assert str(problem.span) == f"{ACME}:1:10"


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#abcdef", "#ABCDEF", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(
    "paper", ["#ffffff", "#000000", "#777777", "#2b2b2b", "#fff8e1", "#767676"]
)
@pytest.mark.parametrize(
    "colour", ["#ffff00", "#ff0000", "#777777", "#000000", "#ffffff", "#123456"]
)
def test_a_readable_colour_can_be_found(colour: str, paper: str) -> None:
    found = readable(colour, paper)
    assert contrast(found, paper) >= TEXT
    if contrast(colour, paper) >= TEXT:
        assert found == colour


def test_the_readable_colour_is_the_nearest() -> None:
    assert readable("#777777", "#ffffff") == "#767676"


def test_a_pale_colour_is_told_with_one_that_can_be_read(root: Path) -> None:
    edit(root, ACME, '"#5b2a6e"', '"#ffcc00"')
    (problem,) = problems_of(root)
    assert (str(problem.span), problem.rule) == (f"{ACME}:7:3", "contrast")
    assert "#ffcc00 has a contrast of 1.51" in problem.message
    better = problem.hint.split('"')[1]
    assert contrast(better, "#ffffff") >= TEXT
    edit(root, ACME, "#ffcc00", better)
    assert theme_of(root).file.colours.primary == better


@pytest.mark.parametrize(
    "value", ["red", "'#fff'", "'#12345g'", "'#1234567'", "'url(x)'", "'#ffffff;}</style>'"]
)
def test_what_is_no_colour_is_told(root: Path, value: str) -> None:
    edit(root, ACME, '"#5b2a6e"', value)
    (problem,) = problems_of(root)
    assert (str(problem.span), problem.rule) == (f"{ACME}:7:3", "colour")


@pytest.mark.parametrize(
    ("old", "new", "place", "rule", "message"),
    [
        ("extends:", "color: red\nextends:", "1:1", "unknown-key", "unknown key “color”"),
        ("primary:", "primry:", "7:3", "unknown-key", "unknown key “primry”"),
        ("colours:", "currency: euro\ncolours:", "6:11", "theme", "currency"),
        ("colours:", "address: example.org\ncolours:", "6:10", "theme", "address"),
        ("colours:", "contact: one line\ncolours:", "6:10", "theme", "contact"),
    ],
)
def test_a_fault_of_theme_yaml_is_told(
    root: Path, old: str, new: str, place: str, rule: str, message: str
) -> None:
    edit(root, ACME, old, new)
    told = {(str(p.span), p.rule): p.message for p in problems_of(root)}
    assert message in told.get((f"{ACME}:{place}", rule), str(told))


def test_a_company_needs_a_name_in_every_language(root: Path) -> None:
    with pytest.raises(ContentError) as caught:
        read_theme(root, "acme", ("en", "fi", "sv"))
    messages = [problem.message for problem in caught.value.problems]
    assert messages == [f"the company's name is missing in {tag}" for tag in ("fi", "sv")]


def with_logo(root: Path, name: str, data: bytes) -> None:
    (root / "themes" / "acme" / name).write_bytes(data)
    edit(root, ACME, "extends: default", f"extends: default\nlogo: {name}")


@pytest.mark.parametrize(
    "drawing",
    [
        '<path d="M0 0"/>',
        '<g fill="url(#a)"><linearGradient id="a"><stop/></linearGradient></g>',
        "<title>Logo &amp; name</title>",
        '<rect style="fill:#123456"/>',
        "<!-- a remark -->",
    ],
)
def test_a_plain_drawing_is_taken(root: Path, drawing: str) -> None:
    with_logo(root, "mark.svg", SVG.format(drawing).encode())
    theme = theme_of(root)
    assert theme.logo_name == "logo.svg"
    assert drawing.split("<!--")[0].encode() in theme.logo
    assert b"remark" not in theme.logo


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<g onload="alert(1)"/>', "onload"),
        ('<g ONCLICK="alert(1)"/>', "ONCLICK"),
        ('<a href="https://x.example"/>', "<a>"),
        ('<path href="x"/>', "href"),
        ('<path xlink:href="x"/>', "href"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<use xlink:href="#a"/>', "<use>"),
        ('<image href="x.png"/>', "<image>"),
        ('<animate attributeName="x"/>', "<animate>"),
        ("<style>@import 'x'</style>", "<style>"),
        ('<g style="background:url(https://x.example)"/>', "style"),
        ('<g style="fill:u\\72l(https://x.example)"/>', "style"),
        ('<g fill="url(//x.example#a)"/>', "fill"),
        ('<g xmlns:h="http://www.w3.org/1999/xhtml"><h:script/></g>', "script"),
        ("<?xml-stylesheet href='x.css'?>", "<?xml-stylesheet?>"),
    ],
)
def test_a_drawing_that_does_or_fetches_something_is_refused(
    root: Path, drawing: str, words: str
) -> None:
    with_logo(root, "mark.svg", SVG.format(drawing).encode())
    problem = problems_of(root)[0]
    assert (problem.span.file, problem.span.line) == ("themes/acme/mark.svg", 2)
    assert words in problem.message
    assert "plain SVG" in problem.hint


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG.format("&a;"),
            "document type",
        ),
        ("<?xml-stylesheet href='x.css'?>" + SVG.format(""), "xml-stylesheet"),
        (SVG.format("<g>"), "no valid SVG"),
        ("", "no valid SVG"),
        ("<svg/>", "no SVG drawing"),
        ("<html/>", "no SVG drawing"),
    ],
)
def test_what_is_no_plain_svg_is_refused(root: Path, data: str, words: str) -> None:
    with_logo(root, "mark.svg", data.encode())
    assert words in " ".join(problem.message for problem in problems_of(root))


ILLUSTRATOR = """<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: a drawing program, SVG Export Plug-In -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
 "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" id="Layer_1" xmlns="http://www.w3.org/2000/svg" x="0px" y="0px"
 xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 60 40"
 style="enable-background:new 0 0 60 40;" xml:space="preserve">
<defs><rect id="SVGID_1_" width="30" height="40" transform="scale(1)"/></defs>
<clipPath id="SVGID_2_"><use xlink:href="#SVGID_1_" style="overflow:visible;" x="5"/></clipPath>
<path id="leaf" d="M0 0h10v10z" fill="#123456"/>
<use xlink:href="#leaf" transform="rotate(90)" x="20" y="3" opacity="0.5"/>
</svg>"""
"""What a drawing program writes into a plain SVG: a document type, and parts that are repeated."""


def test_the_file_of_a_drawing_program_is_taken(root: Path) -> None:
    drawn = etree.fromstring(clean(ILLUSTRATOR.encode(), "mark.svg", ".svg"))
    clip = drawn.find(".//{*}clipPath")
    assert [each.tag.rpartition("}")[2] for each in clip] == ["rect"]
    assert clip[0].get("transform") == "translate(5 0) scale(1)"
    group = drawn.find("{*}g")
    assert dict(group.attrib) == {"transform": "rotate(90) translate(20 3)", "opacity": "0.5"}
    assert dict(group[0].attrib) == {"d": "M0 0h10v10z", "fill": "#123456"}
    assert "DOCTYPE" not in etree.tostring(drawn.getroottree()).decode()
    with_logo(root, "mark.svg", ILLUSTRATOR.encode())
    assert theme_of(root).logo


def test_a_fault_is_told_on_its_line_behind_a_document_type(root: Path) -> None:
    with_logo(root, "mark.svg", ILLUSTRATOR.replace("<path", "<image").encode())
    assert problems_of(root)[0].span.line == 10


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (f'<g id="a">{"<path/>" * 400}</g>', "3,000 shapes"),
        (f'<path id="a" d="{"M0 0" * 100_000}"/>', "<use>"),
        ('<g id="b"><path/></g><g id="a"><use href="#b"/></g>', "<use>"),
        ('<g id="a"><use href="#a"/></g>', "<use>"),
    ],
    ids=["many shapes", "long shapes", "repeats of repeats", "repeats of itself"],
)
def test_a_part_may_not_be_repeated_without_end(root: Path, part: str, words: str) -> None:
    with_logo(root, "mark.svg", SVG.format(part + '<use href="#a"/>' * 10).encode())
    assert words in problems_of(root)[0].message


def test_an_entity_bomb_is_refused(root: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(10))
    bomb = f"<!DOCTYPE svg [{entities}]>" + SVG.format("<title>&e9;</title>")
    with_logo(root, "mark.svg", bomb.encode())
    assert problems_of(root)


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    noise = random.Random(1).randbytes(1600)
    Image.frombytes("L", (40, 40), noise).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.JPEG", "JPEG")]
)
def test_a_picture_is_taken(root: Path, name: str, kind: str) -> None:
    with_logo(root, name, picture(kind))
    with Image.open(io.BytesIO(theme_of(root).logo)) as found:
        assert (found.format, found.size, found.info.get("comment")) == (kind, (40, 40), None)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.png", picture("PNG")[:-200], "cannot be read"),
        ("a.jpg", picture("JPEG")[:-200], "cannot be read"),
        ("a.png", b"", "no PNG picture"),
        ("a.png", b"not a picture", "no PNG picture"),
        ("a.png", picture("JPEG"), "no PNG picture"),
        ("a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no PNG picture"),
        ("a.jpg", picture("PNG"), "no JPEG picture"),
        ("a.gif", picture("GIF"), "no .gif file"),
        ("a.svgz", b"", "no .svgz file"),
    ],
)
def test_a_picture_that_is_not_whole_or_not_its_kind_is_refused(
    root: Path, name: str, data: bytes, words: str
) -> None:
    with_logo(root, name, data)
    assert words in problems_of(root)[0].message


def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked(root: Path) -> None:
    stream = io.BytesIO()
    Image.new("1", (8000, 6000)).save(stream, "PNG")
    with_logo(root, "a.png", stream.getvalue())
    assert "8,000 × 6,000 points" in problems_of(root)[0].message


@pytest.mark.parametrize(
    "name",
    ["../default/theme.yaml", "/etc/passwd", "sub/mark.svg", "..", ".hidden.svg", "a\\\\b.svg"],
)
def test_a_path_in_the_place_of_a_logos_name_is_refused(root: Path, name: str) -> None:
    edit(root, ACME, "extends: default", f'extends: default\nlogo: "{name}"')
    (problem,) = problems_of(root)
    assert (str(problem.span), problem.rule) == (f"{ACME}:2:7", "logo")
    assert "beside theme.yaml" in problem.message


def test_a_logo_that_is_not_there_or_a_link_is_refused(root: Path) -> None:
    edit(root, ACME, "extends: default", "extends: default\nlogo: mark.svg")
    assert "no file “mark.svg”" in problems_of(root)[0].message
    (root / "themes/acme/mark.svg").symlink_to("/etc/passwd")
    assert problems_of(root)[0].rule == "file"


def test_the_logos_of_this_repository_are_plain() -> None:
    theme = read_theme(REPOSITORY, "aldervik", ("en",))
    assert theme.logo.startswith(b"<")
