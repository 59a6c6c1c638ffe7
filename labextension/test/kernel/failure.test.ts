import { describe, expect, test } from 'vitest';

import {
  fatalFailure,
  policyFailure,
  startFailure,
  workerFailure
} from '../../src/kernel/failure';
import { dispatch } from '../../src/kernel/messages';

/** An error as it is thrown in a worker. */
function error(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** JupyterLab cuts a notification here. */
const NOTIFICATION = 140;

describe('a start that failed, in words', () => {
  const cases: [what: string, thrown: unknown, says: RegExp][] = [
    [
      'missing files',
      error('EnvironmentError', 'https://x/e.json answered 404'),
      /files could not be loaded/
    ],
    [
      'a network that fails',
      error('SourceError', 'https://x/i.img did not answer'),
      /files could not be loaded/
    ],
    [
      'a damaged image',
      error('ImageError', 'image.img: chunk 3 is damaged'),
      /files are damaged/
    ],
    [
      'an incomplete image',
      error('PythonError', "Traceback…\nModuleNotFoundError: No module named 'comm'\n"),
      /packages are not complete/
    ],
    [
      'too little memory',
      new RangeError('WebAssembly.Memory(): could not allocate memory'),
      /not enough free memory/
    ],
    [
      'an old browser',
      error('CompileError', 'WebAssembly.instantiate(): invalid opcode'),
      /browser cannot run Python/
    ],
    [
      'a browser without WebAssembly',
      new ReferenceError('WebAssembly is not defined'),
      /browser cannot run Python/
    ],
    ...[
      "WebAssembly.instantiate(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because neither 'wasm-eval' nor 'unsafe-eval' is an allowed source of script",
      'call to WebAssembly.instantiate() blocked by CSP'
    ].map((message): [string, unknown, RegExp] => [
      `a policy that forbids WebAssembly: ${message.slice(0, 24)}…`,
      error('CompileError', message),
      /Content-Security-Policy forbids WebAssembly/
    ]),
    ['anything else', new TypeError('x is not a function'), /something unexpected/],
    ['what is no error', 'a text', /something unexpected/]
  ];

  test.each(cases)('%s', (_, thrown, says) => {
    const { headline, summary } = startFailure(thrown, 'Course');
    expect(headline).toMatch(says);
    expect(headline).toMatch(/^Course could not start: /);
    expect(headline.length).toBeLessThan(NOTIFICATION);
    expect(summary.startsWith(headline)).toBe(true);
  });

  test('what the error names is told: the file, the chunk', () => {
    expect(
      startFailure(error('ImageError', 'image.img: chunk 3 is damaged'), 'Course')
        .summary
    ).toContain('image.img: chunk 3 is damaged');
  });

  test('of a traceback the last line is told, all of it is in the details', () => {
    const text =
      'Traceback (most recent call last):\n  File "x"\nModuleNotFoundError: No module named \'comm\'\n';
    const { summary, details } = startFailure(error('PythonError', text), 'Course');
    expect(summary).toContain("ModuleNotFoundError: No module named 'comm'");
    expect(summary).not.toContain('Traceback');
    expect(details).toContain('Traceback');
  });

  test('details have the message even where the stack has not (Firefox)', () => {
    const thrown = Object.assign(error('TypeError', 'no'), {
      stack: 'f@https://x/worker.js:1:2'
    });
    expect(startFailure(thrown, 'Course').details).toBe(
      'TypeError: no\nf@https://x/worker.js:1:2'
    );
  });

  test('a worker that does not load is named by its URL', () => {
    const { headline, details } = workerFailure(
      'https://x/comlink.worker.js',
      '',
      'Course'
    );
    expect(headline.length).toBeLessThan(NOTIFICATION);
    expect(details).toContain('https://x/comlink.worker.js');
  });
});

test('a worker that a policy forbids is named by its URL and the directive', () => {
  const { headline, summary, details } = policyFailure(
    'https://x/comlink.worker.js',
    'worker-src',
    'Course'
  );
  expect(headline.length).toBeLessThan(NOTIFICATION);
  expect(summary).toContain('worker-src');
  expect(details).toContain('https://x/comlink.worker.js');
});

describe('an interpreter that has ended', () => {
  test('by an exit', () => {
    expect(fatalFailure(error('Exit', 'exit(1)'), 'Course').headline).toMatch(
      /Python has exited.*Restart/
    );
  });

  test('by a fatal error, which is named', () => {
    const { headline, summary } = fatalFailure(
      error('RuntimeError', 'memory access out of bounds'),
      'Course'
    );
    expect(headline).toMatch(/stopped.*Restart/);
    expect(summary).toContain('memory access out of bounds');
  });
});

describe('messages of a worker', () => {
  const heard = (data: unknown) => {
    const calls: unknown[] = [];
    dispatch(data, {
      progress: value => calls.push(['progress', value]),
      log: value => calls.push(['log', value]),
      compiled: value => calls.push(['compiled', value]),
      started: value => calls.push(['started', value]),
      failure: value => calls.push(['failure', value])
    });
    return calls;
  };

  test('reach their handler', () => {
    const progress = { step: 'python', label: 'Starting Python' };
    expect(heard({ _frozenProgress: progress })).toEqual([['progress', progress]]);
    const entry = { type: 'text', level: 'warning', data: 'slow' };
    expect(heard({ _frozenLog: entry })).toEqual([['log', entry]]);
    expect(heard({ _frozenCompiled: {} })).toEqual([['compiled', {}]]);
    const started = { python: '3.14.2', pyodide: '314.0.7' };
    expect(heard({ _frozenStarted: started })).toEqual([['started', started]]);
  });

  test.each([
    ['comlink', { id: '1', type: 'RAW', value: undefined }],
    [
      'coincident',
      { '64e10b34-2bf7-4616-9668-f99de5aa046e': [1, null, 'execute', []] }
    ],
    ['the stock kernel', { _kernelMessage: { type: 'stream' } }],
    ['nobody', null],
    ['nobody', 'text']
  ])('of %s are left alone', (_, data) => {
    expect(heard(data)).toEqual([]);
  });
});
