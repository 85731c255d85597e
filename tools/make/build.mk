# SPDX-License-Identifier: MIT
#
# The rules for what runs on the machine: hypervisor, guest test kernel, UEFI
# application, test ROM. Variables are those of the Makefile.

# All objects depend on this stamp: a changed compiler or flag rebuilds
# everything. Its rule also checks the packages that compiling needs, before the
# first object is built.
stamp := $(O)/flags
.PHONY: force
$(stamp): force
	@sh tools/make/deps.sh build $(if $(findstring clang,$(CC)),clang)
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(hv-cflags) $(sanitize)' | cmp -s - $@ || \
		printf '%s\n' '$(CC) $(hv-cflags) $(sanitize)' > $@

always := Makefile tools/make/build.mk $(stamp)

# The commit that the banners print. It changes with each commit, so only the
# files that print a banner include this header
commit-h := $(O)/include/commit.h
$(commit-h): force
	@mkdir -p $(@D)
	@printf '%s\n' '/* Made by tools/make/build.mk */' '#ifndef COMMIT_H' \
		'#define COMMIT_H' '#define LETHE_COMMIT "$(commit)"' '#endif' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(O)/hv/main.o $(O)/boot/console.o $(O)/rom/rom_console.o \
	$(O)/guest-efi/boot/console.o: $(commit-h)

# $(call compile,flags)
define compile
$(call say,CC,$<)
@mkdir -p $(@D)
$(Q)$(CC) $(1) $(deps) -c $< -o $@
endef

# $(call listings,elf): writes the symbols and the disassembly, for debugging
define listings
$(Q)$(NM) -n $@ > $(basename $@).sym
$(Q)$(OBJDUMP) -d --no-show-raw-insn $@ > $(basename $@).lst
endef

# -------------------------------------------------------------- hypervisor

# The core calls the machine through core/port/port.h, a seam at link time.
# Link-time optimisation removes the cost of these calls from the hot path, and
# without padded labels that path is shorter. Only gcc does it: clang would need
# lld to link.
no-padding := -fno-align-loops -fno-align-jumps -fno-align-labels
lto := $(if $(findstring clang,$(CC)),,-flto -flto-partition=one $(no-padding))

$(O)/hv/common/%.o: hv/common/%.c $(always)
	$(call compile,$(hv-cflags) $(lto) $(pure))

$(O)/hv/core/%.o: hv/core/%.c $(always)
	$(call compile,$(hv-cflags) $(lto) $(pure))

$(O)/hv/%.o: hv/%.c $(always)
	$(call compile,$(hv-cflags) $(lto))

$(O)/hv/%.o: hv/%.S $(always) $(O)/hv/asm_offsets.h
	$(call compile,$(hv-cflags))

# Structure offsets for the assembler. The compiler computes them: its output
# has a line `->NAME value` for each.
$(O)/hv/asm_offsets.s: hv/x86/asm_offsets.c $(always)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(hv-cflags) -MMD -MP -MF $(@:.s=.d) -MT $@ -S $< -o $@

$(O)/hv/asm_offsets.h: $(O)/hv/asm_offsets.s
	$(Q)sed -n 's/^.*->\([A-Za-z0-9_]*\) [$$#]*\(-*[0-9]*\).*/#define \1 \2/p' \
		$< > $@
	$(Q)test -s $@

-include $(O)/hv/asm_offsets.d

# The debug information goes into a file of its own, lethe.debug, which the
# section .gnu_debuglink of lethe.elf names; no loader loads it.
$(hv-elf): $(hv-obj) hv/hv.lds
	$(call say,LD,$@)
	$(Q)$(CC) $(hv-cflags) $(lto) -nostdlib -static $(if $(lto),-no-pie) \
		-Wl,--build-id=none -Wl,-z,max-page-size=0x1000 \
		-Wl,-z,noexecstack -Wl,-Map=$(basename $@).map \
		-T hv/hv.lds -o $@ $(hv-obj)
	$(Q)$(OBJCOPY) --only-keep-debug $@ $(hv-debug)
	$(Q)$(OBJCOPY) --remove-section=".debug_*" \
		--add-gnu-debuglink=$(hv-debug) $@
	$(listings)

# ------------------------------------------------------- guest test kernel

$(O)/guest/%.o: guest-test/%.c $(always)
	$(call compile,$(guest-cflags))

$(O)/guest/hv-test/%.o: hv/test/%.c $(always)
	$(call compile,$(guest-cflags))

$(O)/guest/%.o: guest-test/%.S $(always)
	$(call compile,$(guest-cflags))

# The rows of tests/refusals.toml, for the suite `calls`
$(O)/guest/refusal_rows.inc: tests/refusals.toml \
		tools/lethe/tables/refusals.py $(always)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) -m lethe.tables.refusals --rows $@

$(O)/guest/suites/calls/calls.o: $(O)/guest/refusal_rows.inc

$(guest-elf): $(guest-obj) guest-test/kernel/guest.lds
	$(call say,LD,$@)
	$(Q)$(LD) $(ldflags) -T guest-test/kernel/guest.lds -Map=$(basename $@).map \
		-o $@ $(guest-obj)
	$(listings)

# -------------------------------------------------------- UEFI application

$(O)/boot/common/%.o: hv/common/%.c $(always)
	$(call compile,$(boot-cflags) $(pure))

$(O)/boot/x86/%.o: hv/x86/%.c $(always)
	$(call compile,$(boot-cflags))

$(O)/boot/%.o: boot/%.c $(always)
	$(call compile,$(boot-cflags))

$(O)/boot/%.o: boot/%.S $(always) $(hv-elf)
	$(call compile,$(boot-cflags) -DLETHE_PAYLOAD=\"$(hv-elf)\")

# crt0 and libgnuefi are the two parts of GNU-EFI in the binary (see NOTICE)
$(O)/boot/lethe.so: $(boot-obj) boot/lethe.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -shared -Bsymbolic --no-undefined -z nocombreloc \
		-z noexecstack --build-id=none -T boot/lethe.lds \
		-Map=$(basename $@).map -o $@ \
		/usr/lib/crt0-efi-x86_64.o $(boot-obj) /usr/lib/libgnuefi.a
	$(listings)

efi-sections := .text .reloc .rodata .data .dynamic .rela .dynsym .dynstr
$(efi): $(O)/boot/lethe.so
	$(call say,EFI,$@)
	$(Q)$(OBJCOPY) $(addprefix -j ,$(efi-sections)) \
		--target efi-app-x86_64 --subsystem=10 $< $@

# ---------------------------------------------------------------- test ROM

$(O)/rom/common/%.o: hv/common/%.c $(always)
	$(call compile,$(rom-cflags) $(pure))

$(O)/rom/boot/%.o: boot/%.c $(always)
	$(call compile,$(rom-cflags))

$(O)/rom/%.o: boot/rom/%.c $(always)
	$(call compile,$(rom-cflags))

$(O)/rom/%.o: boot/rom/%.S $(always)
	$(call compile,$(rom-cflags))

$(O)/rom/rom.elf: $(rom-obj) boot/rom/rom.lds
	$(call say,LD,$@)
	$(Q)$(LD) $(ldflags) --no-warn-rwx-segments -T boot/rom/rom.lds -Map=$(basename $@).map -o $@ \
		$(rom-obj)
	$(listings)

$(rom): $(O)/rom/rom.elf
	$(Q)$(OBJCOPY) -O binary $< $@

# ----------------------------------------------- the kernel of docs/example/

example := $(O)/example/hello.elf
all: $(example)
$(example): docs/example/hello.S $(always)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -nostdlib -static -Wl,--build-id=none \
		-Wl,-Ttext-segment=0x100000 -Wl,-e,start -o $@ $<

# --------------------------------------- a bzImage for the tests of the format

bzimage := $(O)/guest/bzimage
all: $(bzimage)
$(O)/guest/bzimage.elf: guest-test/bzimage/kernel.S $(always)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -m64 -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0 \
		-Wl,-e,0 -o $@ $<

$(bzimage): $(O)/guest/bzimage.elf
	$(Q)$(OBJCOPY) -O binary -j .text $< $@
