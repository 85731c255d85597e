# SPDX-License-Identifier: MIT
#
# Builds Lethe. What is compiled is listed in the files.mk of each folder;
# `make help` lists the targets. O=dir builds elsewhere, CC=clang with clang,
# V=1 shows the commands.

O ?= build
# make and its rules split words at blanks
ifneq ($(words $(CURDIR)),1)
$(error expected a project folder without blanks in its path, found \
	`$(CURDIR)`; move the project)
endif
ifneq ($(words $(O)),1)
$(error expected a folder without blanks in O=, found `$(O)`)
endif
ifeq ($(origin CC),default)
CC := gcc
endif
LD := ld
OBJCOPY := objcopy
NM := nm
OBJDUMP := objdump
PYTHON := /usr/bin/python3
VERSION := $(shell cat VERSION)
commit := $(shell sh tools/make/commit.sh)

Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' $(1) $(2))

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

hv-c := main.c
include hv/core/files.mk
include hv/vmx/files.mk
include hv/x86/files.mk
include hv/test/files.mk
include boot/files.mk
include boot/rom/files.mk
include guest-test/files.mk

# ----------------------------------------------------------------- flags

warn-base := -Wall -Wextra -Wshadow -Wundef -Wwrite-strings -Wpointer-arith \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wswitch-enum -Wenum-conversion -Wimplicit-fallthrough -Wformat=2 \
	-Wnull-dereference -Werror
warn := $(warn-base) -Wconversion -Wcast-qual

# A build in any folder gives the same bytes: they have no build path, no date
repro := -ffile-prefix-map=$(CURDIR)/= -ffile-prefix-map=$(O)/=build/ \
	-fdebug-prefix-map=$(CURDIR)=.
export SOURCE_DATE_EPOCH := 0
export LC_ALL := C
export PYTHONDONTWRITEBYTECODE := 1
# For the tools: python3 -m lethe.…
export PYTHONPATH := $(CURDIR)/tools

defines := -DLETHE_VERSION='"$(VERSION)"' \
	$(if $(STRETCH),-DLETHE_STRETCH=$(STRETCH)) \
	$(if $(filter no,$(TRACE)),-DLETHE_NO_TRACE) \
	$(if $(filter no,$(HISTOGRAM)),-DLETHE_NO_HISTOGRAM)
deps = -MMD -MP -MF $(@:.o=.d)
bare := -std=gnu11 -ffreestanding -fno-common -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -O2 \
	$(repro) $(defines)

hv-cflags := $(bare) -g -fno-pic -mcmodel=kernel -Iinclude -Ihv -I$(O)/hv \
	-I$(O)/include $(warn) \
	$(if $(STRETCH),-DLETHE_STEPS)
guest-cflags := $(bare) -fno-pic -mcmodel=small -Iinclude -Iguest-test \
	-iquote hv/test -I$(O)/guest $(warn)
rom-cflags := $(bare) -fno-pic -mcmodel=small -Iinclude -Ihv -Iboot/rom -I. \
	-I$(O)/include $(warn-base)
boot-cflags := $(bare) -fpic -fvisibility=hidden -fshort-wchar -Iinclude -Ihv \
	-I$(O)/include $(warn-base) -DGNU_EFI_USE_MS_ABI \
	-isystem /usr/include/efi -isystem /usr/include/efi/x86_64
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all
unit-cflags := -std=gnu11 -g -O1 -fno-omit-frame-pointer -fno-common \
	-Iinclude -Ihv $(defines) $(warn-base)
test-includes := -Ihv/test -iquote boot -iquote tools
pure := -ffreestanding -include common/lib/pure.h

ldflags := -nostdlib -static --build-id=none -z max-page-size=0x1000 \
	-z noexecstack

# ----------------------------------------------------- objects, programs

hv-obj := $(patsubst %,$(O)/hv/%.o,$(basename $(hv-c) \
	$(core-c) \
	$(addprefix vmx/,$(vmx-c) $(vmx-s)) \
	$(addprefix x86/,$(x86-c) $(x86-s))))
guest-obj := $(patsubst %,$(O)/guest/%.o,$(basename $(guest-c) $(guest-s) \
	$(addprefix hv-test/,$(guest-oracle-c))))
boot-obj := $(patsubst %,$(O)/boot/%.o,$(basename $(boot-c) \
	$(addprefix common/,$(boot-common-c)) $(addprefix x86/,$(boot-x86-c)) \
	$(boot-s)))
rom-obj := $(patsubst %,$(O)/rom/%.o,$(basename $(rom-s) $(rom-c) \
	$(addprefix common/,$(rom-common-c)) $(addprefix boot/,$(rom-boot-c))))

hv-elf := $(O)/hv/lethe.elf
hv-debug := $(O)/hv/lethe.debug
guest-elf := $(O)/guest/guest.elf
efi := $(O)/boot/BOOTX64.EFI
rom := $(O)/rom/rom.bin

# machine builds what `make run` boots; all adds what runs on other hypervisors
.PHONY: all machine
machine: $(hv-elf) $(guest-elf) $(efi) $(rom)
all: machine

include tools/make/build.mk
include boot/guest/guest-efi.mk
include tools/lethe-trace/lethe-trace.mk
include tools/make/host.mk
include tools/kvm-run/kvm-run.mk
include guest-test/linux/linux.mk
-include hv/test/explorer/explorer.mk
include tools/make/targets.mk

-include $(filter %.d,$(patsubst %.o,%.d,$(hv-obj) $(guest-obj) $(boot-obj) \
	$(rom-obj) $(unit-obj) $(fuzz-obj) $(coverage-obj)))
