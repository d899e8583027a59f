#include "enter.h"

#include "deny.h"
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum files_result enter_result(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return FILES_NOT_FOUND;
	case EACCES:
	case EPERM:
		return FILES_FORBIDDEN;
	case ELOOP: /* A loop, or a link of /proc (RESOLVE_NO_MAGICLINKS). */
		return FILES_SYMLINK;
	case ENAMETOOLONG:
		return FILES_TOO_LONG;
	default:
		return FILES_FAILED;
	}
}

static int failed(int fd, int error, enum files_result *result)
{
	if (fd >= 0)
		(void)close(fd);
	errno = error;
	*result = enter_result(error);
	return -1;
}

static int refused(int fd, enum files_result reason, enum files_result *result)
{
	if (fd >= 0)
		(void)close(fd);
	errno = EACCES;
	*result = reason;
	return -1;
}

/*
 * PURPOSE  Follows a link whose owner must be the owner of what it leads to. The link's text is read from the
 *          descriptor whose owner was seen, and the target's owner from the descriptor that is used: a link that
 *          is exchanged meanwhile changes nothing. Takes `link` over.
 */
static int follow_owned(int folder, int link, struct stat *stat, enum files_result *result)
{
	uid_t owner = stat->st_uid;
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof target - 1);
	int error = errno, fd;

	if (length < 0)
		return failed(link, error, result);
	(void)close(link);
	target[length] = '\0';
	fd = open_path(folder, target, 0);
	if (fd < 0 || fstat(fd, stat) != 0)
		return failed(fd, errno, result);
	return stat->st_uid == owner ? fd : refused(fd, FILES_SYMLINK, result);
}

int enter(const struct policy *policy, int folder, const char *name, struct stat *stat, enum files_result *result)
{
	int fd;

	if (deny_any(&policy->deny, name, strlen(name)))
		return refused(-1, FILES_DENIED, result);
	fd = open_path(folder, name, policy->symlinks == SYMLINKS_FOLLOW ? 0 : O_NOFOLLOW);
	if (fd < 0 || fstat(fd, stat) != 0)
		return failed(fd, errno, result);
	if (!S_ISLNK(stat->st_mode))
		return fd;
	if (policy->symlinks == SYMLINKS_OWNER)
		return follow_owned(folder, fd, stat, result);
	return refused(fd, FILES_SYMLINK, result);
}
