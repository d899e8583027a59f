#include "merge.h"

#include "image.h"

#include <stddef.h>
#include <sys/mman.h>

static int merge(struct dl_phdr_info *info, size_t size, void *data)
{
	struct image image = image_of(info);

	(void)size;
	(void)data;
	if (image.has_code)
		(void)mprotect((void *)image.start, image.end - image.start, PROT_READ | PROT_EXEC);
	return 0;
}

void merge_libraries(void)
{
	(void)dl_iterate_phdr(merge, NULL);
}
