# SPDX-License-Identifier: MIT
"""COM2 of an emulated machine as a local socket, which GDB opens with `target
remote PATH`. The machine has a pty, which only this process holds, so that GDB
may come and go while the machine runs."""

import contextlib
import os
import pty
import select
import socket
import termios
import threading
import tty

CHUNK = 4096


class Line:
    """Copies between the pty and one GDB at a time while the `with` block runs.
    `com2` is the option for emulator.bochs()."""

    def __init__(self, path):
        self.path = str(path)
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave, termios.TCSANOW)
        self.com2 = f"mode=term, dev={os.ttyname(self.slave)}"
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        self.server.listen(1)
        self.wake, self.stop = os.pipe()
        self.thread = threading.Thread(target=self.work, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.stop)
        self.thread.join()
        self.server.close()
        for descriptor in (self.master, self.slave, self.wake):
            os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def work(self):
        while True:
            # without a GDB, what the stub sends is lost, as on a real line
            ready, _, _ = select.select([self.server, self.wake, self.master],
                                        [], [])
            if self.wake in ready:
                return
            if self.master in ready:
                os.read(self.master, CHUNK)
            if self.server in ready:
                with self.server.accept()[0] as gdb:
                    if not self.copy(gdb):
                        return

    def copy(self, gdb):
        """Until GDB has gone; False: the block has ended."""
        while True:
            ready, _, _ = select.select([gdb, self.wake, self.master], [], [])
            if self.wake in ready:
                return False
            if self.master in ready:
                with contextlib.suppress(OSError):
                    gdb.sendall(os.read(self.master, CHUNK))
            if gdb in ready:
                try:
                    data = gdb.recv(CHUNK)
                except OSError:
                    data = b""
                if not data:
                    return True
                os.write(self.master, data)
