/* SPDX-License-Identifier: MIT */
/* The rows, and the reading and writing of each kind of them at the VP. */
#include "core/gdb/register_table.h"

#include "common/lib/mem.h"
#include "core/port/vmcs.h"
#include "core/registers/table.h"
#include "core/state/vp.h"
#include "tlfs/register.h"

/* SDM 1, "FXSAVE Area" in 64-bit mode */
#define FX_CONTROL 0
#define FX_STATUS  2
#define FX_TAG     4
#define FX_OPCODE  6
#define FX_IP      8
#define FX_DP      16
#define FX_MXCSR   24
#define FX_MASK    28 /* of MXCSR; 0 stands for the one below */
#define FX_ST      32
#define FX_XMM     160
#define FX_SIZE    512u
#define MXCSR_MASK 0xffbfu
#define ST_COUNT   8
#define TAG_EMPTY  3u

#define FEATURE_CORE                                                           \
	"<feature name=\"org.gnu.gdb.i386.core\">"                             \
	"<flags id=\"flags\" size=\"4\">" FLAGS "</flags>"
#define FEATURE_SSE                                                            \
	"<feature name=\"org.gnu.gdb.i386.sse\">"                              \
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"                \
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"                \
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"                    \
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"                    \
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"                    \
	"<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"         \
	"<field name=\"v2_double\" type=\"v2d\"/>"                             \
	"<field name=\"v16_int8\" type=\"v16i8\"/>"                            \
	"<field name=\"v4_int32\" type=\"v4i32\"/>"                            \
	"<field name=\"v2_int64\" type=\"v2i64\"/>"                            \
	"<field name=\"uint128\" type=\"uint128\"/></union>"
#define FEATURE_SEGMENTS "<feature name=\"org.gnu.gdb.i386.segments\">"
#define FEATURE_SYSTEM   "<feature name=\"lethe.system\">"

/* clang-format off */
#define FLAG(name, bit) \
	"<field name=\"" #name "\" start=\"" #bit "\" end=\"" #bit "\"/>"
#define FLAGS \
	FLAG(CF, 0) FLAG(PF, 2) FLAG(AF, 4) FLAG(ZF, 6) FLAG(SF, 7) \
	FLAG(TF, 8) FLAG(IF, 9) FLAG(DF, 10) FLAG(OF, 11) FLAG(NT, 14) \
	FLAG(RF, 16) FLAG(VM, 17) FLAG(AC, 18) FLAG(VIF, 19) FLAG(VIP, 20) \
	FLAG(ID, 21)

const struct gdb_register gdb_register_table[GDB_REGISTERS] = {
	{ "rax", 64, GDB_PLAIN, HV_X64_REGISTER_RAX, NULL, FEATURE_CORE },
	{ "rbx", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 3, NULL, NULL },
	{ "rcx", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 1, NULL, NULL },
	{ "rdx", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 2, NULL, NULL },
	{ "rsi", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 6, NULL, NULL },
	{ "rdi", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 7, NULL, NULL },
	{ "rbp", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 5, "data_ptr", NULL },
	{ "rsp", 64, GDB_PLAIN, HV_X64_REGISTER_RSP, "data_ptr", NULL },
	{ "r8", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 8, NULL, NULL },
	{ "r9", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 9, NULL, NULL },
	{ "r10", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 10, NULL, NULL },
	{ "r11", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 11, NULL, NULL },
	{ "r12", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 12, NULL, NULL },
	{ "r13", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 13, NULL, NULL },
	{ "r14", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 14, NULL, NULL },
	{ "r15", 64, GDB_PLAIN, HV_X64_REGISTER_RAX + 15, NULL, NULL },
	{ "rip", 64, GDB_PLAIN, HV_X64_REGISTER_RIP, "code_ptr", NULL },
	{ "eflags", 32, GDB_PLAIN, HV_X64_REGISTER_RFLAGS, "flags", NULL },
	{ "cs", 32, GDB_SELECTOR, HV_X64_REGISTER_CS, NULL, NULL },
	{ "ss", 32, GDB_SELECTOR, HV_X64_REGISTER_SS, NULL, NULL },
	{ "ds", 32, GDB_SELECTOR, HV_X64_REGISTER_DS, NULL, NULL },
	{ "es", 32, GDB_SELECTOR, HV_X64_REGISTER_ES, NULL, NULL },
	{ "fs", 32, GDB_SELECTOR, HV_X64_REGISTER_FS, NULL, NULL },
	{ "gs", 32, GDB_SELECTOR, HV_X64_REGISTER_GS, NULL, NULL },
	{ "st0", 80, GDB_FPU, FX_ST + 0 * 16, "i387_ext", NULL },
	{ "st1", 80, GDB_FPU, FX_ST + 1 * 16, "i387_ext", NULL },
	{ "st2", 80, GDB_FPU, FX_ST + 2 * 16, "i387_ext", NULL },
	{ "st3", 80, GDB_FPU, FX_ST + 3 * 16, "i387_ext", NULL },
	{ "st4", 80, GDB_FPU, FX_ST + 4 * 16, "i387_ext", NULL },
	{ "st5", 80, GDB_FPU, FX_ST + 5 * 16, "i387_ext", NULL },
	{ "st6", 80, GDB_FPU, FX_ST + 6 * 16, "i387_ext", NULL },
	{ "st7", 80, GDB_FPU, FX_ST + 7 * 16, "i387_ext", NULL },
	{ "fctrl", 32, GDB_FPU_16, FX_CONTROL, NULL, NULL },
	{ "fstat", 32, GDB_FPU_16, FX_STATUS, NULL, NULL },
	{ "ftag", 32, GDB_FPU_TAG, FX_TAG, NULL, NULL },
	{ "fiseg", 32, GDB_FPU, FX_IP + 4, NULL, NULL },
	{ "fioff", 32, GDB_FPU, FX_IP, NULL, NULL },
	{ "foseg", 32, GDB_FPU, FX_DP + 4, NULL, NULL },
	{ "fooff", 32, GDB_FPU, FX_DP, NULL, NULL },
	{ "fop", 32, GDB_FPU_16, FX_OPCODE, NULL, NULL },
	{ "xmm0", 128, GDB_FPU, FX_XMM + 0 * 16, "vec128", FEATURE_SSE },
	{ "xmm1", 128, GDB_FPU, FX_XMM + 1 * 16, "vec128", NULL },
	{ "xmm2", 128, GDB_FPU, FX_XMM + 2 * 16, "vec128", NULL },
	{ "xmm3", 128, GDB_FPU, FX_XMM + 3 * 16, "vec128", NULL },
	{ "xmm4", 128, GDB_FPU, FX_XMM + 4 * 16, "vec128", NULL },
	{ "xmm5", 128, GDB_FPU, FX_XMM + 5 * 16, "vec128", NULL },
	{ "xmm6", 128, GDB_FPU, FX_XMM + 6 * 16, "vec128", NULL },
	{ "xmm7", 128, GDB_FPU, FX_XMM + 7 * 16, "vec128", NULL },
	{ "xmm8", 128, GDB_FPU, FX_XMM + 8 * 16, "vec128", NULL },
	{ "xmm9", 128, GDB_FPU, FX_XMM + 9 * 16, "vec128", NULL },
	{ "xmm10", 128, GDB_FPU, FX_XMM + 10 * 16, "vec128", NULL },
	{ "xmm11", 128, GDB_FPU, FX_XMM + 11 * 16, "vec128", NULL },
	{ "xmm12", 128, GDB_FPU, FX_XMM + 12 * 16, "vec128", NULL },
	{ "xmm13", 128, GDB_FPU, FX_XMM + 13 * 16, "vec128", NULL },
	{ "xmm14", 128, GDB_FPU, FX_XMM + 14 * 16, "vec128", NULL },
	{ "xmm15", 128, GDB_FPU, FX_XMM + 15 * 16, "vec128", NULL },
	{ "mxcsr", 32, GDB_MXCSR, FX_MXCSR, NULL, NULL },
	{ "fs_base", 64, GDB_BASE, HV_X64_REGISTER_FS, NULL, FEATURE_SEGMENTS },
	{ "gs_base", 64, GDB_BASE, HV_X64_REGISTER_GS, NULL, NULL },
	{ "k_gs_base", 64, GDB_PLAIN, HV_X64_REGISTER_KERNEL_GS_BASE, NULL, FEATURE_SYSTEM },
	{ "cr0", 64, GDB_PLAIN, HV_X64_REGISTER_CR0, NULL, NULL },
	{ "cr2", 64, GDB_PLAIN, HV_X64_REGISTER_CR2, NULL, NULL },
	{ "cr3", 64, GDB_PLAIN, HV_X64_REGISTER_CR3, NULL, NULL },
	{ "cr4", 64, GDB_PLAIN, HV_X64_REGISTER_CR4, NULL, NULL },
	{ "cr8", 64, GDB_PLAIN, HV_X64_REGISTER_CR8, NULL, NULL },
	{ "efer", 64, GDB_PLAIN, HV_X64_REGISTER_EFER, NULL, NULL },
	{ "star", 64, GDB_PLAIN, HV_X64_REGISTER_STAR, NULL, NULL },
	{ "lstar", 64, GDB_PLAIN, HV_X64_REGISTER_LSTAR, NULL, NULL },
	{ "cstar", 64, GDB_PLAIN, HV_X64_REGISTER_CSTAR, NULL, NULL },
	{ "apic_base", 64, GDB_PLAIN, HV_X64_REGISTER_APIC_BASE, NULL, NULL },
	{ "gdt_base", 64, GDB_BASE, HV_X64_REGISTER_GDTR, NULL, NULL },
	{ "idt_base", 64, GDB_BASE, HV_X64_REGISTER_IDTR, NULL, NULL },
	{ "tr_base", 64, GDB_BASE, HV_X64_REGISTER_TR, NULL, NULL },
	{ "cs_base", 64, GDB_BASE, HV_X64_REGISTER_CS, NULL, NULL },
	{ "ss_base", 64, GDB_BASE, HV_X64_REGISTER_SS, NULL, NULL },
	{ "ds_base", 64, GDB_BASE, HV_X64_REGISTER_DS, NULL, NULL },
	{ "es_base", 64, GDB_BASE, HV_X64_REGISTER_ES, NULL, NULL },
};
/* clang-format on */

_Static_assert(ARRAY_SIZE(gdb_register_table) == GDB_REGISTERS, "the table");

/* ---- at the VP ---- */

/* False: the VP has no such register. */
static bool get_named(struct vp *vp, u32 name, struct hv_register_value *value)
{
	struct reg_job job = {.count = 1, .names = &name, .values = value};

	reg_job_run(&job, vp, 0);
	return job.done == 1;
}

static bool set_named(struct vp *vp, u32 name,
		      const struct hv_register_value *value)
{
	struct hv_register_assoc assoc = {.name = name, .value = *value};
	struct reg_job job = {.is_set = true, .count = 1, .assocs = &assoc};

	reg_job_run(&job, vp, 0);
	return job.done == 1;
}

/* The table registers have their base in the other half. */
static u64 *base_of(u32 name, struct hv_register_value *value)
{
	return name == HV_X64_REGISTER_GDTR || name == HV_X64_REGISTER_IDTR
		       ? &value->high
		       : &value->low;
}

static u64 get_value(struct vp *vp, const struct gdb_register *row)
{
	struct hv_register_value value = {0, 0};

	(void)get_named(vp, row->where, &value);
	if (row->kind == GDB_SELECTOR) {
		return FIELD_GET(HV_SEGMENT_SELECTOR, value.high);
	}
	return row->kind == GDB_BASE ? *base_of(row->where, &value) : value.low;
}

static bool set_value(struct vp *vp, const struct gdb_register *row, u64 to)
{
	struct hv_register_value value = {0, 0};

	if (!get_named(vp, row->where, &value)) {
		return false;
	}
	if (row->kind == GDB_SELECTOR) {
		if (to > 0xffff) {
			return false;
		}
		value.high &= ~HV_SEGMENT_SELECTOR;
		value.high |= FIELD_PREP(HV_SEGMENT_SELECTOR, to);
	} else if (row->kind == GDB_BASE) {
		*base_of(row->where, &value) = to;
	} else {
		value.low = to;
	}
	return set_named(vp, row->where, &value);
}

/* GDB wants two bits for each register; the area has one: not empty. */
static u16 full_tag(u8 abridged)
{
	u16 tag = 0;

	for (u32 i = 0; i < ST_COUNT; i++) {
		if (!(abridged & BIT(i))) {
			tag |= (u16)(TAG_EMPTY << 2 * i);
		}
	}
	return tag;
}

static u8 abridged_tag(u16 tag)
{
	u8 abridged = 0;

	for (u32 i = 0; i < ST_COUNT; i++) {
		if ((tag >> 2 * i & TAG_EMPTY) != TAG_EMPTY) {
			abridged |= (u8)BIT(i);
		}
	}
	return abridged;
}

static bool is_fpu(const struct gdb_register *row)
{
	return row->kind >= GDB_FPU;
}

static void get_fpu(const u8 *area, const struct gdb_register *row, u8 *value)
{
	u16 tag;

	switch (row->kind) {
	case GDB_FPU_16:
		memcpy(value, area + row->where, sizeof(u16));
		break;
	case GDB_FPU_TAG:
		tag = full_tag(area[row->where]);
		memcpy(value, &tag, sizeof(tag));
		break;
	default:
		memcpy(value, area + row->where, row->bits / 8);
		break;
	}
}

/* FXRSTOR of a reserved bit of MXCSR would be #GP in root mode. */
static u32 safe_mxcsr(const u8 *area, const u8 *value)
{
	u32 mask;
	u32 mxcsr;

	memcpy(&mask, area + FX_MASK, sizeof(mask));
	memcpy(&mxcsr, value, sizeof(mxcsr));
	return mxcsr & (mask == 0 ? MXCSR_MASK : mask);
}

static void set_fpu(u8 *area, const struct gdb_register *row, const u8 *value)
{
	u32 mxcsr;
	u16 tag;

	switch (row->kind) {
	case GDB_FPU_16:
		memcpy(area + row->where, value, sizeof(u16));
		break;
	case GDB_FPU_TAG:
		memcpy(&tag, value, sizeof(tag));
		area[row->where] = abridged_tag(tag);
		break;
	case GDB_MXCSR:
		mxcsr = safe_mxcsr(area, value);
		memcpy(area + row->where, &mxcsr, sizeof(mxcsr));
		break;
	default:
		memcpy(area + row->where, value, row->bits / 8);
		break;
	}
}

void gdb_register_table_read(struct vp *vp, struct gdb_registers *to)
{
	u8 area[FX_SIZE] __aligned(16);

	memset(to, 0, sizeof(*to));
	port_fxsave(area);
	for (u32 n = 0; n < GDB_REGISTERS; n++) {
		const struct gdb_register *row = &gdb_register_table[n];

		if (is_fpu(row)) {
			get_fpu(area, row, to->value[n]);
		} else {
			u64 value = get_value(vp, row);

			memcpy(to->value[n], &value, row->bits / 8);
		}
	}
}

static bool differs(const struct gdb_registers *a,
		    const struct gdb_registers *b, u32 n)
{
	return memcmp(a->value[n], b->value[n], GDB_REGISTER_SIZE) != 0;
}

u32 gdb_register_table_write(struct vp *vp, const struct gdb_registers *from,
			     const struct gdb_registers *to)
{
	u8 area[FX_SIZE] __aligned(16);
	u32 refused = 0;

	port_fxsave(area);
	for (u32 n = 0; n < GDB_REGISTERS; n++) {
		const struct gdb_register *row = &gdb_register_table[n];

		if (!differs(from, to, n)) {
			continue;
		}
		if (is_fpu(row)) {
			set_fpu(area, row, to->value[n]);
		} else {
			u64 value = 0;

			memcpy(&value, to->value[n], row->bits / 8);
			refused += !set_value(vp, row, value);
		}
	}
	port_fxrstor(area);
	return refused;
}
