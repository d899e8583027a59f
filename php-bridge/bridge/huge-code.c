#include "huge-code.h"

#include "image.h"
#include "mappings.h"
#include "memory-file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define HUGE ((size_t)2 * 1024 * 1024)
/* Nobody's code is larger; a program that carries its data as constants may be. */
#define SIZE_MOST (32 * HUGE)

/* The first that dl_iterate_phdr(3) finds is the program itself. */
static int first(struct dl_phdr_info *info, size_t size, void *image)
{
	(void)size;
	*(struct image *)image = image_of(info);
	return 1;
}

/* True when all of it comes from a file: another may have put it elsewhere already (opcache.huge_code_pages). */
static bool is_of_file(const struct image *image)
{
	struct mappings list;
	struct mapping mapping;
	uintptr_t known = image->start;

	if (!mappings_read(&list))
		return false;
	while (known < image->end && mappings_next(&list, &mapping))
		if (mapping.start <= known && known < mapping.end) {
			if (mapping.name_length == 0 || mapping.name[0] != '/' || mapping.written != 0)
				break;
			known = mapping.end;
		}
	mappings_free(&list);
	return known >= image->end;
}

/* What lies before the program in its first huge page is taken, so that this one can be had too; if it is free. */
static uintptr_t take_start(uintptr_t start)
{
	uintptr_t whole = start & ~(HUGE - 1);
	void *taken;

	if (whole == start)
		return start;
	taken = mmap((void *)whole, start - whole, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (taken == (void *)whole)
		return whole;
	/* Before Linux 4.17 the address is only a wish. */
	if (taken != MAP_FAILED)
		(void)munmap(taken, start - whole);
	return whole + HUGE;
}

/* A file of huge pages with what lies in memory from `from` on at its end; -1: there is none. */
static int make_file(uintptr_t from, size_t size, size_t room)
{
	int fd = memory_file((off_t)room);
	/* Aligned as its place is to be, or no huge page is made. */
	char *reserved = mmap(NULL, room + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	bool made = false;

	if (fd >= 0 && reserved != MAP_FAILED) {
		char *at = reserved + (-(uintptr_t)reserved & (HUGE - 1));

		if (mmap(at, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == at) {
			memcpy(at + (room - size), (const void *)from, size);
			made = madvise(at, room, MADV_COLLAPSE) == 0;
		}
	}
	if (reserved != MAP_FAILED)
		(void)munmap(reserved, room + HUGE);
	if (made && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

void huge_code_prepare(void)
{
	struct image image = {0};
	uintptr_t start, end, from;
	int fd = -1;

	(void)dl_iterate_phdr(first, &image);
	end = image.end & ~(HUGE - 1);
	if (!image.has_code || end <= image.start || end - image.start > SIZE_MOST || !is_of_file(&image))
		return;
	start = take_start(image.start);
	from = start < image.start ? image.start : start;
	if (start < end)
		fd = make_file(from, end - from, end - start);
	if ((fd < 0 || mmap((void *)start, end - start, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) &&
	    start < image.start)
		(void)munmap((void *)start, image.start - start);
	if (fd >= 0)
		(void)close(fd);
}
