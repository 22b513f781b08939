"""What is changed in every input, and what replays would do a second time."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.batch import BatchAction, BatchPlan, SideEffect
from app.domain.batch_patch import shown_patch
from app.domain.side_effects import Foretold

_WORDS: dict[str, str] = {
    Foretold.COLLIDES: QT_TRANSLATE_NOOP("Forecast", "fails: its key belongs to a call that did not succeed"),
    Foretold.REPEATS: QT_TRANSLATE_NOOP("Forecast", "takes effect a second time"),
    Foretold.UNSETTLED: QT_TRANSLATE_NOOP("Forecast", "may take effect a second time: its first call never ended"),
    Foretold.UNKNOWN: QT_TRANSLATE_NOOP("Forecast", "runs again, and nobody has said what that does"),
    Foretold.CACHED: QT_TRANSLATE_NOOP("Forecast", "is answered from the first call, does nothing"),
    Foretold.HARMLESS: QT_TRANSLATE_NOOP("Forecast", "runs again and changes nothing outside"),
}
_GRAVE = frozenset({Foretold.COLLIDES, Foretold.REPEATS, Foretold.UNSETTLED, Foretold.UNKNOWN})


class ForecastCard(MessageCard):
    """Hidden where there is nothing to say: a cancel, or a plan without effects and without a patch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("info-card", "batch.forecast", parent)
        self.hide()

    def show_plan(self, plan: BatchPlan) -> None:
        """Show what a plan foretells."""
        patch = self._patch_text(plan)
        effects = "" if plan.order.action is BatchAction.CANCEL else self._effects_text(plan.side_effects)
        details = "\n".join(map(_line, plan.side_effects or ()))
        self.say(effects or patch, patch if effects else "", details)
        self.setVisible(bool(effects or patch))

    def _patch_text(self, plan: BatchPlan) -> str:
        if not plan.order.patch:
            return ""
        return self.tr("In every input: {changes}").format(changes=", ".join(shown_patch(plan.order.patch)))

    def _effects_text(self, effects: tuple[SideEffect, ...] | None) -> str:
        if effects is None:
            return ""
        grave = [effect for effect in effects if effect.foretold in _GRAVE]
        if not grave:
            return self.tr("Nothing that these runs did would take effect a second time.")
        calls = sum(effect.calls for effect in grave)
        names = ", ".join(dict.fromkeys(effect.action_id for effect in grave[:4]))
        return self.tr("%Ln call(s) may take effect a second time: {actions}", "", calls).format(actions=names)


def _line(effect: SideEffect) -> str:
    locale, word = QLocale(), translate("Forecast", _WORDS.get(effect.foretold, effect.foretold))
    text = translate("Forecast", "{action}: {calls} calls in {runs} runs, {what}")
    return text.format(
        action=effect.action_id, calls=locale.toString(effect.calls), runs=locale.toString(effect.runs), what=word
    )
