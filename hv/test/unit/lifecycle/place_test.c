/* SPDX-License-Identifier: MIT */
/* VP tables of a partition and of a CPU. */
#include "core/lifecycle/place.h"

#include "core/state/partition.h"
#include "support/call.h"
#include "support/check.h"

static void t_vps_by_index(void)
{
	static const u32 strides[] = {1, 3, 63, 64, 65, 273};

	for (u32 i = 0; i < ARRAY_SIZE(strides); i++) {
		struct partition *p;

		fake_reset();
		fake_cpus(5);
		p = fake_partition(15, strides[i]);
		CHECK_EQ(p->vp_count, 15);
		CHECK_EQ(p->vps_running, 15);
		for (u32 index = 0; index < HV_VP_INDEX_LIMIT; index++) {
			u32 n = index / strides[i];
			bool exists = index % strides[i] == 0 && n < 15;
			struct vp *vp = partition_vp(p, index);

			CHECK(vp == (exists ? p->vps[n] : NULL));
			CHECK_EQ((p->all.words[index / 64] >> index % 64) & 1,
				 exists);
		}
		CHECK(partition_vp(p, HV_VP_INDEX_LIMIT) == NULL);
		CHECK(partition_vp(p, ~0u) == NULL);
		for (u32 bank = 0; bank < HV_VP_SET_BANKS; bank++) {
			CHECK_EQ((p->all.banks >> bank) & 1,
				 p->all.words[bank] != 0);
		}
	}
}

static void t_vp_knows_its_place(void)
{
	struct partition *p;

	fake_cpus(4);
	(void)fake_partition(4, 1);
	p = fake_partition(8, 500);
	for (u32 n = 0; n < 8; n++) {
		const struct vp *vp = p->vps[n];

		CHECK_EQ(vp->number, n);
		CHECK_EQ(vp->index, n * 500);
		CHECK_EQ(vp->bank * 64 + (u32)__builtin_ctzll(vp->bank_bit),
			 n * 500);
		CHECK(vp->partition == p);
		CHECK(vp->cpu == machine.cpus[n % 4]);
		/* the other partition's VP was added first */
		CHECK(vp->cpu->vps[1 + n / 4] == vp);
		CHECK_EQ(FIELD_GET(RUN_VP_INDEX, vp->run_id), n * 500);
		CHECK_EQ(FIELD_GET(RUN_PARTITION, vp->run_id), 1);
		CHECK(vp->flush_full == &p->flush_full[vp->bank]);
		CHECK(vp->flush_nonglobal == &p->flush_nonglobal[vp->bank]);
	}
}

static void t_too_many_vps_on_a_cpu_is_a_panic(void)
{
	static struct partition *p;
	static struct vp vp;

	fake_cpus(1);
	p = fake_partition(CPU_VPS_MAX, 1);
	CHECK_PANIC(partition_add_vp(p, &vp, machine.cpus[0]), "assertion");
}

static const struct test tests[] = {
	{"vps-by-index", t_vps_by_index},
	{"vp-knows-its-place", t_vp_knows_its_place},
	{"too-many-vps-on-a-cpu-is-a-panic",
	 t_too_many_vps_on_a_cpu_is_a_panic},
};

const struct suite suite_place = SUITE("place", tests);
