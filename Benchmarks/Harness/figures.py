"""Figures that must be reached, as a Markdown table, with the machine that they were measured on."""

import os
import platform
import subprocess


def print_machine():
    glibc = platform.libc_ver()[1]
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    print(f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}, glibc {glibc}, {swift}\n",
          flush=True)


class Table:
    def __init__(self):
        self.failed = 0
        print("| what | must | measured |\n| --- | --- | --- |")

    def row(self, what, must, measured, passed):
        self.failed += not passed
        print(f"| {what} | {must} | {measured}{'' if passed else ' **missed**'} |", flush=True)
