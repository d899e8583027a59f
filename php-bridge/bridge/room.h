/* Room for a connection that waits while every child has one. */
#ifndef BRIDGE_ROOM_H
#define BRIDGE_ROOM_H

#include "children.h"

#include <stdint.h>

/*
 * PURPOSE     takes its connection from the child that has been idle longest, one after the other
 * PARAMETERS  now, pressed_since: clock_ms(), of the call and since when somebody waits; counts: of now;
 *             *next: lowered to the milliseconds until it is to be called again
 */
void room_make(int64_t now, int64_t pressed_since, const struct counts *counts, int64_t *next);

#endif
