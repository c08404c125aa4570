#!/usr/bin/env python3
"""Checks that the bytes of a report are exact: check_exact.py REPORT.csv

Built and leaked bytes of a case have one value in all its samples, and a release that deinited
every object leaves exactly 0. Prints what is not so; exit status 1 then.
"""

import collections
import csv
import sys


def main(path):
    samples = collections.defaultdict(dict)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            samples[row["case_id"], row["repetition"]][row["phase"]] = row
    built = collections.defaultdict(set)
    leaked = collections.defaultdict(set)
    problems = []
    for (case, repetition), sample in samples.items():
        if len(sample) != 4:
            problems.append(f"{case}, repetition {repetition}: not measured whole")
            continue
        before, after, released = (int(sample[phase]["heap_in_use_bytes"])
                                   for phase in ("before", "built", "released"))
        built[case].add(after - before)
        leaked[case].add(released - before)
        if sample["released"]["live_objects_count"] == "0" and released != before:
            problems.append(f"{case}, repetition {repetition}: {released - before} B left, 0 live")
    for name, cases in (("built", built), ("leaked", leaked)):
        problems += [f"{case}: {name} {sorted(values)} B" for case, values in cases.items()
                     if len(values) > 1]
    print("\n".join(problems) or f"{len(built)} cases, {len(samples)} samples: exact")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
