"""The colours, sizes and spacings of the product. No other module names a colour.

Every foreground keeps a contrast of at least 4.5:1 on every surface it is used on, ``text`` at least 7:1; a test
computes it. Tints (pill and banner backgrounds) are mixed from these, never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """One complete set of colours, as ``#rrggbb``."""

    dark: bool
    background: str
    panel: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    running: str
    succeeded: str
    failed: str
    waiting: str
    canceled: str


LIGHT = Tokens(
    dark=False,
    background="#f7f7f8",
    panel="#ffffff",
    line="#e3e4e8",
    text="#1b1d22",
    muted="#646a76",
    accent="#2f6fed",
    on_accent="#ffffff",
    selection="#e8f0fe",
    running="#1f5cd1",
    succeeded="#17703f",
    failed="#b8322c",
    waiting="#8a5300",
    canceled="#5b6270",
)

DARK = Tokens(
    dark=True,
    background="#16181d",
    panel="#1d2026",
    line="#2c3038",
    text="#e7e9ee",
    muted="#9aa1ae",
    accent="#6c9cff",
    on_accent="#16181d",
    selection="#22314f",
    running="#6c9cff",
    succeeded="#5ac48b",
    failed="#ff7b73",
    waiting="#f0b04f",
    canceled="#9aa1ae",
)

SPACE = 4
"""The spacing step in pixels; every margin is a multiple of it."""
BODY_PX = 13
SECONDARY_PX = 12
TITLE_PX = 17
CORNER_PX = 6
FRAME_PX = 3
ROW_HEIGHTS = {"comfortable": 30, "compact": 24}
"""Row height in pixels by density."""
FADE_MS = 600
"""How long a changed row takes to fade back."""


def mix(over: str, under: str, share: float) -> str:
    """Return the opaque colour of ``over`` laid on ``under`` with the given share (0 to 1)."""
    pairs = ((int(over[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(top * share + bottom * (1 - share)):02x}" for top, bottom in pairs)


_VIVID = {
    LIGHT.running: DARK.running,
    LIGHT.succeeded: DARK.succeeded,
    LIGHT.failed: DARK.failed,
    LIGHT.waiting: DARK.waiting,
}
"""The bright twins of the light theme's state colours: a pale mix of a dark colour would look grey."""


def tint(tokens: Tokens, colour: str) -> str:
    """Return the pale background on which ``colour`` is read: a pill, a banner, an error box."""
    vivid = _VIVID.get(colour)
    if vivid is None:
        return mix(colour, tokens.panel, 0.13 if tokens.dark else 0.09)
    return mix(vivid, tokens.panel, 0.16)


def edge(tokens: Tokens, colour: str) -> str:
    """Return the border of a surface tinted with ``colour``."""
    return mix(_VIVID.get(colour, colour), tokens.panel, 0.7 if not tokens.dark else 0.55)


def hover(tokens: Tokens) -> str:
    """Return the background of something pointed at."""
    return mix(tokens.text, tokens.panel, 0.06)


def well(tokens: Tokens) -> str:
    """Return the background of an inset surface: an editor, a search field, a code block."""
    return mix(tokens.text, tokens.panel, 0.04)
