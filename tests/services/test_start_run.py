"""Start: what may be sent, by whom, and what is recorded."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.domain.errors import InvalidInput, NotPermitted
from app.domain.launching import MAX_PAYLOAD_BYTES, LaunchState, NewPayload
from app.services.launch_run import LaunchRun
from app.services.start_run import StartCommand, StartRun
from tests.services.doubles import TENANT, MemoryGateway, MemorySchemas, MemoryWriter, operator


@pytest.fixture
def writer() -> MemoryWriter:
    return MemoryWriter()


@pytest.fixture
def start_run(writer: MemoryWriter) -> StartRun:
    return StartRun(LaunchRun(writer, MemoryGateway()), writer, MemorySchemas())


def command(**changes: object) -> StartCommand:
    made = StartCommand(TENANT, UUID(int=7), None, operator("manage"), uuid4())
    return replace(made, **changes)  # type: ignore[arg-type]


def stored_payload(writer: MemoryWriter, asked: StartCommand) -> str:
    payload = writer.runs[asked.request_id].order.payload
    assert isinstance(payload, NewPayload)
    return payload.text


@pytest.mark.asyncio
@pytest.mark.parametrize("text", [None, "", "  \n"])
async def test_no_payload_is_an_empty_object(start_run: StartRun, writer: MemoryWriter, text: str | None) -> None:
    asked = command(payload_text=text)
    outcome = await start_run.start(asked)
    assert outcome.state is LaunchState.STARTED
    assert outcome.run.run_id == asked.request_id
    assert stored_payload(writer, asked) == "{}"


@pytest.mark.asyncio
async def test_every_digit_and_letter_of_a_payload_is_kept(start_run: StartRun, writer: MemoryWriter) -> None:
    text = '{"amount": 10.500000000000000000001, "big": 12345678901234567890123, "name": "Zoë", "tenantId": "x"}'
    asked = command(payload_text=text)
    await start_run.start(asked)
    assert stored_payload(writer, asked).replace(" ", "") == text.replace(" ", "")


@pytest.mark.asyncio
async def test_the_start_is_audited_with_the_version_that_was_resolved(
    start_run: StartRun, writer: MemoryWriter
) -> None:
    asked = command()
    await start_run.start(asked)
    audit = writer.records[asked.request_id].audit
    assert audit is not None
    assert (audit.operation, audit.record_id, audit.changed) == (
        "workflow_run_start",
        asked.request_id,
        {"status": "RUNNING"},
    )
    assert audit.details == {
        "workflowId": str(asked.workflow_id),
        "workflowVersion": 3,
        "eventType": None,
        "source": "rundesk",
    }


@pytest.mark.asyncio
async def test_invalid_json_says_where(start_run: StartRun, writer: MemoryWriter) -> None:
    with pytest.raises(InvalidInput) as caught:
        await start_run.start(command(payload_text='{\n  "a": ,\n}'))
    assert caught.value.params["line"] == 2
    assert caught.value.params["column"] == 8
    assert writer.calls == []


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["[]", '"text"', "7", "null"])
async def test_only_an_object_is_accepted(start_run: StartRun, text: str) -> None:
    with pytest.raises(InvalidInput, match="object"):
        await start_run.start(command(payload_text=text))


@pytest.mark.asyncio
async def test_the_size_limit_counts_bytes_of_utf_8(start_run: StartRun, writer: MemoryWriter) -> None:
    around = len('{"a":""}')
    fits = '{"a":"' + "x" * (MAX_PAYLOAD_BYTES - around) + '"}'
    await start_run.start(command(payload_text=fits))
    too_large = '{"a":"' + "é" * (MAX_PAYLOAD_BYTES // 2) + '"}'
    with pytest.raises(InvalidInput, match="512 KiB"):
        await start_run.start(command(payload_text=too_large))
    assert len(writer.runs) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("rights", [(), ("read",), ("publish",)])
async def test_starting_needs_manage(start_run: StartRun, writer: MemoryWriter, rights: tuple[str, ...]) -> None:
    with pytest.raises(NotPermitted):
        await start_run.start(command(operator=operator(*rights)))
    assert writer.calls == []


@pytest.mark.asyncio
async def test_admin_may_start(start_run: StartRun) -> None:
    assert (await start_run.start(command(operator=operator("admin")))).state is LaunchState.STARTED
