/* The process's own mappings, as smaps of proc(5) lists them. */
#ifndef BRIDGE_MAPPINGS_H
#define BRIDGE_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
	uintptr_t start, end;
	bool readable, writable, executable, shared;
	/* It has no property besides: fork treats it as any other memory, and it is no stack. */
	bool ordinary;
	size_t written; /* bytes that are this process's own copy */
	size_t swapped;
	const char *name; /* not terminated; empty, a path, or [heap] and the like */
	size_t name_length;
};

/* A text that is read before anything is changed: it is not to change while it is read. */
struct mappings {
	char *text, *next;
	size_t room;
};

/*
 * PURPOSE     reads the list
 * RETURNS     false when it cannot be read; otherwise to be freed by mappings_free
 */
bool mappings_read(struct mappings *list);

/* RETURNS  true and the next one that is not the list's own memory; false at the end */
bool mappings_next(struct mappings *list, struct mapping *out);

void mappings_free(struct mappings *list);

#endif
