import time, asyncio, os, signal, subprocess, sys
import pytest
from temporalio.client import Client
from temporalio.worker import Worker
from app.engine.worker import build_worker, workflow_runner
from app.engine.run_workflow import RunWorkflow
from tests.engine.bench import action
pytestmark = pytest.mark.asyncio

async def test_shutdown_time(idle_bench):
    for i in range(3):
        w = build_worker(idle_bench.client, idle_bench.database)
        t=time.perf_counter()
        async with w:
            t1=time.perf_counter()
            await asyncio.sleep(0.5)
            t2=time.perf_counter()
        t3=time.perf_counter()
        print("build+enter", t1-t, "exit", t3-t2)

@pytest.mark.timeout(120)
async def test_kill(idle_bench, stack, database):
    env={**os.environ,"DATABASE_URL":database.url,"TEMPORAL_ADDRESS":stack.temporal_address,"TEMPORAL_NAMESPACE":stack.namespace}
    def go(): return subprocess.Popen([sys.executable,"-m","app.sandbox.worker_process"],env=env)
    p=go()
    run_id = await idle_bench.launch([action("slow","demo.slow",{"ms":3000}), action("send","notifications.send",{"to":"a","message":"b"})])
    await idle_bench.until(lambda: idle_bench.invocations(run_id))
    p.kill(); p.wait()
    p=go()
    t=time.perf_counter()
    print(await idle_bench.outcome(run_id, 100), time.perf_counter()-t)
    for i in await idle_bench.invocations(run_id): print(i["action_id"], i["status"], i["attempt"])
    p.send_signal(signal.SIGTERM); print("exit", p.wait())
