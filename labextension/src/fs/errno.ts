/** Error numbers of Emscripten (those of WASI). */
export enum Errno {
  EINVAL = 28,
  EIO = 29,
  ENODEV = 43,
  ENOENT = 44,
  ENOSPC = 51,
  ENOTEMPTY = 55,
  EPERM = 63,
  EROFS = 69
}
