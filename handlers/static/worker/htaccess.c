#include "htaccess.h"

#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Verdicts by file: most folders have no .htaccess, and those that have one seldom change it. */
#define CACHE_SIZE 64

/* A file changed within the clock's tick in which it was read looks unchanged; younger ones are always read. */
#define SETTLED_SECONDS 2

struct entry {
	struct stat file;
	enum htaccess verdict;
	bool used;
};

static struct entry cache[CACHE_SIZE];

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size && a->st_mode == b->st_mode &&
		a->st_uid == b->st_uid && same_time(&a->st_mtim, &b->st_mtim) && same_time(&a->st_ctim, &b->st_ctim);
}

static enum htaccess read_and_judge(int file)
{
	static char text[HTACCESS_MAX + 1];
	size_t used = 0;
	int fd = open_again(file);

	if (fd < 0)
		return HTACCESS_CLOSES;
	while (used < sizeof text) {
		ssize_t got = read(fd, text + used, sizeof text - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			(void)close(fd);
			return HTACCESS_CLOSES;
		}
		if (got == 0)
			break;
		used += (size_t)got;
	}
	(void)close(fd);
	return used > HTACCESS_MAX ? HTACCESS_CLOSES : htaccess_judge(text, used);
}

static enum htaccess judge(int file)
{
	struct entry *entry;
	struct timespec now;
	struct stat stat;
	enum htaccess verdict;

	if (fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode))
		return HTACCESS_CLOSES;
	entry = &cache[(stat.st_ino ^ stat.st_dev) % CACHE_SIZE];
	if (entry->used && same(&entry->file, &stat))
		return entry->verdict;
	verdict = read_and_judge(file);
	entry->used = clock_gettime(CLOCK_REALTIME, &now) == 0 && stat.st_ctim.tv_sec + SETTLED_SECONDS < now.tv_sec;
	entry->file = stat;
	entry->verdict = verdict;
	return verdict;
}

enum htaccess htaccess_of(int folder)
{
	enum htaccess verdict;
	/* Symlinks are followed whatever Options says: what closes a folder is always honoured. */
	int file = open_path(folder, ".htaccess", 0);

	if (file < 0)
		return errno == ENOENT ? HTACCESS_NONE : errno == EACCES ? HTACCESS_UNREACHABLE : HTACCESS_CLOSES;
	verdict = judge(file);
	(void)close(file);
	return verdict;
}
