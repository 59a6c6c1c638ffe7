/** What browsers tell of a connection, where they do; `type` is known on phones only. */
export interface IConnection {
  saveData?: boolean;
  type?: string;
  effectiveType?: string;
}

/** What decides whether a kernel starts before it is asked for. */
export interface ISurroundings {
  /** Which of JupyterLite's pages it is, e.g. `tree`; JupyterLab has no name. */
  page: string;
  /** The page is part of another one. */
  embedded: boolean;
  /** In gigabytes, as coarse as browsers tell it. */
  memory?: number;
  connection?: IConnection;
}

/** Pages that list or edit files: the kernels of notebooks run in other tabs. */
const WITHOUT_KERNELS = ['tree', 'edit'];

/** A device with this much memory or less, in gigabytes, has none for a kernel that nobody may want. */
const LITTLE_MEMORY = 2;

/** A page that is part of another, a small device or a connection that is paid for waits until a kernel is asked for. */
export function mayPrewarm({
  page,
  embedded,
  memory = Infinity,
  connection = {}
}: ISurroundings): boolean {
  const { saveData, type, effectiveType } = connection;
  return !(
    WITHOUT_KERNELS.includes(page) ||
    embedded ||
    memory <= LITTLE_MEMORY ||
    saveData ||
    type === 'cellular' ||
    effectiveType === '2g' ||
    effectiveType === 'slow-2g'
  );
}

/** With this many processors or fewer, a start beside that of JupyterLab holds up the notebook for longer than it saves. */
const FEW_PROCESSORS = 2;

/** Whether a start may begin beside that of JupyterLab, and not only after it. */
export function mayBeginAtOnce(processors: number): boolean {
  return processors > FEW_PROCESSORS;
}

/**
 * Begin with a kernel that nobody has asked for, as soon as the page is seen, where that costs nobody anything.
 *
 * @param page - the name of JupyterLite's page
 * @param view - the page's window
 */
export function prewarm(
  begin: () => void,
  page: string,
  view: Pick<Window, 'top' | 'self' | 'navigator' | 'document'> = window
): void {
  const { document, navigator } = view;
  const { deviceMemory: memory, connection } = navigator as Navigator & {
    deviceMemory?: number;
    connection?: IConnection;
  };
  const embedded = view.top !== view.self;
  if (!mayPrewarm({ page, embedded, memory, connection })) return;
  const look = () => {
    // Hidden is also a page that the browser renders ahead, in case it is opened.
    if (document.visibilityState !== 'visible') return;
    document.removeEventListener('visibilitychange', look);
    begin();
  };
  document.addEventListener('visibilitychange', look);
  look();
}

/** A thread is at rest when so many looks at it, so many milliseconds apart, find it with nothing else to do. */
const LOOKS = 2;
const APART = 50;

/** A timer that comes so many milliseconds late has waited for other work. */
const LATE = 8;

/**
 * Wait until this thread has had nothing to do for a moment.
 *
 * @param most - for how long at most, in milliseconds
 */
export async function atRest(most: number): Promise<void> {
  const end = performance.now() + most;
  for (let quiet = 0; quiet < LOOKS && performance.now() < end;) {
    const due = performance.now() + APART;
    await new Promise(resolve => setTimeout(resolve, APART));
    quiet = performance.now() - due < LATE ? quiet + 1 : 0;
  }
}
