/*
 * The bridge's signals: SIGCHLD; SIGTERM; and SIGURG, by which children wake the fork server and it asks waiting
 * children to leave. Where no handler is set, SIGURG is ignored (signal(7)) and interrupts nothing, so one that comes
 * late does no harm to a script's sleep().
 */
#ifndef BRIDGE_SIGNALS_H
#define BRIDGE_SIGNALS_H

#include <poll.h>
#include <stdbool.h>

/* PURPOSE  saves the program's handlers and mask, sets the fork server's; they come only within signals_poll */
void signals_take(void);

/* PURPOSE  ppoll(2) during which the fork server's signals come */
int signals_poll(struct pollfd *fds, nfds_t count, int milliseconds);

/* RETURNS  true once SIGTERM has come */
bool signals_terminating(void);

/* PURPOSE  in a child: SIGURG and SIGTERM set a flag and end accept(2), until signals_restore */
void signals_wait(void);

/* RETURNS  true when a waiting child is to leave */
bool signals_asked_to_leave(void);

/* PURPOSE  gives the program back its handlers and its mask, and a SIGTERM that has come for it meanwhile */
void signals_restore(void);

/* PURPOSE  the fork server's end, by SIGTERM as it came */
_Noreturn void signals_end_by_term(void);

#endif
