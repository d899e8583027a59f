/* What the fork server looks at while its children work: time limits, clients that have left, idle children. */
#ifndef BRIDGE_LIMITS_H
#define BRIDGE_LIMITS_H

#include "children.h"

#include <stdint.h>

/*
 * PURPOSE     ends requests that run too long or for nobody, and children that are idle too long
 * PARAMETERS  now: clock_ms(); counts: of now; *next: lowered to the milliseconds until it is to be called again
 * RETURNS     true when it met a child that runs a request: *next then covers its limits
 */
bool limits_enforce(int64_t now, const struct counts *counts, int64_t *next);

/* PURPOSE  asks every waiting child to leave */
void limits_dismiss_waiting(void);

#endif
