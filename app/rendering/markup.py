"""Builds HTML and SVG in which nothing that comes from data can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from app.rendering.visible import visible

_VOID = frozenset({"meta", "br", "hr", "rect", "line", "path"})


class Markup(str):
    """Text that is already markup; any other string is escaped when it becomes a child."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Return a plain string as markup."""
    return Markup(escape(visible(value), quote=True))


def join(parts: Iterable[Markup]) -> Markup:
    """Return several pieces of markup as one."""
    return Markup("".join(parts))


def element(name: str, /, *children: str, **attributes: str | float) -> Markup:
    """Return an element. A trailing underscore of an attribute name is dropped, inner ones become dashes."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_attribute(value))}"' for key, value in attributes.items()
    )
    if name in _VOID and not children:
        return Markup(f"<{name}{written}/>")
    inner = "".join(child if isinstance(child, Markup) else text(child) for child in children)
    return Markup(f"<{name}{written}>{inner}</{name}>")


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
