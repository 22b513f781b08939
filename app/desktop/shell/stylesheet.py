"""The style sheet, built from the tokens: what palette and Fusion cannot say, and no more.

Widgets ask for a look by the dynamic property ``role`` (see :func:`app.desktop.shell.theme.set_role`).
"""

from __future__ import annotations

from string import Template

from app.desktop.shell.tokens import CORNER_PX, SECONDARY_PX, TITLE_PX, Tokens, edge, hover, mix, tint, well

_SHEET = Template("""
QToolTip { background: $panel; color: $text; border: 1px solid $line; padding: 4px 6px; }
QMainWindow, QDialog { background: $background; }

QLabel { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="secondary"] { color: $muted; font-size: ${secondary}px; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="heading"] { color: $muted; font-size: ${secondary}px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="trouble"] { color: $failed; }
QLabel[role="secondary-trouble"] { color: $failed; font-size: ${secondary}px; }
QLabel[role="environment-sandbox"] { color: $succeeded; font-weight: 600; }
QLabel[role="environment-production"] { color: $failed; font-weight: 600; }
QLabel[role="environment-other"] { color: $accent_text; font-weight: 600; }
QLabel[role="link"] { color: $accent_text; }

QWidget[role="panel"] { background: $panel; }
QWidget[role="ground"] { background: $background; }
QFrame[role="card"] { background: $panel; border: 1px solid $line; border-radius: ${corner}px; }
QFrame[role="trouble-card"] { background: $failed_tint; border: none; border-radius: ${corner}px; }
QFrame[role="warning-card"] { background: $waiting_tint; border: 1px solid $waiting_edge; border-radius: 8px; }
QFrame[role="success-card"] { background: $succeeded_tint; border: 1px solid $succeeded_edge; border-radius: 8px; }
QFrame[role="error-card"] { background: $failed_tint; border: 1px solid $failed_edge; border-radius: 8px; }
QFrame[role="info-card"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
QFrame[role="selection-bar"] { background: $selection; border: none; border-radius: ${corner}px; }
QFrame[role="line"] { background: $line; border: none; }

QPushButton, QToolButton[role="button"] {
    background: $panel; color: $text; border: 1px solid $line; border-radius: ${corner}px;
    padding: 5px 12px; min-height: 18px;
}
QPushButton:hover, QToolButton[role="button"]:hover { background: $hover; }
QPushButton:pressed, QToolButton[role="button"]:pressed { background: $line; }
QPushButton:focus, QToolButton[role="button"]:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton[role="button"]:disabled { color: $disabled; background: transparent; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:focus { border: 1px solid $text; }
QPushButton[role="primary"]:disabled { background: $line; color: $disabled; border-color: $line; }
QPushButton[role="danger"] { background: $danger; color: $on_danger; border-color: $danger; font-weight: 600; }
QPushButton[role="danger"]:disabled { background: $line; color: $disabled; border-color: $line; }
QPushButton[role="flat"] { background: transparent; border-color: transparent; color: $muted; }
QPushButton[role="flat"]:hover { background: $hover; color: $text; }
QPushButton[role="flat"]:focus { border: 1px solid $accent; }
QPushButton[role="small"], QPushButton[role="small-flat"] { font-size: ${secondary}px; padding: 2px 8px;
    min-height: 16px; }
QPushButton[role="small-flat"] { background: transparent; border-color: transparent; color: $muted; }
QPushButton[role="small-flat"]:hover { background: $hover; color: $text; }
QPushButton[role="small-flat"]:focus { border: 1px solid $accent; }
QPushButton[role="menu"] { padding-right: 24px; text-align: left; }
QPushButton[role="icon"] { background: transparent; border-color: transparent; color: $muted; padding: 0; }
QPushButton[role="icon"]:hover { background: $hover; color: $text; }
QPushButton[role="icon"]:focus { border-color: $accent; }
QPushButton[role="toggle"]:checked { background: $selection; border-color: $accent; color: $accent_text; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent_text; padding: 0; text-align: left; }
QPushButton[role="status"] { background: transparent; border: none; color: $accent_text; padding: 0 4px;
    font-size: ${secondary}px; min-height: 16px; }
QPushButton[role="status"]:hover { background: $hover; }
QPushButton[role="status"]:focus { text-decoration: underline; }
QPushButton[role="link"]:focus { text-decoration: underline; }
QPushButton[role="chip"] { background: transparent; border-color: transparent; color: $muted; padding: 2px 8px;
    font-size: ${secondary}px; min-height: 16px; }
QPushButton[role="chip"]:hover { background: $hover; }
QPushButton[role="chip"]:checked { background: $selection; color: $text; }
QPushButton[role="chip"]:focus { border-color: $accent; }
QPushButton[role="cause-chip"] { background: $panel; border: 1px solid $waiting_edge; color: $text; padding: 2px 8px;
    font-size: ${secondary}px; min-height: 16px; }
QPushButton[role="cause-chip"]:hover { background: $hover; }
QPushButton[role="cause-chip"]:checked { background: $selection; border-color: $accent; }
QPushButton[role="cause-chip"]:focus { border-color: $accent; }
QPushButton[filled="true"] { border-color: $accent; color: $accent_text; }
QPushButton::menu-indicator { width: 0; image: none; }

QLineEdit, QComboBox, QDateTimeEdit, QSpinBox {
    background: $well; color: $text; border: 1px solid $line; border-radius: ${corner}px;
    padding: 5px 8px; min-height: 18px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QComboBox:focus, QDateTimeEdit:focus { border: 1px solid $accent; }
QLineEdit:disabled, QComboBox:disabled { color: $disabled; }
QComboBox { background: $panel; padding-right: 8px; selection-background-color: $selection; selection-color: $text; }
QSpinBox:focus { border: 1px solid $accent; }
QSpinBox { padding: 5px 0; }
QSpinBox QLineEdit { background: transparent; border: none; padding: 0; min-height: 0; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }
QComboBox:hover { background: $hover; }
QComboBox[filled="true"] { border-color: $accent; }
QComboBox[role="bare"] { background: transparent; border-color: transparent; color: $muted; }
QComboBox[role="bare"]:focus { border-color: $accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $line; outline: none; padding: 4px;
    selection-background-color: $selection; selection-color: $text; }
QDateTimeEdit::drop-down { border: none; width: 20px; }
QPlainTextEdit, QTextEdit {
    background: $well; color: $text; border: 1px solid transparent; border-radius: 8px; padding: 8px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QWidget[role="ground"] QPlainTextEdit { border: 1px solid $line; }
QPlainTextEdit:focus, QTextEdit:focus, QWidget[role="ground"] QPlainTextEdit:focus { border: 1px solid $accent; }

QMenuBar { background: $panel; color: $text; border: none; padding: 2px 8px; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QAbstractItemView { background: $panel; border: none; outline: none; selection-background-color: $selection;
    selection-color: $text; gridline-color: $line; alternate-background-color: $panel; }
QTableView[role="list"], QListView[role="nav"] { background: transparent; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: $muted; border: none; border-bottom: 1px solid $line;
    padding: 4px 10px; font-size: ${secondary}px; }
QHeaderView::section:hover { color: $text; }
QTableCornerButton::section { background: transparent; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; border: none; border-bottom: 2px solid transparent;
    padding: 6px 0; margin-right: 14px; }
QTabBar[tight="true"]::tab { margin-right: 8px; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $accent_text; }

QSplitter::handle { background: $line; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $thumb; border-radius: 3px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QStatusBar { background: $panel; color: $muted; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QStatusBar QLabel { font-size: ${secondary}px; }
QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
""")


def style_sheet(tokens: Tokens) -> str:
    """Return the application's style sheet for these tokens."""
    return _SHEET.substitute(
        secondary=SECONDARY_PX,
        title=TITLE_PX,
        corner=CORNER_PX,
        background=tokens.background,
        panel=tokens.panel,
        line=tokens.line,
        text=tokens.text,
        muted=tokens.muted,
        accent=tokens.accent,
        accent_text=tokens.running,
        accent_hover=mix(tokens.text, tokens.accent, 0.12),
        on_accent=tokens.on_accent,
        selection=tokens.selection,
        hover=hover(tokens),
        well=well(tokens),
        thumb=mix(tokens.text, tokens.panel, 0.22),
        disabled=mix(tokens.text, tokens.panel, 0.38),
        failed=tokens.failed,
        succeeded=tokens.succeeded,
        danger=tokens.failed,
        on_danger=tokens.on_accent,
        failed_tint=tint(tokens, tokens.failed),
        failed_edge=edge(tokens, tokens.failed),
        waiting_tint=tint(tokens, tokens.waiting),
        waiting_edge=edge(tokens, tokens.waiting),
        succeeded_tint=tint(tokens, tokens.succeeded),
        succeeded_edge=edge(tokens, tokens.succeeded),
    )
