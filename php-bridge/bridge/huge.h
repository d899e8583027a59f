/*
 * Memory that all children share, PHP's opcode cache above all, in huge pages: each child meets its pages anew, one
 * fault for sixteen of them, and one for 512 where they are one huge page. The system need not be set up for it:
 * MADV_COLLAPSE (Linux 6.1) is a request, not a policy.
 */
#ifndef BRIDGE_HUGE_H
#define BRIDGE_HUGE_H

/*
 * PURPOSE     before the first fork: moves the largest shared memory to a place in a file from which huge pages can be
 *             mapped. Does nothing when another process shares it already
 */
void huge_prepare(void);

/* PURPOSE  at each fork: looks at one piece of it now and then, and asks for a huge page where it is used */
void huge_look(void);

#endif
