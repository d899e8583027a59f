#include "image.h"

#include <unistd.h>

struct image image_of(const struct dl_phdr_info *info)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	struct image image = {0};

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);

		if (segment->p_type != PT_LOAD)
			continue;
		/* In the order of their addresses (ELF specification, PT_LOAD): constants, code, constants, data. */
		if ((segment->p_flags & PF_W) != 0 || (image.end != 0 && start != image.end))
			break;
		if (image.end == 0)
			image.start = start;
		image.has_code |= (segment->p_flags & PF_X) != 0;
		image.end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) & ~(page - 1);
	}
	return image;
}
