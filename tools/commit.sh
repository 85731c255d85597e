#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The commit of this folder, if it is the top of a clone: its first ten digits,
# and + where a file that git knows differs. Else `unknown`.
top=$(git rev-parse --show-toplevel 2>/dev/null)
if [ "$top" != "$(pwd -P)" ]; then
	echo unknown
	exit
fi
changed=+
git diff --quiet HEAD 2>/dev/null && changed=
echo "$(git rev-parse --short=10 HEAD)$changed"
