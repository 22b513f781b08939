"""What would happen twice, in words: one line per action, the gravest first."""

from __future__ import annotations

from collections import Counter

from app.desktop.dialog.badge import Tone
from app.desktop.replay.panel_section import Line, SectionContent
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.side_effects import Foretold, ForetoldAction, SideEffectForecast

_MAX_ACTIONS = 20
_OUTCOMES: dict[Foretold, str] = {
    Foretold.COLLIDES: QT_TRANSLATE_NOOP("Forecast", "Collides: its own key is taken by a call that did not succeed"),
    Foretold.REPEATS: QT_TRANSLATE_NOOP("Forecast", "Takes effect again"),
    Foretold.UNSETTLED: QT_TRANSLATE_NOOP("Forecast", "Its first call never ended: it may take effect again"),
    Foretold.UNKNOWN: QT_TRANSLATE_NOOP("Forecast", "Runs again; what that does is not known"),
    Foretold.CACHED: QT_TRANSLATE_NOOP("Forecast", "Does nothing: its own key is answered with the first result"),
    Foretold.HARMLESS: QT_TRANSLATE_NOOP("Forecast", "Runs again, without effect outside"),
}
_NOTES: dict[str, str] = {
    note: note
    for note in (
        QT_TRANSLATE_NOOP("Forecast", "Sends the e-mail again"),
        QT_TRANSLATE_NOOP("Forecast", "Notifies again"),
        QT_TRANSLATE_NOOP("Forecast", "Asks the model again, which is billed again and may answer differently"),
        QT_TRANSLATE_NOOP("Forecast", "Adds the comment again"),
        QT_TRANSLATE_NOOP("Forecast", "Only computes"),
        QT_TRANSLATE_NOOP("Forecast", "Only reads"),
        QT_TRANSLATE_NOOP("Forecast", "Overwrites what was stored since"),
        QT_TRANSLATE_NOOP("Forecast", "Fails where the value has changed since, else overwrites it"),
        QT_TRANSLATE_NOOP("Forecast", "Deletes what was stored since"),
        QT_TRANSLATE_NOOP("Forecast", "Does nothing outside the sandbox"),
    )
}
"""The notes of the shipped list of actions."""
_TONES = {Foretold.COLLIDES: Tone.TROUBLE, Foretold.REPEATS: Tone.WARNING, Foretold.UNSETTLED: Tone.WARNING}


def forecast_content(forecast: SideEffectForecast) -> SectionContent:
    """Return the section of a forecast; harmless actions are counted, the others are named."""
    telling = [action for action in forecast.actions if action.foretold is not Foretold.HARMLESS]
    lines = [_line(action) for action in telling[:_MAX_ACTIONS]]
    if len(telling) > _MAX_ACTIONS:
        more = translate("Forecast", "and {count} more").format(count=len(telling) - _MAX_ACTIONS)
        lines.append(Line(more, role="secondary"))
    harmless = forecast.count(Foretold.HARMLESS)
    if harmless:
        text = translate("Forecast", "Without effect outside: {actions}").format(actions=_names(forecast))
        lines.append(Line(text, role="secondary"))
    if not lines:
        lines.append(Line(translate("Forecast", "This run called no action."), role="secondary"))
    return SectionContent(*_badge(forecast), tuple(lines))


def _badge(forecast: SideEffectForecast) -> tuple[str, Tone]:
    words = {
        Foretold.COLLIDES: translate("Forecast", "{count} collide"),
        Foretold.REPEATS: translate("Forecast", "{count} again"),
        Foretold.UNSETTLED: translate("Forecast", "{count} unsettled"),
        Foretold.UNKNOWN: translate("Forecast", "{count} not known"),
    }
    totals = forecast.totals
    gravest = next((word for word in words if word in totals), None)
    if gravest is None:
        return translate("Forecast", "Nothing"), Tone.QUIET
    return words[gravest].format(count=totals[gravest]), _TONES.get(gravest, Tone.WARNING)


def _line(action: ForetoldAction) -> Line:
    use = action.use
    text = use.action_id if use.count == 1 else f"{use.action_id} \u00d7 {use.count}"
    told = [translate("Forecast", _OUTCOMES[action.foretold])]
    if action.note and action.foretold is Foretold.REPEATS:
        told = [translate("Forecast", _NOTES.get(action.note, action.note))]
    if use.in_child:
        told.append(translate("Forecast", "in a child run"))
    role = "trouble" if action.foretold is Foretold.COLLIDES else "strong" if action.foretold in _TONES else ""
    return Line(text, ", ".join(told), role=role, tip=f"{use.action_id} v{use.action_version}\n{use.step_path}")


def _names(forecast: SideEffectForecast) -> str:
    counted: Counter[str] = Counter()
    for action in forecast.actions:
        if action.foretold is Foretold.HARMLESS:
            counted[action.use.action_id] += action.use.count
    return ", ".join(name if count == 1 else f"{name} \u00d7 {count}" for name, count in sorted(counted.items()))
