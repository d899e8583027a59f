/* The bridge's one object: every process of the site's program has it, the fork server and its children alike. */
#ifndef BRIDGE_BRIDGE_H
#define BRIDGE_BRIDGE_H

#include "board.h"
#include "settings.h"

#include <sys/types.h>

enum role {
	ROLE_NONE = 0, /* not ours: nothing is changed */
	ROLE_ORIGIN,   /* the process that goes through the program's start-up */
	ROLE_CHILD,    /* forked by it: serves */
};

struct bridge {
	enum role role;
	pid_t self;     /* a process forked by the program itself is not ours */
	pid_t parent;   /* of a child: the fork server */
	int listener;   /* a copy of descriptor 0, close-on-exec; -1: closed */
	dev_t listener_device;
	ino_t listener_inode;
	int ini_folder; /* -1: none */
	struct settings settings;
	struct board *board;
	struct slot *slot; /* of a child */
};

extern struct bridge bridge;

/*
 * PURPOSE     turns the calling process into the fork server
 * RETURNS     in each child, ready to accept; never in the fork server
 */
void server_run(void);

#endif
