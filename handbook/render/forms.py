"""Fillable sheets: form fields where paper has boxes, and results that the file works out itself.

WeasyPrint makes fields of the inputs of a page, but not yet a form: a group that crosses a page
comes twice, each button is a field of its own, options lose their names. `complete` mends that and
adds what makes the file count: `scoring.js`, word for word, and a script for each result.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from handbook.diagnostics import HandbookError
from handbook.language.marker import mark as _
from handbook.model.by_hand import counted_scale
from handbook.model.entries import Assessment
from handbook.model.instrument import InstrumentItem
from handbook.model.profile import Profile
from handbook.model.scoring import definition
from handbook.render.html import Printer
from handbook.render.preflight import Finding
from handbook.theme import Theme
from handbook.theme.fonts import font_files

IDENTITY = "_sheet"
"""Name of the hidden field that says which test of which edition the file is.

No id of the content has an underscore, so that fields of our own never meet an item.
"""
TYPED = ((0x20, 0x17F), (0x218, 0x21B), (0x386, 0x3CE), (0x400, 0x45F), (0x2010, 0x2026))
"""What people may type: Latin, Greek and Cyrillic letters, punctuation."""
FONT = "Wingdings"
"""Name of the font of all fields. PDFium takes fonts of other names for Latin ones, and sets Greek,
Cyrillic and Chinese letters in fonts of the machine, if it has them."""
CENTRED = 1
HIDDEN = 1 << 1
READ_ONLY = 1 << 0
RADIO = (1 << 15) + (1 << 14)
"""One of a group; and the same button, clicked again, does not take the answer back."""


WRITTEN = {
    "answered scored": _("Date"),
    "repeated repeat": _("Repeat on"),
    "scored_again": _("Repeat"),
    "fits_1 fits_2": _("What fits me"),
    "situation_1 situation_2": _("A situation of last week in which it showed"),
    "action_1 action_2": _("One thing I will do differently in the next two weeks"),
    "partner": _("With whom"),
    "due": _("By when"),
}
"""What people write on the leaves, by the names in their templates, and the words beside it."""


class FormError(HandbookError):
    """Sheet and form do not belong to each other."""

    def __init__(self, rule: str, message: str, item: str = "") -> None:
        super().__init__(message)
        hint = "mend the template of the sheet, or handbook/render/forms.py"
        self.finding = Finding(rule, message, hint, (f"form.{item}",))


@dataclass(frozen=True, slots=True)
class Choice:
    """An item and its options, of which one can be chosen."""

    name: str
    """The item's id, and the name of its field."""
    tooltip: str
    options: tuple[tuple[str, str], ...]
    """Each option's id, which becomes the value of the field, and its tooltip."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that shows a text."""

    name: str
    tooltip: str
    script: str = ""
    """JavaScript that sets `event.value`; none where people write."""


@dataclass(frozen=True, slots=True)
class Form:
    """All that makes a form of a printed sheet."""

    identity: str
    """Which test of which edition it is, as JSON."""
    script: str
    """JavaScript of the whole file."""
    choices: tuple[Choice, ...]
    fields: tuple[Field, ...]
    """All that there can be; a sheet need not have a place for each."""
    shown: str
    """Every letter of the words that results show."""


# -- what the form of a test is ----------------------------------------------------------------


def form_of(test: Assessment, profile: Profile, printer: Printer, theme: Theme) -> Form:
    """Return the form of the sheets of `test` in the edition `profile`, in its language."""
    _ = printer.language.gettext
    words = {
        "bands": {band.id: printer.plain(band.title) for band in test.bands.values()},
        "percent": printer.language.percent(1),
        "missing": _("Answers are missing"),
        "unscored": _("No band"),
    }
    return Form(
        identity=json.dumps({"test": test.id, "version": test.version, **asdict(profile)}),
        script=_script(test, words, theme),
        choices=tuple(_choices(test, printer)),
        fields=tuple(_fields(test, printer)),
        shown="".join(sorted(set(json.dumps(words, ensure_ascii=False)))),
    )


def _script(test: Assessment, words: Mapping[str, object], theme: Theme) -> str:
    scoring, fillable = (
        theme.find(name).read_text(encoding="utf-8") for name in ("scoring.js", "fillable.js")
    )
    sheet = {"definition": definition(test), "items": list(test.items), **words}
    # Letters beyond ASCII as escapes: not every viewer reads scripts as it reads texts.
    return f"{scoring}var sheet = {json.dumps(sheet)};\n{fillable}"


def _choices(test: Assessment, printer: Printer) -> Iterator[Choice]:
    for item in test.items.values():
        options = tuple(
            (option, _option(test, item, option, printer)) for option in test.scale_of(item).options
        )
        yield Choice(item.id, f"{test.numbers[item.id]}. {printer.plain(item.stem)}", options)


def _option(test: Assessment, item: InstrumentItem, option: str, printer: Printer) -> str:
    if option in item.options:
        return f"{option}: {printer.plain(item.options[option])}"
    return str(printer.option(test.scale_of(item), option).striptags())


def _fields(test: Assessment, printer: Printer) -> Iterator[Field]:
    """Yield every field of text: what the file works out, its repetition, what people write."""
    _ = printer.language.gettext
    calculated = tuple(_calculated(test, printer))
    yield from calculated
    for field in calculated:
        yield Field(f"{field.name}_again", f"{_('Repeat')}: {field.tooltip}")
    for names, words in WRITTEN.items():
        for name in names.split():
            yield Field(f"_{name}", _(words))


def _calculated(test: Assessment, printer: Printer) -> Iterator[Field]:
    _ = printer.language.gettext
    mine, total = _("My points"), _("Total")
    for item in test.key:
        yield _field(f"points_{item}", f"{mine}: {test.numbers[item]}", "sheetPoints", item)
    for name, whole, what, words in (
        ("filled", "filled", "answered", _("Boxes filled")),
        ("subtotal", "total", "points", mine),
        ("percent", "percent", "percent", _("Percent")),
        ("meaning", "meaning", "band", _("Meaning")),
    ):
        for section in test.sections.values():
            told = f"{printer.plain(section.title)}: {words}"
            yield _field(f"{name}_{section.id}", told, "sheetResult", section.id, what)
        yield _field(whole, f"{total}: {words}", "sheetResult", None, what)
    for band in test.bands.values():
        told = f"{_('My result')}: {printer.plain(band.title)}"
        yield _field(f"band_{band.id}", told, "sheetMark", band.id)
    scale = counted_scale(test)
    options = {o: str(printer.option(scale, o).striptags()) for o in scale.options} if scale else {}
    for name, what, words in (
        ("count", "answered", _("How often")),
        ("product", "points", _("How often × points")),
    ):
        for option, told in options.items():
            yield _field(f"{name}_{option}", f"{told}: {words}", "sheetCount", option, what)
        yield _field(name, f"{total}: {words}", "sheetCount", None, what)


def _field(name: str, tooltip: str, function: str, *arguments: str | None) -> Field:
    script = f"event.value = {function}(this, {', '.join(map(json.dumps, arguments))});"
    return Field(f"_{name}", tooltip, script)


# -- the font of its fields --------------------------------------------------------------------


def with_field_font(html: str, form: Form, families: Sequence[str], folders: Sequence[Path]) -> str:
    """Return `html` with the font of its fields for `font:fields`, and its name for `name:fields`.

    It is a font of its own, because fonts of fields are embedded whole: the first of `families`
    in the `folders`, with the letters that people type and those that results show. Its name is
    its own too, because a printing process keeps the fonts of the documents before.
    """
    typed = {chr(code) for first, last in TYPED for code in range(first, last + 1)}
    data = _subset(_face(families[0], tuple(folders)), frozenset(typed | set(form.shown)))
    address = f"data:font/ttf;base64,{base64.b64encode(data).decode()}"
    name = f"fields-{hashlib.sha256(data).hexdigest()[:8]}"
    return html.replace("font:fields", address).replace("name:fields", name)


@cache
def _face(family: str, folders: tuple[Path, ...]) -> Path:
    from fontTools.ttLib import TTFont

    for path in (path for folder in folders for path in font_files(folder)):
        with TTFont(path, lazy=True) as font:
            names = font["name"]
            if (names.getBestFamilyName(), names.getBestSubFamilyName()) == (family, "Regular"):
                return path
    message = f"no theme has the font {family} Regular, which fields need"
    raise FormError("P04-fields", message)


@cache
def _subset(path: Path, letters: frozenset[str]) -> bytes:
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options(layout_features=[], hinting=False, recalc_timestamp=False)
    data = io.BytesIO()
    with load_font(str(path), options) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=map(ord, letters))
        subsetter.subset(font)
        save_font(font, data, options)
    return data.getvalue()


# -- in the finished PDF -----------------------------------------------------------------------


def complete(data: bytes, form: Form) -> bytes:
    """Return the PDF `data`, as WeasyPrint made it, with `form` in working order.

    Raises `FormError` when its fields are not those of `form`.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        _Fields(pdf, form).complete()
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


class _Fields:
    """The fields of one document, while they are put in order."""

    def __init__(self, pdf: Any, form: Form) -> None:
        self._pdf = pdf
        self._form = form
        self._choices = {choice.name: choice for choice in form.choices}
        self._known = {field.name: field for field in form.fields}
        self._groups: dict[str, Any] = {}
        self._fields: list[Any] = []
        self._calculated: list[Any] = []
        self._fonts: dict[str, Any] = {}
        self._drawings: dict[tuple[bytes, float, float], Any] = {}
        """Shared: hundreds of boxes are of one size."""

    def complete(self) -> None:
        """Do it all."""
        from pikepdf import Array, Dictionary, Name

        for page in self._pdf.pages:
            for widget in page.get("/Annots", ()):
                if widget.Subtype == "/Widget":
                    self._take(widget)
            page.Tabs = Name.S
        self._check()
        self._add_identity()
        self._add_script()
        # Without NeedAppearances: each field brings its look, and viewers that make it anew want
        # to save what was only read.
        self._pdf.Root.AcroForm = Dictionary(
            Fields=Array(self._fields),
            CO=Array(self._calculated),
            DR=Dictionary(Font=Dictionary(self._fonts)),
        )

    def _take(self, widget: Any) -> None:
        if "/Parent" in widget:
            self._take_option(widget)
            return
        from pikepdf import Dictionary, Name, String

        field = self._known.get(str(widget.T))
        if field is None:
            message = f"the sheet has a field “{widget.T}”, of which its form knows nothing"
            raise FormError("P04-fields", message)
        self._fields.append(widget)
        widget.AP = Dictionary(N=self._drawing(widget, b"/Tx BMC EMC"))
        fonts = self._pdf.Root.AcroForm.DR.Font
        name, size = re.findall(r"(/\S+) ([\d.]+) Tf", str(widget.DA))[0]
        self._fonts[f"/{FONT}"] = fonts[name]
        widget.DA = String(f"0 g /{FONT} {size} Tf")
        widget.TU = String(field.tooltip)
        if field.script:
            widget.Ff = READ_ONLY
            widget.Q = CENTRED
            widget.AA = Dictionary(C=Dictionary(S=Name.JavaScript, JS=String(field.script)))
            self._calculated.append(widget)

    def _take_option(self, widget: Any) -> None:
        """Put a button into the one group of its item, under the id of its option."""
        from pikepdf import Dictionary, Name, String

        name = str(widget.T)
        if name not in self._choices:
            message = f"the sheet asks for “{name}”, which its test does not have"
            raise FormError("P05-answers", message, name)
        choice = self._choices[name]
        group = self._group(choice)
        [state] = widget.AP.N.keys()
        option = str(widget.Parent.Opt[int(state.removeprefix("/"))])
        tooltips = dict(choice.options)
        if option not in tooltips:
            message = f"the sheet offers “{option}” for “{name}”, which its test does not"
            raise FormError("P05-answers", message, name)
        widget.AP.N = Dictionary({f"/{option}": self._cross(widget), "/Off": self._drawing(widget)})
        widget.AS = Name.Off
        widget.MK = Dictionary(CA=String("8"))  # a cross, for viewers that draw it themselves
        widget.TU = String(tooltips[option])
        widget.Parent = group
        del widget["/T"], widget["/FT"]
        group.Kids.append(widget)

    def _group(self, choice: Choice) -> Any:
        from pikepdf import Array, Dictionary, Name, String

        if choice.name not in self._groups:
            group = Dictionary(
                FT=Name.Btn,
                Ff=RADIO,
                T=String(choice.name),
                TU=String(choice.tooltip),
                V=Name.Off,
                Kids=Array(),
            )
            self._groups[choice.name] = self._pdf.make_indirect(group)
            self._fields.append(self._groups[choice.name])
        return self._groups[choice.name]

    def _cross(self, widget: Any) -> Any:
        """Return how a chosen option looks; the letter below it stays legible."""
        x, y = _size(widget)
        near, far = 0.15, 0.85
        lines = (
            f"{near * x:g} {near * y:g} m {far * x:g} {far * y:g} l "
            f"{near * x:g} {far * y:g} m {far * x:g} {near * y:g} l"
        )
        return self._drawing(widget, f"q 1.4 w 1 J {lines} S Q".encode())

    def _drawing(self, widget: Any, content: bytes = b"q Q") -> Any:
        """Return a form XObject of the size of `widget`; one without content would be a fault."""
        from pikepdf import Array, Dictionary, Name, Stream

        key = (content, *_size(widget))
        if key not in self._drawings:
            drawing = Stream(
                self._pdf,
                content,
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, *_size(widget)]),
                Resources=Dictionary(),
            )
            self._drawings[key] = self._pdf.make_indirect(drawing)
        return self._drawings[key]

    def _check(self) -> None:
        """Raise `FormError` for items that cannot be answered, and for two fields of one name."""
        for choice in self._form.choices:
            group = self._groups.get(choice.name)
            offered = len(group.Kids) if group is not None else 0
            if offered != len(choice.options):
                message = (
                    f"the sheet has {offered} of {len(choice.options)} answers to “{choice.name}”"
                )
                raise FormError("P05-answers", message, choice.name)
        names = [str(found.T) for found in self._fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"the sheet has several fields of one name: {', '.join(twice)}"
            raise FormError("P04-fields", message)

    def _add_identity(self) -> None:
        from pikepdf import Array, Dictionary, Name, String

        page = self._pdf.pages[0]
        widget = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            Ff=READ_ONLY,
            F=HIDDEN,
            Rect=Array([0, 0, 0, 0]),
            P=page.obj,
            T=String(IDENTITY),
            TU=String(IDENTITY),
            V=String(self._form.identity),
            DA=String(""),
        )
        self._fields.append(self._pdf.make_indirect(widget))
        page.Annots.append(self._fields[-1])

    def _add_script(self) -> None:
        from pikepdf import Array, Dictionary, Name, Stream, String

        action = Dictionary(
            S=Name.JavaScript, JS=Stream(self._pdf, self._form.script.encode("ascii"))
        )
        names = self._pdf.Root.get("/Names", Dictionary())
        names.JavaScript = Dictionary(
            Names=Array([String("scoring"), self._pdf.make_indirect(action)])
        )
        self._pdf.Root.Names = names


def _size(widget: Any) -> tuple[float, float]:
    """Return width and height in points."""
    left, bottom, right, top = map(float, widget.Rect)
    return round(right - left, 2), round(top - bottom, 2)
