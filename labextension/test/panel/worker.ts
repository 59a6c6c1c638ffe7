import { MessageChannel } from 'node:worker_threads';

import type { IReading } from '../../src/panel/reading';
import { type IWorkerPort, serveReading } from '../../src/panel/serve-reading';
import { WorkerReading } from '../../src/panel/worker-reading';

/** What reads images at the other end of a channel: all that passes is posted, as to a worker. */
export function postedReading(): { reading: IReading; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  serveReading(port2 as unknown as IWorkerPort);
  const worker = Object.assign(port1, { terminate: () => port1.close() });
  const { reading } = new WorkerReading(() => worker as unknown as Worker);
  return {
    reading,
    close: () => {
      port1.close();
      port2.close();
    }
  };
}
