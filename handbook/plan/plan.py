"""Every output of a build, as values, before any of them is made.

The plan is global: switchers between languages and sectors, cross-references and the check for two
files of one name need every output of every edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Literal

from handbook.diagnostics import Problem, Span, UsageError, did_you_mean, raise_all
from handbook.model.book import Deliverable, Handbook
from handbook.model.profile import Profile
from handbook.model.reference import Reference, is_outside, parse_reference
from handbook.model.words import Words
from handbook.plan.documents import BY_ID, DOCUMENTS, Document, Page
from handbook.plan.printing import Imposition, PrintOptions
from handbook.resolve.coherence import edition_texts
from handbook.resolve.editions import Edition

MAXIMUM_PATH = 200
"""Characters of an output's path; Windows allows 260 for the whole."""


@dataclass(frozen=True, slots=True, order=True)
class Output:
    """One file to be made."""

    path: str
    """Relative to the output folder, forward slashes."""
    document: str
    page: str
    """Kind of the page within the document."""
    subject: str
    """Id of the entry, chapter or worksheet, or the name of a page of the edition itself."""
    profile: Profile
    imposed: Imposition | None = None
    """How the pages of the document are put on sheets; None for the document itself."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a build was asked for; empty means all."""

    documents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    everything: bool = False
    """Also what the deliverables keep for later."""

    def check(self, handbook: Handbook) -> None:
        """Raise `UsageError` for a name that the handbook does not know."""
        for option, given, known in (
            ("document", self.documents, BY_ID),
            ("language", self.languages, handbook.languages),
            ("sector", self.sectors, handbook.sectors),
            ("brand", self.brands, handbook.brands),
        ):
            for name in given:
                if name not in known:
                    hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
                    raise UsageError(f"--{option} {name}: there is no such {option}; {hint}")

    def editions(self, handbook: Handbook) -> tuple[tuple[str, Profile], ...]:
        """Return the pairs of document and profile to be made, in a fixed order.

        What the deliverables name is made; where they name nothing that was asked for,
        everything that was asked for; of a document that was named likewise.
        """
        asked = [
            (document.id, Profile(language, sector, brand))
            for brand, language, sector, document in product(
                self.brands or handbook.brands,
                self.languages or handbook.languages,
                self.sectors or handbook.sectors,
                DOCUMENTS,
            )
            if not self.documents or document.id in self.documents
        ]
        if self.everything:
            return tuple(asked)
        due = [
            pair
            for pair in asked
            if any(_covers(deliverable, *pair) for deliverable in handbook.deliverables)
        ]
        if self == Selection():
            return tuple(due)
        if not self.documents:
            return tuple(due or asked)
        planned = {document for document, _ in due}
        return tuple(pair for pair in asked if pair in due or pair[0] not in planned)


def _covers(deliverable: Deliverable, document: str, profile: Profile) -> bool:
    return (
        (not deliverable.documents or document in deliverable.documents)
        and (not deliverable.languages or profile.language in deliverable.languages)
        and (not deliverable.sectors or profile.sector in deliverable.sectors)
        and (not deliverable.brands or profile.brand in deliverable.brands)
    )


@dataclass(frozen=True)
class Plan:
    """All outputs of a build and the editions that they are made from."""

    outputs: tuple[Output, ...]
    editions: Mapping[Profile, Edition]
    """Every edition of the handbook, also those of which nothing is made now."""

    @cached_property
    def _index(self) -> Mapping[tuple[str, str, Profile], Output]:
        return {(o.document, o.subject, o.profile): o for o in self.outputs if not o.imposed}

    def find(self, document: str, subject: str, profile: Profile) -> Output | None:
        """Return the planned output of `document` for `subject`, if there is one."""
        return self._index.get((document, subject, profile))

    @cached_property
    def sectors(self) -> tuple[str, ...]:
        """The sectors of the handbook, the general edition first."""
        return next(iter(self.editions.values())).book.handbook.sectors

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """The brands of which a site is made."""
        return tuple(
            dict.fromkeys(
                output.path.split("/")[0]
                for output in self.outputs
                if output.document == "site" and "/" in output.path
            )
        )

    def of(self, profile: Profile, document: str) -> Iterator[Output]:
        """Yield the outputs of one document of one edition, in order."""
        return (o for o in self._by_edition.get((profile, document), ()))

    @cached_property
    def _by_edition(self) -> Mapping[tuple[Profile, str], tuple[Output, ...]]:
        groups: dict[tuple[Profile, str], list[Output]] = {}
        for output in (o for o in self.outputs if not o.imposed):
            groups.setdefault((output.profile, output.document), []).append(output)
        return {key: tuple(group) for key, group in groups.items()}

    def cited_by(self, output: Output) -> Output | None:
        """Return the book whose page numbers `output` names, also where it is not planned."""
        name = BY_ID[output.document].cites
        if not name:
            return None
        edition = self.editions[output.profile]
        return next(_outputs(BY_ID[name], edition, edition.book.handbook))

    def locate(self, target: Target) -> tuple[Output, str] | None:
        """Return the planned file that shows `target`, and the anchor in it; None without one."""
        if target.kind == "left-out":
            return None
        document = target.document or ("worksheet" if target.kind == "worksheet" else "site")
        if document == "site" and target.kind == "term":
            page = self.find("site", "glossary", target.profile)
            return (page, target.id) if page else None
        own = self.find(document, target.id, target.profile)
        if own is not None:
            return own, target.item
        book = self.find(document, document, target.profile)
        return (book, target.anchor) if book else None

    def link(self, source: Output, target: Output, anchor: str = "") -> str:
        """Return the address of `target` as `source` must write it."""
        return relative_link(source.path, target.path) + (f"#{anchor}" if anchor else "")


def relative_link(source: str, target: str) -> str:
    """Return the way from the file `source` to the file `target`, both below the output folder."""
    start, end = source.split("/")[:-1], target.split("/")
    shared = 0
    while shared < min(len(start), len(end) - 1) and start[shared] == end[shared]:
        shared += 1
    return "/".join([".."] * (len(start) - shared) + end[shared:])


def check_options(options: PrintOptions, documents: Iterable[str]) -> None:
    """Raise `UsageError` for options that exclude each other or one of `documents`.

    Only documents that were named are told; among all of them, those that cannot be imposed
    or archived are printed as ever.
    """
    if options.finish == "shop" and options.imposition:
        why = "a print shop puts the pages on its sheets itself"
        raise UsageError(f"--finish shop --imposition {options.imposition}: {why}; give one")
    if options.finish == "shop" and options.archive:
        why = "the black plate of a print shop is no colour that an archive allows"
        raise UsageError(f"--finish shop --archive: {why}; make two builds")
    for name in documents:
        if name not in BY_ID:
            continue  # told with the others that there are not
        if options.imposition and not BY_ID[name].imposable:
            why = "its pages keep their size, or it is no book"
            option = f"--imposition {options.imposition}"
            raise UsageError(f"--document {name} {option}: {why}; name a book or leave it out")
        if options.archive and BY_ID[name].fillable:
            why = "an archive allows no scripts, and this sheet adds up by one"
            raise UsageError(f"--document {name} --archive: {why}; leave one of them out")


def check_deliverables(handbook: Handbook) -> Iterator[Problem]:
    """Yield what the deliverables name and the handbook does not have."""
    span = handbook.title.span
    for deliverable in handbook.deliverables:
        for names, known in (
            (deliverable.documents, BY_ID),
            (deliverable.languages, handbook.languages),
            (deliverable.sectors, handbook.sectors),
            (deliverable.brands, handbook.brands),
        ):
            for name in names:
                if name not in known:
                    message = f"the deliverables name “{name}”, which there is not"
                    yield Problem(span, "deliverables", message, did_you_mean(name, known))


def make_plan(
    handbook: Handbook,
    editions: Mapping[Profile, Edition],
    selection: Selection,
    imposition: Imposition | None = None,
) -> Plan:
    """Return the plan of what `selection` asks for, and with `imposition` of the sheets of it.

    Raises `ContentError` for two files of one name,
    and `UsageError` for a selection that names what the handbook does not have.
    """
    selection.check(handbook)
    outputs = tuple(
        dict.fromkeys(
            output
            for document, profile in selection.editions(handbook)
            for output in _outputs(BY_ID[document], editions[profile], handbook)
        )
    )
    if imposition:
        outputs += tuple(_imposed(o, imposition) for o in outputs if BY_ID[o.document].imposable)
    plan = Plan(outputs, editions)
    raise_all(_check_paths(outputs))
    return plan


def _outputs(document: Document, edition: Edition, handbook: Handbook) -> Iterator[Output]:
    for page in document.pages:
        profile = edition.profile
        if page.scope != "edition":
            # One page for many editions is written in the source language.
            profile = replace(profile, language=handbook.languages[0], sector=handbook.sectors[0])
        if page.scope == "build":
            profile = replace(profile, brand=handbook.brands[0])
        for subject in page.subjects(edition):
            code = edition.codes.get(subject, "")
            path = _path(document, page, subject, profile, code)
            yield Output(path, document.id, page.kind, subject, profile)


def _imposed(output: Output, imposition: Imposition) -> Output:
    path = output.path.removesuffix(".pdf")
    return replace(output, path=f"{path}-{imposition}.pdf", imposed=imposition)


def _path(document: Document, page: Page, subject: str, profile: Profile, code: str) -> str:
    folder = f"{profile.brand}/{profile.language}/{profile.sector}"
    if page.scope != "edition":
        return "index.html" if page.scope == "build" else f"{profile.brand}/index.html"
    if document.media == "screen":
        return f"{folder}/{subject}.html"
    # People keep these files, so the name alone must tell what they are.
    rest = subject.removeprefix(document.id).removeprefix("-")
    name = "-".join(filter(None, (document.id, code, rest)))
    return f"{folder}/pdf/{name}-{profile.sector}-{profile.language}.pdf"


def _check_paths(outputs: Iterable[Output]) -> Iterator[Problem]:
    seen: dict[str, Output] = {}
    for output in outputs:
        key = output.path.casefold()
        if key in seen:
            message = f"{output.subject} and {seen[key].subject} both make {output.path}"
            yield Problem(Span(output.path), "path", message, "rename one of them")
        if len(output.path) > MAXIMUM_PATH:
            message = f"the path is {len(output.path)} characters long"
            yield Problem(Span(output.path), "path", message, "choose a shorter id")
        seen[key] = output


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to."""

    profile: Profile
    document: str
    """Empty where the reference names none."""
    kind: Literal["entry", "chapter", "page", "term", "worksheet", "left-out"]
    """`left-out`: the brand does without it, so the link's text stands alone."""
    id: str
    item: str
    title: Words

    @property
    def anchor(self) -> str:
        """The id under which a document that holds it all shows it."""
        return f"{self.id}--{self.item}" if self.item else self.id


def find_target(
    reference: Reference, profile: Profile, editions: Mapping[Profile, Edition]
) -> Target | str:
    """Return what `reference` leads to from the edition `profile`, or why it leads nowhere."""
    document = ""
    for name in reference.elsewhere:
        if name in BY_ID:
            document = name
        elif any(p.language == name for p in editions):
            profile = replace(profile, language=name)
        elif any(p.sector == name for p in editions):
            profile = replace(profile, sector=name)
        else:
            return f"“@{name}” is no document, language or sector"
    edition = editions[profile]
    key, item = reference.id, reference.item
    if key in edition.left_out:
        return Target(profile, document, "left-out", key, "", edition.left_out[key])
    if document and document != "site" and key not in _shown_in(BY_ID[document], edition):
        return f"the {document} does not show “{key}”"
    if key in edition.entries:
        if item and item not in edition.entries[key].anchors:
            return f"“{key}” has no item “{item}”"
        return Target(profile, document, "entry", key, item, edition.entries[key].title)
    if key in edition.chapters:
        title = edition.chapters[key].chapter.title
        return Target(profile, document, "chapter", key, "", title)
    if key in edition.book.pages:
        return Target(profile, document, "page", key, "", edition.book.pages[key].title)
    if key in edition.book.glossary:
        title = edition.book.glossary[key].title
        return Target(profile, document, "term", key, "", title)
    if key in edition.worksheets:
        title = edition.worksheets[key].title
        return Target(profile, document, "worksheet", key, "", title)
    if any(key in other.entries for other in editions.values()):
        return f"the edition {profile.sector} leaves out “{key}”"
    known = [*edition.entries, *edition.chapters, *edition.book.pages]
    known += [*edition.book.glossary, *edition.worksheets]
    return f"there is no “{key}”: {did_you_mean(key, known)}"


def _shown_in(document: Document, edition: Edition) -> set[str]:
    subjects = (subject for page in document.pages for subject in page.subjects(edition))
    return {*subjects, *document.holds(edition)}


def check_references(edition: Edition, editions: Mapping[Profile, Edition]) -> Iterator[Problem]:
    """Yield every link of `edition` that leads nowhere, with its place."""
    for text in edition_texts(edition):
        for target, span in text.placed_links():
            if is_outside(target):
                continue
            reference = parse_reference(target)
            if reference is None:
                message = f"“{target}” is neither an id nor a safe address"
                hint = "write an id, or an address that begins with https://"
                yield Problem(span, "link", message, hint)
                continue
            found = find_target(reference, edition.profile, editions)
            if isinstance(found, str):
                hint = "link to something that this edition has, or take the link out here"
                yield Problem(span, "link", found, hint)
