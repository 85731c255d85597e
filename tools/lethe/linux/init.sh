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

# stty waits until all output has been sent
stty -F /dev/console sane
# The power-off by ACPI ends Bochs. (The cloud kernel has no /dev/port.)
poweroff -f
sleep 1000
