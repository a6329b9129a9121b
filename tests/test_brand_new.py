"""A new brand, as the README tells it: from one logo and two colours."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import time
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from handbook import loading
from handbook.brand.new import HANDBOOK, Wishes, draft, suggest_id, with_brand, write
from handbook.cli import app
from handbook.diagnostics import ContentError, UsageError
from handbook.theme import read_theme
from tests.conftest import ROOT
from tests.minibook import copy_minibook, edit

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
MINUTE = 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_minibook(tmp_path)


def commands() -> list[list[str]]:
    """Return the arguments of each command of the README's section."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split("## A brand of your own")[1].split("```")[1]
    lines = [line for line in section.splitlines() if line.startswith("python3 build.py ")]
    return [shlex.split(line.removeprefix("python3 build.py ")) for line in lines]


def test_the_readme_makes_a_brand_and_its_site_within_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very lines of the README, in a copy of the project."""
    for folder in ("content", "locales", "themes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "logo.svg").write_text(SVG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    new, preview, build = commands()
    started = time.process_time()
    for arguments in (new, build):
        ran = CliRunner().invoke(app, arguments)
        assert ran.exit_code == 0, (ran.output, ran.exception)
    assert time.process_time() - started < MINUTE
    brand = preview[-1]
    page = tmp_path / "public" / brand / "nb" / "bank" / "index.html"
    assert "Nordlys Bank" in page.read_text(encoding="utf-8")
    style = (tmp_path / "public" / brand / "assets" / "site.css").read_text(encoding="utf-8")
    assert "--primary:#123456" in style
    assert (tmp_path / "public" / brand / "assets" / "logo.svg").is_file()


def made(root: Path, wishes: Wishes) -> str:
    drafted = draft(root, wishes)
    write(root, drafted)
    return drafted.id


def test_a_new_brand_is_right_at_once(root: Path, tmp_path: Path) -> None:
    logo = tmp_path / "My Logo.PNG"
    Image.new("RGBA", (30, 20), "teal").save(logo)
    before = (root / HANDBOOK).read_text(encoding="utf-8")
    brand = made(root, Wishes("Σύρος & Υιοί", "", logo, "#1D4F5C", "#b4472e"))
    assert brand == "syros-yioi"
    theme = loading.load(root).themes[brand]
    assert theme.file.colours.primary == "#1d4f5c"
    assert theme.logo_name == "logo.png"
    assert theme.company("el")["name"] == "Σύρος & Υιοί"
    after = (root / HANDBOOK).read_text(encoding="utf-8")
    assert after == before.replace("acme]", f"acme, {brand}]")
    assert {path.name for path in (root / "themes" / brand).iterdir()} == {
        "theme.yaml",
        "logo.png",
    }
    assert not list(root.rglob(".*"))


def test_every_language_of_this_project_has_careful_forms(tmp_path: Path) -> None:
    for folder in ("content", "locales"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    ignored = shutil.ignore_patterns("fonts")
    shutil.copytree(ROOT / "themes", tmp_path / "themes", ignore=ignored)
    edit(tmp_path, "themes/vindrosa/theme.yaml", "  heading: Playfair Display", "  heading: ''")
    drafted = draft(tmp_path, Wishes("Nordlys", primary="#123456", accent="#a03c14"))
    write(tmp_path, drafted)
    theme = read_theme(tmp_path, drafted.id, ())
    assert theme.company("ru")["instrumental"] == "компанией «Nordlys»"
    assert theme.company("el")["accusative"] == "την εταιρεία Nordlys"
    assert theme.company("ro")["genitive"] == "companiei Nordlys"
    assert theme.company("nb")["genitive"] == "Nordlys’"
    assert [tag for tag, _ in drafted.to_look_at] == ["en", "el", "nb", "ro", "ru"]


@pytest.mark.parametrize(
    ("name", "genitive"),
    [("Nordlys Bank", "Nordlys Banks"), ("Max", "Max’"), ("Τράπεζα Αιγαίου", "Τράπεζα Αιγαίου’")],
)
def test_a_form_goes_by_the_end_of_the_name(name: str, genitive: str) -> None:
    line = dict(draft(ROOT, Wishes(name, "new", None, "#123456", "#a03c14")).to_look_at)["nb"]
    assert f'genitive: "{genitive}"' in line


def test_letters_of_a_logo_must_be_drawn(root: Path, tmp_path: Path) -> None:
    text = '<text y="40" font-family="Garamond"><tspan>{}</tspan></text>'
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/>{}</svg>'
    path = tmp_path / "a.svg"
    wishes = Wishes("Beta", "", path, "#1d4f5c", "#b4472e")
    path.write_text(drawing.format(text.format("Beta")), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        draft(root, wishes)
    assert ["paths" in p.hint for p in caught.value.problems] == [True]
    path.write_text(drawing.format(text.format(" ")), encoding="utf-8")
    assert draft(root, wishes).files


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_written(root: Path) -> None:
    before = {path: path.stat().st_mtime for path in root.rglob("*")}
    wishes = Wishes("A{b}", "acme", root / HANDBOOK, "#ffcc00", "red")
    with pytest.raises(ContentError) as caught:
        draft(root, wishes)
    told = {str(problem.span): problem.message for problem in caught.value.problems}
    assert set(told) == {"NAME", "--id", "--primary", "--accent", "handbook.yaml:1:1"}
    assert "already" in told["--id"]
    assert "contrast of 1.51" in told["--primary"]
    assert {path: path.stat().st_mtime for path in root.rglob("*")} == before


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nordlys Bank", "nordlys-bank"),
        ("Ünïcode  –  Ærlig", "unicode-aerlig"),
        ("Альфа", "alfa"),
        ("晨光", "chenguang"),
        ("★", ""),
        ("x" * 90, "x" * 40),
    ],
)
def test_a_folder_is_suggested_for_a_name_of_any_script(name: str, expected: str) -> None:
    assert suggest_id(name) == expected


@pytest.mark.parametrize(
    ("brands", "expected"),
    [
        ("brands: [default, acme]", "brands: [default, acme, beta]"),
        ("brands: [default, acme]  # ours", "brands: [default, acme, beta]  # ours"),
        ('brands: [default, "acme"]', 'brands: [default, "acme", beta]'),
        ("brands: [\n  default, acme,\n]", "brands: [\n  default, acme, beta,\n]"),
        ("brands:\n  - default\n  - acme # x", "brands:\n  - default\n  - acme # x\n  - beta"),
        ("brands:\n- default\n- acme", "brands:\n- default\n- acme\n- beta"),
    ],
)
def test_a_brand_is_added_and_the_layout_kept(root: Path, brands: str, expected: str) -> None:
    edit(root, HANDBOOK, "brands: [default, acme]", brands)
    before = (root / HANDBOOK).read_text(encoding="utf-8")
    assert with_brand(root, "beta") == before.replace(brands, expected)


def test_the_line_ends_of_windows_are_kept(root: Path) -> None:
    path = root / HANDBOOK
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    changed = with_brand(root, "beta")
    assert changed.count("\n") == changed.count("\r\n") == path.read_bytes().count(b"\n")


def test_a_list_that_cannot_be_changed_safely_is_left_alone(root: Path) -> None:
    edit(root, HANDBOOK, "brands: [default, acme]", "brands: [default, 'ac''me']")
    with pytest.raises(UsageError):
        with_brand(root, "beta")


TOKENS = """{
  "$description": "A design system",
  "color": {
    "$type": "color",
    "palette": {
      "ocean": {"$value": {"colorSpace": "oklch", "components": [0.4, 0.12, 250]}},
      "wide": {"$value": {"colorSpace": "display-p3", "components": [1, 0, 0], "hex": "#c00020"}},
      "night": {"$value": {"colorSpace": "hsl", "components": [210, 65, 20]}}
    },
    "brand": {"$extends": "{color.palette}", "primary": {"$value": "{color.brand.ocean}"}},
    "accent": {"$root": {"$ref": "#/color/palette/wide"}}
  },
  "radius": {"$type": "dimension", "$value": {"value": 4, "unit": "px"}},
  "font": {"$type": "fontFamily", "$value": ["Inter", "sans-serif"]}
}"""


def test_colours_come_from_design_tokens(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "brand.tokens.json"
    path.write_text("\ufeff" + TOKENS, encoding="utf-8")
    colours = read_theme(root, made(root, Wishes("Beta", tokens=path)), ()).file.colours
    assert re.fullmatch(r"#0[0-9a-f]{5}", colours.primary)
    assert colours.accent == "#c00020"
    named = Wishes("Gamma", "gamma", None, "color.palette.night", "#a03c14", path)
    assert read_theme(root, made(root, named), ()).file.colours.primary == "#123354"


def test_what_a_camera_noted_is_left_out(root: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[1] = "N"
    stream = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(stream, "JPEG", exif=exif, icc_profile=b"x" * 200)
    (tmp_path / "a.jpg").write_bytes(stream.getvalue())
    brand = made(root, Wishes("Beta", "", tmp_path / "a.jpg", "#1d4f5c", "#b4472e"))
    data = (root / "themes" / brand / "logo.jpg").read_bytes()
    assert b"Secret" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (20, 30)
        assert not picture.getexif()
        assert "icc_profile" not in picture.info


def test_a_drawing_is_rebuilt_without_what_its_program_noted(root: Path, tmp_path: Path) -> None:
    drawing = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="96px" height="48px" id="x" data-name="Layer 1"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:version="1.3">
  <!-- made by hand --><metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>
  </metadata><style>.a{fill:#123}</style>
  <inkscape:grid type="x"/><g class="a" inkscape:label="L"><path d="M0 0h9v9z"/></g></svg>"""
    (tmp_path / "a.svg").write_text(drawing, encoding="utf-8")
    brand = made(root, Wishes("Beta", "", tmp_path / "a.svg", "#1d4f5c", "#b4472e"))
    text = (root / "themes" / brand / "logo.svg").read_text(encoding="utf-8")
    for word in ("inkscape", "metadata", "RDF", "by hand", "data-name", "<?xml"):
        assert word not in text, word
    assert 'viewBox="0 0 96 48"' in text
    assert '<g class="a"><path d="M0 0h9v9z"/></g>' in text
    again = read_theme(root, brand, ()).logo
    assert again == text.encode()


def test_a_form_that_a_brand_lacks_is_told_where_the_text_needs_it(root: Path) -> None:
    edit(root, "locales/el/chapters.yaml", "{company:genitive}", "{company:dative}")
    with pytest.raises(ContentError) as caught:
        loading.load(root, allow_missing=True)
    told = [p for p in caught.value.problems if "no form “dative”" in p.message]
    assert {p.span.file for p in told} == {"locales/el/chapters.yaml"}
    assert any("themes/acme/theme.yaml:4" in p.hint for p in told)


@pytest.mark.parametrize(
    ("odd", "hint"),
    [
        ("{company|gen}", "write {company:gen}"),
        ("{company: gen}", "write {company:gen}"),
        ("{company:}", "write {company}"),
        ("{ Company }", "write {company}"),
        ("{money:10 000}", "write {money:10000}"),
        ("[words]{lang=en_GB}", "write \\{ where a brace is to be printed"),
    ],
)
def test_braces_that_would_be_printed_are_told(root: Path, odd: str, hint: str) -> None:
    page = next((root / "content" / "principles").glob("*.md"))
    fine = "`{ as it stands }`, \\{ so too }, [words]{lang=en}"
    text = f"{page.read_text(encoding='utf-8')}\n{fine} {odd}\n"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        loading.load(root, allow_missing=True)
    shown = odd.removeprefix("[words]")
    found = [p for p in caught.value.problems if p.message == f"{shown} is no placeholder"]
    assert {(p.hint, p.span.line) for p in found} == {(hint, text.count("\n"))}
