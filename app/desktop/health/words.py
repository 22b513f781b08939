"""The environment check in the operator's language: titles, findings, states.

The findings are those of :mod:`app.domain.health.findings`; the English sentence is the key. A test holds the two
together.
"""

from __future__ import annotations

from app.desktop.dialog.badge import Tone
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.health.check import Check, CheckState, HealthCheck
from app.domain.health.findings import FINDINGS

TITLES: dict[Check, str] = {
    Check.POSTGRES: QT_TRANSLATE_NOOP("Health", "Database"),
    Check.POSTGRES_VERSION: QT_TRANSLATE_NOOP("Health", "Database version"),
    Check.SCHEMA: QT_TRANSLATE_NOOP("Health", "Schema"),
    Check.SHAPE: QT_TRANSLATE_NOOP("Health", "Shape"),
    Check.PRIVILEGES: QT_TRANSLATE_NOOP("Health", "Rights of the login"),
    Check.POOLING: QT_TRANSLATE_NOOP("Health", "Connection pooling"),
    Check.POSTGRES_TLS: QT_TRANSLATE_NOOP("Health", "Encryption to the database"),
    Check.INDEXES: QT_TRANSLATE_NOOP("Health", "Indexes"),
    Check.TEMPORAL: QT_TRANSLATE_NOOP("Health", "Temporal"),
    Check.TEMPORAL_VERSION: QT_TRANSLATE_NOOP("Health", "Temporal version"),
    Check.NAMESPACE: QT_TRANSLATE_NOOP("Health", "Namespace"),
    Check.RETENTION: QT_TRANSLATE_NOOP("Health", "Retention"),
    Check.TEMPORAL_TLS: QT_TRANSLATE_NOOP("Health", "Encryption to Temporal"),
    Check.POLLERS: QT_TRANSLATE_NOOP("Health", "Workers"),
    Check.QUEUES: QT_TRANSLATE_NOOP("Health", "Task queues"),
    Check.BUILDS: QT_TRANSLATE_NOOP("Health", "Builds of the workers"),
    Check.BACKLOG: QT_TRANSLATE_NOOP("Health", "Backlog"),
    Check.CLOCK: QT_TRANSLATE_NOOP("Health", "Clock of this computer"),
    Check.VARIABLES: QT_TRANSLATE_NOOP("Health", "Leftover variables"),
}
STATES: dict[CheckState, tuple[str, Tone]] = {
    CheckState.OK: (QT_TRANSLATE_NOOP("Health", "OK"), Tone.QUIET),
    CheckState.WARNING: (QT_TRANSLATE_NOOP("Health", "Warning"), Tone.WARNING),
    CheckState.PROBLEM: (QT_TRANSLATE_NOOP("Health", "Problem"), Tone.TROUBLE),
    CheckState.UNKNOWN: (QT_TRANSLATE_NOOP("Health", "Not checked"), Tone.QUIET),
}
SENTENCES: frozenset[str] = frozenset(
    {
        QT_TRANSLATE_NOOP("Health", "This could not be checked: {reason}"),
        QT_TRANSLATE_NOOP("Health", "Mend what stands in the way, then check again."),
        QT_TRANSLATE_NOOP("Health", "Answered in {milliseconds} ms."),
        QT_TRANSLATE_NOOP("Health", "Start the server or correct the connection, then check again."),
        QT_TRANSLATE_NOOP("Health", "Version {version}."),
        QT_TRANSLATE_NOOP(
            "Health",
            "The tables of the workflow runtime are there with everything this console reads.",
        ),
        QT_TRANSLATE_NOOP("Health", "The workflow runtime is there, but lacks: {missing}."),
        QT_TRANSLATE_NOOP(
            "Health",
            "Bring the database to the product's newest migrations. Until then what is missing is not shown.",
        ),
        QT_TRANSLATE_NOOP(
            "Health",
            "tenant_settings cannot be read, and with it the tenants' redaction rules: every document is hidden.",
        ),
        QT_TRANSLATE_NOOP("Health", "Grant SELECT on tenant_settings to this login."),
        QT_TRANSLATE_NOOP("Health", "A plain PostgreSQL database: runs are keyed by run_id."),
        QT_TRANSLATE_NOOP("Health", "A Citus database: runs are keyed by tenant and run_id."),
        QT_TRANSLATE_NOOP("Health", "Runs are keyed by tenant and run_id as on Citus, without the extension itself."),
        QT_TRANSLATE_NOOP("Health", "The login {login} may read and write all that this console needs."),
        QT_TRANSLATE_NOOP("Health", "The login {login} may read everything, but lacks rights to write: {missing}."),
        QT_TRANSLATE_NOOP(
            "Health",
            "To act through this login grant what is missing; to browse, nothing has to be done.",
        ),
        QT_TRANSLATE_NOOP("Health", "The login {login} lacks the right to read: {missing}."),
        QT_TRANSLATE_NOOP("Health", "Grant SELECT on these tables."),
        QT_TRANSLATE_NOOP("Health", "The connection leads straight to the server process {server_process}."),
        QT_TRANSLATE_NOOP(
            "Health",
            "A connection pooler stands in between: the process number of the login is not the server's. "
            "Whether it pools by session or by transaction cannot be told from here; both work.",
        ),
        QT_TRANSLATE_NOOP(
            "Health",
            "A connection pooler stands in between and pools by transaction: two transactions of one "
            "connection met two server processes. That works.",
        ),
        QT_TRANSLATE_NOOP("Health", "The connection is encrypted ({detail})."),
        QT_TRANSLATE_NOOP("Health", "The connection is not encrypted; it does not leave this computer."),
        QT_TRANSLATE_NOOP(
            "Health",
            "The connection is not encrypted and leaves this computer: payloads travel in clear.",
        ),
        QT_TRANSLATE_NOOP("Health", "Connect through TLS, or through a tunnel."),
        QT_TRANSLATE_NOOP("Health", "No index is missing that would be worth asking for."),
        QT_TRANSLATE_NOOP(
            "Health",
            "Not there: {missing}. The tables are small ({rows} rows at most), so they would gain nothing yet.",
        ),
        QT_TRANSLATE_NOOP("Health", "Missing: {missing}. {gains}"),
        QT_TRANSLATE_NOOP("Health", "Ask the database's administrator to run: {statements}"),
        QT_TRANSLATE_NOOP("Health", "The namespace {namespace} is registered."),
        QT_TRANSLATE_NOOP("Health", "The namespace {namespace} is {state}."),
        QT_TRANSLATE_NOOP("Health", "Ask Temporal's administrator; nothing may be started there."),
        QT_TRANSLATE_NOOP("Health", "Closed executions are kept for {days} days."),
        QT_TRANSLATE_NOOP(
            "Health",
            "Closed executions are kept for {days} days only. A run that ended longer ago cannot be verified any more.",
        ),
        QT_TRANSLATE_NOOP("Health", "Raise the namespace's retention to at least {wanted} days."),
        QT_TRANSLATE_NOOP(
            "Health",
            "Alive on {queue}: {workflow} for workflow tasks, {activity} for activities; the last one asked "
            "{seconds} s ago.",
        ),
        QT_TRANSLATE_NOOP(
            "Health",
            "Alive on {queue}: {workflow} for workflow tasks, {activity} for activities: one kind is taken by nobody.",
        ),
        QT_TRANSLATE_NOOP("Health", "Start a complete worker for this queue, for example with: rundesk worker"),
        QT_TRANSLATE_NOOP("Health", "Nobody polls {queue}: runs that are started wait."),
        QT_TRANSLATE_NOOP("Health", "Start a worker for this queue, for example with: rundesk worker"),
        QT_TRANSLATE_NOOP("Health", "All open executions are on {queue}."),
        QT_TRANSLATE_NOOP(
            "Health",
            "Split brain: open executions are on other queues than {queue}. Executions / pollers of each: {queues}.",
        ),
        QT_TRANSLATE_NOOP(
            "Health",
            "A worker takes tasks from its own queue only. Start workers for these queues until their runs "
            "have ended, and find out who starts runs there.",
        ),
        QT_TRANSLATE_NOOP("Health", "The workers say build {builds}."),
        QT_TRANSLATE_NOOP("Health", "The workers say several builds: {builds}."),
        QT_TRANSLATE_NOOP(
            "Health",
            "If no deployment is under way, stop the old workers: a run may fail when a different build replays it.",
        ),
        QT_TRANSLATE_NOOP("Health", "No living worker says which build it is."),
        QT_TRANSLATE_NOOP("Health", "No task waits on {queue}."),
        QT_TRANSLATE_NOOP("Health", "One task waits on {queue}, for {seconds} s."),
        QT_TRANSLATE_NOOP("Health", "{count} tasks wait on {queue}, the oldest for {seconds} s."),
        QT_TRANSLATE_NOOP("Health", "Start more workers, or find out what keeps the present ones busy."),
        QT_TRANSLATE_NOOP("Health", "This computer's clock and the database's differ by {seconds} s."),
        QT_TRANSLATE_NOOP(
            "Health",
            "This computer's clock and the database's differ by {seconds} s. Ages are the database's and stay "
            "right; times that Temporal measures against this clock do not.",
        ),
        QT_TRANSLATE_NOOP("Health", "Set this computer's clock by a time server."),
        QT_TRANSLATE_NOOP("Health", "No variable of the removed engine is set."),
        QT_TRANSLATE_NOOP("Health", "Set, and without any effect: {names}."),
        QT_TRANSLATE_NOOP("Health", "Remove them, so that nobody believes they choose an engine or queue."),
    }
)
"""Every sentence of a finding."""


def title_of(check: HealthCheck) -> str:
    """Return what was checked."""
    return translate("Health", TITLES[check.check])


def state_of(check: HealthCheck) -> tuple[str, Tone]:
    """Return the state's word and tone."""
    word, tone = STATES[check.state]
    return translate("Health", word), tone


def evidence_of(check: HealthCheck) -> str:
    """Return what was found."""
    return translate("Health", FINDINGS[check.code].evidence).format(**check.params)


def remedy_of(check: HealthCheck) -> str:
    """Return what to do about it, "" when nothing has to be done."""
    remedy = FINDINGS[check.code].remedy
    return "" if remedy is None else translate("Health", remedy).format(**check.params)
