"""Histories as Temporal's own tools write and read them, with every payload and text redacted on the way.

An event is walked by its descriptor, so that nothing depends on knowing each kind of event: every payload, wherever it
stands, is decoded, redacted and encoded again, every text is scrubbed, and other bytes are emptied. Implements
:class:`app.services.bundle_ports.HistorySource`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse

from app.domain.history_border import HistoryBorder
from app.domain.history_payload import HistoryPayloads
from app.services.bundle_ports import HistoryPart
from app.temporal.contract import workflow_id_of
from app.temporal.gateway import RPC_TIMEOUT, TemporalGateway

EVENTS_AT_ONCE = 500
"""Events of one page; the server sends fewer when they are large."""
LONGEST_CHAIN = 200
"""Executions of a continue-as-new chain that are followed back."""
_FAILURE = Failure.DESCRIPTOR.full_name


class TemporalHistories:
    """Reads histories page by page; an execution's history is never in memory as a whole.

    Args:
        gateway: The connection.
    """

    def __init__(self, gateway: TemporalGateway) -> None:
        self._gateway = gateway

    async def executions(self, run_id: UUID) -> tuple[str, ...]:
        """Return the Temporal run ids of the run's continue-as-new chain, oldest first; () for an unknown run."""
        found: list[str] = []
        execution = ""
        while len(found) < LONGEST_CHAIN:
            page = await self._page(run_id, execution, b"", most=1)
            if page is None or not page.history.events:
                break
            started = page.history.events[0].workflow_execution_started_event_attributes
            found.append(started.original_execution_run_id)
            execution = started.continued_execution_run_id
            if not execution:
                break
        return tuple(reversed(found))

    async def learn(self, run_id: UUID, execution: str, border: HistoryBorder) -> None:
        """Let a border learn what an execution's history holds, before anything of it is shown."""
        async for events in self._events(run_id, execution):
            await asyncio.to_thread(learn_from, events, border)

    async def written(
        self, run_id: UUID, execution: str, border: HistoryBorder, *, restricted: bool = False
    ) -> AsyncIterator[HistoryPart]:
        """Yield an execution's whole history as JSON text, redacted by a border that has learned."""
        payloads = HistoryPayloads(border, restricted=restricted)
        lead = '{"events":[\n'
        async for events in self._events(run_id, execution):
            text, replaced = await asyncio.to_thread(written_events, events, payloads)
            yield HistoryPart(lead + text, len(events), replaced)
            lead = ",\n"
        yield HistoryPart("\n]}\n" if lead == ",\n" else '{"events":[]}\n')

    async def _events(self, run_id: UUID, execution: str) -> AsyncIterator[Sequence[HistoryEvent]]:
        token = b""
        while True:
            page = await self._page(run_id, execution, token)
            if page is None:
                return
            if page.history.events:
                yield page.history.events
            token = page.next_page_token
            if not token:
                return

    async def _page(
        self, run_id: UUID, execution: str, token: bytes, most: int = EVENTS_AT_ONCE
    ) -> GetWorkflowExecutionHistoryResponse | None:
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self._gateway.namespace,
            execution=WorkflowExecution(workflow_id=workflow_id_of(run_id), run_id=execution),
            maximum_page_size=most,
            next_page_token=token,
        )
        return await self._gateway.ask(
            lambda client: client.workflow_service.get_workflow_execution_history(request, timeout=RPC_TIMEOUT)
        )


def learn_from(events: Iterable[HistoryEvent], border: HistoryBorder) -> None:
    """Let a border learn from every payload of these events."""
    for event in events:
        _walk(event, lambda payload: border.learn(payload.metadata, payload.data), None)


def written_events(events: Iterable[HistoryEvent], payloads: HistoryPayloads) -> tuple[str, int]:
    """Return events as JSON, one on a line, without the brackets around them, and how many payloads were replaced."""
    lines: list[str] = []
    showing = _Showing(payloads)
    for event in events:
        shown = HistoryEvent()
        shown.CopyFrom(event)
        _walk(shown, showing.payload, showing)
        lines.append(json.dumps(MessageToDict(shown), ensure_ascii=False, separators=(",", ":")))
    return ",\n".join(lines), showing.replaced


class _Showing:
    """Puts what may be shown in the place of what is stored."""

    def __init__(self, payloads: HistoryPayloads) -> None:
        self._payloads = payloads
        self.replaced = 0

    def payload(self, payload: Payload) -> None:
        shown = self._payloads.payload(payload.metadata, payload.data)
        self.replaced += shown.replaced
        payload.Clear()
        payload.data = shown.data
        for name, value in shown.metadata.items():
            payload.metadata[name] = value

    def text(self, field: FieldDescriptor, raw: str) -> str:
        owner = field.containing_type
        if field.name == "message" and owner is not None and owner.full_name == _FAILURE:
            return self._payloads.failure_text(raw)
        return self._payloads.text(raw)

    def bytes(self) -> None:
        """Count bytes of no known meaning; they are emptied."""
        self.replaced += 1


def _walk(message: Message, at_payload: Callable[[Payload], None], showing: _Showing | None) -> None:
    """Visit every payload below a message, and every other text and bytes when something is to be shown."""
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            _walk_messages(field, value, at_payload, showing)
        elif showing is not None and field.type == FieldDescriptor.TYPE_STRING:
            _show_texts(message, field, value, showing)
        elif showing is not None and field.type == FieldDescriptor.TYPE_BYTES:
            message.ClearField(field.name)
            showing.bytes()


def _walk_messages(
    field: FieldDescriptor, value: Any, at_payload: Callable[[Payload], None], showing: _Showing | None
) -> None:
    kind = field.message_type
    if kind is None or kind.full_name.startswith("google.protobuf."):
        return  # times and spans
    if kind.GetOptions().map_entry:
        _walk_map(kind, value, at_payload, showing)
        return
    for each in value if field.is_repeated else (value,):
        if isinstance(each, Payload):
            at_payload(each)
        else:
            _walk(each, at_payload, showing)


def _walk_map(kind: Descriptor, value: Any, at_payload: Callable[[Payload], None], showing: _Showing | None) -> None:
    """Visit the values of a map; its keys name headers, memos and search attributes and are the program's own."""
    entry = kind.fields_by_name["value"]
    if entry.type == FieldDescriptor.TYPE_MESSAGE:
        for each in value.values():
            if isinstance(each, Payload):
                at_payload(each)
            else:
                _walk(each, at_payload, showing)
    elif showing is not None and entry.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
        for name in list(value):
            value[name] = showing.text(entry, value[name]) if isinstance(value[name], str) else b""


def _show_texts(message: Message, field: FieldDescriptor, value: Any, showing: _Showing) -> None:
    if field.is_repeated:
        value[:] = [showing.text(field, each) for each in value]
    else:
        shown = showing.text(field, value)
        if shown is not value:
            setattr(message, field.name, shown)


__all__ = ["TemporalHistories", "learn_from", "written_events"]
