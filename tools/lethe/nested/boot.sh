# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Sourced by the script of run.py beside this file, under Linux in Bochs:
# boots QEMU once and sends NAME.txt, the console, and NAME.end: how it ended,
# the seconds it took, and what QEMU said. NAME.state says where a machine
# stood that said nothing more.

data= # what part takes its pages from
POLL=2
LONGEST=600 # seconds of a boot that says something all the time

# part SKIP SEEK COUNT: pages of $data into the disk image
part() {
	dd if="$data" of=disk.img bs=4096 skip="$1" seek="$2" count="$3" \
		conv=notrunc 2>/dev/null
}

seconds() {
	read -r up _ </proc/uptime
	echo "${up%.*}"
}

# last_line: of the console; the firmware clears the screen over and over
last_line() {
	line=$(tail -n 1 serial.txt | tr -cd ' -~' | cut -c 1-60)
	case $line in
	*'[2J'*) echo firmware ;;
	*) echo "$line" ;;
	esac
}

# watch_qemu: until QEMU ends, the console matches $stop, or nothing came for
# $silent seconds, or for too long; prints which
watch_qemu() {
	size=0 last=$(seconds) shown=0
	while [ ! -e ended ]; do
		sleep $POLL
		now=$(seconds)
		if [ $((now - begin)) -ge $LONGEST ]; then
			echo limit
			return
		fi
		new=$(wc -c <serial.txt)
		if [ "$new" != "$size" ]; then
			size=$new last=$now
			if [ -n "$stop" ] && grep -qE "$stop" serial.txt; then
				echo stop
				return
			fi
			if [ $((now - shown)) -ge 10 ]; then
				shown=$now
				stage "$name: $(last_line)"
			fi
		elif [ $((now - last)) -ge "$silent" ]; then
			echo silent
			return
		fi
	done
	echo off
}

# ask COMMAND: QEMU's monitor, and print the lines that begin with a register
ask() {
	cat monitor.out >answer.txt &
	reader=$!
	echo "$1" >monitor.in
	sleep $POLL
	kill $reader
	tr -d '\r' <answer.txt | grep -E '^(CPU|[ER][A-Z0-9]+ ?=|CS|CR)'
}

# state: what the machine and the Linux below do; twice, to see what moves
state() {
	for _ in 1 2; do
		ask 'info registers -a'
		grep -H . /proc/"$(pidof "${1##*/}")"/task/*/wchan
		grep -E 'CPU|LOC|RES|CAL' /proc/interrupts
	done
	dmesg | tail -n 20
}

# boot NAME STOP SILENT COMMAND...
boot() {
	name=$1 stop=$2 silent=$3
	shift 3
	rm -f ended monitor.in monitor.out
	mkfifo monitor.in monitor.out
	: >serial.txt
	stage "$name: starts"
	begin=$(seconds)
	{
		"$@" -chardev pipe,id=monitor,path=monitor -mon monitor \
			</dev/null >qemu.txt 2>&1
		echo $? >ended
	} &
	end=$(watch_qemu)
	case $end in
	silent | limit)
		state "$1" >state.txt 2>&1
		result "$name.state" <state.txt
		;;
	esac
	killall -9 "$1" 2>/dev/null
	wait
	result "$name.txt" <serial.txt
	{
		echo "$end $(($(seconds) - begin))"
		cat qemu.txt
	} | result "$name.end"
}
