// Giving files to a page: dropping from the desktop, and files made for a test.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The example data of the project, which is also what people try first. */
export const examples = join(import.meta.dirname, '../../../examples');

/** Drags files or folders from the desktop over the page; the browser itself reads them. Returns what lets go of them. */
export async function drag(page, paths) {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize();
  const send = (type) =>
    session.send('Input.dispatchDragEvent', {
      type,
      x: width / 2,
      y: height / 2,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
  await send('dragEnter');
  await send('dragOver');
  return async () => {
    await send('drop');
    await session.detach();
  };
}

/** Drops files or folders on the page. */
export async function drop(page, paths) {
  const letGo = await drag(page, paths);
  await letGo();
}

/** Makes a tar of `amount` small ELN archives, and runs `use` with its path. */
export async function withManyArchives(amount, use) {
  const folder = await mkdtemp(join(tmpdir(), 'oasis-files-'));
  try {
    await mkdir(join(folder, 'series'));
    for (let number = 1; number <= amount; number++) {
      const data = { m_def: 'nomad.datamodel.metainfo.eln.ELNSample', name: `Film ${number}`, lab_id: `FILM-${number}` };
      await writeFile(join(folder, 'series', `film-${number}.archive.json`), JSON.stringify({ data }));
    }
    await promisify(execFile)('tar', ['-cf', join(folder, 'series.tar'), '-C', folder, 'series']);
    return await use(join(folder, 'series.tar'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
