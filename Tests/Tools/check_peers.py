#!/usr/bin/env python3
"""Runs Benchmarks/Peers at 1,000 nodes and checks that its report says what is known beforehand.

    check_peers.py [PATH of weakspot-bench]

One line per check; exit status 1 if one fails, 2 if something is missing.
"""

import csv
import importlib.util
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# Loading the script leaves nothing beside it.
sys.dont_write_bytecode = True

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "Benchmarks" / "Peers" / "run_peers.py"
PHASES = ["before", "built", "released", "trimmed"]
NODES = 1000
RUNS = 2
# Bytes of a built graph's node on x86-64 with glibc, by topology and back link; CPython's share
# int objects up to 256, and a few nodes lie in chunks that are 16 bytes larger than needed.
NODE_BYTES = {
    "swift": {"ring": (48, 96), "tree2": (64, 88)},
    "cpp": {"ring": (64, 64), "tree2": (80, 80)},
    "rust": {"ring": (64, 64), "tree2": (80, 80)},
    "cpython": {"ring": (115.6, 211.6), "tree2": (115.6, 163.6)},
}


def load_script():
    spec = importlib.util.spec_from_file_location("run_peers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(pathlib.Path(spec.origin).parent))
    spec.loader.exec_module(module)
    return module


def run_peers(*arguments, environment=None):
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True,
                          text=True, env=environment, timeout=300, check=False)


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames, list(reader)


def samples_of(rows):
    """The rows of each sample, by phase."""
    samples = {}
    for row in rows:
        samples.setdefault((row["case_id"], row["repetition"]), {})[row["phase"]] = row
    return samples


def same(what, found, expected):
    return what, None if found == expected else f"{found}, expected {expected}"


def swift_columns(bench, folder):
    report = folder / "swift.csv"
    subprocess.run([bench, "run", "--topology", "ring", "--back-link", "weak", "--nodes", "10",
                    "--runs", "1", "--output", str(report)], capture_output=True, check=True)
    return read(report)[0]


def check_whole(bench, folder):
    """A whole run with every runtime that is there."""
    path = folder / "peers.csv"
    done = run_peers("--nodes", "1k", "--runs", str(RUNS), "--bench", bench, "--output", str(path))
    yield "a run succeeds", None if done.returncode == 0 else done.stderr
    if done.returncode != 0:
        return
    header, rows = read(path)
    yield same("the columns are Swift's", header, swift_columns(bench, folder))

    expected = {"swift", "cpython"}
    for runtime, compiler in (("cpp", "g++"), ("rust", "rustc")):
        if f"{runtime} is left out" in done.stderr:
            yield f"{runtime} is not measured", None
        elif shutil.which(compiler):
            expected.add(runtime)
    measured = {row["runtime"] for row in rows}
    yield same("every runtime that is there is measured", measured, expected)
    yield same("one run and one environment",
               [len({row[name] for row in rows}) for name in ("run_id", "env_id")], [1, 1])
    samples = samples_of(rows)
    yield same("every sample has a row for each phase",
               {tuple(sample) for sample in samples.values()}, {tuple(PHASES)})
    yield same("every case has all its samples", len(samples), len(expected) * 4 * RUNS)
    order = [int(next(iter(sample.values()))["order_index"]) for sample in samples.values()]
    yield same("the samples are numbered in the order of the file", order, list(range(len(order))))
    yield from check_graphs(samples)

    meta = json.loads((folder / "peers.meta.json").read_text(encoding="utf-8"))
    yield same("the meta file is the run's and tells of each runtime",
               (meta["rows"], meta["complete"], meta["interrupted"], set(meta["runtimes"])),
               (len(rows), True, False, expected))
    schema = json.loads((folder / "peers.schema.json").read_text(encoding="utf-8"))
    yield same("the schema has the columns", [field["name"] for field in schema["fields"]], header)
    shown = subprocess.run([bench, "show", str(path)], capture_output=True, text=True, check=False)
    yield same("show reads the report", (shown.returncode, shown.stderr), (0, ""))
    missing = [runtime for runtime in expected
               if f"Not like for like, {runtime}:" not in shown.stdout]
    yield same("show says what is not like for like", missing, [])

    before = path.read_bytes()
    again = run_peers("--nodes", "1k", "--bench", bench, "--output", str(path))
    yield same("an existing report is kept", (again.returncode, path.read_bytes() == before),
               (2, True))


def check_graphs(samples):
    """Strong graphs leak whole, weak ones not at all; a node is as large as is known."""
    for runtime, topology, back_link in itertools.product(
            NODE_BYTES, ("ring", "tree2"), ("strong", "weak")):
        wrong = []
        chosen = [sample for (case, _), sample in samples.items()
                  if case.startswith(f"{runtime}/{topology}/{back_link}/")]
        for sample in chosen:
            heap, live, deinited = ([int(sample[phase][name]) for phase in PHASES] for name in (
                "heap_in_use_bytes", "live_objects_count", "deinit_count"))
            built = heap[1] - heap[0]
            kept = (NODES, built) if back_link == "strong" else (0, 0)
            if live != [0, NODES, kept[0], kept[0]]:
                wrong.append(f"live objects {live}")
            if deinited != [0, 0, NODES - kept[0], NODES - kept[0]]:
                wrong.append(f"deinits {deinited}")
            if [heap[2] - heap[0], heap[3] - heap[0]] != [kept[1], kept[1]]:
                wrong.append(f"heap {heap}")
            per_node = NODE_BYTES[runtime][topology][back_link == "weak"]
            if not 0 <= built / NODES - per_node < 0.2:
                wrong.append(f"{built / NODES} bytes a node, expected {per_node}")
        if chosen:
            leaks = "leaks every node" if back_link == "strong" else "leaks nothing"
            yield f"{runtime}: {topology} with {back_link} back links {leaks}", \
                "; ".join(wrong) or None


def check_failures(script, interruption):
    """How a sample's end becomes its status."""
    line = "phase=before rss_bytes=1"
    four = "; ".join(f"echo phase={phase}" for phase in PHASES)
    for what, command, timeout, expected in [
            ("four checkpoints are ok", four, 9, ("ok", 4)),
            ("a signal is a crash", f"echo {line}; kill -SEGV $$", 9, ("crashed", 1)),
            ("status 1 is a crash, whatever was printed", f"{four}; exit 1", 9, ("crashed", 4)),
            ("too few checkpoints are a crash", f"echo {line}", 9, ("crashed", 1)),
            ("a checkpoint out of turn is a crash", "echo phase=built", 9, ("crashed", 0)),
            ("other text is a crash", "echo Hello", 9, ("crashed", 0)),
            ("half a line is no checkpoint", f"printf %s '{line}'", 9, ("crashed", 0)),
            ("a killed process was out of memory", "kill -KILL $$", 9, ("oom", 0)),
            ("Rust's abort was out of memory",
             "echo memory allocation of 48 bytes failed >&2; kill -ABRT $$", 9, ("oom", 0)),
            ("one that takes too long is a timeout", f"echo {line}; exec sleep 60", 1,
             ("timeout", 1))]:
        status, checkpoints, _ = script.measure_sample(
            ["sh", "-c", command], dict(os.environ), timeout, 1 << 30, interruption)
        yield same(what, (status, len(checkpoints)), expected)


def check_memory_limit(bench, folder, script, interruption):
    """Peers that may not have the memory that their graph takes."""
    path = folder / "limited.csv"
    done = run_peers("--nodes", "1M", "--runs", "1", "--memory-limit", "60M", "--bench", bench,
                     "--output", str(path))
    # Swift refuses a graph that is too large for the limit before anything is measured.
    yield same("a graph that cannot fit is refused", (done.returncode, path.exists()), (2, False))
    for runtime, (command, _) in script.find_runtimes()[0].items():
        outcome = script.measure_sample([*command, "tree2", "weak", "1000000"],
                                        script.sample_environment(), 60, 30 << 20,
                                        interruption)
        yield same(f"{runtime}: a sample without memory is told as one",
                   (outcome[0], len(outcome[1])), ("oom", 1))


def check_missing(bench, folder):
    """Without compilers Swift and CPython are measured."""
    path = folder / "missing.csv"
    empty = folder / "empty"
    empty.mkdir()
    done = run_peers("--nodes", "1k", "--runs", "1", "--bench", bench, "--output", str(path),
                     environment={**os.environ, "PATH": str(empty)})
    runtimes = {row["runtime"] for row in read(path)[1]} if path.exists() else done.stderr
    yield same("a missing compiler is no failure", (done.returncode, runtimes),
               (0, {"swift", "cpython"}))
    yield same("what is left out is named",
               ["cpp is left out" in done.stderr, "rust is left out" in done.stderr], [True, True])
    done = run_peers("--bench", str(empty / "weakspot-bench"), "--output", str(folder / "no.csv"))
    yield same("without weakspot-bench nothing is measured",
               (done.returncode, "swift build" in done.stderr), (2, True))


def check_interruption(bench, folder):
    """Ctrl-C in the middle."""
    path = folder / "interrupted.csv"
    partial = pathlib.Path(f"{path}.partial")
    with subprocess.Popen(
            [sys.executable, str(SCRIPT), "--nodes", "1k", "--runs", "100", "--bench", bench,
             "--output", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if partial.exists() and b",cpython," in partial.read_bytes():
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    yield same("an interrupted run ends with its status", process.returncode, 130)
    rows = read(path)[1]
    meta = json.loads((folder / "interrupted.meta.json").read_text(encoding="utf-8"))
    yield same("what was measured is kept",
               (meta["rows"], meta["interrupted"], meta["complete"], partial.exists()),
               (len(rows), True, False, False))
    shown = subprocess.run([bench, "show", str(path)], capture_output=True, check=False)
    yield same("show reads what was kept", shown.returncode, 0)


def check_usage(bench):
    for arguments in (["--nodes", "many"], ["--nodes", "0"], ["--runs", "-1"], ["--seed", "-1"],
                      ["--nodes", "1k,"], ["--run", "1"], ["surplus"]):
        done = run_peers("--bench", bench, *arguments)
        yield same(f"usage: {' '.join(arguments)}", done.returncode, 64)


def checks(bench):
    """Yields (what was checked, what is wrong or None)."""
    script = load_script()
    interruption = script.Interruption()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        yield from check_whole(bench, folder)
        yield from check_missing(bench, folder)
        yield from check_interruption(bench, folder)
        yield from check_memory_limit(bench, folder, script, interruption)
    yield from check_failures(script, interruption)
    yield from check_usage(bench)


def main():
    if len(sys.argv) > 2:
        print("usage: check_peers.py [PATH of weakspot-bench]", file=sys.stderr)
        return 2
    default = ROOT / ".build" / "release" / "weakspot-bench"
    bench = str(pathlib.Path(sys.argv[1] if len(sys.argv) == 2 else default).resolve())
    if not os.access(bench, os.X_OK):
        print(f"check_peers.py: {bench} is not there; build it with: "
              "swift build -c release --product weakspot-bench", file=sys.stderr)
        return 2
    failed = False
    for what, problem in checks(bench):
        failed = failed or problem is not None
        print(f"{'ok' if problem is None else 'FAILED'}: {what}"
              + (f": {problem}" if problem else ""), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
