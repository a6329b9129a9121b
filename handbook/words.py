"""Interface words: from the templates into the catalogs of every language."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from handbook.source.files import read_text

WRITTEN_IN = "en"
"""The language of the templates: its words are the keys of all catalogs, so it needs none."""

_HEADER = "# Interface words of the handbook; `handbook words` keeps this file up to date."
_METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract")]
_KEYWORDS = {"_": None, "ngettext": (1, 2)}


def template_messages(root: Path) -> Catalog:
    """Return every interface word of the themes and of the table of documents, in English."""
    catalog = Catalog(project="handbook", charset="utf-8")
    themes = extract_from_dir(root / "themes", _METHODS, keywords=_KEYWORDS)
    for file, _, message, _, _ in themes:
        catalog.add(message, locations=[(f"themes/{Path(file).as_posix()}", 0)])
    package = Path(__file__).parent
    for file, _, message, _, _ in extract_from_dir(
        package, [("**.py", "python")], keywords=_KEYWORDS
    ):
        catalog.add(message, locations=[(f"handbook/{Path(file).as_posix()}", 0)])
    return catalog


def update_catalogs(root: Path) -> Iterator[tuple[str, int]]:
    """Write new words into every catalog; yield each language and how many words it lacks."""
    template = template_messages(root)
    for folder in sorted((root / "locales").iterdir()):
        if folder.name == WRITTEN_IN or not folder.is_dir():
            continue
        path = folder / "LC_MESSAGES" / "messages.po"
        catalog = read_catalog(root, path, folder.name)
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_to_text(catalog, folder.name), encoding="utf-8")
        yield folder.name, sum(1 for message in catalog if message.id and not _is_complete(message))


def _is_complete(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms)


def _to_text(catalog: Catalog, tag: str) -> str:
    """Return the file's text: no dates and no names, so that it changes only with its words."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=100, sort_output=True, omit_header=True, no_location=True)
    header = (
        f'{_HEADER}\nmsgid ""\nmsgstr ""\n"Language: {tag}\\n"\n'
        f'"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return header + stream.getvalue().decode()


def read_catalog(root: Path, path: Path, tag: str) -> Catalog:
    """Return the catalog in the file `path`, or an empty one for the language `tag`."""
    locale = Locale.parse(tag, sep="-")
    if not path.is_file():
        return Catalog(locale=locale, project="handbook", charset="utf-8", fuzzy=False)
    return read_po(io.StringIO(read_text(root, path)), locale=locale)
