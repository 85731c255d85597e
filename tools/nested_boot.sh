# SPDX-License-Identifier: MIT
#
# Sourced by the script of tools/nested.py, under Linux in Bochs: boots QEMU
# once and sends NAME.txt, the console, and NAME.end: how it ended, the
# seconds it took, and what QEMU said.

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

# boot NAME STOP SILENT COMMAND...
boot() {
	name=$1 stop=$2 silent=$3
	shift 3
	rm -f ended
	: >serial.txt
	stage "$name: starts"
	begin=$(seconds)
	{
		"$@" </dev/null >qemu.txt 2>&1
		echo $? >ended
	} &
	end=$(watch_qemu)
	killall -9 "$1" 2>/dev/null
	wait
	result "$name.txt" <serial.txt
	{
		echo "$end $(($(seconds) - begin))"
		cat qemu.txt
	} | result "$name.end"
}
