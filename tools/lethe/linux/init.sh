#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The first process of a Linux guest (run.py beside this file): mounts, loads
# the modules, runs /script, sends its status as the last result, powers off.
export PATH=/bin:/usr/bin:/sbin:/usr/sbin LD_BIND_NOW=
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
stty -F /dev/ttyS1 115200 raw -echo
echo "stage: user space"
sh -e /modules/load || echo "stage: a module does not load"

cd /tmp || exit
sh /script
echo $? | result status

# stty waits until all that was printed is out
stty -F /dev/console sane
# By ACPI: Bochs ends then. (The cloud kernel has no /dev/port.)
poweroff -f
sleep 1000
