<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>ActionDialog</name>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Discard</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Discard what you typed?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep editing</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChangesView</name>
    <message>
        <source>Changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>and %n more change(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>whole payload</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel run…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change between the light and the dark look</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close Rundesk; what it started itself is stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comfortable rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compact rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy run id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the whole id of the selected run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark text on light surfaces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End this run; this cannot be undone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light or dark, whichever the system uses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light text on dark surfaces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>List the runs that have not begun a step for more than a minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More runs on the screen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read the list again now; it also refreshes by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replay…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rows with more room</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run a workflow…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save a redacted report of this run as HTML or JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show Rundesk in English</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show Rundesk in German</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all runs of this tenant again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show changed rows without fading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show stuck runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the selected run and move the keyboard to it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a new run of a published workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a new run with this run&apos;s payload, as it was or edited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Switch light and dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type a run id, the beginning of one, or a correlation key</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message>
        <source>Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{operator} lacks the right workflow:{right}. An administrator of this tenant can grant it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CountChips</name>
    <message>
        <source>Filter by {status}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{status}: {number} runs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Every running run has begun a step, or is younger than a minute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run is stuck</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No run of this tenant matches every filter.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No runs match</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run a workflow, or wait for an event to start one.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{operator} may not do this: the right workflow:{right} is missing. Ask an administrator of this tenant to grant it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{workflow} already has {active} active runs and allows {limit}, so nothing was started. Try again when one has ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{workflow} is paused, so nothing was started. Unpause it in the workflow designer, then try again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FailureState</name>
    <message>
        <source>The runs cannot be read</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Any workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filter by workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Order of the list; a click on a column title does the same</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show runs of one workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sort order</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started, newest first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started, oldest first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updated, newest first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updated, oldest first</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>InspectionTables</name>
    <message>
        <source>A person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Document</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ended</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error swallowed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Event {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pass</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quota</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run input</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Since</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Took</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waits for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{step}: input</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{step}: output</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>JsonView</name>
    <message>
        <source>%1 · %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n long text(s) folded, copied whole</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n value(s) masked</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Copies the whole document as shown here, masked values masked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy JSON: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>masked</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageCard</name>
    <message>
        <source>Details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show details</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MomentField</name>
    <message>
        <source>7 days ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Any time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From: {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To: {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>any</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>d MMM yyyy HH:mm</source>
        <comment>date format of the time filter</comment>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OutageBar</name>
    <message>
        <source>Postgres cannot be reached. Rundesk keeps asking and shows the runs when it answers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Postgres cannot be reached. You see data from {time}. Rundesk keeps asking and goes on by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temporal cannot be reached. The list stays true; starting, replaying and canceling must wait. Rundesk keeps asking and goes on by itself.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>Replay {run} is recorded, but Temporal has not confirmed it yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replay {run} started with the original payload.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replay {run} started with your changes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temporal refused to start the new run, so nothing runs.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ReplayDialog</name>
    <message>
        <source>A folded text was changed in part. Undo that, or replace it whole.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A placeholder keeps a masked value only where that value was masked. Type the real value here, or remove this member.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Damaged input: every placeholder is replaced in this replay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: the stored payload itself holds %n placeholder(s).</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Edited, %n change(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Folded text changed in line {line}</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No changes. Edit the payload to see here what differs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only spacing or the order of names differ, so this is no edit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Payload</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Placeholders of the damaged input have to be replaced first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the stored payload…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reason</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recorded in the logs of both runs and in the audit trail</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reformatted: the original will be sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refused at {path}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace each with its real value before the replay: {paths}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replay original</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Replay with %n change(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Replay {workflow}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore original</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a second run beside it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts a new run of version {version} with this payload. Masked values are kept from the original and are never sent from here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The changes are applied to the stored payload inside the database.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The payload is being checked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The payload is not here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The payload is not loaded yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The payload is not valid JSON yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run has not ended: confirm that a second one shall start beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stored payload is copied inside the database, masked values included.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This array holds masked values, which are found by their position. It must keep its length.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This array holds masked values, which are found by their position. It must keep its order.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This edit cannot be sent; the reason is shown beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This run has not ended yet. A replay starts a second run; both will act on the same things.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unchanged: the original will be sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>masked, kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RunColumns</name>
    <message>
        <source>Age</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Age of a run that goes on, duration of one that has ended</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At {path}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ended {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Event {event}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Event {event} until {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Local time of the last change; click to sort</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Local time of the start; click to sort</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No step has begun since the start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not picked up by a worker yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replay of {run}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step quota used up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Updated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waits ({type})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waits for a person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{state} (stored as {status})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{workflow}, version {version}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Find runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run id, its beginning, or a correlation key</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Views</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>State</name>
    <message>
        <source>Another attempt is due</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Queued</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Succeeded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StatusFilter</name>
    <message>
        <source>Filter by status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show runs in any of the chosen statuses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status: any</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status: {number} chosen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status: {statuses}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StepDetail</name>
    <message>
        <source>Action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attempt {number} of {count}: {state}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error of the step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error swallowed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How often this path was entered</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Input of the step&apos;s action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invocation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output of the step&apos;s action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pass</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the document…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a step to see what went in, what came out and what went wrong.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sizes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The action has not ended, so there is no output yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This attempt has no error.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This step called no action.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Took</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{input} in, {output} out</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StuckBanner</name>
    <message numerus="yes">
        <source>%n runs are stuck</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>No step has begun for more than a minute. Check that the worker runs and polls.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No step has begun, and no worker polls the task queue. Check that the worker runs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the oldest for {age}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TimelineView</name>
    <message>
        <source>Timeline</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TimelineWords</name>
    <message>
        <source>An error was swallowed here: the step counts as succeeded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Began {local} ({utc})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ended {local} ({utc})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>attempt {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>canceled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pause before it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>succeeded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waits for a person</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waits for a time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waits for an event</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>waits for quota</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{label}, {outcome}, {length}</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{step}, %n pass(es)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>{step}, pass {number}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Times</name>
    <message>
        <source>just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{duration} ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} d</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} ms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Views</name>
    <message>
        <source>All runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ended</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every run of this tenant</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Origin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running for more than a minute without having begun a step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs in status RUNNING, those that wait included</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs that ended in an error</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs that ended well</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs that replay another run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs that someone ended</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs that wait for an event, a time, a person or quota</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Succeeded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
