/* SPDX-License-Identifier: MIT */
/*
 * Included before the code of the core, whose __atomic built-ins become calls
 * of atomics.c, which decides what each CPU sees. Plain accesses stay as they
 * are: they see the CPU's own view, and the others see them at once. So they
 * are modelled correctly only for data that a lock or an owner protects.
 */
#ifndef HV_TEST_EXPLORER_ATOMICS_H
#define HV_TEST_EXPLORER_ATOMICS_H

#include <stdbool.h>
#include <stdint.h>

enum atomics_rmw {
	ATOMICS_EXCHANGE,
	ATOMICS_OR,
	ATOMICS_AND,
	ATOMICS_ADD,
};

uint64_t atomics_load(const volatile void *at, unsigned size);
void atomics_store(volatile void *at, unsigned size, uint64_t value, int order);
uint64_t atomics_rmw(volatile void *at, unsigned size, enum atomics_rmw op,
		     uint64_t operand);
bool atomics_compare_exchange(volatile void *at, unsigned size, void *expected,
			      uint64_t desired);
void atomics_fence(int order);

#define ATOMICS_RMW(_p, _op, _v)                                               \
	((__typeof__(*(_p)))atomics_rmw((_p), sizeof(*(_p)), (_op),            \
					(uint64_t)(_v)))

#define __atomic_load_n(_p, _order)                                            \
	((__typeof__(*(_p)))atomics_load((_p), sizeof(*(_p))))
#define __atomic_store_n(_p, _v, _order)                                       \
	atomics_store((_p), sizeof(*(_p)), (uint64_t)(_v), (_order))
#define __atomic_exchange_n(_p, _v, _order)                                    \
	ATOMICS_RMW(_p, ATOMICS_EXCHANGE, _v)
#define __atomic_fetch_or(_p, _v, _order)  ATOMICS_RMW(_p, ATOMICS_OR, _v)
#define __atomic_fetch_and(_p, _v, _order) ATOMICS_RMW(_p, ATOMICS_AND, _v)
#define __atomic_fetch_add(_p, _v, _order) ATOMICS_RMW(_p, ATOMICS_ADD, _v)
#define __atomic_fetch_sub(_p, _v, _order)                                     \
	ATOMICS_RMW(_p, ATOMICS_ADD, -(uint64_t)(_v))
#define __atomic_sub_fetch(_p, _v, _order)                                     \
	(ATOMICS_RMW(_p, ATOMICS_ADD, -(uint64_t)(_v)) - (_v))
#define __atomic_compare_exchange_n(_p, _expected, _desired, _weak, _yes, _no) \
	atomics_compare_exchange((_p), sizeof(*(_p)), (_expected),             \
				 (uint64_t)(_desired))
#define __atomic_thread_fence(_order) atomics_fence(_order)

#endif
