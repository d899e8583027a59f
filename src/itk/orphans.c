#include "orphans.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_kept(pid_t pid, const pid_t *keep, size_t keep_count)
{
	for (size_t i = 0; i < keep_count; i++)
		if (keep[i] == pid)
			return true;
	return false;
}

/* True when the child is still there after the attempt. */
static bool end_child(pid_t pid)
{
	if (kill(pid, SIGKILL) != 0 && errno == ESRCH)
		return false;
	/* It may have ended long ago; one that has not is found by the next sweep. */
	return waitpid(pid, NULL, WNOHANG) == 0;
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
