"""Wires database, gateway and services into one console."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from app.bootstrap.connection import Connection
from app.bootstrap.events import wire_events
from app.bootstrap.reports import render_ledger, render_report
from app.cli.rooms import Session
from app.domain.diagnosis.limits import Limits
from app.domain.repair import RepairAction
from app.domain.side_effects import ActionCatalogue
from app.local.acknowledgements import AcknowledgementFiles
from app.local.action_effects import action_catalogue
from app.local.batch_journal import SqliteBatchJournal
from app.local.case_files import CaseFiles
from app.local.fingerprint_notes import FingerprintNoteFile
from app.local.intent_journal import FileIntentJournal
from app.local.place import Place
from app.local.start_drafts import DraftFiles
from app.local.state_directory import state_directory
from app.local.whole_file import write_whole
from app.postgres.batch_facts import PostgresBatchFacts
from app.postgres.database import Database
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.postgres.examination import PostgresExamination
from app.postgres.failure_groups import PostgresFailureReader
from app.postgres.operators import PostgresOperatorDirectory
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.probe import PostgresProbe
from app.postgres.quota_pauses import PostgresQuotaStore
from app.postgres.repair_store import PostgresRepairStore
from app.postgres.replay_preview import PostgresPreviewReader
from app.postgres.report_reader import PostgresReportReader
from app.postgres.run_closing import PostgresRunClosing
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.postgres.start_reader import PostgresStartReader
from app.postgres.stranded_runs import PostgresStrandedStore
from app.services.acknowledge_troubles import AcknowledgeTroubles
from app.services.batch_planning import BatchPlanning
from app.services.batch_ports import BatchSources
from app.services.batch_runs import BatchRuns
from app.services.browse_runs import BrowseRuns
from app.services.cancel_preview import PreviewCancel
from app.services.cancel_run import CancelRun
from app.services.close_row import CloseRow
from app.services.closing_cancels import ClosingCancels
from app.services.compare_runs import CompareRuns
from app.services.console import Console
from app.services.deliver_event import DeliverEvent
from app.services.diagnose_runs import DiagnoseRuns
from app.services.doctor import Doctor
from app.services.environment_check import EnvironmentCheck
from app.services.export_audit import ExportAudit
from app.services.failure_fingerprints import FailureFingerprints
from app.services.finalize_stranded import FinalizeStranded
from app.services.follow_cancel import FollowCancel
from app.services.inspect_run import InspectRun
from app.services.intent_ports import IntentJournal, NoJournal
from app.services.launch_run import LaunchRun
from app.services.prepare_start import PrepareStart
from app.services.quota_resume import QuotaResumes
from app.services.release_task import ReleaseHumanTask
from app.services.repair_close import ProjectClose
from app.services.repair_launch import CompleteLaunch, FailLaunch
from app.services.repair_run import RepairRun
from app.services.replay_chain import ReplayChains
from app.services.replay_preview import ReplayPreviews
from app.services.replay_run import ReplayRun
from app.services.settle_intents import SettleIntents, Sides
from app.services.start_run import StartRun
from app.services.triage_cases import TriageCases
from app.services.triage_report import ReportSources, TriageReports
from app.services.trouble_ports import AcknowledgementStore
from app.services.watch_runs import WatchRuns
from app.services.watch_troubles import WatchTroubles
from app.temporal.contract import TASK_QUEUE
from app.temporal.examination import TemporalServerExamination
from app.temporal.execution_reader import TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from app.temporal.ignored_environment import ignored_names, ignored_notice
from app.temporal.run_messages import TemporalRunMessages


@asynccontextmanager
async def open_console(connection: Connection) -> AsyncIterator[Console]:
    """Open the console on both servers and close its pool and client in order.

    Nothing is sent before the first question, so a server that is down shows when it is asked.

    Raises:
        Misconfigured: the database URL cannot be read.
    """
    database = Database.open(connection.database_url, stuck_after_seconds=connection.stuck_after_seconds)
    gateway = TemporalGateway(connection.temporal_address, connection.namespace)
    place = Place.of(database.label, connection.temporal_address, connection.namespace)
    journal = SqliteBatchJournal(state_directory(os.environ), place)
    intents = FileIntentJournal(state_directory(os.environ), str(place))
    try:
        yield wire(
            database,
            gateway,
            action_catalogue(connection.action_effects),
            journal,
            intents,
            AcknowledgementFiles(state_directory(os.environ), str(place)),
        )
    finally:
        await journal.close()
        await gateway.close()
        await database.dispose()


@asynccontextmanager
async def open_session(connection: Connection) -> AsyncIterator[Session]:
    """Open the console for the command line, with what the connection says about tenant and operator."""
    async with open_console(connection) as console:
        yield Session(
            console=console,
            tenant=connection.tenant,
            operator=connection.operator,
            unverified_may_act=connection.unverified_operator_may_act,
            repair_mode=connection.repair_mode,
            render_report=render_report,
            write_file=write_whole,
            render_ledger=render_ledger,
        )


def wire(
    database: Database,
    gateway: TemporalGateway,
    catalogue: ActionCatalogue | None = None,
    journal: SqliteBatchJournal | None = None,
    intents: IntentJournal | None = None,
    acknowledged: AcknowledgementStore | None = None,
) -> Console:
    """Return the services on these two servers.

    Args:
        database: The projection.
        gateway: The Temporal side.
        catalogue: What actions do to the world; None is the shipped list.
        journal: The record of batches; None is the one in this user's state directory.
        intents: Where single acts are noted before their first effect, except those of batches; None keeps no notes.
        acknowledged: Where it is kept what the operator has seen; None keeps it in memory.
    """
    reader, writer, closing = PostgresRunReader(database), PostgresRunWriter(database), PostgresRunClosing(database)
    intents, operators, probe = intents or NoJournal(), PostgresOperatorDirectory(database), PostgresProbe(database)
    place, state = Place.of(database.label, gateway.address, gateway.namespace), state_directory(os.environ)
    browse, inspect, chains = BrowseRuns(reader), InspectRun(reader, gateway), ReplayChains(reader)
    launch, follow = LaunchRun(writer, gateway, journal=intents), FollowCancel(closing, gateway, journal=intents)
    environment, schemas = wire_environment(database, gateway), PostgresPayloadSchemas(database)
    replay, cancel = ReplayRun(reader, writer, launch, schemas), CancelRun(reader, writer, gateway, journal=intents)
    sources = BatchSources(journal or SqliteBatchJournal(state, place), PostgresBatchFacts(database), reader, operators)
    previews = ReplayPreviews(PostgresPreviewReader(database), schemas, writer, catalogue or action_catalogue())
    planning = BatchPlanning(sources.facts, sources.journal, previews)
    diagnose, acknowledge = wire_diagnosis(database, gateway), AcknowledgeTroubles(acknowledged)
    return Console(
        browse=browse,
        inspect=inspect,
        launch=launch,
        start=StartRun(launch, writer, schemas),
        events=wire_events(database, gateway, launch),
        prepare_start=PrepareStart(PostgresStartReader(database), writer, DraftFiles(state / "drafts")),
        replay=replay,
        previews=previews,
        chains=chains,
        cancel=cancel,
        cancel_preview=PreviewCancel(reader, closing, gateway),
        cancel_follow=follow,
        close_row=CloseRow(reader, closing, gateway),
        intents=SettleIntents(Sides(reader, writer, gateway), cancel, follow, intents),
        reports=wire_reports(database, gateway, diagnose),
        environment=environment,
        operators=operators,
        batch_planning=planning,
        batch_runs=BatchRuns(sources, planning, replay, ClosingCancels(cancel, follow, intents)),
        watch=WatchRuns(browse, inspect, launch, environment, chains, WatchTroubles(diagnose, acknowledge)),
        stranded=wire_stranded(database, gateway),
        diagnose=diagnose,
        acknowledge=acknowledge,
        compare=CompareRuns(reader, PostgresPreviewReader(database)),
        fingerprints=wire_fingerprints(database, place),
        cases=TriageCases(CaseFiles(state, str(place))),
        quota=QuotaResumes(PostgresQuotaStore(database), writer, TemporalRunMessages(gateway), gateway, probe),
        repair=wire_repairs(database, gateway),
        doctor=wire_doctor(database, gateway),
    )


def wire_environment(database: Database, gateway: TemporalGateway) -> EnvironmentCheck:
    """Return what says whether both sides answer."""
    notes = tuple(filter(None, (ignored_notice(os.environ),)))
    return EnvironmentCheck(PostgresProbe(database), gateway, notes=notes)


def wire_fingerprints(database: Database, place: Place) -> FailureFingerprints:
    """Return what groups failures, with the notes that this computer keeps about them."""
    notes = FingerprintNoteFile(state_directory(os.environ), str(place))
    return FailureFingerprints(PostgresFailureReader(database), notes)


def wire_reports(database: Database, gateway: TemporalGateway, diagnose: DiagnoseRuns) -> TriageReports:
    """Return what makes triage reports on these two servers."""
    return TriageReports(
        ReportSources(
            reader=PostgresRunReader(database),
            gateway=gateway,
            surroundings=PostgresReportReader(database),
            audit=ExportAudit(PostgresRunWriter(database)),
            diagnose=diagnose,
            versions=TemporalServerExamination(gateway, TemporalExecutionReader(gateway)),
        )
    )


def wire_diagnosis(database: Database, gateway: TemporalGateway) -> DiagnoseRuns:
    """Return what names the causes of troubles on these two servers."""
    limits = Limits(stuck_after=timedelta(seconds=database.stuck_after_seconds))
    return DiagnoseRuns(PostgresDiagnosisReader(database), TemporalExecutionReader(gateway), TASK_QUEUE, limits)


def wire_stranded(database: Database, gateway: TemporalGateway) -> FinalizeStranded:
    """Return what closes the rows of the removed engine."""
    store, executions = PostgresStrandedStore(database), TemporalExecutionReader(gateway)
    return FinalizeStranded(store, gateway, executions, PostgresProbe(database))


def wire_repairs(database: Database, gateway: TemporalGateway) -> RepairRun:
    """Return the repairs on these two servers."""
    store, writer, messages = PostgresRepairStore(database), PostgresRunWriter(database), TemporalRunMessages(gateway)
    return RepairRun(
        store,
        {
            RepairAction.COMPLETE_LAUNCH: CompleteLaunch(store, writer, gateway),
            RepairAction.FAIL_LAUNCH: FailLaunch(store, gateway),
            RepairAction.PROJECT_CLOSE: ProjectClose(store, messages, gateway),
            RepairAction.RELEASE_HUMAN_TASK: ReleaseHumanTask(store, writer, messages, gateway),
            RepairAction.DELIVER_EVENT: DeliverEvent(store, messages, gateway, PostgresProbe(database)),
        },
    )


def wire_doctor(database: Database, gateway: TemporalGateway) -> Doctor:
    """Return the environment check of these two servers and this process."""
    temporal = TemporalServerExamination(gateway, TemporalExecutionReader(gateway))
    return Doctor(PostgresExamination(database), temporal, TASK_QUEUE, ignored_names(os.environ))
