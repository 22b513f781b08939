"""The German of titles and advice of a diagnosis; the window says the same (tests/domain/report)."""

from __future__ import annotations

GERMAN_CAUSES: dict[str, str] = {
    "A step failed and the run has not closed; the failure may still be handled.": (
        "Ein Schritt ist fehlgeschlagen, und der Lauf ist nicht beendet; der Fehler kann noch behandelt werden."
    ),
    "A worker has had this run's workflow task for over a minute and does not finish it.": (
        "Ein Worker hat den Workflow-Task dieses Laufs seit über einer Minute und wird damit nicht fertig."
    ),
    "Action {action} failed (attempts: {attempts}); the next one is due at {due}.": (
        "Die Aktion {action} ist fehlgeschlagen (Versuche: {attempts}); nächster Versuch: {due}."
    ),
    "Activity {activity} failed; Temporal tries attempt {attempt} at {due}.": (
        "Die Aktivität {activity} ist fehlgeschlagen; Versuch {attempt} von Temporal: {due}."
    ),
    "Activity {activity} has waited {seconds} for a worker.": (
        "Die Aktivität {activity} wartet seit {seconds} auf einen Worker."
    ),
    "Bring Temporal back or correct the connection. Rundesk keeps asking.": (
        "Bringen Sie Temporal zurück oder berichtigen Sie die Verbindung. Rundesk fragt weiter."
    ),
    "Bring the database back or correct the connection. Rundesk keeps asking.": (
        "Bringen Sie die Datenbank zurück oder berichtigen Sie die Verbindung. Rundesk fragt weiter."
    ),
    "Canceled outside of the product; the row was never told.": (
        "Außerhalb des Produkts abgebrochen; die Zeile hat es nie erfahren."
    ),
    "Compare the event's key and name with what the run waits for.": (
        "Vergleichen Sie Schlüssel und Namen des Ereignisses mit dem, worauf der Lauf wartet."
    ),
    "Complete the launch (same run id, safe to repeat) or mark it failed and launch it again. A child run is its "
    "parent's to start: look there.": (
        "Schließen Sie den Start ab (gleiche Lauf-ID, gefahrlos wiederholbar) oder kennzeichnen Sie ihn als "
        "gescheitert und starten Sie neu. Einen untergeordneten Lauf startet sein übergeordneter: Sehen Sie dort "
        "nach."
    ),
    "Complete the launch, so that the row follows the execution.": (
        "Schließen Sie den Start ab, damit die Zeile der Ausführung folgt."
    ),
    "Deliver the event to this run where that is offered. Else cancel the run and replay it: the reference "
    "worker fails a run whose wait without a timeout gets its event.": (
        "Stellen Sie das Ereignis diesem Lauf zu, wo das angeboten wird. Sonst brechen Sie ihn ab und starten "
        "Sie ein Replay: Beim Referenz-Worker scheitert ein Lauf, der ohne Frist wartet, an seinem Ereignis."
    ),
    "Event {event} arrived {seconds} before this wait opened; it is not delivered again.": (
        "Das Ereignis {event} kam {seconds} vor Beginn dieses Wartens an; es wird nicht noch einmal zugestellt."
    ),
    "Event {event} arrived, but the wait's filter {filter} refused it.": (
        "Das Ereignis {event} kam an, aber der Filter {filter} des Wartezustands wies es ab."
    ),
    "Event {event} was recorded {seconds} after the wait opened, but never reached the run.": (
        "Das Ereignis {event} wurde {seconds} nach Beginn des Wartens festgehalten, erreichte den Lauf aber nie."
    ),
    "Finalize it as canceled, then replay it if it matters.": (
        "Schließen Sie ihn als abgebrochen ab und starten Sie ein Replay, wenn er wichtig ist."
    ),
    "Have the wait answered before then, or plan a replay.": (
        "Lassen Sie das Warten vorher beantworten oder planen Sie ein Replay."
    ),
    "It goes on when the period ends or the plan's limit is raised.": (
        "Er geht weiter, wenn der Zeitraum endet oder die Grenze des Tarifs angehoben wird."
    ),
    "Its definition was changed after the launch, so the engine refused to load it.": (
        "Seine Definition wurde nach dem Start geändert, daher hat die Engine sie nicht geladen."
    ),
    "Its execution ends at {ends}, before the time the wait is due.": (
        "Seine Ausführung endet ({ends}), bevor das Warten fällig ist."
    ),
    "Its execution ends at {ends}, whether or not the wait has been answered.": (
        "Seine Ausführung endet ({ends}), ob das Warten beantwortet ist oder nicht."
    ),
    "Its task is not open any more, so nobody can answer it.": (
        "Seine Aufgabe ist nicht mehr offen, daher kann niemand sie beantworten."
    ),
    "Leave it alone: it runs.": "Lassen Sie ihn in Ruhe: Er läuft.",
    "Left behind by an engine that was removed; nothing will execute it.": (
        "Von einer entfernten Engine zurückgelassen; nichts wird ihn ausführen."
    ),
    "Look at the child run.": "Sehen Sie sich den untergeordneten Lauf an.",
    "Look at the worker's log: it has the run, but cannot load it or write its first step.": (
        "Sehen Sie in das Protokoll des Workers: Er hat den Lauf, kann ihn aber nicht laden oder den ersten "
        "Schritt nicht schreiben."
    ),
    "Look at the worker: it may wait for the database or be overloaded.": (
        "Sehen Sie nach dem Worker: Vielleicht wartet er auf die Datenbank oder ist überlastet."
    ),
    "No worker has taken it yet; whether one still polls cannot be told yet.": (
        "Noch kein Worker hat ihn übernommen; ob noch einer abfragt, lässt sich noch nicht sagen."
    ),
    "No worker polls task queue {queue}.": "Kein Worker fragt die Task Queue {queue} ab.",
    "No worker polls {queue} for activities.": "Kein Worker fragt {queue} nach Aktivitäten ab.",
    "Nothing can be verified: Postgres does not answer.": "Nichts lässt sich prüfen: Postgres antwortet nicht.",
    "Nothing executes this run any more. Check that this connection uses the product's namespace, then replay "
    "the run if it matters.": (
        "Nichts führt diesen Lauf mehr aus. Prüfen Sie, ob diese Verbindung den Namespace des Produkts "
        "verwendet, und starten Sie ein Replay, wenn der Lauf wichtig ist."
    ),
    "Nothing executes this run any more. Take over the execution's end, then replay the run if it matters.": (
        "Nichts führt diesen Lauf mehr aus. Übernehmen Sie das Ende der Ausführung und starten Sie ein Replay, "
        "wenn der Lauf wichtig ist."
    ),
    "Nothing that matches has arrived, but event {event} came with a key or name spelled otherwise.": (
        "Nichts Passendes kam an, aber das Ereignis {event} kam mit anders geschriebenem Schlüssel oder Namen."
    ),
    "Paused by the step quota, although there is quota again.": (
        "Wegen des Schrittkontingents pausiert, obwohl es wieder Kontingent gibt."
    ),
    "Paused: the tenant's step quota is used up.": "Pausiert: Das Schrittkontingent des Mandanten ist verbraucht.",
    "Recorded as failed at launch, but Temporal had accepted the start and executes it.": (
        "Als beim Start gescheitert festgehalten, aber Temporal hatte den Start angenommen und führt ihn aus."
    ),
    "Release the human task with the person's answer.": (
        "Geben Sie die Benutzeraufgabe mit der Antwort der Person frei."
    ),
    "Resume it.": "Setzen Sie ihn fort.",
    "Send the resume again; that is harmless.": "Senden Sie das Fortsetzen noch einmal; das schadet nicht.",
    "Start a worker that executes activities on {queue}; the run goes on by itself.": (
        "Starten Sie einen Worker, der Aktivitäten auf {queue} ausführt; der Lauf geht von selbst weiter."
    ),
    "Start a worker that polls {queue}, or cancel this run and replay it: a replay starts on {contract_queue}.": (
        "Starten Sie einen Worker, der {queue} abfragt, oder brechen Sie den Lauf ab und starten Sie ein Replay: "
        "Es beginnt auf {contract_queue}."
    ),
    "Start the workflow worker (or `rundesk worker`) on task queue {queue}; the run goes on by itself.": (
        "Starten Sie den Workflow-Worker (oder `rundesk worker`) auf der Task Queue {queue}; der Lauf geht von "
        "selbst weiter."
    ),
    "Started on task queue {queue}, not on {contract_queue}.": (
        "Auf der Task Queue {queue} gestartet, nicht auf {contract_queue}."
    ),
    "Temporal does not know its execution any more; if it closed back then, retention has deleted it.": (
        "Temporal kennt seine Ausführung nicht mehr; falls sie damals endete, wurde sie nach der "
        "Aufbewahrungsfrist gelöscht."
    ),
    "Temporal does not know its execution, although retention would have kept it.": (
        "Temporal kennt seine Ausführung nicht, obwohl sie noch aufbewahrt sein müsste."
    ),
    "Temporal does not know its execution, nor any other of the product's in this namespace.": (
        "Temporal kennt seine Ausführung nicht und in diesem Namespace auch keine andere des Produkts."
    ),
    "Temporal gives it up at {until}. A cancel does not undo what the action has already done.": (
        "Temporal gibt sie auf ({until}). Ein Abbruch macht nicht rückgängig, was die Aktion schon getan hat."
    ),
    "Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.": (
        "Temporal versucht es weiter. Mit einem Worker, der diesen Lauf ausführen kann, geht er von selbst "
        "weiter; sonst brechen Sie ihn ab."
    ),
    "Temporal tries again by itself.": "Temporal versucht es von selbst wieder.",
    "Terminated in Temporal; the row was never told.": "In Temporal terminiert; die Zeile hat es nie erfahren.",
    "The engine could not load the run's definition; the row was never told.": (
        "Die Engine konnte die Definition des Laufs nicht laden; die Zeile hat es nie erfahren."
    ),
    "The engine could not write a step's start and gave the run up.": (
        "Die Engine konnte den Beginn eines Schritts nicht schreiben und gab den Lauf auf."
    ),
    "The execution completed; the row was never told.": (
        "Die Ausführung wurde abgeschlossen; die Zeile hat es nie erfahren."
    ),
    "The execution failed; the row was never told.": (
        "Die Ausführung ist fehlgeschlagen; die Zeile hat es nie erfahren."
    ),
    "The execution is open, but no step has started.": "Die Ausführung ist offen, aber kein Schritt hat begonnen.",
    "The execution reached its time limit; the row was never told.": (
        "Die Ausführung hat ihr Zeitlimit erreicht; die Zeile hat es nie erfahren."
    ),
    "The launch never reached Temporal.": "Der Start hat Temporal nie erreicht.",
    "The quota pause was lifted in the database, but the signal never reached the run.": (
        "Die Kontingentpause wurde in der Datenbank aufgehoben, aber das Signal hat den Lauf nie erreicht."
    ),
    "The row names no Temporal engine, yet Temporal executes it.": (
        "Die Zeile nennt nicht Temporal als Engine, doch Temporal führt den Lauf aus."
    ),
    "The row says {status}, but the execution is still open.": (
        "Die Zeile sagt „{status}“, aber die Ausführung ist noch offen."
    ),
    "The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.": (
        "Der Lauf versucht es von selbst wieder. Beheben Sie vor dem nächsten Versuch, was die Aktion aufruft, "
        "oder brechen Sie den Lauf ab."
    ),
    "The run waits for another event. If this one should have counted, deliver it corrected where that is "
    "offered, or cancel the run and replay it.": (
        "Der Lauf wartet auf ein anderes Ereignis. Sollte dieses gelten, stellen Sie es berichtigt zu, wo das "
        "angeboten wird, oder brechen Sie den Lauf ab und starten Sie ein Replay."
    ),
    "The task was completed, but the run was never told.": (
        "Die Aufgabe wurde erledigt, aber der Lauf hat es nie erfahren."
    ),
    "The time it waits for passed at {due}, and the run has not gone on.": (
        "Der erwartete Zeitpunkt {due} ist vorbei, und der Lauf ist nicht weitergegangen."
    ),
    "The timer should have fired. Look at the worker and the workflow task.": (
        "Der Timer hätte auslösen müssen. Sehen Sie nach dem Worker und dem Workflow-Task."
    ),
    "The wait timed out at {due}, and the run has not gone on.": (
        "Die Wartezeit ist abgelaufen ({due}), und der Lauf ist nicht weitergegangen."
    ),
    "The worker fails this run's workflow task; attempt {attempt} is pending.": (
        "Der Worker scheitert am Workflow-Task dieses Laufs; Versuch {attempt} steht an."
    ),
    "The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.": (
        "Die Worker sind ausgelastet oder können diese Aufgabe nicht übernehmen. Starten Sie weitere Worker oder "
        "warten Sie, bis der Rückstau abgebaut ist."
    ),
    "Wait for the run's own error handling; do not count it as failed yet.": (
        "Warten Sie auf die Fehlerbehandlung des Laufs selbst; er zählt noch nicht als fehlgeschlagen."
    ),
    "Waiting for event {event}; nothing that matches has arrived.": (
        "Wartet auf das Ereignis {event}; nichts Passendes ist angekommen."
    ),
    "Waits for an event without a correlation key: no recorded event can ever match it.": (
        "Wartet auf ein Ereignis ohne Korrelationsschlüssel: Kein festgehaltenes Ereignis kann je passen."
    ),
    "Waits for child run {child}, which is in trouble itself.": (
        "Wartet auf den untergeordneten Lauf {child}, der selbst ein Problem hat."
    ),
    "Waits for child run {child}.": "Wartet auf den untergeordneten Lauf {child}.",
    "What the execution still does takes effect. If it should not, cancel it in Temporal.": (
        "Was die Ausführung noch tut, wirkt. Soll es das nicht, brechen Sie sie in Temporal ab."
    ),
    "Whether a worker polls cannot be verified: Temporal does not describe the queue.": (
        "Ob ein Worker abfragt, lässt sich nicht prüfen: Temporal gibt über die Queue keine Auskunft."
    ),
    "Why it does not go on cannot be verified: Temporal does not answer.": (
        "Warum er nicht weitergeht, lässt sich nicht prüfen: Temporal antwortet nicht."
    ),
    "Workers poll {queue}, but the run has waited {seconds} for one.": (
        "Worker fragen {queue} ab, aber der Lauf wartet seit {seconds} auf einen."
    ),
    "{action} has been in flight for {seconds} of at most {limit}.": (
        "{action} läuft seit {seconds}, erlaubt sind {limit}."
    ),
}
