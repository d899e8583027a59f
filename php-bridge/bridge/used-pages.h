/* Which of its pages a process has used since it was forked, as far as /proc/self/pagemap tells (proc(5)). */
#ifndef BRIDGE_USED_PAGES_H
#define BRIDGE_USED_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define USED_PAGES_MAX 512

enum page_use {
	PAGE_UNUSED,
	PAGE_READ,
	PAGE_WRITTEN, /* to a private mapping: the page is the process's own */
};

/* RETURNS  a descriptor to be closed; -1 where it cannot be told */
int used_pages_open(void);

/*
 * PURPOSE     looks at the pages from an address on
 * PARAMETERS  count  USED_PAGES_MAX at most
 * RETURNS     of how many it could be told
 */
size_t used_pages_read(int fd, uintptr_t start, size_t count, enum page_use *use);

#endif
