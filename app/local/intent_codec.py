"""An intent as a JSON document and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.intent import Intent, IntentKind
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator

VERSION = 1


def as_document(intent: Intent) -> dict[str, Any]:
    """Return the document; everything in it is text, numbers, lists and objects."""
    return {
        "version": VERSION,
        "request_id": str(intent.request_id),
        "kind": str(intent.kind),
        "tenant": str(intent.tenant),
        "run_id": str(intent.run_id),
        "source_run": None if intent.source_run is None else str(intent.source_run),
        "reason": intent.reason,
        "at": intent.at.isoformat(),
        "operator": None if intent.operator is None else _operator(intent.operator),
        "notes": [_note(note) for note in intent.notes],
        "audit": None if intent.audit is None else _audit(intent.audit),
    }


def as_intent(document: dict[str, Any]) -> Intent:
    """Return the intent of a document. ValueError, KeyError or TypeError for one that is none."""
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']}")
    return Intent(
        request_id=UUID(document["request_id"]),
        kind=IntentKind(document["kind"]),
        tenant=UUID(document["tenant"]),
        run_id=UUID(document["run_id"]),
        source_run=None if document["source_run"] is None else UUID(document["source_run"]),
        reason=document["reason"],
        at=datetime.fromisoformat(document["at"]),
        operator=None if document["operator"] is None else _as_operator(document["operator"]),
        notes=tuple(
            RunNote(UUID(note["run_id"]), note["level"], note["message"], note["context"]) for note in document["notes"]
        ),
        audit=None if document["audit"] is None else _as_audit(document["audit"]),
    )


def _operator(operator: Operator) -> dict[str, Any]:
    return {
        "tenant": str(operator.tenant),
        "user_id": str(operator.user_id),
        "display_name": operator.display_name,
        "email": operator.email,
        "roles": list(operator.roles),
        "rights": sorted(operator.rights),
        "verified": operator.verified,
    }


def _as_operator(document: dict[str, Any]) -> Operator:
    return Operator(
        tenant=UUID(document["tenant"]),
        user_id=UUID(document["user_id"]),
        display_name=document["display_name"],
        email=document["email"],
        roles=tuple(document["roles"]),
        rights=frozenset(document["rights"]),
        verified=bool(document["verified"]),
    )


def _note(note: RunNote) -> dict[str, Any]:
    return {"run_id": str(note.run_id), "level": note.level, "message": note.message, "context": note.context}


def _audit(audit: AuditNote) -> dict[str, Any]:
    return {
        "operation": audit.operation,
        "record_id": str(audit.record_id),
        "changed": audit.changed,
        "details": audit.details,
        "table_name": audit.table_name,
    }


def _as_audit(document: dict[str, Any]) -> AuditNote:
    return AuditNote(
        operation=document["operation"],
        record_id=UUID(document["record_id"]),
        changed=document["changed"],
        details=document["details"],
        table_name=document["table_name"],
    )
