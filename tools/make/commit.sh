#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prints the commit of the project; runs in the project's folder. In an unpacked
# release this is the content of the file COMMIT. At the top of a clone it is
# the first ten digits of the hash, followed by + if a file that git tracks
# differs. Elsewhere it is `unknown`.
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
