#!/usr/bin/env python3
"""Checks Tests/Zoo/scoreboard.py with a stand-in for weakspot that answers as the tables say.

    check_scoreboard.py [FOLDER of the built programs, default .build]

Needs ZooLeaking, ZooClean and ZooJudge in debug. One line per check; exit status 1 if one fails,
2 if something is missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "Tests" / "Zoo" / "scoreboard.py"
TABLES = ROOT / "Tests" / "Zoo"

# Answers as the tables say, but for what FAULT=KIND:CASE asks for.
STAND_IN = '''#!/usr/bin/env python3
import json, os, pathlib, re, subprocess, sys, time
assert sys.argv[1:5] == ["leaks", "--format", "json", "--output"] and sys.argv[6] == "--"
output, program, case = pathlib.Path(sys.argv[5]), sys.argv[7], sys.argv[8]
fault, _, place = os.environ.get("FAULT", "").partition(":")
fault = fault if place == case else ""
subprocess.run([program, case], check=True)
if fault == "hang":
    time.sleep(600)
if fault == "crash":
    os.abort()
leaks = []
if pathlib.Path(program).name == "ZooLeaking":
    cases = json.loads(pathlib.Path(os.environ["TABLE"]).read_text())["cases"]
    wanted = next(one for one in cases if one["name"] == case)
    if "outOfReach" not in wanted and fault != "miss":
        plain = lambda text: re.sub(r"\\((\\w+),\\w+\\)", r"\\1", text or "x").rstrip("*")
        edge = wanted["weaken"][0] if wanted["weaken"] else None
        leaks = [{
            "verdict": "proven" if wanted["verdict"] == "either" else wanted["verdict"],
            "kind": wanted["kinds"][0], "signature": "s", "ignored": False,
            "instances": wanted.get("instances", 1), "objects": sum(wanted["leaked"].values()),
            "blocks": 10000, "bytes": 1, "retainedBytes": 1, "types": list(wanted["leaked"]),
            "cycle": [{"from": one["from"], "field": plain(one["field"]), "ownership": "strong",
                       "to": one["to"]} for one in (wanted["cycles"] or [[]])[0]],
            "weaken": [{"type": "ZooLeaking.Screen" if fault == "edge" else edge["type"] or "a box",
                        "field": plain(edge["field"]), "freesObjects": 1, "freesBytes": 1,
                        "reason": "it is the first of the table"}] if edge else [],
            "pointedAtBy": [], "allocatedAt": []}]
if fault == "alarm":
    leaks = [{"verdict": "unreachable", "kind": "lost", "signature": "s", "ignored": False,
              "instances": 1, "objects": 1, "blocks": 1, "bytes": 1, "retainedBytes": 1, "types": [],
              "cycle": [], "weaken": [], "pointedAtBy": [], "allocatedAt": []}]
report = {"schemaVersion": 1, "target": {}, "leaks": leaks, "warnings": [],
          "summary": {"leakedObjects": 1, "leakedBytes": 1, "groups": len(leaks)}}
output.write_text("not JSON" if fault == "garbage" else json.dumps(report))
sys.exit(0 if fault == "status" else 1 if leaks else 0)
'''


class Checks:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.stand_in = folder / "weakspot"
        self.stand_in.write_text(STAND_IN, encoding="utf-8")
        self.stand_in.chmod(0o755)
        self.document = folder / "Scoreboard.md"
        self.document.write_text("before\n<!-- scoreboard:begin -->\nold\n<!-- scoreboard:end -->\nafter\n",
                                 encoding="utf-8")

    def run(self, *arguments, fault="", only=None, timeout="20"):
        command = [sys.executable, str(SCRIPT), "--build", str(self.build), "--weakspot", str(self.stand_in),
                   "--tools", "weakspot", "--configurations", "debug", "--output", str(self.document),
                   "--timeout", timeout, *(["--only", only] if only else []), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=600, check=False,
            env={**os.environ, "FAULT": fault, "TABLE": str(TABLES / "leaking.json")})

    def small_tables(self):
        """The first three programs of each set."""
        folder = self.folder / "tables"
        folder.mkdir()
        for name in ("leaking.json", "clean.json"):
            document = json.loads((TABLES / name).read_text(encoding="utf-8"))
            document["cases"] = document["cases"][:3]
            (folder / name).write_text(json.dumps(document), encoding="utf-8")
        return folder

    def all(self):
        """Yields (what was checked, what is wrong or None)."""
        done = self.run(only="delegate*")
        yield "right answers are right", self.expect(
            done, 0, "| weakspot | debug | 2 of 2 | 2 | 0 of 0 | 2 | 2 of 2 | 2 | 0 |")
        done = self.run(only="e*")
        yield "right answers are right, in many shapes", self.expect(done, 0, "| weakspot | debug |")
        for fault, case, text in [
                ("miss", "delegate-pair", "notFound"), ("edge", "delegate-pair", "weaken"),
                ("alarm", "global-cycle", "falseAlarm"), ("crash", "delegate-pair", "status -6"),
                ("garbage", "delegate-pair", "not the contract's JSON"),
                ("status", "delegate-pair", "status: delegate-pair: 0 with 1 alarms")]:
            done = self.run(fault=f"{fault}:{case}", only=case)
            yield f"a planted {fault} turns it red", self.expect(done, 1, text, "WRONG: weakspot, debug")
        done = self.run(fault="hang:global-cycle", only="global-cycle", timeout="3")
        yield "what hangs is ended, and is wrong", self.expect(done, 1, "status None")
        before = self.document.read_text(encoding="utf-8")
        yield "a part of the zoo writes no table", None if "old" in before else before

        tables = str(self.small_tables())
        done = self.run("--tables", tables)
        text = self.document.read_text(encoding="utf-8")
        kept = text.startswith("before\n") and text.endswith("after\n") and "old" not in text
        yield "the table is written between its markers", self.expect(done, 0, "3 of 3") or (None if kept else text)
        self.document.write_text("no markers\n", encoding="utf-8")
        yield "a document without markers is refused", self.expect(self.run("--tables", tables), 2, "has no lines")
        yield "the scoreboard tests itself", self.expect(
            self.run("--self-test"), 0, "ok: another edge to weaken turns it red")
        yield "wrong options are refused", self.expect(self.run("--tools", "gdb"), 64, "not of")
        missing = self.run("--build", str(self.folder))
        yield "programs that are not built are told", self.expect(missing, 2, "Scripts/scoreboard builds it")

    @staticmethod
    def expect(done, status, *texts):
        output = done.stdout + done.stderr
        if done.returncode != status:
            return f"status {done.returncode}, expected {status}: {output[-600:]}"
        absent = [text for text in texts if text not in output]
        return f"not said: {absent}: {output[-600:]}" if absent else None


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) == 2 else ROOT / ".build").resolve()
    if len(sys.argv) > 2 or not os.access(build / "debug" / "ZooJudge", os.X_OK):
        print("usage: check_scoreboard.py [FOLDER], with ZooLeaking, ZooClean and ZooJudge in FOLDER/debug",
              file=sys.stderr)
        return 2
    failed = False
    with tempfile.TemporaryDirectory(prefix="weakspot-scoreboard-") as name:
        for what, problem in Checks(build, pathlib.Path(name)).all():
            failed = failed or problem is not None
            print(f"{'ok' if problem is None else 'FAILED'}: {what}" + (f": {problem}" if problem else ""),
                  flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
