#include "snapshot.h"

#include "mappings.h"
#include "memory-file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* While it is copied, memory is needed twice. */
#define SIZE_MOST ((size_t)64 * 1024 * 1024)

/* Pages that were never written would have to be made where now each child gets an empty one of its own. */
static bool wanted(const struct mapping *mapping)
{
	bool plain = mapping->name_length == 0 || mapping->name[0] == '/' ||
		     (mapping->name_length == 6 && memcmp(mapping->name, "[heap]", 6) == 0);
	size_t size = mapping->end - mapping->start;

	return plain && mapping->ordinary && mapping->readable && !mapping->executable && !mapping->shared &&
	       mapping->swapped == 0 && mapping->written >= size / 2 && size <= SIZE_MOST;
}

static bool copy(const struct mapping *mapping, int fd, off_t offset)
{
	uintptr_t at = mapping->start;

	while (at < mapping->end) {
		ssize_t done = pwrite(fd, (const void *)at, mapping->end - at, offset + (off_t)(at - mapping->start));

		if (done <= 0)
			return false;
		at += (uintptr_t)done;
	}
	return true;
}

/*
 * Nothing that lies in the mapping may change from the copy on until it is replaced: our own variables may lie in one.
 * Of those in between, only errno is anybody's but the stack's, and it is written to only where nothing is replaced.
 */
static void replace(const struct mapping *mapping, int fd, off_t offset)
{
	int rights = mapping->writable ? PROT_READ | PROT_WRITE : PROT_READ;

	if (copy(mapping, fd, offset))
		(void)mmap((void *)mapping->start, mapping->end - mapping->start, rights, MAP_PRIVATE | MAP_FIXED, fd, offset);
}

static off_t size_of(struct mappings *list)
{
	struct mapping mapping;
	off_t size = 0;

	while (mappings_next(list, &mapping))
		if (wanted(&mapping))
			size += (off_t)(mapping.end - mapping.start);
	list->next = list->text;
	return size;
}

void snapshot_take(void)
{
	struct mappings list;
	struct mapping mapping;
	off_t offset = 0;
	int fd;

	if (!mappings_read(&list))
		return;
	fd = memory_file(size_of(&list));
	while (fd >= 0 && mappings_next(&list, &mapping)) {
		if (!wanted(&mapping))
			continue;
		/* One after the other in the file: those that are neighbours in memory become one mapping. */
		replace(&mapping, fd, offset);
		offset += (off_t)(mapping.end - mapping.start);
	}
	mappings_free(&list);
	if (fd < 0)
		return;
	(void)fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	(void)close(fd);
}
