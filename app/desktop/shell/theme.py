"""Light, dark or the system's choice: palette, style sheet, fonts and density, applied to the whole application.

Colours come from :mod:`app.desktop.shell.tokens` and from nowhere else.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from app.desktop.shell import tokens as values
from app.desktop.shell.resource_files import resource_path
from app.desktop.shell.stylesheet import style_sheet
from app.desktop.shell.tokens import Tokens

ThemeMode = Literal["light", "dark", "system"]
Density = Literal["comfortable", "compact"]

_SURFACES = frozenset({"panel", "ground"})
"""Roles of plain widgets that have a background of their own."""
_MONO_FILES = ("JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf")


def set_role(widget: QWidget, role: str) -> None:
    """Give the widget a look of the style sheet (``muted``, ``title``, ``primary``, ``card``, …), now and later."""
    widget.setProperty("role", role)
    if role in _SURFACES:
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def set_filled(widget: QWidget, filled: bool) -> None:
    """Mark a filter control that narrows the list, so that an active filter is seen."""
    if widget.property("filled") != filled:
        widget.setProperty("filled", filled)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Theme(QObject):
    """The application's look. ``changed`` is emitted after palette, style sheet or density changed."""

    changed = Signal()

    def __init__(self, mode: ThemeMode = "system", density: Density = "comfortable") -> None:
        super().__init__()
        self._mode: ThemeMode = mode
        self._density: Density = density
        self._reduced_motion = False
        self._mono_family = _load_mono()
        self._tokens = self._choose()
        self._applied: Tokens | None = None
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours in force."""
        return self._tokens

    @property
    def mode(self) -> ThemeMode:
        """What the operator chose."""
        return self._mode

    @property
    def density(self) -> Density:
        """How tall rows are."""
        return self._density

    @property
    def row_height(self) -> int:
        """Row height in pixels."""
        return values.ROW_HEIGHTS[self._density]

    @property
    def reduced_motion(self) -> bool:
        """Whether changed rows are shown without fading. Qt 6.11 cannot ask the platform, so it is a setting."""
        return self._reduced_motion

    def set_mode(self, mode: ThemeMode) -> None:
        """Switch to light, dark or the system's scheme."""
        self._mode = mode
        if self._choose() is not self._applied:
            self.apply()

    def set_density(self, density: Density) -> None:
        """Switch between comfortable and compact rows."""
        self._density = density
        self.changed.emit()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Switch the fading of changed rows off or on."""
        self._reduced_motion = reduced

    def apply(self) -> None:
        """Put the look on the application."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101  a theme exists only beside a QApplication
        self._tokens = self._choose()
        if self._applied is None:
            application.setStyle(QStyleFactory.create("Fusion"))
            application.setFont(self.body())
        self._applied = self._tokens
        application.setPalette(_palette(self._tokens))
        application.setStyleSheet(style_sheet(self._tokens))
        self.changed.emit()

    def colour(self, value: str) -> QColor:
        """Return a token (or a mix of tokens) as a QColor."""
        return QColor(value)

    def body(self) -> QFont:
        """Return the platform's font at body size."""
        return _sized(QFont(QApplication.font().family()), values.BODY_PX)

    def secondary(self) -> QFont:
        """Return the platform's font at the smaller size."""
        return _sized(self.body(), values.SECONDARY_PX)

    def title(self) -> QFont:
        """Return the font of titles, semibold."""
        font = _sized(self.body(), values.TITLE_PX)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def figures(self) -> QFont:
        """Return the body font with digits of equal width, for numbers and times under each other."""
        font = self.body()
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def mono(self, pixels: int = values.SECONDARY_PX) -> QFont:
        """Return the bundled monospace font, for ids and JSON."""
        font = _sized(QFont(self._mono_family), pixels)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setFeature(QFont.Tag("calt"), 0)  # ligatures would join characters of ids and JSON
        return font

    def _choose(self) -> Tokens:
        if self._mode == "system":
            scheme = QGuiApplication.styleHints().colorScheme()
            return values.DARK if scheme == Qt.ColorScheme.Dark else values.LIGHT
        return values.DARK if self._mode == "dark" else values.LIGHT

    def _system_changed(self) -> None:
        if self._mode == "system":
            self.apply()


def _sized(font: QFont, pixels: int) -> QFont:
    font.setPixelSize(pixels)
    return font


def _load_mono() -> str:
    """Register the bundled font and return its family, or the platform's monospace where the file is missing."""
    families: list[str] = []
    for name in _MONO_FILES:
        loaded = QFontDatabase.addApplicationFont(str(resource_path("fonts", name)))
        families += QFontDatabase.applicationFontFamilies(loaded) if loaded >= 0 else []
    return families[0] if families else QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()


def _palette(tokens: Tokens) -> QPalette:
    """Return the palette for everything the style sheet leaves to Fusion."""
    palette = QPalette()
    role = QPalette.ColorRole
    for colour_role, value in {
        role.Window: tokens.background,
        role.Base: tokens.panel,
        role.AlternateBase: tokens.background,
        role.Button: tokens.panel,
        role.Text: tokens.text,
        role.WindowText: tokens.text,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.failed,
        role.ToolTipBase: tokens.panel,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.Link: tokens.running,
        role.LinkVisited: tokens.running,
        role.Accent: tokens.accent,
        role.Light: tokens.panel,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.muted,
        role.Shadow: tokens.line,
    }.items():
        palette.setColor(colour_role, QColor(value))
    faded = QColor(values.mix(tokens.text, tokens.panel, 0.38))
    for colour_role in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, colour_role, faded)
    return palette
