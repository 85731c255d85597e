# SPDX-License-Identifier: MIT
"""Lines of the tables of docs/linux.md, and how rows and works are named."""


def head(*names):
    return f"| {' | '.join(names)} |\n" + "|---" * len(names) + "|\n"


def line(*cells):
    return f"| {' | '.join(map(str, cells))} |\n"


def number(value):
    return f"{value:,}" if isinstance(value, int) else str(value)


def where(row):
    if row.is_beside_kvm:
        return f"{row.vps} on {row.cpus}, 100 MHz"
    if row.vps <= row.cpus or row.is_kvm:
        return f"{row.vps} on {row.cpus}"
    words = f"{row.vps} on {row.cpus}, {row.slice.replace('ms', ' ms')}"
    return f"{words}, PAUSE exits" if row.pause_exits else words


def work_name(part):
    name, pages, threads = part.split("-")
    if name == "stress":
        return "stress-ng"
    if name == "unmapper":
        return f"unmapper {pages}"
    if name == "flusher":
        return "flusher" if int(threads) > 1 else "flusher, alone"
    reads = ", read" if name == "munmap_read" else ""
    words = f"munmap {int(pages):,}{reads}"
    return words if int(threads) > 1 else f"{words}, alone"
