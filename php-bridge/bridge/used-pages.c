#include "used-pages.h"

#include <fcntl.h>
#include <unistd.h>

#define PAGE ((uintptr_t)4096)
#define PRESENT ((uint64_t)1 << 63)
#define OF_FILE ((uint64_t)1 << 61)
#define EXCLUSIVE ((uint64_t)1 << 56)

/* What fork shared between parent and child is in the page table of both: until it is written to, it is nobody's own. */
static enum page_use use_of(uint64_t entry)
{
	if ((entry & PRESENT) == 0)
		return PAGE_UNUSED;
	if ((entry & OF_FILE) != 0)
		return PAGE_READ;
	return (entry & EXCLUSIVE) != 0 ? PAGE_WRITTEN : PAGE_UNUSED;
}

int used_pages_open(void)
{
	return open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

size_t used_pages_read(int fd, uintptr_t start, size_t count, enum page_use *use)
{
	uint64_t entries[USED_PAGES_MAX];
	ssize_t done = pread(fd, entries, count * sizeof *entries, (off_t)(start / PAGE * sizeof *entries));
	size_t pages = done < 0 ? 0 : (size_t)done / sizeof *entries;

	for (size_t i = 0; i < pages; i++)
		use[i] = use_of(entries[i]);
	return pages;
}
