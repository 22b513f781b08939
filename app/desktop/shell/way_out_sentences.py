"""The operator's sentences for the ways out: repairs and the end of a quota pause.

A part of :data:`app.desktop.shell.error_sentences.SENTENCES`, by the same rules.
"""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP

WAY_OUT_SENTENCES: dict[str, str] = {
    "quota.changed": QT_TRANSLATE_NOOP(
        "Errors", "The run changed while it was being resumed. Nothing was written; look at it again."
    ),
    "quota.closed": QT_TRANSLATE_NOOP(
        "Errors",
        "The execution has already ended ({status}), so nothing can be resumed. Nothing was written.",
    ),
    "quota.ended": QT_TRANSLATE_NOOP("Errors", "The execution ended before the signal reached it."),
    "quota.exhausted": QT_TRANSLATE_NOOP(
        "Errors",
        "The quota is still exhausted: {used} of {limit} steps are used. Nothing was written. "
        "Raise the limit or wait for the next period.",
    ),
    "quota.legacy": QT_TRANSLATE_NOOP("Errors", "No engine executes this run any more, so there is nothing to resume."),
    "quota.no_execution": QT_TRANSLATE_NOOP(
        "Errors", "Temporal knows no execution of this run, so nothing can be resumed or was written."
    ),
    "quota.no_wait": QT_TRANSLATE_NOOP("Errors", "The run has no open quota wait. Nothing was written."),
    "quota.not_paused": QT_TRANSLATE_NOOP("Errors", "The execution does not pause on the quota. Nothing was sent."),
    "quota.not_waiting": QT_TRANSLATE_NOOP(
        "Errors", "The run does not pause on the quota ({status}). Nothing was written."
    ),
    "quota.paused_again": QT_TRANSLATE_NOOP(
        "Errors", "The run was resumed and met the quota again: it pauses once more."
    ),
    "quota.resumed": QT_TRANSLATE_NOOP("Errors", "The run has left its pause."),
    "quota.stale": QT_TRANSLATE_NOOP(
        "Errors",
        "The quota wait belongs to {wait_path}, but the run is at {node_path}: the wait is stale. Nothing was written.",
    ),
    "quota.unanswered": QT_TRANSLATE_NOOP(
        "Errors",
        "The rows say that this run was resumed, and no worker answers whether its execution still pauses. "
        "Start a worker, then send the resume again. Nothing was sent.",
    ),
    "quota.unobserved": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal holds the signal, but no worker has taken it yet. A worker that starts goes on with the run; "
        "sending the resume again is safe.",
    ),
    "repair.changed": QT_TRANSLATE_NOOP(
        "Errors", "The run changed while it was being repaired. Nothing was written; look at it again."
    ),
    "repair.child_run": QT_TRANSLATE_NOOP(
        "Errors", "This is a child run: its parent {parent} starts it and waits for it. Repair the parent."
    ),
    "repair.delivered": QT_TRANSLATE_NOOP("Errors", "The run took the event and goes on."),
    "repair.done_before": QT_TRANSLATE_NOOP(
        "Errors", "This repair was made before by the same request. Nothing was changed."
    ),
    "repair.event_fails_run": QT_TRANSLATE_NOOP(
        "Errors",
        "This wait has no timeout and is the reference worker's, in which an arriving event fails such a wait "
        "(fault F1): the event would end the run. Nothing was sent. Cancel the run and replay it instead.",
    ),
    "repair.event_mismatch": QT_TRANSLATE_NOOP(
        "Errors",
        "The run waits for {event_name} with another name or key than the recorded event has. Nothing was sent.",
    ),
    "repair.event_untaken": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal holds the event, but the wait is still open: no worker took it, or its filters reject it.",
    ),
    "repair.execution_exists": QT_TRANSLATE_NOOP(
        "Errors", "Temporal has an execution of this run ({execution}). Nothing was written."
    ),
    "repair.execution_open": QT_TRANSLATE_NOOP(
        "Errors",
        "The execution is still open: what it writes next would contradict the repair. Nothing was written.",
    ),
    "repair.form": QT_TRANSLATE_NOOP(
        "Errors",
        "The response does not fit the task's form: {places}. The worker would end the task over it, so nothing was "
        "sent.",
    ),
    "repair.had_execution": QT_TRANSLATE_NOOP(
        "Errors",
        "The row holds the id of an execution that Temporal no longer knows: it ran once, and its retention has "
        "passed or it lives in another namespace. Starting it again could do everything twice. Nothing was done.",
    ),
    "repair.has_steps": QT_TRANSLATE_NOOP(
        "Errors", "The run has begun steps or waits, so its execution did start once. Nothing was written."
    ),
    "repair.reopened": QT_TRANSLATE_NOOP("Errors", "The execution was running; the row says so again."),
    "repair.ids_stored": QT_TRANSLATE_NOOP("Errors", "The execution existed already; its ids are stored."),
    "repair.launch_failed": QT_TRANSLATE_NOOP("Errors", "The run is marked as a failed launch."),
    "repair.launched": QT_TRANSLATE_NOOP("Errors", "The execution is started under the same run id."),
    "repair.legacy": QT_TRANSLATE_NOOP(
        "Errors",
        "This row is not Temporal's: its engine was removed. Finalize it with the stranded runs instead. "
        "Nothing was written.",
    ),
    "stranded.unused_namespace": QT_TRANSLATE_NOOP(
        "Errors",
        "This Temporal namespace holds no execution of AlgaPSA's workflows, so that it does not know these runs proves "
        "nothing. Nothing was written. Check the connection's address and namespace.",
    ),
    "repair.mode_off": QT_TRANSLATE_NOOP(
        "Errors",
        "This repair writes what only the engine else writes, and the repair mode is off. Nothing was written. "
        "Switch it on for this connection.",
    ),
    "repair.no_end": QT_TRANSLATE_NOOP(
        "Errors", "Temporal does not show how the execution ended. Nothing was written; try again."
    ),
    "repair.no_event_wait": QT_TRANSLATE_NOOP("Errors", "The run has no such open event wait. Nothing was sent."),
    "repair.no_execution": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal knows no execution of this run, so there is no outcome to take over. Nothing was written.",
    ),
    "repair.no_form": QT_TRANSLATE_NOOP(
        "Errors",
        "The task offers no form that the response can be checked against, and the worker would end the task over "
        "it. Nothing was sent. Only an override can release it.",
    ),
    "repair.no_response": QT_TRANSLATE_NOOP("Errors", "Give the response: a JSON object that answers the task's form."),
    "repair.no_task": QT_TRANSLATE_NOOP("Errors", "The run waits for no person. Nothing was sent."),
    "repair.not_executing": QT_TRANSLATE_NOOP(
        "Errors", "No open execution of this run can take a message ({execution}). Nothing was sent."
    ),
    "repair.not_running": QT_TRANSLATE_NOOP(
        "Errors", "The row does not say RUNNING ({status}): it is no launch that waits. Nothing was written."
    ),
    "repair.payload_object": QT_TRANSLATE_NOOP("Errors", "The payload must be a JSON object. Nothing was sent."),
    "repair.payload_text": QT_TRANSLATE_NOOP(
        "Errors", "The payload is not JSON (line {line}, column {column}). Nothing was sent."
    ),
    "repair.plan_changed": QT_TRANSLATE_NOOP(
        "Errors",
        "What the repair would write has changed since it was shown. Nothing was written; look at it again.",
    ),
    "repair.projected": QT_TRANSLATE_NOOP("Errors", "The run now says what its execution came to."),
    "repair.released": QT_TRANSLATE_NOOP("Errors", "The run took the response and goes on."),
    "repair.response_object": QT_TRANSLATE_NOOP("Errors", "The response must be a JSON object. Nothing was sent."),
    "repair.response_rejected": QT_TRANSLATE_NOOP(
        "Errors", "The worker rejected the response and ended the task; the run follows its error handling."
    ),
    "repair.response_text": QT_TRANSLATE_NOOP(
        "Errors", "The response is not JSON (line {line}, column {column}). Nothing was sent."
    ),
    "repair.row_closed": QT_TRANSLATE_NOOP("Errors", "The row has already ended ({status}). Nothing was written."),
    "repair.several_waits": QT_TRANSLATE_NOOP(
        "Errors", "The run has {count} open event waits. Name one. Nothing was sent."
    ),
    "repair.stale_wait": QT_TRANSLATE_NOOP(
        "Errors",
        "The execution does not wait at {step_path} any more: the wait row is stale. Nothing was sent.",
    ),
    "repair.start_refused": QT_TRANSLATE_NOOP(
        "Errors", "Temporal refused the start. Nothing was started or written; the launch can be failed."
    ),
    "repair.too_young": QT_TRANSLATE_NOOP(
        "Errors",
        "The run was launched {seconds} s ago, so its start may still be under way. Wait until it is {needed} s old. "
        "Nothing was written.",
    ),
    "repair.unconfirmed": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal did not say whether the execution started. Send the repair again: it starts once.",
    ),
    "repair.unobserved": QT_TRANSLATE_NOOP(
        "Errors", "Temporal holds the response, but no worker has taken it yet. A worker that starts goes on."
    ),
}
