"""What the chips of a payload say: that a value is masked or damaged, why, and where it is stored."""

from __future__ import annotations

from app.desktop.json_view.chip_object import ChipWords
from app.desktop.shell.words import translate
from app.domain.run import MaskRule
from app.services.ports import ReplaySource


class PayloadChips:
    """Words for every chip of one source's redacted input."""

    def __init__(self) -> None:
        self._rules: dict[str, MaskRule] = {}
        self._damaged: frozenset[str] = frozenset()

    def use(self, source: ReplaySource) -> None:
        """Speak of this input from now on."""
        document = source.redacted
        self._rules = dict(zip(document.masked, document.rules, strict=False))
        self._damaged = frozenset(source.damaged_paths)

    def words(self, origin: str) -> ChipWords:
        """Return what the chip of the value at a JSON pointer says."""
        place = origin or "/"
        if origin in self._damaged:
            return ChipWords(
                translate("Replay", "placeholder"),
                translate(
                    "Replay",
                    "Damaged: the stored input holds a placeholder at {place}. Type the real value over this chip.",
                ).format(place=place),
            )
        rule = self._rules.get(origin)
        described = translate("Replay", "Masked value of {place}. {why} It moves, copies and goes as a whole.")
        return ChipWords(_label(rule), described.format(place=place, why=_why(rule)))


def _label(rule: MaskRule | None) -> str:
    return {
        MaskRule.KEY: translate("Replay", "masked · key name"),
        MaskRule.POINTER: translate("Replay", "masked · tenant rule"),
        MaskRule.REFERENCE: translate("Replay", "masked · secret name"),
        MaskRule.REPEATED: translate("Replay", "masked · repeats a secret"),
        MaskRule.CREDENTIAL: translate("Replay", "masked · credentials"),
        MaskRule.CLOSED: translate("Replay", "hidden · rules unreadable"),
        None: translate("Replay", "masked"),
    }[rule]


def _why(rule: MaskRule | None) -> str:
    return {
        MaskRule.KEY: translate("Replay", "Its key is one that names secrets."),
        MaskRule.POINTER: translate("Replay", "A rule of the tenant names its place."),
        MaskRule.REFERENCE: translate("Replay", "It is the name of a stored secret."),
        MaskRule.REPEATED: translate("Replay", "It repeats a value that is masked elsewhere in this run."),
        MaskRule.CREDENTIAL: translate("Replay", "It has the shape of credentials."),
        MaskRule.CLOSED: translate("Replay", "The tenant's redaction rules, or the input itself, could not be read."),
        None: translate("Replay", "It is stored unchanged."),
    }[rule]
