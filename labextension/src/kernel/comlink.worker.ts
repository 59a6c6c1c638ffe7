/**
 * The worker where the page is not cross-origin isolated: the contents drive and `input()` reach the page through
 * JupyterLite's service worker, everything else through comlink.
 */
import { createMessage } from '@jupyterlab/services/lib/kernel/messages';
import type {
  IInputReplyMsg,
  IInputRequestMsg
} from '@jupyterlab/services/lib/kernel/messages';
import { DriveFS } from '@jupyterlite/services/lib/contents/drivefs';
import { expose } from 'comlink';

import { FrozenRemoteKernel } from './remote';

class ComlinkKernel extends FrozenRemoteKernel {
  protected createDrive(options: DriveFS.IOptions): DriveFS {
    return new DriveFS(options);
  }

  /** A synchronous request that the service worker answers when the person has. */
  protected sendInputRequest(prompt: string, password: boolean): string | undefined {
    const parent = this.formatResult(this._kernel._parent_header)['header'];
    const request = createMessage<IInputRequestMsg>({
      channel: 'stdin',
      msgType: 'input_request',
      session: parent?.session ?? '',
      parentHeader: parent,
      content: { prompt, password }
    });
    const { baseUrl, browsingContextId } = this._options!;
    try {
      if (!browsingContextId) {
        throw new Error(
          'this page has no service worker (reloaded past its caches, private window, or plain http)'
        );
      }
      const xhr = new XMLHttpRequest();
      xhr.open('POST', new URL('api/stdin/kernel', baseUrl), false);
      xhr.send(JSON.stringify({ browsingContextId, data: request }));
      const reply = JSON.parse(xhr.response as string) as
        IInputReplyMsg | { error: string };
      if ('error' in reply) throw new Error(reply.error);
      return 'value' in reply.content ? reply.content.value : undefined;
    } catch (error) {
      console.warn(`input() cannot reach the page: ${String(error)}`);
      return undefined;
    }
  }
}

const kernel = new ComlinkKernel();
// Messages without comlink's `id`, which the page of the stock kernel reads beside it.
kernel.registerWorkerMessageCallback(message =>
  postMessage({ _kernelMessage: message })
);
expose(kernel);
