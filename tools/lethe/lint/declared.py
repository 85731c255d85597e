# SPDX-License-Identifier: MIT
"""Checks that a function is declared in the header of the file that defines it:
what `hv/core/cpu/budget.c` gives to others is in `hv/core/cpu/budget.h`. The
exceptions are below, each with its reason.
"""

import fnmatch
import re

from lethe.project import ROOT

TOPS = ("common", "core", "vmx", "x86")

# (files, header, reason); header None: no C file calls the function
ELSEWHERE = (
    ("hv/vmx/*.c", "hv/core/port/*.h", "the seam: others implement it too"),
    ("hv/x86/*.c", "hv/core/port/*.h", "the seam: others implement it too"),
    ("hv/core/hypercall/*.c", "hv/core/hypercall/handlers.h",
     "the rows of table.c name these handlers"),
    ("hv/vmx/exit_*.c", "hv/vmx/exit.h",
     "the table of exit.c names these handlers"),
    ("hv/core/debug/cmd_*.c", "hv/core/debug/commands.h",
     "the rows of command.c name these commands"),
    ("hv/vmx/report.c", "hv/x86/panic.h",
     "replaces the weak function of panic.c"),
    ("hv/main.c", None, "hv_main() is called by start.S"),
    ("hv/x86/asm_offsets.c", None,
     "only compiled to assembly, from which make takes constants"),
)

NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\]|\\.)'"
                   r"|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.DOTALL | re.MULTILINE)
ATTRIBUTE = re.compile(r"\b__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)"
                       r"|\b__\w+\s*(?:\([^()]*\))?")
BODY = re.compile(r"\{[^{}]*\}")
FUNCTION = re.compile(r"\s*((?:\w|[\s*])*[\s*])(\w+)\s*"
                      r"\((?:[^()]|\([^()]*\))*\)\s*")
OF_TYPE = re.compile(r"\s*\w+_fn\s+(\w+)\s*")  # exit_fn exit_hlt;


def functions(text):
    """(names that are defined, names that are declared), without static ones"""
    text = ATTRIBUTE.sub(" ", NOISE.sub(" ", text))
    while BODY.search(text):
        text = BODY.sub("\0", text)
    defined, declared = set(), set()
    for part, end in re.findall(r"([^;\0]*)([;\0])", text):
        found = FUNCTION.fullmatch(part)
        typed = OF_TYPE.fullmatch(part)
        if found and not {"static", "typedef"} & set(found[1].split()):
            (defined if end == "\0" else declared).add(found[2])
        elif typed and end == ";":
            declared.add(typed[1])
    return defined, declared


def misplaced(path, text, headers):
    """Complaints about the C file `path`; headers: {path: declared names}"""
    own = path.removesuffix(".c") + ".h"
    rows = [header for files, header, _ in ELSEWHERE
            if fnmatch.fnmatch(path, files)]
    if None in rows:
        return []
    allowed = [own, *rows]
    places = {name: [header for header, names in headers.items()
                     if name in names] for name in functions(text)[0]}
    return [f"{path}: {name}() is declared in "
            f"{' and '.join(found) or 'no header'}, expected in {own}"
            for name, found in sorted(places.items())
            if not any(fnmatch.fnmatch(header, wanted) for header in found
                       for wanted in allowed)]


def selftest():
    """A complaint unless misplaced() finds exactly the misplaced function."""
    text = ("static int a(void)\n{\n\treturn 1;\n}\n#define b(x) {x}\n"
            "__attribute__((noinline)) const u8 *good(int (*f)(u8), u8 n)\n"
            "{\n\tif (n) {\n\t\tg(n);\n\t}\n}\nvoid bad(void)\n{\n}\n")
    declared = ("/* bad(); */\n"
                "const u8 *good(int (*f)(u8), u8 n) __must_check;\n")
    headers = {"hv/core/x/y.h": functions(declared)[1],
               "hv/core/x/x.h": functions("void bad(void);\n")[1]}
    wanted = ["hv/core/x/y.c: bad() is declared in hv/core/x/x.h, "
              "expected in hv/core/x/y.h"]
    return [] if misplaced("hv/core/x/y.c", text, headers) == wanted else \
        ["declared.py: its test of itself failed: misplaced() does not find "
         "exactly what it should"]


def files(suffix):
    """{path: text}"""
    return {str(path.relative_to(ROOT)): path.read_text()
            for top in TOPS for path in sorted(
                (ROOT / "hv" / top).rglob(f"*{suffix}"))}


def check():
    """Complaints, for lint/run.py"""
    headers = {path: functions(text)[1]
               for path, text in files(".h").items()}
    sources = {"hv/main.c": (ROOT / "hv/main.c").read_text(), **files(".c")}
    return selftest() + [why for path, text in sources.items()
                         for why in misplaced(path, text, headers)]
