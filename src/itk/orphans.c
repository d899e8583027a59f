#include "orphans.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_kept(pid_t pid, const pid_t *keep, size_t keep_count)
{
	for (size_t i = 0; i < keep_count; i++)
		if (keep[i] == pid)
			return true;
	return false;
}

/*
 * True for a child that has ended as a whole but cannot be reaped: somebody outside traces it (ptrace(2)) and does
 * not wait for it. A leader that has ended while its threads go on looks the same but for their number.
 * Of /proc/PID/stat (proc(5)) only what follows the last ')' is looked at: before it stands the program's own name.
 */
static bool is_only_a_zombie(pid_t pid)
{
	char path[64], text[1024];
	const char *after;
	char state = '?';
	long threads = 0;
	FILE *stat;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	stat = fopen(path, "re");
	if (stat == NULL)
		return false;
	text[fread(text, 1, sizeof text - 1, stat)] = '\0';
	(void)fclose(stat);
	after = strrchr(text, ')');
	if (after == NULL ||
	    sscanf(after, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld", &state,
		   &threads) != 2)
		return false;
	return state == 'Z' && threads <= 1;
}

/* True when the child is still there after the attempt. */
static bool end_child(pid_t pid)
{
	if (kill(pid, SIGKILL) != 0 && errno == ESRCH)
		return false;
	/* It may have ended long ago; one that has not is found by the next sweep. */
	return waitpid(pid, NULL, WNOHANG) == 0 && !is_only_a_zombie(pid);
}

/* /proc/PID/task/TID/children (proc(5)): decimal pids, each followed by a blank. The kernel writes nothing else. */
static int sweep_thread(const char *path, const pid_t *keep, size_t keep_count)
{
	FILE *children = fopen(path, "re");
	int left = 0;
	long pid;

	/* A thread may have ended since the folder was read. */
	if (children == NULL)
		return errno == ENOENT ? 0 : -1;
	while (fscanf(children, "%ld", &pid) == 1)
		if (pid > 1 && !is_kept((pid_t)pid, keep, keep_count) && end_child((pid_t)pid))
			left++;
	if (fclose(children) != 0)
		return -1;
	return left;
}

int orphans_sweep(const pid_t *keep, size_t keep_count)
{
	DIR *tasks;
	struct dirent *task;
	int left = 0;

	if (access("/proc/thread-self/children", R_OK) != 0)
		return -1;
	tasks = opendir("/proc/self/task");
	if (tasks == NULL)
		return -1;
	while ((task = readdir(tasks)) != NULL) {
		char path[sizeof "/proc/self/task//children" + sizeof task->d_name];
		int found;

		if (!isdigit((unsigned char)task->d_name[0]))
			continue;
		(void)snprintf(path, sizeof path, "/proc/self/task/%s/children", task->d_name);
		found = sweep_thread(path, keep, keep_count);
		if (found < 0) {
			left = -1;
			break;
		}
		left += found;
	}
	if (closedir(tasks) != 0)
		return -1;
	return left;
}
