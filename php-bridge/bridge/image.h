/* Where the parts of a loaded program or library lie that nobody writes to. */
#ifndef BRIDGE_IMAGE_H
#define BRIDGE_IMAGE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct image {
	uintptr_t start, end; /* headers, code and constants, in whole pages and without a gap */
	bool has_code;
};

/* RETURNS  the image of what dl_iterate_phdr(3) has found; empty when its first part is writable */
struct image image_of(const struct dl_phdr_info *info);

#endif
