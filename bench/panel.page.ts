// What `panel.mjs` measures, in the page: the panel's tree of an image with many entries, and a plain list beside it.
import {
  type IOutlineColumns,
  Outline,
} from "../labextension/src/panel/outline";
import { TreeView } from "../labextension/src/panel/views/tree";

/** Height of both in CSS pixels, and of a row. */
const HEIGHT = 600;
const ROW = 24;
const VISIBLE = HEIGHT / ROW;

/** What is searched for: a part of every hundredth name. */
const QUERY = "e_42.py";

/** Packages with modules, as an environment has them. */
function columns(entries: number): IOutlineColumns {
  const names = [""];
  const parent = [0];
  const kind = [1];
  const add = (name: string, above: number, what: number) => {
    names.push(name);
    parent.push(above);
    kind.push(what);
    return names.length - 1;
  };
  while (names.length < entries) {
    const top = add(`package_${names.length}`, 0, 1);
    for (let folder = 0; folder < 10 && names.length < entries; folder++) {
      const above = add(`folder_${folder}`, top, 1);
      for (let file = 0; file < 100 && names.length < entries; file++) {
        add(`module_${file}.py`, above, 0);
      }
    }
  }
  const n = names.length;
  return {
    names: names.join("\0"),
    parent: Uint32Array.from(parent),
    kind: Uint8Array.from(kind),
    size: new Float64Array(n).fill(12_345),
    mode: new Uint16Array(n).fill(0o644),
    mtime: new Float64Array(n),
    targets: "",
    missing: null,
  };
}

/** A list as anybody would write it: an element for each row that is in sight, with a name and a size. */
class PlainList {
  readonly node = document.createElement("ul");

  constructor() {
    this.node.className = "plain";
  }

  draw(names: readonly string[]): void {
    this.node.replaceChildren(
      ...names.map((name) => {
        const row = document.createElement("li");
        const label = document.createElement("span");
        const size = document.createElement("span");
        label.textContent = name;
        size.textContent = "12.3 kB";
        row.append(label, size);
        return row;
      }),
    );
  }
}

/** Milliseconds of doing something, with the styles and the layout that it needs. */
function timed(host: HTMLElement, work: () => void): number {
  const began = performance.now();
  work();
  host.getBoundingClientRect();
  void host.scrollHeight;
  return performance.now() - began;
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function hostOf(id: string): HTMLElement {
  const host = document.createElement("div");
  host.id = id;
  host.className = "host";
  document.body.append(host);
  return host;
}

/** One sample of everything, in milliseconds. */
async function sample(
  entries: number,
  frames: number,
): Promise<Record<string, number>> {
  const made = columns(entries);
  const tops = made.names
    .split("\0")
    .filter((name) => name.startsWith("package"));
  const treeHost = hostOf("tree");
  const listHost = hostOf("list");
  await frame();

  const list = new PlainList();
  const showList = timed(listHost, () => {
    listHost.append(list.node);
    list.draw(tops.slice(0, VISIBLE));
  });
  await frame();

  const tree = new TreeView("Tree");
  let outline: Outline | undefined;
  const showTree = timed(treeHost, () => {
    outline = Outline.decode(made);
    treeHost.append(tree.node);
    tree.show(outline);
  });
  const shown = treeHost.querySelectorAll(
    "[role=treeitem]:not([hidden])",
  ).length;
  if (shown < VISIBLE)
    throw new Error(`Only ${shown} rows of the tree are drawn`);
  await frame();

  // All of it, so that there is something to scroll.
  tree.node.focus();
  const press = (key: string) =>
    tree.node.dispatchEvent(new KeyboardEvent("keydown", { key }));
  press("*");
  press("ArrowRight");
  press("*");
  await frame();

  const names = made.names.split("\0");
  const scroll = { page: 0, wheel: 0, list: 0 };
  for (let i = 0; i < frames; i++) {
    await frame();
    const begin = (i * VISIBLE) % (names.length - VISIBLE);
    scroll.list += timed(listHost, () =>
      list.draw(names.slice(begin, begin + VISIBLE)),
    );
    await frame();
    scroll.page += timed(treeHost, () => {
      tree.node.scrollTop += VISIBLE * ROW;
      tree.node.dispatchEvent(new Event("scroll"));
    });
    await frame();
    scroll.wheel += timed(treeHost, () => {
      tree.node.scrollTop += 4 * ROW;
      tree.node.dispatchEvent(new Event("scroll"));
    });
  }

  const folded = names.map((name) => name.toLowerCase());
  const began = performance.now();
  const { total } = outline!.search(QUERY, 10_000);
  const firstSearch = performance.now() - began;
  const rounds = 10;
  let search = 0;
  let scan = 0;
  for (let i = 0; i < rounds; i++) {
    const first = performance.now();
    outline!.search(QUERY, 10_000);
    const second = performance.now();
    const found: number[] = [];
    for (let entry = 0; entry < folded.length; entry++) {
      if (folded[entry].includes(QUERY)) found.push(entry);
    }
    const third = performance.now();
    if (found.length !== total) {
      throw new Error(`The search finds ${total}, the scan ${found.length}`);
    }
    search += (second - first) / rounds;
    scan += (third - second) / rounds;
  }
  tree.dispose();
  treeHost.remove();
  listHost.remove();
  return {
    showTree,
    showList,
    scrollPage: scroll.page / frames,
    scrollWheel: scroll.wheel / frames,
    drawList: scroll.list / frames,
    firstSearch,
    search,
    scan,
  };
}

Object.assign(window, { sample });
