"""The German of the facts of a diagnosis; the window says the same (tests/domain/report)."""

from __future__ import annotations

GERMAN_FACTS: dict[str, str] = {
    "A worker took the workflow task": "Ein Worker hat den Workflow-Task übernommen",
    "Activity {activity} failed": "Aktivität {activity} fehlgeschlagen",
    "Activity {activity} failed: {problem}": "Aktivität {activity} fehlgeschlagen: {problem}",
    "Activity {activity} is pending": "Aktivität {activity} steht an",
    "Activity {activity} scheduled, not started": "Aktivität {activity} eingeplant, nicht begonnen",
    "Activity {activity} started": "Aktivität {activity} begonnen",
    "Activity {activity} started on worker {worker}": "Aktivität {activity} begonnen auf Worker {worker}",
    "Attempt {attempt} is due at {due}": "Versuch {attempt} steht an: {due}",
    "Backlog of about {count} workflow tasks": "Rückstau von etwa {count} Workflow-Tasks",
    "Backlog of about {count} workflow tasks, the oldest {age} s old": (
        "Rückstau von etwa {count} Workflow-Tasks, der älteste {age} s alt"
    ),
    "Cancel requested at {requested}": "Abbruch angefordert: {requested}",
    "Child run {child} is active": "Der untergeordnete Lauf {child} ist aktiv",
    "Event {event} recorded as {id}": "Ereignis {event} festgehalten als {id}",
    "Event {event} with key {key} recorded as {id}": "Ereignis {event} mit Schlüssel {key} festgehalten als {id}",
    "FAILED without completed_at": "FAILED ohne completed_at",
    "Invocation of {action} FAILED, attempt {attempt}": "Aufruf von {action} FAILED, Versuch {attempt}",
    "Last access of {kind} pollers of {queue} ({count}): {names}": (
        "Letzte Abfrage von {queue} durch Poller für {kind} ({count}): {names}"
    ),
    "Last failure: {problem}": "Letzter Fehler: {problem}",
    "Last heartbeat": "Letztes Lebenszeichen",
    "Neither a workflow task nor an activity is pending": "Es steht weder ein Workflow-Task noch eine Aktivität an",
    "No execution under the run's workflow id": "Keine Ausführung unter der Workflow-ID des Laufs",
    "No heartbeat, so nothing is known of its progress": (
        "Kein Lebenszeichen, daher ist über den Fortschritt nichts bekannt"
    ),
    "No matching event since the wait opened": "Kein passendes Ereignis seit Beginn des Wartens",
    "No signal with event id {event} in the execution's history": (
        "Kein Signal mit der Ereignis-ID {event} im Verlauf der Ausführung"
    ),
    "No step row exists": "Es gibt keine Zeile eines Schritts",
    "No task row has the wait's task id": "Keine Zeile einer Aufgabe hat die Aufgaben-ID des Wartezustands",
    "Not verified: {problem}": "Nicht geprüft: {problem}",
    "Open waits: {count}": "Offene Wartezustände: {count}",
    "Quota wait RESOLVED": "Warten auf Kontingent RESOLVED",
    "Row {status} since {since}, without Temporal ids and steps": (
        "Zeile {status} seit {since}, ohne IDs von Temporal und ohne Schritte"
    ),
    "Steps or waits were projected; the row last moved at {moved}": (
        "Schritte oder Wartezustände wurden geschrieben; letzte Änderung der Zeile: {moved}"
    ),
    "Task {task} is {status}": "Aufgabe {task} ist {status}",
    "Temporal ids are stored; the row last moved at {moved}": (
        "IDs von Temporal sind gespeichert; letzte Änderung der Zeile: {moved}"
    ),
    "The contract's task queue is {queue}": "Vorgesehene Task Queue: {queue}",
    "The event row holds a delivery error": "Die Zeile des Ereignisses enthält einen Zustellfehler",
    "The execution is running": "Die Ausführung läuft",
    "The execution is {status}": "Die Ausführung ist {status}",
    "The execution times out at {ends}": "Zeitlimit der Ausführung: {ends}",
    "The execution's task queue is {queue}": "Task Queue der Ausführung: {queue}",
    "The namespace holds no execution of the product's workflow type": (
        "Der Namespace enthält keine Ausführung vom Workflow-Typ des Produkts"
    ),
    "The namespace keeps closed executions for {days} days": (
        "Der Namespace bewahrt beendete Ausführungen {days} Tage auf"
    ),
    "The payload fails the filter {filter}": "Die Nutzdaten erfüllen den Filter {filter} nicht",
    "The row says RUNNING, and no step has started since": (
        "Die Zeile sagt RUNNING, und seither hat kein Schritt begonnen"
    ),
    "The row says {status}": "Die Zeile sagt {status}",
    "The run began at {began}": "Der Lauf begann: {began}",
    "The signal is in the history": "Das Signal steht im Verlauf",
    "The wait is due at {due}": "Das Warten ist fällig: {due}",
    "The wait's key is null": "Der Schlüssel des Wartezustands ist null",
    "The workflow says it waits for nothing": "Der Workflow sagt, er warte auf nichts",
    "The workflow says it waits for quota": "Der Workflow sagt, er warte auf Kontingent",
    "The workflow says it waits for {type} at {step}": "Der Workflow sagt, er warte bei {step} auf: {type}",
    "Timer {timer} fires at {due}": "Timer {timer} löst aus: {due}",
    "Workflow task failed: {problem}": "Workflow-Task fehlgeschlagen: {problem}",
    "Workflow task scheduled, not started, attempt {attempt}": (
        "Workflow-Task eingeplant, nicht begonnen, Versuch {attempt}"
    ),
    "Workflow task scheduled, not started, attempt {attempt} ({problem})": (
        "Workflow-Task eingeplant, nicht begonnen, Versuch {attempt} ({problem})"
    ),
    "Workflow task started, not completed, attempt {attempt}": (
        "Workflow-Task begonnen, nicht fertig, Versuch {attempt}"
    ),
    "Workflow task started, not completed, attempt {attempt} ({problem})": (
        "Workflow-Task begonnen, nicht fertig, Versuch {attempt} ({problem})"
    ),
    "engine is {engine}, status {status}": "Engine {engine}, Status {status}",
    "event wait WAITING for {event} at {step}": "Wartezustand WAITING auf {event} bei {step}",
    "event wait WAITING for {event} with key {key} at {step}": (
        "Wartezustand WAITING auf {event} mit Schlüssel {key} bei {step}"
    ),
    "{queue} has no {kind} poller": "{queue} hat keinen Poller für {kind}",
    "{status} with completed_at": "{status} mit completed_at",
    "{type} wait WAITING at {step}": "Wartezustand ({type}) WAITING bei {step}",
    "{used} of {allowed} steps used, period ends {ends}": (
        "{used} von {allowed} Schritten verbraucht, Zeitraum endet {ends}"
    ),
    "{used} steps used, no limit, period ends {ends}": (
        "{used} Schritte verbraucht, ohne Grenze, Zeitraum endet {ends}"
    ),
}
