"""The German of the known faults of the engine; the window says the same (tests/domain/report)."""

from __future__ import annotations

GERMAN_FAULTS: dict[str, str] = {
    "A cancel leaves steps, tasks and children open.": (
        "Ein Abbruch lässt Schritte, Aufgaben und untergeordnete Läufe offen."
    ),
    "A failing load or step start strands the row.": (
        "Scheitert das Laden oder der Beginn eines Schritts, bleibt die Zeile stehen."
    ),
    "A handled action failure leaves no trace in the step.": (
        "Ein behandelter Fehler einer Aktion hinterlässt im Schritt keine Spur."
    ),
    "A launch is not atomic.": "Ein Start ist nicht unteilbar.",
    "A list with one element is not a list.": "Eine Liste mit einem Eintrag ist keine Liste.",
    "A quota resume cannot be repeated by the product.": (
        "Das Produkt kann das Fortsetzen nach einer Kontingentpause nicht wiederholen."
    ),
    "A retried action collides with its own first attempt.": (
        "Eine wiederholte Aktion kollidiert mit ihrem eigenen ersten Versuch."
    ),
    "A stale wait poisons its event.": "Ein veralteter Wartezustand vergiftet sein Ereignis.",
    "A step is green although its action failed.": "Ein Schritt ist grün, obwohl seine Aktion fehlgeschlagen ist.",
    'A step that succeeded was marked FAILED with "Workflow continued as new"; nothing is wrong with it.': (
        "Ein erfolgreicher Schritt wurde mit „Workflow continued as new“ als FAILED gekennzeichnet; ihm fehlt nichts."
    ),
    "A wait without a key is unreachable.": "Ein Wartezustand ohne Schlüssel ist unerreichbar.",
    "An activity in flight survives the cancel.": "Eine laufende Aktivität überlebt den Abbruch.",
    'An error text with "canceled" counts as a cancellation.': "Ein Fehlertext mit „canceled“ gilt als Abbruch.",
    "An event wait without a timeout fails when its event arrives.": (
        "Ein Warten auf ein Ereignis ohne Frist scheitert, wenn das Ereignis eintrifft."
    ),
    "An expression was refused because the worker was slow at that moment.": (
        "Ein Ausdruck wurde abgewiesen, weil der Worker gerade langsam war."
    ),
    "An invalid response ends the task.": "Eine ungültige Antwort beendet die Aufgabe.",
    "Believe the execution's outcome. Do not replay what has succeeded.": (
        "Glauben Sie dem Ergebnis der Ausführung. Starten Sie kein Replay von etwas, das erfolgreich war."
    ),
    "Cancel, terminate and timeout leave the rows untouched.": (
        "Abbruch, Terminierung und Zeitüberschreitung lassen die Zeilen unberührt."
    ),
    "Cancelling a finished run rewrites it.": "Der Abbruch eines beendeten Laufs überschreibt ihn.",
    "Child runs lack their Temporal ids.": "Untergeordneten Läufen fehlen ihre IDs von Temporal.",
    "Close the tasks by hand and look at the child runs.": (
        "Schließen Sie die Aufgaben von Hand und sehen Sie sich die untergeordneten Läufe an."
    ),
    "Complete the launch, or mark it FAILED.": "Schließen Sie den Start ab oder kennzeichnen Sie ihn als FAILED.",
    "Deliver the event to this run where that is offered. Without a timeout that would fail the run (F1): cancel it "
    "and replay it instead.": (
        "Stellen Sie das Ereignis diesem Lauf zu, wo das angeboten wird. Ohne Zeitlimit ließe es den Lauf scheitern "
        "(F1): Brechen Sie ihn dann ab und wiederholen Sie ihn."
    ),
    "Every further attempt failed on a duplicate key; the first attempt has the true error.": (
        "Jeder weitere Versuch scheiterte an einem doppelten Schlüssel; der erste Versuch hat den wahren Fehler."
    ),
    "Failure texts are generic.": "Fehlertexte sind nichtssagend.",
    "Give the wait a timeout in the definition. Do not deliver the event to this run; replay it with a corrected "
    "version instead.": (
        "Geben Sie dem Warten in der Definition eine Frist. Stellen Sie diesem Lauf das Ereignis nicht zu; "
        "starten Sie ein Replay mit berichtigter Version."
    ),
    "Have the definition build the list explicitly, then replay.": (
        "Lassen Sie die Definition die Liste ausdrücklich bilden und starten Sie ein Replay."
    ),
    "Judge the run by its execution and its steps.": (
        "Beurteilen Sie den Lauf nach seiner Ausführung und seinen Schritten."
    ),
    "Long waits end at 30 days without a trace.": "Langes Warten endet nach 30 Tagen ohne Spur.",
    "Look at the last invocation before you replay: it may have done its work.": (
        "Sehen Sie sich vor einem Replay den letzten Aufruf an: Vielleicht hat er seine Arbeit getan."
    ),
    "No recorded event can ever match this wait.": (
        "Kein festgehaltenes Ereignis kann je zu diesem Wartezustand passen."
    ),
    "Nobody cancelled this run: an error's wording made the engine treat it as a cancel.": (
        "Niemand hat diesen Lauf abgebrochen: Der Wortlaut eines Fehlers ließ die Engine ihn als Abbruch behandeln."
    ),
    "Nothing to do.": "Nichts zu tun.",
    "One response that did not fit its form failed the step; the task cannot be answered again.": (
        "Eine Antwort, die nicht zum Formular passte, ließ den Schritt scheitern; die Aufgabe lässt sich nicht "
        "noch einmal beantworten."
    ),
    "Project the close onto the row.": "Übernehmen Sie das Ende der Ausführung in die Zeile.",
    "Project the close, mend what the history's last failure names, then replay.": (
        "Übernehmen Sie das Ende der Ausführung, beheben Sie, was der letzte Fehler im Verlauf nennt, und "
        "starten Sie ein Replay."
    ),
    "Project the close, then replay.": "Übernehmen Sie das Ende der Ausführung und starten Sie ein Replay.",
    "Project the close, which closes the wait.": (
        "Übernehmen Sie das Ende der Ausführung; das schließt den Wartezustand."
    ),
    "Read its error, correct the payload, and replay the source run again.": (
        "Lesen Sie seinen Fehler, berichtigen Sie die Nutzdaten und starten Sie das Replay des Ausgangslaufs neu."
    ),
    "Read the failed invocation at that step and decide whether its work must be done by hand.": (
        "Lesen Sie den fehlgeschlagenen Aufruf bei diesem Schritt und entscheiden Sie, ob seine Arbeit von Hand "
        "zu tun ist."
    ),
    "Read the first invocation's error, mend it, and replay as a new run.": (
        "Lesen Sie den Fehler des ersten Aufrufs, beheben Sie ihn und starten Sie ein Replay als neuen Lauf."
    ),
    "Read the invocation's error, which is shown as the run's error here.": (
        "Lesen Sie den Fehler des Aufrufs, der hier als Fehler des Laufs gezeigt wird."
    ),
    "Read the step's error; change its wording or the step, then replay.": (
        "Lesen Sie den Fehler des Schritts; ändern Sie seinen Wortlaut oder den Schritt und starten Sie ein Replay."
    ),
    "Refused replays leave rows.": "Abgelehnte Replays hinterlassen Zeilen.",
    "Release the human task with the answer.": "Geben Sie die Benutzeraufgabe mit der Antwort frei.",
    "Replay it; it usually succeeds.": "Starten Sie ein Replay; meist gelingt es.",
    "Replay the run.": "Starten Sie ein Replay des Laufs.",
    "Row and execution disagree about whether this run was ever started.": (
        "Zeile und Ausführung sind uneins, ob dieser Lauf je gestartet wurde."
    ),
    "Send the quota resume again; that is harmless.": "Senden Sie das Fortsetzen noch einmal; das schadet nicht.",
    "Something was written after the run had ended; its side effects took place.": (
        "Nach dem Ende des Laufs wurde noch etwas geschrieben; seine Wirkungen sind eingetreten."
    ),
    "Split the workflow into child runs of fewer than 250 steps, then replay.": (
        "Teilen Sie den Workflow in untergeordnete Läufe mit weniger als 250 Schritten und starten Sie ein Replay."
    ),
    "Steps, tasks or child runs of this canceled run still look active.": (
        "Schritte, Aufgaben oder untergeordnete Läufe dieses abgebrochenen Laufs sehen noch aktiv aus."
    ),
    "The 250th step breaks the run.": "Der 250. Schritt beschädigt den Lauf.",
    "The database says resumed, the workflow still sleeps.": (
        "Die Datenbank sagt „fortgesetzt“, der Workflow schläft noch."
    ),
    "The execution has ended; the row, its step and its waits still look active.": (
        "Die Ausführung ist beendet; die Zeile, ihr Schritt und ihre Wartezustände sehen noch aktiv aus."
    ),
    "The execution has failed before or between steps, and the row was never told.": (
        "Die Ausführung ist vor oder zwischen Schritten gescheitert, und die Zeile hat es nie erfahren."
    ),
    "The execution reached its 30 days while it waited.": "Die Ausführung hat beim Warten ihre 30 Tage erreicht.",
    "The expression time limit is a wall clock.": "Das Zeitlimit für Ausdrücke läuft nach der Wanduhr.",
    "The loop failed because its list had exactly one element.": (
        "Die Schleife ist gescheitert, weil ihre Liste genau einen Eintrag hatte."
    ),
    "The person has answered, and the run waits on.": "Die Person hat geantwortet, und der Lauf wartet weiter.",
    "The row has no link to its execution; the workflow id is derived from the run id.": (
        "Die Zeile verweist nicht auf ihre Ausführung; die Workflow-ID wird aus der Lauf-ID abgeleitet."
    ),
    "The row says CANCELED; the execution had really ended by itself.": (
        "Die Zeile sagt CANCELED; in Wahrheit war die Ausführung von selbst beendet."
    ),
    "The row's status or error is not final: a failure that is handled was written as if it were the run's.": (
        "Status oder Fehler der Zeile ist nicht endgültig: Ein behandelter Fehler wurde geschrieben, als wäre er "
        "der des Laufs."
    ),
    "The run row flickers and keeps stale fields.": "Die Zeile des Laufs flackert und behält veraltete Felder.",
    "The run's own error says only that an activity failed.": (
        "Der Fehler des Laufs selbst sagt nur, dass eine Aktivität fehlgeschlagen ist."
    ),
    "The task inbox does not release the run.": "Der Aufgabeneingang gibt den Lauf nicht frei.",
    "This run cannot receive events any more, yet its open wait makes their delivery to others fail.": (
        "Dieser Lauf kann keine Ereignisse mehr empfangen, doch sein offener Wartezustand lässt ihre Zustellung "
        "an andere scheitern."
    ),
    "This run never began: it is what a refused replay left behind.": (
        "Dieser Lauf hat nie begonnen: Ein abgelehntes Replay hat ihn zurückgelassen."
    ),
    "When the awaited event comes, this run fails with a timeout that nobody configured, or has done so.": (
        "Trifft das erwartete Ereignis ein, scheitert dieser Lauf an einer Frist, die niemand gesetzt hat, oder "
        "er ist daran schon gescheitert."
    ),
}
