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
    <name>Batch</name>
    <message>
        <source>A replay has already succeeded</source>
        <translation>Ein Replay war schon erfolgreich</translation>
    </message>
    <message>
        <source>A replay is under way</source>
        <translation>Ein Replay läuft gerade</translation>
    </message>
    <message>
        <source>Aborted</source>
        <translation>Vorzeitig beendet</translation>
    </message>
    <message>
        <source>Aborting: what is being sent is brought to its end first.</source>
        <translation>Wird beendet: Was gerade gesendet wird, wird erst zu Ende gebracht.</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>All of these runs have ended, so there is nothing to cancel.</source>
        <translation>Alle diese Läufe sind beendet, es gibt nichts abzubrechen.</translation>
    </message>
    <message>
        <source>All that match are selected already.</source>
        <translation>Alle passenden Läufe sind schon gewählt.</translation>
    </message>
    <message>
        <source>Already ended, nothing to cancel</source>
        <translation>Schon beendet, nichts abzubrechen</translation>
    </message>
    <message>
        <source>Another unfinished batch holds it</source>
        <translation>Gehört zu einem anderen offenen Batch</translation>
    </message>
    <message>
        <source>Batch “{name}” has finished: {stand}, all of them well.</source>
        <translation>Batch „{name}“ ist fertig: {stand}, alle mit Erfolg.</translation>
    </message>
    <message>
        <source>Batch “{name}” has finished: {stand}, {bad} of them badly.</source>
        <translation>Batch „{name}“ ist fertig: {stand}, davon {bad} ohne Erfolg.</translation>
    </message>
    <message>
        <source>Batch “{name}” has stopped at {stand}.</source>
        <translation>Batch „{name}“ hat bei {stand} von selbst angehalten.</translation>
    </message>
    <message>
        <source>Being sent</source>
        <translation>Wird gesendet</translation>
    </message>
    <message>
        <source>Blocked</source>
        <translation>Gesperrt</translation>
    </message>
    <message>
        <source>Cancel 1 run</source>
        <translation>1 Lauf abbrechen</translation>
    </message>
    <message>
        <source>Cancel 1 run at {rate} a minute</source>
        <translation>1 Lauf abbrechen, {rate} pro Minute</translation>
    </message>
    <message>
        <source>Cancel of 1 run</source>
        <translation>Abbruch von 1 Lauf</translation>
    </message>
    <message>
        <source>Cancel of {runs} runs</source>
        <translation>Abbruch von {runs} Läufen</translation>
    </message>
    <message>
        <source>Cancel {runs} runs</source>
        <translation>{runs} Läufe abbrechen</translation>
    </message>
    <message>
        <source>Cancel {runs} runs at {rate} a minute</source>
        <translation>{runs} Läufe abbrechen, {rate} pro Minute</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Damaged input: a placeholder instead of a value</source>
        <translation>Beschädigte Eingabe: Platzhalter statt Wert</translation>
    </message>
    <message>
        <source>Eligible</source>
        <translation>Geeignet</translation>
    </message>
    <message>
        <source>Everything is sent. Waits for the runs to end.</source>
        <translation>Alles ist gesendet. Wartet auf das Ende der Läufe.</translation>
    </message>
    <message>
        <source>Failed or refused</source>
        <translation>Gescheitert oder abgelehnt</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Finished with failures</source>
        <translation>Fertig mit Fehlern</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Unterbrochen</translation>
    </message>
    <message>
        <source>It is being started.</source>
        <translation>Er wird gerade gestartet.</translation>
    </message>
    <message>
        <source>It is being taken up.</source>
        <translation>Er wird gerade wieder aufgenommen.</translation>
    </message>
    <message>
        <source>Its workflow version is gone</source>
        <translation>Seine Workflow-Version gibt es nicht mehr</translation>
    </message>
    <message>
        <source>Keeps the pace you set.</source>
        <translation>Hält das eingestellte Tempo ein.</translation>
    </message>
    <message>
        <source>Launch failed</source>
        <translation>Start gescheitert</translation>
    </message>
    <message>
        <source>Ledgers cannot be saved here.</source>
        <translation>Ergebnislisten lassen sich hier nicht speichern.</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Ausgelassen</translation>
    </message>
    <message>
        <source>Needs a decision</source>
        <translation>Zu entscheiden</translation>
    </message>
    <message>
        <source>No batch is shown.</source>
        <translation>Es wird kein Batch angezeigt.</translation>
    </message>
    <message>
        <source>No batch that could be ended is shown.</source>
        <translation>Es wird kein Batch angezeigt, der sich beenden ließe.</translation>
    </message>
    <message>
        <source>No batch that stands still is shown.</source>
        <translation>Es wird kein Batch angezeigt, der stillsteht.</translation>
    </message>
    <message>
        <source>No plan and no batch that has ended is shown.</source>
        <translation>Es wird weder ein Plan noch ein beendeter Batch angezeigt.</translation>
    </message>
    <message>
        <source>No plan is shown.</source>
        <translation>Es wird kein Plan angezeigt.</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>Es ist kein Lauf gewählt.</translation>
    </message>
    <message>
        <source>No run matches.</source>
        <translation>Kein Lauf passt.</translation>
    </message>
    <message>
        <source>No run of this plan is eligible, and no decision is accepted.</source>
        <translation>Kein Lauf dieses Plans ist geeignet, und keine Entscheidung wurde getroffen.</translation>
    </message>
    <message>
        <source>No running batch is shown.</source>
        <translation>Es wird kein laufender Batch angezeigt.</translation>
    </message>
    <message>
        <source>Not recovered</source>
        <translation>Nicht behoben</translation>
    </message>
    <message>
        <source>Not sent yet</source>
        <translation>Noch zu senden</translation>
    </message>
    <message>
        <source>Nothing more is sent until you resume it. What was under way has gone on by itself.</source>
        <translation>Es wird nichts weiter gesendet, bis Sie ihn fortsetzen. Was unterwegs war, ist von selbst weitergegangen.</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Pausing: what is being sent is brought to its end first.</source>
        <translation>Wird pausiert: Was gerade gesendet wird, wird erst zu Ende gebracht.</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>Geplant</translation>
    </message>
    <message>
        <source>Recovered</source>
        <translation>Behoben</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>Replay 1 run</source>
        <translation>Replay von 1 Lauf</translation>
    </message>
    <message>
        <source>Replay 1 run at {rate} a minute</source>
        <translation>Replay von 1 Lauf, {rate} pro Minute</translation>
    </message>
    <message>
        <source>Replay of 1 run</source>
        <translation>Replay von 1 Lauf</translation>
    </message>
    <message>
        <source>Replay of {runs} runs</source>
        <translation>Replay von {runs} Läufen</translation>
    </message>
    <message>
        <source>Replay {runs} runs</source>
        <translation>Replay von {runs} Läufen</translation>
    </message>
    <message>
        <source>Replay {runs} runs at {rate} a minute</source>
        <translation>Replay von {runs} Läufen, {rate} pro Minute</translation>
    </message>
    <message>
        <source>Replayed before, without success</source>
        <translation>Früheres Replay ohne Erfolg</translation>
    </message>
    <message>
        <source>Resume when you have seen why; failures up to now are then no longer counted.</source>
        <translation>Setzen Sie fort, wenn Sie den Grund kennen; bisherige Fehlschläge zählen dann nicht mehr.</translation>
    </message>
    <message>
        <source>Rundesk ended while this batch ran. The journal knows what was sent; resumed, it sends nothing twice.</source>
        <translation>Rundesk endete, während dieser Batch lief. Das Journal weiß, was gesendet wurde; fortgesetzt sendet der Batch nichts doppelt.</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Select runs in the list first: Ctrl or Shift with a click, or Ctrl+A.</source>
        <translation>Wählen Sie zuerst Läufe in der Liste: Strg oder Umschalt mit einem Klick oder Strg+A.</translation>
    </message>
    <message>
        <source>Stopped by itself</source>
        <translation>Selbst angehalten</translation>
    </message>
    <message>
        <source>The first runs did not all end well, so no other was sent.</source>
        <translation>Nicht alle ersten Läufe endeten gut, daher wurde kein weiterer gesendet.</translation>
    </message>
    <message>
        <source>The input does not fit the workflow&apos;s schema</source>
        <translation>Die Eingabe passt nicht zum Schema des Workflows</translation>
    </message>
    <message>
        <source>The patch does not fit the input</source>
        <translation>Der Patch passt nicht zur Eingabe</translation>
    </message>
    <message>
        <source>The patch replaces a hidden value</source>
        <translation>Der Patch ersetzt einen verborgenen Wert</translation>
    </message>
    <message>
        <source>The patched input is too large</source>
        <translation>Die geänderte Eingabe ist zu groß</translation>
    </message>
    <message>
        <source>The run belongs to another tenant</source>
        <translation>Der Lauf gehört zu einem anderen Mandanten</translation>
    </message>
    <message>
        <source>The run itself has succeeded</source>
        <translation>Der Lauf selbst war erfolgreich</translation>
    </message>
    <message>
        <source>The run itself still goes on</source>
        <translation>Der Lauf selbst ist noch im Gange</translation>
    </message>
    <message>
        <source>The servers do not answer. The batch tries again by itself; nothing is lost and nothing sent twice.</source>
        <translation>Die Server antworten nicht. Der Batch versucht es von selbst wieder; nichts geht verloren, nichts wird doppelt gesendet.</translation>
    </message>
    <message>
        <source>The workflow is paused</source>
        <translation>Der Workflow ist angehalten</translation>
    </message>
    <message>
        <source>There is no such run</source>
        <translation>Diesen Lauf gibt es nicht</translation>
    </message>
    <message>
        <source>These runs belong to no tenant, so nobody has a right to act on them.</source>
        <translation>Diese Läufe gehören keinem Mandanten, daher hat niemand ein Recht, an ihnen zu handeln.</translation>
    </message>
    <message>
        <source>Too many runs ended badly, {bad} of {done} up to now, so nothing more was sent.</source>
        <translation>Zu viele Läufe endeten ohne Erfolg, bisher {bad} von {done}; daher wurde nichts weiter gesendet.</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>Waits for a free place: the workflows&apos; limits are reached.</source>
        <translation>Wartet auf einen freien Platz: Die Grenzen der Workflows sind erreicht.</translation>
    </message>
    <message>
        <source>Waits for the first runs to end before it sends the others.</source>
        <translation>Wartet auf das Ende der ersten Läufe, bevor die anderen gesendet werden.</translation>
    </message>
    <message>
        <source>Waits for the tenant&apos;s start limit; a share of it stays free for people.</source>
        <translation>Wartet wegen der Startgrenze des Mandanten; ein Teil davon bleibt für Personen frei.</translation>
    </message>
    <message>
        <source>Waits until some of its runs have ended.</source>
        <translation>Wartet, bis einige seiner Läufe beendet sind.</translation>
    </message>
    <message>
        <source>about {time} until all are sent</source>
        <translation>noch etwa {time}, bis alle gesendet sind</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>{number} a minute</source>
        <translation>{number} pro Minute</translation>
    </message>
</context>
<context>
    <name>BatchFooter</name>
    <message>
        <source>Abort batch</source>
        <translation>Batch beenden</translation>
    </message>
    <message>
        <source>Abort…</source>
        <translation>Beenden…</translation>
    </message>
    <message>
        <source>Discard plan</source>
        <translation>Plan verwerfen</translation>
    </message>
    <message>
        <source>Discard plan…</source>
        <translation>Plan verwerfen…</translation>
    </message>
    <message>
        <source>Discard this plan? Nothing was sent.</source>
        <translation>Diesen Plan verwerfen? Es wurde nichts gesendet.</translation>
    </message>
    <message numerus="yes">
        <source>End this batch? %Ln run(s) will not be sent. What was sent stays and goes on.</source>
        <translation>
            <numerusform>Diesen Batch beenden? %Ln Lauf wird nicht gesendet. Was gesendet wurde, bleibt und geht weiter.</numerusform>
            <numerusform>Diesen Batch beenden? %Ln Läufe werden nicht gesendet. Was gesendet wurde, bleibt und geht weiter.</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep the batch</source>
        <translation>Batch behalten</translation>
    </message>
    <message>
        <source>Keep the plan</source>
        <translation>Plan behalten</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
</context>
<context>
    <name>BatchOverview</name>
    <message>
        <source>Batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>Batches are written down on this computer, run by run, and can be gone on with only here.</source>
        <translation>Batches werden auf diesem Rechner Lauf für Lauf festgehalten und lassen sich nur hier fortsetzen.</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>No batch yet. Select several runs in the list, then replay or cancel all of them at once.</source>
        <translation>Noch kein Batch. Wählen Sie mehrere Läufe in der Liste und starten Sie für alle zugleich ein Replay oder brechen Sie alle ab.</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>Geplant</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
</context>
<context>
    <name>BatchPage</name>
    <message>
        <source>Back to the list of batches</source>
        <translation>Zurück zur Liste der Batches</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Batch</translation>
    </message>
    <message>
        <source>Batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>Find in these runs</source>
        <translation>Hier suchen</translation>
    </message>
    <message>
        <source>Runs of the batch</source>
        <translation>Läufe des Batches</translation>
    </message>
    <message>
        <source>planned {time}</source>
        <translation>geplant {time}</translation>
    </message>
</context>
<context>
    <name>BatchRows</name>
    <message>
        <source>End seen {time}</source>
        <translation>Ende gesehen {time}</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>Neuer Lauf</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Sent {time}</source>
        <translation>Gesendet {time}</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
</context>
<context>
    <name>Cancel</name>
    <message>
        <source>Both sides are being asked what is open.</source>
        <translation>Beide Seiten werden gefragt, was offen ist.</translation>
    </message>
    <message>
        <source>Only the row of run {run} was closed: Temporal knows no execution of it.</source>
        <translation>Nur die Zeile von Lauf {run} wurde geschlossen: Temporal kennt keine Ausführung dazu.</translation>
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
        <source>Both sides are being asked…</source>
        <translation>Beide Seiten werden gefragt…</translation>
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
    <message>
        <source>Close the row only</source>
        <translation>Nur die Zeile schließen</translation>
    </message>
    <message>
        <source>Closing…</source>
        <translation>Wird geschlossen…</translation>
    </message>
    <message>
        <source>Confirmation</source>
        <translation>Bestätigung</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>It could not be read what is open. Whatever is open will be closed.</source>
        <translation>Was offen ist, ließ sich nicht lesen. Alles Offene wird geschlossen.</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Leave as it is</source>
        <translation>So lassen</translation>
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
        <source>There is nothing that a cancel could do here.</source>
        <translation>Ein Abbruch bewirkt hier nichts.</translation>
    </message>
    <message>
        <source>Type the beginning of the run id.</source>
        <translation>Geben Sie den Anfang der Lauf-ID ein.</translation>
    </message>
    <message>
        <source>Type {confirmation} to close the row without Temporal&apos;s word</source>
        <translation>Geben Sie {confirmation} ein, um die Zeile ohne Aussage von Temporal zu schließen</translation>
    </message>
    <message>
        <source>What will be written</source>
        <translation>Was geschrieben wird</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>CancelWords</name>
    <message numerus="yes">
        <source>%n child execution(s) still open.</source>
        <translation>
            <numerusform>%n untergeordnete Ausführung noch offen.</numerusform>
            <numerusform>%n untergeordnete Ausführungen noch offen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n child run(s): canceled once their executions have ended</source>
        <translation>
            <numerusform>%n untergeordneter Lauf: abgebrochen, sobald seine Ausführung beendet ist</numerusform>
            <numerusform>%n untergeordnete Läufe: abgebrochen, sobald ihre Ausführungen beendet sind</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n human task(s)</source>
        <translation>
            <numerusform>%n Benutzeraufgabe</numerusform>
            <numerusform>%n Benutzeraufgaben</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n human task(s): taken out of the inbox</source>
        <translation>
            <numerusform>%n Benutzeraufgabe: aus dem Eingang genommen</numerusform>
            <numerusform>%n Benutzeraufgaben: aus dem Eingang genommen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n open wait(s) ({kind}): canceled</source>
        <translation>
            <numerusform>%n offener Wartezustand ({kind}): abgebrochen</numerusform>
            <numerusform>%n offene Wartezustände ({kind}): abgebrochen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n Lauf</numerusform>
            <numerusform>%n Läufe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n started step(s): canceled</source>
        <translation>
            <numerusform>%n begonnener Schritt: abgebrochen</numerusform>
            <numerusform>%n begonnene Schritte: abgebrochen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n Schritt</numerusform>
            <numerusform>%n Schritte</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n wait(s)</source>
        <translation>
            <numerusform>%n Wartezustand</numerusform>
            <numerusform>%n Wartezustände</numerusform>
        </translation>
    </message>
    <message>
        <source>After the close: {what}</source>
        <translation>Nach dem Ende: {what}</translation>
    </message>
    <message>
        <source>Closed in the database: {parts}.</source>
        <translation>In der Datenbank geschlossen: {parts}.</translation>
    </message>
    <message>
        <source>One of the servers did not answer at the last look.</source>
        <translation>Einer der Server hat zuletzt nicht geantwortet.</translation>
    </message>
    <message>
        <source>Run {run} is {word}: requested {requested} → accepted {accepted} → execution closed {closed}.</source>
        <translation>Lauf {run} ist {word}: angefordert {requested} → angenommen {accepted} → Ausführung beendet {closed}.</translation>
    </message>
    <message>
        <source>Run {run}: cancel requested {requested} → accepted {accepted} → no longer known to Temporal.</source>
        <translation>Lauf {run}: Abbruch angefordert {requested} → angenommen {accepted} → Temporal nicht mehr bekannt.</translation>
    </message>
    <message>
        <source>Run {run}: cancel requested {requested} → accepted {accepted} → still open. Rundesk goes on following.</source>
        <translation>Lauf {run}: Abbruch angefordert {requested} → angenommen {accepted} → noch offen. Rundesk verfolgt ihn weiter.</translation>
    </message>
    <message>
        <source>Still running in the worker, so its effect may yet come: {actions}.</source>
        <translation>Läuft noch im Worker, kann also noch wirken: {actions}.</translation>
    </message>
    <message>
        <source>Temporal answers, but knows no execution of this run: its history is past retention, or it was never Temporal&apos;s. There is nothing to cancel. On your word alone, its row can be closed in the database; nothing proves how the run really ended.</source>
        <translation>Temporal antwortet, kennt aber keine Ausführung dieses Laufs: Ihre Aufbewahrung ist abgelaufen, oder sie war nie bei Temporal. Es gibt nichts abzubrechen. Allein auf Ihr Wort lässt sich die Zeile in der Datenbank schließen; nichts belegt, wie der Lauf wirklich endete.</translation>
    </message>
    <message>
        <source>Temporal does not answer, so nothing can be said about the execution. Nothing is done until it does.</source>
        <translation>Temporal antwortet nicht, daher lässt sich über die Ausführung nichts sagen. Bis es antwortet, geschieht nichts.</translation>
    </message>
    <message>
        <source>Temporal is asked to end the execution; when it has accepted, the run is marked as canceled. What has been done stays done; an action under way at this moment may still finish. This cannot be undone.</source>
        <translation>Temporal wird gebeten, die Ausführung zu beenden; sobald es das annimmt, wird der Lauf als abgebrochen gekennzeichnet. Was getan ist, bleibt getan; eine gerade laufende Aktion kann noch zu Ende kommen. Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>The execution has already ended; only its row is still open, so there is nothing to cancel. Repair the row; it then takes the outcome that the execution had.</source>
        <translation>Die Ausführung ist schon beendet; nur ihre Zeile ist noch offen, es gibt also nichts abzubrechen. Reparieren Sie die Zeile; sie übernimmt dann das Ergebnis der Ausführung.</translation>
    </message>
    <message>
        <source>The run has ended, so there is nothing to cancel.</source>
        <translation>Der Lauf ist beendet, es gibt nichts abzubrechen.</translation>
    </message>
    <message>
        <source>The run: canceled, with a log entry and an audit entry in your name</source>
        <translation>Der Lauf: abgebrochen, mit Protokoll- und Audit-Eintrag in Ihrem Namen</translation>
    </message>
    <message>
        <source>This launch was recorded, but its execution never started, so there is nothing to cancel. Repair it as a failed launch; that keeps the true story.</source>
        <translation>Dieser Start wurde festgehalten, aber seine Ausführung begann nie; es gibt nichts abzubrechen. Reparieren Sie ihn als gescheiterten Start; so bleibt die Geschichte wahr.</translation>
    </message>
    <message>
        <source>Under way now, may still take effect: {actions}</source>
        <translation>Gerade unterwegs, kann noch wirken: {actions}</translation>
    </message>
    <message>
        <source>canceled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>completed after all</source>
        <translation>doch abgeschlossen</translation>
    </message>
    <message>
        <source>event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>failed after all</source>
        <translation>doch fehlgeschlagen</translation>
    </message>
    <message>
        <source>human task</source>
        <translation>Benutzeraufgabe</translation>
    </message>
    <message>
        <source>step quota</source>
        <translation>Schrittkontingent</translation>
    </message>
    <message>
        <source>terminated</source>
        <translation>terminiert</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeitpunkt</translation>
    </message>
    <message>
        <source>timed out</source>
        <translation>durch Zeitüberschreitung beendet</translation>
    </message>
    <message>
        <source>{action} at {step}</source>
        <translation>{action} bei {step}</translation>
    </message>
    <message>
        <source>{action} at {step}, since {time}</source>
        <translation>{action} bei {step}, seit {time}</translation>
    </message>
</context>
<context>
    <name>CaseEditor</name>
    <message>
        <source>Add attempt</source>
        <translation>Versuch hinzufügen</translation>
    </message>
    <message>
        <source>Add note</source>
        <translation>Notiz hinzufügen</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>Hinzugefügt</translation>
    </message>
    <message>
        <source>Asked of the reader</source>
        <translation>Bitte an die Lesenden</translation>
    </message>
    <message>
        <source>Compare {first} with {second}</source>
        <translation>{first} mit {second} vergleichen</translation>
    </message>
    <message>
        <source>Customer&apos;s reference</source>
        <translation>Referenz des Kunden</translation>
    </message>
    <message>
        <source>In a few sentences, for somebody who was not there</source>
        <translation>In wenigen Sätzen, für jemanden, der nicht dabei war</translation>
    </message>
    <message>
        <source>No run yet. Open one, or select several in the list, and add them to this case.</source>
        <translation>Noch kein Lauf. Öffnen Sie einen oder wählen Sie mehrere in der Liste und fügen Sie sie diesem Fall hinzu.</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Notizen</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Runs of the case</source>
        <translation>Läufe des Falls</translation>
    </message>
    <message>
        <source>Select a run of the case first.</source>
        <translation>Wählen Sie zuerst einen Lauf des Falls.</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Schweregrad</translation>
    </message>
    <message>
        <source>Take run out</source>
        <translation>Lauf herausnehmen</translation>
    </message>
    <message>
        <source>Ticket number, or whatever the customer calls it</source>
        <translation>Ticketnummer oder wie der Kunde es nennt</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Tried, and what came of it</source>
        <translation>Was versucht wurde und was daraus wurde</translation>
    </message>
    <message>
        <source>What came of it</source>
        <translation>Was daraus wurde</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschehen ist</translation>
    </message>
    <message>
        <source>What the reader of the report is to do</source>
        <translation>Was die Lesenden des Berichts tun sollen</translation>
    </message>
    <message>
        <source>What was noticed</source>
        <translation>Was aufgefallen ist</translation>
    </message>
    <message>
        <source>What was tried</source>
        <translation>Was versucht wurde</translation>
    </message>
    <message>
        <source>When added</source>
        <translation>Wann hinzugefügt</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>Cases</name>
    <message>
        <source>Added to the case “{title}”.</source>
        <translation>Dem Fall „{title}“ hinzugefügt.</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>Kritisch</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>Neuer Fall</translation>
    </message>
    <message>
        <source>No case is shown.</source>
        <translation>Kein Fall wird angezeigt.</translation>
    </message>
    <message>
        <source>No run is selected in the list.</source>
        <translation>In der Liste ist kein Lauf gewählt.</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Not saved</source>
        <translation>Nicht gespeichert</translation>
    </message>
    <message>
        <source>Not saved yet…</source>
        <translation>Noch nicht gespeichert …</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>Auf diesem Computer gespeichert</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>Untitled case</source>
        <translation>Fall ohne Titel</translation>
    </message>
</context>
<context>
    <name>CasesPage</name>
    <message numerus="yes">
        <source>%n case(s) could not be read. The files are kept.</source>
        <translation>
            <numerusform>%n Fall ließ sich nicht lesen. Die Datei bleibt erhalten.</numerusform>
            <numerusform>%n Fälle ließen sich nicht lesen. Die Dateien bleiben erhalten.</numerusform>
        </translation>
    </message>
    <message>
        <source>Bring the removed case back</source>
        <translation>Den entfernten Fall zurückholen</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>Fall</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>Fälle</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>No case yet. A case collects runs with your notes, what was tried, and what you ask of whoever reads its report. It stays on this computer.</source>
        <translation>Noch kein Fall. Ein Fall sammelt Läufe mit Ihren Notizen, dem, was versucht wurde, und dem, worum Sie die Lesenden seines Berichts bitten. Er bleibt auf diesem Computer.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Untitled case</source>
        <translation>Fall ohne Titel</translation>
    </message>
    <message>
        <source>“{title}” is removed.</source>
        <translation>„{title}“ ist entfernt.</translation>
    </message>
</context>
<context>
    <name>Causes</name>
    <message>
        <source>A step failed and the run has not closed; the failure may still be handled.</source>
        <translation>Ein Schritt ist fehlgeschlagen, und der Lauf ist nicht beendet; der Fehler kann noch behandelt werden.</translation>
    </message>
    <message>
        <source>A worker has had this run&apos;s workflow task for over a minute and does not finish it.</source>
        <translation>Ein Worker hat den Workflow-Task dieses Laufs seit über einer Minute und wird damit nicht fertig.</translation>
    </message>
    <message>
        <source>Action {action} failed (attempts: {attempts}); the next one is due at {due}.</source>
        <translation>Die Aktion {action} ist fehlgeschlagen (Versuche: {attempts}); nächster Versuch: {due}.</translation>
    </message>
    <message>
        <source>Activity in flight</source>
        <translation>Aktivität läuft</translation>
    </message>
    <message>
        <source>Activity not taken</source>
        <translation>Aktivität wartet</translation>
    </message>
    <message>
        <source>Activity {activity} failed; Temporal tries attempt {attempt} at {due}.</source>
        <translation>Die Aktivität {activity} ist fehlgeschlagen; Versuch {attempt} von Temporal: {due}.</translation>
    </message>
    <message>
        <source>Activity {activity} has waited {seconds} for a worker.</source>
        <translation>Die Aktivität {activity} wartet seit {seconds} auf einen Worker.</translation>
    </message>
    <message>
        <source>Backlog</source>
        <translation>Rückstau</translation>
    </message>
    <message>
        <source>Believe the execution: it is what really happened. Do not replay what has succeeded.</source>
        <translation>Glauben Sie der Ausführung: Sie ist, was wirklich geschehen ist. Wiederholen Sie nicht, was gelungen ist.</translation>
    </message>
    <message>
        <source>Bring Temporal back or correct the connection. Rundesk keeps asking.</source>
        <translation>Bringen Sie Temporal zurück oder berichtigen Sie die Verbindung. Rundesk fragt weiter.</translation>
    </message>
    <message>
        <source>Bring the database back or correct the connection. Rundesk keeps asking.</source>
        <translation>Bringen Sie die Datenbank zurück oder berichtigen Sie die Verbindung. Rundesk fragt weiter.</translation>
    </message>
    <message>
        <source>Canceled outside of the product; the row was never told.</source>
        <translation>Außerhalb des Produkts abgebrochen; die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>Cannot verify</source>
        <translation>Nicht prüfbar</translation>
    </message>
    <message>
        <source>Child run</source>
        <translation>Unterlauf</translation>
    </message>
    <message>
        <source>Compare the event&apos;s key and name with what the run waits for.</source>
        <translation>Vergleichen Sie Schlüssel und Namen des Ereignisses mit dem, worauf der Lauf wartet.</translation>
    </message>
    <message>
        <source>Complete the launch (same run id, safe to repeat) or mark it failed and launch it again. A child run is its parent&apos;s to start: look there.</source>
        <translation>Schließen Sie den Start ab (gleiche Lauf-ID, gefahrlos wiederholbar) oder kennzeichnen Sie ihn als gescheitert und starten Sie neu. Einen untergeordneten Lauf startet sein übergeordneter: Sehen Sie dort nach.</translation>
    </message>
    <message>
        <source>Complete the launch, so that the row follows the execution.</source>
        <translation>Schließen Sie den Start ab, damit die Zeile der Ausführung folgt.</translation>
    </message>
    <message>
        <source>Deadline ahead</source>
        <translation>Frist läuft ab</translation>
    </message>
    <message>
        <source>Deliver the event to this run where that is offered. Else cancel the run and replay it: the reference worker fails a run whose wait without a timeout gets its event.</source>
        <translation>Stellen Sie das Ereignis diesem Lauf zu, wo das angeboten wird. Sonst brechen Sie ihn ab und starten Sie ein Replay: Beim Referenz-Worker scheitert ein Lauf, der ohne Frist wartet, an seinem Ereignis.</translation>
    </message>
    <message>
        <source>Ended unseen</source>
        <translation>Unbemerkt beendet</translation>
    </message>
    <message>
        <source>Event missed</source>
        <translation>Ereignis verpasst</translation>
    </message>
    <message>
        <source>Event {event} arrived {seconds} before this wait opened; it is not delivered again.</source>
        <translation>Das Ereignis {event} kam {seconds} vor Beginn dieses Wartens an; es wird nicht noch einmal zugestellt.</translation>
    </message>
    <message>
        <source>Event {event} arrived, but the wait&apos;s filter {filter} refused it.</source>
        <translation>Das Ereignis {event} kam an, aber der Filter {filter} des Wartezustands wies es ab.</translation>
    </message>
    <message>
        <source>Event {event} was recorded {seconds} after the wait opened, but never reached the run.</source>
        <translation>Das Ereignis {event} wurde {seconds} nach Beginn des Wartens festgehalten, erreichte den Lauf aber nie.</translation>
    </message>
    <message>
        <source>Execution missing</source>
        <translation>Ausführung fehlt</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>Schlägt fehl</translation>
    </message>
    <message>
        <source>Finalize it as canceled, then replay it if it matters.</source>
        <translation>Schließen Sie ihn als abgebrochen ab und starten Sie ein Replay, wenn er wichtig ist.</translation>
    </message>
    <message>
        <source>Have the wait answered before then, or plan a replay.</source>
        <translation>Lassen Sie das Warten vorher beantworten oder planen Sie ein Replay.</translation>
    </message>
    <message>
        <source>It goes on when the period ends or the plan&apos;s limit is raised.</source>
        <translation>Er geht weiter, wenn der Zeitraum endet oder die Grenze des Tarifs angehoben wird.</translation>
    </message>
    <message>
        <source>Its definition was changed after the launch, so the engine refused to load it.</source>
        <translation>Seine Definition wurde nach dem Start geändert, daher hat die Engine sie nicht geladen.</translation>
    </message>
    <message>
        <source>Its execution ends at {ends}, before the time the wait is due.</source>
        <translation>Seine Ausführung endet ({ends}), bevor das Warten fällig ist.</translation>
    </message>
    <message>
        <source>Its execution ends at {ends}, whether or not the wait has been answered.</source>
        <translation>Seine Ausführung endet ({ends}), ob das Warten beantwortet ist oder nicht.</translation>
    </message>
    <message>
        <source>Its task is not open any more, so nobody can answer it.</source>
        <translation>Seine Aufgabe ist nicht mehr offen, daher kann niemand sie beantworten.</translation>
    </message>
    <message>
        <source>Leave it alone: it runs.</source>
        <translation>Lassen Sie ihn in Ruhe: Er läuft.</translation>
    </message>
    <message>
        <source>Left behind by an engine that was removed; nothing will execute it.</source>
        <translation>Von einer entfernten Engine zurückgelassen; nichts wird ihn ausführen.</translation>
    </message>
    <message>
        <source>Look at the child run.</source>
        <translation>Sehen Sie sich den untergeordneten Lauf an.</translation>
    </message>
    <message>
        <source>Look at the worker&apos;s log: it has the run, but cannot load it or write its first step.</source>
        <translation>Sehen Sie in das Protokoll des Workers: Er hat den Lauf, kann ihn aber nicht laden oder den ersten Schritt nicht schreiben.</translation>
    </message>
    <message>
        <source>Look at the worker: it may wait for the database or be overloaded.</source>
        <translation>Sehen Sie nach dem Worker: Vielleicht wartet er auf die Datenbank oder ist überlastet.</translation>
    </message>
    <message>
        <source>Never launched</source>
        <translation>Nie gestartet</translation>
    </message>
    <message>
        <source>Next attempt</source>
        <translation>Nächster Versuch</translation>
    </message>
    <message>
        <source>No step begun</source>
        <translation>Kein Schritt begonnen</translation>
    </message>
    <message>
        <source>No worker</source>
        <translation>Kein Worker</translation>
    </message>
    <message>
        <source>No worker has taken it yet; whether one still polls cannot be told yet.</source>
        <translation>Noch kein Worker hat ihn übernommen; ob noch einer abfragt, lässt sich noch nicht sagen.</translation>
    </message>
    <message>
        <source>No worker polls task queue {queue}.</source>
        <translation>Kein Worker fragt die Task Queue {queue} ab.</translation>
    </message>
    <message>
        <source>No worker polls {queue} for activities.</source>
        <translation>Kein Worker fragt {queue} nach Aktivitäten ab.</translation>
    </message>
    <message>
        <source>Nothing can be verified: Postgres does not answer.</source>
        <translation>Nichts lässt sich prüfen: Postgres antwortet nicht.</translation>
    </message>
    <message>
        <source>Nothing executes this run any more. Check that this connection uses the product&apos;s namespace, then replay the run if it matters.</source>
        <translation>Nichts führt diesen Lauf mehr aus. Prüfen Sie, ob diese Verbindung den Namespace des Produkts verwendet, und starten Sie ein Replay, wenn der Lauf wichtig ist.</translation>
    </message>
    <message>
        <source>Nothing executes this run any more. Take over the execution&apos;s end, then replay the run if it matters.</source>
        <translation>Nichts führt diesen Lauf mehr aus. Übernehmen Sie das Ende der Ausführung und starten Sie ein Replay, wenn der Lauf wichtig ist.</translation>
    </message>
    <message>
        <source>Nothing that matches has arrived, but event {event} came with a key or name spelled otherwise.</source>
        <translation>Nichts Passendes kam an, aber das Ereignis {event} kam mit anders geschriebenem Schlüssel oder Namen.</translation>
    </message>
    <message>
        <source>Other queue</source>
        <translation>Andere Queue</translation>
    </message>
    <message>
        <source>Paused by the step quota, although there is quota again.</source>
        <translation>Wegen des Schrittkontingents pausiert, obwohl es wieder Kontingent gibt.</translation>
    </message>
    <message>
        <source>Paused: the tenant&apos;s step quota is used up.</source>
        <translation>Pausiert: Das Schrittkontingent des Mandanten ist verbraucht.</translation>
    </message>
    <message>
        <source>Quota pause</source>
        <translation>Kontingentpause</translation>
    </message>
    <message>
        <source>Recorded as failed at launch, but Temporal had accepted the start and executes it.</source>
        <translation>Als beim Start gescheitert festgehalten, aber Temporal hatte den Start angenommen und führt ihn aus.</translation>
    </message>
    <message>
        <source>Release the human task with the person&apos;s answer.</source>
        <translation>Geben Sie die Benutzeraufgabe mit der Antwort der Person frei.</translation>
    </message>
    <message>
        <source>Resume it.</source>
        <translation>Setzen Sie ihn fort.</translation>
    </message>
    <message>
        <source>Row and execution have ended differently.</source>
        <translation>Zeile und Ausführung sind verschieden zu Ende gegangen.</translation>
    </message>
    <message>
        <source>Send the resume again; that is harmless.</source>
        <translation>Senden Sie das Fortsetzen noch einmal; das schadet nicht.</translation>
    </message>
    <message>
        <source>Start a worker that executes activities on {queue}; the run goes on by itself.</source>
        <translation>Starten Sie einen Worker, der Aktivitäten auf {queue} ausführt; der Lauf geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Start a worker that polls {queue}, or cancel this run and replay it: a replay starts on {contract_queue}.</source>
        <translation>Starten Sie einen Worker, der {queue} abfragt, oder brechen Sie den Lauf ab und starten Sie ein Replay: Es beginnt auf {contract_queue}.</translation>
    </message>
    <message>
        <source>Start the workflow worker (or `rundesk worker`) on task queue {queue}; the run goes on by itself.</source>
        <translation>Starten Sie den Workflow-Worker (oder `rundesk worker`) auf der Task Queue {queue}; der Lauf geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Started on task queue {queue}, not on {contract_queue}.</source>
        <translation>Auf der Task Queue {queue} gestartet, nicht auf {contract_queue}.</translation>
    </message>
    <message>
        <source>Still executing</source>
        <translation>Läuft noch</translation>
    </message>
    <message>
        <source>Stranded</source>
        <translation>Gestrandet</translation>
    </message>
    <message>
        <source>Task not released</source>
        <translation>Nicht freigegeben</translation>
    </message>
    <message>
        <source>Temporal does not know its execution any more; if it closed back then, retention has deleted it.</source>
        <translation>Temporal kennt seine Ausführung nicht mehr; falls sie damals endete, wurde sie nach der Aufbewahrungsfrist gelöscht.</translation>
    </message>
    <message>
        <source>Temporal does not know its execution, although retention would have kept it.</source>
        <translation>Temporal kennt seine Ausführung nicht, obwohl sie noch aufbewahrt sein müsste.</translation>
    </message>
    <message>
        <source>Temporal does not know its execution, nor any other of the product&apos;s in this namespace.</source>
        <translation>Temporal kennt seine Ausführung nicht und in diesem Namespace auch keine andere des Produkts.</translation>
    </message>
    <message>
        <source>Temporal gives it up at {until}. A cancel does not undo what the action has already done.</source>
        <translation>Temporal gibt sie auf ({until}). Ein Abbruch macht nicht rückgängig, was die Aktion schon getan hat.</translation>
    </message>
    <message>
        <source>Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.</source>
        <translation>Temporal versucht es weiter. Mit einem Worker, der diesen Lauf ausführen kann, geht er von selbst weiter; sonst brechen Sie ihn ab.</translation>
    </message>
    <message>
        <source>Temporal tries again by itself.</source>
        <translation>Temporal versucht es von selbst wieder.</translation>
    </message>
    <message>
        <source>Terminated in Temporal; the row was never told.</source>
        <translation>In Temporal terminiert; die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The engine could not load the run&apos;s definition; the row was never told.</source>
        <translation>Die Engine konnte die Definition des Laufs nicht laden; die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The engine could not write a step&apos;s start and gave the run up.</source>
        <translation>Die Engine konnte den Beginn eines Schritts nicht schreiben und gab den Lauf auf.</translation>
    </message>
    <message>
        <source>The execution completed; the row was never told.</source>
        <translation>Die Ausführung wurde abgeschlossen; die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The execution failed; the row was never told.</source>
        <translation>Die Ausführung ist fehlgeschlagen; die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The execution is open, but no step has started.</source>
        <translation>Die Ausführung ist offen, aber kein Schritt hat begonnen.</translation>
    </message>
    <message>
        <source>The execution reached its time limit; the row was never told.</source>
        <translation>Die Ausführung hat ihr Zeitlimit erreicht; die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The launch never reached Temporal.</source>
        <translation>Der Start hat Temporal nie erreicht.</translation>
    </message>
    <message>
        <source>The quota pause was lifted in the database, but the signal never reached the run.</source>
        <translation>Die Kontingentpause wurde in der Datenbank aufgehoben, aber das Signal hat den Lauf nie erreicht.</translation>
    </message>
    <message>
        <source>The row names no Temporal engine, yet Temporal executes it.</source>
        <translation>Die Zeile nennt nicht Temporal als Engine, doch Temporal führt den Lauf aus.</translation>
    </message>
    <message>
        <source>The row says {status}, but the execution is still open.</source>
        <translation>Die Zeile sagt „{status}“, aber die Ausführung ist noch offen.</translation>
    </message>
    <message>
        <source>The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.</source>
        <translation>Der Lauf versucht es von selbst wieder. Beheben Sie vor dem nächsten Versuch, was die Aktion aufruft, oder brechen Sie den Lauf ab.</translation>
    </message>
    <message>
        <source>The run waits for another event. If this one should have counted, deliver it corrected where that is offered, or cancel the run and replay it.</source>
        <translation>Der Lauf wartet auf ein anderes Ereignis. Sollte dieses gelten, stellen Sie es berichtigt zu, wo das angeboten wird, oder brechen Sie den Lauf ab und starten Sie ein Replay.</translation>
    </message>
    <message>
        <source>The task was completed, but the run was never told.</source>
        <translation>Die Aufgabe wurde erledigt, aber der Lauf hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The time it waits for passed at {due}, and the run has not gone on.</source>
        <translation>Der erwartete Zeitpunkt {due} ist vorbei, und der Lauf ist nicht weitergegangen.</translation>
    </message>
    <message>
        <source>The timer should have fired. Look at the worker and the workflow task.</source>
        <translation>Der Timer hätte auslösen müssen. Sehen Sie nach dem Worker und dem Workflow-Task.</translation>
    </message>
    <message>
        <source>The wait timed out at {due}, and the run has not gone on.</source>
        <translation>Die Wartezeit ist abgelaufen ({due}), und der Lauf ist nicht weitergegangen.</translation>
    </message>
    <message>
        <source>The worker fails this run&apos;s workflow task; attempt {attempt} is pending.</source>
        <translation>Der Worker scheitert am Workflow-Task dieses Laufs; Versuch {attempt} steht an.</translation>
    </message>
    <message>
        <source>The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.</source>
        <translation>Die Worker sind ausgelastet oder können diese Aufgabe nicht übernehmen. Starten Sie weitere Worker oder warten Sie, bis der Rückstau abgebaut ist.</translation>
    </message>
    <message>
        <source>Timer overdue</source>
        <translation>Timer überfällig</translation>
    </message>
    <message>
        <source>Wait for the run&apos;s own error handling; do not count it as failed yet.</source>
        <translation>Warten Sie auf die Fehlerbehandlung des Laufs selbst; er zählt noch nicht als fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Waiting for event {event}; nothing that matches has arrived.</source>
        <translation>Wartet auf das Ereignis {event}; nichts Passendes ist angekommen.</translation>
    </message>
    <message>
        <source>Waits for an event without a correlation key: no recorded event can ever match it.</source>
        <translation>Wartet auf ein Ereignis ohne Korrelationsschlüssel: Kein festgehaltenes Ereignis kann je passen.</translation>
    </message>
    <message>
        <source>Waits for child run {child}, which is in trouble itself.</source>
        <translation>Wartet auf den untergeordneten Lauf {child}, der selbst ein Problem hat.</translation>
    </message>
    <message>
        <source>Waits for child run {child}.</source>
        <translation>Wartet auf den untergeordneten Lauf {child}.</translation>
    </message>
    <message>
        <source>What the execution still does takes effect. If it should not, cancel it in Temporal.</source>
        <translation>Was die Ausführung noch tut, wirkt. Soll es das nicht, brechen Sie sie in Temporal ab.</translation>
    </message>
    <message>
        <source>Whether a worker polls cannot be verified: Temporal does not describe the queue.</source>
        <translation>Ob ein Worker abfragt, lässt sich nicht prüfen: Temporal gibt über die Queue keine Auskunft.</translation>
    </message>
    <message>
        <source>Why it does not go on cannot be verified: Temporal does not answer.</source>
        <translation>Warum er nicht weitergeht, lässt sich nicht prüfen: Temporal antwortet nicht.</translation>
    </message>
    <message>
        <source>Workers poll {queue}, but the run has waited {seconds} for one.</source>
        <translation>Worker fragen {queue} ab, aber der Lauf wartet seit {seconds} auf einen.</translation>
    </message>
    <message>
        <source>Workflow task fails</source>
        <translation>Workflow-Task scheitert</translation>
    </message>
    <message>
        <source>{action} has been in flight for {seconds} of at most {limit}.</source>
        <translation>{action} läuft seit {seconds}, erlaubt sind {limit}.</translation>
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
        <source>masked value of {place}</source>
        <translation>maskierter Wert von {place}</translation>
    </message>
    <message>
        <source>whole payload</source>
        <translation>gesamte Nutzdaten</translation>
    </message>
</context>
<context>
    <name>ClosingDialog</name>
    <message numerus="yes">
        <source>%n batch(es) still run</source>
        <translation>
            <numerusform>%n Batch läuft noch</numerusform>
            <numerusform>%n Batches laufen noch</numerusform>
        </translation>
    </message>
    <message>
        <source>Closing pauses them in order: what is being sent is brought to its end, and nothing more is sent. Runs that were started go on without Rundesk. The journal on this computer keeps what was sent; resume the batch when you open Rundesk again, and nothing is sent twice.</source>
        <translation>Beim Schließen wird geordnet pausiert: Was gerade gesendet wird, wird zu Ende gebracht, weiter wird nichts gesendet. Gestartete Läufe gehen ohne Rundesk weiter. Das Journal auf diesem Rechner bewahrt, was gesendet wurde; setzen Sie den Batch fort, wenn Sie Rundesk wieder öffnen, und nichts wird doppelt gesendet.</translation>
    </message>
    <message>
        <source>Keep working</source>
        <translation>Weiterarbeiten</translation>
    </message>
    <message>
        <source>Pause and close</source>
        <translation>Pausieren und schließen</translation>
    </message>
    <message>
        <source>{name}: {stand}</source>
        <translation>{name}: {stand}</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Abort batch…</source>
        <translation>Batch beenden…</translation>
    </message>
    <message>
        <source>Acknowledge troubles</source>
        <translation>Probleme quittieren</translation>
    </message>
    <message>
        <source>Act on everything that matches the filter, not only on the rows that are loaded</source>
        <translation>Auf alles wirken, was zum Filter passt, nicht nur auf die geladenen Zeilen</translation>
    </message>
    <message>
        <source>Add run to case…</source>
        <translation>Lauf einem Fall hinzufügen …</translation>
    </message>
    <message>
        <source>Add selected runs to case…</source>
        <translation>Gewählte Läufe einem Fall hinzufügen …</translation>
    </message>
    <message>
        <source>Add the run that is shown to a case, or open a case with it</source>
        <translation>Den angezeigten Lauf einem Fall hinzufügen oder mit ihm einen Fall eröffnen</translation>
    </message>
    <message>
        <source>Add the runs that are selected in the list to a case</source>
        <translation>Die in der Liste gewählten Läufe einem Fall hinzufügen</translation>
    </message>
    <message>
        <source>Add this comparison to a case</source>
        <translation>Diesen Vergleich einem Fall hinzufügen</translation>
    </message>
    <message>
        <source>Add to case…</source>
        <translation>Zu Fall hinzufügen …</translation>
    </message>
    <message>
        <source>Allow the repairs that write what only the engine else writes</source>
        <translation>Die Reparaturen erlauben, die schreiben, was sonst nur die Engine schreibt</translation>
    </message>
    <message>
        <source>Answer the task that the run waits for</source>
        <translation>Die Aufgabe beantworten, auf die der Lauf wartet</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Back to the list</source>
        <translation>Zurück zur Liste</translation>
    </message>
    <message>
        <source>Batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>Cancel run…</source>
        <translation>Lauf abbrechen…</translation>
    </message>
    <message>
        <source>Cancel selected runs…</source>
        <translation>Gewählte Läufe abbrechen…</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>Fälle</translation>
    </message>
    <message>
        <source>Change between the light and the dark look</source>
        <translation>Zwischen hellem und dunklem Aussehen wechseln</translation>
    </message>
    <message>
        <source>Check servers, rights, workers and this computer</source>
        <translation>Server, Rechte, Worker und diesen Rechner prüfen</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Filter aufheben</translation>
    </message>
    <message>
        <source>Clear selection</source>
        <translation>Auswahl aufheben</translation>
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
        <source>Compare with…</source>
        <translation>Vergleichen mit …</translation>
    </message>
    <message>
        <source>Complete launch…</source>
        <translation>Start abschließen…</translation>
    </message>
    <message>
        <source>Copy diagnosis</source>
        <translation>Diagnose kopieren</translation>
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
        <source>Copy why this run does not go on, with every fact, as redacted text</source>
        <translation>Kopieren, warum dieser Lauf nicht weitergeht, mit allen Fakten, als geschwärzten Text</translation>
    </message>
    <message>
        <source>Count and list runs in trouble that were acknowledged, too</source>
        <translation>Auch quittierte Läufe mit Problemen zählen und auflisten</translation>
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
        <source>Deliver event…</source>
        <translation>Ereignis zustellen…</translation>
    </message>
    <message>
        <source>Desktop notifications</source>
        <translation>Desktop-Benachrichtigungen</translation>
    </message>
    <message>
        <source>Do what the plan says</source>
        <translation>Tun, was der Plan sagt</translation>
    </message>
    <message>
        <source>End the batch for good; what was sent stays</source>
        <translation>Den Batch endgültig beenden; was gesendet wurde, bleibt</translation>
    </message>
    <message>
        <source>End this run; this cannot be undone</source>
        <translation>Diesen Lauf beenden; das lässt sich nicht rückgängig machen</translation>
    </message>
    <message>
        <source>Environment check…</source>
        <translation>Umgebung prüfen…</translation>
    </message>
    <message>
        <source>Export list…</source>
        <translation>Liste exportieren …</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Fehler</translation>
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
        <source>Give the rows the end of an execution that has closed; needs the repair mode</source>
        <translation>Den Zeilen das Ende einer beendeten Ausführung geben; braucht den Reparaturmodus</translation>
    </message>
    <message>
        <source>Go on with what has not been sent; nothing is sent twice</source>
        <translation>Mit dem fortfahren, was noch nicht gesendet ist; nichts wird doppelt gesendet</translation>
    </message>
    <message>
        <source>Go to the next step at which the runs differ</source>
        <translation>Zum nächsten Schritt, in dem sich die Läufe unterscheiden</translation>
    </message>
    <message>
        <source>Go to the step before at which the runs differ</source>
        <translation>Zum vorigen Schritt, in dem sich die Läufe unterscheiden</translation>
    </message>
    <message>
        <source>Hide the runs in trouble that you see now until their cause changes</source>
        <translation>Die jetzt gezeigten Läufe mit Problemen ausblenden, bis sich ihre Ursache ändert</translation>
    </message>
    <message>
        <source>Judge the same runs again, with another patch or another name if you like</source>
        <translation>Dieselben Läufe neu beurteilen, auf Wunsch mit anderem Patch oder Namen</translation>
    </message>
    <message>
        <source>Lay this run beside another one, step by step</source>
        <translation>Diesen Lauf Schritt für Schritt neben einen anderen legen</translation>
    </message>
    <message>
        <source>Leave the comparison</source>
        <translation>Den Vergleich verlassen</translation>
    </message>
    <message>
        <source>Ledger…</source>
        <translation>Ergebnisliste…</translation>
    </message>
    <message>
        <source>Let a run go on that pauses because the step quota was used up</source>
        <translation>Einen Lauf weitergehen lassen, der pausiert, weil das Schrittkontingent verbraucht war</translation>
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
        <source>List the rows that the removed engine left active, and finalize them</source>
        <translation>Die Zeilen auflisten, die die entfernte Engine aktiv zurückließ, und sie abschließen</translation>
    </message>
    <message>
        <source>List the runs that do not go on by themselves, each with its cause</source>
        <translation>Die Läufe auflisten, die nicht von selbst weitergehen, jeden mit seiner Ursache</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>Mark as failed launch…</source>
        <translation>Als gescheiterten Start kennzeichnen…</translation>
    </message>
    <message>
        <source>More runs on the screen</source>
        <translation>Mehr Läufe auf dem Bildschirm</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>Neuer Fall</translation>
    </message>
    <message>
        <source>Next difference</source>
        <translation>Nächster Unterschied</translation>
    </message>
    <message>
        <source>Open a case without runs</source>
        <translation>Einen Fall ohne Läufe eröffnen</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Lauf öffnen</translation>
    </message>
    <message>
        <source>Pause batch</source>
        <translation>Batch pausieren</translation>
    </message>
    <message>
        <source>Plan a replay of every selected run; nothing is sent before you have seen the plan</source>
        <translation>Ein Replay jedes gewählten Laufs planen; nichts wird gesendet, bevor Sie den Plan gesehen haben</translation>
    </message>
    <message>
        <source>Plan again…</source>
        <translation>Neu planen…</translation>
    </message>
    <message>
        <source>Plan to cancel every selected run; nothing is sent before you have seen the plan</source>
        <translation>Den Abbruch jedes gewählten Laufs planen; nichts wird gesendet, bevor Sie den Plan gesehen haben</translation>
    </message>
    <message>
        <source>Previous difference</source>
        <translation>Voriger Unterschied</translation>
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
        <source>Release human task…</source>
        <translation>Benutzeraufgabe freigeben…</translation>
    </message>
    <message>
        <source>Remove case</source>
        <translation>Fall entfernen</translation>
    </message>
    <message>
        <source>Remove the case that is shown; this can be undone</source>
        <translation>Den angezeigten Fall entfernen; das lässt sich rückgängig machen</translation>
    </message>
    <message>
        <source>Repair mode</source>
        <translation>Reparaturmodus</translation>
    </message>
    <message>
        <source>Replay selected runs…</source>
        <translation>Replay gewählter Läufe…</translation>
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
        <source>Resume batch</source>
        <translation>Batch fortsetzen</translation>
    </message>
    <message>
        <source>Resume quota pause…</source>
        <translation>Kontingentpause beenden…</translation>
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
        <source>Save a redacted report of this run as PDF, web page, ticket text or data</source>
        <translation>Einen geschwärzten Bericht über diesen Lauf als PDF, Webseite, Tickettext oder Daten speichern</translation>
    </message>
    <message>
        <source>Save the runs that match the filter as a report, a workbook or a table</source>
        <translation>Die Läufe, die zum Filter passen, als Bericht, Arbeitsmappe oder Tabelle speichern</translation>
    </message>
    <message>
        <source>Save what became of every run of the batch as CSV or JSON</source>
        <translation>Speichern, was aus jedem Lauf des Batches wurde, als CSV oder JSON</translation>
    </message>
    <message>
        <source>Say so, here and on the desktop, when this run has ended</source>
        <translation>Hier und auf dem Desktop melden, wenn dieser Lauf beendet ist</translation>
    </message>
    <message>
        <source>Select all that match</source>
        <translation>Alle passenden wählen</translation>
    </message>
    <message>
        <source>Select no run (Esc in the list)</source>
        <translation>Keinen Lauf wählen (Esc in der Liste)</translation>
    </message>
    <message>
        <source>Send a missed event to this run alone; needs the repair mode</source>
        <translation>Ein verpasstes Ereignis nur diesem Lauf senden; braucht den Reparaturmodus</translation>
    </message>
    <message>
        <source>Send nothing more for now; what is under way comes to its end</source>
        <translation>Vorerst nichts weiter senden; was unterwegs ist, kommt zu Ende</translation>
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
        <source>Show acknowledged</source>
        <translation>Quittierte zeigen</translation>
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
        <source>Show runs in trouble</source>
        <translation>Läufe mit Problemen zeigen</translation>
    </message>
    <message>
        <source>Show the cases on this computer</source>
        <translation>Die Fälle auf diesem Computer anzeigen</translation>
    </message>
    <message>
        <source>Show the second run as the first</source>
        <translation>Den zweiten Lauf als ersten anzeigen</translation>
    </message>
    <message>
        <source>Show the selected run and move the keyboard to it</source>
        <translation>Den gewählten Lauf anzeigen und die Tastatur dorthin setzen</translation>
    </message>
    <message>
        <source>Show what a crash or an outage left half done, and complete what is missing</source>
        <translation>Zeigen, was ein Absturz oder Ausfall halb getan zurückließ, und das Fehlende nachholen</translation>
    </message>
    <message>
        <source>Show what was done to many runs at once, and how each of them ended</source>
        <translation>Zeigen, was mit vielen Läufen zugleich getan wurde und wie jeder endete</translation>
    </message>
    <message>
        <source>Show which failures are the same, how often, since when, and which are known</source>
        <translation>Zeigen, welche Fehler dieselben sind, wie oft, seit wann und welche bekannt sind</translation>
    </message>
    <message>
        <source>Start a new run of a published workflow</source>
        <translation>Einen neuen Lauf eines veröffentlichten Workflows starten</translation>
    </message>
    <message>
        <source>Start a new run of this workflow with this run&apos;s payload; it is no replay</source>
        <translation>Einen neuen Lauf dieses Workflows mit den Nutzdaten dieses Laufs starten; es ist kein Replay</translation>
    </message>
    <message>
        <source>Start a new run with this run&apos;s payload, as it was or edited</source>
        <translation>Einen neuen Lauf mit den Nutzdaten dieses Laufs starten, unverändert oder bearbeitet</translation>
    </message>
    <message>
        <source>Start batch</source>
        <translation>Batch starten</translation>
    </message>
    <message>
        <source>Start like this…</source>
        <translation>So starten…</translation>
    </message>
    <message>
        <source>Start the execution of a run that was recorded and never started</source>
        <translation>Die Ausführung eines Laufs starten, der festgehalten, aber nie gestartet wurde</translation>
    </message>
    <message>
        <source>Stranded runs…</source>
        <translation>Gestrandete Läufe…</translation>
    </message>
    <message>
        <source>Swap</source>
        <translation>Tauschen</translation>
    </message>
    <message>
        <source>Switch light and dark</source>
        <translation>Hell und dunkel wechseln</translation>
    </message>
    <message>
        <source>Take over the execution&apos;s end…</source>
        <translation>Ende der Ausführung übernehmen…</translation>
    </message>
    <message>
        <source>Tell me when it ends</source>
        <translation>Ende melden</translation>
    </message>
    <message>
        <source>Tell new causes of trouble and ended runs on the desktop, also while hidden</source>
        <translation>Neue Problemursachen und beendete Läufe auf dem Desktop melden, auch wenn das Fenster verborgen ist</translation>
    </message>
    <message>
        <source>Type a run id, the beginning of one, or a correlation key</source>
        <translation>Eine Lauf-ID, ihren Anfang oder einen Korrelationsschlüssel eingeben</translation>
    </message>
    <message>
        <source>Unfinished actions…</source>
        <translation>Unvollendete Vorgänge…</translation>
    </message>
    <message>
        <source>Write FAILED on a run whose execution was never started</source>
        <translation>FAILED auf einen Lauf schreiben, dessen Ausführung nie gestartet wurde</translation>
    </message>
</context>
<context>
    <name>Compare</name>
    <message>
        <source>Both are runs of the same workflow.</source>
        <translation>Beide sind Läufe desselben Workflows.</translation>
    </message>
    <message>
        <source>Both runs went through the same steps, with the same results.</source>
        <translation>Beide Läufe gingen durch dieselben Schritte, mit denselben Ergebnissen.</translation>
    </message>
    <message>
        <source>No two runs are compared now.</source>
        <translation>Im Moment werden keine zwei Läufe verglichen.</translation>
    </message>
    <message>
        <source>The first run is a replay of the second.</source>
        <translation>Der erste Lauf ist ein Replay des zweiten.</translation>
    </message>
    <message>
        <source>The runs are of two workflows: steps are matched by their ids alone.</source>
        <translation>Die Läufe gehören zu zwei Workflows: Schritte werden nur nach ihren IDs zugeordnet.</translation>
    </message>
    <message>
        <source>The second run is a replay of the first.</source>
        <translation>Der zweite Lauf ist ein Replay des ersten.</translation>
    </message>
    <message>
        <source>They part at {step}. It differs in: {aspects}.</source>
        <translation>Sie trennen sich bei {step}. Es unterscheidet sich in: {aspects}.</translation>
    </message>
    <message>
        <source>They part at {step}: only the first run went through it.</source>
        <translation>Sie trennen sich bei {step}: Nur der erste Lauf ging hindurch.</translation>
    </message>
    <message>
        <source>They part at {step}: only the second run went through it.</source>
        <translation>Sie trennen sich bei {step}: Nur der zweite Lauf ging hindurch.</translation>
    </message>
    <message>
        <source>action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>attempts</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>branch</source>
        <translation>Zweig</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>geändert</translation>
    </message>
    <message>
        <source>duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>verschoben</translation>
    </message>
    <message>
        <source>only in the first run</source>
        <translation>nur im ersten Lauf</translation>
    </message>
    <message>
        <source>only in the first version</source>
        <translation>nur in der ersten Version</translation>
    </message>
    <message>
        <source>only in the second run</source>
        <translation>nur im zweiten Lauf</translation>
    </message>
    <message>
        <source>only in the second version</source>
        <translation>nur in der zweiten Version</translation>
    </message>
    <message>
        <source>outcome</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>the workflow itself</source>
        <translation>der Workflow selbst</translation>
    </message>
    <message>
        <source>wait</source>
        <translation>Wartestelle</translation>
    </message>
    <message>
        <source>{step}, pass {number}</source>
        <translation>{step}, Durchgang {number}</translation>
    </message>
</context>
<context>
    <name>CompareChooser</name>
    <message>
        <source>Another run of this tenant:</source>
        <translation>Ein anderer Lauf dieses Mandanten:</translation>
    </message>
    <message>
        <source>Both runs of {workflow} are laid side by side, step by step.</source>
        <translation>Zwei Läufe von {workflow} werden Schritt für Schritt nebeneinandergelegt.</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>Vergleichen mit …</translation>
    </message>
    <message>
        <source>Id of the other run</source>
        <translation>ID des anderen Laufs</translation>
    </message>
    <message>
        <source>Its newest replay</source>
        <translation>Sein neuester Replay</translation>
    </message>
    <message>
        <source>The last success of this workflow</source>
        <translation>Der letzte Erfolg dieses Workflows</translation>
    </message>
    <message>
        <source>The run that it replays</source>
        <translation>Der Lauf, den er wiederholt</translation>
    </message>
    <message>
        <source>The whole run id</source>
        <translation>Die ganze ID des Laufs</translation>
    </message>
    <message>
        <source>This run has not been replayed.</source>
        <translation>Von diesem Lauf gibt es keinen Replay.</translation>
    </message>
    <message>
        <source>This run is no replay.</source>
        <translation>Dieser Lauf ist kein Replay.</translation>
    </message>
    <message>
        <source>Type the whole id of a run.</source>
        <translation>Geben Sie die ganze ID eines Laufs ein.</translation>
    </message>
    <message>
        <source>Unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message numerus="yes">
        <source>%n step(s) differ</source>
        <translation>
            <numerusform>%n Schritt unterscheidet sich</numerusform>
            <numerusform>%n Schritte unterscheiden sich</numerusform>
        </translation>
    </message>
    <message>
        <source>Both runs are being read…</source>
        <translation>Beide Läufe werden gelesen …</translation>
    </message>
    <message>
        <source>First run</source>
        <translation>Erster Lauf</translation>
    </message>
    <message>
        <source>Only what differs</source>
        <translation>Nur Unterschiede</translation>
    </message>
    <message>
        <source>Second run</source>
        <translation>Zweiter Lauf</translation>
    </message>
    <message>
        <source>Steps of both runs</source>
        <translation>Schritte beider Läufe</translation>
    </message>
    <message>
        <source>Two runs compared</source>
        <translation>Zwei Läufe im Vergleich</translation>
    </message>
    <message>
        <source>What actions were given and returned is hidden, so it was not compared.</source>
        <translation>Was Aktionen bekamen und zurückgaben, ist verborgen und wurde daher nicht verglichen.</translation>
    </message>
    <message>
        <source>they ran two versions of the workflow</source>
        <translation>sie liefen mit zwei Versionen des Workflows</translation>
    </message>
</context>
<context>
    <name>ComparedColumns</name>
    <message numerus="yes">
        <source>%n attempt(s)</source>
        <translation>
            <numerusform>%n Versuch</numerusform>
            <numerusform>%n Versuche</numerusform>
        </translation>
    </message>
    <message>
        <source>Differs in</source>
        <translation>Unterschied in</translation>
    </message>
    <message>
        <source>First run</source>
        <translation>Erster Lauf</translation>
    </message>
    <message>
        <source>Second run</source>
        <translation>Zweiter Lauf</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>This run did not go through the step.</source>
        <translation>Dieser Lauf ging nicht durch den Schritt.</translation>
    </message>
    <message>
        <source>the same</source>
        <translation>gleich</translation>
    </message>
</context>
<context>
    <name>ComparisonPanes</name>
    <message>
        <source>Both ran the same version.</source>
        <translation>Beide liefen mit derselben Version.</translation>
    </message>
    <message>
        <source>Both say: {error}</source>
        <translation>Beide sagen: {error}</translation>
    </message>
    <message>
        <source>Definition</source>
        <translation>Definition</translation>
    </message>
    <message>
        <source>Differences</source>
        <translation>Unterschiede</translation>
    </message>
    <message>
        <source>It did not fail.</source>
        <translation>Er ist nicht fehlgeschlagen.</translation>
    </message>
    <message>
        <source>No difference.</source>
        <translation>Kein Unterschied.</translation>
    </message>
    <message numerus="yes">
        <source>No difference. %n masked place(s) were not compared.</source>
        <translation>
            <numerusform>Kein Unterschied. %n maskierte Stelle wurde nicht verglichen.</numerusform>
            <numerusform>Kein Unterschied. %n maskierte Stellen wurden nicht verglichen.</numerusform>
        </translation>
    </message>
    <message>
        <source>Not compared: what you may not see, or what is hidden, is not compared either.</source>
        <translation>Nicht verglichen: Was Sie nicht sehen dürfen oder was verborgen ist, wird auch nicht verglichen.</translation>
    </message>
    <message>
        <source>Only the first run went through {step}.</source>
        <translation>Nur der erste Lauf ging durch {step}.</translation>
    </message>
    <message>
        <source>Only the second run went through {step}.</source>
        <translation>Nur der zweite Lauf ging durch {step}.</translation>
    </message>
    <message>
        <source>Run input</source>
        <translation>Eingabe des Laufs</translation>
    </message>
    <message>
        <source>Select a step to see how it differs.</source>
        <translation>Wählen Sie einen Schritt, um zu sehen, worin er sich unterscheidet.</translation>
    </message>
    <message>
        <source>Step error</source>
        <translation>Fehler des Schritts</translation>
    </message>
    <message>
        <source>Step input</source>
        <translation>Eingabe des Schritts</translation>
    </message>
    <message>
        <source>Step output</source>
        <translation>Ausgabe des Schritts</translation>
    </message>
    <message>
        <source>The step failed in neither run.</source>
        <translation>Der Schritt ist in keinem der Läufe fehlgeschlagen.</translation>
    </message>
    <message>
        <source>The two versions do not differ.</source>
        <translation>Die beiden Versionen unterscheiden sich nicht.</translation>
    </message>
</context>
<context>
    <name>Compose</name>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
</context>
<context>
    <name>ComposeDialog</name>
    <message numerus="yes">
        <source>Cancel %Ln run(s)</source>
        <translation>
            <numerusform>%Ln Lauf abbrechen</numerusform>
            <numerusform>%Ln Läufe abbrechen</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel runs</source>
        <translation>Läufe abbrechen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Every run is judged first. Nothing is sent yet.</source>
        <translation>Erst wird jeder Lauf beurteilt. Noch wird nichts gesendet.</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>Give the batch a name.</source>
        <translation>Geben Sie dem Batch einen Namen.</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>Eingaben</translation>
    </message>
    <message>
        <source>Judging every run…</source>
        <translation>Jeder Lauf wird beurteilt…</translation>
    </message>
    <message>
        <source>Judging {number} runs…</source>
        <translation>{number} Läufe werden beurteilt…</translation>
    </message>
    <message>
        <source>Make the plan</source>
        <translation>Plan erstellen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Planning…</source>
        <translation>Wird geplant…</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Recorded in every run&apos;s log and in the audit trail</source>
        <translation>Wird im Protokoll jedes Laufs und im Audit festgehalten</translation>
    </message>
    <message numerus="yes">
        <source>Replay %Ln run(s)</source>
        <translation>
            <numerusform>Replay von %Ln Lauf</numerusform>
            <numerusform>Replay von %Ln Läufen</numerusform>
        </translation>
    </message>
    <message>
        <source>Replay runs</source>
        <translation>Replay von Läufen</translation>
    </message>
    <message>
        <source>Stop planning</source>
        <translation>Planung stoppen</translation>
    </message>
    <message>
        <source>The incident, for example: gateway outage</source>
        <translation>Der Vorfall, zum Beispiel: Ausfall des Gateways</translation>
    </message>
    <message>
        <source>The plan is being made</source>
        <translation>Der Plan wird erstellt</translation>
    </message>
    <message>
        <source>You see the plan before anything is sent.</source>
        <translation>Sie sehen den Plan, bevor etwas gesendet wird.</translation>
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
    <name>DamageCard</name>
    <message>
        <source>Beginning of the run&apos;s id, to send the damaged input as it is</source>
        <translation>Anfang der Lauf-ID, um die beschädigte Eingabe so zu senden</translation>
    </message>
    <message>
        <source>Damaged input: every placeholder is replaced in this replay.</source>
        <translation>Beschädigte Eingabe: In diesem Replay ist jeder Platzhalter ersetzt.</translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: the stored payload itself holds %n placeholder(s).</source>
        <translation>
            <numerusform>Beschädigte Eingabe: Die gespeicherten Nutzdaten selbst enthalten %n Platzhalter.</numerusform>
            <numerusform>Beschädigte Eingabe: Die gespeicherten Nutzdaten selbst enthalten %n Platzhalter.</numerusform>
        </translation>
    </message>
    <message>
        <source>Drop the changes: {act}</source>
        <translation>Änderungen verwerfen: {act}</translation>
    </message>
    <message>
        <source>Opens the payload anew; what you changed in this one is dropped.</source>
        <translation>Öffnet die Nutzdaten neu; Ihre Änderungen an diesen werden verworfen.</translation>
    </message>
    <message>
        <source>Replace each with its real value before the replay: {paths}</source>
        <translation>Ersetzen Sie jeden vor dem Replay durch seinen echten Wert: {paths}</translation>
    </message>
    <message>
        <source>The new run is recorded as a replay of {run}, with the input of {ancestor}.</source>
        <translation>Der neue Lauf wird als Replay von {run} mit der Eingabe von {ancestor} festgehalten.</translation>
    </message>
    <message>
        <source>This is the input of run {ancestor}, which is whole.</source>
        <translation>Dies ist die Eingabe von Lauf {ancestor}; sie ist unversehrt.</translation>
    </message>
    <message>
        <source>To send it damaged, type {start}</source>
        <translation>Um sie beschädigt zu senden, geben Sie {start} ein</translation>
    </message>
    <message>
        <source>Use the input of run {ancestor}</source>
        <translation>Eingabe von Lauf {ancestor} verwenden</translation>
    </message>
    <message>
        <source>Use this run&apos;s own input</source>
        <translation>Eigene Eingabe dieses Laufs verwenden</translation>
    </message>
</context>
<context>
    <name>Decisions</name>
    <message>
        <source>These runs are left out unless you decide otherwise</source>
        <translation>Diese Läufe werden ausgelassen, wenn Sie nicht anders entscheiden</translation>
    </message>
    <message numerus="yes">
        <source>{concern}: act on %n run(s) all the same</source>
        <translation>
            <numerusform>{concern}: %n Lauf trotzdem einbeziehen</numerusform>
            <numerusform>{concern}: %n Läufe trotzdem einbeziehen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Every run goes on by itself, or waits for what it should wait for.</source>
        <translation>Jeder Lauf geht von selbst weiter oder wartet auf das, worauf er warten soll.</translation>
    </message>
    <message>
        <source>No run is in trouble</source>
        <translation>Kein Lauf hat ein Problem</translation>
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
        <source>A batch holds {limit} runs at most, and more match. Narrow the filter, for example by time.</source>
        <translation>Ein Batch umfasst höchstens {limit} Läufe, und mehr passen. Engen Sie den Filter ein, zum Beispiel zeitlich.</translation>
    </message>
    <message>
        <source>A cancel changes no input, so it takes no patch.</source>
        <translation>Ein Abbruch ändert keine Eingabe und nimmt daher keinen Patch an.</translation>
    </message>
    <message>
        <source>A case holds at most {limit} runs, and this would make {runs}. Open another case for the rest.</source>
        <translation>Ein Fall fasst höchstens {limit} Läufe, und das wären {runs}. Eröffnen Sie für den Rest einen weiteren Fall.</translation>
    </message>
    <message>
        <source>A demo run could not be launched. Start the sandbox again.</source>
        <translation>Ein Demo-Lauf konnte nicht gestartet werden. Starten Sie die Sandbox noch einmal.</translation>
    </message>
    <message>
        <source>A link begins with https:// or http://, names a host, and holds neither a user nor spaces.</source>
        <translation>Ein Link beginnt mit https:// oder http://, nennt einen Host und enthält weder Benutzer noch Leerzeichen.</translation>
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
        <source>A report tells of 1 to {limit} runs, not of {runs}. Export a list of more of them.</source>
        <translation>Ein Bericht handelt von 1 bis {limit} Läufen, nicht von {runs}. Exportieren Sie für mehr eine Liste.</translation>
    </message>
    <message>
        <source>A run does not differ from itself. Name another one to compare it with.</source>
        <translation>Ein Lauf unterscheidet sich nicht von sich selbst. Nennen Sie einen anderen zum Vergleich.</translation>
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
        <source>Failures are looked for within at most {days} days before now.</source>
        <translation>Fehler werden höchstens {days} Tage zurück gesucht.</translation>
    </message>
    <message>
        <source>Give the batch a name, for example that of the incident it repairs.</source>
        <translation>Geben Sie dem Batch einen Namen, zum Beispiel den des Vorfalls, den er behebt.</translation>
    </message>
    <message>
        <source>Give the response: a JSON object that answers the task&apos;s form.</source>
        <translation>Geben Sie die Antwort an: ein JSON-Objekt, das das Formular der Aufgabe beantwortet.</translation>
    </message>
    <message>
        <source>It is not known what became of it, because one of the servers does not answer.</source>
        <translation>Was daraus wurde, ist nicht bekannt, weil einer der Server nicht antwortet.</translation>
    </message>
    <message>
        <source>Launch unconfirmed: Temporal did not say whether the execution started. Rundesk keeps asking; do not start it again.</source>
        <translation>Start unbestätigt: Temporal hat nicht gesagt, ob die Ausführung begonnen hat. Rundesk fragt weiter; starten Sie nicht noch einmal.</translation>
    </message>
    <message>
        <source>No engine executes this run any more, so there is nothing to resume.</source>
        <translation>Keine Engine führt diesen Lauf mehr aus, es gibt also nichts fortzusetzen.</translation>
    </message>
    <message>
        <source>No free TCP port was found on 127.0.0.1.</source>
        <translation>Auf 127.0.0.1 wurde kein freier TCP-Port gefunden.</translation>
    </message>
    <message>
        <source>No open execution of this run can take a message ({execution}). Nothing was sent.</source>
        <translation>Keine offene Ausführung dieses Laufs kann eine Nachricht annehmen ({execution}). Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>No run matches, so there is nothing to plan.</source>
        <translation>Kein Lauf passt, es gibt also nichts zu planen.</translation>
    </message>
    <message>
        <source>No run of {workflow} has succeeded yet, so there is none to compare with.</source>
        <translation>Noch kein Lauf von {workflow} war erfolgreich, es gibt also keinen zum Vergleich.</translation>
    </message>
    <message>
        <source>No run that the input of {run_id} was copied from has a whole input. Replace the placeholders by values.</source>
        <translation>Kein Lauf, von dem die Eingabe von {run_id} kopiert wurde, hat eine unversehrte Eingabe. Ersetzen Sie die Platzhalter durch Werte.</translation>
    </message>
    <message>
        <source>Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox&apos;s directory, then start it again; it goes on from here.</source>
        <translation>Nicht alle Demo-Läufe kamen rechtzeitig zur Ruhe. Sehen Sie in logs/worker.log im Verzeichnis der Sandbox nach und starten Sie sie noch einmal; es geht von hier aus weiter.</translation>
    </message>
    <message>
        <source>Nothing is to be seen of it yet; a write that is still under way could arrive.</source>
        <translation>Noch ist nichts davon zu sehen; ein Schreibvorgang, der noch unterwegs ist, könnte ankommen.</translation>
    </message>
    <message>
        <source>Nothing was started.</source>
        <translation>Es wurde nichts gestartet.</translation>
    </message>
    <message>
        <source>Nothing was written and nothing runs for it. Do it again if it is still wanted.</source>
        <translation>Es wurde nichts geschrieben, und nichts läuft dafür. Tun Sie es noch einmal, wenn es noch gewünscht ist.</translation>
    </message>
    <message>
        <source>Nothing was written. To close this row without Temporal&apos;s word, type the beginning of its id: {wanted}.</source>
        <translation>Es wurde nichts geschrieben. Um diese Zeile ohne Aussage von Temporal zu schließen, geben Sie den Anfang ihrer ID ein: {wanted}.</translation>
    </message>
    <message>
        <source>One of the two versions is no longer stored.</source>
        <translation>Eine der beiden Versionen ist nicht mehr gespeichert.</translation>
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
        <source>Reports are not written in the language {language}.</source>
        <translation>In der Sprache {language} werden keine Berichte geschrieben.</translation>
    </message>
    <message>
        <source>Run {run_id} is not a run of this workflow, so its input cannot be taken. Choose a run of the workflow that you want to start.</source>
        <translation>Lauf {run_id} ist kein Lauf dieses Workflows, seine Eingabe lässt sich daher nicht übernehmen. Wählen Sie einen Lauf des Workflows, den Sie starten wollen.</translation>
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
        <source>Should the response have arrived nevertheless, the run will show it.</source>
        <translation>Sollte die Antwort dennoch angekommen sein, wird der Lauf es zeigen.</translation>
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
        <source>Temporal accepted the cancel; the execution or one below it has not closed yet.</source>
        <translation>Temporal hat den Abbruch angenommen; die Ausführung oder eine untergeordnete ist noch nicht beendet.</translation>
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
        <source>Temporal did not say whether the execution started. Look again: it will show.</source>
        <translation>Temporal hat nicht gesagt, ob die Ausführung begonnen hat. Sehen Sie noch einmal nach: Es wird sich zeigen.</translation>
    </message>
    <message>
        <source>Temporal did not say whether the execution started. Send the repair again: it starts once.</source>
        <translation>Temporal hat nicht gesagt, ob die Ausführung begonnen hat. Senden Sie die Reparatur noch einmal: Gestartet wird nur einmal.</translation>
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
        <source>Temporal does not show how the execution ended. Nothing was written; try again.</source>
        <translation>Temporal zeigt nicht, wie die Ausführung endete. Es wurde nichts geschrieben; versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Temporal has an execution of this run ({execution}). Nothing was written.</source>
        <translation>Temporal hat eine Ausführung dieses Laufs ({execution}). Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>Temporal holds the event, but the wait is still open: no worker took it, or its filters reject it.</source>
        <translation>Temporal hat das Ereignis, aber der Wartezustand ist noch offen: Kein Worker nahm es, oder seine Filter weisen es ab.</translation>
    </message>
    <message>
        <source>Temporal holds the response, but no worker has taken it yet. A worker that starts goes on.</source>
        <translation>Temporal hat die Antwort, aber noch kein Worker hat sie übernommen. Startet ein Worker, geht es weiter.</translation>
    </message>
    <message>
        <source>Temporal holds the signal, but no worker has taken it yet. A worker that starts goes on with the run; sending the resume again is safe.</source>
        <translation>Temporal hat das Signal, aber noch kein Worker hat es übernommen. Startet ein Worker, geht der Lauf weiter; das Fortsetzen lässt sich gefahrlos noch einmal senden.</translation>
    </message>
    <message>
        <source>Temporal is overloaded and turned the call away. Try again in a moment.</source>
        <translation>Temporal ist überlastet und hat die Anfrage abgewiesen. Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run, so it was not canceled. Look at the run.</source>
        <translation>Temporal kennt keine Ausführung dieses Laufs, er wurde daher nicht abgebrochen. Sehen Sie sich den Lauf an.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run, so nothing can be resumed or was written.</source>
        <translation>Temporal kennt keine Ausführung dieses Laufs; es gibt nichts fortzusetzen, und es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run, so there is no outcome to take over. Nothing was written.</source>
        <translation>Temporal kennt keine Ausführung dieses Laufs, es gibt also kein Ergebnis zu übernehmen. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run: it never started, or its retention has passed. Nothing was canceled and nothing was written. Its row can be closed on your word, or the launch repaired.</source>
        <translation>Temporal kennt keine Ausführung dieses Laufs: Sie begann nie, oder ihre Aufbewahrung ist abgelaufen. Es wurde nichts abgebrochen und nichts geschrieben. Auf Ihr Wort lässt sich die Zeile schließen, oder der Start lässt sich reparieren.</translation>
    </message>
    <message>
        <source>Temporal knows the execution of this run ({execution}), so its row was not closed alone. Nothing was written.</source>
        <translation>Temporal kennt die Ausführung dieses Laufs ({execution}), daher wurde nicht allein die Zeile geschlossen. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>Temporal refused the start. Nothing was started or written; the launch can be failed.</source>
        <translation>Temporal hat den Start abgelehnt. Es wurde nichts gestartet oder geschrieben; der Start lässt sich als gescheitert kennzeichnen.</translation>
    </message>
    <message>
        <source>Temporal refused to start the execution, so nothing runs.</source>
        <translation>Temporal hat den Start der Ausführung abgelehnt; es läuft nichts.</translation>
    </message>
    <message>
        <source>The case at {path} could not be kept or read: {reason}. What you typed stays in the window.</source>
        <translation>Der Fall unter {path} ließ sich nicht speichern oder lesen: {reason}. Was Sie eingegeben haben, bleibt im Fenster.</translation>
    </message>
    <message>
        <source>The case {path} was written by a newer Rundesk. It was left as it is; open it with that version.</source>
        <translation>Der Fall {path} stammt von einem neueren Rundesk. Er blieb, wie er ist; öffnen Sie ihn mit jener Version.</translation>
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
        <source>The draft of this start could not be kept or read at {path}: {reason}. Starting works without it.</source>
        <translation>Der Entwurf dieses Starts ließ sich unter {path} nicht speichern oder lesen: {reason}. Starten geht auch ohne ihn.</translation>
    </message>
    <message>
        <source>The draft {path} cannot be read and was left as it is. Remove the file to be rid of this message.</source>
        <translation>Der Entwurf {path} ist nicht lesbar und wurde so gelassen. Entfernen Sie die Datei, um diese Meldung loszuwerden.</translation>
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
        <source>The event has no name. Nothing was recorded.</source>
        <translation>Das Ereignis hat keinen Namen. Nichts wurde erfasst.</translation>
    </message>
    <message>
        <source>The event is recorded, but the signal may not have arrived.</source>
        <translation>Das Ereignis ist festgehalten, aber das Signal ist vielleicht nicht angekommen.</translation>
    </message>
    <message>
        <source>The execution does not pause on the quota. Nothing was sent.</source>
        <translation>Die Ausführung pausiert nicht wegen des Kontingents. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The execution does not wait at {step_path} any more: the wait row is stale. Nothing was sent.</source>
        <translation>Die Ausführung wartet nicht mehr bei {step_path}: Die Zeile des Wartezustands ist veraltet. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The execution ended before the signal reached it.</source>
        <translation>Die Ausführung endete, bevor das Signal sie erreichte.</translation>
    </message>
    <message>
        <source>The execution existed already; its ids are stored.</source>
        <translation>Die Ausführung gab es schon; ihre IDs sind gespeichert.</translation>
    </message>
    <message>
        <source>The execution had already ended; only its row still says {status}. Nothing was written.</source>
        <translation>Die Ausführung war schon beendet; nur ihre Zeile sagt noch „{status}“. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The execution had ended by itself; only its row is still open. Look at the run.</source>
        <translation>Die Ausführung war von selbst beendet; nur ihre Zeile ist noch offen. Sehen Sie sich den Lauf an.</translation>
    </message>
    <message>
        <source>The execution has already ended ({status}), so nothing can be resumed. Nothing was written.</source>
        <translation>Die Ausführung ist schon beendet ({status}), es gibt nichts fortzusetzen. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The execution is started under the same run id.</source>
        <translation>Die Ausführung ist unter derselben Lauf-ID gestartet.</translation>
    </message>
    <message>
        <source>The execution is started; ids, log and audit are complete.</source>
        <translation>Die Ausführung ist gestartet; IDs, Protokoll und Audit sind vollständig.</translation>
    </message>
    <message>
        <source>The execution is still open: what it writes next would contradict the repair. Nothing was written.</source>
        <translation>Die Ausführung ist noch offen: Was sie als Nächstes schreibt, widerspräche der Reparatur. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The execution runs, but its ids are not recorded yet. Rundesk goes on recording them.</source>
        <translation>Die Ausführung läuft, aber ihre IDs sind noch nicht festgehalten. Rundesk versucht es weiter.</translation>
    </message>
    <message>
        <source>The execution still runs, and it is not known whether Temporal got the cancel.</source>
        <translation>Die Ausführung läuft noch, und es ist nicht bekannt, ob der Abbruch bei Temporal ankam.</translation>
    </message>
    <message>
        <source>The execution was running; the row says so again.</source>
        <translation>Die Ausführung lief; die Zeile sagt das nun wieder.</translation>
    </message>
    <message>
        <source>The execution was started. Its ids, log and audit are complete now.</source>
        <translation>Die Ausführung wurde gestartet. IDs, Protokoll und Audit sind jetzt vollständig.</translation>
    </message>
    <message>
        <source>The file {file} with the sandbox&apos;s database password is gone, so its data cannot be opened. Give another --data-dir, or move the sandbox&apos;s directory away to start afresh.</source>
        <translation>Die Datei {file} mit dem Datenbankpasswort der Sandbox fehlt, daher lassen sich ihre Daten nicht öffnen. Geben Sie ein anderes --data-dir an oder verschieben Sie das Verzeichnis der Sandbox, um neu zu beginnen.</translation>
    </message>
    <message>
        <source>The file {path} cannot be read as a case and was left as it is.</source>
        <translation>Die Datei {path} lässt sich nicht als Fall lesen und blieb, wie sie ist.</translation>
    </message>
    <message>
        <source>The id {event_id} belongs to another event, of another name or payload. Nothing was changed. An event that is sent again keeps both; a new one needs an id of its own.</source>
        <translation>Die ID {event_id} gehört zu einem anderen Ereignis mit anderem Namen oder Inhalt. Nichts wurde geändert. Ein erneut gesendetes Ereignis behält beides; ein neues braucht eine eigene ID.</translation>
    </message>
    <message>
        <source>The input of run {input_of} cannot stand in for that of run {run_id}: only for a damaged input, and only the nearest whole one that it was copied from.</source>
        <translation>Die Eingabe von Lauf {input_of} kann die von Lauf {run_id} nicht vertreten: nur bei beschädigter Eingabe, und nur die nächste unversehrte, von der sie kopiert wurde.</translation>
    </message>
    <message>
        <source>The input of run {run_id} holds no placeholder, so its own input is the one to replay.</source>
        <translation>Die Eingabe von Lauf {run_id} enthält keinen Platzhalter, das Replay verwendet daher seine eigene Eingabe.</translation>
    </message>
    <message>
        <source>The input of that run has changed since it was shown, so nothing was started. Take it again.</source>
        <translation>Die Eingabe jenes Laufs hat sich geändert, seit sie gezeigt wurde; es wurde nichts gestartet. Übernehmen Sie sie noch einmal.</translation>
    </message>
    <message>
        <source>The input of that run is damaged: it holds placeholders instead of values at {paths}. Replace each of them by a value, then start.</source>
        <translation>Die Eingabe jenes Laufs ist beschädigt: Sie enthält Platzhalter statt Werten bei {paths}. Ersetzen Sie jeden durch einen Wert, bevor Sie starten.</translation>
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
        <source>The journal of batches in {directory} cannot be used: {fault}. Nothing was sent that it does not hold. Free the disk or mend the file&apos;s rights, then go on.</source>
        <translation>Das Journal der Batches in {directory} lässt sich nicht verwenden: {fault}. Es wurde nichts gesendet, was nicht darin steht. Schaffen Sie Platz oder berichtigen Sie die Dateirechte und fahren Sie fort.</translation>
    </message>
    <message>
        <source>The note of an unfinished action in {path} cannot be understood and was left as it is. Move it away to go on; the run it was about shows what happened.</source>
        <translation>Die Notiz über einen unvollendeten Vorgang in {path} ist nicht verständlich und wurde so gelassen. Verschieben Sie sie, um fortzufahren; der betroffene Lauf zeigt, was geschah.</translation>
    </message>
    <message>
        <source>The note of this cancel does not say who gave it.</source>
        <translation>Die Notiz über diesen Abbruch sagt nicht, von wem er stammt.</translation>
    </message>
    <message>
        <source>The notes in {path} cannot be read and were left as they were: damaged, or of a newer Rundesk. Move the file away to begin anew.</source>
        <translation>Die Notizen in {path} lassen sich nicht lesen und blieben, wie sie sind: beschädigt oder von einem neueren Rundesk. Verschieben Sie die Datei, um neu zu beginnen.</translation>
    </message>
    <message>
        <source>The patch cannot be used: {fault}. Give a JSON array of operations, each with op, path and value.</source>
        <translation>Der Patch ist nicht verwendbar: {fault}. Geben Sie ein JSON-Array von Operationen an, jede mit op, path und value.</translation>
    </message>
    <message>
        <source>The patch changes a place that this input does not have, or that lies inside a masked value.</source>
        <translation>Der Patch ändert eine Stelle, die es in dieser Eingabe nicht gibt oder die in einem maskierten Wert liegt.</translation>
    </message>
    <message>
        <source>The patch is no JSON. Line {line}, column {column}: {fault}</source>
        <translation>Der Patch ist kein JSON. Zeile {line}, Spalte {column}: {fault}</translation>
    </message>
    <message>
        <source>The patch would store a placeholder as a value at {path}. Give the real value.</source>
        <translation>Der Patch würde bei {path} einen Platzhalter als Wert speichern. Geben Sie den echten Wert an.</translation>
    </message>
    <message>
        <source>The payload does not fit the schema of version {version}, so nothing was started. Places that break it: {count}.</source>
        <translation>Die Nutzdaten passen nicht zum Schema von Version {version}; es wurde nichts gestartet. Verletzte Stellen: {count}.</translation>
    </message>
    <message>
        <source>The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.</source>
        <translation>Die Nutzdaten haben {kib} KiB, ein Lauf nimmt {limit_kib} KiB an; es wurde nichts gestartet. Verkleinern Sie sie.</translation>
    </message>
    <message>
        <source>The payload is not JSON (line {line}, column {column}). Nothing was sent.</source>
        <translation>Die Nutzdaten sind kein JSON (Zeile {line}, Spalte {column}). Es wurde nichts gesendet.</translation>
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
        <source>The payload must be a JSON object. Nothing was sent.</source>
        <translation>Die Nutzdaten müssen ein JSON-Objekt sein. Es wurde nichts gesendet.</translation>
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
        <source>The quota is still exhausted: {used} of {limit} steps are used. Nothing was written. Raise the limit or wait for the next period.</source>
        <translation>Das Kontingent ist noch erschöpft: {used} von {limit} Schritten sind verbraucht. Es wurde nichts geschrieben. Heben Sie die Grenze an oder warten Sie auf den nächsten Zeitraum.</translation>
    </message>
    <message>
        <source>The quota wait belongs to {wait_path}, but the run is at {node_path}: the wait is stale. Nothing was written.</source>
        <translation>Das Warten auf Kontingent gehört zu {wait_path}, der Lauf ist aber bei {node_path}: Der Wartezustand ist veraltet. Es wurde nichts geschrieben.</translation>
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
        <source>The replay did not succeed.</source>
        <translation>Das Replay war nicht erfolgreich.</translation>
    </message>
    <message>
        <source>The response does not fit the task&apos;s form: {places}. The worker would end the task over it, so nothing was sent.</source>
        <translation>Die Antwort passt nicht zum Formular der Aufgabe: {places}. Der Worker würde die Aufgabe deswegen beenden, daher wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The response is not JSON (line {line}, column {column}). Nothing was sent.</source>
        <translation>Die Antwort ist kein JSON (Zeile {line}, Spalte {column}). Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The response is sent, but the task row is not completed yet.</source>
        <translation>Die Antwort ist gesendet, aber die Zeile der Aufgabe ist noch nicht erledigt.</translation>
    </message>
    <message>
        <source>The response must be a JSON object. Nothing was sent.</source>
        <translation>Die Antwort muss ein JSON-Objekt sein. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The row does not say RUNNING ({status}): it is no launch that waits. Nothing was written.</source>
        <translation>Die Zeile sagt nicht RUNNING ({status}): Es ist kein wartender Start. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The row has already ended ({status}). Nothing was written.</source>
        <translation>Die Zeile ist schon beendet ({status}). Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The row holds the id of an execution that Temporal no longer knows: it ran once, and its retention has passed or it lives in another namespace. Starting it again could do everything twice. Nothing was done.</source>
        <translation>Die Zeile enthält die ID einer Ausführung, die Temporal nicht mehr kennt: Sie lief einmal, und ihre Aufbewahrung ist abgelaufen, oder sie liegt in einem anderen Namespace. Ein neuer Start könnte alles doppelt tun. Es wurde nichts getan.</translation>
    </message>
    <message>
        <source>The rows are locked by someone else&apos;s work. Nothing was changed; try again.</source>
        <translation>Die Zeilen sind durch die Arbeit anderer gesperrt. Es wurde nichts geändert; versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The rows say resumed, but the signal did not reach Temporal; sending the resume again sends it.</source>
        <translation>Die Zeilen sagen „fortgesetzt“, aber das Signal hat Temporal nicht erreicht; senden Sie das Fortsetzen noch einmal, dann geht es hinaus.</translation>
    </message>
    <message>
        <source>The rows say that this run was resumed, and no worker answers whether its execution still pauses. Start a worker, then send the resume again. Nothing was sent.</source>
        <translation>Die Zeilen sagen, dass dieser Lauf fortgesetzt wurde, und kein Worker antwortet, ob seine Ausführung noch pausiert. Starten Sie einen Worker und senden Sie das Fortsetzen noch einmal. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The run changed while it was being repaired. Nothing was written; look at it again.</source>
        <translation>Der Lauf hat sich während der Reparatur geändert. Es wurde nichts geschrieben; sehen Sie ihn noch einmal an.</translation>
    </message>
    <message>
        <source>The run changed while it was being resumed. Nothing was written; look at it again.</source>
        <translation>Der Lauf hat sich während des Fortsetzens geändert. Es wurde nichts geschrieben; sehen Sie ihn noch einmal an.</translation>
    </message>
    <message>
        <source>The run does not pause on the quota ({status}). Nothing was written.</source>
        <translation>Der Lauf pausiert nicht wegen des Kontingents ({status}). Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The run ended before the cancel took effect ({status}). Nothing was changed.</source>
        <translation>Der Lauf war zu Ende, bevor der Abbruch wirkte ({status}). Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>The run ended before the cancel took effect.</source>
        <translation>Der Lauf endete, bevor der Abbruch wirkte.</translation>
    </message>
    <message>
        <source>The run had ended by itself ({status}); the cancel came too late.</source>
        <translation>Der Lauf war von selbst beendet ({status}); der Abbruch kam zu spät.</translation>
    </message>
    <message>
        <source>The run has already ended ({status}), so there is nothing to cancel.</source>
        <translation>Der Lauf ist schon zu Ende ({status}), es gibt nichts abzubrechen.</translation>
    </message>
    <message>
        <source>The run has begun steps or waits, so its execution did start once. Nothing was written.</source>
        <translation>Der Lauf hat Schritte oder Wartestellen begonnen, seine Ausführung wurde also einmal gestartet. Nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>The run has ended ({status}).</source>
        <translation>Der Lauf ist beendet ({status}).</translation>
    </message>
    <message>
        <source>The run has left its pause.</source>
        <translation>Der Lauf hat seine Pause verlassen.</translation>
    </message>
    <message>
        <source>The run has no open quota wait. Nothing was written.</source>
        <translation>Der Lauf wartet nicht auf Kontingent. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The run has no such open event wait. Nothing was sent.</source>
        <translation>Der Lauf hat keinen solchen offenen Wartezustand auf ein Ereignis. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The run has {count} open event waits. Name one. Nothing was sent.</source>
        <translation>Der Lauf wartet an {count} Stellen auf Ereignisse. Nennen Sie eine. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The run is canceled and its execution has closed.</source>
        <translation>Der Lauf ist abgebrochen, seine Ausführung ist beendet.</translation>
    </message>
    <message>
        <source>The run is canceled and its execution has closed. Log and audit are complete.</source>
        <translation>Der Lauf ist abgebrochen, seine Ausführung ist beendet. Protokoll und Audit sind vollständig.</translation>
    </message>
    <message>
        <source>The run is canceled.</source>
        <translation>Der Lauf ist abgebrochen.</translation>
    </message>
    <message>
        <source>The run is canceled; its execution or one below it has not closed yet.</source>
        <translation>Der Lauf ist abgebrochen; seine Ausführung oder eine untergeordnete ist noch nicht beendet.</translation>
    </message>
    <message>
        <source>The run is marked as a failed launch.</source>
        <translation>Der Lauf ist als gescheiterter Start gekennzeichnet.</translation>
    </message>
    <message>
        <source>The run is open, but Temporal knows no execution of it. Look at the run; it can be repaired.</source>
        <translation>Der Lauf ist offen, aber Temporal kennt keine Ausführung dazu. Sehen Sie sich den Lauf an; er lässt sich reparieren.</translation>
    </message>
    <message>
        <source>The run is recorded, but its execution never started.</source>
        <translation>Der Lauf ist festgehalten, aber seine Ausführung begann nie.</translation>
    </message>
    <message>
        <source>The run now says what its execution came to.</source>
        <translation>Der Lauf sagt jetzt, was aus seiner Ausführung wurde.</translation>
    </message>
    <message>
        <source>The run took the event and goes on.</source>
        <translation>Der Lauf hat das Ereignis angenommen und geht weiter.</translation>
    </message>
    <message>
        <source>The run took the response and goes on.</source>
        <translation>Der Lauf hat die Antwort angenommen und geht weiter.</translation>
    </message>
    <message>
        <source>The run waits for no person. Nothing was sent.</source>
        <translation>Der Lauf wartet auf keine Person. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The run waits for {event_name} with another name or key than the recorded event has. Nothing was sent.</source>
        <translation>Der Lauf wartet auf {event_name} mit anderem Namen oder Schlüssel, als das festgehaltene Ereignis hat. Es wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>The run was launched {seconds} s ago, so its start may still be under way. Wait until it is {needed} s old. Nothing was written.</source>
        <translation>Der Lauf wurde vor {seconds} s gestartet, sein Start kann noch unterwegs sein. Warten Sie, bis er {needed} s alt ist. Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The run was resumed and met the quota again: it pauses once more.</source>
        <translation>Der Lauf wurde fortgesetzt und traf wieder auf das Kontingent: Er pausiert erneut.</translation>
    </message>
    <message>
        <source>The runs are of two workflows, whose definitions are not compared.</source>
        <translation>Die Läufe gehören zu zwei Workflows, deren Definitionen nicht verglichen werden.</translation>
    </message>
    <message>
        <source>The runs belong to two tenants. Only runs of one tenant can be compared.</source>
        <translation>Die Läufe gehören zu zwei Mandanten. Nur Läufe eines Mandanten lassen sich vergleichen.</translation>
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
        <source>The task offers no form that the response can be checked against, and the worker would end the task over it. Nothing was sent. Only an override can release it.</source>
        <translation>Die Aufgabe bietet kein Formular, gegen das sich die Antwort prüfen ließe, und der Worker würde die Aufgabe deswegen beenden. Es wurde nichts gesendet. Freigeben lässt sie sich nur ohne Prüfung.</translation>
    </message>
    <message>
        <source>The value for {path} is no JSON: {fault} Put a text in double quotes.</source>
        <translation>Der Wert für {path} ist kein JSON: {fault} Setzen Sie Text in doppelte Anführungszeichen.</translation>
    </message>
    <message>
        <source>The worker rejected the response and ended the task; the run follows its error handling.</source>
        <translation>Der Worker hat die Antwort abgewiesen und die Aufgabe beendet; der Lauf folgt seiner Fehlerbehandlung.</translation>
    </message>
    <message>
        <source>There is no active internal user {who} in this tenant. Check user id or e-mail.</source>
        <translation>Bei diesem Mandanten gibt es keinen aktiven internen Benutzer {who}. Prüfen Sie Benutzer-ID oder E-Mail-Adresse.</translation>
    </message>
    <message>
        <source>There is no case at {path}.</source>
        <translation>Unter {path} gibt es keinen Fall.</translation>
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
        <source>There is no time zone {zone}. Choose UTC or a name such as Europe/Berlin.</source>
        <translation>Es gibt keine Zeitzone {zone}. Wählen Sie UTC oder einen Namen wie Europe/Berlin.</translation>
    </message>
    <message>
        <source>There is nothing to do for this now. Look again in a moment.</source>
        <translation>Dafür ist jetzt nichts zu tun. Sehen Sie gleich noch einmal nach.</translation>
    </message>
    <message>
        <source>This Temporal namespace holds no execution of AlgaPSA&apos;s workflows, so that it does not know these runs proves nothing. Nothing was written. Check the connection&apos;s address and namespace.</source>
        <translation>Dieser Namensraum von Temporal enthält keine Ausführung der Workflows von AlgaPSA; dass er diese Läufe nicht kennt, beweist daher nichts. Nichts wurde geschrieben. Prüfen Sie Adresse und Namensraum der Verbindung.</translation>
    </message>
    <message>
        <source>This action is finished, or another Rundesk is working on it.</source>
        <translation>Dieser Vorgang ist beendet, oder ein anderes Rundesk arbeitet daran.</translation>
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
        <source>This batch has ended, so nothing more can be done with it. Plan a new one for what is left.</source>
        <translation>Dieser Batch ist beendet, mit ihm lässt sich nichts mehr tun. Planen Sie für den Rest einen neuen.</translation>
    </message>
    <message>
        <source>This batch is being run already, in another window or another Rundesk. Watch it there, or pause it.</source>
        <translation>Dieser Batch läuft schon in einem anderen Fenster oder Rundesk. Verfolgen oder pausieren Sie ihn dort.</translation>
    </message>
    <message>
        <source>This batch was aborted; nothing more is sent.</source>
        <translation>Dieser Batch wurde vorzeitig beendet; es wird nichts weiter gesendet.</translation>
    </message>
    <message>
        <source>This batch was planned on another database ({planned_on}), so it is not run on this one.</source>
        <translation>Dieser Batch wurde auf einer anderen Datenbank geplant ({planned_on}), daher läuft er nicht auf dieser.</translation>
    </message>
    <message>
        <source>This computer&apos;s journal does not know this batch. Batches are run where they were planned.</source>
        <translation>Das Journal dieses Rechners kennt diesen Batch nicht. Batches laufen dort, wo sie geplant wurden.</translation>
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
        <source>This is a child run: its parent {parent} starts it and waits for it. Repair the parent.</source>
        <translation>Das ist ein untergeordneter Lauf: Der übergeordnete Lauf {parent} startet ihn und wartet auf ihn. Reparieren Sie den übergeordneten.</translation>
    </message>
    <message>
        <source>This launch was recorded, but its execution never started. Repair it as a failed launch instead: that keeps the true story.</source>
        <translation>Dieser Start wurde festgehalten, aber seine Ausführung begann nie. Reparieren Sie ihn als gescheiterten Start: So bleibt die Geschichte wahr.</translation>
    </message>
    <message>
        <source>This repair was made before by the same request. Nothing was changed.</source>
        <translation>Diese Reparatur wurde von derselben Anfrage schon ausgeführt. Es wurde nichts geändert.</translation>
    </message>
    <message>
        <source>This repair writes what only the engine else writes, and the repair mode is off. Nothing was written. Switch it on for this connection.</source>
        <translation>Diese Reparatur schreibt, was sonst nur die Engine schreibt, und der Reparaturmodus ist aus. Es wurde nichts geschrieben. Schalten Sie ihn für diese Verbindung ein.</translation>
    </message>
    <message>
        <source>This request failed at launch; nothing runs for it.</source>
        <translation>Diese Anfrage ist beim Start gescheitert; für sie läuft nichts.</translation>
    </message>
    <message>
        <source>This row is not Temporal&apos;s: its engine was removed. Finalize it with the stranded runs instead. Nothing was written.</source>
        <translation>Diese Zeile gehört nicht zu Temporal: Ihre Engine wurde entfernt. Schließen Sie sie mit den gestrandeten Läufen ab. Es wurde nichts geschrieben.</translation>
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
        <source>This run has not ended, so a replay would be a second run beside it. Wait for its end, or confirm by typing {first_eight}, the beginning of its id.</source>
        <translation>Dieser Lauf ist nicht beendet, ein Replay wäre ein zweiter Lauf daneben. Warten Sie sein Ende ab oder bestätigen Sie mit {first_eight}, dem Anfang seiner ID.</translation>
    </message>
    <message>
        <source>This tenant has no event {event_id}.</source>
        <translation>Bei diesem Mandanten gibt es kein Ereignis {event_id}.</translation>
    </message>
    <message>
        <source>This tenant is suspended since {since}, so its events start and resume nothing. Nothing was recorded.</source>
        <translation>Dieser Mandant ist seit {since} gesperrt, daher starten und wecken seine Ereignisse nichts. Nichts wurde erfasst.</translation>
    </message>
    <message>
        <source>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</source>
        <translation>Dieser Mandant hat in der letzten Minute {started} Läufe gestartet und erlaubt {limit}; es wurde nichts gestartet. Versuchen Sie es in einer Minute noch einmal.</translation>
    </message>
    <message>
        <source>This wait has no timeout and is the reference worker&apos;s, in which an arriving event fails such a wait (fault F1): the event would end the run. Nothing was sent. Cancel the run and replay it instead.</source>
        <translation>Dieser Wartezustand hat keine Frist und stammt vom Referenz-Worker, in dem ein eintreffendes Ereignis ein solches Warten scheitern lässt (Fehler F1): Das Ereignis würde den Lauf beenden. Es wurde nichts gesendet. Brechen Sie den Lauf ab und starten Sie ein Replay.</translation>
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
        <source>This would be copied from a place at which the stored input holds a placeholder itself. Type the real value here, or leave the placeholder where it was.</source>
        <translation>Das würde von einer Stelle kopiert, an der die gespeicherte Eingabe selbst einen Platzhalter enthält. Geben Sie hier den echten Wert ein oder lassen Sie den Platzhalter, wo er war.</translation>
    </message>
    <message>
        <source>What answers at Temporal&apos;s address does not speak its protocol. Check the address of this connection.</source>
        <translation>Was unter der Adresse von Temporal antwortet, spricht sein Protokoll nicht. Prüfen Sie die Adresse dieser Verbindung.</translation>
    </message>
    <message>
        <source>What is known of failures could not be kept or read at {path}: {reason}.</source>
        <translation>Was über Fehler bekannt ist, ließ sich unter {path} nicht speichern oder lesen: {reason}.</translation>
    </message>
    <message>
        <source>What the repair would write has changed since it was shown. Nothing was written; look at it again.</source>
        <translation>Was die Reparatur schreiben würde, hat sich geändert, seit es gezeigt wurde. Es wurde nichts geschrieben; sehen Sie es noch einmal an.</translation>
    </message>
    <message>
        <source>What you have seen could not be kept at {path}: {reason}. It stays hidden until Rundesk ends.</source>
        <translation>Was Sie quittiert haben, ließ sich nicht unter {path} speichern: {reason}. Es bleibt ausgeblendet, bis Rundesk endet.</translation>
    </message>
    <message>
        <source>What you set out to do could not be written down in {path}: {reason}. Without that a crash could leave it half done, so nothing was done. Make room there, then try again.</source>
        <translation>Ihr Vorhaben ließ sich nicht in {path} festhalten: {reason}. Ohne das könnte ein Absturz es halb getan zurücklassen; daher wurde nichts getan. Schaffen Sie dort Platz und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.</source>
        <translation>{address} ist keine Adresse eines Temporal-Servers. Geben Sie sie als HOST:PORT an, zum Beispiel 127.0.0.1:7233.</translation>
    </message>
    <message>
        <source>{event_name} is the product&apos;s own errand and concerns no workflow. Nothing was recorded.</source>
        <translation>{event_name} ist eine interne Sache des Produkts und betrifft keinen Workflow. Nichts wurde erfasst.</translation>
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
    <name>Export</name>
    <message>
        <source>Export list of runs</source>
        <translation>Liste von Läufen exportieren</translation>
    </message>
    <message>
        <source>Export report: {workflow}</source>
        <translation>Bericht exportieren: {workflow}</translation>
    </message>
    <message>
        <source>by key name</source>
        <translation>nach dem Namen des Schlüssels</translation>
    </message>
    <message>
        <source>by the tenant&apos;s settings</source>
        <translation>nach den Einstellungen des Mandanten</translation>
    </message>
    <message>
        <source>credentials in texts</source>
        <translation>Zugangsdaten in Texten</translation>
    </message>
    <message>
        <source>hidden whole</source>
        <translation>ganz verborgen</translation>
    </message>
    <message>
        <source>repeated elsewhere</source>
        <translation>anderswo wiederholt</translation>
    </message>
    <message>
        <source>secret references</source>
        <translation>Verweise auf Geheimnisse</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Action calls</source>
        <translation>Aufrufe von Aktionen</translation>
    </message>
    <message>
        <source>Diagnosed</source>
        <translation>Diagnostiziert</translation>
    </message>
    <message>
        <source>Error texts</source>
        <translation>Fehlertexte</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Inputs and outputs</source>
        <translation>Eingaben und Ausgaben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Log lines</source>
        <translation>Protokollzeilen</translation>
    </message>
    <message>
        <source>Masked values</source>
        <translation>Maskierte Werte</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Runs that match</source>
        <translation>Passende Läufe</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>The report is being made…</source>
        <translation>Der Bericht wird erstellt …</translation>
    </message>
    <message>
        <source>The report is for somebody without access. What redaction masks here is masked in it, and whose data leaves is written into the audit trail.</source>
        <translation>Der Bericht ist für jemanden ohne Zugang. Was hier maskiert ist, ist auch darin maskiert, und wessen Daten hinausgehen, wird im Audit festgehalten.</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Zeitzone</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>Wartestellen</translation>
    </message>
    <message>
        <source>What leaves</source>
        <translation>Was hinausgeht</translation>
    </message>
    <message>
        <source>What leaves ({size}), as text:</source>
        <translation>Was hinausgeht ({size}), als Text:</translation>
    </message>
    <message>
        <source>What leaves ({size}). Its text begins so; the file has all of it:</source>
        <translation>Was hinausgeht ({size}). So beginnt der Text; die Datei enthält alles:</translation>
    </message>
    <message>
        <source>hidden: that takes the right workflow:manage</source>
        <translation>verborgen: dafür braucht es das Recht workflow:manage</translation>
    </message>
    <message>
        <source>redacted</source>
        <translation>geschwärzt</translation>
    </message>
    <message>
        <source>{kib} KiB</source>
        <translation>{kib} KiB</translation>
    </message>
</context>
<context>
    <name>Facts</name>
    <message>
        <source>A worker took the workflow task</source>
        <translation>Ein Worker hat den Workflow-Task übernommen</translation>
    </message>
    <message>
        <source>Activity {activity} failed</source>
        <translation>Aktivität {activity} fehlgeschlagen</translation>
    </message>
    <message>
        <source>Activity {activity} failed: {problem}</source>
        <translation>Aktivität {activity} fehlgeschlagen: {problem}</translation>
    </message>
    <message>
        <source>Activity {activity} is pending</source>
        <translation>Aktivität {activity} steht an</translation>
    </message>
    <message>
        <source>Activity {activity} scheduled, not started</source>
        <translation>Aktivität {activity} eingeplant, nicht begonnen</translation>
    </message>
    <message>
        <source>Activity {activity} started</source>
        <translation>Aktivität {activity} begonnen</translation>
    </message>
    <message>
        <source>Activity {activity} started on worker {worker}</source>
        <translation>Aktivität {activity} begonnen auf Worker {worker}</translation>
    </message>
    <message>
        <source>Attempt {attempt} is due at {due}</source>
        <translation>Versuch {attempt} steht an: {due}</translation>
    </message>
    <message>
        <source>Backlog of about {count} workflow tasks</source>
        <translation>Rückstau von etwa {count} Workflow-Tasks</translation>
    </message>
    <message>
        <source>Backlog of about {count} workflow tasks, the oldest {age} s old</source>
        <translation>Rückstau von etwa {count} Workflow-Tasks, der älteste {age} s alt</translation>
    </message>
    <message>
        <source>Cancel requested at {requested}</source>
        <translation>Abbruch angefordert: {requested}</translation>
    </message>
    <message>
        <source>Child run {child} is active</source>
        <translation>Der untergeordnete Lauf {child} ist aktiv</translation>
    </message>
    <message>
        <source>Event {event} recorded as {id}</source>
        <translation>Ereignis {event} festgehalten als {id}</translation>
    </message>
    <message>
        <source>Event {event} with key {key} recorded as {id}</source>
        <translation>Ereignis {event} mit Schlüssel {key} festgehalten als {id}</translation>
    </message>
    <message>
        <source>FAILED without completed_at</source>
        <translation>FAILED ohne completed_at</translation>
    </message>
    <message>
        <source>Invocation of {action} FAILED, attempt {attempt}</source>
        <translation>Aufruf von {action} FAILED, Versuch {attempt}</translation>
    </message>
    <message>
        <source>Last access of {kind} pollers of {queue} ({count}): {names}</source>
        <translation>Letzte Abfrage von {queue} durch Poller für {kind} ({count}): {names}</translation>
    </message>
    <message>
        <source>Last failure: {problem}</source>
        <translation>Letzter Fehler: {problem}</translation>
    </message>
    <message>
        <source>Last heartbeat</source>
        <translation>Letztes Lebenszeichen</translation>
    </message>
    <message>
        <source>Neither a workflow task nor an activity is pending</source>
        <translation>Es steht weder ein Workflow-Task noch eine Aktivität an</translation>
    </message>
    <message>
        <source>No execution under the run&apos;s workflow id</source>
        <translation>Keine Ausführung unter der Workflow-ID des Laufs</translation>
    </message>
    <message>
        <source>No heartbeat, so nothing is known of its progress</source>
        <translation>Kein Lebenszeichen, daher ist über den Fortschritt nichts bekannt</translation>
    </message>
    <message>
        <source>No matching event since the wait opened</source>
        <translation>Kein passendes Ereignis seit Beginn des Wartens</translation>
    </message>
    <message>
        <source>No signal with event id {event} in the execution&apos;s history</source>
        <translation>Kein Signal mit der Ereignis-ID {event} im Verlauf der Ausführung</translation>
    </message>
    <message>
        <source>No step row exists</source>
        <translation>Es gibt keine Zeile eines Schritts</translation>
    </message>
    <message>
        <source>No task row has the wait&apos;s task id</source>
        <translation>Keine Zeile einer Aufgabe hat die Aufgaben-ID des Wartezustands</translation>
    </message>
    <message>
        <source>Not verified: {problem}</source>
        <translation>Nicht geprüft: {problem}</translation>
    </message>
    <message>
        <source>Open waits: {count}</source>
        <translation>Offene Wartezustände: {count}</translation>
    </message>
    <message>
        <source>Quota wait RESOLVED</source>
        <translation>Warten auf Kontingent RESOLVED</translation>
    </message>
    <message>
        <source>Row {status} since {since}, without Temporal ids and steps</source>
        <translation>Zeile {status} seit {since}, ohne IDs von Temporal und ohne Schritte</translation>
    </message>
    <message>
        <source>Steps or waits were projected; the row last moved at {moved}</source>
        <translation>Schritte oder Wartezustände wurden geschrieben; letzte Änderung der Zeile: {moved}</translation>
    </message>
    <message>
        <source>Task {task} is {status}</source>
        <translation>Aufgabe {task} ist {status}</translation>
    </message>
    <message>
        <source>Temporal ids are stored; the row last moved at {moved}</source>
        <translation>IDs von Temporal sind gespeichert; letzte Änderung der Zeile: {moved}</translation>
    </message>
    <message>
        <source>The contract&apos;s task queue is {queue}</source>
        <translation>Vorgesehene Task Queue: {queue}</translation>
    </message>
    <message>
        <source>The event row holds a delivery error</source>
        <translation>Die Zeile des Ereignisses enthält einen Zustellfehler</translation>
    </message>
    <message>
        <source>The execution is running</source>
        <translation>Die Ausführung läuft</translation>
    </message>
    <message>
        <source>The execution is {status}</source>
        <translation>Die Ausführung ist {status}</translation>
    </message>
    <message>
        <source>The execution times out at {ends}</source>
        <translation>Zeitlimit der Ausführung: {ends}</translation>
    </message>
    <message>
        <source>The execution&apos;s task queue is {queue}</source>
        <translation>Task Queue der Ausführung: {queue}</translation>
    </message>
    <message>
        <source>The namespace holds no execution of the product&apos;s workflow type</source>
        <translation>Der Namespace enthält keine Ausführung vom Workflow-Typ des Produkts</translation>
    </message>
    <message>
        <source>The namespace keeps closed executions for {days} days</source>
        <translation>Der Namespace bewahrt beendete Ausführungen {days} Tage auf</translation>
    </message>
    <message>
        <source>The payload fails the filter {filter}</source>
        <translation>Die Nutzdaten erfüllen den Filter {filter} nicht</translation>
    </message>
    <message>
        <source>The row says RUNNING, and no step has started since</source>
        <translation>Die Zeile sagt RUNNING, und seither hat kein Schritt begonnen</translation>
    </message>
    <message>
        <source>The row says {status}</source>
        <translation>Die Zeile sagt {status}</translation>
    </message>
    <message>
        <source>The run began at {began}</source>
        <translation>Der Lauf begann: {began}</translation>
    </message>
    <message>
        <source>The signal is in the history</source>
        <translation>Das Signal steht im Verlauf</translation>
    </message>
    <message>
        <source>The wait is due at {due}</source>
        <translation>Das Warten ist fällig: {due}</translation>
    </message>
    <message>
        <source>The wait&apos;s key is null</source>
        <translation>Der Schlüssel des Wartezustands ist null</translation>
    </message>
    <message>
        <source>The workflow says it waits for nothing</source>
        <translation>Der Workflow sagt, er warte auf nichts</translation>
    </message>
    <message>
        <source>The workflow says it waits for quota</source>
        <translation>Der Workflow sagt, er warte auf Kontingent</translation>
    </message>
    <message>
        <source>The workflow says it waits for {type} at {step}</source>
        <translation>Der Workflow sagt, er warte bei {step} auf: {type}</translation>
    </message>
    <message>
        <source>Timer {timer} fires at {due}</source>
        <translation>Timer {timer} löst aus: {due}</translation>
    </message>
    <message>
        <source>Workflow task failed: {problem}</source>
        <translation>Workflow-Task fehlgeschlagen: {problem}</translation>
    </message>
    <message>
        <source>Workflow task scheduled, not started, attempt {attempt}</source>
        <translation>Workflow-Task eingeplant, nicht begonnen, Versuch {attempt}</translation>
    </message>
    <message>
        <source>Workflow task scheduled, not started, attempt {attempt} ({problem})</source>
        <translation>Workflow-Task eingeplant, nicht begonnen, Versuch {attempt} ({problem})</translation>
    </message>
    <message>
        <source>Workflow task started, not completed, attempt {attempt}</source>
        <translation>Workflow-Task begonnen, nicht fertig, Versuch {attempt}</translation>
    </message>
    <message>
        <source>Workflow task started, not completed, attempt {attempt} ({problem})</source>
        <translation>Workflow-Task begonnen, nicht fertig, Versuch {attempt} ({problem})</translation>
    </message>
    <message>
        <source>engine is {engine}, status {status}</source>
        <translation>Engine {engine}, Status {status}</translation>
    </message>
    <message>
        <source>event wait WAITING for {event} at {step}</source>
        <translation>Wartezustand WAITING auf {event} bei {step}</translation>
    </message>
    <message>
        <source>event wait WAITING for {event} with key {key} at {step}</source>
        <translation>Wartezustand WAITING auf {event} mit Schlüssel {key} bei {step}</translation>
    </message>
    <message>
        <source>{queue} has no {kind} poller</source>
        <translation>{queue} hat keinen Poller für {kind}</translation>
    </message>
    <message>
        <source>{status} with completed_at</source>
        <translation>{status} mit completed_at</translation>
    </message>
    <message>
        <source>{type} wait WAITING at {step}</source>
        <translation>Wartezustand ({type}) WAITING bei {step}</translation>
    </message>
    <message>
        <source>{used} of {allowed} steps used, period ends {ends}</source>
        <translation>{used} von {allowed} Schritten verbraucht, Zeitraum endet {ends}</translation>
    </message>
    <message>
        <source>{used} steps used, no limit, period ends {ends}</source>
        <translation>{used} Schritte verbraucht, ohne Grenze, Zeitraum endet {ends}</translation>
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
    <name>Faults</name>
    <message>
        <source>A cancel leaves steps, tasks and children open.</source>
        <translation>Ein Abbruch lässt Schritte, Aufgaben und untergeordnete Läufe offen.</translation>
    </message>
    <message>
        <source>A failing load or step start strands the row.</source>
        <translation>Scheitert das Laden oder der Beginn eines Schritts, bleibt die Zeile stehen.</translation>
    </message>
    <message>
        <source>A handled action failure leaves no trace in the step.</source>
        <translation>Ein behandelter Fehler einer Aktion hinterlässt im Schritt keine Spur.</translation>
    </message>
    <message>
        <source>A launch is not atomic.</source>
        <translation>Ein Start ist nicht unteilbar.</translation>
    </message>
    <message>
        <source>A list with one element is not a list.</source>
        <translation>Eine Liste mit einem Eintrag ist keine Liste.</translation>
    </message>
    <message>
        <source>A quota resume cannot be repeated by the product.</source>
        <translation>Das Produkt kann das Fortsetzen nach einer Kontingentpause nicht wiederholen.</translation>
    </message>
    <message>
        <source>A retried action collides with its own first attempt.</source>
        <translation>Eine wiederholte Aktion kollidiert mit ihrem eigenen ersten Versuch.</translation>
    </message>
    <message>
        <source>A stale wait poisons its event.</source>
        <translation>Ein veralteter Wartezustand vergiftet sein Ereignis.</translation>
    </message>
    <message>
        <source>A step is green although its action failed.</source>
        <translation>Ein Schritt ist grün, obwohl seine Aktion fehlgeschlagen ist.</translation>
    </message>
    <message>
        <source>A step that succeeded was marked FAILED with &quot;Workflow continued as new&quot;; nothing is wrong with it.</source>
        <translation>Ein erfolgreicher Schritt wurde mit „Workflow continued as new“ als FAILED gekennzeichnet; ihm fehlt nichts.</translation>
    </message>
    <message>
        <source>A wait without a key is unreachable.</source>
        <translation>Ein Wartezustand ohne Schlüssel ist unerreichbar.</translation>
    </message>
    <message>
        <source>An activity in flight survives the cancel.</source>
        <translation>Eine laufende Aktivität überlebt den Abbruch.</translation>
    </message>
    <message>
        <source>An error text with &quot;canceled&quot; counts as a cancellation.</source>
        <translation>Ein Fehlertext mit „canceled“ gilt als Abbruch.</translation>
    </message>
    <message>
        <source>An event wait without a timeout fails when its event arrives.</source>
        <translation>Ein Warten auf ein Ereignis ohne Frist scheitert, wenn das Ereignis eintrifft.</translation>
    </message>
    <message>
        <source>An expression was refused because the worker was slow at that moment.</source>
        <translation>Ein Ausdruck wurde abgewiesen, weil der Worker gerade langsam war.</translation>
    </message>
    <message>
        <source>An invalid response ends the task.</source>
        <translation>Eine ungültige Antwort beendet die Aufgabe.</translation>
    </message>
    <message>
        <source>Believe the execution&apos;s outcome. Do not replay what has succeeded.</source>
        <translation>Glauben Sie dem Ergebnis der Ausführung. Starten Sie kein Replay von etwas, das erfolgreich war.</translation>
    </message>
    <message>
        <source>Cancel, terminate and timeout leave the rows untouched.</source>
        <translation>Abbruch, Terminierung und Zeitüberschreitung lassen die Zeilen unberührt.</translation>
    </message>
    <message>
        <source>Cancelling a finished run rewrites it.</source>
        <translation>Der Abbruch eines beendeten Laufs überschreibt ihn.</translation>
    </message>
    <message>
        <source>Child runs lack their Temporal ids.</source>
        <translation>Untergeordneten Läufen fehlen ihre IDs von Temporal.</translation>
    </message>
    <message>
        <source>Close the tasks by hand and look at the child runs.</source>
        <translation>Schließen Sie die Aufgaben von Hand und sehen Sie sich die untergeordneten Läufe an.</translation>
    </message>
    <message>
        <source>Complete the launch, or mark it FAILED.</source>
        <translation>Schließen Sie den Start ab oder kennzeichnen Sie ihn als FAILED.</translation>
    </message>
    <message>
        <source>Deliver the event to this run where that is offered. Without a timeout that would fail the run (F1): cancel it and replay it instead.</source>
        <translation>Stellen Sie das Ereignis diesem Lauf zu, wo das angeboten wird. Ohne Zeitlimit ließe es den Lauf scheitern (F1): Brechen Sie ihn dann ab und wiederholen Sie ihn.</translation>
    </message>
    <message>
        <source>Every further attempt failed on a duplicate key; the first attempt has the true error.</source>
        <translation>Jeder weitere Versuch scheiterte an einem doppelten Schlüssel; der erste Versuch hat den wahren Fehler.</translation>
    </message>
    <message>
        <source>Failure texts are generic.</source>
        <translation>Fehlertexte sind nichtssagend.</translation>
    </message>
    <message>
        <source>Give the wait a timeout in the definition. Do not deliver the event to this run; replay it with a corrected version instead.</source>
        <translation>Geben Sie dem Warten in der Definition eine Frist. Stellen Sie diesem Lauf das Ereignis nicht zu; starten Sie ein Replay mit berichtigter Version.</translation>
    </message>
    <message>
        <source>Have the definition build the list explicitly, then replay.</source>
        <translation>Lassen Sie die Definition die Liste ausdrücklich bilden und starten Sie ein Replay.</translation>
    </message>
    <message>
        <source>Judge the run by its execution and its steps.</source>
        <translation>Beurteilen Sie den Lauf nach seiner Ausführung und seinen Schritten.</translation>
    </message>
    <message>
        <source>Long waits end at 30 days without a trace.</source>
        <translation>Langes Warten endet nach 30 Tagen ohne Spur.</translation>
    </message>
    <message>
        <source>Look at the last invocation before you replay: it may have done its work.</source>
        <translation>Sehen Sie sich vor einem Replay den letzten Aufruf an: Vielleicht hat er seine Arbeit getan.</translation>
    </message>
    <message>
        <source>No recorded event can ever match this wait.</source>
        <translation>Kein festgehaltenes Ereignis kann je zu diesem Wartezustand passen.</translation>
    </message>
    <message>
        <source>Nobody cancelled this run: an error&apos;s wording made the engine treat it as a cancel.</source>
        <translation>Niemand hat diesen Lauf abgebrochen: Der Wortlaut eines Fehlers ließ die Engine ihn als Abbruch behandeln.</translation>
    </message>
    <message>
        <source>Nothing to do.</source>
        <translation>Nichts zu tun.</translation>
    </message>
    <message>
        <source>One response that did not fit its form failed the step; the task cannot be answered again.</source>
        <translation>Eine Antwort, die nicht zum Formular passte, ließ den Schritt scheitern; die Aufgabe lässt sich nicht noch einmal beantworten.</translation>
    </message>
    <message>
        <source>Project the close onto the row.</source>
        <translation>Übernehmen Sie das Ende der Ausführung in die Zeile.</translation>
    </message>
    <message>
        <source>Project the close, mend what the history&apos;s last failure names, then replay.</source>
        <translation>Übernehmen Sie das Ende der Ausführung, beheben Sie, was der letzte Fehler im Verlauf nennt, und starten Sie ein Replay.</translation>
    </message>
    <message>
        <source>Project the close, then replay.</source>
        <translation>Übernehmen Sie das Ende der Ausführung und starten Sie ein Replay.</translation>
    </message>
    <message>
        <source>Project the close, which closes the wait.</source>
        <translation>Übernehmen Sie das Ende der Ausführung; das schließt den Wartezustand.</translation>
    </message>
    <message>
        <source>Read its error, correct the payload, and replay the source run again.</source>
        <translation>Lesen Sie seinen Fehler, berichtigen Sie die Nutzdaten und starten Sie das Replay des Ausgangslaufs neu.</translation>
    </message>
    <message>
        <source>Read the failed invocation at that step and decide whether its work must be done by hand.</source>
        <translation>Lesen Sie den fehlgeschlagenen Aufruf bei diesem Schritt und entscheiden Sie, ob seine Arbeit von Hand zu tun ist.</translation>
    </message>
    <message>
        <source>Read the first invocation&apos;s error, mend it, and replay as a new run.</source>
        <translation>Lesen Sie den Fehler des ersten Aufrufs, beheben Sie ihn und starten Sie ein Replay als neuen Lauf.</translation>
    </message>
    <message>
        <source>Read the invocation&apos;s error, which is shown as the run&apos;s error here.</source>
        <translation>Lesen Sie den Fehler des Aufrufs, der hier als Fehler des Laufs gezeigt wird.</translation>
    </message>
    <message>
        <source>Read the step&apos;s error; change its wording or the step, then replay.</source>
        <translation>Lesen Sie den Fehler des Schritts; ändern Sie seinen Wortlaut oder den Schritt und starten Sie ein Replay.</translation>
    </message>
    <message>
        <source>Refused replays leave rows.</source>
        <translation>Abgelehnte Replays hinterlassen Zeilen.</translation>
    </message>
    <message>
        <source>Release the human task with the answer.</source>
        <translation>Geben Sie die Benutzeraufgabe mit der Antwort frei.</translation>
    </message>
    <message>
        <source>Replay it; it usually succeeds.</source>
        <translation>Starten Sie ein Replay; meist gelingt es.</translation>
    </message>
    <message>
        <source>Replay the run.</source>
        <translation>Starten Sie ein Replay des Laufs.</translation>
    </message>
    <message>
        <source>Row and execution disagree about whether this run was ever started.</source>
        <translation>Zeile und Ausführung sind uneins, ob dieser Lauf je gestartet wurde.</translation>
    </message>
    <message>
        <source>Send the quota resume again; that is harmless.</source>
        <translation>Senden Sie das Fortsetzen noch einmal; das schadet nicht.</translation>
    </message>
    <message>
        <source>Something was written after the run had ended; its side effects took place.</source>
        <translation>Nach dem Ende des Laufs wurde noch etwas geschrieben; seine Wirkungen sind eingetreten.</translation>
    </message>
    <message>
        <source>Split the workflow into child runs of fewer than 250 steps, then replay.</source>
        <translation>Teilen Sie den Workflow in untergeordnete Läufe mit weniger als 250 Schritten und starten Sie ein Replay.</translation>
    </message>
    <message>
        <source>Steps, tasks or child runs of this canceled run still look active.</source>
        <translation>Schritte, Aufgaben oder untergeordnete Läufe dieses abgebrochenen Laufs sehen noch aktiv aus.</translation>
    </message>
    <message>
        <source>The 250th step breaks the run.</source>
        <translation>Der 250. Schritt beschädigt den Lauf.</translation>
    </message>
    <message>
        <source>The database says resumed, the workflow still sleeps.</source>
        <translation>Die Datenbank sagt „fortgesetzt“, der Workflow schläft noch.</translation>
    </message>
    <message>
        <source>The execution has ended; the row, its step and its waits still look active.</source>
        <translation>Die Ausführung ist beendet; die Zeile, ihr Schritt und ihre Wartezustände sehen noch aktiv aus.</translation>
    </message>
    <message>
        <source>The execution has failed before or between steps, and the row was never told.</source>
        <translation>Die Ausführung ist vor oder zwischen Schritten gescheitert, und die Zeile hat es nie erfahren.</translation>
    </message>
    <message>
        <source>The execution reached its 30 days while it waited.</source>
        <translation>Die Ausführung hat beim Warten ihre 30 Tage erreicht.</translation>
    </message>
    <message>
        <source>The expression time limit is a wall clock.</source>
        <translation>Das Zeitlimit für Ausdrücke läuft nach der Wanduhr.</translation>
    </message>
    <message>
        <source>The loop failed because its list had exactly one element.</source>
        <translation>Die Schleife ist gescheitert, weil ihre Liste genau einen Eintrag hatte.</translation>
    </message>
    <message>
        <source>The person has answered, and the run waits on.</source>
        <translation>Die Person hat geantwortet, und der Lauf wartet weiter.</translation>
    </message>
    <message>
        <source>The row has no link to its execution; the workflow id is derived from the run id.</source>
        <translation>Die Zeile verweist nicht auf ihre Ausführung; die Workflow-ID wird aus der Lauf-ID abgeleitet.</translation>
    </message>
    <message>
        <source>The row says CANCELED; the execution had really ended by itself.</source>
        <translation>Die Zeile sagt CANCELED; in Wahrheit war die Ausführung von selbst beendet.</translation>
    </message>
    <message>
        <source>The row&apos;s status or error is not final: a failure that is handled was written as if it were the run&apos;s.</source>
        <translation>Status oder Fehler der Zeile ist nicht endgültig: Ein behandelter Fehler wurde geschrieben, als wäre er der des Laufs.</translation>
    </message>
    <message>
        <source>The run row flickers and keeps stale fields.</source>
        <translation>Die Zeile des Laufs flackert und behält veraltete Felder.</translation>
    </message>
    <message>
        <source>The run&apos;s own error says only that an activity failed.</source>
        <translation>Der Fehler des Laufs selbst sagt nur, dass eine Aktivität fehlgeschlagen ist.</translation>
    </message>
    <message>
        <source>The task inbox does not release the run.</source>
        <translation>Der Aufgabeneingang gibt den Lauf nicht frei.</translation>
    </message>
    <message>
        <source>This run cannot receive events any more, yet its open wait makes their delivery to others fail.</source>
        <translation>Dieser Lauf kann keine Ereignisse mehr empfangen, doch sein offener Wartezustand lässt ihre Zustellung an andere scheitern.</translation>
    </message>
    <message>
        <source>This run never began: it is what a refused replay left behind.</source>
        <translation>Dieser Lauf hat nie begonnen: Ein abgelehntes Replay hat ihn zurückgelassen.</translation>
    </message>
    <message>
        <source>When the awaited event comes, this run fails with a timeout that nobody configured, or has done so.</source>
        <translation>Trifft das erwartete Ereignis ein, scheitert dieser Lauf an einer Frist, die niemand gesetzt hat, oder er ist daran schon gescheitert.</translation>
    </message>
</context>
<context>
    <name>FieldEditor</name>
    <message>
        <source>(empty text)</source>
        <translation>(leerer Text)</translation>
    </message>
    <message>
        <source>Edit as JSON</source>
        <translation>Als JSON bearbeiten</translation>
    </message>
    <message>
        <source>For example {example}</source>
        <translation>Zum Beispiel {example}</translation>
    </message>
    <message>
        <source>Masked, kept as it is stored</source>
        <translation>Maskiert, bleibt wie gespeichert</translation>
    </message>
    <message>
        <source>No (false)</source>
        <translation>Nein (false)</translation>
    </message>
    <message>
        <source>Not a date such as 2026-11-25</source>
        <translation>Kein Datum wie 2026-11-25</translation>
    </message>
    <message>
        <source>Not a moment such as 2026-11-25T14:30:00Z</source>
        <translation>Kein Zeitpunkt wie 2026-11-25T14:30:00Z</translation>
    </message>
    <message>
        <source>Not a time such as 14:30:00Z</source>
        <translation>Keine Uhrzeit wie 14:30:00Z</translation>
    </message>
    <message>
        <source>Not given</source>
        <translation>Nicht angegeben</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Yes (true)</source>
        <translation>Ja (true)</translation>
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
        <translation>Erste Änderung</translation>
    </message>
    <message>
        <source>Filter by workflow</source>
        <translation>Nach Workflow filtern</translation>
    </message>
    <message>
        <source>Latest change</source>
        <translation>Letzte Änderung</translation>
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
    <name>FingerprintColumns</name>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Known</source>
        <translation>Bekannt</translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation>Zuletzt gesehen</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>known</source>
        <translation>bekannt</translation>
    </message>
    <message>
        <source>without a message</source>
        <translation>ohne Meldung</translation>
    </message>
</context>
<context>
    <name>FingerprintDetail</name>
    <message numerus="yes">
        <source>%n run(s), first at {first}, last at {last}</source>
        <translation>
            <numerusform>%n Lauf, zuerst am {first}, zuletzt am {last}</numerusform>
            <numerusform>%n Läufe, zuerst am {first}, zuletzt am {last}</numerusform>
        </translation>
    </message>
    <message>
        <source>A link begins with https:// or http:// and names a host.</source>
        <translation>Ein Link beginnt mit https:// oder http:// und nennt einen Host.</translation>
    </message>
    <message>
        <source>Kept on this computer, beside this failure whenever it is seen</source>
        <translation>Auf diesem Computer gespeichert, neben diesem Fehler, wann immer er auftritt</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Link</translation>
    </message>
    <message numerus="yes">
        <source>List %n run(s)</source>
        <translation>
            <numerusform>%n Lauf auflisten</numerusform>
            <numerusform>%n Läufe auflisten</numerusform>
        </translation>
    </message>
    <message>
        <source>List its runs</source>
        <translation>Seine Läufe auflisten</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Open {address} in the browser</source>
        <translation>{address} im Browser öffnen</translation>
    </message>
    <message>
        <source>Save note</source>
        <translation>Notiz speichern</translation>
    </message>
    <message>
        <source>Tenants: {names}</source>
        <translation>Mandanten: {names}</translation>
    </message>
    <message>
        <source>The note is being saved.</source>
        <translation>Die Notiz wird gespeichert.</translation>
    </message>
    <message>
        <source>The note is saved.</source>
        <translation>Die Notiz ist gespeichert.</translation>
    </message>
    <message>
        <source>The runs failed without a message.</source>
        <translation>Die Läufe sind ohne Meldung fehlgeschlagen.</translation>
    </message>
    <message>
        <source>There is no link to open.</source>
        <translation>Es gibt keinen Link zum Öffnen.</translation>
    </message>
    <message>
        <source>What is known</source>
        <translation>Was bekannt ist</translation>
    </message>
    <message>
        <source>Workflows: {names}</source>
        <translation>Workflows: {names}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiterer</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>unnamed</source>
        <translation>ohne Namen</translation>
    </message>
</context>
<context>
    <name>Fingerprints</name>
    <message>
        <source>These runs are of other tenants. Choose one of them at the top to list them.</source>
        <translation>Diese Läufe gehören zu anderen Mandanten. Wählen Sie oben einen davon, um sie aufzulisten.</translation>
    </message>
</context>
<context>
    <name>FingerprintsPage</name>
    <message numerus="yes">
        <source>%n failed run(s)</source>
        <translation>
            <numerusform>%n fehlgeschlagener Lauf</numerusform>
            <numerusform>%n fehlgeschlagene Läufe</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n kind(s)</source>
        <translation>
            <numerusform>%n Art</numerusform>
            <numerusform>%n Arten</numerusform>
        </translation>
    </message>
    <message>
        <source>All tenants</source>
        <translation>Alle Mandanten</translation>
    </message>
    <message>
        <source>Count again</source>
        <translation>Neu zählen</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Failures are being counted…</source>
        <translation>Fehler werden gezählt …</translation>
    </message>
    <message numerus="yes">
        <source>Last %n day(s)</source>
        <translation>
            <numerusform>Letzter Tag</numerusform>
            <numerusform>Letzte %n Tage</numerusform>
        </translation>
    </message>
    <message>
        <source>No run failed in this time.</source>
        <translation>In dieser Zeit ist kein Lauf fehlgeschlagen.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>more failed than were counted</source>
        <translation>es sind mehr fehlgeschlagen, als gezählt wurden</translation>
    </message>
</context>
<context>
    <name>Forecast</name>
    <message>
        <source>Adds the comment again</source>
        <translation>Fügt den Kommentar erneut hinzu</translation>
    </message>
    <message>
        <source>Asks the model again, which is billed again and may answer differently</source>
        <translation>Fragt das Modell erneut; das kostet wieder und kann anders ausfallen</translation>
    </message>
    <message>
        <source>Collides: its own key is taken by a call that did not succeed</source>
        <translation>Kollidiert: Ihr eigener Schlüssel ist von einem erfolglosen Aufruf belegt</translation>
    </message>
    <message>
        <source>Deletes what was stored since</source>
        <translation>Löscht, was seither gespeichert wurde</translation>
    </message>
    <message>
        <source>Does nothing outside the sandbox</source>
        <translation>Bewirkt außerhalb der Sandbox nichts</translation>
    </message>
    <message>
        <source>Does nothing: its own key is answered with the first result</source>
        <translation>Bewirkt nichts: Ihr eigener Schlüssel liefert das erste Ergebnis</translation>
    </message>
    <message>
        <source>Fails where the value has changed since, else overwrites it</source>
        <translation>Scheitert, wenn sich der Wert seither geändert hat, sonst überschreibt es ihn</translation>
    </message>
    <message>
        <source>Its first call never ended: it may take effect again</source>
        <translation>Ihr erster Aufruf endete nie: Sie kann erneut wirken</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>Notifies again</source>
        <translation>Benachrichtigt erneut</translation>
    </message>
    <message>
        <source>Only computes</source>
        <translation>Rechnet nur</translation>
    </message>
    <message>
        <source>Only reads</source>
        <translation>Liest nur</translation>
    </message>
    <message>
        <source>Overwrites what was stored since</source>
        <translation>Überschreibt, was seither gespeichert wurde</translation>
    </message>
    <message>
        <source>Runs again, without effect outside</source>
        <translation>Läuft erneut, ohne Wirkung nach außen</translation>
    </message>
    <message>
        <source>Runs again; what that does is not known</source>
        <translation>Läuft erneut; die Wirkung ist nicht bekannt</translation>
    </message>
    <message>
        <source>Sends the e-mail again</source>
        <translation>Sendet die E-Mail erneut</translation>
    </message>
    <message>
        <source>Takes effect again</source>
        <translation>Wirkt erneut</translation>
    </message>
    <message>
        <source>This run called no action.</source>
        <translation>Dieser Lauf hat keine Aktion aufgerufen.</translation>
    </message>
    <message>
        <source>Without effect outside: {actions}</source>
        <translation>Ohne Wirkung nach außen: {actions}</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>und {count} weitere</translation>
    </message>
    <message>
        <source>fails: its key belongs to a call that did not succeed</source>
        <translation>scheitert: Ihr Schlüssel gehört zu einem erfolglosen Aufruf</translation>
    </message>
    <message>
        <source>in a child run</source>
        <translation>in einem untergeordneten Lauf</translation>
    </message>
    <message>
        <source>is answered from the first call, does nothing</source>
        <translation>wird aus dem ersten Aufruf beantwortet, bewirkt nichts</translation>
    </message>
    <message>
        <source>may take effect a second time: its first call never ended</source>
        <translation>kann ein zweites Mal wirken: Ihr erster Aufruf endete nie</translation>
    </message>
    <message>
        <source>runs again and changes nothing outside</source>
        <translation>läuft erneut und ändert außen nichts</translation>
    </message>
    <message>
        <source>runs again, and nobody has said what that does</source>
        <translation>läuft erneut, mit unbekannter Wirkung</translation>
    </message>
    <message>
        <source>takes effect a second time</source>
        <translation>wirkt ein zweites Mal</translation>
    </message>
    <message>
        <source>{action}: {calls} calls in {runs} runs, {what}</source>
        <translation>{action}: {calls} Aufrufe in {runs} Läufen, {what}</translation>
    </message>
    <message>
        <source>{count} again</source>
        <translation>{count} erneut</translation>
    </message>
    <message>
        <source>{count} collide</source>
        <translation>{count} kollidieren</translation>
    </message>
    <message>
        <source>{count} not known</source>
        <translation>{count} unbekannt</translation>
    </message>
    <message>
        <source>{count} unsettled</source>
        <translation>{count} ungeklärt</translation>
    </message>
</context>
<context>
    <name>ForecastCard</name>
    <message numerus="yes">
        <source>%Ln call(s) may take effect a second time: {actions}</source>
        <translation>
            <numerusform>%Ln Aufruf kann ein zweites Mal wirken: {actions}</numerusform>
            <numerusform>%Ln Aufrufe können ein zweites Mal wirken: {actions}</numerusform>
        </translation>
    </message>
    <message>
        <source>In every input: {changes}</source>
        <translation>In jeder Eingabe: {changes}</translation>
    </message>
    <message>
        <source>Nothing that these runs did would take effect a second time.</source>
        <translation>Nichts, was diese Läufe taten, würde ein zweites Mal wirken.</translation>
    </message>
</context>
<context>
    <name>Generations</name>
    <message>
        <source>Started {time}</source>
        <translation>Gestartet {time}</translation>
    </message>
    <message>
        <source>The audit does not say who replayed it.</source>
        <translation>Das Audit sagt nicht, wer das Replay gestartet hat.</translation>
    </message>
    <message>
        <source>Took {duration}</source>
        <translation>Dauer {duration}</translation>
    </message>
    <message>
        <source>edited replay</source>
        <translation>bearbeitet</translation>
    </message>
    <message>
        <source>original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>replay, payload not comparable</source>
        <translation>Replay, Nutzdaten nicht vergleichbar</translation>
    </message>
    <message>
        <source>this run</source>
        <translation>dieser Lauf</translation>
    </message>
    <message>
        <source>unknown person</source>
        <translation>unbekannte Person</translation>
    </message>
    <message>
        <source>verbatim replay</source>
        <translation>unverändert</translation>
    </message>
    <message>
        <source>v{version}</source>
        <translation>v{version}</translation>
    </message>
</context>
<context>
    <name>GenerationsPane</name>
    <message>
        <source>Generations of this run</source>
        <translation>Generationen dieses Laufs</translation>
    </message>
    <message>
        <source>Not recovered: no replay has succeeded.</source>
        <translation>Nicht behoben: Kein Replay war erfolgreich.</translation>
    </message>
    <message>
        <source>Reading the replays…</source>
        <translation>Replays werden gelesen…</translation>
    </message>
    <message>
        <source>Recovered by run {run}, which succeeded.</source>
        <translation>Behoben durch Lauf {run}, der erfolgreich war.</translation>
    </message>
    <message>
        <source>The earliest run shown replayed {run}, which is not here any more.</source>
        <translation>Der früheste gezeigte Lauf war ein Replay von {run}, den es nicht mehr gibt.</translation>
    </message>
    <message>
        <source>There are more: {generations} generations each way and {runs} runs are read.</source>
        <translation>Es gibt mehr: Gelesen werden {generations} Generationen je Richtung und {runs} Läufe.</translation>
    </message>
    <message>
        <source>This run is no replay, and nobody has replayed it.</source>
        <translation>Dieser Lauf ist kein Replay, und es gibt kein Replay von ihm.</translation>
    </message>
    <message>
        <source>This run recovered what failed before it.</source>
        <translation>Dieser Lauf hat behoben, was zuvor fehlschlug.</translation>
    </message>
</context>
<context>
    <name>GroupChips</name>
    <message>
        <source>Show every run</source>
        <translation>Alle Läufe zeigen</translation>
    </message>
    <message>
        <source>Show only these runs</source>
        <translation>Nur diese Läufe zeigen</translation>
    </message>
    <message numerus="yes">
        <source>{group}: %n run(s)</source>
        <translation>
            <numerusform>{group}: %n Lauf</numerusform>
            <numerusform>{group}: %n Läufe</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>A Citus database: runs are keyed by tenant and run_id.</source>
        <translation>Eine Citus-Datenbank: Schlüssel der Läufe sind tenant und run_id.</translation>
    </message>
    <message>
        <source>A connection pooler stands in between and pools by transaction: two transactions of one connection met two server processes. That works.</source>
        <translation>Dazwischen steht ein Verbindungspooler, der je Transaktion verteilt: Zwei Transaktionen einer Verbindung trafen zwei Serverprozesse. Das funktioniert.</translation>
    </message>
    <message>
        <source>A connection pooler stands in between: the process number of the login is not the server&apos;s. Whether it pools by session or by transaction cannot be told from here; both work.</source>
        <translation>Dazwischen steht ein Verbindungspooler: Die Prozessnummer der Anmeldung ist nicht die des Servers. Ob er je Sitzung oder je Transaktion verteilt, ist von hier nicht zu erkennen; beides funktioniert.</translation>
    </message>
    <message>
        <source>A plain PostgreSQL database: runs are keyed by run_id.</source>
        <translation>Eine einfache PostgreSQL-Datenbank: Schlüssel der Läufe ist run_id.</translation>
    </message>
    <message>
        <source>A worker takes tasks from its own queue only. Start workers for these queues until their runs have ended, and find out who starts runs there.</source>
        <translation>Ein Worker nimmt Aufgaben nur aus seiner eigenen Queue. Starten Sie Worker für diese Queues, bis deren Läufe beendet sind, und finden Sie heraus, wer dort Läufe startet.</translation>
    </message>
    <message>
        <source>Alive on {queue}: {workflow} for workflow tasks, {activity} for activities: one kind is taken by nobody.</source>
        <translation>Aktiv auf {queue}: {workflow} für Workflow-Tasks, {activity} für Aktivitäten: Eine Art übernimmt niemand.</translation>
    </message>
    <message>
        <source>Alive on {queue}: {workflow} for workflow tasks, {activity} for activities; the last one asked {seconds} s ago.</source>
        <translation>Aktiv auf {queue}: {workflow} für Workflow-Tasks, {activity} für Aktivitäten; letzte Abfrage vor {seconds} s.</translation>
    </message>
    <message>
        <source>All open executions are on {queue}.</source>
        <translation>Alle offenen Ausführungen sind auf {queue}.</translation>
    </message>
    <message>
        <source>Answered in {milliseconds} ms.</source>
        <translation>Hat in {milliseconds} ms geantwortet.</translation>
    </message>
    <message>
        <source>Ask Temporal&apos;s administrator; nothing may be started there.</source>
        <translation>Wenden Sie sich an den Administrator von Temporal; dort darf nichts gestartet werden.</translation>
    </message>
    <message>
        <source>Ask the database&apos;s administrator to run: {statements}</source>
        <translation>Bitten Sie den Administrator der Datenbank, dies auszuführen: {statements}</translation>
    </message>
    <message>
        <source>Backlog</source>
        <translation>Rückstau</translation>
    </message>
    <message>
        <source>Bring the database to the product&apos;s newest migrations. Until then what is missing is not shown.</source>
        <translation>Bringen Sie die Datenbank auf den neuesten Stand der Migrationen des Produkts. Bis dahin wird das Fehlende nicht gezeigt.</translation>
    </message>
    <message>
        <source>Builds of the workers</source>
        <translation>Builds der Worker</translation>
    </message>
    <message>
        <source>Clock of this computer</source>
        <translation>Uhr dieses Rechners</translation>
    </message>
    <message>
        <source>Closed executions are kept for {days} days only. A run that ended longer ago cannot be verified any more.</source>
        <translation>Beendete Ausführungen werden nur {days} Tage aufbewahrt. Ein Lauf, der früher endete, lässt sich nicht mehr prüfen.</translation>
    </message>
    <message>
        <source>Closed executions are kept for {days} days.</source>
        <translation>Beendete Ausführungen werden {days} Tage aufbewahrt.</translation>
    </message>
    <message>
        <source>Connect through TLS, or through a tunnel.</source>
        <translation>Verbinden Sie sich über TLS oder einen Tunnel.</translation>
    </message>
    <message>
        <source>Connection pooling</source>
        <translation>Verbindungspooling</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>Datenbank</translation>
    </message>
    <message>
        <source>Database version</source>
        <translation>Version der Datenbank</translation>
    </message>
    <message>
        <source>Encryption to Temporal</source>
        <translation>Verschlüsselung zu Temporal</translation>
    </message>
    <message>
        <source>Encryption to the database</source>
        <translation>Verschlüsselung zur Datenbank</translation>
    </message>
    <message>
        <source>Grant SELECT on tenant_settings to this login.</source>
        <translation>Erteilen Sie dieser Anmeldung SELECT auf tenant_settings.</translation>
    </message>
    <message>
        <source>Grant SELECT on these tables.</source>
        <translation>Erteilen Sie SELECT auf diese Tabellen.</translation>
    </message>
    <message>
        <source>If no deployment is under way, stop the old workers: a run may fail when a different build replays it.</source>
        <translation>Wenn gerade kein Deployment läuft, beenden Sie die alten Worker: Ein Lauf kann scheitern, wenn ein anderer Build ihn nachvollzieht.</translation>
    </message>
    <message>
        <source>Indexes</source>
        <translation>Indizes</translation>
    </message>
    <message>
        <source>Leftover variables</source>
        <translation>Übrig gebliebene Variablen</translation>
    </message>
    <message>
        <source>Mend what stands in the way, then check again.</source>
        <translation>Beheben Sie, was im Weg steht, und prüfen Sie noch einmal.</translation>
    </message>
    <message>
        <source>Missing: {missing}. {gains}</source>
        <translation>Fehlt: {missing}. {gains}</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>Namespace</translation>
    </message>
    <message>
        <source>No index is missing that would be worth asking for.</source>
        <translation>Es fehlt kein Index, der sich lohnen würde.</translation>
    </message>
    <message>
        <source>No living worker says which build it is.</source>
        <translation>Kein aktiver Worker nennt seinen Build.</translation>
    </message>
    <message>
        <source>No task waits on {queue}.</source>
        <translation>Auf {queue} wartet keine Aufgabe.</translation>
    </message>
    <message>
        <source>No variable of the removed engine is set.</source>
        <translation>Es ist keine Variable der entfernten Engine gesetzt.</translation>
    </message>
    <message>
        <source>Nobody polls {queue}: runs that are started wait.</source>
        <translation>Niemand fragt {queue} ab: Gestartete Läufe warten.</translation>
    </message>
    <message>
        <source>Not checked</source>
        <translation>Nicht geprüft</translation>
    </message>
    <message>
        <source>Not there: {missing}. The tables are small ({rows} rows at most), so they would gain nothing yet.</source>
        <translation>Nicht vorhanden: {missing}. Die Tabellen sind klein (höchstens {rows} Zeilen), es würde noch nichts nützen.</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>In Ordnung</translation>
    </message>
    <message>
        <source>One task waits on {queue}, for {seconds} s.</source>
        <translation>Auf {queue} wartet eine Aufgabe, seit {seconds} s.</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Raise the namespace&apos;s retention to at least {wanted} days.</source>
        <translation>Erhöhen Sie die Aufbewahrung des Namespace auf mindestens {wanted} Tage.</translation>
    </message>
    <message>
        <source>Remove them, so that nobody believes they choose an engine or queue.</source>
        <translation>Entfernen Sie sie, damit niemand glaubt, sie wählten eine Engine oder Queue.</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>Aufbewahrung</translation>
    </message>
    <message>
        <source>Rights of the login</source>
        <translation>Rechte der Anmeldung</translation>
    </message>
    <message>
        <source>Runs are keyed by tenant and run_id as on Citus, without the extension itself.</source>
        <translation>Schlüssel der Läufe sind tenant und run_id wie bei Citus, ohne die Erweiterung selbst.</translation>
    </message>
    <message>
        <source>Schema</source>
        <translation>Schema</translation>
    </message>
    <message>
        <source>Set this computer&apos;s clock by a time server.</source>
        <translation>Stellen Sie die Uhr dieses Rechners nach einem Zeitserver.</translation>
    </message>
    <message>
        <source>Set, and without any effect: {names}.</source>
        <translation>Gesetzt, aber ohne jede Wirkung: {names}.</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Bauform</translation>
    </message>
    <message>
        <source>Split brain: open executions are on other queues than {queue}. Executions / pollers of each: {queues}.</source>
        <translation>Split-Brain: Offene Ausführungen sind auf anderen Queues als {queue}. Ausführungen / Poller je Queue: {queues}.</translation>
    </message>
    <message>
        <source>Start a complete worker for this queue, for example with: rundesk worker</source>
        <translation>Starten Sie einen vollständigen Worker für diese Queue, zum Beispiel mit: rundesk worker</translation>
    </message>
    <message>
        <source>Start a worker for this queue, for example with: rundesk worker</source>
        <translation>Starten Sie einen Worker für diese Queue, zum Beispiel mit: rundesk worker</translation>
    </message>
    <message>
        <source>Start more workers, or find out what keeps the present ones busy.</source>
        <translation>Starten Sie weitere Worker oder finden Sie heraus, was die vorhandenen auslastet.</translation>
    </message>
    <message>
        <source>Start the server or correct the connection, then check again.</source>
        <translation>Starten Sie den Server oder berichtigen Sie die Verbindung und prüfen Sie noch einmal.</translation>
    </message>
    <message>
        <source>Task queues</source>
        <translation>Task Queues</translation>
    </message>
    <message>
        <source>Temporal</source>
        <translation>Temporal</translation>
    </message>
    <message>
        <source>Temporal version</source>
        <translation>Version von Temporal</translation>
    </message>
    <message>
        <source>The connection is encrypted ({detail}).</source>
        <translation>Die Verbindung ist verschlüsselt ({detail}).</translation>
    </message>
    <message>
        <source>The connection is not encrypted and leaves this computer: payloads travel in clear.</source>
        <translation>Die Verbindung ist unverschlüsselt und verlässt diesen Rechner: Nutzdaten reisen im Klartext.</translation>
    </message>
    <message>
        <source>The connection is not encrypted; it does not leave this computer.</source>
        <translation>Die Verbindung ist unverschlüsselt; sie verlässt diesen Rechner nicht.</translation>
    </message>
    <message>
        <source>The connection leads straight to the server process {server_process}.</source>
        <translation>Die Verbindung führt direkt zum Serverprozess {server_process}.</translation>
    </message>
    <message>
        <source>The login {login} lacks the right to read: {missing}.</source>
        <translation>Der Anmeldung {login} fehlt das Leserecht für: {missing}.</translation>
    </message>
    <message>
        <source>The login {login} may read and write all that this console needs.</source>
        <translation>Die Anmeldung {login} darf alles lesen und schreiben, was diese Konsole braucht.</translation>
    </message>
    <message>
        <source>The login {login} may read everything, but lacks rights to write: {missing}.</source>
        <translation>Die Anmeldung {login} darf alles lesen, ihr fehlen aber Schreibrechte: {missing}.</translation>
    </message>
    <message>
        <source>The namespace {namespace} is registered.</source>
        <translation>Der Namespace {namespace} ist registriert.</translation>
    </message>
    <message>
        <source>The namespace {namespace} is {state}.</source>
        <translation>Der Namespace {namespace} ist {state}.</translation>
    </message>
    <message>
        <source>The tables of the workflow runtime are there with everything this console reads.</source>
        <translation>Die Tabellen der Workflow-Laufzeit sind mit allem vorhanden, was diese Konsole liest.</translation>
    </message>
    <message>
        <source>The workers say build {builds}.</source>
        <translation>Die Worker nennen Build {builds}.</translation>
    </message>
    <message>
        <source>The workers say several builds: {builds}.</source>
        <translation>Die Worker nennen mehrere Builds: {builds}.</translation>
    </message>
    <message>
        <source>The workflow runtime is there, but lacks: {missing}.</source>
        <translation>Die Workflow-Laufzeit ist vorhanden, es fehlt aber: {missing}.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock and the database&apos;s differ by {seconds} s.</source>
        <translation>Die Uhr dieses Rechners und die der Datenbank weichen um {seconds} s voneinander ab.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock and the database&apos;s differ by {seconds} s. Ages are the database&apos;s and stay right; times that Temporal measures against this clock do not.</source>
        <translation>Die Uhr dieses Rechners und die der Datenbank weichen um {seconds} s voneinander ab. Alter kommt von der Datenbank und bleibt richtig; Zeiten, die Temporal an dieser Uhr misst, nicht.</translation>
    </message>
    <message>
        <source>This could not be checked: {reason}</source>
        <translation>Das ließ sich nicht prüfen: {reason}</translation>
    </message>
    <message>
        <source>To act through this login grant what is missing; to browse, nothing has to be done.</source>
        <translation>Um mit dieser Anmeldung zu handeln, erteilen Sie das Fehlende; zum Ansehen ist nichts zu tun.</translation>
    </message>
    <message>
        <source>Version {version}.</source>
        <translation>Version {version}.</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>Worker</translation>
    </message>
    <message>
        <source>tenant_settings cannot be read, and with it the tenants&apos; redaction rules: every document is hidden.</source>
        <translation>tenant_settings ist nicht lesbar und damit auch nicht die Maskierungsregeln der Mandanten: Jedes Dokument ist verborgen.</translation>
    </message>
    <message>
        <source>{count} tasks wait on {queue}, the oldest for {seconds} s.</source>
        <translation>Auf {queue} warten {count} Aufgaben, die älteste seit {seconds} s.</translation>
    </message>
</context>
<context>
    <name>HealthDialog</name>
    <message numerus="yes">
        <source>%n not checked</source>
        <translation>
            <numerusform>%n nicht geprüft</numerusform>
            <numerusform>%n nicht geprüft</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n Problem</numerusform>
            <numerusform>%n Probleme</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n Warnung</numerusform>
            <numerusform>%n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Neu prüfen</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>Prüfungen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Environment check</source>
        <translation>Prüfung der Umgebung</translation>
    </message>
    <message>
        <source>Everything is being checked…</source>
        <translation>Alles wird geprüft…</translation>
    </message>
    <message>
        <source>Nothing is wrong</source>
        <translation>Alles in Ordnung</translation>
    </message>
    <message>
        <source>The checks are being made</source>
        <translation>Die Prüfungen laufen</translation>
    </message>
    <message>
        <source>{said}, checked {time}</source>
        <translation>{said}, geprüft {time}</translation>
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
    <name>IntentWords</name>
    <message numerus="yes">
        <source>%n unfinished action(s) of an earlier session: what became of them is known now.</source>
        <translation>
            <numerusform>%n unvollendeter Vorgang einer früheren Sitzung: Was daraus wurde, ist jetzt bekannt.</numerusform>
            <numerusform>%n unvollendete Vorgänge einer früheren Sitzung: Was daraus wurde, ist jetzt bekannt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n unfinished action(s), the first of {time}. See “Unfinished actions” in the menu.</source>
        <translation>
            <numerusform>%n unvollendeter Vorgang, von {time}. Siehe „Unvollendete Vorgänge“ im Menü.</numerusform>
            <numerusform>%n unvollendete Vorgänge, der erste von {time}. Siehe „Unvollendete Vorgänge“ im Menü.</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel it now</source>
        <translation>Jetzt abbrechen</translation>
    </message>
    <message>
        <source>Cancel of run {run}</source>
        <translation>Abbruch von Lauf {run}</translation>
    </message>
    <message>
        <source>Replay of {source} as run {run}</source>
        <translation>Replay von {source} als Lauf {run}</translation>
    </message>
    <message>
        <source>Start it now</source>
        <translation>Jetzt starten</translation>
    </message>
    <message>
        <source>Start of run {run}</source>
        <translation>Start von Lauf {run}</translation>
    </message>
    <message>
        <source>{what}, {who}, {time}</source>
        <translation>{what}, {who}, {time}</translation>
    </message>
</context>
<context>
    <name>Intents</name>
    <message>
        <source>Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator.</source>
        <translation>Es ist niemand als Bediener angegeben, daher lässt sich nichts ändern. Starten Sie Rundesk mit --operator.</translation>
    </message>
</context>
<context>
    <name>IntentsDialog</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Left behind by a crash or an outage. Both sides were asked; only what is missing can be done.</source>
        <translation>Von einem Absturz oder Ausfall zurückgelassen. Beide Seiten wurden gefragt; nur das Fehlende lässt sich nachholen.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu nachsehen</translation>
    </message>
    <message>
        <source>No action is unfinished.</source>
        <translation>Kein Vorgang ist unvollendet.</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Lauf öffnen</translation>
    </message>
    <message>
        <source>Reason: {reason}</source>
        <translation>Grund: {reason}</translation>
    </message>
    <message>
        <source>Unfinished actions</source>
        <translation>Unvollendete Vorgänge</translation>
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
    <name>Ledger</name>
    <message>
        <source>Data (JSON)…</source>
        <translation>Daten (JSON)…</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Ledger saved as {path}. It holds no inputs and none of the patch&apos;s values.</source>
        <translation>Ergebnisliste gespeichert unter {path}. Sie enthält keine Eingaben und keine Werte des Patches.</translation>
    </message>
    <message>
        <source>Save ledger</source>
        <translation>Ergebnisliste speichern</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Tabelle (*.csv)</translation>
    </message>
    <message>
        <source>Table (CSV)…</source>
        <translation>Tabelle (CSV)…</translation>
    </message>
    <message>
        <source>The ledger could not be written to {path}. Choose another place.</source>
        <translation>Die Ergebnisliste ließ sich nicht nach {path} schreiben. Wählen Sie einen anderen Ort.</translation>
    </message>
</context>
<context>
    <name>LegacyNotes</name>
    <message>
        <source>Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left as they were, so what is shown as started has ended.</source>
        <translation>Abgebrochen durch die Migration vom Juni 2026, die die Datenbank-Engine entfernt hat. Schritte und Aufrufe blieben, wie sie waren; was hier als gestartet erscheint, ist beendet.</translation>
    </message>
    <message>
        <source>Canceled when an operator finalized the rows of the removed database engine. Its steps and invocations were left as they were, so what is shown as started never finished.</source>
        <translation>Abgebrochen, als ein Bediener die Zeilen der entfernten Datenbank-Engine abschloss. Schritte und Aufrufe blieben, wie sie waren; was hier als gestartet erscheint, wurde nie fertig.</translation>
    </message>
    <message>
        <source>Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.</source>
        <translation>Von der Datenbank-Engine ausgeführt, die im Juni 2026 entfernt wurde; Temporal weiß nichts davon.</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>Failures and cases</source>
        <translation>Fehler und Fälle</translation>
    </message>
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
        <source>Many runs</source>
        <translation>Viele Läufe</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Way out</source>
        <translation>Auswege</translation>
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
        <translation>Ab: {time}</translation>
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
        <translation>offen</translation>
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
    <name>Notifications</name>
    <message numerus="yes">
        <source>%n runs are in trouble</source>
        <translation>
            <numerusform>%n Lauf hat ein Problem</numerusform>
            <numerusform>%n Läufe haben Probleme</numerusform>
        </translation>
    </message>
    <message>
        <source>This desktop has no tray, so there is no place for messages.</source>
        <translation>Dieser Desktop hat keinen Infobereich, daher ist kein Platz für Meldungen.</translation>
    </message>
    <message numerus="yes">
        <source>{cause}: %n runs do not go on.</source>
        <translation>
            <numerusform>{cause}: %n Lauf geht nicht weiter.</numerusform>
            <numerusform>{cause}: %n Läufe gehen nicht weiter.</numerusform>
        </translation>
    </message>
    <message>
        <source>{workflow} has ended: {state}.</source>
        <translation>{workflow} ist beendet: {state}.</translation>
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
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, so all texts and documents of its runs are hidden. Rundesk shows nothing rather than too much.</source>
        <translation>Die Maskierungsregeln des Mandanten lassen sich nicht lesen, daher sind alle Texte und Dokumente seiner Läufe verborgen. Rundesk zeigt lieber nichts als zu viel.</translation>
    </message>
</context>
<context>
    <name>PaceSettings</name>
    <message>
        <source>First try</source>
        <translation>Probeläufe</translation>
    </message>
    <message>
        <source>Nothing more is sent once this share of the known outcomes is bad, from ten outcomes on.</source>
        <translation>Es wird nichts weiter gesendet, sobald dieser Anteil der bekannten Ergebnisse schlecht ist, ab zehn Ergebnissen.</translation>
    </message>
    <message>
        <source>So many runs go first and are followed to their end; the others go only when all of them ended well.</source>
        <translation>So viele Läufe gehen voraus und werden bis zum Ende verfolgt; die anderen folgen nur, wenn alle gut endeten.</translation>
    </message>
    <message>
        <source>Starts a minute</source>
        <translation>Starts pro Minute</translation>
    </message>
    <message>
        <source>Stop at failures of</source>
        <translation>Fehlergrenze</translation>
    </message>
    <message>
        <source>The tenant&apos;s own start limit always holds, and a tenth of it stays free for people.</source>
        <translation>Die Startgrenze des Mandanten gilt immer, und ein Zehntel davon bleibt für Personen frei.</translation>
    </message>
    <message>
        <source>at the tenant&apos;s limit</source>
        <translation>Mandantengrenze</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>run(s)</source>
        <translation>voraus</translation>
    </message>
</context>
<context>
    <name>PatchEditor</name>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Change a value in every input</source>
        <translation>Einen Wert in jeder Eingabe ändern</translation>
    </message>
    <message>
        <source>Edit as JSON Patch</source>
        <translation>Als JSON Patch bearbeiten</translation>
    </message>
    <message>
        <source>Edit as rows</source>
        <translation>Als Zeilen bearbeiten</translation>
    </message>
    <message>
        <source>JSON Patch</source>
        <translation>JSON Patch</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>The changes are applied inside the database to each stored input. Runs they do not fit are blocked.</source>
        <translation>Gilt in der Datenbank für jede gespeicherte Eingabe; unpassende Läufe werden gesperrt.</translation>
    </message>
</context>
<context>
    <name>PatchRowField</name>
    <message>
        <source>Drop this change</source>
        <translation>Diese Änderung verwerfen</translation>
    </message>
    <message>
        <source>Place, as a JSON pointer</source>
        <translation>Stelle, als JSON Pointer</translation>
    </message>
    <message>
        <source>Value, as JSON</source>
        <translation>Wert, als JSON</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>Was zu tun ist</translation>
    </message>
</context>
<context>
    <name>PayloadFormView</name>
    <message>
        <source>Also in the payload, without a field here: {names}</source>
        <translation>Auch in den Nutzdaten, hier ohne Feld: {names}</translation>
    </message>
    <message>
        <source>Edit as JSON</source>
        <translation>Als JSON bearbeiten</translation>
    </message>
    <message>
        <source>Edit the other members as JSON</source>
        <translation>Die übrigen Elemente als JSON bearbeiten</translation>
    </message>
    <message>
        <source>Payload as a form</source>
        <translation>Nutzdaten als Formular</translation>
    </message>
</context>
<context>
    <name>PayloadPanel</name>
    <message>
        <source>Form</source>
        <translation>Formular</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Nutzdaten</translation>
    </message>
    <message>
        <source>Payload as {view}</source>
        <translation>Nutzdaten als {view}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlanView</name>
    <message>
        <source>What will be written</source>
        <translation>Was geschrieben wird</translation>
    </message>
</context>
<context>
    <name>PreviewPanel</name>
    <message>
        <source>Check</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Headroom</source>
        <translation>Spielraum</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu nachsehen</translation>
    </message>
    <message>
        <source>Replays so far</source>
        <translation>Bisherige Replays</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Version {version}, the latest</source>
        <translation>Version {version}, die neueste</translation>
    </message>
    <message>
        <source>Version {version}, the run&apos;s own</source>
        <translation>Version {version}, die des Laufs</translation>
    </message>
    <message>
        <source>What the replay will meet</source>
        <translation>Was das Replay erwartet</translation>
    </message>
    <message>
        <source>What would happen twice</source>
        <translation>Was doppelt geschähe</translation>
    </message>
</context>
<context>
    <name>PreviewWords</name>
    <message numerus="yes">
        <source>%n difference(s)</source>
        <translation>
            <numerusform>%n Unterschied</numerusform>
            <numerusform>%n Unterschiede</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replay(s)</source>
        <translation>
            <numerusform>%n Replay</numerusform>
            <numerusform>%n Replays</numerusform>
        </translation>
    </message>
    <message>
        <source>Active runs</source>
        <translation>Aktive Läufe</translation>
    </message>
    <message>
        <source>Added: {step}</source>
        <translation>Hinzugefügt: {step}</translation>
    </message>
    <message>
        <source>As of {time}</source>
        <translation>Stand {time}</translation>
    </message>
    <message>
        <source>Both versions do the same.</source>
        <translation>Beide Versionen tun dasselbe.</translation>
    </message>
    <message numerus="yes">
        <source>Breaks it in %n place(s)</source>
        <translation>
            <numerusform>Verletzt es an %n Stelle</numerusform>
            <numerusform>Verletzt es an %n Stellen</numerusform>
        </translation>
    </message>
    <message>
        <source>Cannot check</source>
        <translation>Nicht prüfbar</translation>
    </message>
    <message>
        <source>Cannot check: {reason}</source>
        <translation>Nicht prüfbar: {reason}</translation>
    </message>
    <message>
        <source>Changed: {step}</source>
        <translation>Geändert: {step}</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Wird geprüft…</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Gesperrt</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>Passt</translation>
    </message>
    <message>
        <source>Foretold from what this run did; with other input or another version it may differ.</source>
        <translation>Vorhergesagt aus dem, was dieser Lauf tat; mit anderer Eingabe oder Version kann es abweichen.</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Wird nachgesehen…</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <source>Moved: {step}</source>
        <translation>Verschoben: {step}</translation>
    </message>
    <message>
        <source>No schema</source>
        <translation>Kein Schema</translation>
    </message>
    <message>
        <source>No step was counted in this period yet.</source>
        <translation>In diesem Zeitraum wurde noch kein Schritt gezählt.</translation>
    </message>
    <message>
        <source>Not checked</source>
        <translation>Nicht geprüft</translation>
    </message>
    <message>
        <source>Not checked: {what}</source>
        <translation>Nicht geprüft: {what}</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <source>One succeeded</source>
        <translation>Eines erfolgreich</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Offen</translation>
    </message>
    <message>
        <source>Removed: {step}</source>
        <translation>Entfernt: {step}</translation>
    </message>
    <message>
        <source>Started in the last minute</source>
        <translation>In der letzten Minute gestartet</translation>
    </message>
    <message>
        <source>Step quota: not known</source>
        <translation>Schrittkontingent: nicht bekannt</translation>
    </message>
    <message>
        <source>Steps of this period</source>
        <translation>Schritte dieses Zeitraums</translation>
    </message>
    <message>
        <source>The payload fits the schema of version {version}.</source>
        <translation>Die Nutzdaten passen zum Schema von Version {version}.</translation>
    </message>
    <message>
        <source>The product ran this input on this version before, so it can be sent all the same.</source>
        <translation>Das Produkt hat diese Eingabe mit dieser Version schon ausgeführt, sie lässt sich daher trotzdem senden.</translation>
    </message>
    <message>
        <source>The run&apos;s own version, and the latest.</source>
        <translation>Die Version des Laufs und zugleich die neueste.</translation>
    </message>
    <message>
        <source>The run&apos;s own version.</source>
        <translation>Die Version des Laufs.</translation>
    </message>
    <message>
        <source>The step counters are missing here, or may not be read.</source>
        <translation>Die Schrittzähler fehlen hier oder dürfen nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The workflow is paused.</source>
        <translation>Der Workflow ist angehalten.</translation>
    </message>
    <message>
        <source>The workflow itself changed</source>
        <translation>Der Workflow selbst hat sich geändert</translation>
    </message>
    <message>
        <source>There is no version to check against.</source>
        <translation>Es gibt keine Version, gegen die sich prüfen ließe.</translation>
    </message>
    <message>
        <source>This payload cannot be sent yet.</source>
        <translation>Diese Nutzdaten lassen sich noch nicht senden.</translation>
    </message>
    <message>
        <source>This run was not replayed before.</source>
        <translation>Von diesem Lauf gab es noch kein Replay.</translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation>Bis {time}</translation>
    </message>
    <message>
        <source>Used up: the new run would pause at its first step.</source>
        <translation>Verbraucht: Der neue Lauf würde beim ersten Schritt pausieren.</translation>
    </message>
    <message>
        <source>Version {version} does not exist any more, so nothing can be compared.</source>
        <translation>Version {version} gibt es nicht mehr, daher lässt sich nichts vergleichen.</translation>
    </message>
    <message>
        <source>Version {version} does not exist any more.</source>
        <translation>Version {version} gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>Version {version} has no schema, so nothing was checked.</source>
        <translation>Version {version} hat kein Schema, daher wurde nichts geprüft.</translation>
    </message>
    <message>
        <source>Would pause</source>
        <translation>Würde pausieren</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiteres</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>{members} and {count} more</source>
        <translation>{members} und {count} weitere</translation>
    </message>
    <message>
        <source>{what}: {used} of {limit}</source>
        <translation>{what}: {used} von {limit}</translation>
    </message>
    <message>
        <source>{what}: {used}, no limit</source>
        <translation>{what}: {used}, ohne Grenze</translation>
    </message>
</context>
<context>
    <name>ProblemCard</name>
    <message>
        <source>It is the same database at a new address: run the batch here</source>
        <translation>Es ist dieselbe Datenbank unter neuer Adresse: Batch hier ausführen</translation>
    </message>
</context>
<context>
    <name>Quota</name>
    <message>
        <source>It is not known yet whether steps are left.</source>
        <translation>Ob noch Schritte übrig sind, ist noch nicht bekannt.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
    <message>
        <source>The pause cannot be ended now.</source>
        <translation>Die Pause lässt sich jetzt nicht beenden.</translation>
    </message>
    <message>
        <source>The run does not pause on the step quota.</source>
        <translation>Der Lauf pausiert nicht wegen des Schrittkontingents.</translation>
    </message>
</context>
<context>
    <name>QuotaDialog</name>
    <message>
        <source>End the pause</source>
        <translation>Pause beenden</translation>
    </message>
    <message>
        <source>Ending the pause…</source>
        <translation>Pause wird beendet…</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused at</source>
        <translation>Pausiert bei</translation>
    </message>
    <message>
        <source>Period ends</source>
        <translation>Zeitraum endet</translation>
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
        <source>Resume quota pause: {workflow}</source>
        <translation>Kontingentpause beenden: {workflow}</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Steps used</source>
        <translation>Verbrauchte Schritte</translation>
    </message>
    <message>
        <source>The quota is being read…</source>
        <translation>Das Kontingent wird gelesen…</translation>
    </message>
    <message>
        <source>The rows say that the run was resumed. If its execution still pauses, the signal was lost and is sent again; nothing else is written.</source>
        <translation>Die Zeilen sagen, dass der Lauf fortgesetzt wurde. Pausiert seine Ausführung noch, ging das Signal verloren und wird noch einmal gesendet; sonst wird nichts geschrieben.</translation>
    </message>
    <message>
        <source>The run pauses because the tenant&apos;s steps of this period were used up. If some are left now, it goes on with the step at which it paused.</source>
        <translation>Der Lauf pausiert, weil die Schritte des Mandanten für diesen Zeitraum verbraucht waren. Sind jetzt welche übrig, geht er mit dem Schritt weiter, bei dem er pausierte.</translation>
    </message>
    <message>
        <source>The wait becomes RESOLVED and the run RUNNING, with log and audit; then the execution is signalled until it has left its pause.</source>
        <translation>Der Wartezustand wird RESOLVED und der Lauf RUNNING, mit Protokoll und Audit; dann erhält die Ausführung das Signal, bis sie ihre Pause verlassen hat.</translation>
    </message>
    <message>
        <source>unlimited</source>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
    <message>
        <source>{used} of {limit}</source>
        <translation>{used} von {limit}</translation>
    </message>
</context>
<context>
    <name>RecoveryCard</name>
    <message>
        <source>Open the replay</source>
        <translation>Replay öffnen</translation>
    </message>
    <message>
        <source>Recovered: replay {run} succeeded.</source>
        <translation>Behoben: Das Replay {run} war erfolgreich.</translation>
    </message>
</context>
<context>
    <name>Repair</name>
    <message>
        <source>An action that was under way when the execution ended may still finish: its effect is real.</source>
        <translation>Eine Aktion, die beim Ende der Ausführung unterwegs war, kann noch fertig werden: Ihre Wirkung ist echt.</translation>
    </message>
    <message>
        <source>Audit</source>
        <translation>Audit</translation>
    </message>
    <message>
        <source>Both sides are being asked…</source>
        <translation>Beide Seiten werden gefragt…</translation>
    </message>
    <message>
        <source>Complete launch</source>
        <translation>Start abschließen</translation>
    </message>
    <message>
        <source>Deliver event</source>
        <translation>Ereignis zustellen</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Ereignis</translation>
    </message>
    <message>
        <source>History of the task</source>
        <translation>Verlauf der Aufgabe</translation>
    </message>
    <message>
        <source>Human task</source>
        <translation>Benutzeraufgabe</translation>
    </message>
    <message>
        <source>It is not known yet what would be written.</source>
        <translation>Was geschrieben würde, ist noch nicht bekannt.</translation>
    </message>
    <message>
        <source>Mark as failed</source>
        <translation>Als gescheitert kennzeichnen</translation>
    </message>
    <message>
        <source>Mark as failed launch</source>
        <translation>Als gescheiterten Start kennzeichnen</translation>
    </message>
    <message>
        <source>No worker answers, so it is not verified that the execution still waits there.</source>
        <translation>Kein Worker antwortet, daher ist nicht geprüft, ob die Ausführung dort noch wartet.</translation>
    </message>
    <message>
        <source>Only a RUNNING run of Temporal that has no step yet can be a failed launch.</source>
        <translation>Nur ein Lauf von Temporal im Status RUNNING, der noch keinen Schritt hat, kann ein gescheiterter Start sein.</translation>
    </message>
    <message>
        <source>Only a RUNNING run of Temporal that has no step yet can be launched to the end.</source>
        <translation>Nur bei einem Lauf von Temporal im Status RUNNING, der noch keinen Schritt hat, lässt sich der Start abschließen.</translation>
    </message>
    <message>
        <source>Release human task</source>
        <translation>Benutzeraufgabe freigeben</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Run log</source>
        <translation>Protokoll des Laufs</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
    <message>
        <source>Send response</source>
        <translation>Antwort senden</translation>
    </message>
    <message>
        <source>Start it now</source>
        <translation>Jetzt starten</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Take over the end</source>
        <translation>Ende übernehmen</translation>
    </message>
    <message>
        <source>Take over the execution&apos;s end</source>
        <translation>Ende der Ausführung übernehmen</translation>
    </message>
    <message>
        <source>Temporal</source>
        <translation>Temporal</translation>
    </message>
    <message>
        <source>The execution exists already, so nothing is started: only its ids are stored.</source>
        <translation>Die Ausführung gibt es schon, daher wird nichts gestartet: Nur ihre IDs werden gespeichert.</translation>
    </message>
    <message>
        <source>The execution has closed, but its rows still look open. They take the end that the engine would have written.</source>
        <translation>Die Ausführung ist beendet, aber ihre Zeilen sehen noch offen aus. Sie übernehmen das Ende, das die Engine geschrieben hätte.</translation>
    </message>
    <message>
        <source>The execution runs already, so nothing is started: the row is reopened and follows it.</source>
        <translation>Die Ausführung läuft schon, daher wird nichts gestartet: Die Zeile wird wieder geöffnet und folgt ihr.</translation>
    </message>
    <message>
        <source>The id of the recorded event is no id.</source>
        <translation>Die ID des festgehaltenen Ereignisses ist keine ID.</translation>
    </message>
    <message>
        <source>The repair mode is off. Switch it on in the menu, under Way out.</source>
        <translation>Der Reparaturmodus ist aus. Schalten Sie ihn im Menü unter „Auswege“ ein.</translation>
    </message>
    <message>
        <source>The response is sent without a check against the form.</source>
        <translation>Die Antwort wird ohne Prüfung gegen das Formular gesendet.</translation>
    </message>
    <message>
        <source>The row has ended, or it is not Temporal&apos;s.</source>
        <translation>Die Zeile ist beendet oder gehört nicht zu Temporal.</translation>
    </message>
    <message>
        <source>The run waits for a person. Completing the task in the product&apos;s inbox does not reach it; this response does, and completes the task.</source>
        <translation>Der Lauf wartet auf eine Person. Die Aufgabe im Eingang des Produkts zu erledigen, erreicht ihn nicht; diese Antwort erreicht ihn und erledigt die Aufgabe.</translation>
    </message>
    <message>
        <source>The run waits for an event that it missed. The event goes to this run alone, under the wait&apos;s own key, and is recorded.</source>
        <translation>Der Lauf wartet auf ein Ereignis, das er verpasst hat. Das Ereignis geht nur an diesen Lauf, unter dem Schlüssel des Wartezustands, und wird festgehalten.</translation>
    </message>
    <message>
        <source>The run waits for no event.</source>
        <translation>Der Lauf wartet auf kein Ereignis.</translation>
    </message>
    <message>
        <source>The run waits for no person.</source>
        <translation>Der Lauf wartet auf keine Person.</translation>
    </message>
    <message>
        <source>The run was recorded, but Temporal knows no execution of it. It is marked FAILED; a replay can do its work afterwards.</source>
        <translation>Der Lauf wurde festgehalten, aber Temporal kennt keine Ausführung dazu. Er wird als FAILED gekennzeichnet; ein Replay kann seine Arbeit danach nachholen.</translation>
    </message>
    <message>
        <source>The run was recorded, but its execution was never started. It is started now, under the same run id and with the recorded payload. Doing this twice starts it once.</source>
        <translation>Der Lauf wurde festgehalten, aber seine Ausführung nie gestartet. Sie wird jetzt unter derselben Lauf-ID und mit den festgehaltenen Nutzdaten gestartet. Auch zweimal ausgelöst, startet sie nur einmal.</translation>
    </message>
    <message>
        <source>The wait has no key: no event of the product&apos;s can ever match it, only this signal.</source>
        <translation>Der Wartezustand hat keinen Schlüssel: Kein Ereignis des Produkts kann je passen, nur dieses Signal.</translation>
    </message>
    <message>
        <source>Type it, then let yourself be shown what will be written.</source>
        <translation>Geben Sie es ein und lassen Sie sich zeigen, was geschrieben wird.</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>Wartezustand</translation>
    </message>
    <message>
        <source>What you typed has changed since; look at it again.</source>
        <translation>Ihre Eingabe hat sich seither geändert; sehen Sie noch einmal nach.</translation>
    </message>
    <message>
        <source>as Temporal answers</source>
        <translation>wie Temporal antwortet</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>signal event</source>
        <translation>Ereignis signalisieren</translation>
    </message>
    <message>
        <source>signal human task</source>
        <translation>Antwort der Benutzeraufgabe signalisieren</translation>
    </message>
    <message>
        <source>start execution</source>
        <translation>Ausführung starten</translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation>{count} Zeilen</translation>
    </message>
</context>
<context>
    <name>RepairDialog</name>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>Id of an event that arrived; its payload is then sent as recorded</source>
        <translation>ID eines angekommenen Ereignisses, statt eigener Nutzdaten</translation>
    </message>
    <message>
        <source>Payload, a JSON object</source>
        <translation>Nutzdaten, ein JSON-Objekt</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Recorded event</source>
        <translation>Festgehaltenes Ereignis</translation>
    </message>
    <message>
        <source>Recorded in the run&apos;s log and in the audit trail</source>
        <translation>Wird im Protokoll des Laufs und im Audit festgehalten</translation>
    </message>
    <message>
        <source>Repairing…</source>
        <translation>Wird repariert…</translation>
    </message>
    <message>
        <source>Response, a JSON object</source>
        <translation>Antwort, ein JSON-Objekt</translation>
    </message>
    <message>
        <source>Send it although it does not fit the form</source>
        <translation>Senden, obwohl sie nicht zum Formular passt</translation>
    </message>
    <message>
        <source>Show what will be written</source>
        <translation>Zeigen, was geschrieben wird</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>A rule of the tenant names its place.</source>
        <translation>Eine Regel des Mandanten nennt seine Stelle.</translation>
    </message>
    <message>
        <source>Damaged: the stored input holds a placeholder at {place}. Type the real value over this chip.</source>
        <translation>Beschädigt: Die gespeicherte Eingabe enthält bei {place} einen Platzhalter. Geben Sie statt dieser Marke den echten Wert ein.</translation>
    </message>
    <message>
        <source>It has the shape of credentials.</source>
        <translation>Er sieht wie Zugangsdaten aus.</translation>
    </message>
    <message>
        <source>It is stored unchanged.</source>
        <translation>Er ist unverändert gespeichert.</translation>
    </message>
    <message>
        <source>It is the name of a stored secret.</source>
        <translation>Er ist der Name eines gespeicherten Geheimnisses.</translation>
    </message>
    <message>
        <source>It repeats a value that is masked elsewhere in this run.</source>
        <translation>Er wiederholt einen Wert, der anderswo in diesem Lauf maskiert ist.</translation>
    </message>
    <message>
        <source>Its key is one that names secrets.</source>
        <translation>Sein Schlüssel deutet auf ein Geheimnis hin.</translation>
    </message>
    <message>
        <source>Masked value of {place}. {why} It moves, copies and goes as a whole.</source>
        <translation>Maskierter Wert von {place}. {why} Er lässt sich nur als Ganzes verschieben, kopieren und löschen.</translation>
    </message>
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
    <message>
        <source>The tenant&apos;s redaction rules, or the input itself, could not be read.</source>
        <translation>Die Maskierungsregeln des Mandanten oder die Eingabe selbst ließen sich nicht lesen.</translation>
    </message>
    <message>
        <source>hidden · rules unreadable</source>
        <translation>verborgen · Regeln unlesbar</translation>
    </message>
    <message>
        <source>masked</source>
        <translation>maskiert</translation>
    </message>
    <message>
        <source>masked · credentials</source>
        <translation>maskiert · Zugangsdaten</translation>
    </message>
    <message>
        <source>masked · key name</source>
        <translation>maskiert · Schlüsselname</translation>
    </message>
    <message>
        <source>masked · repeats a secret</source>
        <translation>maskiert · wiederholtes Geheimnis</translation>
    </message>
    <message>
        <source>masked · secret name</source>
        <translation>maskiert · Name eines Geheimnisses</translation>
    </message>
    <message>
        <source>masked · tenant rule</source>
        <translation>maskiert · Regel des Mandanten</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>Platzhalter</translation>
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
        <source>Confirmation of a second run</source>
        <translation>Bestätigung eines zweiten Laufs</translation>
    </message>
    <message>
        <source>Damaged input: it will be sent as it is</source>
        <translation>Beschädigte Eingabe: Sie wird so gesendet</translation>
    </message>
    <message>
        <source>Damaged input: not to be sent as it is</source>
        <translation>Beschädigte Eingabe: so nicht zu senden</translation>
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
        <source>It is not known which version would run; see the panel.</source>
        <translation>Welche Version laufen würde, ist nicht bekannt; siehe die Übersicht daneben.</translation>
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
        <source>Masked values are locked chips. Alt+Down and Alt+Up go to the next and the previous one.</source>
        <translation>Maskierte Werte sind gesperrte Marken. Alt+Ab und Alt+Auf gehen zur nächsten und vorigen.</translation>
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
        <source>Placeholders of the damaged input have to be replaced, or confirmed, first.</source>
        <translation>Die Platzhalter der beschädigten Eingabe müssen zuerst ersetzt oder bestätigt werden.</translation>
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
        <source>Replay damaged input</source>
        <translation>Replay mit beschädigter Eingabe</translation>
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
        <source>Starts a new run with this payload. Masked values are kept from the original and are never sent from here.</source>
        <translation>Startet einen neuen Lauf mit diesen Nutzdaten. Maskierte Werte bleiben aus dem Original erhalten und werden nie von hier gesendet.</translation>
    </message>
    <message>
        <source>The changes are applied to the stored payload inside the database.</source>
        <translation>Die Änderungen werden in der Datenbank auf die gespeicherten Nutzdaten angewandt.</translation>
    </message>
    <message>
        <source>The payload does not fit the version&apos;s schema; the places are listed beside it.</source>
        <translation>Die Nutzdaten passen nicht zum Schema der Version; die Stellen stehen daneben.</translation>
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
        <source>The run has not ended: type the beginning of its id to start beside it.</source>
        <translation>Der Lauf ist nicht beendet: Geben Sie den Anfang seiner ID ein, um daneben zu starten.</translation>
    </message>
    <message>
        <source>The stored payload is copied inside the database, masked values included.</source>
        <translation>Die gespeicherten Nutzdaten werden in der Datenbank kopiert, maskierte Werte eingeschlossen.</translation>
    </message>
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, or hide all of it. It can be replayed as it is; what is typed over it replaces all of it.</source>
        <translation>Die Maskierungsregeln des Mandanten sind nicht lesbar oder verbergen alles. Ein Replay ist unverändert möglich; was Sie eingeben, ersetzt alles.</translation>
    </message>
    <message>
        <source>The whole payload is hidden.</source>
        <translation>Die gesamten Nutzdaten sind verborgen.</translation>
    </message>
    <message>
        <source>This edit cannot be sent; the reason is shown beside it.</source>
        <translation>Diese Änderung kann nicht gesendet werden; der Grund steht daneben.</translation>
    </message>
    <message>
        <source>This run has not ended yet. A replay starts a second run; both will act on the same things. To do that, type {beginning}.</source>
        <translation>Dieser Lauf ist noch nicht beendet. Ein Replay startet einen zweiten Lauf; beide wirken auf dieselben Dinge. Geben Sie dafür {beginning} ein.</translation>
    </message>
    <message>
        <source>Unchanged: the original will be sent</source>
        <translation>Unverändert: Das Original wird gesendet</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Data (JSON)</source>
        <translation>Daten (JSON)</translation>
    </message>
    <message>
        <source>PDF</source>
        <translation>PDF</translation>
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
        <source>Table (CSV)</source>
        <translation>Tabelle (CSV)</translation>
    </message>
    <message>
        <source>The export is not in the audit trail: {problem}</source>
        <translation>Der Export steht nicht im Audit: {problem}</translation>
    </message>
    <message>
        <source>The report could not be written to {path}. Choose another place.</source>
        <translation>Der Bericht ließ sich nicht nach {path} schreiben. Wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
        <source>Ticket text (Markdown)</source>
        <translation>Tickettext (Markdown)</translation>
    </message>
    <message>
        <source>Web page (HTML)</source>
        <translation>Webseite (HTML)</translation>
    </message>
    <message>
        <source>Workbook (XLSX)</source>
        <translation>Arbeitsmappe (XLSX)</translation>
    </message>
</context>
<context>
    <name>Run</name>
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
        <source>At {path} since {time}</source>
        <translation>Bei {path} seit {time}</translation>
    </message>
    <message>
        <source>Attempt {number} at {time}</source>
        <translation>Versuch {number}: {time}</translation>
    </message>
    <message>
        <source>Child run {run}</source>
        <translation>Unterlauf {run}</translation>
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
        <source>Executing since {time}</source>
        <translation>In Ausführung seit {time}</translation>
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
        <source>Since {time}</source>
        <translation>Seit {time}</translation>
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
        <translation>Abbruch…</translation>
    </message>
    <message>
        <source>Compare…</source>
        <translation>Vergleichen …</translation>
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
        <source>Like this…</source>
        <translation>Kopie…</translation>
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
        <source>Showing it takes the right workflow:manage, which whoever acts here does not have.</source>
        <translation>Die Anzeige verlangt das Recht workflow:manage, das dem handelnden Bediener fehlt.</translation>
    </message>
    <message>
        <source>The run id is on the clipboard.</source>
        <translation>Die Lauf-ID ist in der Zwischenablage.</translation>
    </message>
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, so nothing is shown rather than too much.</source>
        <translation>Die Maskierungsregeln des Mandanten lassen sich nicht lesen; deshalb wird lieber nichts gezeigt als zu viel.</translation>
    </message>
    <message>
        <source>What actions were given and returned is hidden.</source>
        <translation>Was Aktionen erhielten und zurückgaben, ist verborgen.</translation>
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
        <source>Replays</source>
        <translation>Replays</translation>
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
        <source>All ids are on the clipboard.</source>
        <translation>Alle IDs sind in der Zwischenablage.</translation>
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
    <name>Schema</name>
    <message>
        <source>Breaks the rule {keyword} of the schema</source>
        <translation>Verletzt die Regel {keyword} des Schemas</translation>
    </message>
    <message>
        <source>Fits none of {constraint} alternatives</source>
        <translation>Passt zu keiner von {constraint} Alternativen</translation>
    </message>
    <message>
        <source>Is missing</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <source>Is not allowed here</source>
        <translation>Ist hier nicht erlaubt</translation>
    </message>
    <message>
        <source>Is not expected here</source>
        <translation>Wird hier nicht erwartet</translation>
    </message>
    <message>
        <source>Must be a multiple of {constraint}</source>
        <translation>Muss ein Vielfaches von {constraint} sein</translation>
    </message>
    <message>
        <source>Must be at least {constraint}</source>
        <translation>Muss mindestens {constraint} sein</translation>
    </message>
    <message>
        <source>Must be at most {constraint}</source>
        <translation>Darf höchstens {constraint} sein</translation>
    </message>
    <message>
        <source>Must be less than {constraint}</source>
        <translation>Muss kleiner als {constraint} sein</translation>
    </message>
    <message>
        <source>Must be more than {constraint}</source>
        <translation>Muss größer als {constraint} sein</translation>
    </message>
    <message>
        <source>Must be of type {constraint}</source>
        <translation>Muss vom Typ {constraint} sein</translation>
    </message>
    <message>
        <source>Must be one of {constraint}</source>
        <translation>Muss einer dieser Werte sein: {constraint}</translation>
    </message>
    <message>
        <source>Must be {constraint}</source>
        <translation>Muss {constraint} sein</translation>
    </message>
    <message>
        <source>Must fit exactly one of {constraint} alternatives</source>
        <translation>Muss zu genau einer von {constraint} Alternativen passen</translation>
    </message>
    <message>
        <source>Must have at least {constraint} characters</source>
        <translation>Muss mindestens {constraint} Zeichen haben</translation>
    </message>
    <message>
        <source>Must have at least {constraint} elements</source>
        <translation>Muss mindestens {constraint} Einträge haben</translation>
    </message>
    <message>
        <source>Must have at least {constraint} members</source>
        <translation>Muss mindestens {constraint} Elemente haben</translation>
    </message>
    <message>
        <source>Must have at most {constraint} characters</source>
        <translation>Darf höchstens {constraint} Zeichen haben</translation>
    </message>
    <message>
        <source>Must have at most {constraint} elements</source>
        <translation>Darf höchstens {constraint} Einträge haben</translation>
    </message>
    <message>
        <source>Must have at most {constraint} members</source>
        <translation>Darf höchstens {constraint} Elemente haben</translation>
    </message>
    <message>
        <source>Must match {constraint}</source>
        <translation>Muss {constraint} entsprechen</translation>
    </message>
    <message>
        <source>Must not have equal elements</source>
        <translation>Darf keine gleichen Einträge haben</translation>
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
    <name>SelectionBar</name>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>%Ln gewählt</numerusform>
            <numerusform>%Ln gewählt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln that match are selected</source>
        <translation>
            <numerusform>Der eine passende ist gewählt (%Ln)</numerusform>
            <numerusform>Alle %Ln passenden sind gewählt</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel…</source>
        <translation>Abbrechen…</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Aufheben</translation>
    </message>
    <message>
        <source>Replay…</source>
        <translation>Replay…</translation>
    </message>
    <message>
        <source>Select all {number} that match</source>
        <translation>Alle {number} passenden wählen</translation>
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
    <name>SideCard</name>
    <message>
        <source>Open run {run}</source>
        <translation>Lauf {run} öffnen</translation>
    </message>
    <message>
        <source>Open the run</source>
        <translation>Den Lauf öffnen</translation>
    </message>
    <message>
        <source>Unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
    <message>
        <source>{workflow} v{version}</source>
        <translation>{workflow} v{version}</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>Fälle</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Runs that belong together, with your notes</source>
        <translation>Läufe, die zusammengehören, mit Ihren Notizen</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>Ansichten</translation>
    </message>
    <message>
        <source>What was done to many runs at once, and how each of them ended</source>
        <translation>Was mit vielen Läufen zugleich getan wurde und wie jeder endete</translation>
    </message>
    <message>
        <source>Which failures are the same, how often and since when</source>
        <translation>Welche Fehler dieselben sind, wie oft und seit wann</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>A draft could not be restored: the input that it changes is another one by now.</source>
        <translation>Ein Entwurf ließ sich nicht wiederherstellen: Die Eingabe, die er ändert, ist inzwischen eine andere.</translation>
    </message>
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
        <source>That run&apos;s input is damaged at {paths}. Type the real value there.</source>
        <translation>Die Eingabe jenes Laufs ist bei {paths} beschädigt. Geben Sie dort den echten Wert ein.</translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object, in braces.</source>
        <translation>Die Nutzdaten eines Laufs müssen ein JSON-Objekt in geschweiften Klammern sein.</translation>
    </message>
    <message>
        <source>This workflow has no run yet, so there is nothing to take.</source>
        <translation>Dieser Workflow hat noch keinen Lauf, es gibt also nichts zu übernehmen.</translation>
    </message>
</context>
<context>
    <name>StartDialog</name>
    <message numerus="yes">
        <source>%n place(s) break the schema</source>
        <translation>
            <numerusform>%n Stelle verletzt das Schema</numerusform>
            <numerusform>%n Stellen verletzen das Schema</numerusform>
        </translation>
    </message>
    <message>
        <source>Begin with the example that the payload&apos;s schema gives</source>
        <translation>Mit dem Beispiel beginnen, das das Schema der Nutzdaten gibt</translation>
    </message>
    <message>
        <source>Begin with the input of this workflow&apos;s newest run, masked values included</source>
        <translation>Mit der Eingabe des neuesten Laufs dieses Workflows beginnen, maskierte Werte eingeschlossen</translation>
    </message>
    <message>
        <source>Choose a workflow</source>
        <translation>Workflow wählen</translation>
    </message>
    <message>
        <source>Choose a workflow.</source>
        <translation>Wählen Sie einen Workflow.</translation>
    </message>
    <message>
        <source>Discard draft</source>
        <translation>Entwurf verwerfen</translation>
    </message>
    <message>
        <source>Draft restored: what you typed last time.</source>
        <translation>Entwurf wiederhergestellt: Ihre letzten Eingaben.</translation>
    </message>
    <message>
        <source>Empty payload</source>
        <translation>Leere Nutzdaten</translation>
    </message>
    <message>
        <source>Example</source>
        <translation>Beispiel</translation>
    </message>
    <message>
        <source>Fits the schema</source>
        <translation>Passt zum Schema</translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation>Ungültiges JSON in Zeile {line}, Spalte {column}</translation>
    </message>
    <message>
        <source>Latest run&apos;s payload</source>
        <translation>Nutzdaten des letzten Laufs</translation>
    </message>
    <message>
        <source>Left out, as secrets are not kept on this desktop: {places}</source>
        <translation>Ausgelassen, da Geheimnisse nicht auf diesem Rechner bleiben: {places}</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Neu laden</translation>
    </message>
    <message>
        <source>Masked values are copied inside the database and never come here.</source>
        <translation>Maskierte Werte werden in der Datenbank kopiert und kommen nie hierher.</translation>
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
        <source>Starts a new run of a published version, through the same limits as any other start.</source>
        <translation>Startet einen neuen Lauf einer veröffentlichten Version, mit denselben Grenzen wie jeder andere Start.</translation>
    </message>
    <message>
        <source>Starts with the input of run {run}. This is no replay: the new run names no source.</source>
        <translation>Startet mit der Eingabe von Lauf {run}. Das ist kein Replay: Der neue Lauf nennt keine Herkunft.</translation>
    </message>
    <message>
        <source>The form needs a text that is valid JSON.</source>
        <translation>Das Formular braucht einen Text, der gültiges JSON ist.</translation>
    </message>
    <message>
        <source>The input shown is of a run of another workflow. Choose that workflow, or use an empty payload.</source>
        <translation>Die gezeigte Eingabe stammt von einem Lauf eines anderen Workflows. Wählen Sie jenen Workflow oder leere Nutzdaten.</translation>
    </message>
    <message>
        <source>The payload cannot be sent yet.</source>
        <translation>Die Nutzdaten können noch nicht gesendet werden.</translation>
    </message>
    <message>
        <source>The payload does not fit its schema yet; what is wrong stands at each place.</source>
        <translation>Die Nutzdaten passen noch nicht zu ihrem Schema; was fehlt, steht an jeder Stelle.</translation>
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
        <source>Use an empty payload</source>
        <translation>Leere Nutzdaten verwenden</translation>
    </message>
    <message>
        <source>Valid JSON</source>
        <translation>Gültiges JSON</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
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
        <source>You land on the new run as soon as it is recorded. Closing keeps what you typed.</source>
        <translation>Sie gelangen zum neuen Lauf, sobald er festgehalten ist. Beim Schließen bleiben Ihre Eingaben erhalten.</translation>
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
        <source>v{version}</source>
        <translation>v{version}</translation>
    </message>
    <message>
        <source>v{version} · newest</source>
        <translation>v{version} · neueste</translation>
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
        <source>Batch {name}: {stand}</source>
        <translation>Batch {name}: {stand}</translation>
    </message>
    <message>
        <source>Show the batch</source>
        <translation>Batch zeigen</translation>
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
    <message numerus="yes">
        <source>▶ %n batches run</source>
        <translation>
            <numerusform>▶ %n Batch läuft</numerusform>
            <numerusform>▶ %n Batches laufen</numerusform>
        </translation>
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
    <name>Stranded</name>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk ist daran gescheitert. Ihre Eingaben sind nicht verloren.</translation>
    </message>
    <message>
        <source>Temporal is being asked about each row.</source>
        <translation>Temporal wird nach jeder Zeile gefragt.</translation>
    </message>
    <message>
        <source>These rows belong to no tenant, so nobody has a right to act on them.</source>
        <translation>Diese Zeilen gehören keinem Mandanten, daher hat niemand ein Recht, an ihnen zu handeln.</translation>
    </message>
    <message>
        <source>becomes CANCELED</source>
        <translation>wird CANCELED</translation>
    </message>
    <message>
        <source>not verified</source>
        <translation>nicht geprüft</translation>
    </message>
    <message>
        <source>stays: Temporal executes it</source>
        <translation>bleibt: Temporal führt ihn aus</translation>
    </message>
    <message>
        <source>stays: it names an execution that this namespace does not know</source>
        <translation>bleibt: nennt eine Ausführung, die dieser Namensraum nicht kennt</translation>
    </message>
    <message>
        <source>stays: its execution has an end of its own</source>
        <translation>bleibt: Seine Ausführung hat ein eigenes Ende</translation>
    </message>
    <message>
        <source>{count} runs are known to Temporal and were left untouched.</source>
        <translation>Läufe, die Temporal kennt und die nicht angetastet wurden: {count}.</translation>
    </message>
    <message>
        <source>{count} stranded runs are finalized as CANCELED.</source>
        <translation>Als CANCELED abgeschlossene gestrandete Läufe: {count}.</translation>
    </message>
</context>
<context>
    <name>StrandedColumns</name>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>Open waits</source>
        <translation>Offenes Warten</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>Was geschieht</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>Workflow ohne Namen</translation>
    </message>
</context>
<context>
    <name>StrandedDialog</name>
    <message numerus="yes">
        <source>Finalize %n run(s)</source>
        <translation>
            <numerusform>%n Lauf abschließen</numerusform>
            <numerusform>%n Läufe abschließen</numerusform>
        </translation>
    </message>
    <message>
        <source>Finalizing…</source>
        <translation>Wird abgeschlossen…</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
            <numerusform>Geben Sie einen Grund mit mindestens %n Zeichen an.</numerusform>
        </translation>
    </message>
    <message>
        <source>No run is stranded.</source>
        <translation>Kein Lauf ist gestrandet.</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Recorded in the audit trail of every run</source>
        <translation>Wird im Audit jedes Laufs festgehalten</translation>
    </message>
    <message>
        <source>Stranded runs</source>
        <translation>Gestrandete Läufe</translation>
    </message>
    <message>
        <source>The rows are being read, and Temporal is asked about each…</source>
        <translation>Die Zeilen werden gelesen, und Temporal wird nach jeder gefragt…</translation>
    </message>
    <message>
        <source>There is nothing to finalize.</source>
        <translation>Es gibt nichts abzuschließen.</translation>
    </message>
    <message>
        <source>These rows look active, but the engine that executed them was removed. Finalizing writes CANCELED on them and on their open waits; steps that look started stay as they are. What Temporal knows is left alone.</source>
        <translation>Diese Zeilen sehen aktiv aus, aber die Engine, die sie ausführte, wurde entfernt. Das Abschließen schreibt CANCELED auf sie und ihre offenen Wartezustände; Schritte, die begonnen aussehen, bleiben, wie sie sind. Was Temporal kennt, bleibt unberührt.</translation>
    </message>
    <message>
        <source>This Temporal cannot tell whether these rows truly run, so nothing can be finalized now.</source>
        <translation>Dieses Temporal kann nicht sagen, ob diese Zeilen wirklich laufen, daher lässt sich jetzt nichts abschließen.</translation>
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
    <name>TroubleBanner</name>
    <message numerus="yes">
        <source>%n further runs cannot be verified: Temporal does not answer for them.</source>
        <translation>
            <numerusform>%n weiterer Lauf lässt sich nicht prüfen: Temporal gibt keine Auskunft über ihn.</numerusform>
            <numerusform>%n weitere Läufe lassen sich nicht prüfen: Temporal gibt keine Auskunft über sie.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n runs are in trouble</source>
        <translation>
            <numerusform>%n Lauf hat ein Problem</numerusform>
            <numerusform>%n Läufe haben Probleme</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Quittieren</translation>
    </message>
    <message>
        <source>List the runs of this cause: {cause}</source>
        <translation>Die Läufe mit dieser Ursache auflisten: {cause}</translation>
    </message>
    <message>
        <source>No step has begun for longer than it should take. Rundesk is finding out why.</source>
        <translation>Länger als üblich hat kein Schritt begonnen. Rundesk sucht den Grund.</translation>
    </message>
    <message>
        <source>Not everything is verified</source>
        <translation>Nicht alles ist geprüft</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>This is not proved.</source>
        <translation>Das ist nicht belegt.</translation>
    </message>
    <message>
        <source>for {age}</source>
        <translation>seit {age}</translation>
    </message>
    <message>
        <source>the oldest for {age}</source>
        <translation>der älteste seit {age}</translation>
    </message>
    <message numerus="yes">
        <source>{cause}: %n runs</source>
        <translation>
            <numerusform>{cause}: %n Lauf</numerusform>
            <numerusform>{cause}: %n Läufe</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Troubles</name>
    <message>
        <source>No run is in trouble that was not seen yet.</source>
        <translation>Kein Lauf hat ein Problem, das noch nicht quittiert ist.</translation>
    </message>
</context>
<context>
    <name>UnfinishedBanner</name>
    <message>
        <source>Abort…</source>
        <translation>Beenden…</translation>
    </message>
    <message>
        <source>Batch “{name}” is paused at {stand}</source>
        <translation>Batch „{name}“ ist bei {stand} pausiert</translation>
    </message>
    <message>
        <source>Batch “{name}” stopped at {stand}</source>
        <translation>Batch „{name}“ hat bei {stand} angehalten</translation>
    </message>
    <message>
        <source>Batch “{name}” was interrupted at {stand}</source>
        <translation>Batch „{name}“ wurde bei {stand} unterbrochen</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Hide until Rundesk is opened again</source>
        <translation>Ausblenden, bis Rundesk wieder geöffnet wird</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message numerus="yes">
        <source>{batch}, and %n more stand(s) still</source>
        <translation>
            <numerusform>{batch}, und %n weiterer steht still</numerusform>
            <numerusform>{batch}, und %n weitere stehen still</numerusform>
        </translation>
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
        <source>In trouble</source>
        <translation>Mit Problemen</translation>
    </message>
    <message>
        <source>Many runs</source>
        <translation>Viele Läufe</translation>
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
        <source>Runs in status RUNNING, those that wait included</source>
        <translation>Läufe im Status RUNNING, wartende eingeschlossen</translation>
    </message>
    <message>
        <source>Runs that do not go on by themselves, each with its cause</source>
        <translation>Läufe, die nicht von selbst weitergehen, jeder mit seiner Ursache</translation>
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
<context>
    <name>Why</name>
    <message>
        <source>Both have ended, each in its own way.</source>
        <translation>Beide sind zu Ende gegangen, jede Seite auf ihre Weise.</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Known fault of the engine: {title}</source>
        <translation>Bekannter Fehler der Engine: {title}</translation>
    </message>
    <message>
        <source>Postgres</source>
        <translation>Postgres</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>Abfrage</translation>
    </message>
    <message>
        <source>Row and execution agree.</source>
        <translation>Zeile und Ausführung stimmen überein.</translation>
    </message>
    <message>
        <source>Task queue</source>
        <translation>Task Queue</translation>
    </message>
    <message>
        <source>Temporal</source>
        <translation>Temporal</translation>
    </message>
    <message>
        <source>The row has ended, but its execution goes on.</source>
        <translation>Die Zeile ist beendet, aber ihre Ausführung geht weiter.</translation>
    </message>
    <message>
        <source>The row is a moment behind the execution.</source>
        <translation>Die Zeile ist der Ausführung einen Moment hinterher.</translation>
    </message>
    <message>
        <source>The row looks active, but Temporal knows no execution of it.</source>
        <translation>Die Zeile sieht aktiv aus, aber Temporal kennt keine Ausführung dazu.</translation>
    </message>
    <message>
        <source>The row looks active, but its execution has ended.</source>
        <translation>Die Zeile sieht aktiv aus, aber ihre Ausführung ist beendet.</translation>
    </message>
    <message>
        <source>The row says Failed, and the execution is still handling it.</source>
        <translation>Die Zeile sagt „Fehlgeschlagen“, und die Ausführung behandelt den Fehler noch.</translation>
    </message>
    <message>
        <source>The row says {status}, the run is really: {state}.</source>
        <translation>Die Zeile sagt „{status}“, der wahre Zustand ist: {state}.</translation>
    </message>
    <message>
        <source>The row says {status}.</source>
        <translation>Die Zeile sagt „{status}“.</translation>
    </message>
    <message>
        <source>The row stands alone: Temporal cannot be asked.</source>
        <translation>Die Zeile steht allein: Temporal lässt sich nicht fragen.</translation>
    </message>
</context>
<context>
    <name>WhyCard</name>
    <message numerus="yes">
        <source>%n runs are in trouble.</source>
        <translation>
            <numerusform>%n Lauf hat ein Problem.</numerusform>
            <numerusform>%n Läufe haben Probleme.</numerusform>
        </translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>It was started, but no worker has begun its first step. Finding out why…</source>
        <translation>Er wurde gestartet, aber kein Worker hat den ersten Schritt begonnen. Der Grund wird gesucht…</translation>
    </message>
    <message>
        <source>Known fault</source>
        <translation>Bekannter Fehler</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>Weniger</translation>
    </message>
    <message>
        <source>Show every fact</source>
        <translation>Alle Fakten zeigen</translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>Weniger zeigen</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>Hängt</translation>
    </message>
    <message>
        <source>The run was not diagnosed yet.</source>
        <translation>Der Lauf wurde noch nicht diagnostiziert.</translation>
    </message>
    <message>
        <source>This run has begun no step for {age}.</source>
        <translation>Dieser Lauf hat seit {age} keinen Schritt begonnen.</translation>
    </message>
</context>
<context>
    <name>_Element</name>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Remove this line</source>
        <translation>Diese Zeile entfernen</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Something else than a list stands here. Edit it as JSON.</source>
        <translation>Hier steht etwas anderes als eine Liste. Bearbeiten Sie es als JSON.</translation>
    </message>
    <message>
        <source>hidden after the start, not kept in drafts</source>
        <translation>nach dem Start verborgen, nicht in Entwürfen</translation>
    </message>
    <message>
        <source>number</source>
        <translation>Zahl</translation>
    </message>
    <message>
        <source>required</source>
        <translation>erforderlich</translation>
    </message>
    <message>
        <source>whole number</source>
        <translation>ganze Zahl</translation>
    </message>
</context>
</TS>
