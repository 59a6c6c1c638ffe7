/**
 * The worker where the page is cross-origin isolated: coincident blocks on shared memory until the page has answered,
 * so the contents drive and `input()` need no service worker.
 */
import type { ICoincidentPyodideWorkerKernel } from '@jupyterlite/pyodide-kernel/lib/tokens';
import type {
  TDriveMethod,
  TDriveRequest,
  TDriveResponse
} from '@jupyterlite/services/lib/contents/drivefs';
import { ContentsAPI, DriveFS } from '@jupyterlite/services/lib/contents/drivefs';
import coincident from 'coincident';
import { expose } from 'comlink';

import { FrozenRemoteKernel } from './remote';

const page = coincident(self) as ICoincidentPyodideWorkerKernel;

class SharedMemoryContents extends ContentsAPI {
  request<T extends TDriveMethod>(data: TDriveRequest<T>): TDriveResponse<T> {
    return page.processDriveRequest(data);
  }
}

class SharedMemoryDrive extends DriveFS {
  override createAPI(options: DriveFS.IOptions): ContentsAPI {
    return new SharedMemoryContents(options);
  }
}

class CoincidentKernel extends FrozenRemoteKernel {
  protected createDrive(options: DriveFS.IOptions): DriveFS {
    return new SharedMemoryDrive(options);
  }

  protected sendInputRequest(prompt: string, password: boolean): string | undefined {
    return page.processStdinRequest({ prompt, password });
  }
}

const kernel = new CoincidentKernel();
kernel.registerWorkerMessageCallback(message => page.processWorkerMessage(message));

// The stock kernel's page starts us through coincident; all other requests come through comlink, see kernel.ts.
page.initialize = kernel.initialize.bind(kernel);
expose(kernel);
