"""Facts in columns: as many as fit, and no value cut off."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desktop.run_page.facts_grid import Fact, FactsGrid

FACTS = tuple(
    Fact(f"fact.{number}", label, value)
    for number, (label, value) in enumerate(
        [("Eingaben und Ausgaben", "geschwärzt"), ("Schritte", "2"), ("Maskierte Werte", "0"), ("Protokollzeilen", "1")]
    )
)


@pytest.mark.parametrize("width", [300, 420, 640, 700, 1000])
def test_no_word_of_a_value_is_cut_off(qtbot: QtBot, width: int) -> None:
    grid = FactsGrid()
    qtbot.addWidget(grid)
    grid.show_facts(FACTS)
    grid.resize(width, grid.heightForWidth(width))
    grid.show()
    values = [value for fact in FACTS if isinstance(value := grid.value(fact.name), QLabel)]
    assert len(values) == len(FACTS)
    for value in values:
        assert value.fontMetrics().horizontalAdvance(value.text()) <= value.width(), value.text()
        assert value.geometry().right() <= width


def test_room_is_used(qtbot: QtBot) -> None:
    grid = FactsGrid()
    qtbot.addWidget(grid)
    grid.show_facts(FACTS)
    assert grid.heightForWidth(1000) < grid.heightForWidth(300)
