/*
 * A child is given the pages that children always use before it waits for its connection: each of them costs a fraction
 * of what the fault would, and is there when a request comes. Some children tell at their end which pages they used.
 */
#ifndef BRIDGE_PREFAULT_H
#define BRIDGE_PREFAULT_H

/*
 * PURPOSE     begins to learn; the fork server calls it once, when its mappings are as children will inherit them. Where
 *             the system cannot do it (Linux before 5.14), nothing happens then or later
 */
void prefault_prepare(void);

/*
 * PURPOSE     decides what the next child does; called by the fork server before each fork
 */
void prefault_before_fork(void);

/*
 * PURPOSE     has the pages made; called by a child before anything else
 */
void prefault_enter(void);

/*
 * PURPOSE     tells the fork server which pages were used, if this child is one that does; called by a child at its end
 */
void prefault_leave(void);

#endif
