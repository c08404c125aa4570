"""The tools that Tests/Zoo/scoreboard.py compares: how each is run on one program, and what it said."""

import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

LEAKING, CLEAN = "ZooLeaking", "ZooClean"
LEAK_STATUS = 23


class Missing(Exception):
    """Something that is needed is not there."""


@dataclasses.dataclass
class Result:
    """What one tool said of one program."""

    seconds: float
    leaks: bool = False
    blocks: int = 0
    crash: str | None = None
    text: str = ""
    # weakspot only: the aspects in which its report is wrong, with the text of each.
    mismatches: list[tuple[str, str]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Case:
    program: str
    expected: dict

    @property
    def name(self):
        return self.expected["name"]

    @property
    def leaks(self):
        return self.program == LEAKING

    @property
    def out_of_reach(self):
        return self.expected.get("outOfReach")

    def hides_edge(self, configuration):
        """Why nothing tells the reference to weaken in builds of this configuration; None where something does."""
        return self.expected.get("edgeNeedsSymbols") if configuration == "release" else None


def execute(command, timeout, environment=None):
    """Runs a command in a process group of its own: (status or None after the limit, output, seconds)."""
    start = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, start_new_session=True,
                          env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}
                          ) as process:
        try:
            output = process.communicate(timeout=timeout)[0]
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()[0]
            status = None
    return status, output.decode("utf-8", "replace"), time.monotonic() - start


class Plain:
    """The program by itself: the time to compare with, and its own counts."""

    name = "the program itself"

    def __init__(self, folder):
        self.folder = folder

    def run(self, case, timeout, scratch):
        status, output, seconds = execute([self.folder / case.program, case.name], timeout)
        if status != 0:
            return Result(seconds, crash=f"status {status}", text=output)
        checked, counts, _ = execute([self.folder / case.program, case.name, "--self-check"], timeout)
        live = {}
        if checked == 0:
            live = {key: count for key, count in json.loads(counts).items() if count}
        expected = case.expected["leaked" if case.leaks else "live"]
        result = Result(seconds)
        if checked != 0 or live != expected:
            result.mismatches.append(("counts", f"{case.name}: {live}, expected {expected}"))
        return result


class LeakSanitizer:
    name = "LeakSanitizer"

    def __init__(self, folder):
        self.folder = folder

    def run(self, case, timeout, scratch):
        status, output, seconds = execute(
            [self.folder / case.program, case.name], timeout,
            {"ASAN_OPTIONS": "detect_leaks=1", "LSAN_OPTIONS": f"exitcode={LEAK_STATUS}"})
        if status not in (0, LEAK_STATUS):
            return Result(seconds, crash=f"status {status}", text=output)
        summary = re.search(r"byte\(s\) leaked in (\d+) allocation", output)
        return Result(seconds, leaks=status == LEAK_STATUS,
                      blocks=int(summary[1]) if summary else 0, text=output)


class Valgrind:
    name = "valgrind"
    lost = re.compile(r"(definitely|indirectly) lost: [\d,]+ bytes in ([\d,]+) blocks")

    def __init__(self, folder, scratch):
        # Its reader of debug information gives up on Swift's.
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
        for program in (LEAKING, CLEAN):
            subprocess.run(["objcopy", "--strip-debug", folder / program, self.folder / program],
                           check=True)

    def run(self, case, timeout, scratch):
        status, output, seconds = execute(
            ["valgrind", "--leak-check=full", "--show-leak-kinds=definite",
             "--errors-for-leak-kinds=definite", f"--error-exitcode={LEAK_STATUS}",
             self.folder / case.program, case.name], timeout)
        lost = {kind: int(count.replace(",", "")) for kind, count in self.lost.findall(output)}
        if status not in (0, LEAK_STATUS) or "ERROR SUMMARY" not in output:
            return Result(seconds, crash=f"status {status}", text=output)
        # Some of the Swift runtime's caches are "possibly lost" in every program.
        definitely = lost.get("definitely", 0)
        return Result(seconds, leaks=definitely > 0,
                      blocks=definitely + lost.get("indirectly", 0), text=output)


class Weakspot:
    name = "weakspot"

    def __init__(self, executable, folder, judge, tables):
        self.executable, self.folder, self.judge, self.tables = executable, folder, judge, tables

    def run(self, case, timeout, scratch):
        path = pathlib.Path(tempfile.mkdtemp(dir=scratch)) / "report.json"
        status, output, seconds = execute(
            [self.executable, "leaks", "--format", "json", "--output", path, "--",
             self.folder / case.program, case.name], timeout)
        if status not in (0, 1) or not path.exists():
            return Result(seconds, crash=f"status {status}", text=output)
        try:
            report = json.loads(path.read_text(encoding="utf-8"))
            alarms = [leak for leak in report["leaks"]
                      if leak["verdict"] != "suspect" and not leak["ignored"]]
            blocks = sum(leak["blocks"] for leak in alarms)
        except (ValueError, KeyError, TypeError) as error:
            return Result(seconds, crash=f"not the contract's JSON: {error!r}", text=output)
        result = Result(seconds, leaks=bool(alarms), blocks=blocks, text=json.dumps(report))
        if status != (1 if alarms else 0):
            result.mismatches.append(("status", f"{case.name}: {status} with {len(alarms)} alarms"))
        judged, text, _ = execute([self.judge, self.tables[case.program], case.name, path], timeout)
        if judged not in (0, 1):
            return Result(seconds, crash=f"ZooJudge: {text.strip()}", text=text)
        for line in text.splitlines():
            aspect, _, rest = line.partition(": ")
            result.mismatches.append((aspect, rest))
        return result
