#include "huge.h"

#include "mappings.h"
#include "memory-file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define PAGE ((size_t)4096)
#define HUGE ((size_t)2 * 1024 * 1024)
#define PAGES (HUGE / PAGE)
#define PIECES_MAX 512
/* A piece with fewer pages in use is not worth 2 MiB. */
#define PAGES_LEAST 64
/* Looking costs a system call for the piece: little enough among this many forks. */
#define FORKS_BETWEEN 8
#define FAILURES_MAX 100

static uintptr_t first; /* the first whole piece; 0: there is none */
static size_t pieces, next;
static bool done[PIECES_MAX];
static unsigned forks, failures;

/* Memory without a name of its own, as opcache and APCu make it. */
static bool wanted(const struct mapping *mapping)
{
	static const char name[] = "/dev/zero (deleted)";

	return mapping->ordinary && mapping->shared && mapping->readable && mapping->writable && !mapping->executable &&
	       mapping->name_length == sizeof name - 1 && memcmp(mapping->name, name, sizeof name - 1) == 0 &&
	       mapping->end - mapping->start >= 2 * HUGE;
}

static bool find_largest(struct mapping *out)
{
	struct mappings list;
	struct mapping mapping;

	*out = (struct mapping){0};
	if (!mappings_read(&list))
		return false;
	while (mappings_next(&list, &mapping))
		if (wanted(&mapping) && mapping.end - mapping.start > out->end - out->start)
			*out = mapping;
	mappings_free(&list);
	return out->start != 0;
}

/* The pages in use; those that are not would all be made by reading them. */
static bool copy(const struct mapping *mapping, int fd, off_t offset)
{
	for (uintptr_t at = mapping->start; at < mapping->end; at += HUGE) {
		size_t size = mapping->end - at < HUGE ? mapping->end - at : HUGE;
		unsigned char used[PAGES];

		if (mincore((void *)at, size, used) != 0)
			return false;
		for (size_t page = 0; page < size / PAGE; page++) {
			off_t to = offset + (off_t)(at - mapping->start + page * PAGE);

			if ((used[page] & 1) != 0 && pwrite(fd, (const void *)(at + page * PAGE), PAGE, to) != (ssize_t)PAGE)
				return false;
		}
	}
	return true;
}

static bool is_shared_already(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

void huge_prepare(void)
{
	struct mapping mapping, again;
	off_t offset;
	int fd;

	if (sysconf(_SC_PAGESIZE) != (long)PAGE || is_shared_already() || !find_largest(&mapping))
		return;
	/* A huge page is mapped as one where its place in the file and in memory differ by whole huge pages. */
	offset = (off_t)(mapping.start % HUGE);
	fd = memory_file(offset + (off_t)(mapping.end - mapping.start));
	if (fd < 0)
		return;
	/* mincore(2) does not tell a page that is swapped out from none; only we could have brought it back. */
	if (copy(&mapping, fd, offset) && find_largest(&again) && again.start == mapping.start && again.swapped == 0 &&
	    mmap((void *)mapping.start, mapping.end - mapping.start, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 offset) != MAP_FAILED) {
		first = (mapping.start + HUGE - 1) & ~(HUGE - 1);
		pieces = (mapping.end - first) / HUGE;
		if (pieces > PIECES_MAX)
			pieces = PIECES_MAX;
	}
	(void)close(fd);
}

static bool is_used(void *piece)
{
	unsigned char used[PAGES];
	size_t count = 0;

	if (mincore(piece, HUGE, used) != 0)
		return false;
	for (size_t page = 0; page < PAGES; page++)
		count += used[page] & 1;
	return count >= PAGES_LEAST;
}

void huge_look(void)
{
	size_t looked = 0;
	void *piece;

	if (first == 0 || ++forks % FORKS_BETWEEN != 0)
		return;
	while (done[next] && looked++ < pieces)
		next = (next + 1) % pieces;
	piece = (void *)(first + next * HUGE);
	if (!done[next] && is_used(piece)) {
		done[next] = madvise(piece, HUGE, MADV_COLLAPSE) == 0;
		/* EINVAL: this system has none. Otherwise memory was short, or a page in use: another time. */
		if (!done[next] && (errno == EINVAL || ++failures == FAILURES_MAX))
			first = 0;
	}
	next = (next + 1) % pieces;
}
