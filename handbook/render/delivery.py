"""How a finished PDF is to be opened, printed, trimmed and kept: what it says of itself.

WeasyPrint hands over its objects just before it writes them; here they get what HTML and CSS
cannot say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

BLEED = 3 * 72 / 25.4
"""Points beyond the cut to which fills go; themes/default/styles/shop.css draws them so far."""
SIGNATURE = 4
"""Pages on a sheet that is folded once."""

_LANGUAGE = """<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about="">
<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language></rdf:Description>"""
_ACCESSIBLE = """<rdf:Description rdf:about="" pdfuaid:part="1"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"/>
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""The claim of PDF/UA-1 (ISO 14289-1, 5), and the description of its property that PDF/A asks for
(ISO 19005-3, 6.6.2.3)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What becomes of one document."""

    book: bool = False
    """Whether it is read like a book; sheets keep their size in the printer."""
    duplex: bool = False
    """Whether both sides of the paper are printed."""
    archive: bool = False
    """Whether it is PDF/A-3a besides PDF/UA-1."""
    trimmed: bool = False
    """Whether it is cut to size after printing."""
    whole_sheets: bool = False
    """Whether blank pages fill the last sheet that is folded once."""

    @property
    def variant(self) -> str:
        """WeasyPrint's name of the standard: ISO 14289-1, or ISO 19005-3 level A."""
        return "pdf/a-3a" if self.archive else "pdf/ua-1"


def complete(pdf: Any, delivery: Delivery) -> None:
    """Put into a pydyf document what `delivery` asks for, just before it is written."""
    if delivery.trimmed:
        for page in _pages(pdf):
            page["BleedBox"] = _bleed_box(page["TrimBox"])
        _state_colours(pdf)
    if delivery.whole_sheets:
        _fill_last_sheet(pdf)
    _advise_viewers(pdf, delivery)
    _describe(pdf, delivery)


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


def _pages(pdf: Any) -> list[Any]:
    return [_object(pdf, reference) for reference in pdf.page_references]


def _bleed_box(trim_box: list[float]) -> Any:
    from pydyf import Array

    left, top, right, bottom = trim_box
    return Array([left - BLEED, top - BLEED, right + BLEED, bottom + BLEED])


def _state_colours(pdf: Any) -> None:
    """Say that colours are sRGB; greys are of the black plate alone and need no profile."""
    from pydyf import Array, Stream

    profile = Stream([_profile()], {"N": 3}, compress=True)
    pdf.add_object(profile)
    resources = _object(pdf, _pages(pdf)[0]["Resources"])
    spaces = _object(pdf, resources["ColorSpace"])
    spaces["DefaultRGB"] = Array(["/ICCBased", profile.reference])


@cache
def _profile() -> bytes:
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def _fill_last_sheet(pdf: Any) -> None:
    from pydyf import Dictionary

    last = _pages(pdf)[-1]
    kept = ("Type", "Parent", "MediaBox", "TrimBox", "BleedBox", "Tabs")
    while pdf.pages["Count"] % SIGNATURE:
        pdf.add_page(Dictionary({key: last[key] for key in kept if key in last}))


def _advise_viewers(pdf: Any, delivery: Delivery) -> None:
    """Set how viewers show the pages and what their print dialogue begins with."""
    from pydyf import Array, Dictionary

    both_sides = delivery.duplex and pdf.pages["Count"] > 1
    advice = pdf.catalog["ViewerPreferences"]
    advice["Duplex"] = "/DuplexFlipLongEdge" if both_sides else "/Simplex"
    if not delivery.book:
        advice["PrintScaling"] = "/None"
    elif delivery.duplex:
        pdf.catalog["PageLayout"] = "/TwoPageRight"
    pdf.catalog["PageLabels"] = Dictionary({"Nums": Array([0, Dictionary({"S": "/D"})])})


def _describe(pdf: Any, delivery: Delivery) -> None:
    """Add to the description in XMP what WeasyPrint does not write."""
    language = pdf.catalog["Lang"].string
    added = _LANGUAGE.format(language) + _ACCESSIBLE * delivery.archive
    metadata = _object(pdf, pdf.catalog["Metadata"])
    end = b"</rdf:RDF>"
    metadata.stream = [b"".join(metadata.stream).replace(end, added.encode() + end)]
