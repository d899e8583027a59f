/* Answers to a front. */
#ifndef FILES_ANSWER_H
#define FILES_ANSWER_H

#include "resolve.h"

#include <stdint.h>

/*
 * PURPOSE     Sends an answer, with `descriptor` unless it is -1; waits while the front's socket is full.
 * RETURNS     0; -1 when the front has gone.
 */
int answer_send(int connection, uint32_t id, const struct resolution *what, int descriptor);

#endif
