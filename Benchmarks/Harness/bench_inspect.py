"""The figures of Documentation/Inspecting.md: how long an inspection takes, and how much memory.

Usage: bench_inspect.py WEAKSPOT TARGET ADDRESS_SANITIZED_TARGET

The targets are Benchmarks/Inspect/target.swift, built with -O. Prints Markdown; ends with status 1 if a figure that must
be reached is not.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from figures import Table, print_machine


def timed(arguments, environment=None, accepted=(0,)):
    """Runs a command; returns its wall time in seconds and its peak resident memory in bytes."""
    start = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **(environment or {})})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return seconds, usage.ru_maxrss * 1024


class Holding:
    """A target that holds its objects until it is told to end."""

    def __init__(self, target, kind, count):
        self.process = subprocess.Popen([target, kind, str(count), "--wait"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        assert self.process.stdout.readline() == b"ready\n"
        return self.process.pid

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def census(table, weakspot, target, folder, count, limit, runs):
    with Holding(target, "objects", count) as pid:
        report = folder / "heap.json"
        seconds, peaks = [], []
        for _ in range(runs):
            elapsed, peak = timed([weakspot, "heap", str(pid), "--format", "json", "--output", report])
            seconds.append(elapsed)
            peaks.append(peak)
        heap = json.loads(report.read_text())
    name = f"{count // 1_000_000} M objects"
    table.row(f"heap, {name}, in all", f"{limit:g} s",
              f"{statistics.median(seconds):.2f} s (median of {runs}; {min(seconds):.2f} to {max(seconds):.2f})",
              statistics.median(seconds) <= limit)
    most = heap["target"]["copiedBytes"] + 64 * heap["total"]["count"]
    table.row(f"heap, {name}, peak resident memory", "copied bytes + 64 B a block",
              f"{max(peaks) / 1e6:.0f} MB of {most / 1e6:.0f} MB", max(peaks) <= most)


def leaks(table, weakspot, target, sanitized, runs):
    """What looking for leaks adds to a program that leaks one ring, in turn with LeakSanitizer."""
    def added(count, with_sanitizer):
        ring = ["ring", str(count)]
        inspector, sanitizer = [], []
        for _ in range(runs):
            plain, _ = timed([target, *ring])
            looked, _ = timed([weakspot, "leaks", "--", target, *ring], accepted=(1,))
            inspector.append(looked - plain)
            if with_sanitizer:
                off, _ = timed([sanitized, *ring], {"ASAN_OPTIONS": "detect_leaks=0"})
                on, _ = timed([sanitized, *ring], {"ASAN_OPTIONS": "detect_leaks=1"}, accepted=(0, 1, 23))
                sanitizer.append(on - off)
        return statistics.median(inspector), statistics.median(sanitizer) if sanitizer else None

    million, sanitizer = added(1_000_000, True)
    table.row("leaks, a ring of 1 M leaked nodes, added to the program", f"LeakSanitizer's {sanitizer:.2f} s",
              f"{million:.2f} s (medians of {runs}, in turn)", million <= sanitizer)
    ten_million, _ = added(10_000_000, False)
    table.row("leaks, a ring of 10 M leaked nodes", "11 times that of 1 M",
              f"{ten_million:.2f} s, {ten_million / million:.1f} times", ten_million <= 11 * million)


def main():
    weakspot, target, sanitized = sys.argv[1:4]
    print_machine()
    table = Table()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        census(table, weakspot, target, folder, 1_000_000, 0.5, 5)
        census(table, weakspot, target, folder, 10_000_000, 5, 3)
    leaks(table, weakspot, target, sanitized, 5)
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
