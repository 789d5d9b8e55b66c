"""The table of docs/reliability.md: every fault of tests/faults, what is expected of it, and what was seen.

The tests say it themselves, with pytest's ``record_property``: ``fault``, ``expected`` and ``seen``. A test that
runs for many cases gives one line each time; cases of the same fault are put together, the last ``seen`` standing
for all of them where they agree, and the distinct ones side by side where they do not.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET


def main(arguments: list[str]) -> int:
    """Run the fault suite with pytest's own arguments, print its table, and end as pytest ended."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "faults.xml"
        command = [sys.executable, "-m", "pytest", "tests/faults", "-q", f"--junitxml={report}", *arguments]
        ended = subprocess.run(command, check=False, stdout=sys.stderr)
        if not report.exists():
            return ended.returncode
        print(table(ET.parse(report)))  # noqa: S314 - pytest wrote it a moment ago
    return ended.returncode


def table(report: "ET.ElementTree[ET.Element]") -> str:
    """A markdown table, one line a fault, in the order the tests ran."""
    faults: dict[tuple[str, str], dict[str, int]] = {}
    for case in report.iter("testcase"):
        said = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
        if "fault" in said:
            failed = case.find("failure") is not None or case.find("error") is not None
            seen = "FAILED" if failed else said.get("seen", "")
            counts = faults.setdefault((said["fault"], said.get("expected", "")), {})
            counts[seen] = counts.get(seen, 0) + 1
    lines = ["| fault | expected | seen |", "|---|---|---|"]
    for (fault, expected), counts in faults.items():
        seen = "; ".join(f"{text} ({count} x)" if count > 1 else text for text, count in counts.items())
        lines.append(f"| {fault} | {expected} | {seen} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
