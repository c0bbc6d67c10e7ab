// Makes the types of the API, and of what only our own pages call, from the golden OpenAPI documents. With --check it
// only tells whether the files are what it would write.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = { openapi: 'schema', page: 'page' };

for (const [document, name] of Object.entries(documents)) {
  const args = [`../internal/api/testdata/${document}.golden.json`, '-o', `src/api/${name}.gen.ts`, ...process.argv.slice(2)];
  const { status } = spawnSync('node_modules/.bin/openapi-typescript', args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
