"""Failures that are the same failure: grouped by action, code and the shape of what was said, across runs.

The shape's rules are in :mod:`app.domain.failure_shape`. What arrives here is redacted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from app.domain.failure_shape import fingerprint_id, message_shape
from app.domain.run import RunKey

MOST_EXAMPLES = 200
"""Runs that a fingerprint names, newest first."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failed runs of a workflow whose stored messages are alike, counted where they lie.

    ``run_ids`` are its newest runs, newest first. ``text`` is what the newest of them says, redacted, None when it says
    nothing.
    """

    tenant: UUID | None
    workflow_id: UUID
    workflow_name: str | None
    action: str | None
    code: str | None
    count: int
    first_seen: datetime
    last_seen: datetime
    run_ids: tuple[UUID, ...]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FingerprintNote:
    """What is known of a failure, kept on this computer. ``link`` is an http(s) address or empty."""

    text: str
    link: str
    at: datetime
    known: bool = True


@dataclass(frozen=True, slots=True)
class Affected:
    """A tenant or workflow that a failure was seen in, and how often; ``name`` is None when it has none."""

    identity: UUID | None
    name: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One kind of failure.

    Attributes:
        identity: :func:`app.domain.failure_shape.fingerprint_id` of what follows.
        action: The action that failed, or None: the run failed elsewhere.
        code: The code or category it failed with.
        shape: What was said, without what differs from run to run; empty when nothing was.
        example: What the newest run says.
        count: Failed runs.
        first_seen: When the oldest of them in the window failed.
        last_seen: When the newest failed.
        tenants: Where, most affected first.
        workflows: In which workflows, most affected first.
        runs: At most :data:`MOST_EXAMPLES`, newest first.
        note: What is known of it.
    """

    identity: str
    action: str | None
    code: str | None
    shape: str
    example: str
    count: int
    first_seen: datetime
    last_seen: datetime
    tenants: tuple[Affected, ...]
    workflows: tuple[Affected, ...]
    runs: tuple[RunKey, ...]
    note: FingerprintNote | None = None


def fingerprints_of(
    groups: Iterable[FailureGroup],
    tenant_names: Mapping[UUID | None, str],
    notes: Mapping[str, FingerprintNote] | None = None,
) -> tuple[Fingerprint, ...]:
    """Merge groups that are the same failure, the most frequent first.

    Args:
        groups: What was counted, of any number of tenants.
        tenant_names: The tenants' names.
        notes: What is known, by fingerprint.
    """
    merged: dict[str, _Merged] = {}
    for group in groups:
        shape = message_shape(group.text or "")
        identity = fingerprint_id(group.action, group.code, shape)
        merged.setdefault(identity, _Merged(identity, shape)).add(group)
    found = (each.fingerprint(tenant_names, (notes or {}).get(each.identity)) for each in merged.values())
    return tuple(sorted(found, key=lambda each: (-each.count, each.identity)))


def is_web_link(text: str) -> bool:
    """Say whether the text is an address that a browser may be asked to open: http or https, with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    printable = text.isprintable() and not any(character.isspace() for character in text)
    return printable and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None


@dataclass(slots=True)
class _Merged:
    identity: str
    shape: str
    groups: list[FailureGroup] = field(default_factory=list)

    def add(self, group: FailureGroup) -> None:
        self.groups.append(group)

    def fingerprint(self, tenant_names: Mapping[UUID | None, str], note: FingerprintNote | None) -> Fingerprint:
        newest_first = sorted(self.groups, key=lambda group: (group.last_seen, group.run_ids), reverse=True)
        tenants: Counter[UUID | None] = Counter()
        workflows: Counter[UUID | None] = Counter()
        for group in self.groups:
            tenants[group.tenant] += group.count
            workflows[group.workflow_id] += group.count
        names: dict[UUID | None, str | None] = {group.workflow_id: group.workflow_name for group in self.groups}
        runs = [RunKey(group.tenant, run_id) for group in newest_first for run_id in group.run_ids]
        return Fingerprint(
            identity=self.identity,
            action=newest_first[0].action,
            code=newest_first[0].code,
            shape=self.shape,
            example=newest_first[0].text or "",
            count=sum(group.count for group in self.groups),
            first_seen=min(group.first_seen for group in self.groups),
            last_seen=newest_first[0].last_seen,
            tenants=_affected(tenants, tenant_names),
            workflows=_affected(workflows, names),
            runs=tuple(runs[:MOST_EXAMPLES]),
            note=note,
        )


def _affected(counted: Counter[UUID | None], names: Mapping[UUID | None, str | None]) -> tuple[Affected, ...]:
    return tuple(Affected(identity, names.get(identity), count) for identity, count in counted.most_common())
