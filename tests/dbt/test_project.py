"""The dbt project itself: its unit tests, which the nightly build leaves out."""

import os
import subprocess
import sys
from pathlib import Path

from psycopg.pq import Conninfo

from catalog_embeddings.resources import dbt_project_directory


def test_unit_tests_pass(database_url: str, tmp_path: Path) -> None:
    """A build on an empty catalog runs each unit test before its model."""
    options = Conninfo.parse(database_url.encode())
    address = {o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val is not None}
    project = str(dbt_project_directory())
    command = [sys.executable, "-P", "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "build"]
    command += ["--project-dir", project, "--profiles-dir", project]
    command += ["--target-path", str(tmp_path), "--log-path", str(tmp_path)]

    finished = subprocess.run(
        command, env=os.environ | address, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stdout
    assert finished.stdout.count("PASS stg_catalog_features::") == 5
