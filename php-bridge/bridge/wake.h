#ifndef BRIDGE_WAKE_H
#define BRIDGE_WAKE_H

/* PURPOSE  in a child: wakes the fork server */
void wake_server(void);

/* PURPOSE  in a child: wakes the fork server if it has asked for that */
void wake_if_wanted(void);

#endif
