# SPDX-License-Identifier: MIT
"""Makes a Debian package of what a user of Lethe needs besides the machine: the
program lethe-trace, what boots (the UEFI application, the test guest and a
configuration), and the documents. It is always the same bytes from the same
files.

The package needs the C library with the symbols that lethe-trace uses; it needs
no script, and lintian's rules are not its measure.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from lethe import cli, version
from lethe.project import ROOT

DOCUMENTS = ("*.md", "docs/*.md", "docs/*.svg", "docs/example/*")
PROGRAMS = "usr/bin"
IMAGES = "usr/lib/lethe"
TEXTS = "usr/share/doc/lethe"
GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)")
CONTROL = """\
Package: lethe
Version: {version}
Architecture: amd64
Maintainer: The Lethe project <lethe@localhost>
Installed-Size: {size}
Depends: libc6 (>= {libc})
Suggests: babeltrace2, bochs, ovmf, picocom, qemu-system-x86
Section: misc
Priority: optional
Description: small type-1 hypervisor with a Hyper-V interface
 Lethe is a hypervisor for Intel VMX, which UEFI starts. This package has the
 UEFI application and a test guest in /{images}, the program
 lethe-trace, which reads the dumps of Lethe's trace from a serial log, and the
 documents in /{texts}.
"""


def libc_needed(program):
    """The least version of glibc that has all symbols that the program uses."""
    said = subprocess.run(["objdump", "-T", program], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = {tuple(map(int, pair)) for pair in GLIBC.findall(said)}
    if not found:
        raise cli.Wrong(f"{program}: expected symbols of glibc, found none")
    return ".".join(map(str, max(found)))


def copy(source, target, mode=0o644):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def write(target, text):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    target.chmod(0o644)


def stage(build, top, config):
    """Puts the files of the package below `top`; returns their size in KiB."""
    copy(build.lethe_trace, top / PROGRAMS / "lethe-trace", 0o755)
    copy(build.efi, top / IMAGES / "BOOTX64.EFI")
    copy(build.guest, top / IMAGES / "guest.elf")
    write(top / IMAGES / "lethe.conf", config)
    for pattern in DOCUMENTS:
        for path in sorted(ROOT.glob(pattern)):
            copy(path, top / TEXTS / path.relative_to(ROOT))
    write(top / TEXTS / "copyright", "".join(
        (ROOT / name).read_text() + "\n" for name in ("LICENSE", "NOTICE")))
    return sum(-(-path.stat().st_size // 1024) for path in top.rglob("*")
               if path.is_file())


def make(build, path, config):
    """Writes the package. `config` is the text of its lethe.conf."""
    with tempfile.TemporaryDirectory(dir=build.folder) as folder:
        top = pathlib.Path(folder) / "lethe"
        size = stage(build, top, config)
        write(top / "DEBIAN/control", CONTROL.format(
            version=version.VERSION, size=size, images=IMAGES, texts=TEXTS,
            libc=libc_needed(build.lethe_trace)))
        for place in [top, *top.rglob("*")]:
            if place.is_dir():
                place.chmod(0o755)
        # One thread: the compressed bytes depend on their number
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1",
             "--build", top, path], check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=dict(os.environ, SOURCE_DATE_EPOCH="0"))
