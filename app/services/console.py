"""Everything the faces may ask for, wired once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.acknowledge_troubles import AcknowledgeTroubles
from app.services.batch_planning import BatchPlanning
from app.services.batch_runs import BatchRuns
from app.services.browse_runs import BrowseRuns
from app.services.cancel_preview import PreviewCancel
from app.services.cancel_run import CancelRun
from app.services.close_row import CloseRow
from app.services.compare_runs import CompareRuns
from app.services.diagnose_runs import DiagnoseRuns
from app.services.doctor import Doctor
from app.services.environment_check import EnvironmentCheck
from app.services.failure_fingerprints import FailureFingerprints
from app.services.finalize_stranded import FinalizeStranded
from app.services.follow_cancel import FollowCancel
from app.services.inspect_run import InspectRun
from app.services.launch_run import LaunchRun
from app.services.ports import OperatorDirectory
from app.services.prepare_start import PrepareStart
from app.services.quota_resume import QuotaResumes
from app.services.repair_run import RepairRun
from app.services.replay_chain import ReplayChains
from app.services.replay_preview import ReplayPreviews
from app.services.replay_run import ReplayRun
from app.services.settle_intents import SettleIntents
from app.services.start_run import StartRun
from app.services.submit_event import SubmitEvent
from app.services.triage_cases import TriageCases
from app.services.triage_report import TriageReports
from app.services.watch_runs import WatchRuns


@dataclass(frozen=True, slots=True)
class Console:
    """One service per operator's question, all on the same two servers."""

    browse: BrowseRuns
    inspect: InspectRun
    launch: LaunchRun
    start: StartRun
    events: SubmitEvent
    prepare_start: PrepareStart
    replay: ReplayRun
    previews: ReplayPreviews
    chains: ReplayChains
    cancel: CancelRun
    cancel_preview: PreviewCancel
    cancel_follow: FollowCancel
    close_row: CloseRow
    intents: SettleIntents
    reports: TriageReports
    environment: EnvironmentCheck
    operators: OperatorDirectory
    batch_planning: BatchPlanning
    batch_runs: BatchRuns
    watch: WatchRuns
    stranded: FinalizeStranded
    quota: QuotaResumes
    repair: RepairRun
    doctor: Doctor
    diagnose: DiagnoseRuns
    acknowledge: AcknowledgeTroubles
    cases: TriageCases
    compare: CompareRuns
    fingerprints: FailureFingerprints
