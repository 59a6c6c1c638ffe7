import type { PyodideAPI } from 'pyodide';

/**
 * What a kernel does once, while nobody asks anything of it, so that later ones start faster.
 *
 * Chromium keeps the better of its two kinds of compiled code for the next visit, but only once there is a megabyte of it
 * (`wasm_caching_hard_threshold` in V8). Who runs a light notebook never gets there: each visit then compiles the same
 * functions again, beside the start, on the same processors. So a kernel compiles Python until its parser and its compiler,
 * which each cell needs, have the better code too.
 *
 * Compiling changes nothing that a notebook could see. It is done in pieces that are shorter than what a person notices.
 */

/** How long a kernel has to be idle first, in milliseconds. */
const AFTER = 1500;

/** Work for so long, then let others work for as long, in milliseconds. */
const PIECE = 10;

/** How often the text is compiled: two seconds with the pauses, on a machine that starts a kernel in one. */
const ROUNDS = 400;

/** A bit of all that Python's grammar has, in about the measure in which cells have it. */
const SOURCE = `
import numpy as np, pandas as pd
from os.path import join as joined, exists
frame = pd.DataFrame({"x": np.arange(50), "y": [value ** 2 for value in range(50) if value % 3 != 1]})
frame["z"] = frame["x"].rolling(7, min_periods=1).mean() * 2.5 - frame.y / 1e3 + 0x1f // 2
selected = frame[(frame.x > 10) & ~(frame["y"] <= 0.5)].sort_values("z", ascending=False)[["x", "z"]]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained", **settings)
left.plot(selected.x, selected.z, color="tab:blue", label=f"from {selected.x.min():.2f} to {selected['x'].max()!r:>{10}}")
right.set_title("a" "b" + str(-1) + 'c\\n' if figure is not None and not left else """longer""")
counts = {name: len(rows) for name, rows in groups.items() if name not in ("a", "b")}
unique, total = {*counts}, sum(count for count in counts.values())
first, *others = sorted(counts, key=lambda name: (-counts[name], name))[1:-1:2]
total += first[0][..., None] @ matrix; total -= 1; total **= 2; mask = a << 2 | b >> 1 ^ 5 & 7
assert total >= 0 or 0 < total != 3 <= 4, "none"
del counts["a"], others[0]

@decorated.with_arguments(1, key=True)
class Station(Base, metaclass=Meta):
    """A place where the weather is observed."""
    name: str = "Fernhill"
    __slots__ = ("rows", "path")

    def __init__(self, path, /, rows: list[int] | None = None, *names, kind="csv", **rest):
        super().__init__(path, *names, **rest)
        self.path, self.rows = path, rows or []

    @property
    def mean(self) -> float:
        try:
            return sum(self.rows) / len(self.rows)
        except (ZeroDivisionError, TypeError) as error:
            raise ValueError(f"{self.name}: {error}") from error
        else:
            pass
        finally:
            self.done = True

    async def read(self):
        global last
        async with self.open() as file, lock:
            async for line in file:
                if (text := line.strip()) and text[0] == "#":
                    continue
                elif not text:
                    break
                yield await self.parse(text)
        last = [x async for x in other]

def running(values, size=7):
    window = []
    def inner():
        nonlocal window
        return window
    for index, value in enumerate(values):
        window.append(value)
        while len(window) > size:
            window.pop(0)
        yield index, sum(window) / len(window)
    else:
        yield from inner()

match command.split():
    case ["go", ("north" | "south") as direction, *rest] if rest:
        go(direction)
    case {"name": str(name), "size": 1 | 2, **others}:
        make(name)
    case Point(x=0, y=-1.5) | None | True:
        pass
    case _:
        print("?", end="", file=sys.stderr)
with open(joined("data", "fernhill.csv")) as file, suppress(OSError):
    rows = [tuple(float(cell) for cell in row) for row in csv.reader(file)]
type Pair[T] = tuple[T, T]
`;

/** Of Python's built-in functions, what is used here. */
interface IBuiltins {
  compile(source: string, name: string, mode: string): { destroy(): void };
}

/** Practises while it is not paused. */
export class Practice {
  /**
   * @param done - Is called once, at the end.
   */
  constructor(
    pyodide: Pick<PyodideAPI, 'pyimport'>,
    private readonly done: () => void,
    private readonly rounds = ROUNDS
  ) {
    this.builtins = pyodide.pyimport('builtins') as IBuiltins;
  }

  /** Nobody asks anything of the kernel: go on after a while. */
  resume(): void {
    this.pause();
    if (this.round < this.rounds) {
      this.timer = setTimeout(() => this.work(), AFTER);
    }
  }

  /** Somebody does. */
  pause(): void {
    clearTimeout(this.timer);
  }

  private work(): void {
    const end = performance.now() + PIECE;
    try {
      do {
        this.builtins.compile(SOURCE, '<practice>', 'exec').destroy();
        this.round++;
      } while (this.round < this.rounds && performance.now() < end);
    } catch (error) {
      // Such as a notebook that has replaced the function: it is no matter of the person's.
      console.warn(`The kernel does not practise: ${String(error)}`);
      this.round = Infinity;
      return;
    }
    if (this.round < this.rounds) {
      this.timer = setTimeout(() => this.work(), PIECE);
    } else {
      this.done();
    }
  }

  private readonly builtins: IBuiltins;
  private round = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
