"""The activity behind ``action.call``: one attempt at one action, with its invocation row.

At most once, unless the action is repeatable: a row left STARTED by a lost worker means that nobody knows whether the
action took effect. Secrets are resolved here, reach only the handler, and are replaced in all that is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from temporalio import activity

from app.domain.errors import DatabaseUnavailable
from app.domain.placeholders import find_placeholders
from app.domain.run import RunKey
from app.engine import messages
from app.engine.actions import Action, ActionContext, ActionRegistry
from app.engine.definition_fields import DefinitionError, Fields
from app.engine.failures import Category, StepFailure
from app.engine.instants import iso_text
from app.engine.invocation_documents import error_document, full_key, storable_output, true_failure
from app.engine.projection_border import definite_failures, key_of
from app.engine.secrets import ResolvedInput, SecretSource, resolve_secrets
from app.engine.size_limits import LIMIT_TEXT, too_large
from app.engine.undisturbed import heartbeats, undisturbed
from app.postgres.database import Database
from app.postgres.projection import NewLog, RunProjection
from app.postgres.projection_actions import AlreadySucceeded, Begun, InvocationLog, NewInvocation, OutcomeUnknown
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.projection_store import DataStore
from app.temporal.contract import ACTIVITY_TIMEOUT

VALIDATION_ERROR = "VALIDATION_ERROR"
OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
CACHED_OUTPUT_MASKED = "CACHED_OUTPUT_MASKED"
OUTPUT_TOO_LARGE = "OUTPUT_TOO_LARGE"

_HANDLER_LIMIT = ACTIVITY_TIMEOUT - timedelta(seconds=120)
"""How long a handler may take; the rest of the activity's time belongs to the record of its outcome."""
_RECORD_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, *[5.0] * 15)
"""Pauses between attempts to record an outcome that nobody can observe a second time: over a minute of outage."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt that is ours to make."""

    key: RunKey
    call: messages.ActionCall
    action: Action
    arguments: Any
    resolved: ResolvedInput
    begun: Begun


class ActionActivities:
    """Executes actions of one registry against one database."""

    def __init__(self, database: Database, registry: ActionRegistry, secrets: SecretSource) -> None:
        self._invocations = InvocationLog(database)
        self._projection = RunProjection(database)
        self._store = DataStore(database)
        self._registry = registry
        self._secrets = secrets

    def all(self) -> list[Callable[..., Any]]:
        """Return the activities to register with a worker."""
        return [self.execute]

    @activity.defn(name=messages.EXECUTE_ACTION)
    async def execute(self, call: messages.ActionCall) -> messages.ActionResult:
        """Make one attempt at an action, or return what an earlier invocation with the same key returned."""
        with definite_failures():
            async with heartbeats():
                return await self._execute(key_of(call.run), call)

    async def _execute(self, key: RunKey, call: messages.ActionCall) -> messages.ActionResult:
        action = self._registry.find(call.action_id, call.version)
        resolved = await resolve_secrets(self._secrets, key.tenant, call.input)
        arguments = _read_input(action, resolved)
        new = NewInvocation(uuid4(), call.step_path, action.id, action.version, full_key(call), resolved.for_storage)
        begun, cancelled = await undisturbed(self._invocations.begin(key, new, repeatable=action.repeatable))
        if isinstance(begun, AlreadySucceeded):
            return await self._cached(key, call, begun)
        if isinstance(begun, OutcomeUnknown):
            raise await self._unknown(key, call, begun)
        attempt = _Attempt(key, call, action, arguments, resolved, begun)
        if cancelled:
            await self._record_cancel(attempt, "The run was cancelled before this action began")
            raise asyncio.CancelledError
        if begun.taken_over_from is not None:
            message = "Action attempted again on the failed invocation of another run with the same idempotency key"
            context = {"invocationId": str(begun.invocation_id), "sourceRunId": str(begun.taken_over_from)}
            await self._log(key, call, message, context)
        return _result(call, await self._make(attempt))

    async def _make(self, attempt: _Attempt) -> Any:
        """Run the handler and record how it ended; a cancel never comes between the two."""
        try:
            output = await self._handled(attempt)
        except asyncio.CancelledError:
            if not activity.is_worker_shutdown():
                await self._record_cancel(attempt, "The run was cancelled while this action was under way")
            raise
        except Exception as error:  # whatever a handler raises is this step's failure
            failure = true_failure(error, attempt.resolved).located(attempt.call.step_path, _now())
            await self._record_failure(attempt, failure)
            raise failure from error
        # What the workflow gets is stored too, in its history: a secret that the action repeats must not reach it.
        output = attempt.resolved.scrubbed(output)
        stored = storable_output(output, attempt.resolved)
        await _uninterrupted(lambda: self._invocations.succeed(attempt.key, attempt.begun, stored))
        return output

    async def _handled(self, attempt: _Attempt) -> Any:
        context = ActionContext(
            attempt.key,
            attempt.call.step_path,
            attempt.begun.invocation_id,
            attempt.begun.attempt,
            self._store,
            self._logger(attempt),
        )
        deadline = asyncio.timeout(_HANDLER_LIMIT.total_seconds())
        try:
            async with deadline:
                return from_stored(to_stored(await attempt.action.handle(context, attempt.arguments)))
        except TimeoutError as error:
            if not deadline.expired():
                raise
            minutes = int(_HANDLER_LIMIT.total_seconds() // 60)
            raise StepFailure(Category.TIMEOUT, f"The action did not finish within {minutes} minutes") from error

    async def _record_cancel(self, attempt: _Attempt, message: str) -> None:
        """Note that a cancel stopped the action. A worker that stops notes nothing: the outcome is unknown."""
        failure = StepFailure(Category.CANCELLATION, message).located(attempt.call.step_path, _now())
        await self._record_failure(attempt, failure)

    async def _record_failure(self, attempt: _Attempt, failure: StepFailure) -> None:
        begun = attempt.begun
        document = error_document(failure)
        await _uninterrupted(
            lambda: self._invocations.fail(attempt.key, begun.invocation_id, begun.attempt, failure.message, document)
        )

    async def _cached(self, key: RunKey, call: messages.ActionCall, earlier: AlreadySucceeded) -> messages.ActionResult:
        """Return an earlier result, as its key promises, and say so in the run's log (F21)."""
        masked = find_placeholders(to_stored(earlier.output))
        if masked:
            raise StepFailure(
                Category.ACTION,
                "An earlier invocation with this idempotency key succeeded, but its stored output holds masked values "
                f"({', '.join(masked)}), so it cannot be used again",
                CACHED_OUTPUT_MASKED,
            ).located(call.step_path, _now())
        message = "Action not executed again: an earlier invocation with the same idempotency key had succeeded"
        context = {"invocationId": str(earlier.invocation_id), "sourceRunId": str(earlier.run_id)}
        await self._log(key, call, message, context)
        return _result(call, earlier.output, cached=True)

    async def _unknown(self, key: RunKey, call: messages.ActionCall, row: OutcomeUnknown) -> StepFailure:
        failure = StepFailure(
            Category.ACTION,
            "An earlier attempt at this action was interrupted; whether it took effect is unknown, and the action may "
            "not be repeated",
            OUTCOME_UNKNOWN,
        ).located(call.step_path, _now())
        if row.run_id == key.run_id:
            document = error_document(failure)
            await self._invocations.fail(key, row.invocation_id, row.attempt, failure.message, document)
        return failure

    def _logger(self, attempt: _Attempt) -> Callable[[str, dict[str, Any]], Coroutine[Any, Any, None]]:
        async def log(message: str, context: dict[str, Any]) -> None:
            resolved = attempt.resolved
            await self._log(attempt.key, attempt.call, resolved.without_secrets(message), resolved.scrubbed(context))

        return log

    async def _log(self, key: RunKey, call: messages.ActionCall, message: str, context: dict[str, Any]) -> None:
        line = NewLog(uuid4(), "INFO", message, UUID(call.step_id), call.step_path, context)
        await self._projection.log(key, line)


def _read_input(action: Action, resolved: ResolvedInput) -> Any:
    try:
        return action.read(Fields(resolved.for_handler, "input"))
    except DefinitionError as error:
        message = resolved.without_secrets(f"Input of {action.id} is not valid: {error}")
        raise StepFailure(Category.VALIDATION, message, VALIDATION_ERROR, {"path": error.path}) from error


def _result(call: messages.ActionCall, output: Any, *, cached: bool = False) -> messages.ActionResult:
    """Return what the workflow gets. The action has taken effect, which its invocation says whatever happens here."""
    size = too_large(output)
    if size is not None:
        message = f"The action succeeded, but its output of {size} is too large to be handed to the run ({LIMIT_TEXT})"
        raise StepFailure(Category.ACTION, message, OUTPUT_TOO_LARGE).located(call.step_path, _now())
    return messages.ActionResult(output, cached)


async def _uninterrupted(write: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Write an outcome, through an outage and through a cancel, which is raised only afterwards."""
    _, cancelled = await undisturbed(_through_outage(write))
    if cancelled:
        raise asyncio.CancelledError


async def _through_outage(write: Callable[[], Coroutine[Any, Any, None]]) -> None:
    for pause in _RECORD_PAUSES_SECONDS:
        try:
            await write()
        except DatabaseUnavailable:
            await asyncio.sleep(pause)
        else:
            return
    await write()


def _now() -> str:
    return iso_text(datetime.now(UTC))
