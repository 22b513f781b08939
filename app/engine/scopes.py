"""The variables of a run, how expressions see them, and the one set of rules by which anything is assigned.

Rules for a target path (``runtime.md`` section 6.3, corrected as fault F8 asks):

* ``payload.``, ``vars.``, ``local.``, ``meta.`` and ``error.`` address that scope; any other path lands in ``vars``.
  ``local.`` outside a loop lands in ``vars`` too.
* A JSON pointer ``/a/b`` means the dotted path ``a.b``, for every kind of assignment.
* Objects are made on the way; what is no object is overwritten, except that a number inside an existing array
  replaces that element.
* ``__proto__``, ``prototype``, ``constructor`` and empty segments are refused, and so is replacing a whole scope.
* An assignment changes its target and nothing else.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, field
from typing import Any

from app.engine.failures import Category, StepFailure
from app.engine.size_limits import too_large

_SCOPES = ("payload", "vars", "local", "meta", "error")
_FORBIDDEN_SEGMENTS = frozenset({"__proto__", "prototype", "constructor", ""})


@dataclass(slots=True)
class Scopes:
    """The variables of one run. ``system`` is fixed; ``lexical`` holds the open loops' locals, outermost first."""

    payload: dict[str, Any]
    system: dict[str, Any]
    vars: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    lexical: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the scopes as the workflow's result and checkpoint carry them."""
        return {
            "payload": self.payload,
            "workflow": self.vars,
            "lexical": self.lexical,
            "system": self.system,
            "meta": self.meta,
            "error": self.error,
        }

    def as_result(self) -> dict[str, Any]:
        """Return the scopes as the run's result, or without the variables when Temporal would refuse them all.

        A run that has done its work does not fail over what nobody may ever read.
        """
        whole = self.as_json()
        size = too_large(whole)
        if size is None:
            return whole
        return {**Scopes({}, self.system).as_json(), "omitted": f"The variables hold {size}, too much for a result"}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Scopes:
        """Read what :meth:`as_json` wrote."""
        return cls(
            payload=document["payload"],
            system=document["system"],
            vars=document["workflow"],
            meta=document["meta"],
            error=document["error"],
            lexical=document["lexical"],
        )

    def context(self) -> dict[str, Any]:
        """Return what an expression sees: vars and the innermost locals at the top, the named scopes over them."""
        local = self.lexical[-1] if self.lexical else {}
        system = self.system
        return {
            **self.vars,
            **local,
            "payload": self.payload,
            "vars": self.vars,
            "local": local,
            "system": system,
            "meta": {
                **{key: system.get(key) for key in ("runId", "workflowId", "workflowVersion", "definitionHash")},
                **self.meta,
            },
            "error": self.error,
        }

    def assign(self, path: str, value: Any) -> None:
        """Store a copy of ``value`` at ``path``.

        Raises:
            StepFailure: The path is refused; category ValidationError.
        """
        scope, segments = _target(path)
        root = self._root(scope)
        for segment, following in itertools.pairwise(segments):
            root = _entered(root, segment, array_fits=following)
        _put(root, segments[-1], copy.deepcopy(value))

    def _root(self, scope: str) -> Any:
        if scope == "local":
            return self.lexical[-1] if self.lexical else self.vars
        if scope == "error" and self.error is None:
            self.error = {}
        return getattr(self, scope)


def _target(path: str) -> tuple[str, list[str]]:
    segments = _pointer_segments(path) if path.startswith("/") else path.split(".")
    refused = next((segment for segment in segments if segment in _FORBIDDEN_SEGMENTS), None)
    if refused is not None:
        raise StepFailure(Category.VALIDATION, f"The path {path!r} cannot be assigned: segment {refused!r}")
    if segments[0] not in _SCOPES:
        return "vars", segments
    if len(segments) == 1:
        raise StepFailure(Category.VALIDATION, f"The scope {path!r} cannot be replaced as a whole")
    return segments[0], segments[1:]


def _pointer_segments(path: str) -> list[str]:
    return [segment.replace("~1", "/").replace("~0", "~") for segment in path[1:].split("/")]


def _entered(container: Any, segment: str, *, array_fits: str) -> Any:
    """Return the container to go on with, made where there was none."""
    inner = container[int(segment)] if isinstance(container, list) else container.get(segment)
    if isinstance(inner, dict) or (isinstance(inner, list) and _is_element(inner, array_fits)):
        return inner
    fresh: dict[str, Any] = {}
    _put(container, segment, fresh)
    return fresh


def _put(container: Any, segment: str, value: Any) -> None:
    if isinstance(container, list):
        container[int(segment)] = value
    else:
        container[segment] = value


def _is_element(array: list[Any], segment: str) -> bool:
    return segment.isascii() and segment.isdigit() and int(segment) < len(array)
