"""Saves what is on the screen: ``python grab_screen.py FILE.png``."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication

application = QGuiApplication(sys.argv)
sys.exit(0 if application.primaryScreen().grabWindow(0).save(sys.argv[1]) else 1)
