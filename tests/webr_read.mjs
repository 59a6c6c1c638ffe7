// Mount a compressed image in webR; print how many files it sees, and the SHA-256 of some.
//
// node webr_read.mjs WEBR_FOLDER IMAGE.tar.gz PATH...

import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [folder, image, ...paths] = process.argv.slice(2);
const { WebR } = await import(pathToFileURL(`${folder}/dist/webr.mjs`).href);
const webR = new WebR({ interactive: false });
await webR.init();
await webR.evalRVoid(`webr::mount("/mnt/image", ${JSON.stringify(image)})`);
const count = await webR.evalRNumber(
  'length(list.files("/mnt/image", recursive = TRUE, all.files = TRUE))'
);
const sha256 = {};
for (const path of paths) {
  const bytes = await webR.FS.readFile(`/mnt/image${path}`);
  sha256[path] = createHash('sha256').update(bytes).digest('hex');
}
console.log(JSON.stringify({ count, sha256 }));
webR.close();
process.exit(0);
