"""What a check can find: the evidence and the remedy of each finding, in English; ``{names}`` are its parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Sentences of one finding; ``remedy`` None when nothing has to be done."""

    evidence: str
    remedy: str | None = None


FINDINGS: dict[str, Finding] = {
    "unverified": Finding("This could not be checked: {reason}", "Mend what stands in the way, then check again."),
    "answers": Finding("Answered in {milliseconds} ms."),
    "away": Finding("{reason}", "Start the server or correct the connection, then check again."),
    "version": Finding("Version {version}."),
    "schema_complete": Finding("The tables of the workflow runtime are there with everything this console reads."),
    "schema_lags": Finding(
        "The workflow runtime is there, but lacks: {missing}.",
        "Bring the database to the product's newest migrations. Until then what is missing is not shown.",
    ),
    "settings_unreadable": Finding(
        "tenant_settings cannot be read, and with it the tenants' redaction rules: every document is hidden.",
        "Grant SELECT on tenant_settings to this login.",
    ),
    "shape_plain": Finding("A plain PostgreSQL database: runs are keyed by run_id."),
    "shape_citus": Finding("A Citus database: runs are keyed by tenant and run_id."),
    "shape_citus_keys": Finding("Runs are keyed by tenant and run_id as on Citus, without the extension itself."),
    "may_all": Finding("The login {login} may read and write all that this console needs."),
    "may_read": Finding(
        "The login {login} may read everything, but lacks rights to write: {missing}.",
        "To act through this login grant what is missing; to browse, nothing has to be done.",
    ),
    "may_not_read": Finding("The login {login} lacks the right to read: {missing}.", "Grant SELECT on these tables."),
    "pool_none": Finding("The connection leads straight to the server process {server_process}."),
    "pool_between": Finding(
        "A connection pooler stands in between: the process number of the login is not the server's. "
        "Whether it pools by session or by transaction cannot be told from here; both work."
    ),
    "pool_transaction": Finding(
        "A connection pooler stands in between and pools by transaction: two transactions of one connection met two "
        "server processes. That works."
    ),
    "encrypted": Finding("The connection is encrypted ({detail})."),
    "loopback": Finding("The connection is not encrypted; it does not leave this computer."),
    "clear": Finding(
        "The connection is not encrypted and leaves this computer: payloads travel in clear.",
        "Connect through TLS, or through a tunnel.",
    ),
    "indexes_fine": Finding("No index is missing that would be worth asking for."),
    "indexes_small": Finding(
        "Not there: {missing}. The tables are small ({rows} rows at most), so they would gain nothing yet."
    ),
    "indexes_missing": Finding("Missing: {missing}. {gains}", "Ask the database's administrator to run: {statements}"),
    "namespace": Finding("The namespace {namespace} is registered."),
    "namespace_state": Finding(
        "The namespace {namespace} is {state}.", "Ask Temporal's administrator; nothing may be started there."
    ),
    "retention": Finding("Closed executions are kept for {days} days."),
    "retention_short": Finding(
        "Closed executions are kept for {days} days only. A run that ended longer ago cannot be verified any more.",
        "Raise the namespace's retention to at least {wanted} days.",
    ),
    "pollers": Finding(
        "Alive on {queue}: {workflow} for workflow tasks, {activity} for activities; the last one asked "
        "{seconds} s ago."
    ),
    "pollers_half": Finding(
        "Alive on {queue}: {workflow} for workflow tasks, {activity} for activities: one kind is taken by nobody.",
        "Start a complete worker for this queue, for example with: rundesk worker",
    ),
    "pollers_none": Finding(
        "Nobody polls {queue}: runs that are started wait.",
        "Start a worker for this queue, for example with: rundesk worker",
    ),
    "queues_one": Finding("All open executions are on {queue}."),
    "queues_split": Finding(
        "Split brain: open executions are on other queues than {queue}. Executions / pollers of each: {queues}.",
        "A worker takes tasks from its own queue only. Start workers for these queues until their runs have ended, "
        "and find out who starts runs there.",
    ),
    "builds_one": Finding("The workers say build {builds}."),
    "builds_several": Finding(
        "The workers say several builds: {builds}.",
        "If no deployment is under way, stop the old workers: a run may fail when a different build replays it.",
    ),
    "builds_none": Finding("No living worker says which build it is."),
    "backlog_none": Finding("No task waits on {queue}."),
    "backlog_one": Finding("One task waits on {queue}, for {seconds} s."),
    "backlog_one_old": Finding(
        "One task waits on {queue}, for {seconds} s.",
        "Start more workers, or find out what keeps the present ones busy.",
    ),
    "backlog": Finding("{count} tasks wait on {queue}, the oldest for {seconds} s."),
    "backlog_old": Finding(
        "{count} tasks wait on {queue}, the oldest for {seconds} s.",
        "Start more workers, or find out what keeps the present ones busy.",
    ),
    "clock": Finding("This computer's clock and the database's differ by {seconds} s."),
    "clock_off": Finding(
        "This computer's clock and the database's differ by {seconds} s. Ages are the database's and stay right; "
        "times that Temporal measures against this clock do not.",
        "Set this computer's clock by a time server.",
    ),
    "variables_none": Finding("No variable of the removed engine is set."),
    "variables": Finding(
        "Set, and without any effect: {names}.", "Remove them, so that nobody believes they choose an engine or queue."
    ),
}
