#!/usr/bin/env python3
"""Runs every program of the zoo under weakspot, LeakSanitizer and valgrind, and writes a table.

Called by Scripts/scoreboard, which builds what is needed. Exit status 0; 1 if weakspot is wrong
anywhere, or a program's own counts are not those of its table; 2 if something is missing.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time

# Loading the tools leaves nothing beside them.
sys.dont_write_bytecode = True

from zoo_tools import (  # noqa: E402
    CLEAN, LEAKING, Case, LeakSanitizer, Missing, Plain, Valgrind, Weakspot, execute)

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- scoreboard:begin -->", "<!-- scoreboard:end -->"
WORKERS = 2


def read_tables(folder):
    return {program: folder / name
            for program, name in ((LEAKING, "leaking.json"), (CLEAN, "clean.json"))}


def read_cases(tables, pattern):
    cases = []
    for program, path in tables.items():
        for expected in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if fnmatch.fnmatch(expected["name"], pattern):
                cases.append(Case(program, expected))
    if not cases:
        raise Missing(f"no case is called {pattern}")
    return cases


def measure(tool, cases, timeout, scratch):
    """{(program, name): Result}, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda case: tool.run(case, timeout, scratch), cases))
    return {(case.program, case.name): result for case, result in zip(cases, results)}


def mangled(type_name):
    """How the type's own name stands in mangled ones: `8Download` of `ZooLeaking.Download`."""
    last = re.sub(r"<.*>", "", type_name).split(".")[-1]
    return f"{len(last)}{last}"


def names_types(case, result):
    return all(name in result.text for name in case.expected["leaked"])


def shows_types(case, result):
    return all(mangled(name) in result.text for name in case.expected["leaked"])


def row(tool, configuration, cases, results, plain):
    """One line of the table: a dictionary of texts."""
    judged = tool.name == Weakspot.name
    known = [(case, results[case.program, case.name]) for case in cases if not case.out_of_reach]
    leaking = [(case, result) for case, result in known if case.leaks]
    clean = [(case, result) for case, result in known if not case.leaks]
    found = [(case, result) for case, result in leaking if result.leaks]

    def wrong(result, *aspects):
        return any(aspect in aspects for aspect, _ in result.mismatches)

    if judged:
        whole = [one for one in found if not wrong(one[1], "verdict", "kind", "objects", "types")]
        alarms = [one for one in clean if wrong(one[1], "falseAlarm")]
        named = [one for one in found if not wrong(one[1], "types", "falseAlarm")]
    else:
        whole = [(case, result) for case, result in found
                 if result.blocks >= max(sum(case.expected["leaked"].values()),
                                         case.expected.get("blocks", 0))]
        alarms = [one for one in clean if one[1].leaks]
        named = [one for one in found if one[0].expected["leaked"] and names_types(*one)]
    stacks = [one for one in found if one[0].expected["leaked"] and shows_types(*one)]
    cycles = [(case, result) for case, result in leaking if case.expected["cycles"]]
    shown = [one for one in cycles if judged and one[1].leaks and not wrong(one[1], "cycle")]
    edges = [one for one in shown if not wrong(one[1], "weaken")]
    crashed = [one for one in known if one[1].crash]
    ratios = [result.seconds / plain[case.program, case.name].seconds for case, result in known
              if not result.crash]
    return {
        "tool": tool.name, "build": configuration,
        "found": f"{len(found)} of {len(leaking)}", "whole": f"{len(whole)}",
        "false alarms": f"{len(alarms)} of {len(clean)}",
        "types": f"{len(named)}" + ("" if judged else f" ({len(stacks)})"),
        "cycle": f"{len(shown)} of {len(cycles)}", "edge": f"{len(edges)}",
        "crashed": f"{len(crashed)}",
        "slowdown": f"×{statistics.median(ratios):.1f}" if ratios else "–",
    }


def first_line(*command):
    return execute(list(command), 60)[1].strip().splitlines()[0]


def machine(tools):
    model = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    facts = [model[1] if model else platform.machine(), f"{os.cpu_count()} cores",
             f"Linux {platform.release()}", " ".join(platform.libc_ver()), first_line("swift", "--version")]
    if any(tool == Valgrind.name for tool in tools):
        facts.append(first_line("valgrind", "--version"))
    return ", ".join(facts)


def table(rows, cases, tools):
    columns = list(rows[0])
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    lines += ["| " + " | ".join(line[column] for column in columns) + " |" for line in rows]
    lines += ["", f"Measured by `make scoreboard` on {time.strftime('%Y-%m-%d', time.gmtime())}: {machine(tools)}.", ""]
    lines.append("Out of reach, and not counted:")
    lines.append("")
    for case in cases:
        if case.out_of_reach:
            lines.append(f"- `{case.program} {case.name}`: {case.out_of_reach}")
    lines += ["", "Edges out of reach in release builds, and counted as wrong:", ""]
    for case in cases:
        if case.hides_edge("release"):
            lines.append(f"- `{case.program} {case.name}`: {case.hides_edge('release')}")
    return "\n".join(lines)


def write(path, text):
    """Puts the text between the markers; the file stays whole whatever happens."""
    document = path.read_text(encoding="utf-8")
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Missing(f"{path} has no lines {BEGIN} and {END}")
    partial = path.with_name(path.name + ".partial")
    partial.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    partial.replace(path)


def make_tools(options, configuration, tables, scratch):
    plain = options.build / configuration
    tools = []
    executable = options.weakspot or options.build / "release" / "weakspot"
    if "weakspot" in options.tools:
        if not os.access(executable, os.X_OK):
            print(f"scoreboard: {executable} is not there: weakspot is left out", file=sys.stderr)
        else:
            tools.append(Weakspot(executable, plain, plain / "ZooJudge", tables))
    if "lsan" in options.tools:
        tools.append(LeakSanitizer(options.build / "address" / configuration))
    if "valgrind" in options.tools:
        if shutil.which("valgrind") is None or shutil.which("objcopy") is None:
            raise Missing("valgrind and objcopy are needed: apt-get install valgrind binutils")
        tools.append(Valgrind(plain, scratch))
    for tool in [Plain(plain), *tools]:
        for program in (LEAKING, CLEAN):
            if not os.access(tool.folder / program, os.X_OK):
                raise Missing(f"{tool.folder / program} is not there; Scripts/scoreboard builds it")
    return tools


def score(options, tables, scratch):
    """Runs everything: (rows, faults)."""
    cases = read_cases(tables, options.only)
    rows, faults, used = [], [], []
    for configuration in options.configurations:
        base = Plain(options.build / configuration)
        tools = make_tools(options, configuration, tables, scratch)
        plain = measure(base, cases, options.timeout, scratch)
        for (program, name), result in plain.items():
            faults += [f"{configuration}: {program} {text}" for _, text in result.mismatches]
            if result.crash:
                faults.append(f"{configuration}: {program} {name} ends with {result.crash}")
        for tool in tools:
            print(f"scoreboard: {tool.name}, {configuration}", file=sys.stderr)
            results = measure(tool, cases, options.timeout, scratch)
            rows.append(row(tool, configuration, cases, results, plain))
            used.append(tool.name)
            for case in cases:
                program, name = case.program, case.name
                result = results[program, name]
                label = f"{tool.name}, {configuration}: {program} "
                if tool.name == Weakspot.name:
                    faults += [f"{label}{aspect}: {text}" for aspect, text in result.mismatches
                               if aspect != "weaken" or not case.hides_edge(configuration)]
                    if result.crash:
                        faults.append(f"{label}{name}: {result.crash}")
                elif options.verbose:
                    note = result.crash or f"{'leaks' if result.leaks else 'no leak'}, {result.blocks} blocks"
                    print(f"{label}{name}: {note}", file=sys.stderr)
    return cases, rows, faults, used


def plant(tables, folder, program, change):
    """A copy of the tables with one case changed."""
    copies = {}
    for key, path in tables.items():
        document = json.loads(path.read_text(encoding="utf-8"))
        if key == program:
            change(document["cases"])
        copies[key] = folder / path.name
        copies[key].write_text(json.dumps(document), encoding="utf-8")
    return copies


def self_test(options, tables, scratch):
    """Every planted wrong answer must turn the scoreboard red, and nothing planted must not."""

    def one_more(cases):
        leaked = next(case for case in cases if case["name"] == "delegate-pair")["leaked"]
        leaked["ZooLeaking.Screen"] += 1

    def other_edge(cases):
        next(case for case in cases if case["name"] == "delegate-pair")["weaken"] = [
            {"type": "ZooLeaking.Screen", "field": "download"}]

    def held(cases):
        next(case for case in cases if case["name"] == "global-cycle")["live"]["ZooClean.Server"] = 2

    plants = [("a wrong number of leaked objects", LEAKING, one_more),
              ("a wrong number of live objects", CLEAN, held)]
    options.configurations = options.configurations[:1]
    options.tools = [tool for tool in options.tools if tool == "weakspot"]
    if make_tools(options, options.configurations[0], tables, scratch):
        plants.append(("another edge to weaken", LEAKING, other_edge))
    options.only = "delegate-pair*"
    failed = bool(score(options, tables, scratch)[2])
    print(f"{'FAILED' if failed else 'ok'}: without a planted answer nothing is wrong")
    for number, (what, program, change) in enumerate(plants):
        options.only = "delegate-pair" if program == LEAKING else "global-cycle"
        folder = scratch / f"planted-{number}"
        folder.mkdir()
        red = bool(score(options, plant(tables, folder, program, change), scratch)[2])
        failed = failed or not red
        print(f"{'ok' if red else 'FAILED'}: {what} turns it red")
    return 1 if failed else 0


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--tools", default="weakspot,lsan,valgrind", metavar="LIST",
                        help="of weakspot, lsan, valgrind (default: all that are there)")
    parser.add_argument("--configurations", default="debug,release", metavar="LIST")
    parser.add_argument("--only", default="*", metavar="GLOB", help="cases with this name; writes no table")
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS", help="for each run (default: 60)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / ".build", metavar="FOLDER")
    parser.add_argument("--tables", type=pathlib.Path, default=ROOT / "Tests" / "Zoo", metavar="FOLDER")
    parser.add_argument("--weakspot", type=pathlib.Path, metavar="EXECUTABLE")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "Documentation" / "Scoreboard.md")
    parser.add_argument("--verbose", action="store_true", help="say what every tool says of every program")
    parser.add_argument("--self-test", action="store_true", help="plant wrong answers, and require red")
    options = parser.parse_args(arguments)
    if options.weakspot:
        options.weakspot = options.weakspot.resolve()
    options.build = options.build.resolve()
    options.tools = options.tools.split(",")
    options.configurations = options.configurations.split(",")
    for chosen, known in ((options.tools, {"weakspot", "lsan", "valgrind"}),
                          (options.configurations, {"debug", "release"})):
        if not set(chosen) <= known:
            raise argparse.ArgumentError(None, f"{','.join(chosen)}: not of {', '.join(sorted(known))}")
    return options


def main(arguments):
    try:
        options = parse(arguments)
    except argparse.ArgumentError as error:
        print(f"scoreboard: {error}", file=sys.stderr)
        return 64
    tables = read_tables(options.tables)
    try:
        with tempfile.TemporaryDirectory(prefix="weakspot-scoreboard-") as name:
            scratch = pathlib.Path(name)
            if options.self_test:
                return self_test(options, tables, scratch)
            cases, rows, faults, used = score(options, tables, scratch)
            if rows:
                text = table(rows, cases, used)
                print(text)
                if options.only == "*":
                    write(options.output, text)
    except (Missing, OSError) as error:
        print(f"scoreboard: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(f"WRONG: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
