#!/usr/bin/env python3
"""Looks at live programs again and again: a web server with planted leaks under load, and a program that changes a large
graph from several threads and leaks nothing.

    soak_live.py WEAKSPOT LIVESERVER MUTATOR [LOOKS_AT_THE_SERVER [LOOKS_AT_THE_MUTATOR]]

Of the server, every planted object must be listed at each look, at least 95 % of them as proven, and nothing else. Of the
mutator nothing may be reported with --confirm; how often something is without it is stated. Exit status 1 otherwise.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

SHAPES = ["delegate", "closure", "dictionary"]


def look(weakspot, pid, report, *options):
    """One inspection: the report, or None where the heap was never at rest."""
    for _ in range(5):
        ended = subprocess.run([weakspot, "leaks", str(pid), "--format", "json", "--output", report, *options],
                               capture_output=True, text=True)
        if ended.returncode in (0, 1):
            return json.loads(pathlib.Path(report).read_text())
        print(ended.stderr.strip().splitlines()[-1])
    return None


def alarms(report):
    return [leak for leak in report["leaks"] if leak["verdict"] != "suspect" and not leak["ignored"]]


def watch_server(weakspot, program, folder, looks):
    """Looks at the server under load; returns the number of looks that were wrong."""
    server = subprocess.Popen([program, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    load = None
    wrong, proven, found = 0, 0, 0
    try:
        port = server.stdout.readline().split()[1]

        def get(path):
            return subprocess.run([program, "get", port, path], check=True, capture_output=True, text=True).stdout

        for _ in range(10):
            for shape in SHAPES:
                get(f"/plant/{shape}")
        load = subprocess.Popen([program, "load", port, "8", "3600"], stdout=subprocess.DEVNULL)
        time.sleep(1)
        for number in range(looks):
            planted = {kind: count for kind, count in json.loads(get("/planted")).items() if count}
            report = look(weakspot, server.pid, folder / "server.json", "--confirm", "1")
            if report is None:
                wrong += 1
                continue
            counts, faults = {}, []
            for leak in alarms(report):
                members = {member["type"]: member["count"] for member in leak["members"]}
                ours = {kind: count for kind, count in members.items() if kind in planted}
                if not ours:
                    faults.append(f"not planted: {leak['signature']}")
                for kind, count in ours.items():
                    counts[kind] = counts.get(kind, 0) + count
                    found += count
                    proven += count if leak["verdict"] == "proven" else 0
            faults += [f"{counts.get(kind, 0)} of {count} {kind}" for kind, count in planted.items()
                       if counts.get(kind, 0) != count]
            if faults:
                wrong += 1
                print(f"look {number + 1} at the server: {'; '.join(faults)}")
    finally:
        if load:
            load.kill()
            load.wait()
        server.stdin.close()
        server.wait(timeout=60)
    share = proven / found if found else 0
    print(f"server: {looks - wrong} of {looks} looks right, {share:.1%} of the planted objects proven")
    return wrong + (share < 0.95)


def watch_mutator(weakspot, program, folder, looks):
    """Looks at the mutator with and without --confirm; returns the number of false alarms with it."""
    mutator = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    single, confirmed, restless = 0, 0, 0
    try:
        assert mutator.stdout.readline() == "ready\n"
        for _ in range(looks):
            report = look(weakspot, mutator.pid, folder / "mutator.json")
            if report is None:
                restless += 1
            elif alarms(report):
                single += 1
            report = look(weakspot, mutator.pid, folder / "mutator.json", "--confirm", "1")
            if report is None:
                restless += 1
            elif alarms(report):
                confirmed += 1
                print(f"confirmed: {[leak['signature'] for leak in alarms(report)]}")
    finally:
        mutator.stdin.close()
        mutator.wait(timeout=60)
    print(f"mutator: of {looks} looks, {single} with a false alarm, {confirmed} of as many with --confirm; "
          f"{restless} met no heap at rest")
    return confirmed + restless


def main():
    weakspot, server, mutator = sys.argv[1:4]
    looks = int(sys.argv[4]) if len(sys.argv) > 4 else 50
    at_mutator = int(sys.argv[5]) if len(sys.argv) > 5 else 300
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong = watch_server(weakspot, server, folder, looks)
        wrong += watch_mutator(weakspot, mutator, folder, at_mutator)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
