#!/bin/sh
# SPDX-License-Identifier: MIT
#
# deps.sh GROUP...: installs the packages that these groups need besides git and
# make. Prints nothing if all are installed. Otherwise it prints the missing
# packages, the number of packages with all that they depend on, and the size of
# the download. On a terminal it asks, then it installs them with apt. Without a
# terminal, or with CI=true, it installs without a question, as root or with a
# sudo that wants no password. Where it cannot or must not install (APT=no, not
# Debian 12 or 13, no network, no sudo) it prints the exact command and ends
# with status 2.
set -u
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

release=$(sed -n 's/^\([0-9]*\)\(\..*\)*$/\1/p' /etc/debian_version 2>/dev/null)
case $release in
12) clang_rt=libclang-rt-14-dev ;;
*) clang_rt=libclang-rt-19-dev ;;
esac

# Group, package, and what shows that it is there: a command or a file.
wanted="
build gcc gcc
build binutils ld
build python3 /usr/bin/python3
build gnu-efi /usr/lib/crt0-efi-x86_64.o
host libc6-dev /usr/include/stdlib.h
disk mtools mcopy
disk gdisk sgdisk
bochs bochs bochs-bin
bochs bochs-term /usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so
bochs vgabios /usr/share/bochs/VGABIOS-lgpl-latest
firmware ovmf /usr/share/ovmf/OVMF.fd
qemu qemu-system-x86 qemu-system-x86_64
linux syslinux syslinux
linux syslinux-common /usr/lib/syslinux/modules/bios/ldlinux.c32
linux busybox-static /bin/busybox
unpack lz4 lz4
clang clang clang
clang $clang_rt /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a
lint clang-format clang-format
lint clang-tidy clang-tidy
lint cppcheck cppcheck
lint shellcheck shellcheck
lint python3-flake8 /usr/lib/python3/dist-packages/flake8/__init__.py
spin spin spin
coverage gcovr gcovr
test python3-pytest /usr/lib/python3/dist-packages/pytest/__init__.py
test python3-pytest-subtests /usr/lib/python3/dist-packages/pytest_subtests*
acpi acpica-tools iasl
elf python3-pyelftools /usr/lib/python3/dist-packages/elftools/__init__.py
line picocom picocom
terminal python3-pexpect /usr/lib/python3/dist-packages/pexpect/__init__.py
debug gdb gdb
trace babeltrace2 babeltrace2
trace python3-jsonschema /usr/lib/python3/dist-packages/jsonschema/__init__.py
git git git
"

# Group, and the groups that it stands for.
groups='
machine build disk firmware bochs
machine-qemu build disk firmware qemu
tracing build disk firmware bochs elf
debugging build disk firmware bochs debug
debug-testing build host disk firmware bochs debug elf test line
gdb-testing build host disk firmware bochs debug linux elf
debugging-qemu build disk firmware qemu debug
boots build host disk firmware bochs qemu elf
quick build host bochs clang lint elf
fuzzing build host clang
linting build host clang lint elf
covering build host coverage
spinning build host spin
nested build host disk firmware bochs qemu linux elf test
linux-run linux
linux-guest build host disk firmware bochs linux unpack elf test terminal
linux-bench build host disk firmware bochs qemu linux unpack elf
mutating build host disk firmware bochs clang
testing test acpi
trace-testing build host trace test
hour build host disk firmware bochs elf test terminal
release build host disk git
fresh terminal
check build host disk firmware bochs qemu linux unpack clang lint spin coverage elf test acpi terminal line debug trace git
'

is_there() {
	case $1 in
	/*) ls "$1" >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# Whether a file matches the pattern, for the probes that contain *.
is_there_pattern() {
	for found in $1; do
		[ -e "$found" ] && return 0
	done
	return 1
}

chosen=" "
for group; do
	members=$(echo "$groups" | sed -n "s/^$group //p")
	chosen="$chosen${members:-$group} "
done
for group in $chosen; do
	echo "$wanted" | grep -q "^$group " || {
		echo "deps: expected groups of tools/make/deps.sh, found $group" >&2
		exit 2
	}
done

missing=$(echo "$wanted" | while read -r group package probe; do
	case "$chosen" in
	*" $group "*) ;;
	*) continue ;;
	esac
	is_there "$probe" || is_there_pattern "$probe" ||
		printf ' %s' "$package"
done)
[ -n "$missing" ] || exit 0

as_root=
sudo=
[ "$(id -u)" = 0 ] || sudo='sudo '
command="${sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$missing"

echo "deps: missing:$missing" >&2

give_up() {
	echo "deps: $1; ${as_root}this installs them on Debian 12 or 13:" >&2
	echo "    ${sudo}apt-get update && $command" >&2
	exit 2
}

admin() {
	if [ -n "$sudo" ]; then
		sudo "$@"
	else
		"$@"
	fi
}

update() {
	echo 'deps: apt does not know all packages yet: running apt-get update'
	admin apt-get update -qq || give_up 'apt-get update failed: is there a network?'
}

has_lists() {
	is_there_pattern '/var/lib/apt/lists/*_Packages*'
}

# Lets apt print what it would install. This changes nothing, so it takes no
# lock and needs no root
simulate() {
	# shellcheck disable=SC2086
	apt-get -o Debug::NoLocking=1 --no-install-recommends "$@" \
		install $missing 2>/dev/null
}

[ "${APT:-yes}" != no ] || give_up 'APT=no'
case $release in
12 | 13) ;;
*) give_up "expected Debian 12 or 13, found /etc/debian_version $(
	cat /etc/debian_version 2>/dev/null || echo absent)" ;;
esac
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
	sudo=
	command=${command#sudo }
	as_root='as root '
	give_up 'there is no sudo'
fi

ask=no
if [ "${CI:-}" = true ] || ! [ -t 0 ]; then
	[ -z "$sudo" ] || sudo -n true 2>/dev/null ||
		give_up 'sudo wants a password and there is no terminal'
else
	ask=yes
fi

# A fresh machine may have no package lists, and those of an old machine may be
# outdated
has_lists || update
uris=$(simulate -qq --print-uris) || {
	update
	has_lists || give_up 'apt has no package lists: is there a network?'
	uris=$(simulate -qq --print-uris) ||
		give_up "apt does not know these packages: its sources need the component main"
}
echo "$uris" | awk '{ bytes += $3; count += NF >= 3 }
	END { printf "deps: %d packages, %.0f MB to download", count,
	      bytes / 1000000 }'
simulate --assume-no | sed -n \
	's/^After this operation, \(.*\) of additional disk space.*/, \1 on disk/p' |
	tr -d '\n'
echo

if [ $ask = yes ]; then
	printf 'deps: install them now with apt? [Y/n] ' >&2
	read -r answer || give_up 'not installed'
	case $answer in
	'' | y* | Y*) ;;
	*) give_up 'not installed' ;;
	esac
fi
# Waits if another apt is running
command="$command -o DPkg::Lock::Timeout=600"
# stdin is not the terminal: dpkg would leave the terminal non-blocking, and
# then output could get lost
install() {
	$command </dev/null
}
install || {
	admin apt-get update -qq && install
} || give_up 'apt failed: is there a network?'
