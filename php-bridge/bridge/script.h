/* Which script a child runs, for the lines about its end: the fork server cannot ask one that has crashed. */
#ifndef BRIDGE_SCRIPT_H
#define BRIDGE_SCRIPT_H

#include "board.h"
#include "records.h"

#include <stddef.h>
#include <stdint.h>

/*
 * PURPOSE     in a child: looks for SCRIPT_FILENAME in what it has just read of a request, until it is found
 * PARAMETERS  in: the record that these bytes are of, or ended with; bytes, count: as read
 */
void script_follow(struct slot *slot, const struct records *in, const void *bytes, size_t count);

#endif
