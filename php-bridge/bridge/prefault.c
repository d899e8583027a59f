#include "prefault.h"

#include "mappings.h"
#include "used-pages.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linux 5.14 */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE ((uintptr_t)4096)
#define REGIONS_MAX 512
#define RANGES_MAX 1024
/* Of all regions together: what is kept of each page is two bytes. */
#define PAGES_MAX ((size_t)131072)
/* The first children all tell, then one of so many. */
#define TELL_FIRST 4
#define TELL_EVERY 64
/* Of 255: what a page must have to be made. One that each of three children used has it; three that did not take it. */
#define OFTEN 128

struct region {
	uintptr_t start;
	size_t pages;
	size_t first; /* of its pages, among all */
	bool private;
};

/* How often the last children that told used a page. A child may be killed, or another one tell: a wrong number is no harm. */
struct score {
	_Atomic uint8_t read, written;
};

struct range {
	uintptr_t start;
	size_t size;
	int advice;
};

static struct region regions[REGIONS_MAX];
static size_t region_count, page_count;
static struct score *scores;     /* shared with the children; NULL: nothing is learnt */
static _Atomic uint32_t *told;   /* shared with the children: how many have told */
static struct range ranges[RANGES_MAX];
static size_t range_count;
static uint32_t forks, heard;
static bool tells;

static bool is_stack(const struct mapping *mapping)
{
	return mapping->name_length == 7 && memcmp(mapping->name, "[stack]", 7) == 0;
}

static void find_regions(void)
{
	struct mappings list;
	struct mapping mapping;

	if (!mappings_read(&list))
		return;
	while (region_count < REGIONS_MAX && mappings_next(&list, &mapping)) {
		size_t pages = (mapping.end - mapping.start) / PAGE;

		if (!mapping.readable || (!mapping.ordinary && !is_stack(&mapping)) || pages > PAGES_MAX - page_count)
			continue;
		regions[region_count++] = (struct region){
			.start = mapping.start, .pages = pages, .first = page_count, .private = !mapping.shared};
		page_count += pages;
	}
	mappings_free(&list);
}

void prefault_prepare(void)
{
	size_t size;
	void *memory;

	if (sysconf(_SC_PAGESIZE) != (long)PAGE)
		return;
	find_regions();
	size = sizeof *told + page_count * sizeof *scores;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || madvise(memory, PAGE, MADV_POPULATE_READ) != 0)
		return;
	told = memory;
	scores = (struct score *)(told + 1);
}

static int advice_for(const struct score *score)
{
	if (atomic_load_explicit(&score->written, memory_order_relaxed) >= OFTEN)
		return MADV_POPULATE_WRITE;
	return atomic_load_explicit(&score->read, memory_order_relaxed) >= OFTEN ? MADV_POPULATE_READ : 0;
}

static void add_page(uintptr_t at, int advice)
{
	struct range *last = range_count == 0 ? NULL : &ranges[range_count - 1];

	if (last != NULL && last->advice == advice && last->start + last->size == at)
		last->size += PAGE;
	else if (range_count < RANGES_MAX)
		ranges[range_count++] = (struct range){.start = at, .size = PAGE, .advice = advice};
}

static void choose(void)
{
	range_count = 0;
	for (size_t i = 0; i < region_count; i++)
		for (size_t page = 0; page < regions[i].pages; page++) {
			int advice = advice_for(&scores[regions[i].first + page]);

			if (advice != 0)
				add_page(regions[i].start + page * PAGE, advice);
		}
}

void prefault_before_fork(void)
{
	uint32_t now;

	if (scores == NULL)
		return;
	now = atomic_load(told);
	if (now != heard)
		choose();
	heard = now;
	tells = forks < TELL_FIRST || forks % TELL_EVERY == 0;
	forks++;
}

void prefault_enter(void)
{
	/* One that tells is to meet its pages by itself: what it was given would never be unlearnt. */
	for (size_t i = 0; !tells && i < range_count; i++)
		(void)madvise((void *)ranges[i].start, ranges[i].size, ranges[i].advice);
}

static void count(_Atomic uint8_t *score, bool used)
{
	unsigned before = atomic_load_explicit(score, memory_order_relaxed);

	if (used || before != 0)
		atomic_store_explicit(score, (uint8_t)((before * 3 + (used ? 255 : 0) + 3) / 4), memory_order_relaxed);
}

void prefault_leave(void)
{
	int fd;

	if (scores == NULL || !tells || (fd = used_pages_open()) < 0)
		return;
	for (size_t i = 0; i < region_count; i++) {
		const struct region *region = &regions[i];
		enum page_use use[USED_PAGES_MAX];

		for (size_t at = 0; at < region->pages; at += USED_PAGES_MAX) {
			size_t most = region->pages - at < USED_PAGES_MAX ? region->pages - at : USED_PAGES_MAX;
			size_t pages = used_pages_read(fd, region->start + at * PAGE, most, use);

			for (size_t page = 0; page < pages; page++) {
				struct score *score = &scores[region->first + at + page];

				count(&score->read, use[page] != PAGE_UNUSED);
				count(&score->written, region->private && use[page] == PAGE_WRITTEN);
			}
		}
	}
	(void)close(fd);
	atomic_fetch_add(told, 1);
}
