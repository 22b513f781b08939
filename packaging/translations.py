#!/usr/bin/env python3
"""Collects the texts of the desktop, builds their translations, and checks that nothing is missing.

    python packaging/translations.py build     texts -> i18n/*.ts -> resources/i18n/*.qm
    python packaging/translations.py check     fails when build would change a file or a translation is incomplete

Texts are written in English in the source. ``i18n/rundesk_en.ts`` is filled from them by itself; only its plural forms
are written by hand. ``i18n/rundesk_de.ts`` is translated with Qt Linguist or by hand. Line numbers are left out, so
that moving code changes no file. This folder is no package: it would hide the library of the same name.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import PySide6

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "app" / "desktop"
SOURCES = ROOT / "i18n"
BUILT = ROOT / "resources" / "i18n"
LANGUAGES = ("en", "de")
QT_TOOLS = Path(PySide6.__file__).resolve().parent
ENDINGS = ("…", ":", ".", "?")
"""Ends of a text that its translation must keep: an opened dialog, a label, a sentence, a question."""

_TEXT_POSITION = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
"""Which argument of a translating call is the text."""
_PLACEHOLDER = re.compile(r"%L?\d+|%L?n|\{[^{}]*\}|</?[a-z]+[^>]*>")
_UNFINISHED_AS_SOURCE = re.compile(
    r"(<source>([^<]*)</source>\s*(?:<(\w+)>[^<]*</\3>\s*)*)<translation type=\"unfinished\">[^<]*</translation>"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One text of a ``.ts`` file; several ``forms`` when it depends on a number."""

    context: str
    source: str
    forms: tuple[str, ...]
    numerus: bool
    state: str

    @property
    def name(self) -> str:
        """Return what a complaint calls it."""
        return f"{self.context}: {self.source!r}"


def main() -> int:
    """Run one verb and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("build", "check"))
    return build() if parser.parse_args().verb == "build" else check()


def build() -> int:
    """Write the ``.ts`` and ``.qm`` files; say what is still to be translated."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        _collect(language, _ts(SOURCES, language))
        _compile(_ts(SOURCES, language), _qm(BUILT, language))
    return _tell(list(_incomplete()), "Written. Still to be done:", failure=0)


def check() -> int:
    """Say everything that build would change and everything that is incomplete."""
    return _tell(
        [*_drift(), *_incomplete(), *_overlooked()], "Run 'python packaging/translations.py build'.", failure=1
    )


def _tell(problems: list[str], headline: str, *, failure: int) -> int:
    if not problems:
        sys.stdout.write(f"{len(_messages(_ts(SOURCES, 'de')))} texts, complete in {' and '.join(LANGUAGES)}.\n")
        return 0
    sys.stderr.write("\n".join([headline, *problems]) + "\n")
    return failure


def _ts(folder: Path, language: str) -> Path:
    return folder / f"rundesk_{language}.ts"


def _qm(folder: Path, language: str) -> Path:
    return folder / f"rundesk_{language}.qm"


def _collect(language: str, file: Path) -> None:
    """Bring one ``.ts`` file up to date with the source, without locations and without vanished texts."""
    options = ["-silent", "-no-obsolete", "-locations", "none", "-sort-messages", "-extensions", "py"]
    options += ["-disable-heuristic", "similartext", "-source-language", "en", "-target-language", language]
    _run("lupdate", *options, str(TEXTS), "-ts", str(file))
    if language == "en":
        text = file.read_text(encoding="utf-8")
        file.write_text(_UNFINISHED_AS_SOURCE.sub(r"\1<translation>\2</translation>", text), encoding="utf-8")


def _compile(file: Path, target: Path) -> None:
    _run("lrelease", "-silent", str(file), "-qm", str(target))


def _run(tool: str, *arguments: str) -> None:
    # A tool of the pinned PySide6 with arguments of ours.
    subprocess.run([str(QT_TOOLS / tool), *arguments], check=True)  # noqa: S603


def _drift() -> Iterator[str]:
    """Build into another directory and name the files that differ."""
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            collected, built = _ts(Path(folder), language), _qm(Path(folder), language)
            committed = _ts(SOURCES, language)
            if not committed.is_file():
                yield f"{committed.relative_to(ROOT)} is missing"
                continue
            shutil.copy(committed, collected)
            _collect(language, collected)
            if collected.read_bytes() != committed.read_bytes():
                yield f"{committed.relative_to(ROOT)} does not match the texts in the source"
            _compile(committed, built)
            current = _qm(BUILT, language)
            if not current.is_file() or current.read_bytes() != built.read_bytes():
                yield f"{current.relative_to(ROOT)} was not built from its .ts file"


def _incomplete() -> Iterator[str]:
    """Name every text without a usable translation, in any language."""
    known = {language: _messages(_ts(SOURCES, language)) for language in LANGUAGES}
    for language, messages in known.items():
        for message in messages.values():
            yield from (f"{language}: {problem}: {message.name}" for problem in _problems(message))
    first, *others = LANGUAGES
    for language in others:
        for context, source in known[first].keys() ^ known[language].keys():
            yield f"{first} and {language} do not hold the same texts: {context}: {source!r}"


def _problems(message: Message) -> Iterator[str]:
    if message.state or not all(message.forms):
        yield message.state or "unfinished"
        return
    for position, form in enumerate(message.forms):
        expected, found = _placeholders(message.source), _placeholders(form)
        if message.numerus and position == 0:
            # "one run" may do without the number.
            for number in ("%n", "%Ln"):
                expected.pop(number, None)
                found.pop(number, None)
        if expected != found:
            yield "placeholders differ"
    ending = next((end for end in ENDINGS if message.source.endswith(end)), "")
    if not all(form.endswith(ending) for form in message.forms):
        yield f"does not end in {ending!r}"


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _messages(file: Path) -> dict[tuple[str, str], Message]:
    """Read a ``.ts`` file of ours."""
    if not file.is_file():
        return {}
    found = {}
    for context in ET.parse(file).iter("context"):  # noqa: S314 - a file of this repository
        name = context.findtext("name", "")
        for entry in context.iter("message"):
            source, translation = entry.findtext("source", ""), entry.find("translation")
            numerus = entry.get("numerus") == "yes"
            found[name, source] = Message(
                name, source, _forms(translation, numerus=numerus), numerus, _state(translation)
            )
    return found


def _forms(translation: ET.Element | None, *, numerus: bool) -> tuple[str, ...]:
    if translation is None:
        return ("",)
    if numerus:
        return tuple(form.text or "" for form in translation.iter("numerusform")) or ("",)
    return (translation.text or "",)


def _state(translation: ET.Element | None) -> str:
    return "unfinished" if translation is None else translation.get("type", "")


def _overlooked() -> Iterator[str]:
    """Name literals that a translating call is given and the collector did not see, and arguments it cannot see."""
    collected = {source for _, source in _messages(_ts(SOURCES, LANGUAGES[0]))}
    for file in sorted(TEXTS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = _text_of(node)
            if isinstance(text, ast.Constant) and text.value not in collected:
                yield f"{file.relative_to(ROOT)}:{text.lineno}: not collected: {text.value!r}"
            if isinstance(text, ast.JoinedStr):
                yield f"{file.relative_to(ROOT)}:{text.lineno}: an f-string cannot be translated"


def _text_of(node: ast.AST) -> ast.expr | None:
    """Return the text that a call has translated: ``tr(text, …)`` or ``translate(context, text)``, else None."""
    if not isinstance(node, ast.Call):
        return None
    position = _TEXT_POSITION.get(_called(node), len(node.args))
    return node.args[position] if position < len(node.args) else None


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


if __name__ == "__main__":
    sys.exit(main())
