#include "children.h"

#include <stdlib.h>

struct child {
	pid_t pid;
	struct service *service;
};

static struct child *children;
static size_t used, capacity;

int children_add(pid_t pid, struct service *service)
{
	if (used == capacity) {
		size_t larger = capacity == 0 ? 64 : capacity * 2;
		struct child *moved = realloc(children, larger * sizeof *moved);

		if (moved == NULL)
			return -1;
		children = moved;
		capacity = larger;
	}
	children[used++] = (struct child){pid, service};
	return 0;
}

struct service *children_remove(pid_t pid)
{
	for (size_t i = 0; i < used; i++) {
		struct service *service = children[i].service;

		if (children[i].pid != pid)
			continue;
		children[i] = children[--used];
		return service;
	}
	return NULL;
}
