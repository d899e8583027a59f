#include "usage.h"

#include <stddef.h>

static void put(unsigned char *at, size_t bytes, uint64_t value)
{
	for (size_t i = bytes; i > 0; i--, value >>= 8)
		at[i - 1] = (unsigned char)value;
}

static uint64_t microseconds(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

void usage_content(unsigned char *at, const struct rusage *usage, uint32_t status)
{
	put(at, 8, microseconds(&usage->ru_utime) + microseconds(&usage->ru_stime));
	/* KiB (getrusage(2)). Never less than this worker's own size: execve(2) starts from its memory, by vfork. */
	put(at + 8, 8, (uint64_t)usage->ru_maxrss * 1024);
	put(at + 16, 4, status);
	put(at + 20, 4, 0);
}
