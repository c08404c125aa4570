"""What recording costs: three programs plain, recorded, sampled, and under heaptrack (--raw: it only records), in turn.

Usage: bench_record.py RECORDER HEAPTRACK RING SHORT-LIVED FORMATTER SWIFT-FILE [RUNS]

The first two programs print the seconds that their own work took; the formatter is timed as a whole. Each run goes through all
ways once, each time beginning with another; a cell is the median of the runs' ratios to the plain run beside it. The memory is that
of a ring that is held, and of the formatter in the middle of its work. Prints Markdown; ends with status 1 if a figure that must be
reached is not.
"""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent / "Harness"))
from figures import Table, print_machine  # noqa: E402
from recorder_memory import RecorderMemory  # noqa: E402


class Program:
    """A workload, and how its time is told."""

    def __init__(self, name: str, command: list[str], says_seconds: bool, most: tuple[float, float]) -> None:
        self.name = name
        self.command = command
        self.says_seconds = says_seconds
        self.most = most  # ratios that must be kept: recorded (negative: as a part of heaptrack's), sampled

    def run(self, prefix: list[str], variables: dict[str, str]) -> tuple[float, int, float]:
        """Seconds, the resident memory of the program at its peak in KiB, and its processor time."""
        environment = dict(os.environ, **variables)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            start = time.monotonic()
            process = subprocess.Popen(
                prefix + self.command, env=environment, stdout=out, stderr=error, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            text = out.read().decode()
            if process.returncode != 0:
                error.seek(0)
                sys.exit(f"{self.name} ended with {process.returncode}: {error.read().decode()[-500:]}")
        if self.says_seconds:
            # heaptrack talks on stdout as well.
            numbers = [line for line in text.splitlines() if line.replace(".", "", 1).replace("e-", "", 1).isdigit()]
            seconds = float(numbers[0])
        return seconds, usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def recorder_memory(command: list[str], recorder: str, work_seconds: float | None) -> RecorderMemory:
    """What the recorder takes in a program that has said its first line, or has worked for so long on a processor."""
    process = subprocess.Popen(command, env=dict(os.environ, LD_PRELOAD=recorder), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    try:
        if work_seconds is None:
            process.stdout.readline()
        else:
            ticks = os.sysconf("SC_CLK_TCK")
            while True:
                fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
                if fields[0] == "Z":
                    sys.exit(f"{command[0]} ended before its memory was measured")
                if (int(fields[11]) + int(fields[12])) / ticks >= work_seconds:
                    break
                time.sleep(0.002)
        process.send_signal(signal.SIGSTOP)
        return RecorderMemory(process.pid)
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    recorder, heaptrack, ring, short_lived, formatter, source = sys.argv[1:7]
    runs = int(sys.argv[7]) if len(sys.argv) > 7 else 5
    programs = [
        Program("ring of 3 M nodes, Swift", [ring, "3000000"], True, (2.5, 1.15)),
        Program("20 M short-lived blocks, 2 threads, 27 frames", [short_lived, "20000000"], True, (-0.5, 1.15)),
        Program(f"swift-format, {os.path.getsize(source) // 1000} kB of Swift", [formatter, "format", source], False,
                (1.6, 1.06)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "heaptrack")
        ways: list[tuple[str, list[str], dict[str, str]]] = [
            ("plain", [], {}),
            ("recorded", [], {"LD_PRELOAD": recorder}),
            ("sampled, 512 KiB", [], {"LD_PRELOAD": recorder, "WEAKSPOT_RECORD_SAMPLE": "524288"}),
            ("heaptrack", [heaptrack, "--raw", "-o", data], {}),
        ]
        print_machine()
        table = Table()
        for program in programs:
            seconds: dict[str, list[float]] = {name: [] for name, _, _ in ways}
            memory: dict[str, list[int]] = {name: [] for name, _, _ in ways}
            for run in range(runs):
                first = run % len(ways)
                for name, prefix, variables in ways[first:] + ways[:first]:
                    taken, resident, processor = program.run(prefix, variables)
                    if name == "plain":
                        work = processor
                    seconds[name].append(taken)
                    memory[name].append(resident)
            ratios = {
                name: statistics.median(a / b for a, b in zip(seconds[name], seconds["plain"])) for name, _, _ in ways}
            plain = statistics.median(seconds["plain"])
            table.row(f"{program.name}: plain", "", f"{plain:.2f} s", True)
            full, sampled = program.most
            most = full if full > 0 else -full * ratios["heaptrack"]
            table.row(f"{program.name}: recorded", f"≤ ×{most:.2f}", f"×{ratios['recorded']:.2f}", ratios["recorded"] <= most)
            table.row(
                f"{program.name}: sampled", f"≤ ×{sampled}", f"×{ratios['sampled, 512 KiB']:.2f}",
                ratios["sampled, 512 KiB"] <= sampled)
            table.row(f"{program.name}: heaptrack", "", f"×{ratios['heaptrack']:.2f}", True)
            more = statistics.median(memory["recorded"]) / statistics.median(memory["plain"])
            table.row(f"{program.name}: resident memory at its peak, recorded", "", f"×{more:.2f}", True)
            if program.name.startswith("ring"):
                taken_memory = recorder_memory(program.command + ["hold"], recorder, None)
            elif not program.says_seconds:
                taken_memory = recorder_memory(program.command, recorder, 0.6 * work)
            else:
                continue
            blocks = taken_memory.blocks
            table.row(f"{program.name}: bytes a live block over its shadow and its stack, {blocks:,} blocks", "≤ 16",
                      f"{taken_memory.rest / blocks:.1f}", taken_memory.rest <= 16 * blocks)
            table.row(f"{program.name}: bytes a live block of shadow, and of distinct stacks", "",
                      f"{taken_memory.shadow / blocks:.1f}, {taken_memory.stacks / blocks:.1f}", True)
        sys.exit(table.failed > 0)


if __name__ == "__main__":
    main()
