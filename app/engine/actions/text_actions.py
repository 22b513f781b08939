"""Text transforms: pure functions of their input."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.engine.actions.registry import Action, ActionContext
from app.engine.definition_fields import DefinitionError, Fields
from app.engine.expression_functions import to_string

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def _read_text(fields: Fields) -> str:
    text = fields.raw("text")
    if not isinstance(text, str):
        raise DefinitionError(fields.at("text"), "must be a text")
    fields.close()
    return text


def _read_concat(fields: Fields) -> str:
    separator = fields.optional_text("separator") or ""
    parts = [to_string(part) for part in fields.items("parts")]
    fields.close()
    return separator.join(parts)


def _read_template(fields: Fields) -> str:
    """Fill ``{{name}}`` and ``{{name.member}}``; a value that is missing is refused with its path."""
    template = fields.text("template")
    values = fields.raw("values") if fields.has("values") else {}
    fields.close()

    def value_at(match: re.Match[str]) -> str:
        value = values
        for segment in match[1].split("."):
            if not isinstance(value, dict) or segment not in value:
                raise DefinitionError(f"{fields.at('values')}.{match[1]}", "is required by the template")
            value = value[segment]
        return to_string(value)

    return _PLACEHOLDER.sub(value_at, template)


def _transform(name: str, description: str, read: Callable[[Fields], str], work: Callable[[str], str]) -> Action:
    async def handle(_context: ActionContext, text: str) -> dict[str, Any]:
        return {"text": work(text)}

    return Action(
        id=f"transform.{name}",
        version=1,
        description=description,
        side_effectful=False,
        repeatable=True,
        read=read,
        handle=handle,
    )


TEXT_ACTIONS = (
    _transform("uppercase", "Writes a text in capitals.", _read_text, str.upper),
    _transform("lowercase", "Writes a text in small letters.", _read_text, str.lower),
    _transform("trim", "Removes white space around a text.", _read_text, str.strip),
    _transform("concat_text", "Joins parts into one text.", _read_concat, str),
    _transform("template", "Fills the placeholders of a template.", _read_template, str),
)
