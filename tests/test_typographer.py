"""Markdown to HTML: each language's quotes and spaces, and nothing that an author may not do."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from lxml.html import fragment_fromstring

from handbook.language.language import Typography, read_language
from handbook.language.typographer import Link, parse, parse_inline, plain, render
from handbook.model.words import Placeholder
from tests.conftest import ROOT

TAGS = sorted(folder.name for folder in (ROOT / "locales").iterdir())
LINKS: dict[str, Link] = {
    "here": ("here.html", "Title & more"),
    "nowhere": ("", "Not in this print"),
    "https://x.example/?a=1&b=2": ("https://x.example/?a=1&b=2", ""),
}


def typography(tag: str) -> Typography:
    return read_language(ROOT, tag).typography


def value(placeholder: Placeholder) -> str:
    return f"<{placeholder.name} & {placeholder.argument}>"


def line(text: str, tag: str = "en") -> str:
    return render(parse_inline(text, typography(tag)), LINKS, value)


def block(text: str, heading: int = 2) -> str:
    return render(parse(text, typography("en")), LINKS, value, heading)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "He said “it ‘can’ wait”."),
        ("el", "He said «it “can” wait»."),
        ("nb", "He said «it ‘can’ wait»."),
        ("ro", "He said „it «can» wait”."),
        ("ru", "He said «it „can“ wait»."),
    ],
)
def test_straight_quotes_become_those_of_the_language(tag: str, expected: str) -> None:
    assert line("He said \"it 'can' wait\".", tag) == expected


def test_chinese_quotes_alternate_since_no_space_tells_them_apart() -> None:
    assert line('他说"好"，又说"不"。', "zh-Hans") == "他说“好”，又说“不”。"
    assert line('"**好**"', "zh-Hans") == "“<strong>好</strong>”"


def test_quotes_begin_anew_in_each_chinese_paragraph() -> None:
    html = render(parse('一"个\n\n二"个"', typography("zh-Hans")), {}, value)
    assert html == "<p>一“个</p>\n<p>二“个”</p>\n"


def test_quotes_in_code_stay_straight() -> None:
    assert line('`"a"`') == "<code>&quot;a&quot;</code>"
    assert line('`"a"`', "zh-Hans") == "<code>&quot;a&quot;</code>"


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag != "zh-Hans"])
def test_an_apostrophe_is_curved(tag: str) -> None:
    assert line("d'accord", tag) == "d’accord"


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("ru", "Он в банке и не спит", "Он в_банке и_не_спит"),
        ("ru", "да — нет", "да_— нет"),
        ("ru", "что же", "что_же"),
        ("ru", "кто-то вошёл", "кто-то вошёл"),
        ("ru", "стр. 5, и т. д.", "стр._5, и_т._д."),
        ("nb", "side 5 av 10 kr", "side_5 av 10_kr"),
        ("nb", "23. november", "23._november"),
        ("ro", "pasul 3 – gata", "pasul_3_– gata"),
        ("ro", "20 de lei", "20_de lei"),
        ("el", "βήμα 3 – τέλος", "βήμα_3_– τέλος"),
        ("en", "step 3 of 6", "step_3 of 6"),
        ("en", "20 % and 10 000", "20_% and 10_000"),
        ("en", "5 people", "5 people"),
        ("zh-Hans", "共 5 分钟", "共 5_分钟"),
        ("en", "wait...", "wait…"),
    ],
)
def test_spaces_that_must_not_break_do_not(tag: str, text: str, expected: str) -> None:
    assert line(text, tag) == expected.replace("_", "\u00a0")


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize(
    "text", ["\"a 'b' c\"", "в банке — 20 % и стр. 5...", "d'accord – 10 000 kr", '说"好"']
)
def test_what_is_set_stays_set(tag: str, text: str) -> None:
    once = plain(text, typography(tag), {}, value)
    assert plain(once, typography(tag), {}, value) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>a</b>", "&lt;b&gt;a&lt;/b&gt;"),
        ("<script>a</script>", "&lt;script&gt;a&lt;/script&gt;"),
        ("a & b &amp; c", "a &amp; b &amp; c"),
        ("<!-- a -->", "&lt;!-- a --&gt;"),
        ("*a* **b** `c<d`", "<em>a</em> <strong>b</strong> <code>c&lt;d</code>"),
        ("<https://x.example>", "&lt;https://x.example&gt;"),
        ("{a:1}", "&lt;a &amp; 1&gt;"),
        ("**{a}**", "<strong>&lt;a &amp; &gt;</strong>"),
    ],
)
def test_nothing_but_markdown_has_a_meaning(text: str, expected: str) -> None:
    assert line(text) == expected


def test_raw_html_blocks_are_shown_as_text() -> None:
    html = block("<div onclick='x'>\n\na\n\n</div>\n\n<script>alert(1)</script>")
    assert "<div" not in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\\script:alert(1)",
        "&#106;avascript:alert(1)",
        "vbscript:x",
        "file:///etc/passwd",
        "data:text/html,x",
        '"onclick=x',
    ],
)
def test_no_link_leads_to_a_script_or_a_file(target: str) -> None:
    paragraph = fragment_fromstring(line(f"[a]({target})"), create_parent="p")
    for element in paragraph.iter("a"):
        assert set(element.attrib) == {"href"}
        assert urlsplit(str(element.get("href"))).scheme == ""


def test_links_take_the_address_that_the_page_gives_them() -> None:
    assert line("[a *b*](here)") == '<a href="here.html">a <em>b</em></a>'
    assert line("[a](https://x.example/?a=1&b=2)").startswith(
        '<a href="https://x.example/?a=1&amp;b=2">'
    )


def test_a_link_without_words_takes_the_title_of_its_target() -> None:
    assert line("[](here)") == '<a href="here.html">Title &amp; more</a>'


def test_a_link_that_leads_nowhere_in_print_is_plain_text() -> None:
    assert line("[a](nowhere)") == '<span class="reference">a</span>'
    assert line("[](nowhere)") == '<span class="reference">Not in this print</span>'


def test_a_target_that_the_page_does_not_know_is_a_link_only_outside_the_book() -> None:
    assert line("[a](unknown)") == '<span class="reference">a</span>'
    assert line("[a](//x.example)") == '<span class="reference">a</span>'
    assert line("[a](https://x.example/é)") == '<a href="https://x.example/%C3%A9">a</a>'


def test_two_links_of_a_line_close_as_they_opened() -> None:
    assert line("[a](nowhere) [b](here)") == (
        '<span class="reference">a</span> <a href="here.html">b</a>'
    )


def test_pictures_and_hidden_targets_are_no_part_of_the_language() -> None:
    assert "<img" not in line("![a](https://x.example/a.png)")
    assert "href" not in block("[a][b]\n\n[b]: https://x.example")


@pytest.mark.parametrize(
    ("text", "heading", "expected"),
    [
        ("## a", 2, "h2"),
        ("## a", 3, "h3"),
        ("### a", 3, "h4"),
        ("# a", 2, "h2"),
        ("# a", 4, "h4"),
        ("a\n=", 3, "h3"),
        ("###### a", 5, "h6"),
    ],
)
def test_headings_take_their_place_below_that_of_the_page(
    text: str, heading: int, expected: str
) -> None:
    assert block(text, heading) == f"<{expected}>a</{expected}>\n"


def test_a_wide_table_can_be_scrolled() -> None:
    html = block("|a|\n|-|\n|b|")
    assert html.startswith('<div class="table"')
    assert html.endswith("</table></div>\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a *b* **c** `d`", "a b c d"),
        ("[a](here)", "a"),
        ('"a"', "“a”"),
        ("a\nb", "a b"),
        ("{x:1}", "<x & 1>"),
        ("a & b < c", "a & b < c"),
        ("1\\. \\*a\\*", "1. *a*"),
    ],
)
def test_plain_text_has_no_markdown_left(text: str, expected: str) -> None:
    assert plain(text, typography("en"), {}, value) == expected


def test_one_parse_serves_every_edition() -> None:
    tokens = parse("[](here) {a}", typography("en"))
    first = render(tokens, LINKS, value)
    other = render(tokens, {"here": ("x.html", "X")}, lambda placeholder: "y")
    assert other == '<p><a href="x.html">X</a> y</p>\n'
    assert render(tokens, LINKS, value) == first
