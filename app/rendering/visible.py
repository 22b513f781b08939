"""Makes text fit to be shown: what would act on the reader instead of being read is spelled out."""

from __future__ import annotations

REPLACEMENT = "\ufffd"
_CONTROLS = {code: REPLACEMENT for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
_DIRECTIONS = {
    code: f"\\u{code:04x}"
    for code in (0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_HIDDEN = {code: f"\\u{code:04x}" for code in (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)}
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT)
_VISIBLE = {**_CONTROLS, **_DIRECTIONS, **_HIDDEN, **_SURROGATES}


def visible(text: str) -> str:
    """Return the text with control characters replaced and direction marks and invisible characters spelled out.

    A payload must not rearrange the report, nor hide in it. Tabs and line ends stay.
    """
    return text.translate(_VISIBLE)
