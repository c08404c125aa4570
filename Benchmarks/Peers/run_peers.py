#!/usr/bin/env python3
"""Measures the same ring and tree, strong and weak, in Swift, CPython, C++ and Rust.

    run_peers.py [--nodes LIST] [--runs N] [--seed N] [--output FILE] [--bench PATH]
                 [--timeout SECONDS] [--memory-limit BYTES] [--force]

Swift is measured by `weakspot-bench run`, first and in one go; then the samples of the others, each
a process of its own, in an order shuffled by the seed. All rows go to one report in the columns of
MEASUREMENT.md, section 3, with one run_id and env_id, for `weakspot-bench show`. Every process runs
without glibc's thread cache (`--exact`), so that bytes are exact. A runtime that is not there is
named on stderr and left out. Exit status: 0; 2 the work failed or a sample did; 64 usage; 130
interrupted (143 by SIGTERM), what was measured is kept.
"""

import argparse
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from peer_report import BACK_LINKS, TOPOLOGIES, Failure, Report, SwiftRun, identity

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".build" / "peers"

PHASES = ("before", "built", "released", "trimmed")
OUT_OF_MEMORY_STATUS = 12
# Cell::set on a thread-local is the newest thing that ring_tree.rs uses.
LEAST_RUST = (1, 73)

# What `show` says below the table, from the meta file; Documentation/Peers.md has the figures.
NOT_LIKE_FOR_LIKE = {
    "swift": "counts references atomically; an object that is referred to weakly has a side table",
    "cpython": "is interpreted, and its nodes do not count themselves; the value is an int object "
               "of its own; its cycle collector is off, or it would free what leaks",
    "cpp": "shared_ptr counts atomically only once a second thread was started, and here none is; "
           "a weak_ptr takes no block of its own and keeps its target's block until it goes",
    "rust": "Rc never counts atomically; a Weak takes no block of its own and keeps its target's "
            "block until it goes",
}


def warn(text):
    print(f"run_peers.py: warning: {text}", file=sys.stderr)


class Interruption:
    """Ctrl-C and SIGTERM: the process under way is ended, and the run stops after it.

    Nothing is raised, so that no row is written half and none is counted twice.
    """

    def __init__(self):
        self.signal = None
        self._process = None
        self._with = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._came)

    def _came(self, number, _frame):
        self.signal = self.signal or number
        self._pass_on()

    def _pass_on(self):
        if self._process is not None:
            self._process.send_signal(self._with)

    def watch(self, process, number):
        """Names the process to end, and the signal that ends it."""
        self._with = number
        self._process = process
        if self.signal:
            self._pass_on()

    def forget(self):
        self._process = None


# MARK: Runtimes


def first_line(command):
    """What a tool says of its version; None where it cannot be run."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.stdout.splitlines()[0] if said.stdout else None


def compile_peer(command, source, name):
    """Builds one peer; returns its path."""
    program = BUILD / name
    built = subprocess.run([*command, "-o", str(program), str(HERE / source)], check=False)
    if built.returncode != 0:
        raise Failure(f"{source} could not be compiled; {command[0]} says why")
    return str(program)


def find_runtimes():
    """The peers that are there, name → (command, facts for the meta file); what is missing."""
    found = {}
    missing = []
    python = [sys.executable, "-S", str(HERE / "ring_tree.py")]
    found["cpython"] = (python, {"version": f"CPython {sys.version.split()[0]}",
                                 "build": "PYTHONMALLOC=malloc python3 -S"})
    BUILD.mkdir(parents=True, exist_ok=True)

    cpp = ["g++", "-std=c++17", "-O2", "-Wall", "-Wextra"]
    version = first_line(["g++", "--version"])
    if version is None:
        missing.append("cpp is left out: g++ is not there")
    else:
        program = compile_peer(cpp, "ring_tree.cpp", "ring_tree_cpp")
        found["cpp"] = ([program], {"version": version, "build": " ".join(cpp)})

    rust = ["rustc", "--edition", "2021", "-O"]
    version = first_line(["rustc", "--version"])
    number = re.match(r"rustc (\d+)\.(\d+)", version or "")
    if number is None:
        missing.append("rust is left out: rustc is not there")
    elif tuple(map(int, number.groups())) < LEAST_RUST:
        least = ".".join(map(str, LEAST_RUST))
        missing.append(f"rust is left out: {version} is older than {least}")
    else:
        program = compile_peer(rust, "ring_tree.rs", "ring_tree_rust")
        found["rust"] = ([program], {"version": version, "build": " ".join(rust)})
    return found, missing


# MARK: Samples


def sample_environment():
    """This process's environment with the thread cache off and Python's own settings replaced."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("PYTHON")}
    environment["PYTHONMALLOC"] = "malloc"
    environment["PYTHONHASHSEED"] = "0"
    cache = "glibc.malloc.tcache_count"
    others = [tunable for tunable in environment.get("GLIBC_TUNABLES", "").split(":")
              if tunable and not tunable.startswith(cache + "=")]
    environment["GLIBC_TUNABLES"] = ":".join([*others, cache + "=0"])
    return environment


def read_checkpoints(output):
    """The lines `phase=… column=value …` of a sample's process, one dictionary each.

    None where something else was written.
    """
    checkpoints = []
    for line, phase in zip(output.splitlines(keepends=True), (*PHASES, None)):
        # A process that was killed may leave half a line.
        if not line.endswith("\n"):
            break
        columns = dict(field.partition("=")[::2] for field in line.split())
        if columns.pop("phase", None) != phase:
            return None
        if not all(value.isdecimal() for value in columns.values()):
            return None
        checkpoints.append(columns)
    return checkpoints


def measure_sample(command, environment, timeout, memory_limit, interruption):
    """Runs one sample: (status, its checkpoints, what it said or how it ended)."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))

    # A session of its own: Ctrl-C goes to this process alone, which then ends the sample.
    with subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True,
            preexec_fn=limit) as process:
        interruption.watch(process, signal.SIGKILL)
        is_late = False
        try:
            output, complaint = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            is_late = True
            process.kill()
            output, complaint = process.communicate()
        finally:
            interruption.forget()
    code = process.returncode
    checkpoints = read_checkpoints(output)
    said = complaint.strip().splitlines()[-1:] or [f"ended with status {code}"]
    if is_late:
        return "timeout", checkpoints or [], f"took longer than {timeout} s"
    if checkpoints is None:
        return "crashed", [], "wrote what is no checkpoint"
    if code == 0 and len(checkpoints) == len(PHASES):
        return "ok", checkpoints, None
    # Nobody but the kernel, out of memory, kills a sample; the text is that of Rust's abort.
    is_out_of_memory = (code in (OUT_OF_MEMORY_STATUS, -signal.SIGKILL)
                        or "memory allocation of" in complaint)
    return "oom" if is_out_of_memory else "crashed", checkpoints, said[0]


def available_memory():
    """MemAvailable of /proc/meminfo (proc_meminfo(5)), in bytes."""
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise Failure("/proc/meminfo has no MemAvailable")


def measure_peers(runtimes, options, swift, report, interruption):
    """Measures the samples of every peer; returns how many failed."""
    samples = [
        (runtime, topology, back_link, nodes, repetition)
        for runtime in runtimes for topology in TOPOLOGIES for back_link in BACK_LINKS
        for nodes in options.nodes for repetition in range(options.runs)
    ]
    random.Random(options.seed).shuffle(samples)
    environment = sample_environment()
    memory_limit = options.memory_limit or available_memory()
    failures = 0
    for index, (runtime, topology, back_link, nodes, repetition) in enumerate(samples):
        if interruption.signal:
            break
        if sys.stderr.isatty():
            print(f"\r\033[K{index}/{len(samples)} {runtime}/{topology}/{back_link}/n={nodes}",
                  end="", file=sys.stderr, flush=True)
        command = [*runtimes[runtime][0], topology, back_link, str(nodes)]
        status, checkpoints, failure = measure_sample(
            command, environment, options.timeout, memory_limit, interruption)
        # A sample that the interruption killed is no result.
        if interruption.signal:
            break
        row = identity(swift.meta["runID"], swift.rows[0]["env_id"], options.seed, runtime,
                       topology, back_link, nodes)
        row |= {"repetition": repetition, "order_index": swift.sample_count + index,
                "status": status}
        if status == "ok":
            report.append([{**row, "phase": phase, **readings}
                           for phase, readings in zip(PHASES, checkpoints)])
        else:
            failures += 1
            warn(f"{row['case_id']}, repetition {repetition}: {status}: {failure}")
            # The phase that it did not reach.
            phase = PHASES[min(len(checkpoints), len(PHASES) - 1)]
            report.append([{**row, "phase": phase}])
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return failures


# MARK: The command


def count(text):
    """250, 10k, 1M, 2G."""
    match = re.fullmatch(r"(\d+)([kKMG]?)", text, re.ASCII)
    value = int(match[1]) * {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}[match[2]] \
        if match else 0
    # What the CSV's integers hold.
    if not 0 < value < 2**63:
        raise argparse.ArgumentTypeError(f"“{text}” is no count; write 250, 10k or 1M")
    return value


def byte_count(text):
    """250, 512k, 1M, 2G in binary units."""
    value = count(text)
    power = {"k": 1, "K": 1, "M": 2, "G": 3}.get(text[-1], 0)
    return value // 1000**power * 1024**power


def count_list(text):
    return list(dict.fromkeys(count(element) for element in text.split(",")))


class Parser(argparse.ArgumentParser):
    """Ends with the exit status of the contract where the arguments are wrong."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


def parse(arguments):
    parser = Parser(prog="run_peers.py", description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--nodes", type=count_list, default=[10**3, 10**4, 10**5, 10**6],
                        metavar="LIST", help="numbers of nodes; default: 1k,10k,100k,1M")
    parser.add_argument("--runs", type=count, default=6, metavar="N",
                        help="samples of each case; default: 6")
    parser.add_argument("--seed", type=int, default=1, metavar="N",
                        help="orders the samples; default: 1")
    parser.add_argument("--output", metavar="FILE",
                        help="the report; default: reports/peers-<UTC time>.csv")
    parser.add_argument("--bench", metavar="PATH",
                        default=str(ROOT / ".build" / "release" / "weakspot-bench"),
                        help="weakspot-bench; default: the package's release build")
    parser.add_argument("--timeout", type=count, default=300, metavar="SECONDS",
                        help="end a sample that takes longer; default: 300")
    parser.add_argument("--memory-limit", type=byte_count, metavar="BYTES",
                        help="end a sample that takes more; default: what is available")
    parser.add_argument("--force", action="store_true", help="overwrite an existing report")
    options = parser.parse_args(arguments)
    if not 0 <= options.seed < 2**63:
        parser.error(f"--seed {options.seed}: give a whole number from 0 to {2**63 - 1}")
    options.output = options.output or time.strftime("reports/peers-%Y%m%dT%H%M%SZ.csv",
                                                     time.gmtime())
    if shutil.which(options.bench) is None:
        raise Failure(f"{options.bench} is not there; build it with: "
                      "swift build -c release --product weakspot-bench")
    return options


def run(arguments):
    options = parse(arguments)
    report = Report(options.output, options.force)
    interruption = Interruption()
    runtimes, warnings = find_runtimes()
    for text in warnings:
        warn(text)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        swift = SwiftRun(options, pathlib.Path(folder), interruption)
    facts = {runtime: facts for runtime, (_, facts) in runtimes.items()}
    facts["swift"] = {"version": f"Swift {swift.meta['environment']['swiftVersion']}",
                      "build": swift.meta["environment"]["optimization"]}
    meta = {**swift.meta, "options": ["run_peers.py", *arguments], "suite": "peers",
            "warnings": warnings,
            "runtimes": {runtime: {**facts[runtime], "notLikeForLike": text}
                         for runtime, text in NOT_LIKE_FOR_LIKE.items() if runtime in facts}}
    end_time = meta.pop("endTime", None)
    meta.pop("rows", None)
    report.begin(swift.columns, meta)
    report.append([{**row, "suite": "peers"} for row in swift.rows])
    failures = swift.failures
    if not interruption.signal:
        failures += measure_peers(runtimes, options, swift, report, interruption)
        end_time = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if failures:
        meta["warnings"].append(f"{failures} samples failed; their rows say how")
    is_interrupted = interruption.signal is not None
    report.finish({**meta, "endTime": end_time, "complete": not is_interrupted,
                   "interrupted": is_interrupted}, swift.schema)
    shown = subprocess.run([options.bench, "show", options.output], check=False)
    print(f"\nReport: {options.output}")
    if is_interrupted:
        return 128 + interruption.signal
    return 2 if failures or shown.returncode != 0 else 0


def main(arguments):
    try:
        return run(arguments)
    except Failure as failure:
        print(f"run_peers.py: {failure}", file=sys.stderr)
        return failure.status
    except OSError as error:
        print(f"run_peers.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
