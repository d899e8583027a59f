#ifndef BRIDGE_SAY_H
#define BRIDGE_SAY_H

/*
 * PURPOSE     writes one line to stderr, which is the site's log, in one write: lines of several processes do not mix
 * PARAMETERS  format, ...: as printf(3), without a newline; a line too long is cut
 */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
