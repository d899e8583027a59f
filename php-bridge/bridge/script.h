/* Which script a child runs, for the lines about its end: the fork server cannot ask one that has crashed. */
#ifndef BRIDGE_SCRIPT_H
#define BRIDGE_SCRIPT_H

#include "board.h"

/*
 * PURPOSE     writes a path so that it can stand in a line of the log
 * PARAMETERS  to: SCRIPT_MAX bytes, always ended with NUL; path: cut where it is too long
 */
void script_note(char *to, const char *path);

#endif
