"""What a reader finds in a written report, whatever the format: everything that can be decoded, decoded."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser

from pypdf import PdfReader
from pypdf.generic import StreamObject

FORMATS = ("html", "pdf", "md", "json", "csv", "xlsx")
VOID = {"meta", "br", "hr", "rect", "line", "path"}


def texts(form: str, content: bytes) -> list[str]:
    """Return all text of a report: raw, and what streams, sheets and pages hold.

    Lines of a page are broken anywhere, so pages are given without their white space too.
    """
    if form == "pdf":
        return _of_pdf(content)
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [book.read(name).decode() for name in book.namelist()]
    return [content.decode("utf-8")]


def pdf_text(content: bytes) -> str:
    """Return the pages' text on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def _of_pdf(content: bytes) -> list[str]:
    reader = PdfReader(io.BytesIO(content))
    pages = [page.extract_text() for page in reader.pages]
    streams = [
        thing.get_data().decode("latin-1")
        for number in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1)
        if isinstance(thing := reader.get_object(number), StreamObject)
    ]
    about = [str(value) for value in (reader.metadata or {}).values()]
    squeezed = [re.sub(r"\s+", "", page) for page in pages]
    return [content.decode("latin-1"), *pages, "".join(squeezed), *streams, *about, *map(str, _titles(reader.outline))]


def _titles(outline: list[object]) -> list[str]:
    found: list[str] = []
    for entry in outline:
        found += _titles(entry) if isinstance(entry, list) else [str(entry.title)]
    return found


def outline_titles(content: bytes) -> list[str]:
    """Return the titles of the outline, from top to bottom."""
    return _titles(PdfReader(io.BytesIO(content)).outline)


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that elements are nested properly."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode("utf-8", "strict"))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def ids(self) -> list[str]:
        return [value for name, value in self.attributes if name == "id"]
