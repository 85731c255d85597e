# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The script of run.py beside this file sources this file, under Linux in Bochs.
# `boot` starts QEMU once and sends NAME.txt, the console, and NAME.end: how the
# boot ended, the seconds it took, and what QEMU printed. If the console is
# silent or the boot takes too long, it also sends NAME.state, the state of the
# machine.

data=  # the file from which part reads pages
typed= # the file with the lines that the next boot types, if any
ready= # they are typed after the console matches this
POLL=2
TYPE_POLL=0.2
PROMPT='lethe> '
LONGEST=600 # seconds of a boot whose console is never silent

# part SKIP SEEK COUNT: copies pages of $data into the disk image
part() {
	dd if="$data" of=disk.img bs=4096 skip="$1" seek="$2" count="$3" \
		conv=notrunc 2>/dev/null
}

seconds() {
	read -r up _ </proc/uptime
	echo "${up%.*}"
}

# last_line: prints the last line of the console, or `firmware` while the
# firmware clears the screen again and again
last_line() {
	line=$(tail -n 1 serial.txt | tr -cd ' -~' | cut -c 1-60)
	case $line in
	*'[2J'*) echo firmware ;;
	*) echo "$line" ;;
	esac
}

# lines FILE READY: the next boot types the lines of FILE into QEMU's stdin, for
# which -serial mon:stdio is in its command
lines() {
	typed=$1 ready=$2
}

# type_next: types a line from descriptor 4 if the console has matched $ready,
# and has shown a prompt since the line before
type_next() {
	if [ -z "$at" ]; then
		grep -qE "$ready" serial.txt || return 0
	elif [ "$(wc -c <serial.txt)" = "$at" ] ||
		[ "$(tail -c ${#PROMPT} serial.txt)" != "$PROMPT" ]; then
		return 0
	fi
	at=$(wc -c <serial.txt)
	poll=$TYPE_POLL
	if read -r line <&4; then
		printf '%s\r' "$line" >&3
	fi
}

# watch_qemu: waits until QEMU ends (off), the console matches $stop (stop), the
# console is silent for $silent seconds (silent), or the boot takes $LONGEST
# seconds (limit); prints the word for it
watch_qemu() {
	size=0 last=$(seconds) shown=0 at='' poll=$POLL
	while [ ! -e ended ]; do
		sleep "$poll"
		if [ -n "$typed" ]; then
			type_next
		fi
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

# ask COMMAND: sends it to QEMU's monitor, and prints the lines of the answer
# that begin with a register
ask() {
	cat monitor.out >answer.txt &
	reader=$!
	echo "$1" >monitor.in
	sleep $POLL
	kill $reader
	tr -d '\r' <answer.txt | grep -E '^(CPU|[ER][A-Z0-9]+ ?=|CS|CR)'
}

# state QEMU: prints what the machine and the Linux below it do, twice, so that
# changes can be seen
state() {
	for _ in 1 2; do
		ask 'info registers -a'
		grep -H . /proc/"$(pidof "${1##*/}")"/task/*/wchan
		grep -E 'CPU|LOC|RES|CAL' /proc/interrupts
	done
	dmesg | tail -n 20
}

# boot NAME STOP SILENT COMMAND...: runs COMMAND, which is QEMU, once
boot() {
	name=$1 stop=$2 silent=$3
	shift 3
	rm -f ended monitor.in monitor.out typed.in
	mkfifo monitor.in monitor.out typed.in
	: >serial.txt
	: >qemu.txt
	input=/dev/null output=qemu.txt
	exec 3<>typed.in # what QEMU reads must not end
	if [ -n "$typed" ]; then
		input=typed.in output=serial.txt
		exec 4<"$typed"
	fi
	stage "$name: starts"
	begin=$(seconds)
	{
		"$@" -chardev pipe,id=monitor,path=monitor -mon monitor \
			<"$input" >>"$output" 2>>qemu.txt
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
	exec 3>&- 4<&-
	typed='' ready=''
	result "$name.txt" <serial.txt
	{
		echo "$end $(($(seconds) - begin))"
		cat qemu.txt
	} | result "$name.end"
}
