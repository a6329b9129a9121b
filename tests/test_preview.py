"""A brand's own fonts, and the sheet that shows everything of a brand."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pytest

from handbook.brand.preview import preview
from handbook.diagnostics import UsageError
from handbook.loading import Project, explain_fonts
from handbook.render.styles import face_rules, language_rules
from handbook.theme.fonts import Coverage, Face, coverage, explain, letters_of
from handbook.theme.palette import PAIRS
from handbook.theme.theme import Theme
from tests.validators import verapdf


def with_fonts(project: Project) -> Theme:
    """Return the sample brand that has a font of its own."""
    return next(theme for theme in project.themes.values() if theme.faces)


def test_a_language_takes_the_brands_font_only_if_it_has_every_letter(project: Project) -> None:
    theme = with_fonts(project)
    used = {tag: theme.family("heading", tag) for tag in project.languages}
    lacking = {item.language for item in theme.coverage if item.missing}
    assert lacking
    assert lacking != set(project.languages)
    assert {tag for tag, family in used.items() if not family} == lacking
    rules = language_rules(theme, project.languages.values())
    for tag, language in project.languages.items():
        own = re.search(rf':is\(h1[^{{]*:lang\({tag}\){{font-family:"([^"]*)"', rules)
        assert (own[1] if own else "") == used[tag]
        assert f'[lang="{tag}"]{{font-family:"{language.typography.fonts[0]}"' in rules
    assert theme.faces[0].path.name in face_rules(theme)


def test_what_a_font_lacks_is_said_in_a_sentence(project: Project) -> None:
    (sentence,) = explain_fonts(with_fonts(project), project.languages)
    assert "Playfair Display (heading) lacks all Greek and all Chinese" in sentence
    assert "Noto Sans is used for Greek; Noto Sans SC is used for Chinese" in sentence


def test_single_letters_are_named_and_whole_scripts_too() -> None:
    face = Face(Path("x.ttf"), "Brand Sans", 400, False, frozenset(map(ord, "abcdefghs")))
    letters = {"ro": letters_of(["abc șșș țț"]), "el": letters_of(["άβγ"]), "en": letters_of("abc")}
    found = coverage([face], {"text": "Brand Sans"}, letters)
    assert Coverage("text", "Brand Sans", "ro", "șț") in found
    names = {tag: (tag.upper(), "Noto Sans") for tag in letters}
    (sentence,) = explain([face], found, names)
    assert sentence == (
        "Brand Sans (text) lacks ș ț and all Greek: Noto Sans is used for RO and EL."
    )


def test_names_in_other_letters_do_not_decide() -> None:
    assert letters_of(["άβγ" * 100 + "W"]) == set("άβγ")


def test_an_unknown_brand_is_told(project: Project) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        next(preview(project, "alderwik"))


@pytest.mark.slow
def test_the_sheet_of_every_brand_has_everything_on_one_page(
    project: Project, tmp_path: Path
) -> None:
    for brand, theme in project.themes.items():
        files = dict(preview(project, brand))
        page = files["index.html"].decode()
        for pair in PAIRS:
            assert f"{pair.foreground} / {pair.background}" in page
        for tag in project.languages:
            for form in theme.company(tag).values():
                assert form in page
        assert "http" not in re.sub(r"https?://[^\s\"]*\.example", "", page)
        path = tmp_path / f"{brand}.pdf"
        path.write_bytes(files["preview.pdf"])
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == 1
    reports = verapdf.check(sorted(tmp_path.glob("*.pdf")), "ua1")
    assert [report.failures for report in reports if not report.compliant] == []
