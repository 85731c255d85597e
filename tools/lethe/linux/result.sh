#!/bin/sh
# SPDX-License-Identifier: MIT
#
# result NAME < file: sends the file over the second serial port, in the format
# of frames.py beside this file. Only one may run at a time.
set -e
gzip -c >/tmp/.result
length=$(wc -c </tmp/.result)
crc=$(crc32 </tmp/.result)
{
	echo "result $1 $length ${crc%% *}"
	cat /tmp/.result
	echo
} >/dev/ttyS1
