import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin, ResolvedConfig } from 'vite';

const worthwhile = new Set(['.js', '.css', '.svg', '.json']);
const smallest = 1024;
const br = promisify(brotliCompress);
const gz = promisify(gzip);

/** Writes `.br` and `.gz` twins beside each hashed asset, so that the server never compresses while somebody waits. */
export function precompress(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'oasis-precompress',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    async closeBundle() {
      const folder = join(config.root, config.build.outDir, config.build.assetsDir);
      for (const name of await readdir(folder)) {
        const file = join(folder, name);
        if (!worthwhile.has(extname(name)) || (await stat(file)).size < smallest) continue;
        const bytes = await readFile(file);
        await Promise.all([
          br(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).then((small) => writeFile(`${file}.br`, small)),
          gz(bytes, { level: 9 }).then((small) => writeFile(`${file}.gz`, small)),
        ]);
      }
    },
  };
}
