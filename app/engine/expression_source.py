"""From a definition's expression text to JSONata source.

The language knows ``==`` beside ``=``; it is rewritten outside literals only (the reference rewrites inside them too,
fault F11). ``?:`` and ``??`` exist in the Python evaluator but not in the reference, so they are refused.
"""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"""
    (?P<literal>  "(?:\\.|[^"\\])*"? | '(?:\\.|[^'\\])*'? | `[^`]*`? | /\*.*?(?:\*/|$) )
  | (?P<foreign>  \?: | \?\? )
  | (?P<equals>   == )
    """,
    re.VERBOSE | re.DOTALL,
)


class UnsupportedSyntax(ValueError):
    """The expression uses syntax that the contract's language lacks."""


def to_jsonata(source: str) -> str:
    """Return ``source`` with ``==`` as ``=``; texts, quoted names and comments stay as they are.

    Raises:
        UnsupportedSyntax: The source uses ``?:`` or ``??``.
    """
    return _PIECES.sub(_translate, source)


def _translate(piece: re.Match[str]) -> str:
    if piece["foreign"]:
        raise UnsupportedSyntax(f"the operator {piece['foreign']} is not part of the language")
    return "=" if piece["equals"] else piece[0]
