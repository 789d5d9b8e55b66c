"""A run that is killed without warning: the next one takes its plan up, and pays at most for what was in flight."""

import os
import signal
import subprocess
import sys
import time

from catalog_embeddings.pipeline.import_catalog import ImportOptions
from catalog_embeddings.resources import SAMPLE_CATALOG
from tests.river.conftest import River

BATCH = 4
RUN = [sys.executable, "-m", "catalog_embeddings.cli.app", "run", "--json"]


def test_a_killed_run_pays_again_at_most_for_what_was_in_flight(river: River) -> None:
    river.bring(SAMPLE_CATALOG, ImportOptions())
    river.emulator.faults(latency_s=0.3)
    environment = {**os.environ, "CATALOG_EMBEDDINGS_BATCH_SIZE": str(BATCH), "PYTHONPATH": os.pathsep.join(sys.path)}

    with subprocess.Popen(RUN, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as doomed:
        while int(str(river.emulator.stats()["inputs_paid"])) < 100:
            assert doomed.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
        doomed.send_signal(signal.SIGKILL)
    assert river.one("select count(*) from item_embeddings") < 296

    finished = subprocess.run(RUN, env=environment, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    stats = river.emulator.stats()
    assert stats["inputs_paid_distinct"] == 290
    assert int(str(stats["inputs_paid_twice"])) <= 10 * BATCH
    assert river.one("select count(*) from item_embeddings") == 296
    assert river.one("select count(*) from pipeline.runs") == 1
    assert river.one("select state from pipeline.runs") == "verified"
    # Every row's vector lies in an indexed part of the lake.
    assert (
        river.one(
            "select count(*) from item_embeddings left join pipeline.paid_contents using (content_hash)"
            " where paid_contents.part_key is null"
        )
        == 0
    )
    assert river.run()["planned"] == 0
