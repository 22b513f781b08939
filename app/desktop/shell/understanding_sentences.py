"""The operator's sentences for codes of comparisons, fingerprints and cases."""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP

UNDERSTANDING_SENTENCES: dict[str, str] = {
    "case.damaged": QT_TRANSLATE_NOOP("Errors", "The file {path} cannot be read as a case and was left as it is."),
    "case.file": QT_TRANSLATE_NOOP(
        "Errors", "The case at {path} could not be kept or read: {reason}. What you typed stays in the window."
    ),
    "case.newer": QT_TRANSLATE_NOOP(
        "Errors", "The case {path} was written by a newer Rundesk. It was left as it is; open it with that version."
    ),
    "case.not_found": QT_TRANSLATE_NOOP("Errors", "There is no case at {path}."),
    "case.runs": QT_TRANSLATE_NOOP(
        "Errors",
        "A case holds at most {limit} runs, and this would make {runs}. Open another case for the rest.",
    ),
    "compare.no_success": QT_TRANSLATE_NOOP(
        "Errors", "No run of {workflow} has succeeded yet, so there is none to compare with."
    ),
    "compare.same": QT_TRANSLATE_NOOP(
        "Errors", "A run does not differ from itself. Name another one to compare it with."
    ),
    "compare.tenants": QT_TRANSLATE_NOOP(
        "Errors", "The runs belong to two tenants. Only runs of one tenant can be compared."
    ),
    "compare.version_gone": QT_TRANSLATE_NOOP("Errors", "One of the two versions is no longer stored."),
    "compare.workflows": QT_TRANSLATE_NOOP(
        "Errors", "The runs are of two workflows, whose definitions are not compared."
    ),
    "fingerprints.damaged": QT_TRANSLATE_NOOP(
        "Errors",
        "The notes in {path} cannot be read and were left as they were: damaged, or of a newer Rundesk. Move the file "
        "away to begin anew.",
    ),
    "fingerprints.file": QT_TRANSLATE_NOOP(
        "Errors", "What is known of failures could not be kept or read at {path}: {reason}."
    ),
    "fingerprints.link": QT_TRANSLATE_NOOP(
        "Errors", "A link begins with https:// or http://, names a host, and holds neither a user nor spaces."
    ),
    "fingerprints.window": QT_TRANSLATE_NOOP(
        "Errors", "Failures are looked for within at most {days} days before now."
    ),
}
