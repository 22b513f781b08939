"""The German catalogue of reports: one entry for each English wording."""

from __future__ import annotations

from app.domain.report.german_causes import GERMAN_CAUSES
from app.domain.report.german_facts import GERMAN_FACTS
from app.domain.report.german_faults import GERMAN_FAULTS
from app.domain.report.german_report import GERMAN_REPORT
from app.domain.report.words import Catalogue

GERMAN: Catalogue = {**GERMAN_CAUSES, **GERMAN_FACTS, **GERMAN_FAULTS, **GERMAN_REPORT}
