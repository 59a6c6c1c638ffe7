/** The worker of a page that reads images for the panel. */
import { type IWorkerPort, serveReading } from './serve-reading';

serveReading(self as unknown as IWorkerPort);
