"""A comparison in English sentences, for the command line."""

from __future__ import annotations

from app.domain.run_comparison import Aspect, ComparedStep, PairKind, RunComparison

_ASPECTS = {
    Aspect.ACTION: "action",
    Aspect.INPUT: "input",
    Aspect.ATTEMPTS: "attempts",
    Aspect.WAIT: "wait",
    Aspect.STATUS: "outcome",
    Aspect.ERROR: "error",
    Aspect.OUTPUT: "output",
    Aspect.BRANCH: "branch",
    Aspect.DURATION: "duration",
}


def step_label(step: ComparedStep) -> str:
    """Return what a step is called, with its pass where it is not the first."""
    side = step.shown
    name = side.step.name or side.step.step_path
    return name if side.number == 1 else f"{name} (pass {side.number})"


def aspect_words(step: ComparedStep) -> str:
    """Return in what a step differs."""
    if step.kind is PairKind.ONLY_FIRST:
        return "only in the first run"
    if step.kind is PairKind.ONLY_SECOND:
        return "only in the second run"
    return ", ".join(_ASPECTS[aspect] for aspect in step.aspects)


def divergence_sentence(comparison: RunComparison) -> str:
    """Return where the runs part."""
    step = comparison.divergence
    if step is None:
        return "none: both went through the same steps with the same results"
    if step.first is None or step.second is None:
        return f"{step_label(step)}: {aspect_words(step)}"
    places = [change.pointer or "/" for change in (*step.input.changes, *step.output.changes) if not change.incidental]
    where = f" at {places[0]}" if places else ""
    return f"{step_label(step)}: {aspect_words(step)} differ{where}"
