#include "exec.h"

#include "bridge.h"
#include "export.h"
#include "settings.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT 2

static char *kept[KEPT];

static char *copy(const char *name)
{
	size_t length = strlen(name);

	for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return strdup(*entry);
	return NULL;
}

void exec_remember(void)
{
	kept[0] = copy(SETTINGS_VARIABLE);
	kept[1] = copy("LD_PRELOAD");
}

/* Not in a child that the program forked: what that executes is another program, which serves nobody. */
static bool in_own_place(void)
{
	return bridge.role == ROLE_ORIGIN && kept[0] != NULL && kept[1] != NULL && getpid() == bridge.self;
}

/* The environment with what was hidden; NULL with errno. */
static char **with_bridge(char *const *environment)
{
	size_t count = 0;
	char **longer;

	while (environment != NULL && environment[count] != NULL)
		count++;
	longer = malloc((count + KEPT + 1) * sizeof *longer);
	if (longer == NULL)
		return NULL;
	memcpy(longer, kept, sizeof kept);
	if (count > 0)
		memcpy(longer + KEPT, environment, count * sizeof *longer);
	longer[count + KEPT] = NULL;
	return longer;
}

/* PHP's ini folder goes along. */
static void keep_ini_folder(int flags)
{
	if (bridge.ini_folder >= 0)
		(void)fcntl(bridge.ini_folder, F_SETFD, flags);
}

typedef int execute(const char *file, char *const arguments[], char *const environment[]);

static int by_path(const char *path, char *const arguments[], char *const environment[])
{
	return (int)syscall(SYS_execve, path, arguments, environment);
}

/* The search in PATH is the C library's. */
static int by_name(const char *file, char *const arguments[], char *const environment[])
{
	execute *next;

	*(void **)&next = dlsym(RTLD_NEXT, "execvpe");
	if (next == NULL) {
		errno = ENOSYS;
		return -1;
	}
	return next(file, arguments, environment);
}

static int hand_on(execute *how, const char *file, char *const arguments[], char *const environment[])
{
	char **longer;
	int saved;

	if (!in_own_place())
		return how(file, arguments, environment);
	longer = with_bridge(environment);
	if (longer == NULL)
		return -1;
	keep_ini_folder(0);
	(void)how(file, arguments, longer);
	saved = errno;
	keep_ini_folder(FD_CLOEXEC);
	free(longer);
	errno = saved;
	return -1;
}

EXPORT int execve(const char *path, char *const arguments[], char *const environment[])
{
	return hand_on(by_path, path, arguments, environment);
}

EXPORT int execv(const char *path, char *const arguments[])
{
	return hand_on(by_path, path, arguments, environ);
}

EXPORT int execvp(const char *file, char *const arguments[])
{
	return hand_on(by_name, file, arguments, environ);
}

EXPORT int execvpe(const char *file, char *const arguments[], char *const environment[])
{
	return hand_on(by_name, file, arguments, environment);
}
