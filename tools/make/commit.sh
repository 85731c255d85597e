#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The commit of the project, in whose folder this runs: in an unpacked release
# what its file COMMIT says, at the top of a clone the first ten digits and +
# where a file that git knows differs, else `unknown`.
if [ -e COMMIT ]; then
	cat COMMIT
	exit
fi
top=$(git rev-parse --show-toplevel 2>/dev/null)
if [ "$top" != "$(pwd -P)" ]; then
	echo unknown
	exit
fi
changed=+
git diff --quiet HEAD 2>/dev/null && changed=
echo "$(git rev-parse --short=10 HEAD)$changed"
