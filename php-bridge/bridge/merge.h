#ifndef BRIDGE_MERGE_H
#define BRIDGE_MERGE_H

/*
 * PURPOSE     makes one mapping of the three that each library's headers, code and constants have: what a fork costs
 *             grows with their number (php-bridge/README.md). They become executable, as they were before linkers
 *             separated them (ld's -z separate-code); nothing becomes writable. Where the system does not allow it,
 *             they stay three
 */
void merge_libraries(void);

#endif
