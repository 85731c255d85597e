#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the build and the tests need beside git and make. Silent if all is
# there. Otherwise prints what is missing and its size, asks on a terminal and
# installs with apt; without a terminal it installs as root or with CI=true.
# Where it cannot or must not (APT=no, not Debian 12, no network, no sudo) it
# prints the exact command and ends with status 2.
set -u
export LC_ALL=C

# Package and what shows that it is there: a command or a file.
wanted='
gcc gcc
libc6-dev /usr/include/stdlib.h
binutils ld
make make
git git
python3 /usr/bin/python3
gnu-efi /usr/lib/crt0-efi-x86_64.o
mtools mcopy
gdisk /usr/sbin/sgdisk
bochs bochs-bin
bochs-term /usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so
vgabios /usr/share/bochs/VGABIOS-lgpl-latest
ovmf /usr/share/ovmf/OVMF.fd
qemu-system-x86 qemu-system-x86_64
syslinux syslinux
syslinux-common /usr/lib/syslinux/modules/bios/ldlinux.c32
busybox-static /bin/busybox
clang clang
clang-format clang-format
clang-tidy clang-tidy
cppcheck cppcheck
spin spin
gcovr gcovr
libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a
'

is_there() {
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

missing=$(echo "$wanted" | while read -r package probe; do
	[ -z "$package" ] || is_there "$probe" || printf ' %s' "$package"
done)
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo='sudo '
command="${sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$missing"

give_up() {
	echo "deps: missing:$missing" >&2
	echo "deps: $1; this installs them on Debian 12:" >&2
	echo "    ${sudo}apt-get update && $command" >&2
	exit 2
}

[ "${APT:-yes}" != no ] || give_up 'APT=no'
grep -qs '^12' /etc/debian_version || give_up 'this is not Debian 12'
[ -z "$sudo" ] || command -v sudo >/dev/null || give_up 'there is no sudo'

ask=no
if [ "${CI:-}" = true ] || ! [ -t 0 ] || ! [ -t 1 ]; then
	[ -z "$sudo" ] || sudo -n true 2>/dev/null ||
		give_up 'sudo wants a password and there is no terminal'
else
	ask=yes
fi

# A fresh machine may know no package at all
if ! ls /var/lib/apt/lists/*_Packages >/dev/null 2>&1; then
	echo 'deps: apt-get update'
	${sudo}apt-get update -qq || give_up 'apt-get update failed (network?)'
fi
# shellcheck disable=SC2086
uris=$(apt-get -qq --print-uris --no-install-recommends install $missing) ||
	give_up 'apt does not know these packages'
echo "deps: missing:$missing"
echo "$uris" | awk '{ bytes += $3; count += NF >= 3 }
	END { printf "deps: %d packages, %.0f MB to download\n", count,
	      bytes / 1000000 }'

if [ $ask = yes ]; then
	printf 'deps: install them now with apt? [y/N] '
	read -r answer
	case $answer in
	y* | Y*) ;;
	*) give_up 'not installed' ;;
	esac
fi
$command || {
	${sudo}apt-get update -qq && $command
} || give_up 'apt failed (network?)'
