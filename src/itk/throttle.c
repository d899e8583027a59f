#include "throttle.h"

/* A program that ran this long has worked: its next start is not delayed. */
#define HEALTHY_MS 2000
/* The first quick death may be an accident (somebody killed it): the next start is at once. */
#define FORGIVEN 1
/*
 * One that ends well may do so soon, and often: how long it waits for work is its own business. Only ends within
 * moments, again and again, are a loop (its site sends it SIGTERM).
 */
#define WELL_MS 500
#define WELL_FORGIVEN 30

#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 30000

int64_t throttle_delay(unsigned *failures, int64_t lived, bool well)
{
	unsigned forgiven = well ? WELL_FORGIVEN : FORGIVEN;
	int64_t delay = DELAY_FIRST_MS;

	if (lived >= (well ? WELL_MS : HEALTHY_MS)) {
		*failures = 0;
		return 0;
	}
	++*failures;
	if (*failures <= forgiven)
		return 0;
	for (unsigned i = forgiven + 1; i < *failures && delay < DELAY_MAX_MS; i++)
		delay *= 2;
	return delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
}
