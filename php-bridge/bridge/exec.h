/*
 * A program that executes another one in its own place before it accepts anything (a wrapper script, env(1)) hands
 * the bridge on to it.
 */
#ifndef BRIDGE_EXEC_H
#define BRIDGE_EXEC_H

/*
 * PURPOSE  keeps copies of the variables that load the bridge; called before they are hidden
 */
void exec_remember(void);

#endif
