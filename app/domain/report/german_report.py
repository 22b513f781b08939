"""The German of a report's own sentences, by the English wording."""

from __future__ import annotations

GERMAN_REPORT: dict[str, str] = {
    # what happened
    "“{name}”": "„{name}“",
    "Workflow {id}": "Workflow {id}",
    "{what}.": "{what}.",
    "{what}: {message}": "{what}: {message}",
    "{what}: {why}.": "{what}: {why}.",
    "{what}, although {fact}.": "{what}, obwohl gilt: {fact}.",
    "{what}, although {ignored} on the way.": "{what}, wobei unterwegs {ignored}.",
    "{run} is recorded as {status}, but its execution in Temporal has already ended ({outcome}), so it will not "
    "move on by itself.": (
        "{run} ist als {status} verzeichnet, doch die Ausführung in Temporal ist schon zu Ende ({outcome}); von "
        "selbst geht der Lauf nicht weiter."
    ),
    "{run} was recorded as started {span} ago, but no step has run": (
        "{run} ist seit {span} als gestartet verzeichnet, doch kein Schritt ist gelaufen"
    ),
    "{what}; the workflow worker may be down or may not be connected to Temporal.": (
        "{what}; vielleicht steht der Workflow-Worker oder hat keine Verbindung zu Temporal."
    ),
    "it was not recorded for Temporal, and no other engine exists any more": (
        "der Lauf ist nicht für Temporal verzeichnet, und eine andere Engine gibt es nicht mehr"
    ),
    "Temporal no longer knows its execution, although it was started there": (
        "Temporal kennt die Ausführung nicht mehr, obwohl sie dort gestartet wurde"
    ),
    "Temporal does not know its execution, so the launch never reached Temporal": (
        "Temporal kennt keine Ausführung, der Start hat Temporal also nie erreicht"
    ),
    "no worker is listed for the task queue {queue}": "für die Task-Queue {queue} ist kein Worker gemeldet",
    "no worker has asked the task queue {queue} for work for {span}": (
        "seit {span} hat kein Worker die Task-Queue {queue} nach Arbeit gefragt"
    ),
    "1 worker polls the task queue {queue}": "1 Worker fragt die Task-Queue {queue} ab",
    "{n} workers poll the task queue {queue}": "{n} Worker fragen die Task-Queue {queue} ab",
    "1 step": "1 Schritt",
    "{n} steps": "{n} Schritten",
    "{run} succeeded after {span} and {steps}": "{run} war nach {span} und {steps} erfolgreich",
    "1 failure was ignored": "1 Fehler übergangen wurde",
    "{n} failures were ignored": "{n} Fehler übergangen wurden",
    "{run} failed after {span} without a recorded error.": (
        "{run} ist nach {span} fehlgeschlagen, ohne dass ein Fehler verzeichnet ist."
    ),
    "{run} was never started: {message}": "{run} wurde nie gestartet: {message}",
    "{run} failed after {span}: {message}": "{run} ist nach {span} fehlgeschlagen: {message}",
    "{run} failed{where} after {span}: {message}": "{run} ist{where} nach {span} fehlgeschlagen: {message}",
    " at step {step}": " im Schritt {step}",
    " at {path}": " bei {path}",
    "{run} has a failed step and has not ended yet; the failure may still be handled": (
        "{run} hat einen fehlgeschlagenen Schritt und ist noch nicht zu Ende; der Fehler kann noch behandelt werden"
    ),
    "{run} was canceled after {span}": "{run} wurde nach {span} abgebrochen",
    "{run} is being canceled; its row has not been closed yet.": (
        "{run} wird gerade abgebrochen; die Zeile ist noch nicht geschlossen."
    ),
    "{run} was started {span} ago and waits for a worker to take its first step.": (
        "{run} wurde vor {span} gestartet und wartet auf einen Worker für den ersten Schritt."
    ),
    "{run} has been running for {span}.": "{run} läuft seit {span}.",
    "{run} has been running for {span} and is at step {step}.": (
        "{run} läuft seit {span} und ist beim Schritt {step}."
    ),
    "{run} is waiting.": "{run} wartet.",
    "{run} has been waiting for {span} {what}": "{run} wartet seit {span} {what}",
    "{what}; {span} are left.": "{what}; es bleiben {span}.",
    "{what}; its time passed {span} ago.": "{what}; die Frist ist seit {span} verstrichen.",
    "for the event {event}": "auf das Ereignis {event}",
    "for an event without a name": "auf ein Ereignis ohne Namen",
    "for a person to complete a task": "darauf, dass jemand eine Aufgabe erledigt",
    "in a pause by the tenant's step quota": "in einer Pause wegen des Schrittkontingents des Mandanten",
    "for a time to come": "auf einen Zeitpunkt",
    "({type})": "({type})",
    "{run} is in a state that this console does not know: {status}.": (
        "{run} ist in einem Zustand, den diese Konsole nicht kennt: {status}."
    ),
    # the first minute
    "Affected": "Betroffen",
    "Since": "Seit",
    "Cause": "Ursache",
    "Impact": "Auswirkung",
    "Done so far": "Bisher getan",
    "Asked of you": "Ihre Aufgabe",
    "What proves it": "Was das belegt",
    "What else is known": "Was sonst bekannt ist",
    "{at} ({span} before this report)": "{at} ({span} vor diesem Bericht)",
    "no tenant (unassigned)": "kein Mandant (nicht zugeordnet)",
    "customer {customer}": "Kunde {customer}",
    "workflow “{name}” version {version}": "Workflow „{name}“, Version {version}",
    "Nothing.": "Nichts.",
    "Nothing: run {run} has done the work since.": "Nichts: Lauf {run} hat die Arbeit inzwischen getan.",
    "Nothing, unless its work is still needed: then replay it.": (
        "Nichts, es sei denn, die Arbeit wird noch gebraucht: starten Sie dann ein Replay."
    ),
    "Find out what the status means; this console does not know it.": (
        "Klären Sie, was der Status bedeutet; diese Konsole kennt ihn nicht."
    ),
    "Nothing, if event {event} is still expected.": "Nichts, sofern das Ereignis {event} noch zu erwarten ist.",
    "Nothing, if event {event} with key {key} is still expected.": (
        "Nichts, sofern das Ereignis {event} mit dem Schlüssel {key} noch zu erwarten ist."
    ),
    "Complete the task in the product; the run goes on by itself then.": (
        "Erledigen Sie die Aufgabe im Produkt; danach geht der Lauf von selbst weiter."
    ),
    "Find out from the worker's log why it failed; then replay it if its work is still needed.": (
        "Sehen Sie im Protokoll des Workers nach, warum der Lauf fehlgeschlagen ist; starten Sie ein Replay, falls die "
        "Arbeit noch gebraucht wird."
    ),
    "Mend why it could not be started, then start it again: nothing of it has run.": (
        "Beheben Sie, was den Start verhindert hat, und starten Sie erneut: Nichts davon ist gelaufen."
    ),
    "Mend what the error names, then replay the run.": (
        "Beheben Sie, was der Fehler nennt, und starten Sie ein Replay."
    ),
    "Mend what action {action} complains about, then replay the run.": (
        "Beheben Sie, was die Aktion {action} beanstandet, und starten Sie ein Replay."
    ),
    "A replay begins at the first step: 1 action call that succeeded is made again.": (
        "Ein Replay beginnt beim ersten Schritt: 1 erfolgreicher Aktionsaufruf geschieht dann noch einmal."
    ),
    "A replay begins at the first step: {n} action calls that succeeded are made again.": (
        "Ein Replay beginnt beim ersten Schritt: {n} erfolgreiche Aktionsaufrufe geschehen dann noch einmal."
    ),
    "Action {action} failed: {message}": "Aktion {action} ist fehlgeschlagen: {message}",
    "Action {action} failed with {code}: {message}": "Aktion {action} ist mit {code} fehlgeschlagen: {message}",
    "Ignored failure of {action}: {message}": "Übergangener Fehler von {action}: {message}",
    "{code}: {message}": "{code}: {message}",
    "{code}: {title}": "{code}: {title}",
    "Not diagnosed: {problem}": "Nicht diagnostiziert: {problem}",
    "None: it succeeded.": "Keine: Der Lauf war erfolgreich.",
    "None: nothing is wrong.": "Keine: Es ist alles in Ordnung.",
    "No error is recorded.": "Es ist kein Fehler verzeichnet.",
    "The run has taken {span} so far.": "Der Lauf dauert bisher {span}.",
    "The run is over, and none of its steps was done.": (
        "Der Lauf ist zu Ende, und keiner seiner Schritte wurde getan."
    ),
    "The run is over. 1 step was done; what follows it was not.": (
        "Der Lauf ist zu Ende. 1 Schritt wurde getan; was danach käme, nicht mehr."
    ),
    "The run is over. {n} steps were done; what follows them was not.": (
        "Der Lauf ist zu Ende. {n} Schritte wurden getan; was danach käme, nicht mehr."
    ),
    "The run stands still; what comes next in it does not happen until this is mended.": (
        "Der Lauf steht still; was in ihm als Nächstes käme, geschieht erst, wenn dies behoben ist."
    ),
    "None known: all that was to be done is done.": "Keine bekannt: Alles, was zu tun war, ist getan.",
    "The run went on, but what the ignored failures should have done is missing.": (
        "Der Lauf ging weiter, doch was die übergangenen Aufrufe hätten tun sollen, fehlt."
    ),
    "It is the only run of this workflow since {since}.": "Es ist der einzige Lauf dieses Workflows seit {since}.",
    "Of {total} runs of this workflow since {since}, {failed} failed, {active} are active, {succeeded} succeeded "
    "and {canceled} were canceled.": (
        "Läufe dieses Workflows seit {since}: {total}, davon {failed} fehlgeschlagen, {active} aktiv, {succeeded} "
        "erfolgreich und {canceled} abgebrochen."
    ),
    "{n} of them failed at the same place, first at {first}, last at {last}.": (
        "{n} davon schlugen an derselben Stelle fehl, zuerst {first}, zuletzt {last}."
    ),
    "The last success ended at {at}.": "Der letzte Erfolg endete {at}.",
    "None of them succeeded.": "Keiner davon war erfolgreich.",
    "Nothing is recorded.": "Nichts ist verzeichnet.",
    "Nothing that this report's maker may see.": "Nichts, was der Ersteller dieses Berichts sehen darf.",
    "Replayed as {run}, which is {status}.": "Replay als {run}; dieser Lauf ist {status}.",
    "{what}: {outcome}.": "{what}: {outcome}.",
    "{who}: {act} at {at}.": "{who}: {act}, {at}.",
    "{who}: {act} at {at} (“{reason}”).": "{who}: {act}, {at} („{reason}“).",
    "somebody": "jemand",
    "started it": "gestartet",
    "canceled it": "abgebrochen",
    "replayed it": "Replay gestartet",
    "resumed it": "fortgesetzt",
    "repaired it": "repariert",
    "released its task": "Aufgabe freigegeben",
    "delivered an event to it": "Ereignis zugestellt",
    "finalized it": "abgeschlossen",
    "exported a report of it": "Bericht exportiert",
    "Postgres, {at}: the error stands at {path}.": "Postgres, {at}: Der Fehler steht bei {path}.",
    "{source}: {fact}": "{source}: {fact}",
    "{source}, {at}: {fact}": "{source}, {at}: {fact}",
    "Postgres": "Postgres",
    "Temporal": "Temporal",
    "Temporal's history": "Temporals Historie",
    "Temporal's task queue": "Temporals Task-Queue",
    "the workflow's own answer": "Antwort des Workflows selbst",
    "Also: {finding}": "Außerdem: {finding}",
    "Known fault {id} of the engine: {title} {meaning}": "Bekannter Fehler {id} der Engine: {title} {meaning}",
    "Temporal could not be asked: {problem}": "Temporal konnte nicht gefragt werden: {problem}",
    "Temporal does not know the execution: it was never started, or its history is past retention.": (
        "Temporal kennt die Ausführung nicht: Sie wurde nie gestartet, oder ihre Aufbewahrungsfrist ist vorbei."
    ),
    "1 event": "1 Ereignis",
    "{n} events": "{n} Ereignisse",
    "Temporal: the execution is running, with {events} so far.": "Temporal: Die Ausführung läuft (bisher {events}).",
    "Temporal: the execution has ended ({outcome}).": "Temporal: Die Ausführung ist zu Ende ({outcome}).",
    "Workers: {fact}.": "Worker: {fact}.",
    "1 worker is listed for the task queue {queue}; one that stopped stays listed for about 5 min.": (
        "1 Worker ist für die Task-Queue {queue} gemeldet; ein beendeter bleibt noch etwa 5 min gemeldet."
    ),
    "{n} workers are listed for the task queue {queue}; one that stopped stays listed for about 5 min.": (
        "{n} Worker sind für die Task-Queue {queue} gemeldet; ein beendeter bleibt noch etwa 5 min gemeldet."
    ),
    "This run is a replay of {run}.": "Dieser Lauf ist ein Replay von {run}.",
    "It has been replayed once: {ended}.": "Es gab ein Replay: {ended}.",
    "It has been replayed {n} times: {ended}.": "Es gab {n} Replays: {ended}.",
    "The stored input itself holds placeholders instead of values, at {paths}.": (
        "Die gespeicherte Eingabe enthält selbst Platzhalter anstelle von Werten, bei {paths}."
    ),
    "The tenant's redaction rules could not be read, so every document and text is hidden.": (
        "Die Maskierungsregeln des Mandanten waren nicht lesbar; deshalb ist jedes Dokument und jeder Text verborgen."
    ),
    "Whoever made this report lacks workflow:manage, so inputs and outputs of actions are hidden.": (
        "Wer diesen Bericht erstellt hat, hat das Recht workflow:manage nicht; Ein- und Ausgaben von Aktionen "
        "sind deshalb verborgen."
    ),
    # where it went wrong
    "Failing step": "Der fehlgeschlagene Schritt",
    "Where it stands": "Wo der Lauf steht",
    "Error chain": "Fehlerkette",
    "Step": "Schritt",
    "Type": "Art",
    "Path": "Pfad",
    "Action": "Aktion",
    "Attempts": "Versuche",
    "Status": "Status",
    "From": "Von",
    "To": "Bis",
    "Length": "Dauer",
    "Code": "Code",
    "Category": "Kategorie",
    "open": "offen",
    "What it said": "Was gemeldet wurde",
    "What the run's row says of it": "Was die Zeile des Laufs dazu sagt",
    "Stored error of the call": "Gespeicherter Fehler des Aufrufs",
    "Stored error of the step": "Gespeicherter Fehler des Schritts",
    "Input ({n} bytes)": "Eingabe ({n} Bytes)",
    "Output ({n} bytes)": "Ausgabe ({n} Bytes)",
    "Input and output are hidden: whoever made this report may not see them.": (
        "Ein- und Ausgabe sind verborgen: Wer diesen Bericht erstellt hat, darf sie nicht sehen."
    ),
    "What became of it": "Was daraus wurde",
    "Where": "Wo",
    "Message": "Meldung",
    "Count": "Anzahl",
    "First": "Zuerst",
    "Last": "Zuletzt",
    "{what} at {path}": "{what} bei {path}",
    "Ended the run": "Beendete den Lauf",
    "Ignored": "Übergangen",
    "Tried again": "Erneut versucht",
    "Handled": "Behandelt",
    "May still be handled": "Kann noch behandelt werden",
    "1 failure, at {first}.": "1 Fehler, {first}.",
    "{n} failures, at {first}.": "{n} Fehler, {first}.",
    "{n} failures, the first at {first}, the last at {last}.": "{n} Fehler, der erste {first}, der letzte {last}.",
    "{n} further ones between them are left out here.": "{n} weitere dazwischen sind hier ausgelassen.",
    # timeline
    "Timeline": "Zeitachse",
    "Timeline of {n} entries over {span}": "Zeitachse mit {n} Einträgen über {span}",
    "1 more entry, which succeeded": "1 weiterer Eintrag, erfolgreich",
    "{n} more entries, which all succeeded": "{n} weitere Einträge, alle erfolgreich",
    "1 more entry": "1 weiterer Eintrag",
    "{n} more entries": "{n} weitere Einträge",
    "idle {span}": "Leerlauf {span}",
    "waits: {name}": "wartet: {name}",
    "{name} ({n} passes)": "{name} ({n} Durchläufe)",
    "{name} ({n} attempts)": "{name} ({n} Versuche)",
    "{name} (failure ignored)": "{name} (Fehler übergangen)",
    "{name}: {outcome}, from {begin}, still open": "{name}: {outcome}, seit {begin}, noch offen",
    "{name}: {outcome}, from {begin} until {end}": "{name}: {outcome}, von {begin} bis {end}",
    "running": "läuft",
    "succeeded": "erfolgreich",
    "failed": "fehlgeschlagen",
    "waiting": "wartend",
    "canceled": "abgebrochen",
    "unknown": "unbekannt",
    "completed": "abgeschlossen",
    "terminated": "terminiert",
    "continued as new": "fortgesetzt (continued as new)",
    "timed out": "Zeit überschritten",
    # waits and events
    "Waits and events": "Wartezeiten und Ereignisse",
    "Waits for": "Wartet auf",
    "Until": "Bis spätestens",
    "Resolved": "Erledigt",
    "Event": "Ereignis",
    "Key": "Schlüssel",
    "Recorded": "Verzeichnet",
    "This run": "Dieser Lauf",
    "Error": "Fehler",
    "Event id": "Ereignis-ID",
    "event": "Ereignis",
    "time": "Zeitpunkt",
    "person": "Person",
    "quota": "Kontingent",
    "matched": "passte",
    "not matched": "passte nicht",
    "{type} {event}": "{type} {event}",
    "{what}, key {key}": "{what}, Schlüssel {key}",
    "{n} earlier waits are left out here; the JSON report has them.": (
        "{n} frühere Wartezeiten sind hier ausgelassen; der JSON-Bericht enthält sie."
    ),
    "Events that it matched, or that have the name and key of one of its waits": (
        "Ereignisse, die zu dem Lauf passten oder Namen und Schlüssel einer seiner Wartezeiten tragen"
    ),
    "No event with the name and key of one of its waits is recorded.": (
        "Kein Ereignis mit Namen und Schlüssel einer seiner Wartezeiten ist verzeichnet."
    ),
    "There are more events than are listed here.": "Es gibt mehr Ereignisse, als hier aufgeführt sind.",
    # origin
    "Where it comes from": "Woher der Lauf kommt",
    "Trigger": "Auslöser",
    "a replay": "ein Replay",
    "started by hand or by another run": "von Hand oder von einem anderen Lauf gestartet",
    "Replay of": "Replay von",
    "Reason": "Grund",
    "Parent run": "Übergeordneter Lauf",
    "Definition hash": "Hash der Definition",
    "Run": "Lauf",
    "Outcome": "Ergebnis",
    "Payload": "Eingabe",
    "Version": "Version",
    "Started": "Gestartet",
    "Replayed by": "Replay durch",
    "original": "Original",
    "unchanged": "unverändert",
    "edited": "bearbeitet",
    "not known": "nicht bekannt",
    "(this run)": "(dieser Lauf)",
    "Recovered by run {run}, which succeeded.": "Behoben durch Lauf {run}, der erfolgreich war.",
    "Not recovered: no replay has succeeded.": "Nicht behoben: Kein Replay war erfolgreich.",
    "The earliest run shown replayed {run}, which is not in this tenant any more.": (
        "Der früheste gezeigte Lauf ist ein Replay von {run}; diesen Lauf gibt es bei diesem Mandanten nicht mehr."
    ),
    "There are more: at most {generations} generations each way and {runs} runs are read.": (
        "Es gibt mehr: Gelesen werden höchstens {generations} Generationen in jede Richtung und {runs} Läufe."
    ),
    "When": "Wann",
    "Who": "Wer",
    "What": "Was",
    "Who did what is not shown: it takes workflow:admin to see it.": (
        "Wer was getan hat, wird nicht gezeigt: Dafür braucht es das Recht workflow:admin."
    ),
    # environment
    "Environment at the time of this report": "Umgebung zur Zeit des Berichts",
    "Workflow version": "Workflow-Version",
    "{version}, the newest": "{version}, die neueste",
    "{version}; the newest is {newest}": "{version}; die neueste ist {newest}",
    "Semantics": "Semantik",
    "Engine": "Engine",
    "Rundesk": "Rundesk",
    "Execution": "Ausführung",
    "not known to Temporal": "Temporal nicht bekannt",
    "Temporal workflow id": "Workflow-ID in Temporal",
    "Temporal run id": "Lauf-ID in Temporal",
    "Task queue": "Task-Queue",
    "Closed": "Beendet",
    "History": "Historie",
    "Workers on {queue}": "Worker an {queue}",
    "none": "keiner",
    "Last asked for work": "Zuletzt nach Arbeit gefragt",
    # definition and log
    "Definition around the step": "Definition um den Schritt",
    "Steps around {path}": "Schritte um {path}",
    "{before} steps before and {after} after them in the same block are left out.": (
        "{before} Schritte davor und {after} danach im selben Block sind ausgelassen."
    ),
    "Log": "Protokoll",
    "The log has 1 line.": "Das Protokoll hat 1 Zeile.",
    "The log has {n} lines; warnings, errors and the last ones are shown.": (
        "Das Protokoll hat {n} Zeilen; gezeigt sind Warnungen, Fehler und die letzten."
    ),
    "Time": "Zeit",
    "Level": "Stufe",
    "Context": "Kontext",
    # appendix
    "Appendix": "Anhang",
    "The run's row": "Die Zeile des Laufs",
    "Tenant": "Mandant",
    "Workflow": "Workflow",
    "Workflow id": "Workflow-ID",
    "Updated": "Geändert",
    "Completed": "Abgeschlossen",
    "Place": "Stelle",
    "Trigger metadata": "Metadaten des Auslösers",
    "Input": "Eingabe",
    "{n} bytes, {masked} values masked": "{n} Bytes, {masked} Werte maskiert",
    "Steps ({n})": "Schritte ({n})",
    "No step has run.": "Kein Schritt ist gelaufen.",
    "Pass": "Durchlauf",
    "(failure ignored)": "(Fehler übergangen)",
    "Action calls ({n})": "Aktionsaufrufe ({n})",
    "No action was called.": "Keine Aktion wurde aufgerufen.",
    "Attempt": "Versuch",
    "at {path}": "bei {path}",
    "Input and output of {n} further calls are in the JSON report.": (
        "Ein- und Ausgabe von {n} weiteren Aufrufen stehen im JSON-Bericht."
    ),
    "{n} further rows are left out here; the JSON report has them.": (
        "{n} weitere Zeilen sind hier ausgelassen; der JSON-Bericht enthält sie."
    ),
    "Cut after {n} of {whole} characters; the JSON report has all of it.": (
        "Nach {n} von {whole} Zeichen abgeschnitten; der JSON-Bericht enthält alles."
    ),
    # what was masked
    "What was masked": "Was maskiert wurde",
    "Masked values stand as [REDACTED]; none of them left the database. Where they stand:": (
        "Maskierte Werte stehen als [REDACTED]; keiner hat die Datenbank verlassen. Wo sie stehen:"
    ),
    "Why": "Warum",
    "Masked": "Maskiert",
    "No value had to be masked.": "Kein Wert musste maskiert werden.",
    "under a key that names secrets": "unter einem Schlüssel, der Geheimnisse benennt",
    "at a place that the tenant's settings name": "an einer Stelle, die die Einstellungen des Mandanten nennen",
    "a reference to a stored secret": "ein Verweis auf ein gespeichertes Geheimnis",
    "a value that is masked elsewhere in the run": "ein Wert, der anderswo im Lauf maskiert ist",
    "a text in the shape of credentials": "ein Text in der Form von Zugangsdaten",
    "whole documents or texts, because rules or documents could not be read": (
        "ganze Dokumente oder Texte, weil Regeln oder Dokumente nicht lesbar waren"
    ),
    # several runs, lists and cases
    "Workflow run": "Workflow-Lauf",
    "Workflow runs": "Workflow-Läufe",
    "1 workflow run": "1 Workflow-Lauf",
    "{n} workflow runs": "{n} Workflow-Läufe",
    "1 run": "1 Lauf",
    "{n} runs": "{n} Läufe",
    "{total}, {bad} of them with an error or a cause that holds them up.": (
        "{total}, davon {bad} mit einem Fehler oder einer Ursache, die aufhält."
    ),
    "Run {run}": "Lauf {run}",
    "Run {number}: {workflow}": "Lauf {number}: {workflow}",
    "No.": "Nr.",
    "State": "Zustand",
    "Cause or error": "Ursache oder Fehler",
    "Runs": "Läufe",
    "v{version}": "v{version}",
    "1 run matches.": "1 Lauf entspricht dem Filter.",
    "{n} runs match.": "{n} Läufe entsprechen dem Filter.",
    "{total} runs match; the first {n} are listed.": (
        "{total} Läufe entsprechen dem Filter; die ersten {n} sind aufgeführt."
    ),
    "No run matches.": "Kein Lauf entspricht dem Filter.",
    "{n} further ones are in the JSON, CSV and XLSX reports.": (
        "{n} weitere stehen in den Berichten als JSON, CSV und XLSX."
    ),
    "What holds them up": "Was sie aufhält",
    "{code}: {n} runs, such as: {title}": "{code}: {n} Läufe, zum Beispiel: {title}",
    "The filter": "Der Filter",
    "{name}: {value}": "{name}: {value}",
    "What could not be read": "Was nicht gelesen werden konnte",
    "Severity": "Schwere",
    "Customer": "Kunde",
    "What was tried": "Was versucht wurde",
    "What came of it": "Was daraus wurde",
    "Notes": "Notizen",
    "Note": "Notiz",
    "Steps": "Schritte",
    "Waits": "Wartezeiten",
    "Action calls": "Aktionsaufrufe",
    "low": "niedrig",
    "normal": "normal",
    "high": "hoch",
    "critical": "kritisch",
    # comparisons
    "Comparison of {first} and {second}": "Vergleich von {first} und {second}",
    "First run": "Erster Lauf",
    "Second run": "Zweiter Lauf",
    "How they belong together": "Wie sie zusammengehören",
    "Versions": "Versionen",
    "Where they part": "Wo sie auseinandergehen",
    "the second is a replay of the first": "der zweite ist ein Replay des ersten",
    "the first is a replay of the second": "der erste ist ein Replay des zweiten",
    "runs of the same workflow": "Läufe desselben Workflows",
    "runs of different workflows": "Läufe verschiedener Workflows",
    "action": "Aktion",
    "input": "Eingabe",
    "attempts": "Versuche",
    "wait": "Wartezeit",
    "status": "Status",
    "error": "Fehler",
    "output": "Ausgabe",
    "branch": "Zweig",
    "duration": "Dauer",
    "{run} {id}, started {at}: {status}": "{run} {id}, gestartet {at}: {status}",
    "both ran version {version}": "beide liefen mit Version {version}",
    "{first} and {second}": "{first} und {second}",
    "Nowhere: they went the same way.": "Nirgends: Beide nahmen denselben Weg.",
    "At step {step} ({path}), which only the first ran.": "Im Schritt {step} ({path}), den nur der erste durchlief.",
    "At step {step} ({path}), which only the second ran.": "Im Schritt {step} ({path}), den nur der zweite durchlief.",
    "At step {step} ({path}): {aspects}.": "Im Schritt {step} ({path}): {aspects}.",
    "Differs in": "Unterschied",
    "only in the first": "nur im ersten",
    "only in the second": "nur im zweiten",
    "{n} further steps differ.": "{n} weitere Schritte unterscheiden sich.",
    "Inputs and outputs were not compared: whoever made this report may not see them.": (
        "Ein- und Ausgaben wurden nicht verglichen: Wer diesen Bericht erstellt hat, darf sie nicht sehen."
    ),
    "What differs in the inputs of the runs": "Was sich in den Eingaben der Läufe unterscheidet",
    "What differs in the input of that step": "Was sich in der Eingabe dieses Schritts unterscheidet",
    "What differs in the output of that step": "Was sich in der Ausgabe dieses Schritts unterscheidet",
    "{n} further values differ.": "{n} weitere Werte unterscheiden sich.",
    "{n} masked values were not compared.": "{n} maskierte Werte wurden nicht verglichen.",
    # the frame
    "Contents": "Inhalt",
    "Page {page} of {total}": "Seite {page} von {total}",
    "Read at {at} by the database's clock.": "Gelesen {at} nach der Uhr der Datenbank.",
    "Made by Rundesk {version}, format {schema}.": "Erstellt mit Rundesk {version}, Format {schema}.",
    # states
    "Queued": "Eingereiht",
    "Executing": "In Ausführung",
    "Between attempts": "Zwischen zwei Versuchen",
    "Waiting for an event": "Wartet auf ein Ereignis",
    "Waiting for a time": "Wartet auf einen Zeitpunkt",
    "Waiting for a person": "Wartet auf eine Person",
    "Paused by the quota": "Vom Kontingent angehalten",
    "Waiting for a child run": "Wartet auf einen untergeordneten Lauf",
    "Failing": "Schlägt fehl",
    "Canceling": "Wird abgebrochen",
    "Succeeded": "Erfolgreich",
    "Failed": "Fehlgeschlagen",
    "Canceled": "Abgebrochen",
    "Terminated": "Terminiert",
    "Timed out": "Zeit überschritten",
    "Unknown": "Unbekannt",
    "Running": "Läuft",
    "Waiting": "Wartet",
    "Next attempt scheduled": "Nächster Versuch geplant",
    "Stuck": "Hängt",
    # notes of the removed engine
    "Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were "
    "left as they were, so what is shown as started has ended.": (
        "Abgebrochen durch die Migration vom Juni 2026, die die Datenbank-Engine entfernt hat. Schritte und "
        "Aufrufe blieben, wie sie waren; was als gestartet gezeigt wird, ist zu Ende."
    ),
    "Canceled when an operator finalized the rows of the removed database engine. Its steps and invocations were "
    "left as they were, so what is shown as started never finished.": (
        "Abgebrochen, als jemand die Zeilen der entfernten Datenbank-Engine abgeschlossen hat. Schritte und "
        "Aufrufe blieben, wie sie waren; was als gestartet gezeigt wird, ist nie fertig geworden."
    ),
    "Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.": (
        "Ausgeführt von der Datenbank-Engine, die im Juni 2026 entfernt wurde; Temporal weiß nichts davon."
    ),
}
