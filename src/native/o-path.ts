/** open(2): holds a file without opening it. Node has no name for it; the number is the same wherever Node runs. */
export const O_PATH = 0o10000000;
