"""The palette: every pair of colours that the style sheets use can be read, in every brand."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
import tinycss2

from handbook.loading import Project
from handbook.render.styles import tokens
from handbook.theme.colours import TEXT, contrast, from_oklch, is_colour, mix, passes, readable
from handbook.theme.palette import DECORATION, PAIRS, derive, failures
from tests.conftest import ROOT

STYLES = sorted((ROOT / "themes" / "default" / "styles").glob("*.css"))
SHEETS = [path.stem for path in STYLES]
WHITE_PLATES = {".brand img", ".medium .plate"}
"""What stays white by night too: a logo is drawn for paper."""


def declarations(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the selector of each rule of a style sheet, and its declarations."""
    text = (ROOT / "themes" / "default" / "styles" / f"{name}.css").read_text(encoding="utf-8")
    yield from _rules(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True))


def _rules(nodes: list[tinycss2.ast.Node]) -> Iterator[tuple[str, dict[str, str]]]:
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword == "media":
            yield from _rules(tinycss2.parse_rule_list(node.content, True, True))
        elif node.type in ("qualified-rule", "at-rule") and node.content:
            found = tinycss2.parse_blocks_contents(node.content, True, True)
            selector = tinycss2.serialize(node.prelude).strip()
            yield (
                selector,
                {
                    item.lower_name: tinycss2.serialize(item.value).strip()
                    for item in found
                    if item.type == "declaration"
                },
            )


def tokens_in(value: str) -> list[str]:
    return re.findall(r"var\(--([a-z-]+)\)", value)


@pytest.mark.parametrize("name", SHEETS)
def test_every_pair_of_a_rule_is_in_the_table(name: str) -> None:
    """What a rule lays over its own background, or over whatever lies below it."""
    known = {(pair.foreground, pair.background) for pair in PAIRS}
    for selector, rule in declarations(name):
        grounds = tokens_in(rule.get("background", "") + rule.get("background-color", ""))
        for ground in grounds:
            if ground in DECORATION or ground == "mark":  # nothing is written there
                continue
            over = tokens_in(rule.get("color", "")) or ["text"]
            if ground in ("fill", "fill-hover", "strong") and "color" not in rule:
                assert selector.endswith(("i", "::after")), f"{selector}: nothing may stand on it"
                continue
            for colour in over:
                pair = (colour, ground)
                assert pair in known or pair[::-1] in known, f"{name}.css: {selector}: {pair}"
        if not grounds:
            for colour in tokens_in(rule.get("color", "")):
                assert any(colour == pair.foreground for pair in PAIRS), f"{selector}: {colour}"


@pytest.mark.parametrize("name", SHEETS)
def test_every_token_is_one_of_the_palette(name: str, project: Project) -> None:
    palette = {*project.themes[project.handbook.brands[0]].palettes["light"]}
    known = palette | {"round", "strip", "options", "rows", "page-height"}
    for selector, rule in declarations(name):
        for value in rule.values():
            assert set(tokens_in(value)) <= known, f"{name}.css: {selector}"


@pytest.mark.parametrize("name", SHEETS)
def test_no_colour_of_a_brand_is_written_out(name: str) -> None:
    """Greys may be: what a hand or an eye needs on paper is no brand's affair."""
    for selector, rule in declarations(name):
        for key, value in rule.items():
            for found in re.findall(r"#[0-9a-f]{3,8}\b", value if "url(" not in value else ""):
                digits = found[1:]
                grey = len(set(digits)) == 1
                assert grey, f"{name}.css: {selector} {key}: {found}"
                if set(digits) == {"f"}:
                    assert selector in WHITE_PLATES, selector


def test_every_pair_passes_in_every_brand_of_the_project(project: Project) -> None:
    for brand, theme in project.themes.items():
        assert list(failures(theme.palettes)) == [], brand


def test_every_pair_passes_for_any_two_colours_that_can_be_read() -> None:
    chance = random.Random(7)
    papers = ["#ffffff", "#000000", "#777777", "#757575", "#fff8e1", "#1b1b1b"]
    for number in range(42):
        paper = papers[number % 7] if number % 7 < 6 else f"#{chance.randrange(1 << 24):06x}"
        given = tuple(readable(f"#{chance.randrange(1 << 24):06x}", paper) for _ in range(3))
        palettes = derive(given[0], given[1], given[2], paper)
        assert list(failures(palettes)) == [], (given, paper)
        assert palettes["light"]["primary"] == given[0]
        assert palettes["print"]["ground"] == "#ffffff"
        assert all(map(is_colour, palettes["dark"].values()))


def test_a_pair_that_fails_is_found() -> None:
    palettes = derive("#1d4f5c", "#0b7a66", "#1f2426", "#ffffff")
    spoilt = {"light": {**palettes["light"], "mark": "#dddddd"}}
    assert {(m, p.foreground) for m, p, _ in failures(spoilt)} == {("light", "mark")}  # type: ignore[arg-type]


def test_what_is_readable_keeps_its_hue() -> None:
    found = readable("#f59e0b", "#ffffff")
    assert TEXT <= contrast(found, "#ffffff") < TEXT + 0.15
    red, green, blue = (int(found[i : i + 2], 16) for i in (1, 3, 5))
    assert red > green > blue
    assert passes(readable("#0000ff", "#101010"), "#101010")


def test_mixing_goes_from_one_colour_to_the_other() -> None:
    assert (mix("#123456", "#ffffff", 0), mix("#123456", "#ffffff", 1)) == ("#123456", "#ffffff")
    assert from_oklch(0, 0, 0) == "#000000"


def test_only_the_site_follows_a_dark_screen(project: Project) -> None:
    theme = project.themes[project.handbook.brands[0]]
    assert "dark" in tokens(theme, "site")
    assert "dark" not in tokens(theme, "report") + tokens(theme, "print")
    assert "@media" not in tokens(theme, "print")
