#include "resolve.h"

#include "deny.h"
#include "enter.h"
#include "htaccess.h"
#include "local.h"
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

struct walk {
	const struct policy *policy;
	const struct policy_root *root;
	const char *path;
	size_t length;
	struct resolution *out;
	bool exact; /* asked for by a program, not by a visitor: see resolve_exact */
	int folder; /* O_PATH descriptor of path[0..at] */
	size_t at;  /* of the '/' after the folder */
};

static void fail(struct walk *walk, enum files_result result)
{
	walk->out->result = result;
	walk->out->error = result == FILES_FAILED ? errno : 0;
}

static void name_file(struct walk *walk, size_t end, const char *index)
{
	size_t index_length = strlen(index);

	walk->out->consumed = end;
	memcpy(walk->out->file, walk->path, end);
	memcpy(walk->out->file + end, index, index_length);
	walk->out->file_length = end + index_length;
}

/* PURPOSE  A regular file was found: takes the O_PATH descriptor over. */
static void found(struct walk *walk, int fd, const char *name)
{
	struct resolution *out = walk->out;

	if (walk->root->scripts || (!walk->root->outside && extension_any(&walk->policy->extensions, name, strlen(name)))) {
		out->result = FILES_SCRIPT;
	} else {
		out->fd = open_again(fd);
		if (out->fd < 0)
			fail(walk, enter_result(errno));
		else
			out->result = local_file_system(walk->policy, out->fd) ? FILES_FILE : FILES_REMOTE;
	}
	(void)close(fd);
}

/* PURPOSE  Looks at the folder's .htaccess. RETURNS false when it closes the folder. */
static bool open_to_all(struct walk *walk)
{
	struct resolution *out = walk->out;
	enum htaccess verdict = walk->exact ? HTACCESS_NONE : htaccess_of(walk->folder);

	if (verdict == HTACCESS_NONE)
		return true;
	if (verdict == HTACCESS_UNREACHABLE) {
		fail(walk, FILES_FORBIDDEN);
		return false;
	}
	if (verdict == HTACCESS_CLOSES) {
		fail(walk, FILES_CLOSED);
		return false;
	}
	if (walk->at + 2 <= sizeof out->notice - out->notice_length) {
		char *notice = out->notice + out->notice_length;

		/* The folder's path with both its slashes; the path may end without. */
		memcpy(notice, walk->path, walk->at);
		memcpy(notice + walk->at, "/", 2);
		out->notice_length += walk->at + 2;
		out->flags |= FILES_FLAG_HTACCESS;
	}
	return true;
}

/* PURPOSE  A folder asked for with its '/': the first of DirectoryIndex that is a regular file. */
static void find_index(struct walk *walk)
{
	for (size_t i = 0; i < walk->policy->indexes.count; i++) {
		const char *name = walk->policy->indexes.items[i];
		enum files_result result;
		struct stat stat;
		int fd;

		if (strlen(name) > NAME_MAX)
			continue;
		fd = enter(walk->policy, walk->folder, name, &stat, &result);
		if (fd < 0 && result == FILES_NOT_FOUND)
			continue;
		if (fd < 0) {
			fail(walk, result);
			return;
		}
		if (!S_ISREG(stat.st_mode)) {
			(void)close(fd);
			continue;
		}
		walk->out->stat = stat;
		name_file(walk, walk->length, name);
		found(walk, fd, name);
		return;
	}
	walk->out->result = FILES_DIRECTORY;
}

/* PURPOSE  Takes the next component. RETURNS true when it is a folder and the walk goes on from there. */
static bool step(struct walk *walk)
{
	const char *start = walk->path + walk->at + 1;
	const char *slash = memchr(start, '/', walk->length - walk->at - 1);
	size_t end = slash == NULL ? walk->length : (size_t)(slash - walk->path);
	size_t length = end - walk->at - 1;
	char name[NAME_MAX + 1];
	enum files_result result;
	int fd;

	name_file(walk, end, "");
	if (length > NAME_MAX) {
		walk->out->result = FILES_TOO_LONG;
		return false;
	}
	memcpy(name, start, length);
	name[length] = '\0';
	fd = enter(walk->policy, walk->folder, name, &walk->out->stat, &result);
	if (fd < 0) {
		fail(walk, result);
		return false;
	}
	if (S_ISREG(walk->out->stat.st_mode)) {
		found(walk, fd, name);
		return false;
	}
	if (!S_ISDIR(walk->out->stat.st_mode)) {
		(void)close(fd);
		walk->out->result = FILES_SPECIAL;
		return false;
	}
	(void)close(walk->folder);
	walk->folder = fd;
	walk->at = end;
	return true;
}

static void walk_from_root(struct walk *walk)
{
	struct resolution *out = walk->out;

	/* By its path each time: deployments exchange the symlink that DocumentRoot often is. */
	walk->folder = open_path(AT_FDCWD, walk->root->path, O_DIRECTORY);
	if (walk->folder < 0 || fstat(walk->folder, &out->stat) != 0)
		fail(walk, enter_result(errno));
	else
		while (open_to_all(walk)) {
			if (walk->at == walk->length) {
				out->result = FILES_REDIRECT;
				break;
			}
			if (walk->at + 1 == walk->length) {
				name_file(walk, walk->length, "");
				out->result = FILES_DIRECTORY;
				if (!walk->exact)
					find_index(walk);
				break;
			}
			if (!step(walk))
				break;
		}
	if (walk->folder >= 0)
		(void)close(walk->folder);
}

static void begin(struct resolution *out)
{
	out->result = FILES_FAILED;
	out->flags = 0;
	out->error = 0;
	out->fd = -1;
	memset(&out->stat, 0, sizeof out->stat);
	out->consumed = out->file_length = out->notice_length = 0;
}

void resolve(const struct policy *policy, size_t root, const char *path, size_t length, struct resolution *out)
{
	struct walk walk = {.policy = policy, .root = &policy->roots[root], .path = path, .length = length, .out = out};
	enum files_result first;

	begin(out);
	walk_from_root(&walk);
	first = out->result;
	if (root != 0 || policy->fallback == NULL ||
		(first != FILES_NOT_FOUND && first != FILES_TOO_LONG && first != FILES_DIRECTORY))
		return;
	walk = (struct walk){.policy = policy, .root = &policy->roots[0], .path = policy->fallback,
		.length = strlen(policy->fallback), .out = out};
	walk_from_root(&walk);
	if (out->result == FILES_NOT_FOUND || out->result == FILES_DIRECTORY || out->result == FILES_REDIRECT) {
		/* The fallback is not there either: what was asked for is what is missing. */
		out->result = first;
		out->file_length = out->consumed = 0;
		memset(&out->stat, 0, sizeof out->stat);
		return;
	}
	out->flags |= FILES_FLAG_FALLBACK;
	out->consumed = length;
}

void resolve_exact(const struct policy *policy, size_t root, const char *path, size_t length, struct resolution *out)
{
	struct walk walk = {.policy = policy, .root = &policy->roots[root], .path = path, .length = length, .out = out,
		.exact = true};

	begin(out);
	walk_from_root(&walk);
	if (out->result == FILES_FILE || out->result == FILES_REMOTE) {
		if (out->consumed == length)
			return;
		(void)close(out->fd);
		out->fd = -1;
		out->result = FILES_NOT_FOUND;
	} else if (out->result == FILES_SCRIPT) {
		out->result = FILES_DENIED;
	}
}
