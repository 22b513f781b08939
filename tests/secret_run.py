"""Runs that hold a secret wherever one can stand, and a search that finds it again however it is written."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import unquote_plus
from uuid import UUID, uuid4

from tests.services.batch_bench import BatchBench
from tests.services.doubles import TENANT

BY_KEY = "key-1f7c9e-alpha-ÄÖ"
BY_POINTER = "pointer-77aa31-bravo"
BY_PATTERN = "pattern-90bb12-charlie"
RESOLVED = "resolved-5d3e8a-delta\nsecond line 5d3e8a"
NAME_OF_SECRET = "vault/payments-live-echo"
IN_URL = "urlpass-4c21-foxtrot"
AS_BEARER = "bearer0042golf77"
SECRETS = (BY_KEY, BY_POINTER, BY_PATTERN, RESOLVED, NAME_OF_SECRET, IN_URL, AS_BEARER)

_INPUT = {
    "client": "Emerald",
    "apiKey": BY_KEY,
    "customer": {"note": BY_POINTER, "iban": BY_PATTERN, "name": "Dorothy"},
    "vault": {"$secret": NAME_OF_SECRET},
    "callback": f"https://hook:{IN_URL}@example.com/in",
    "list": [{"password": BY_KEY}, f"again {BY_POINTER}"],
    BY_PATTERN: "a secret as a key",
}
_QUOTED = f"refused for {BY_KEY}: {BY_POINTER} / {RESOLVED} (Authorization: Bearer {AS_BEARER})"
_DEFINITION = {
    "id": "w",
    "version": 1,
    "name": "Dunning",
    "payloadSchemaRef": "payload.Empty.v1",
    "steps": [
        {
            "id": "charge",
            "type": "action.call",
            "name": "Charge",
            "config": {"actionId": "payments.charge", "inputMapping": {"key": {"$secret": NAME_OF_SECRET}}},
        }
    ],
}
_RULES = {
    "rundesk": {"startsPerMinute": 100_000},
    "workflowRunStudio": {"redactionPointers": ["/customer/note"], "redactionKeyPatterns": ["^iban$"]},
}


def plant(bench: BatchBench) -> tuple[UUID, UUID]:
    """Insert a failed run and an active one, full of secrets; return their ids."""
    bench.execute("UPDATE tenant_settings SET settings = %s WHERE tenant = %s", json.dumps(_RULES), TENANT)
    bench.execute("UPDATE workflow_definition_versions SET definition_json = %s", json.dumps(_DEFINITION))
    return _run(bench, "FAILED"), _run(bench, "RUNNING")


def _run(bench: BatchBench, status: str) -> UUID:
    error = {"message": _QUOTED, "category": "ActionError", "nodePath": "root.steps[0]", "secret": BY_KEY}
    (run_id,) = bench.add_runs(1, status=status, payload=json.dumps(_INPUT), node_path="root.steps[0]")
    bench.execute(
        "UPDATE workflow_runs SET error_json = %s, trigger_metadata_json = %s WHERE run_id = %s",
        json.dumps(error),
        json.dumps({"replayOfRunId": str(uuid4()), "reason": f"because of {BY_POINTER}", "token": BY_KEY}),
        run_id,
    )
    child = {"run_id": run_id, "tenant": TENANT, "step_path": "root.steps[0]"}
    _insert(
        bench,
        "workflow_run_steps",
        child | {"definition_step_id": "charge", "status": "FAILED", "error_json": json.dumps(error)},
    )
    _insert(
        bench,
        "workflow_run_waits",
        child
        | {
            "wait_type": "event",
            "status": "WAITING",
            "key": BY_POINTER,
            "event_name": "PAID",
            "payload": json.dumps({"apiKey": BY_KEY, "seen": f"{BY_PATTERN}!"}),
        },
    )
    _insert(
        bench,
        "workflow_action_invocations",
        child
        | {
            "action_id": "payments.charge",
            "action_version": 1,
            "idempotency_key": f"{run_id}:{BY_POINTER}",
            "status": "FAILED",
            "attempt": 1,
            "input_json": json.dumps({"key": RESOLVED, "n": 1}),
            "output_json": json.dumps({"echo": base64.b64encode(RESOLVED.encode()).decode(), "token": BY_KEY}),
            "error_message": _QUOTED,
            "error_json": json.dumps(error),
        },
    )
    _insert(
        bench,
        "workflow_run_logs",
        {
            "run_id": run_id,
            "tenant": TENANT,
            "level": "ERROR",
            "message": _QUOTED,
            "correlation_key": BY_POINTER,
            "context_json": json.dumps({"password": BY_KEY, "said": _QUOTED}),
        },
    )
    return run_id


def _insert(bench: BatchBench, table: str, row: dict[str, object]) -> None:
    marks = ", ".join(["%s"] * len(row))
    bench.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())


def revealed(text: str, secrets: Iterable[str] = SECRETS) -> list[str]:
    """Return the secrets that a text holds: plain, escaped for JSON, HTML or a URL, or inside base64."""
    forms = [text, html.unescape(text), unquote_plus(text), *_unescaped(text), *_decoded(text)]
    return [secret for secret in secrets for line in secret.splitlines() if any(line in form for form in forms)]


def _unescaped(text: str) -> list[str]:
    return [re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)]


def _decoded(text: str) -> list[str]:
    found = []
    for run in re.findall(r"[A-Za-z0-9+/_-]{12,}={0,2}", text):
        for start in range(4):
            part = run[start:].rstrip("=").replace("-", "+").replace("_", "/")
            part = part[: len(part) - (len(part) % 4 == 1)]
            found.append(base64.b64decode(part + "=" * (-len(part) % 4)).decode(errors="replace"))
    return found
