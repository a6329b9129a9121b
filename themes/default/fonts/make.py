"""Make the theme's fonts again from their full sources; README.md names the packages.

    python make.py --noto-sans DIR --noto-sans-sc DIR [--unihan Unihan_OtherMappings.txt]

Each DIR is an unpacked npm package. The same sources and the same releases of fontTools and brotli
give the same bytes.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from fontTools.misc.timeTools import epoch_diff
from fontTools.subset import Options, Subsetter, load_font, save_font

HERE = Path(__file__).parent
STANDARD = HERE / "general-standard.txt"
LEVEL_SIZES = (3500, 3000, 1605)
MODIFIED = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) - epoch_diff
"""The `head.modified` of every font: fixed, so that nothing depends on the day."""

NOTO_SANS = {
    "Regular": "400Regular/NotoSans_400Regular.ttf",
    "Bold": "700Bold/NotoSans_700Bold.ttf",
    "Italic": "400Regular_Italic/NotoSans_400Regular_Italic.ttf",
    "BoldItalic": "700Bold_Italic/NotoSans_700Bold_Italic.ttf",
}
NOTO_SANS_SC = {
    "Regular": "400Regular/NotoSansSC_400Regular.ttf",
    "Bold": "700Bold/NotoSansSC_700Bold.ttf",
}
WEB = ("Regular", "Bold")

ALPHABETS = [
    (0x0020, 0x024F),  # Latin: Basic, Latin-1, Extended-A and -B
    (0x02BB, 0x02BC),  # the letter apostrophes
    (0x0300, 0x036F),  # combining marks
    (0x0370, 0x052F),  # Greek and Coptic, Cyrillic, its Supplement
    (0x1E00, 0x1FFF),  # Latin Extended Additional, Greek Extended
    (0x2000, 0x22FF),  # punctuation, super- and subscripts, currency ... arrows, mathematics
    (0x2500, 0x25FF),  # boxes, blocks, geometric shapes
]
CHINESE_SIGNS = [
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x00FF),  # Latin-1
    (0x2000, 0x206F),  # General Punctuation
    (0x2190, 0x21FF),  # arrows
    (0x2460, 0x2473),  # circled numbers
    (0x25A0, 0x25FF),  # geometric shapes
    (0x3000, 0x303F),  # CJK punctuation
    (0xFF00, 0xFFEF),  # full-width forms
]
CHINESE_FEATURES = ["ccmp", "chws", "halt", "kern", "liga", "locl"]


def in_ranges(ranges: Iterable[tuple[int, int]]) -> set[str]:
    return {chr(code) for first, last in ranges for code in range(first, last + 1)}


def with_case_partners(chars: set[str]) -> set[str]:
    """Add the other case of each letter: Ə is in Latin Extended-B, its ə is not."""
    return chars.union(*(char.lower() + char.upper() for char in chars))


def gb2312() -> set[str]:
    """Every character of GB 2312: the 94 by 94 cells that Python's codec can read."""
    cells = (bytes((row, cell)) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF))
    return set().union(*(cell.decode("gb2312", "ignore") for cell in cells))


def write_standard(unihan: Path) -> None:
    """Write the three levels of the General Standard table, in its order, one level a line."""
    pattern = re.compile(r"^U\+([0-9A-F]+)\tkTGH\t2013:(\d+)$", re.MULTILINE)
    found = pattern.findall(unihan.read_text(encoding="utf-8"))
    places = {int(place): chr(int(code, 16)) for code, place in found}
    total = sum(LEVEL_SIZES)
    if sorted(places) != list(range(1, total + 1)) or len(set(places.values())) != total:
        raise SystemExit(f"{unihan}: kTGH does not number {total} characters without a gap")
    table = iter(places[place] for place in sorted(places))
    levels = ("".join(next(table) for _ in range(size)) for size in LEVEL_SIZES)
    STANDARD.write_text("".join(f"{level}\n" for level in levels), encoding="utf-8")


def subset(source: Path, target: Path, chars: set[str], features: list[str]) -> None:
    """Write to `target` what `source` has of `chars`; its suffix says in which format."""
    options = Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    if features is CHINESE_FEATURES:
        options.drop_tables += ["vhea", "vmtx"]  # lines run across, never down
    if target.suffix == ".woff2":
        options.flavor = "woff2"
    font = load_font(str(source), options)
    if font["OS/2"].fsType != 0:
        raise SystemExit(f"{source}: its fsType forbids free embedding")
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=map(ord, chars))
    subsetter.subset(font)
    font["head"].modified = MODIFIED
    save_font(font, str(target), options)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the theme's fonts from their full sources.")
    parser.add_argument("--noto-sans", type=Path, required=True, metavar="DIR")
    parser.add_argument("--noto-sans-sc", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--unihan", type=Path, metavar="FILE", help=f"write {STANDARD.name} again from this"
    )
    args = parser.parse_args()

    if args.unihan:
        write_standard(args.unihan)
    first, second, third = STANDARD.read_text(encoding="utf-8").split()
    alphabets = with_case_partners(in_ranges(ALPHABETS))
    chinese_web = {*first, *second} | gb2312() | in_ranges(CHINESE_SIGNS)
    chinese = chinese_web | {*third}

    web = HERE / "web"
    web.mkdir(exist_ok=True)
    for style, path in NOTO_SANS.items():
        subset(args.noto_sans / path, HERE / f"NotoSans-{style}.ttf", alphabets, ["*"])
    for style, path in NOTO_SANS_SC.items():
        target = HERE / f"NotoSansSC-{style}.ttf"
        subset(args.noto_sans_sc / path, target, chinese, CHINESE_FEATURES)
    for style in WEB:
        target = web / f"NotoSans-{style}.woff2"
        subset(args.noto_sans / NOTO_SANS[style], target, alphabets, ["*"])
        target = web / f"NotoSansSC-{style}.woff2"
        subset(args.noto_sans_sc / NOTO_SANS_SC[style], target, chinese_web, CHINESE_FEATURES)


if __name__ == "__main__":
    main()
