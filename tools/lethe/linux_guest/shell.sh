#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The first process of the Linux of `make run GUEST=linux`: a shell on the
# console. When it ends, the machine is switched off.
/bin/busybox mkdir -p /usr/bin /usr/sbin /sbin
/bin/busybox --install -s
export PATH=/bin:/usr/bin:/sbin:/usr/sbin PS1='linux# ' HOME=/tmp TERM=vt100
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
echo
echo "Linux $(uname -r) on Lethe, $(nproc) VPs"
dmesg | grep -e 'Hyper-V: Using hypercall'
echo "try: grep -e TLB -e HYP /proc/interrupts    nproc    date    dmesg"
echo "Ctrl-T: Lethe's console and back; poweroff -f or Ctrl-D ends"
echo
cd /tmp || exit
setsid cttyhack sh
poweroff -f
sleep 1000
