#ifndef ITK_THROTTLE_H
#define ITK_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * PURPOSE     How long the next start of a program is put off that has just ended, so that one which ends again and
 *             again does not cost the other sites their machine.
 * PARAMETERS  failures: ends in a row that came too soon, counted here; lived: milliseconds that it ran;
 *             well: it ended with status 0.
 * RETURNS     milliseconds; 0: not at all.
 */
int64_t throttle_delay(unsigned *failures, int64_t lived, bool well);

#endif
