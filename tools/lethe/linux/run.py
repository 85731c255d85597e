# SPDX-License-Identifier: MIT
"""Runs a script under Linux in Bochs; that Linux can have KVM.

    guest = Guest(name="hello", script="uname -a | result uname",
                  modules=KVM, programs=["qemu-system-x86_64"])
    results = guest.run(build)     # build: image.Build
    results.status, results.files["uname"]

In the script `result NAME < file` sends a file and `stage TEXT` shows a line
of progress. A run whose inputs have not changed since it ended with status 0
is not repeated: its results are read again (FORCE=1 in the environment
repeats it).
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import time

from lethe.linux import disk as linux_disk, frames, kernel as linux_kernel
from lethe.machine import emulator, ending
from lethe.machine.console import clean
from lethe.machine.process import Machine, POLL_SECONDS

KVM = ("irqbypass", "kvm", "kvm-intel nested=1")
STAGE = re.compile(r"^stage: (.*)\n", re.MULTILINE)
BOCHS = ("/usr/bin/bochs-bin", emulator.BIOS, emulator.VGABIOS)
MINUTE = 60
NO_STATUS = -1


class Failed(Exception):
    """The run gave no status; the text says how it ended, `results` has what
    was sent until then."""

    def __init__(self, text, results):
        super().__init__(text)
        self.results = results


@dataclasses.dataclass
class Results:
    """What a run sent. `report`: lines that say what it ran on."""

    status: int
    files: dict
    report: list
    folder: pathlib.Path  # the same files, console.txt, run.json
    reused: bool = False


@dataclasses.dataclass
class Guest:
    """One Linux and its work. `files`: path in Linux → path on this machine, or
    bytes; `programs`: commands of this machine, which get their libraries too;
    `modules`: names with options, in the order of loading; `stall`: after so
    many minutes without output the run counts as hung."""

    name: str
    script: str
    files: dict = dataclasses.field(default_factory=dict)
    programs: tuple = ()
    modules: tuple = ()
    cpus: int = 2
    memory: int = 1024
    stall: float = 10

    def run(self, build):
        """Results, computed or read again; raises Failed."""
        kernel = linux_kernel.get(build.folder)
        initrd = linux_disk.initramfs(kernel, self)
        folder = build.folder / "linux-results" / self.name
        stamp = self.stamp(kernel, initrd)
        old = load(folder, stamp)
        if old and os.environ.get("FORCE", "") in ("", "0"):
            say(self.name, 0, f"unchanged, earlier results are used ({folder})")
            return old
        with build.run_folder(f"linux-{self.name}") as place:
            return Run(self, place.path).run(kernel, initrd, folder, stamp)

    def stamp(self, kernel, initrd):
        """A hash of all inputs of the run."""
        total = hashlib.sha256(initrd)
        words = [self.cpus, self.memory, emulator.BOCHSRC, emulator.BOCHS_MODEL,
                 emulator.LINUX_IPS, linux_disk.CMDLINE, linux_disk.SYSLINUX]
        total.update("\0".join(map(str, words)).encode())
        for path in (kernel.vmlinuz, shutil.which("syslinux"), *BOCHS):
            total.update(linux_kernel.sha256(path).encode())
        return total.hexdigest()


def say(name, seconds, text):
    print(f"  linux {name}: {seconds:4.0f} s  {text}", flush=True)


def load(folder, stamp):
    """Results of a run with that stamp, or None."""
    try:
        about = json.loads((folder / "run.json").read_text())
        if about["stamp"] != stamp:
            return None
        files = {name: (folder / "files" / name).read_bytes()
                 for name in about["files"]}
    except (OSError, ValueError, KeyError):
        return None
    return Results(about["status"], files, about["report"], folder, True)


def store(results, stamp):
    """Stores the files. Only a run with status 0 gets run.json, by which load()
    finds it; a failed run is repeated."""
    for name, data in results.files.items():
        (results.folder / "files" / name).write_bytes(data)
    if results.status == 0:
        about = {"stamp": stamp, "status": 0, "report": results.report,
                 "files": sorted(results.files)}
        (results.folder / "run.json").write_text(json.dumps(about, indent=1))


def bochs_version():
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "bochs"],
                          text=True, capture_output=True, check=False)
    return done.stdout.strip() or "unknown"


def cpu_seconds():
    """CPU time of all children that have ended, mostly Bochs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Run:
    """One run in Bochs, from the disk to the status."""

    def __init__(self, guest, folder):
        self.guest = guest
        self.folder = folder
        self.begin = time.monotonic()
        self.seen = 0  # characters of the console searched for stages
        self.sizes = None
        self.moved = self.begin
        self.sent = {}

    def say(self, text):
        say(self.guest.name, time.monotonic() - self.begin, text)

    def run(self, kernel, initrd, folder, stamp):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "files").mkdir(parents=True)
        disk = linux_disk.make(self.folder, kernel, initrd)
        self.say(f"disk of {disk.stat().st_size >> 20} MiB, Linux "
                 f"{kernel.version}, {self.guest.cpus} CPUs")
        command = emulator.bochs_linux(self.folder, disk.name, self.guest.cpus,
                                       self.guest.memory)
        try:
            with Machine(command, self.folder) as machine:
                (self.folder / "results.bin").touch()
                end = self.watch(machine)
        finally:
            self.keep(folder)
        report = [*kernel.report(), f"bochs {bochs_version()}",
                  f"cpus {self.guest.cpus} model {emulator.BOCHS_MODEL}"]
        results = Results(NO_STATUS, self.sent, report, folder)
        if "status" not in self.sent:
            words = [f"{self.guest.name}: {end}; no status was sent; "
                     f"console: {folder}/console.txt",
                     *ending.last_words(self.folder)]
            raise Failed("\n".join(words), results)
        results.status = int(self.sent.pop("status"))
        self.say(f"ended with status {results.status}; {cpu_seconds():.0f} s "
                 "of CPU time")
        store(results, stamp)
        return results

    def keep(self, folder):
        """Copies the console and what was sent to `folder`, which stays."""
        for name in ("serial.txt", "stderr.txt", "bochs.log"):
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, folder)
        text = clean((self.folder / "serial.txt").read_bytes())
        (folder / "serial.txt").unlink()
        (folder / "console.txt").write_text(text)
        for name, data in self.sent.items():
            (folder / "files" / name).write_bytes(data)

    def watch(self, machine):
        """Shows progress until the end; returns how it ended."""
        while True:
            running = machine.poll()
            self.progress(machine)
            if not running:
                return f"the emulator {ending.process(machine.process.poll())}"
            if time.monotonic() - self.moved > self.guest.stall * MINUTE:
                self.sent.pop("status", None)  # it did not power off
                return f"hung: no output for {self.guest.stall:g} minutes"
            time.sleep(10 * POLL_SECONDS)

    def progress(self, machine):
        ports = (machine.serial, self.folder / "results.bin")
        sizes = [port.stat().st_size for port in ports]
        if sizes == self.sizes:
            return
        if self.sizes and not self.sizes[0] and sizes[0]:
            self.say("kernel")
        self.sizes = sizes
        self.moved = time.monotonic()
        text = clean(ports[0].read_bytes())
        for found in STAGE.finditer(text, self.seen):
            self.say(found[1])
            self.seen = found.end()
        files, _ = frames.decode(ports[1].read_bytes())
        for name in files.keys() - self.sent.keys() - {"status"}:
            self.say(f"result {name}, {len(files[name])} bytes")
        self.sent = files
