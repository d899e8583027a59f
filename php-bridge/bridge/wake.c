#include "wake.h"

#include "bridge.h"

#include <errno.h>
#include <signal.h>

void wake_server(void)
{
	int kept = errno;

	/* It is our parent while we live: PDEATHSIG ends us with it. */
	(void)kill(bridge.parent, SIGURG);
	errno = kept;
}

void wake_if_wanted(void)
{
	if (atomic_load(&bridge.board->wake) != 0 && atomic_exchange(&bridge.board->wake, 0) != 0)
		wake_server();
}
