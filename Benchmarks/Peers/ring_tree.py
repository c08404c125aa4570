#!/usr/bin/env python3
"""The ring and the tree of MEASUREMENT.md, section 2, in CPython: one sample in one process.

    PYTHONMALLOC=malloc python3 -S ring_tree.py ring|tree2 strong|weak NODES

Builds the graph, drops its root and trims the heap; for the moment before that and after each step
it prints a line of `column=value`, by the names of the report's columns. Exit status: 0, 2 where
the process cannot be measured, 12 where no memory is left, 64 for other arguments.

- Only reference counting works here: the cycle collector is off, or it would free the strong
  graphs some time later.
- PYTHONMALLOC=malloc sends objects to malloc, whose counters are what is read; CPython's own
  allocator maps its arenas past them.
- Objects do not count themselves: a __del__ would be most of the time of the release. Live ones
  are counted between the steps, along the owners while the root is there, and after the last step
  in the collector's list of all objects.
- A long chain of owners is no danger: CPython bounds the depth at which the end of one object
  ends the next (Py_TRASHCAN_BEGIN).
"""

import array
import ctypes
import gc
import os
import resource
import sys
import time
import weakref


class ChainNode:
    """A node of the ring."""

    __slots__ = ("next", "back", "value", "__weakref__")

    def __init__(self, value):
        self.next = None
        self.back = None
        self.value = value


class TreeNode:
    """A node of the binary tree."""

    __slots__ = ("left", "right", "parent", "value", "__weakref__")

    def __init__(self, value):
        self.left = None
        self.right = None
        self.parent = None
        self.value = value


def build_ring(weak, nodes):
    first = last = ChainNode(0)
    for value in range(1, nodes):
        node = ChainNode(value)
        node.back = weakref.ref(last) if weak else last
        last.next = node
        last = node
    first.back = weakref.ref(last) if weak else last
    return first


def count_ring(first):
    count = 0
    while first is not None:
        count += 1
        first = first.next
    return count


def build_tree(weak, nodes, position=0):
    """A complete tree: position i of the level order has the children 2i + 1 and 2i + 2."""
    node = TreeNode(position)
    if 2 * position + 1 < nodes:
        left = build_tree(weak, nodes, 2 * position + 1)
        left.parent = weakref.ref(node) if weak else node
        node.left = left
    if 2 * position + 2 < nodes:
        right = build_tree(weak, nodes, 2 * position + 2)
        right.parent = weakref.ref(node) if weak else node
        node.right = right
    return node


def count_tree(node):
    return 0 if node is None else 1 + count_tree(node.left) + count_tree(node.right)


def count_tracked(kind):
    """Instances of a class, whoever refers to them: a list of all objects, as long as it counts."""
    return sum(type(thing) is kind for thing in gc.get_objects())


TOPOLOGIES = {
    "ring": (ChainNode, build_ring, count_ring),
    "tree2": (TreeNode, build_tree, count_tree),
}


class HeapCounters(ctypes.Structure):
    """struct mallinfo2 (mallinfo(3))."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    ]


LIBC = ctypes.CDLL(None)
PHASES = ("before", "built", "released", "trimmed")
COLUMNS = ("rss_bytes", "pss_bytes", "private_dirty_bytes", "anon_huge_bytes", "peak_rss_bytes",
           "heap_in_use_bytes", "heap_free_bytes", "heap_arena_bytes", "heap_mmap_bytes",
           "heap_trimmable_bytes", "minor_faults_count", "phase_ns")


def read_file(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def kilobyte_field(name, text):
    """Bytes of the line `NAME:  123 kB`."""
    start = text.index(b"\n" + name + b":") + len(name) + 2
    return int(text[start:text.index(b"kB", start)]) * 1024


class Checkpoints:
    """The readings of the four checkpoints, in memory that is there before the first."""

    def __init__(self, output):
        self._output = output
        self._values = [array.array("q", [0] * len(COLUMNS)) for _ in PHASES]
        self._start = array.array("q", [0])

    def start(self):
        self._start[0] = time.monotonic_ns()

    def take(self, phase):
        """Ends the step and reads: the heap first, as what follows takes some and gives it back."""
        values = self._values[phase]
        values[11] = time.monotonic_ns() - self._start[0]
        heap = LIBC.mallinfo2()
        rollup = read_file("/proc/self/smaps_rollup")
        values[0] = kilobyte_field(b"Rss", rollup)
        values[1] = kilobyte_field(b"Pss", rollup)
        values[2] = kilobyte_field(b"Private_Dirty", rollup)
        values[3] = kilobyte_field(b"AnonHugePages", rollup)
        values[4] = kilobyte_field(b"VmHWM", read_file("/proc/self/status"))
        values[5] = heap.uordblks + heap.hblkhd
        values[6] = heap.fordblks
        values[7] = heap.arena
        values[8] = heap.hblkhd
        values[9] = heap.keepcost
        values[10] = resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    def print(self, phase, live, deinited):
        # No step led to the first.
        columns = COLUMNS if phase > 0 else COLUMNS[:-1]
        line = " ".join(f"{name}={value}" for name, value in zip(columns, self._values[phase]))
        line = (f"phase={PHASES[phase]} {line} live_objects_count={live} "
                f"deinit_count={deinited}\n")
        os.write(self._output, line.encode())


def measure(topology, weak, nodes, output):
    kind, build, count_owned = TOPOLOGIES[topology]
    others = count_tracked(kind)
    checkpoints = Checkpoints(output)
    root = None
    LIBC.malloc_trim(0)
    with open("/proc/self/clear_refs", "wb", buffering=0) as file:
        file.write(b"5")  # Resets VmHWM.
    checkpoints.take(0)
    checkpoints.print(0, 0, 0)

    checkpoints.start()
    root = build(weak, nodes)
    checkpoints.take(1)
    live = count_owned(root)
    checkpoints.print(1, live, nodes - live)
    live = None

    checkpoints.start()
    root = None
    checkpoints.take(2)

    checkpoints.start()
    LIBC.malloc_trim(0)
    checkpoints.take(3)
    # Trimming ends no object.
    live = count_tracked(kind) - others
    checkpoints.print(2, live, nodes - live)
    checkpoints.print(3, live, nodes - live)
    return root


def main(arguments):
    if (len(arguments) != 3 or arguments[0] not in TOPOLOGIES
            or arguments[1] not in ("strong", "weak") or not arguments[2].isdecimal()
            or int(arguments[2]) < 1):
        print("use: ring_tree.py ring|tree2 strong|weak NODES", file=sys.stderr)
        return 64
    if os.environ.get("PYTHONMALLOC") != "malloc":
        print("ring_tree.py: set PYTHONMALLOC=malloc: mallinfo2 does not see the objects that "
              "CPython's own allocator keeps", file=sys.stderr)
        return 2
    LIBC.mallinfo2.restype = HeapCounters
    gc.disable()
    weak = arguments[1] == "weak"
    nodes = int(arguments[2])
    try:
        # Plays the whole sample with a few nodes first: code is specialised and caches are filled,
        # which would else be counted as the graph's.
        measure(arguments[0], weak, min(nodes, 100), os.open("/dev/null", os.O_WRONLY))
        measure(arguments[0], weak, nodes, 1)
    except (MemoryError, SystemError):
        # CPython 3.11 says SystemError, "error return without exception set", where the allocation
        # of a weak reference fails.
        os.write(2, b"ring_tree.py: no memory was left\n")
        os._exit(12)
    # The interpreter's own end would collect what leaked.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
