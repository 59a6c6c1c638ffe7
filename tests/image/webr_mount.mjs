// Mount images in webR as a user of webR does, and print what R and the file system see in each.
//
// node webr_mount.mjs WEBR_FOLDER IMAGE.tar.gz …

import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [folder, ...images] = process.argv.slice(2);
const { WebR } = await import(pathToFileURL(`${folder}/dist/webr.mjs`).href);
const webR = new WebR({ interactive: false });
await webR.init();
for (const [number, image] of images.entries()) {
  const place = `/mnt/image${number}`;
  await webR.evalRVoid(`webr::mount("${place}", ${JSON.stringify(image)})`);
  const listed = await webR.evalRRaw(
    `list.files("${place}", recursive = TRUE, all.files = TRUE, include.dirs = TRUE)`,
    'string[]'
  );
  const files = {};
  const directories = [];
  for (const name of listed) {
    if (await webR.evalRBoolean(`dir.exists(file.path("${place}", ${JSON.stringify(name)}))`)) {
      directories.push(`/${name}`);
      continue;
    }
    const bytes = await webR.FS.readFile(`${place}/${name}`);
    files[`/${name}`] = createHash('sha256').update(bytes).digest('hex');
  }
  console.log(JSON.stringify({ files, directories }));
}
console.log(
  JSON.stringify(
    await webR.evalRString('paste(readLines("/mnt/image0/data/table.csv"), collapse = "|")')
  )
);
webR.close();
process.exit(0);
