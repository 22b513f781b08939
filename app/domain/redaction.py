"""One redaction engine behind every surface: screen, clipboard, export, report and command line.

A :class:`Redactor` is made per run at the border where rows become domain objects. It first learns the run's hidden
values from its raw documents, then masks every document and scrubs every text of that run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from app.domain import json_text
from app.domain.credential_shapes import holds_credentials, scrub
from app.domain.json_pointer import escape
from app.domain.learned_secrets import LearnedSecrets
from app.domain.placeholders import REDACTED, SECRET_REDACTED, hidden_document, is_placeholder
from app.domain.redaction_policy import RedactionPolicy
from app.domain.run import JsonValue, MaskRule, RedactedDocument, RedactionTally

__all__ = ["RedactionPolicy", "Redactor"]

SECRET_KEY = "$secret"  # noqa: S105 (a key of the definition language)
"""Key of a secret reference: ``{"$secret": NAME}``."""
SECRET_REFERENCE_KEY = "secretRef"  # noqa: S105 (a key of the definition language)
"""Key of an old-style secret reference."""

_Paths = tuple[tuple[str, ...], ...]


class Redactor:
    """Masks the documents and texts of one run under one policy.

    Args:
        policy: The rules of the run's tenant. A closed policy hides whole documents and texts.
    """

    def __init__(self, policy: RedactionPolicy) -> None:
        self._policy = policy
        self._secrets = LearnedSecrets()
        self._hides: dict[str, bool] = {}
        self._masked: Counter[MaskRule] = Counter()

    @property
    def tally(self) -> RedactionTally:
        """How often each rule has masked something so far: the redaction manifest of what was shown."""
        return RedactionTally.of(self._masked)

    @property
    def policy(self) -> RedactionPolicy:
        """The rules of the run's tenant."""
        return self._policy

    @property
    def closed(self) -> bool:
        """Whether the rules could not be read, so that everything is hidden."""
        return self._policy.closed

    def learn(self, *raw_documents: JsonValue) -> None:
        """Remember the values that the rules hide in these raw documents."""
        if self.closed:
            return
        for raw in raw_documents:
            self._learn(raw, self._policy.paths)

    def learn_values(self, *values: JsonValue) -> None:
        """Remember values that are known to be secret wherever they stand."""
        for value in values:
            for text in _scalars(value):
                self._secrets.add(text)

    def document(self, raw: JsonValue, *, pointers: bool = True) -> RedactedDocument:
        """Return the document fit for display, with the pointers of what was masked.

        Args:
            raw: The stored document.
            pointers: Whether the tenant's pointers apply; they address run documents such as the input.
        """
        if raw is None:
            return RedactedDocument(None)
        if self.closed or (isinstance(raw, dict) and is_placeholder(raw)):  # the border hides what it cannot read
            self._masked[MaskRule.CLOSED] += 1
            return RedactedDocument(hidden_document(), ("",), (MaskRule.CLOSED,))
        paths = self._policy.paths if pointers else ()
        self._learn(raw, paths)
        masking = _Masking(self)
        value = masking.apply(raw, "", paths)
        self._masked.update(masking.rules)
        return RedactedDocument(value, tuple(masking.masked), tuple(masking.rules))

    def value(self, raw: JsonValue, *, pointers: bool = True) -> JsonValue:
        """Return the document fit for display without the list of what was masked."""
        return self.document(raw, pointers=pointers).value

    def for_own_words(self) -> Redactor:
        """Return the redactor of what this console writes itself: ids, sentences, the operator's reason.

        Rules that cannot be read hide all that is *shown*. Applied to what is written they would lose for ever what
        happened; the built-in ones hold there instead.
        """
        return Redactor(RedactionPolicy()) if self.closed else self

    def text(self, raw: str | None) -> str | None:
        """Return free text of a run with learned secrets and credential shapes replaced."""
        if not raw:
            return raw
        if self.closed:
            self._masked[MaskRule.CLOSED] += 1
            return REDACTED
        without_learned = self._secrets.replace_in(raw, REDACTED)
        shown = scrub(without_learned, self.hides_key)
        if shown != raw:
            found = without_learned.count(REDACTED)
            self._masked[MaskRule.REPEATED] += max(found - raw.count(REDACTED), 0)
            self._masked[MaskRule.CREDENTIAL] += max(shown.count(REDACTED) - found, 0)
        return shown

    def hides_key(self, key: str) -> bool:
        """Say whether values under this key are hidden; answers are remembered because keys repeat."""
        known = self._hides.get(key)
        if known is None:
            known = self._hides[key] = key == SECRET_REFERENCE_KEY or self._policy.hides_key(key)
        return known

    def rule_for_scalar(self, value: JsonValue) -> MaskRule | None:
        """Return why a string or number must be masked although no rule names its place; None to show it."""
        if isinstance(value, str):
            if self._secrets.found_in(value):
                return MaskRule.REPEATED
            return MaskRule.CREDENTIAL if holds_credentials(value, self.hides_key) else None
        known = _is_number(value) and self._secrets.found_in(json_text.dump(value))
        return MaskRule.REPEATED if known else None

    def hides_any_key(self, value: dict[str, JsonValue]) -> bool:
        """Say whether a key of this object is itself a secret."""
        return any(self._secrets.found_in(key) for key in value)

    def _learn(self, raw: JsonValue, paths: _Paths) -> None:
        self.learn_values(*self._hidden_values(raw, paths))

    def _hidden_values(self, value: JsonValue, paths: _Paths) -> Iterator[JsonValue]:
        if () in paths:
            yield value
        elif isinstance(value, dict):
            for key, item in value.items():
                if self.hides_key(key):
                    yield item
                else:
                    yield from self._hidden_values(item, _below(paths, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._hidden_values(item, _below(paths, str(index)))


class _Masking:
    """One pass over one document that builds the masked copy and notes where it masked."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.masked: list[str] = []
        self.rules: list[MaskRule] = []

    def apply(self, value: JsonValue, at: str, paths: _Paths) -> JsonValue:
        """Return the masked copy of the value at a pointer; ``paths`` are the tenant's pointers relative to it."""
        if () in paths:
            return self._mask(at, MaskRule.POINTER)
        if isinstance(value, dict):
            if self._redactor.hides_any_key(value):
                return self._mask(at, MaskRule.REPEATED)
            return {key: self._member(key, item, f"{at}/{escape(key)}", paths) for key, item in value.items()}
        if isinstance(value, list):
            return [self.apply(item, f"{at}/{index}", _below(paths, str(index))) for index, item in enumerate(value)]
        rule = self._redactor.rule_for_scalar(value)
        return value if rule is None else self._mask(at, rule)

    def _member(self, key: str, item: JsonValue, at: str, paths: _Paths) -> JsonValue:
        if key == SECRET_KEY and isinstance(item, str):
            return self._mask(at, MaskRule.REFERENCE, SECRET_REDACTED)
        if _is_secret_reference(item) and () not in _below(paths, key):
            return self.apply(item, at, ())
        if self._redactor.hides_key(key):
            return self._mask(at, MaskRule.REFERENCE if key == SECRET_REFERENCE_KEY else MaskRule.KEY)
        return self.apply(item, at, _below(paths, key))

    def _mask(self, at: str, rule: MaskRule, placeholder: str = REDACTED) -> str:
        self.masked.append(at)
        self.rules.append(rule)
        return placeholder


def _is_secret_reference(value: JsonValue) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get(SECRET_KEY), str)


def _below(paths: _Paths, segment: str) -> _Paths:
    """Return the pointers that go through a segment, relative to what is there."""
    return tuple(path[1:] for path in paths if path and path[0] == segment) if paths else ()


def _scalars(value: JsonValue) -> Iterator[str]:
    """Yield every string and number below a hidden value as text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    elif _is_number(value):
        yield json_text.dump(value)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
