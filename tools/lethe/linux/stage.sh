#!/bin/sh
# SPDX-License-Identifier: MIT
#
# stage TEXT: prints a line of progress, which run.py beside this file shows.
echo "stage: $*" >/dev/console
