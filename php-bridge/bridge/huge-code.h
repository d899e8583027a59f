#ifndef BRIDGE_HUGE_CODE_H
#define BRIDGE_HUGE_CODE_H

/*
 * PURPOSE     has the program's own code and constants in huge pages: a child meets a few of those in place of some
 *             hundred small ones. Where the system has none, nothing is changed. To be called while nothing of the
 *             program's code runs, after merge_libraries
 */
void huge_code_prepare(void);

#endif
