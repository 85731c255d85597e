#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stage TEXT: a line of progress, shown by run.py beside this file.
echo "stage: $*" >/dev/console
