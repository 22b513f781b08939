"""What is said of a comparison."""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.definition_difference import StepChange, StepChangeKind
from app.domain.run_comparison import Aspect, ComparedStep, PairKind, Relation, RunComparison

_ASPECTS: dict[Aspect, str] = {
    Aspect.ACTION: QT_TRANSLATE_NOOP("Compare", "action"),
    Aspect.INPUT: QT_TRANSLATE_NOOP("Compare", "input"),
    Aspect.ATTEMPTS: QT_TRANSLATE_NOOP("Compare", "attempts"),
    Aspect.WAIT: QT_TRANSLATE_NOOP("Compare", "wait"),
    Aspect.STATUS: QT_TRANSLATE_NOOP("Compare", "outcome"),
    Aspect.ERROR: QT_TRANSLATE_NOOP("Compare", "error"),
    Aspect.OUTPUT: QT_TRANSLATE_NOOP("Compare", "output"),
    Aspect.BRANCH: QT_TRANSLATE_NOOP("Compare", "branch"),
    Aspect.DURATION: QT_TRANSLATE_NOOP("Compare", "duration"),
}
_RELATIONS: dict[Relation, str] = {
    Relation.REPLAY: QT_TRANSLATE_NOOP("Compare", "The second run is a replay of the first."),
    Relation.SOURCE: QT_TRANSLATE_NOOP("Compare", "The first run is a replay of the second."),
    Relation.SAME_WORKFLOW: QT_TRANSLATE_NOOP("Compare", "Both are runs of the same workflow."),
    Relation.OTHER_WORKFLOW: QT_TRANSLATE_NOOP(
        "Compare", "The runs are of two workflows: steps are matched by their ids alone."
    ),
}
_CHANGES: dict[StepChangeKind, str] = {
    StepChangeKind.ADDED: QT_TRANSLATE_NOOP("Compare", "only in the second version"),
    StepChangeKind.REMOVED: QT_TRANSLATE_NOOP("Compare", "only in the first version"),
    StepChangeKind.MOVED: QT_TRANSLATE_NOOP("Compare", "moved"),
    StepChangeKind.CHANGED: QT_TRANSLATE_NOOP("Compare", "changed"),
    StepChangeKind.WORKFLOW: QT_TRANSLATE_NOOP("Compare", "the workflow itself"),
}


def step_text(step: ComparedStep) -> str:
    """Return what a step is called, with its pass where it is not the first."""
    side = step.shown
    name = side.step.name or side.step.step_path
    if side.number == 1:
        return name
    return translate("Compare", "{step}, pass {number}").format(step=name, number=side.number)


def aspects_text(step: ComparedStep) -> str:
    """Return in what a step differs."""
    if step.kind is PairKind.ONLY_FIRST:
        return translate("Compare", "only in the first run")
    if step.kind is PairKind.ONLY_SECOND:
        return translate("Compare", "only in the second run")
    return ", ".join(translate("Compare", _ASPECTS[aspect]) for aspect in step.aspects)


def divergence_text(comparison: RunComparison) -> str:
    """Return where the runs part, in one sentence."""
    step = comparison.divergence
    if step is None:
        return translate("Compare", "Both runs went through the same steps, with the same results.")
    if step.kind is PairKind.ONLY_FIRST:
        return translate("Compare", "They part at {step}: only the first run went through it.").format(
            step=step_text(step)
        )
    if step.kind is PairKind.ONLY_SECOND:
        return translate("Compare", "They part at {step}: only the second run went through it.").format(
            step=step_text(step)
        )
    return translate("Compare", "They part at {step}. It differs in: {aspects}.").format(
        step=step_text(step), aspects=aspects_text(step)
    )


def relation_text(comparison: RunComparison) -> str:
    """Return how the runs belong together."""
    return translate("Compare", _RELATIONS[comparison.relation])


def change_text(change: StepChange) -> str:
    """Return what became of a step from one version to the other, on one line."""
    place = change.after_path or change.before_path
    kind = translate("Compare", _CHANGES[change.kind])
    name = change.name or change.step_id
    return " · ".join(part for part in (name, kind, place) if part)
