import { SnapshotError } from './error';
import { cFunction } from './heap';
import type { ILinker } from './module';

/**
 * Engines compile a function that is used a lot for what it has called so far, each place in it by itself. When a place
 * then calls something else, that code is thrown away and made anew: Python's evaluation loop, which is large and calls
 * whatever a type provides, up to five times in the first seconds, a quarter of a second of a processor each. Engines do
 * not guess at places that have called more than four functions (`kMaxPolymorphism` in V8). So each place is shown five or
 * more before the loop is used a lot.
 *
 * The loop is that after some fifty instructions of Python. C functions that are parts of it are called one by one
 * for this, and what only the loop itself calls is in one short function.
 */

/** Each is called with each object of one row of EXERCISE, and the row's first. They are in the order of the rows. */
const FUNCTIONS = [
  'PyObject_IsTrue',
  'PyObject_Size',
  'PyObject_Hash',
  'PySequence_Contains',
  'PyIter_Next',
  'PyObject_GetIter',
  'PyObject_GetAttr',
  'PyObject_Vectorcall'
];

/** From here on they answer with a new reference to an object, or with nothing. */
const FIRST_REFERENCE = FUNCTIONS.indexOf('PyIter_Next');

/**
 * Run when a snapshot is taken: makes the objects of the exercise, and the function, which has to have run before so that
 * its instructions are those for the types that they have met. Its value is the address of a tuple of both; as long as
 * the module of the snapshot is there, they are.
 */
export const EXERCISE = `
import sys

class Own:
    def __getattr__(self, name):
        return name

    def method(self):
        pass

def function():
    pass

def loop(one=1, two=2, half=0.5):
    # Operators of different types, of which each has a guard and an action of its own.
    one / (((one | two) + half) / two - one)
    # Functions that only instructions call.
    +one
    (*(),)
    def generic[T, *U, **P]():
        pass
    # Types that are called.
    list(dict(set(frozenset(enumerate(())))))

for _ in range(8):
    loop()

own = Own()
rows = (
    (0, 0.0, "", (), [], {}, range(0)),
    (0, "", b"", (), [], {}, set()),
    (0, "a", 1, 0.5, (), None, int, b"a"),
    (1, (), [], {}, set(), range(0), frozenset()),
    (0, iter([]), iter(()), iter(""), iter({}), iter(set()), iter(range(0))),
    (0, "", (), [], {}, set(), range(0), zip()),
    ("__class__", 1, int, sys, own, own.method, list[int]),
    (0, list, dict, Own, function, own.method, "".upper, "".split),
)
sys.modules["_frozenfs_snapshot"].exercise = exercise = rows, loop
id(exercise)
`;

/**
 * Show the engine what Python calls, before Python runs.
 *
 * @param address - Where the value of EXERCISE is.
 * @throws SnapshotError when Python raises an exception.
 */
export function exercise(linker: ILinker, address: number): void {
  const c = (name: string) => cFunction(linker, name);
  const length = c('PyTuple_Size');
  const item = c('PyTuple_GetItem');
  const release = c('Py_DecRef'); // nothing for 0
  const [rows, loop] = items(address) as [number, number];
  items(rows).forEach((row, index) => {
    const call = c(FUNCTIONS[index]!);
    const [first, ...objects] = items(row) as [number, ...number[]];
    for (const object of objects) {
      const result = call(object, first, 0, 0);
      if (index >= FIRST_REFERENCE) release(result);
    }
  });
  release(c('PyObject_CallNoArgs')(loop));
  const exception = c('PyErr_GetRaisedException')();
  if (exception !== 0) {
    const text = linker.UTF8ToString(
      c('PyUnicode_AsUTF8')(c('PyObject_Repr')(exception))
    );
    throw new SnapshotError(
      `Python raises an exception when it is called first: ${text}`
    );
  }

  function items(tuple: number): number[] {
    return Array.from({ length: length(tuple) }, (_, index) => item(tuple, index));
  }
}
