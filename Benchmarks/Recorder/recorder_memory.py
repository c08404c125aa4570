"""What the recorder's own memory is in a recorded process that is stopped: see CSupport/CRecorder/include/CRecorder.h."""

import array
import os
import struct


class RecorderMemory:
    """Bytes that are resident, and how many blocks they tell of."""

    def __init__(self, pid: int) -> None:
        self.shadow = 0  # bytes of the shadow words' pages
        self.stacks = 0  # of the distinct stacks, of freed blocks too
        self.rest = 0  # of everything else: images, buckets, threads' walkers, the library's own data
        self.blocks = 0  # live ones
        descriptor = os.open(self._recording(pid), os.O_RDONLY | os.O_CLOEXEC)
        try:
            header = os.pread(descriptor, 192, 0)
            self.stacks = struct.unpack_from("<Q", header, 136)[0]
            self._add_recording(descriptor, struct.unpack_from("<Q", header, 88)[0])
            self.rest -= self.stacks
        finally:
            os.close(descriptor)
        self._add_private(pid, *struct.unpack_from("<QQ", header, 176))

    @staticmethod
    def _recording(pid: int) -> str:
        folder = f"/proc/{pid}/fd"
        for name in os.listdir(folder):
            if os.readlink(f"{folder}/{name}").startswith("/memfd:weakspot-recording"):
                return f"{folder}/{name}"
        raise RuntimeError(f"{pid} is not recorded")

    def _add_recording(self, descriptor: int, regions: int) -> None:
        at, end = 0, os.fstat(descriptor).st_size
        while at < end:
            try:
                at = os.lseek(descriptor, at, os.SEEK_DATA)
            except OSError:  # only holes are left
                return
            stop = os.lseek(descriptor, at, os.SEEK_HOLE)
            self.rest += max(0, min(stop, regions) - at)
            self.shadow += max(0, stop - max(at, regions))
            for start in range(max(at, regions), stop, 1 << 24):
                words = array.array("Q", os.pread(descriptor, min(1 << 24, stop - start), start))
                self.blocks += len(words) - words.count(0)
            at = stop

    def _add_private(self, pid: int, walkers_start: int, walkers_end: int) -> None:
        library_end, counts = 0, False
        with open(f"/proc/{pid}/smaps") as file:
            for line in file:
                words = line.split()
                if "-" in words[0] and not words[0].endswith(":"):
                    start, end = (int(text, 16) for text in words[0].split("-"))
                    ours = line.rstrip().endswith("/libweakspot-recorder.so")
                    # What follows the library is its data that is not in the file.
                    counts = ours or (start == library_end and len(words) < 6) or walkers_start <= start < walkers_end
                    if counts and not walkers_start <= start < walkers_end:
                        library_end = end
                elif words[0] == "Rss:" and counts:
                    self.rest += int(words[1]) << 10
