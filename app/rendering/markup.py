"""Builds HTML and SVG in which nothing that comes from data can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_UNSAFE_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
_DIRECTION_CONTROLS = {
    code: f"\\u{code:04x}" for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_VISIBLE = {**_UNSAFE_CONTROLS, **_DIRECTION_CONTROLS, **_SURROGATES}
"""Control characters are replaced and direction overrides spelled out: a payload must not rearrange the report."""

_VOID = frozenset({"meta", "br", "hr", "rect", "line", "path"})


class Markup(str):
    """Text that is already markup; any other string is escaped when it becomes a child."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Return a plain string as markup."""
    return Markup(escape(value.translate(_VISIBLE), quote=True))


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
