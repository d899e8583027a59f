#include "board.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

struct board *board_create(uint32_t slots)
{
	size_t size = sizeof(struct board) + slots * sizeof(struct slot);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct board *board = memory;

	if (memory == MAP_FAILED)
		return NULL;
	atomic_store(&board->blind, 1);
	atomic_store(&board->last_work, clock_ms());
	return board;
}

int64_t clock_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void slot_enter(struct board *board, struct slot *slot, enum state state)
{
	int64_t now = clock_ms();

	/* The time first: seen with the old state it only makes that one look younger. */
	atomic_store(&slot->since, now);
	atomic_store(&board->last_work, now);
	atomic_store(&slot->state, (uint32_t)state);
}

bool slot_change(struct slot *slot, enum state from, enum state to)
{
	uint32_t expected = (uint32_t)from;

	return atomic_compare_exchange_strong(&slot->state, &expected, (uint32_t)to);
}
