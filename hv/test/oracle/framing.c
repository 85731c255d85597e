/* SPDX-License-Identifier: MIT */
/*
 * The oracle's checks of control word and placement (see oracle.h). Each rule
 * is a function; their order is that of the status decision table, docs/abi.md
 * section 3. The first rule that does not return SILENT decides.
 */
#include "oracle/oracle.h"

#define PAGE_LEN     4096
#define GPR_BYTES    16  /* two registers */
#define XMM_BYTES    112 /* and six XMM registers after them */
#define SILENT       0xffff
#define UD           0xfffe
#define CODE_VTLCALL 0x0011
#define CODE_VTLRET  0x0012

/* A call as its registers say it, and what is known of its code */
struct frame {
	const struct oracle_machine *m;
	const struct oracle_call *call;
	const struct shape *shape;
	u64 control;
	u64 word[2]; /* input and output address, or the fast block */
	u64 count;
	u64 start;
	u64 input_len;
	u64 output_len;
};

/* TLFS, pages of the calls: sizes in bytes */
struct shape {
	u16 code;
	u16 fixed;
	u16 element; /* not 0: a rep call */
	u16 output;
	u16 output_element;
	u16 refusal;    /* status if the caller lacks `needs` */
	bool has_banks; /* a variable header */
	u64 needs;      /* ORACLE_HAS_* */
	void (*parameters)(const struct oracle_machine *m,
			   const struct oracle_call *call, u64 control,
			   struct oracle_answer *answer);
};

#define DENIED  HV_STATUS_ACCESS_DENIED
#define UNKNOWN HV_STATUS_INVALID_HYPERCALL_CODE
#define TEST    sizeof(struct lethe_test_output)

/* clang-format off */
static const struct shape shapes[] = {
	{0x0002, 24,  0, 0, 0, 0, false, 0, oracle_flush_call},
	{0x0003, 24,  8, 0, 0, 0, false, 0, oracle_flush_call},
	{0x0008,  8,  0, 0, 0, 0, false, 0, NULL},
	{0x0013, 32,  0, 0, 0, DENIED, true, ORACLE_HAS_EX, oracle_flush_call},
	{0x0014, 32,  8, 0, 0, DENIED, true, ORACLE_HAS_EX, oracle_flush_call},
#ifdef HV_EXT_CALL_QUERY_CAPABILITIES
	{0x000b, 16,  0, 0, 0, DENIED, false, ORACLE_HAS_IPI, oracle_ipi_call},
	{0x0015, 24,  0, 0, 0, DENIED, true, ORACLE_HAS_IPI | ORACLE_HAS_EX,
	 oracle_ipi_call},
	{0x8001,  0,  0, 8, 0, DENIED, false, ORACLE_HAS_EXTENDED, NULL},
#endif
	{0x0050, 16,  4, 0, 16, 0, false, 0, oracle_registers_call},
	{0x0051, 16, 32, 0, 0, 0, false, 0, oracle_registers_call},
	{0x0052, 32,  0, 16, 0, 0, false, 0, oracle_translate_call},
	{0x7f00, 16,  0, TEST, 0, UNKNOWN, false, ORACLE_HAS_TEST_CALL,
	 oracle_test_call},
};
/* clang-format on */

static bool offers(const struct frame *f, u64 what)
{
	return (f->m->offers & what) == what;
}

/* Rows 1 to 3 */
static u16 environment(const struct frame *f)
{
	u16 code = (u16)f->control;

	if (f->call->cpl != 0 || !f->call->is_protected ||
	    !offers(f, ORACLE_HAS_OS_ID)) {
		return UD;
	}
	return code == CODE_VTLCALL || code == CODE_VTLRET ? UD : SILENT;
}

/* Rows 4 and 5 */
static u16 code_and_privilege(const struct frame *f)
{
	if (f->shape == NULL) {
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
	return offers(f, f->shape->needs) ? SILENT : f->shape->refusal;
}

/* Row 6: bits 31:27, 47:44, 63:60 */
static u16 reserved_bits(const struct frame *f)
{
	return (f->control & 0xf000f000f8000000) != 0
		       ? HV_STATUS_INVALID_HYPERCALL_INPUT
		       : SILENT;
}

/* Rows 7 to 9 */
static u16 count_start_and_header(const struct frame *f)
{
	bool is_rep = f->shape->element != 0;
	bool bad = is_rep ? f->count == 0 || f->start >= f->count
			  : f->count != 0 || f->start != 0;

	bad |= !f->shape->has_banks && (f->control >> 17 & 0x3ff) != 0;
	return bad ? HV_STATUS_INVALID_HYPERCALL_INPUT : SILENT;
}

static u64 whole_pairs(u64 len)
{
	return (len + 15) / 16 * 16;
}

/* Row 10: the block is too long for the registers, or XMM is not granted. */
static u16 fast_form(const struct frame *f)
{
	u64 pairs = whole_pairs(f->input_len) + whole_pairs(f->output_len);

	if ((f->control >> 16 & 1) == 0) {
		return SILENT;
	}
	if (f->output_len != 0 &&
	    !(f->call->is_64bit && offers(f, ORACLE_HAS_XMM_OUT))) {
		return UD;
	}
	if (f->input_len > GPR_BYTES && !offers(f, ORACLE_HAS_XMM)) {
		return UD;
	}
	return pairs > XMM_BYTES ? HV_STATUS_INVALID_HYPERCALL_INPUT : SILENT;
}

/* Rows 11 to 14 for one block */
static bool is_placed(const struct frame *f, u64 gpa, u64 len)
{
	return gpa % 8 == 0 && gpa % PAGE_LEN + len <= PAGE_LEN &&
	       gpa < f->m->memory && f->m->memory - gpa >= len;
}

static u16 memory_form(const struct frame *f)
{
	bool ok;

	if ((f->control >> 16 & 1) != 0) {
		return SILENT;
	}
	ok = (f->input_len == 0 || is_placed(f, f->word[0], f->input_len)) &&
	     (f->output_len == 0 || is_placed(f, f->word[1], f->output_len));
	return ok ? SILENT : HV_STATUS_INVALID_ALIGNMENT;
}

static u16 (*const rules[])(const struct frame *) = {
	environment, code_and_privilege, reserved_bits, count_start_and_header,
	fast_form,   memory_form,
};
#define RULES_WITHOUT_REPS 4 /* their refusals report 0 elements */

/* TLFS hypercall-interface, "Register Mapping for Hypercall Inputs" */
static void read_registers(struct frame *f)
{
	const struct oracle_call *c = f->call;

	if (c->is_64bit) {
		f->control = c->rcx;
		f->word[0] = c->rdx;
		f->word[1] = c->r8;
		return;
	}
	f->control = (c->rdx & 0xffffffff) << 32 | (c->rax & 0xffffffff);
	f->word[0] = (c->rbx & 0xffffffff) << 32 | (c->rcx & 0xffffffff);
	f->word[1] = (c->rdi & 0xffffffff) << 32 | (c->rsi & 0xffffffff);
}

static void measure(struct frame *f)
{
	u64 banks = f->control >> 17 & 0x3ff;

	f->count = f->control >> 32 & 0xfff;
	f->start = f->control >> 48 & 0xfff;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		if (shapes[i].code == (u16)f->control) {
			f->shape = &shapes[i];
		}
	}
	if (f->shape != NULL) {
		f->input_len = f->shape->fixed + 8 * banks +
			       f->shape->element * f->count;
		f->output_len =
			f->shape->output + f->shape->output_element * f->count;
	}
}

static void fetch(const struct frame *f, struct oracle_answer *answer)
{
	for (u32 i = 0; i < ORACLE_WORDS; i++) {
		answer->block[i] = 0;
	}
	if ((f->control >> 16 & 1) != 0) {
		answer->block[0] = f->word[0];
		answer->block[1] = f->word[1];
		for (u32 i = 0; i < ARRAY_SIZE(f->call->xmm); i++) {
			answer->block[2 + i] = f->call->xmm[i];
		}
		return;
	}
	for (u64 i = 0; i < f->input_len; i++) {
		u64 byte = f->m->ram[f->word[0] + i];

		answer->block[i / 8] |= byte << 8 * (i % 8);
	}
}

/*
 * Output is a whole header, or the elements that were completed. That of a fast
 * call comes after the input.
 */
static void allow_output(const struct frame *f, struct oracle_answer *answer)
{
	u64 size = f->shape->output_element;

	answer->output_at = f->start * size;
	answer->output_len = (answer->reps - f->start) * size;
	if (f->shape->output != 0 && answer->status == HV_STATUS_SUCCESS) {
		answer->output_len = f->shape->output;
	}
	if ((f->control >> 16 & 1) != 0) {
		answer->output_at += whole_pairs(f->input_len);
	}
}

void oracle_predict(const struct oracle_machine *m,
		    const struct oracle_call *call,
		    struct oracle_answer *answer)
{
	struct frame f = {.m = m, .call = call};
	u16 said = SILENT;
	u32 rule = 0;

	answer->end = ORACLE_DONE;
	answer->status = HV_STATUS_SUCCESS;
	answer->flush = ORACLE_FLUSH_NONE;
	answer->ipi_vector = 0;
	answer->output_len = 0;
	answer->wants_inhibit = false;
	answer->clears_inhibit = false;
	answer->clears_suspend = false;
	read_registers(&f);
	measure(&f);
	while (said == SILENT && rule < ARRAY_SIZE(rules)) {
		said = rules[rule++](&f);
	}
	if (said == UD) {
		answer->end = ORACLE_UD;
		return;
	}
	if (said != SILENT) {
		bool counts =
			rule > RULES_WITHOUT_REPS && f.shape->element != 0;

		answer->status = said;
		answer->reps = (u16)(counts ? f.start : 0);
		return;
	}
	answer->reps = (u16)f.count;
	fetch(&f, answer);
	if (f.shape->parameters != NULL) {
		f.shape->parameters(m, call, f.control, answer);
	}
	allow_output(&f, answer);
}

bool oracle_vp_exists(const struct oracle_partition *p, u64 vp_index)
{
	return vp_index % p->stride == 0 && vp_index / p->stride < p->vps;
}
