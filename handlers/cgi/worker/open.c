#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS_MAX 16

/* Never through /proc/PID/fd and the like: those lead out of every root and past every mode. */
static int open_path(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_NO_MAGICLINKS | resolve,
	};

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

static int fail(int fd, int error)
{
	close(fd);
	errno = error;
	return -1;
}

/* One component that may be a link whose owner owns what it leads to, as Apache's SymLinksIfOwnerMatch. */
static int open_owned(int folder, const char *name)
{
	struct stat link, target;
	int fd = open_path(folder, name, O_DIRECTORY, 0);

	if (fd < 0)
		return -1;
	if (fstatat(folder, name, &link, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(fd, errno);
	if (fstat(fd, &target) != 0)
		return fail(fd, errno);
	return S_ISLNK(link.st_mode) && link.st_uid != target.st_uid ? fail(fd, ELOOP) : fd;
}

static int walk(int top, char *path)
{
	int folder = open_path(top, path[0] == '/' ? "/" : ".", O_DIRECTORY, 0);
	char *rest = NULL;

	for (char *part = strtok_r(path, "/", &rest); part != NULL && folder >= 0; part = strtok_r(NULL, "/", &rest)) {
		int next = open_owned(folder, part);
		int saved = errno;

		close(folder);
		errno = saved;
		folder = next;
	}
	return folder;
}

/* `path` is used up. */
static int open_folder(int top, char *path, enum symlinks symlinks)
{
	int fd = open_path(top, path, O_DIRECTORY, symlinks == SYMLINKS_FOLLOW ? 0 : RESOLVE_NO_SYMLINKS);

	if (fd >= 0 || errno != ELOOP || symlinks != SYMLINKS_OWNER)
		return fd;
	return walk(top, path);
}

/* Divides a path: its folder ("." or "/" when there is none) stays in `path`, its last part goes to `name`. */
static int divide(char *path, char *name, size_t size)
{
	char *slash = strrchr(path, '/');
	const char *last = slash == NULL ? path : slash + 1;
	size_t length = strlen(last);

	if (length == 0 || length >= size) {
		errno = length == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	memcpy(name, last, length + 1);
	if (slash == NULL)
		memcpy(path, ".", 2);
	else
		slash[slash == path ? 1 : 0] = '\0';
	return 0;
}

int open_script(int top, const char *path, enum symlinks symlinks, char *name, size_t size, struct stat *file)
{
	char text[PATH_MAX];
	uid_t owners[LINKS_MAX];
	size_t links = 0;
	int folder = -1;

	if (strlen(path) >= sizeof text) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(text, path, strlen(path) + 1);
	for (;;) {
		ssize_t length;
		int next;

		if (divide(text, name, size) != 0)
			return folder < 0 ? -1 : fail(folder, errno);
		next = open_folder(folder < 0 ? top : folder, text, symlinks);
		if (next < 0)
			return folder < 0 ? -1 : fail(folder, errno);
		if (folder >= 0)
			close(folder);
		folder = next;
		if (fstatat(folder, name, file, AT_SYMLINK_NOFOLLOW) != 0)
			return fail(folder, errno);
		if (!S_ISLNK(file->st_mode))
			break;
		if (symlinks == SYMLINKS_NONE || links == LINKS_MAX)
			return fail(folder, ELOOP);
		owners[links++] = file->st_uid;
		length = readlinkat(folder, name, text, sizeof text - 1);
		if (length < 0)
			return fail(folder, errno);
		text[length] = '\0';
	}
	for (size_t i = 0; i < links; i++)
		if (symlinks == SYMLINKS_OWNER && owners[i] != file->st_uid)
			return fail(folder, ELOOP);
	return folder;
}
