# SPDX-License-Identifier: MIT
"""Makes the disk from which a Linux guest of Bochs starts: FAT with syslinux,
Debian's kernel and an initramfs. Needs no root."""

import os
import pathlib
import re
import shutil
import subprocess

from lethe.linux import cpio

HERE = pathlib.Path(__file__).resolve().parent
BUSYBOX = "/bin/busybox"
SECTOR = 512
CLUSTER = 16  # sectors: FAT16 up to 500 MiB
LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)

# Options that switch off what is slow in an emulator or does not work there.
# idle=halt: in Bochs 2.7 a CPU in MWAIT may never wake. noxsave: its CPUID leaf
# of XSAVE is inconsistent.
CMDLINE = """console=ttyS0 quiet loglevel=4 tsc=reliable clocksource=tsc
tsc_early_khz=100000 lpj=100000 no_timer_check nowatchdog idle=halt noxsave
mitigations=off nokaslr panic=1 8250.nr_uarts=2 cryptomgr.notests
initcall_blacklist=load_system_certificate_list,cubictcp_register,init_blk_tracer
"""
SYSLINUX = """default linux
prompt 0
label linux
 kernel vmlinuz
 initrd initrd.img
 append {}
"""


def libraries(program):
    """The shared libraries and the loader of a program, by ldd."""
    done = subprocess.run(["ldd", program], text=True, check=False,
                          capture_output=True)
    if done.returncode != 0:  # not a dynamic executable
        return []
    return LIBRARY.findall(done.stdout)


def read(source):
    return source if isinstance(source, bytes) else \
        pathlib.Path(source).read_bytes()


def tree(kernel, guest):
    """(files, links) of the initramfs of a linux_run.Guest."""
    files = {"bin/busybox": (read(BUSYBOX), True),
             "init": (read(HERE / "init.sh"), True),
             "bin/result": (read(HERE / "result.sh"), True),
             "bin/stage": (read(HERE / "stage.sh"), True),
             "script": (guest.script.encode(), True)}
    load = []
    for words in guest.modules:
        name, _, options = words.partition(" ")
        files[f"modules/{name}.ko"] = (read(kernel.module(name)), False)
        load.append(f"insmod /modules/{name}.ko {options}".strip())
    files["modules/load"] = ("\n".join([*load, ""]).encode(), True)
    for program in guest.programs:
        path = shutil.which(program)
        if not path:
            raise FileNotFoundError(f"expected the program {program} on this "
                                    "machine, found none")
        files[f"bin/{pathlib.Path(path).name}"] = (read(path), True)
        for library in libraries(path):
            files[library.lstrip("/")] = (read(library), True)
    for path, source in guest.files.items():
        executable = not isinstance(source, bytes) and os.access(source,
                                                                 os.X_OK)
        files[path.lstrip("/")] = (read(source), executable)
    done = subprocess.run([BUSYBOX, "--list"], text=True, check=True,
                          capture_output=True)
    links = {f"bin/{name}": "busybox" for name in done.stdout.split()
             if f"bin/{name}" not in files}
    return files, links


def initramfs(kernel, guest):
    files, links = tree(kernel, guest)
    return cpio.archive(files, links, ("proc", "sys", "tmp"))


def run(*command):
    done = subprocess.run([str(word) for word in command], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False,
                          env=dict(os.environ, MTOOLS_SKIP_CHECK="1",
                                   MTOOLSRC=os.devnull))
    if done.returncode != 0:
        raise OSError(f"{command[0]} ended with status {done.returncode}: "
                      f"{done.stdout.strip()}")


def make(folder, kernel, initrd):
    """Writes folder/linux.img and returns its path."""
    disk = folder / "linux.img"
    (folder / "initrd.img").write_bytes(initrd)
    (folder / "syslinux.cfg").write_text(
        SYSLINUX.format(" ".join(CMDLINE.split())))
    parts = [(kernel.vmlinuz, "vmlinuz"), (folder / "initrd.img", "initrd.img"),
             (folder / "syslinux.cfg", "syslinux.cfg")]
    need = sum(path.stat().st_size for path, _ in parts)
    mib = max(need // 2**20 + 4, 40)  # FAT16 begins at 4085 clusters
    with open(disk, "wb") as file:
        file.truncate(mib * 2**20)
    run("mformat", "-i", disk, "-T", mib * 2**20 // SECTOR, "-h", 255, "-s",
        63, "-c", CLUSTER, "::")
    run("syslinux", "--install", disk)
    for path, name in parts:
        run("mcopy", "-i", disk, path, f"::/{name}")
    (folder / "initrd.img").unlink()
    return disk
