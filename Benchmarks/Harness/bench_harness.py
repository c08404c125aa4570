"""The figures of Documentation/Measuring.md: what the harness costs, and whether its bytes are exact.

Usage: bench_harness.py WEAKSPOT_BENCH

Prints Markdown; ends with status 1 if a figure that must be reached is not.
"""

import csv
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from figures import Table, print_machine


def run(bench, output, *options):
    """Runs the benchmark and returns its samples: {(case, repetition): {phase: row}}."""
    subprocess.run([bench, "run", "--force", "--output", output, *options],
                   check=True, stdout=subprocess.DEVNULL)
    samples = {}
    with open(output, newline="") as file:
        for row in csv.DictReader(file):
            samples.setdefault((row["case_id"], row["repetition"]), {})[row["phase"]] = row
    return samples


def difference(sample, column, later, earlier):
    return int(sample[later][column]) - int(sample[earlier][column])


def by_case(samples, value):
    cases = {}
    for (case, _), sample in samples.items():
        cases.setdefault(case, []).append(value(sample))
    return cases


def exact_bytes(table, bench, folder):
    for options in ([], ["--exact"]):
        samples = run(bench, folder / "ring.csv", "--topology", "ring", "--back-link", "strong,weak",
                      "--nodes", "1M", "--runs", "5", *options)
        leaked = by_case(samples, lambda s: difference(s, "heap_in_use_bytes", "released", "before"))
        built = by_case(samples, lambda s: difference(s, "heap_in_use_bytes", "built", "before"))
        name = " ".join(["ring of 1 M", *options])
        strong, weak = (f"swift/ring/{link}/n=1000000/p=0" for link in ("strong", "weak"))
        table.row(f"{name}: strong leaks", "48 B a node, the same in 5 runs",
                  ", ".join(f"{value:,} B" for value in sorted(set(leaked[strong]))),
                  set(leaked[strong]) == {48_000_000})
        table.row(f"{name}: weak leaks", "0 B", ", ".join(f"{v:,} B" for v in sorted(set(leaked[weak]))),
                  set(leaked[weak]) == {0})
        table.row(f"{name}: weak holds while alive", "96 B a node",
                  ", ".join(f"{value:,} B" for value in sorted(set(built[weak]))),
                  set(built[weak]) == {96_000_000})


def largest(table, bench, folder):
    start = time.monotonic()
    samples = run(bench, folder / "large.csv", "--topology", "ring,list,tree,random",
                  "--back-link", "strong,weak,unowned", "--nodes", "10M", "--runs", "1")
    seconds = time.monotonic() - start
    ended = sum(all(row["status"] == "ok" for row in sample.values()) for sample in samples.values())
    table.row("10 M nodes: ring, list, tree, random × strong, weak, unowned", "run to the end",
              f"{ended} of 12 in {seconds:.0f} s", ended == 12)


def cost(table, bench, folder):
    """Whole samples, process included, less what starting the benchmark itself takes."""
    def seconds(runs):
        start = time.monotonic()
        run(bench, folder / "small.csv", "--topology", "ring", "--back-link", "weak", "--nodes", "1k",
            "--runs", str(runs))
        return time.monotonic() - start

    seconds(20)
    costs = [(seconds(220) - seconds(20)) / 200 * 1000 for _ in range(5)]
    table.row("a sample of 1,000 nodes, in all", "under 15 ms",
              f"{statistics.median(costs):.1f} ms (median of 5 × 200; {min(costs):.1f} to {max(costs):.1f})",
              statistics.median(costs) < 15)


def quick_suite(table, bench, folder):
    start = time.monotonic()
    process = subprocess.Popen([bench, "run", "--force", "--output", folder / "quick.csv"],
                               stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                peak = max(peak, *(int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
        except (OSError, ValueError, TypeError):
            pass  # It ended between the two lines.
        time.sleep(0.05)
    seconds = time.monotonic() - start
    table.row("quick suite", "under 60 s on 2 cores", f"{seconds:.0f} s",
              process.returncode == 0 and seconds < 60)
    table.row("the parent's peak resident memory in it", "under 60 MB", f"{peak * 1024 / 1e6:.1f} MB",
              0 < peak * 1024 < 60e6)


def main():
    bench = sys.argv[1]
    print_machine()
    table = Table()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        exact_bytes(table, bench, folder)
        cost(table, bench, folder)
        quick_suite(table, bench, folder)
        largest(table, bench, folder)
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
