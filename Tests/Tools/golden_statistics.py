#!/usr/bin/env python3
"""Writes Tests/RegressionCompareTests/Golden/statistics.json: what SciPy says of small samples.

    python3 Tests/Tools/golden_statistics.py > Tests/RegressionCompareTests/Golden/statistics.json

Recorded with SciPy 1.17.1. Every sample is made of numbers that Double holds exactly; the seed is fixed.
"""
import itertools
import json
import random

import numpy as np
from scipy import stats

random.seed(20261123)
CONFIDENCE = 0.95


def mean_difference(x, y, axis):
    """The difference of means times both sizes: free of rounding, so that ties stay ties."""
    return np.sum(x, axis=axis) * y.shape[axis] - np.sum(y, axis=axis) * x.shape[axis]


def permutation_p(new, base, statistic):
    """Exact two-sided p: n_resamples = inf makes SciPy walk through every split. It refuses one value a side: by hand."""
    if min(len(new), len(base)) == 1:
        pooled = np.concatenate([new, base])
        null = []
        for chosen in itertools.combinations(range(len(pooled)), len(new)):
            rest = [i for i in range(len(pooled)) if i not in chosen]
            null.append(statistic(pooled[list(chosen)], pooled[rest], 0))
        seen = statistic(np.asarray(new), np.asarray(base), 0)
        tails = (np.mean(np.asarray(null) <= seen), np.mean(np.asarray(null) >= seen))
        return float(min(1, 2 * min(tails)))
    result = stats.permutation_test(
        (new, base), statistic, permutation_type="independent", vectorized=True, n_resamples=np.inf,
        alternative="two-sided", batch=20_000)
    return float(result.pvalue)


def rank_p(new, base):
    """Mann-Whitney with ties: the permutation test of the midranks."""
    ranks = stats.rankdata(np.concatenate([new, base]))
    return permutation_p(ranks[:len(new)], ranks[len(new):], mean_difference)


def untied_p_of_u(u, n, m):
    """One-sided exact P(U <= u) without ties, from a sample that has this U."""
    beats = []
    for _ in range(n):  # every x beats as many y as are still needed
        beats.append(min(m, u))
        u -= beats[-1]
    assert u == 0
    x = [b + (i + 1) / (n + 2) for i, b in enumerate(sorted(beats))]
    return stats.mannwhitneyu(x, np.arange(1, m + 1), alternative="less", method="exact").pvalue


def shift_interval(base, new):
    """Hodges-Lehmann estimate, and the order statistics that invert the exact test without ties."""
    differences = np.sort(np.subtract.outer(np.asarray(new, float), np.asarray(base, float)).ravel())
    n, m = len(new), len(base)
    rank = 0
    while rank < n * m and 2 * untied_p_of_u(rank, n, m) <= 1 - CONFIDENCE:
        rank += 1
    if rank == 0:
        return float(np.median(differences)), None, None
    lower, upper = differences[rank - 1], differences[n * m - rank]
    if len(set(differences)) == n * m and len(set(base)) == m and len(set(new)) == n:
        # Inverting SciPy's own test gives the same: a shift just within the interval is kept, one just outside is not.
        tiny = 1e-6
        for shift, kept in [(lower + tiny, True), (lower - tiny, False), (upper - tiny, True), (upper + tiny, False)]:
            p = stats.mannwhitneyu(np.asarray(new) - shift, base, method="exact").pvalue
            assert (p > 1 - CONFIDENCE) == kept, (base, new, shift, p)
    return float(np.median(differences)), float(lower), float(upper)


def two_sample(name, base, new):
    shift, lower, upper = shift_interval(base, new)
    tied = len(set(base) | set(new)) < len(base) + len(new)
    ranks = rank_p(new, base)
    if not tied:
        exact = float(stats.mannwhitneyu(new, base, method="exact").pvalue)
        assert abs(exact - ranks) < 1e-12, (name, exact, ranks)
    return {
        "name": name, "base": list(base), "new": list(new), "ranks": ranks,
        "means": permutation_p(np.asarray(new, float), np.asarray(base, float), mean_difference),
        "shift": shift, "lower": lower, "upper": upper,
    }


def two_samples():
    page = 4096
    yield two_sample("the example of MEASUREMENT.md", [100] * 4 + [104], [104] * 4 + [100])
    yield two_sample("no spread, equal", [7] * 6, [7] * 6)
    yield two_sample("no spread, apart", [7] * 6, [9] * 6)
    yield two_sample("no spread, apart, ten a side", [7] * 10, [9] * 10)
    yield two_sample("one value a side", [3], [5])
    yield two_sample("one value a side, equal", [3], [3])
    yield two_sample("one against nine", [20], [1, 2, 3, 4, 5, 6, 7, 8, 9])
    yield two_sample("one against nine, tied", [4], [1, 1, 1, 4, 4, 4, 4, 9, 9])
    yield two_sample("three a side, no interval", [1, 2, 3], [4, 5, 6])
    yield two_sample("no spread on one side", [5] * 6, [3, 4, 5, 6, 7, 8])
    yield two_sample("apart, ties within", [1, 1, 1, 2, 2, 2], [5, 5, 6, 6, 6, 6])
    yield two_sample("an outlier", [0, 1, 2, 3, 4, 5, 6, 7, 8, 2_097_152], [x + 64 for x in range(10)])
    yield two_sample("unequal sizes, lopsided ties", [1, 1, 1, 1, 1, 1, 2], [1, 2, 2, 3])
    for n, m in [(2, 2), (4, 3), (5, 5), (6, 6), (6, 9), (8, 8), (10, 10), (7, 12)]:
        pool = random.sample(range(1, 100_000), n + m)
        yield two_sample(f"{n} and {m}, no ties", pool[:n], pool[n:])
        for values in (2, 4):
            base = [random.randrange(values) * page for _ in range(n)]
            new = [(random.randrange(values) + random.randrange(2)) * page for _ in range(m)]
            yield two_sample(f"{n} and {m}, pages of {values} values", base, new)
    for n in (6, 9):
        base = [random.randrange(1, 2000) / 8 for _ in range(n)]
        yield two_sample(f"{n} eighths", base, [random.randrange(400, 2600) / 8 for _ in range(n)])


def asymptotic():
    for n, m, values in [(40, 40, 5), (60, 35, 3), (200, 150, 1000), (31, 31, 2)]:
        base = [random.randrange(values) for _ in range(n)]
        new = [random.randrange(values) + random.randrange(2) for _ in range(m)]
        p = stats.mannwhitneyu(new, base, method="asymptotic", use_continuity=True).pvalue
        yield {"base": base, "new": new, "p": float(p)}


def larger_untied():
    for n, m in [(20, 20), (30, 24), (50, 50), (90, 100), (1, 40)]:
        pool = random.sample(range(1, 1_000_000), n + m)
        base, new = sorted(pool[:n]), [x + 40_000 for x in pool[n:]]
        if set(base) & set(new):
            continue
        yield {"base": base, "new": new, "p": float(stats.mannwhitneyu(new, base, method="exact").pvalue)}


def discoveries():
    lists = [[], [0.2], [0.01, 0.04, 0.03, 0.005], [1.0, 1.0, 1.0], [0.05, 0.05, 0.9], [0.5, 0.001, 0.001, 0.02, 0.7, 1.0]]
    lists += [[random.random() ** 3 for _ in range(k)] for k in (7, 40)]
    for p in lists:
        yield {"p": p, "adjusted": [float(x) for x in stats.false_discovery_control(p)] if p else []}


def lines():
    cases = [
        ([1, 2], [3, 5]),
        ([1000, 10_000, 100_000], [48_000, 480_016, 4_800_000]),
        ([1, 2, 3, 4, 5, 6, 7, 8], [2, 4, 6, 8, 10, 12, 14, 900]),
        ([1, 1, 2, 2, 3, 3, 3], [5, 6, 5, 8, 8, 9, 8]),
        ([5, 4, 3, 2, 1], [1, 1, 1, 1, 1]),
    ]
    xs = [random.randrange(1, 40) for _ in range(15)]
    cases.append((xs, [3 * x + random.randrange(30) for x in xs]))
    for x, y in cases:
        fit = stats.theilslopes(y, x, 0.95)
        yield {
            "x": x, "y": y, "slope": float(fit.slope), "intercept": float(fit.intercept),
            "lower": float(fit.low_slope), "upper": float(fit.high_slope),
        }


def plain(value):
    """Integers of numpy as integers of Python."""
    return value.item() if hasattr(value, "item") else value


def written(tables):
    """JSON with an entry a line."""
    lists = []
    for name, entries in tables.items():
        lines = ",\n".join("  " + json.dumps(entry, default=plain) for entry in entries)
        lists.append(f"{json.dumps(name)}: [\n{lines}\n]")
    return "{\n" + ",\n".join(lists) + "\n}"


print(written({
    "twoSamples": two_samples(),
    "asymptotic": asymptotic(),
    "untied": larger_untied(),
    "discoveries": discoveries(),
    "lines": lines(),
    "geometricMeans": [
        {"values": v, "mean": float(stats.gmean(v))} for v in ([2, 8], [1.5, 0.25, 12, 1], [1e-3, 1e6, 7])
    ],
}))
