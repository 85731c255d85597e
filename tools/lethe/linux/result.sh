#!/bin/sh
# SPDX-License-Identifier: MIT
#
# result NAME < file: sends it over the second serial port, as frames.py
# beside this file reads it. One at a time.
set -e
gzip -c >/tmp/.result
length=$(wc -c </tmp/.result)
crc=$(crc32 </tmp/.result)
{
	echo "result $1 $length ${crc%% *}"
	cat /tmp/.result
	echo
} >/dev/ttyS1
