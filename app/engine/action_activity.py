"""The activity behind ``action.call``: one attempt at one action, with its invocation row.

At most once, unless the action is repeatable: a row left STARTED by a lost worker means that nobody knows whether the
action took effect. Secrets are resolved here, reach only the handler, and are replaced in all that is stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from temporalio import activity

from app.domain.errors import DatabaseUnavailable
from app.domain.placeholders import find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import RunKey
from app.engine import messages
from app.engine.actions import Action, ActionContext, ActionRegistry
from app.engine.definition_fields import DefinitionError, Fields
from app.engine.failures import INTERNAL_ERROR, Category, StepFailure
from app.engine.instants import iso_text
from app.engine.projection_border import definite_failures, key_of
from app.engine.secrets import ResolvedInput, SecretSource, resolve_secrets
from app.postgres.database import Database
from app.postgres.projection import NewLog, RunProjection
from app.postgres.projection_actions import AlreadySucceeded, Begun, InvocationLog, NewInvocation, OutcomeUnknown
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.projection_store import DataStore

VALIDATION_ERROR = "VALIDATION_ERROR"
_HEARTBEAT_SECONDS = 1.0
_ERROR_LIMIT = 32 * 1024
_RECORD_ATTEMPTS_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Pauses between attempts to record an outcome that cannot be repeated."""


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
            key = key_of(call.run)
            action = self._registry.find(call.action_id, call.version)
            resolved = await resolve_secrets(self._secrets, key.tenant, call.input)
            arguments = _read_input(action, resolved)
            new = NewInvocation(
                uuid4(), call.step_path, action.id, action.version, _full_key(call), resolved.for_storage
            )
            begun = await self._invocations.begin(key, new, repeatable=action.repeatable)
            if isinstance(begun, AlreadySucceeded):
                return await self._cached(key, call, begun)
            if isinstance(begun, OutcomeUnknown):
                raise await self._unknown(key, call, begun)
            if begun.taken_over_from is not None:
                await self._log_takeover(key, call, begun)
            output = await self._attempt(key, call, action, arguments, resolved, begun)
            return messages.ActionResult(output)

    async def _attempt(
        self,
        key: RunKey,
        call: messages.ActionCall,
        action: Action,
        arguments: Any,
        resolved: ResolvedInput,
        begun: Begun,
    ) -> Any:
        context = ActionContext(
            key, call.step_path, begun.invocation_id, begun.attempt, self._store, self._logger(key, call, resolved)
        )
        try:
            async with _heartbeats():
                output = from_stored(to_stored(await action.handle(context, arguments)))
        except asyncio.CancelledError:
            await self._record_cancel(key, call, begun)
            raise
        except Exception as error:  # whatever a handler raises is this step's failure
            failure = _failure_of(error, resolved).located(call.step_path, iso_text(datetime.now(UTC)))
            await self._recorded(
                lambda: self._invocations.fail(
                    key, begun.invocation_id, begun.attempt, failure.message, _error_json(failure)
                )
            )
            raise failure from error
        await self._recorded(lambda: self._invocations.succeed(key, begun, _storable(output, resolved)))
        return output

    async def _record_cancel(self, key: RunKey, call: messages.ActionCall, begun: Begun) -> None:
        """Note that a cancel interrupted the action. A worker that stops leaves the row STARTED: outcome unknown."""
        if activity.is_worker_shutdown():
            return
        failure = StepFailure(
            Category.CANCELLATION, "The run was cancelled while this action was under way; it may have taken effect"
        ).located(call.step_path, iso_text(datetime.now(UTC)))
        await self._recorded(
            lambda: self._invocations.fail(
                key, begun.invocation_id, begun.attempt, failure.message, _error_json(failure)
            )
        )

    async def _recorded(self, write: Callable[[], Any]) -> None:
        """Write an outcome that happened once and cannot be observed again; an outage delays it."""
        for pause in _RECORD_ATTEMPTS_SECONDS:
            try:
                await write()
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
            else:
                return
        await write()

    async def _cached(self, key: RunKey, call: messages.ActionCall, earlier: AlreadySucceeded) -> messages.ActionResult:
        """Return an earlier result, as its key promises, and say so in the run's log (F21)."""
        masked = find_placeholders(to_stored(earlier.output))
        if masked:
            raise StepFailure(
                Category.ACTION,
                "An earlier invocation with this idempotency key succeeded, but its stored output holds masked values "
                f"({', '.join(masked)}), so it cannot be used again",
                "CACHED_OUTPUT_MASKED",
            ).located(call.step_path, iso_text(datetime.now(UTC)))
        await self._log(
            key,
            call,
            "INFO",
            "Action not executed again: an earlier invocation with the same idempotency key had succeeded",
            {"invocationId": str(earlier.invocation_id), "sourceRunId": str(earlier.run_id)},
        )
        return messages.ActionResult(earlier.output, cached=True)

    async def _unknown(self, key: RunKey, call: messages.ActionCall, row: OutcomeUnknown) -> StepFailure:
        failure = StepFailure(
            Category.ACTION,
            "An earlier attempt at this action was interrupted; whether it took effect is unknown, and the action may "
            "not be repeated",
            "OUTCOME_UNKNOWN",
        ).located(call.step_path, iso_text(datetime.now(UTC)))
        if row.run_id == key.run_id:
            await self._invocations.fail(key, row.invocation_id, row.attempt, failure.message, _error_json(failure))
        return failure

    async def _log_takeover(self, key: RunKey, call: messages.ActionCall, begun: Begun) -> None:
        await self._log(
            key,
            call,
            "INFO",
            "Action attempted again on the failed invocation of another run with the same idempotency key",
            {"invocationId": str(begun.invocation_id), "sourceRunId": str(begun.taken_over_from)},
        )

    def _logger(self, key: RunKey, call: messages.ActionCall, resolved: ResolvedInput) -> Callable[..., Any]:
        async def log(message: str, context: dict[str, Any]) -> None:
            await self._log(key, call, "INFO", resolved.without_secrets(message), resolved.scrubbed(context))

        return log

    async def _log(
        self, key: RunKey, call: messages.ActionCall, level: str, message: str, context: dict[str, Any]
    ) -> None:
        line = NewLog(uuid4(), level, message, UUID(call.step_id), call.step_path, context)
        await self._projection.log(key, line)


def _read_input(action: Action, resolved: ResolvedInput) -> Any:
    try:
        return action.read(Fields(resolved.for_handler, "input"))
    except DefinitionError as error:
        message = resolved.without_secrets(f"Input of {action.id} is not valid: {error}")
        raise StepFailure(Category.VALIDATION, message, VALIDATION_ERROR, {"path": error.path}) from error


def _full_key(call: messages.ActionCall) -> str:
    """Return the idempotency key: the author's, or one of run, path, action and input; prefixed by the tenant."""
    own = call.idempotency_key
    if own is None:
        document = json.dumps(call.input, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(document.encode()).hexdigest()[:24]
        own = f"{call.run.run_id}:{call.step_path}:{call.action_id}:{call.version}:{digest}"
    return own if call.run.tenant is None else f"{call.run.tenant}:{own}"


def _failure_of(error: Exception, resolved: ResolvedInput) -> StepFailure:
    """Return the true failure with secrets removed from message and details."""
    if not isinstance(error, StepFailure):
        return StepFailure(
            Category.ACTION, resolved.without_secrets(str(error) or type(error).__name__), INTERNAL_ERROR
        )
    return StepFailure(
        error.category, resolved.without_secrets(error.message), error.code, resolved.scrubbed(error.details)
    )


def _error_json(failure: StepFailure) -> dict[str, Any]:
    """Return the invocation's ``error_json``: ``{category, message, nodePath, at, code, details?}``, capped."""
    error = {"code": INTERNAL_ERROR, **failure.detail(), "message": failure.message}
    if error["code"] is None:
        error["code"] = INTERNAL_ERROR
    masked = from_stored(Redactor(RedactionPolicy()).value(to_stored(error)))
    size = len(json.dumps(masked))
    if size > _ERROR_LIMIT and "details" in masked:
        masked["details"] = {"truncated": True, "size": size, "max": _ERROR_LIMIT}
    if len(json.dumps(masked)) > _ERROR_LIMIT:
        masked["message"] = masked["message"][: _ERROR_LIMIT // 8] + "...[truncated]"
    return dict(masked)


def _storable(output: Any, resolved: ResolvedInput) -> Any:
    """Return an output without secrets and with the built-in key mask applied (F41)."""
    return Redactor(RedactionPolicy()).value(to_stored(resolved.scrubbed(output)))


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Heartbeat while an action is under way, which is also how it learns that it was cancelled."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    # Not a TaskGroup: it would wrap the action's own error in an exception group.
    heart = asyncio.get_running_loop().create_task(beat(), name=f"heartbeat {activity.info().activity_id}")
    try:
        yield
    finally:
        heart.cancel()
        await asyncio.wait([heart])
