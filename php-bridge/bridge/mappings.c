#include "mappings.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOM_AT_FIRST ((size_t)512 * 1024)
/* What VmFlags of ordinary memory may say: rights, and that they may be had; accounted for; not looked at lately. */
#define ORDINARY " rd wr ex sh mr mw me ms ac sd "

bool mappings_read(struct mappings *list)
{
	int fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t count = -1;

	if (fd < 0)
		return false;
	list->room = ROOM_AT_FIRST;
	list->text = mmap(NULL, list->room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	while (list->text != MAP_FAILED) {
		count = syscall(SYS_read, fd, list->text + length, list->room - 1 - length);
		if (count <= 0)
			break;
		length += (size_t)count;
		if (length + 1 == list->room) {
			void *larger = mremap(list->text, list->room, list->room * 2, MREMAP_MAYMOVE);

			count = -1;
			if (larger == MAP_FAILED)
				break;
			list->text = larger;
			list->room *= 2;
		}
	}
	(void)close(fd);
	if (list->text == MAP_FAILED)
		return false;
	if (count < 0) {
		mappings_free(list);
		return false;
	}
	list->text[length] = '\0';
	list->next = list->text;
	return true;
}

void mappings_free(struct mappings *list)
{
	(void)munmap(list->text, list->room);
	list->text = NULL;
}

static char *next_line(char *line)
{
	char *end = strchr(line, '\n');

	return end == NULL ? line + strlen(line) : end + 1;
}

static bool starts(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

static bool ordinary(const char *flag)
{
	while (*flag == ' ')
		flag++;
	for (; *flag != '\n' && *flag != '\0'; flag += strspn(flag, " ")) {
		char word[5] = {' ', flag[0], flag[1], ' ', '\0'};

		if (strcspn(flag, " \n") != 2 || strstr(ORDINARY, word) == NULL)
			return false;
		flag += 2;
	}
	return true;
}

/* "START-END rwxp OFFSET DEVICE INODE      NAME" */
static bool head(const char *line, struct mapping *out)
{
	char *end;
	const char *at;

	out->start = strtoul(line, &end, 16);
	if (*end != '-')
		return false;
	out->end = strtoul(end + 1, &end, 16);
	if (*end != ' ' || out->end <= out->start || strcspn(end + 1, " \n") != 4)
		return false;
	out->readable = end[1] == 'r';
	out->writable = end[2] == 'w';
	out->executable = end[3] == 'x';
	out->shared = end[4] == 's';
	at = end + 5;
	for (int field = 0; field < 3; field++) {
		at += strspn(at, " ");
		at += strcspn(at, " \n");
	}
	at += strspn(at, " ");
	out->name = at;
	out->name_length = strcspn(at, "\n");
	return true;
}

bool mappings_next(struct mappings *list, struct mapping *out)
{
	while (*list->next != '\0') {
		char *line = list->next;
		uintptr_t own = (uintptr_t)list->text;

		*out = (struct mapping){0};
		if (!head(line, out))
			return false;
		/* Each further line is "Name:  VALUE": a mapping's first line begins with a digit or a to f. */
		for (line = next_line(line); *line >= 'A' && *line <= 'Z'; line = next_line(line)) {
			if (starts(line, "Anonymous:"))
				out->written = strtoul(line + strlen("Anonymous:"), NULL, 10) * 1024;
			else if (starts(line, "Swap:"))
				out->swapped = strtoul(line + strlen("Swap:"), NULL, 10) * 1024;
			else if (starts(line, "VmFlags:"))
				out->ordinary = ordinary(line + strlen("VmFlags:"));
		}
		list->next = line;
		if (own < out->start || own >= out->end)
			return true;
	}
	return false;
}
