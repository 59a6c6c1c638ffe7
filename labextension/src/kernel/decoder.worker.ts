/** The worker that fetches and decodes a snapshot while the kernel's own worker starts the runtime. */
import type { IDecoderScope } from '../runtime/snapshot/decoder';
import { serveDecoder } from '../runtime/snapshot/decoder';

serveDecoder(self as unknown as IDecoderScope);
