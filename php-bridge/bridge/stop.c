#include "stop.h"

#include "bridge.h"
#include "children.h"
#include "give-up.h"
#include "limits.h"
#include "signals.h"

#include <signal.h>

#define PATIENCE_MS 1000
#define ASK_MS 50

static void signal_all(int number)
{
	for (uint32_t place = 0; place < bridge.settings.children; place++) {
		struct child *child = children_at(place);

		if (child->pid == 0)
			continue;
		child->killed = true;
		/* PHP heeds SIGTERM only between requests, and while it waits for one, not before the next. */
		if (number == SIGTERM && give_up_idle(child->slot, child->pid))
			continue;
		(void)kill(child->pid, number);
	}
}

_Noreturn void stop(void)
{
	int64_t until = clock_ms() + PATIENCE_MS;

	signal_all(SIGTERM);
	(void)children_reap();
	while (children_count().all > 0 && clock_ms() < until) {
		limits_dismiss_waiting();
		(void)signals_poll(NULL, 0, ASK_MS);
		(void)children_reap();
	}
	/* Those that are left go with us: PDEATHSIG. */
	signal_all(SIGKILL);
	signals_end_by_term();
}
