/**
 * Everything from images to a started runtime, with no Jupyter in it: one file for workers, Node, pages and
 * any other Emscripten program.
 */
export * from './actions';
export * from './fs';
export * from './image';
export * from './runtime';
export * from './session';
export * from './source';
export * from './store';
