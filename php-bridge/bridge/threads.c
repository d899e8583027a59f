#include "threads.h"

#include <dirent.h>
#include <stddef.h>

bool threads_none_besides(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned count = 0;

	if (tasks == NULL)
		return false;
	while ((entry = readdir(tasks)) != NULL)
		if (entry->d_name[0] != '.')
			count++;
	(void)closedir(tasks);
	return count == 1;
}
