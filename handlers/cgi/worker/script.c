#include "script.h"

#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int refuse(struct refusal *refusal, int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(refusal->why, sizeof refusal->why, format, arguments);
	va_end(arguments);
	refusal->status = status;
	return -1;
}

/* The part of `path` below `root`, or NULL. /srv/www is not above /srv/www2: a slash must follow. */
static const char *below_root(const char *root, const char *path)
{
	size_t length = strlen(root);

	if (strncmp(root, path, length) != 0 || path[length] != '/')
		return NULL;
	while (path[length] == '/')
		length++;
	return path + length;
}

static bool has_dots(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
		if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

static bool has_extension(const struct policy *policy, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < policy->extensions.count; i++) {
		const char *extension = policy->extensions.at[i];
		size_t suffix = strlen(extension);

		/* The worker runs in the C locale: strcasecmp folds ASCII only (compare CVE-2026-27590). */
		if (length > suffix && strcasecmp(name + length - suffix, extension) == 0)
			return true;
	}
	return false;
}

/* The root that makes `path` a script; NULL: none does. */
static const char *find_root(const struct policy *policy, const char *path, const char **rest)
{
	for (size_t i = 0; i < policy->script_roots.count; i++)
		if ((*rest = below_root(policy->script_roots.at[i], path)) != NULL)
			return policy->script_roots.at[i];
	if (!has_extension(policy, strrchr(path, '/') + 1))
		return NULL;
	for (size_t i = 0; i < policy->roots.count; i++)
		if ((*rest = below_root(policy->roots.at[i], path)) != NULL)
			return policy->roots.at[i];
	return NULL;
}

/* RETURNS 0, or -1 and a refusal that names what cannot be opened. */
static int cannot_open(struct refusal *refusal)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		return refuse(refusal, 404, "not found");
	case ELOOP:
		return refuse(refusal, 403, "a symbolic link that Options does not allow: use the file itself, or allow "
		                            "FollowSymLinks or SymLinksIfOwnerMatch");
	case EACCES:
		return refuse(refusal, 403, "the site's user may not search a folder above it: chmod u+x, or correct its owner");
	default:
		return refuse(refusal, errno == EMFILE || errno == ENFILE || errno == ENOMEM ? 503 : 403, "cannot open it: %s",
		              strerror(errno));
	}
}

int script_find(const struct policy *policy, const char *path, struct script *script, struct refusal *refusal)
{
	struct stat folder, file;
	const char *rest = NULL;
	const char *root;
	int top, saved;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return refuse(refusal, 403, "SCRIPT_FILENAME is not an absolute path");
	if (has_dots(path))
		return refuse(refusal, 403, "SCRIPT_FILENAME contains ..");
	root = find_root(policy, path, &rest);
	if (root == NULL)
		return refuse(refusal, 403, "not in a ScriptAlias folder, nor a file with an extension of [cgi] below the "
		                            "DocumentRoot: correct ScriptAlias or Extensions");
	top = open(root[0] == '\0' ? "/" : root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return cannot_open(refusal);
	script->folder = open_script(top, rest, policy->symlinks, script->name, sizeof script->name, &file);
	saved = errno;
	close(top);
	errno = saved;
	if (script->folder < 0)
		return cannot_open(refusal);
	if (fstat(script->folder, &folder) != 0)
		refuse(refusal, 500, "fstat: %s", strerror(errno));
	else if (script_check(policy, geteuid(), &folder, &file, refusal) == 0)
		return 0;
	close(script->folder);
	return -1;
}
