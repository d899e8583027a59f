#include "merge.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int merge(struct dl_phdr_info *info, size_t size, void *data)
{
	uintptr_t page = *(const uintptr_t *)data, first = 0, end = 0;
	ElfW(Word) before = 0;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);

		if (segment->p_type != PT_LOAD)
			continue;
		/* In the order of their addresses (ELF specification, PT_LOAD): constants, code, constants, data. */
		if ((segment->p_flags & PF_W) != 0 || (end != 0 && start != end))
			break;
		if (first == 0)
			first = start;
		before |= segment->p_flags;
		end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) & ~(page - 1);
	}
	if ((before & PF_X) != 0)
		(void)mprotect((void *)first, end - first, PROT_READ | PROT_EXEC);
	return 0;
}

void merge_libraries(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)dl_iterate_phdr(merge, &page);
}
