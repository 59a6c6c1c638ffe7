/** The export that is the table of the libraries' exports. The first of them puts their functions into the runtime's table. */
export const EXPORTS = 'frozenfs_exports';

/** The module from which the memory is imported, under this name: it can be filled before there is an instance. */
export const MEMORY_MODULE = 'frozenfs_memory';
export const MEMORY = 'memory';

/** The modules from which functions and addresses are imported that nobody had when the runtime was linked. */
export const LATE_FUNCTIONS = 'frozenfs_late_functions';
export const LATE_ADDRESSES = 'frozenfs_late_addresses';
