"""What ``email.parseBody`` and ``email.renderCommentBlocks`` do; the contract names the nodes but no output.

The shapes are this worker's own: a body as plain text, told apart into what its writer wrote and what they quoted, and
a comment as a list of paragraphs.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from app.engine.actions.registry import Action, ActionContext
from app.engine.definition_fields import DefinitionError, Fields

_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_UNSEEN = frozenset({"script", "style", "head", "title"})
_QUOTE_BEGINS = re.compile(r"^(?:>.*|On .{1,200} wrote:|-{2,} ?Original Message ?-{2,})$", re.MULTILINE)


class _Text(HTMLParser):
    """Collects what a reader of an HTML body sees, one line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def _read_body(fields: Fields) -> str:
    """Return the plain text of a body given as ``text``, else as ``html``."""
    text, html = fields.optional_text("text"), fields.optional_text("html")
    fields.close()
    if text is None and html is None:
        raise DefinitionError(fields.at("text"), "or html is required")
    return _tidy(text if text is not None else _of_html(html or ""))


def _of_html(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


def _tidy(text: str) -> str:
    lines = (line.strip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


async def _parse(_context: ActionContext, text: str) -> dict[str, Any]:
    """Return ``{text, reply, quoted}``; ``quoted`` is null where nothing is quoted."""
    begins = _QUOTE_BEGINS.search(text)
    if begins is None:
        return {"text": text, "reply": text, "quoted": None}
    return {"text": text, "reply": text[: begins.start()].rstrip(), "quoted": text[begins.start() :]}


async def _blocks(_context: ActionContext, text: str) -> dict[str, Any]:
    """Return ``{blocks: [{type: "paragraph", text}]}``."""
    paragraphs = [part.strip() for part in re.split(r"\n{2,}", text) if part.strip()]
    return {"blocks": [{"type": "paragraph", "text": paragraph} for paragraph in paragraphs]}


def _email(name: str, description: str, handle: Any) -> Action:
    return Action(
        id=f"email.{name}",
        version=1,
        description=description,
        side_effectful=False,
        repeatable=True,
        read=_read_body,
        handle=handle,
    )


EMAIL_ACTIONS = (
    _email("parseBody", "Tells what an e-mail says from what it quotes.", _parse),
    _email("renderCommentBlocks", "Turns an e-mail into the paragraphs of a comment.", _blocks),
)
