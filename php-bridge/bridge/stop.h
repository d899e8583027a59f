#ifndef BRIDGE_STOP_H
#define BRIDGE_STOP_H

/* PURPOSE  the fork server's answer to SIGTERM: ends its children, and then itself by the same signal */
_Noreturn void stop(void);

#endif
