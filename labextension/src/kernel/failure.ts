import type { IFailure } from './messages';
import { namesPolicy } from './policy';

/** Put a failed start into words.
 *
 * @param error - what was thrown in the worker
 * @param title - the environment's display name
 */
export function startFailure(error: unknown, title: string): IFailure {
  const [headline, particulars] = reason(error);
  return {
    headline: `${title} could not start: ${headline}`,
    summary: `${title} could not start: ${headline} ${particulars}`.trim(),
    details: details(error)
  };
}

/** Put the end of a running interpreter into words. */
export function fatalFailure(error: unknown, title: string): IFailure {
  const { name, message } = named(error);
  const what =
    name === 'Exit' ? 'Python has exited.' : 'Python has stopped and cannot go on.';
  const headline = `${title}: ${what} Restart the kernel; its variables are lost.`;
  const cause = name === 'Exit' ? '' : ` (${firstLine(message) || name})`;
  return { headline, summary: headline + cause, details: details(error) };
}

/** The worker's own script did not arrive or did not run. */
export function workerFailure(url: string, message: string, title: string): IFailure {
  const headline = `${title} could not start: its program could not be loaded. Reload the page, it may be older than the site.`;
  const reason = message || 'the worker script could not be loaded';
  return { headline, summary: headline, details: `${url}: ${reason}` };
}

/** The page may not load the worker's script. */
export function policyFailure(url: string, directive: string, title: string): IFailure {
  const headline = `${title} could not start: the site's Content-Security-Policy forbids its program. Whoever runs the site can allow it.`;
  return {
    headline,
    summary: `${headline} (${directive})`,
    details: `${url}: expected ${directive} to allow this script`
  };
}

/** What happened and what to do, in a sentence each; then what the error says of itself. */
function reason(error: unknown): [headline: string, particulars: string] {
  const { name, message } = named(error);
  if (namesPolicy(message)) {
    return [
      "the site's Content-Security-Policy forbids WebAssembly. Whoever runs the site can allow it.",
      `In script-src, 'wasm-unsafe-eval' is missing. ${firstLine(message)}`
    ];
  }
  switch (name) {
    case 'EnvironmentError':
    case 'SourceError':
      return [
        'its files could not be loaded. Check the network, then reload the page.',
        message
      ];
    case 'ImageError':
      return ['its files are damaged. Reload the page and try again.', message];
    case 'PythonError':
      return [
        'its packages are not complete. The site has to be built again.',
        message.trim().split('\n').at(-1) ?? ''
      ];
    case 'CompileError':
    case 'LinkError':
      return [
        'this browser cannot run Python. Use a current version.',
        firstLine(message)
      ];
  }
  if (/out of memory|could not allocate memory|memory allocation/i.test(message)) {
    return [
      'there is not enough free memory. Close other tabs, then restart the kernel.',
      ''
    ];
  }
  if (/\bWebAssembly\b/.test(message)) {
    return [
      'this browser cannot run Python. Use a current version.',
      firstLine(message)
    ];
  }
  return [
    'something unexpected happened. Restart the kernel.',
    firstLine(message) || name
  ];
}

function details(error: unknown): string {
  const { name, message } = named(error);
  const stack = error instanceof Error ? error.stack : undefined;
  // Chromium's stacks begin with name and message, Firefox's do not.
  if (stack?.includes(message)) return stack;
  return [`${name}: ${message}`, stack].filter(Boolean).join('\n');
}

/** Emscripten throws objects that are no errors, but have their fields. */
function named(error: unknown): { name: string; message: string } {
  const { name = 'Error', message } = Object(error) as Partial<Error>;
  return { name, message: typeof message === 'string' ? message : String(error) };
}

function firstLine(message: string): string {
  return message.trim().split('\n')[0];
}
