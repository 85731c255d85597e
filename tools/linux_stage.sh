#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stage TEXT: a line of progress, shown by tools/linux_run.py.
echo "stage: $*" >/dev/console
