// A large file is sent by the stock client of tus in a page; the tab is closed in the
// middle and opened again, and the file goes on where it was.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { journey } from './lib/journey.mjs';
import { signIn } from './lib/session.mjs';

const password = 'a sentence is fine';
const size = 6 * 2 ** 20 + 5;
const client = createRequire(import.meta.url).resolve('tus-js-client/dist/tus.js');

const resume = await journey('resume', { prepare: (oasis) => oasis.addUser('mara', password, '--admin') });
let mara;
let upload;

/** The bytes that the page makes, too. */
const content = () => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251));

/** Sends the file in the page until it is whole, or until `stopAfter` bytes are there. */
const send = (page, stopAfter) =>
  page.evaluate(
    async ({ upload, size, stopAfter }) => {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
      const file = new File([bytes], 'film.raw', { type: 'application/octet-stream', lastModified: 1 });
      const offsets = [];
      const transfer = await new Promise((done, failed) => {
        const one = new window.tus.Upload(file, {
          endpoint: `../api/v1/uploads/${upload}/tus`,
          chunkSize: 2 ** 20,
          metadata: { filename: 'film.raw', path: 'runs/7/' },
          storeFingerprintForResuming: true,
          onError: failed,
          onSuccess: () => done(one),
          onChunkComplete: (_, accepted) => {
            offsets.push(accepted);
            if (stopAfter && accepted >= stopAfter) one.abort().then(() => done(one), failed);
          },
        });
        one.findPreviousUploads().then((previous) => {
          if (previous.length > 0) one.resumeFromPreviousUpload(previous[0]);
          one.start();
        }, failed);
      });
      return { offsets, url: transfer.url };
    },
    { upload, size, stopAfter },
  );

const open = async () => {
  mara = await resume.person();
  await mara.context.addInitScript({ path: client });
  await signIn(mara.page, resume.oasis, 'mara', password);
};

resume.step('a file is half there when the tab is closed', async () => {
  await open();
  upload = await mara.page.evaluate(async () => (await (await fetch('../api/v1/uploads', { method: 'POST', headers: { Accept: 'application/json' } })).json()).upload_id);
  const { offsets } = await send(mara.page, 3 * 2 ** 20);
  assert.deepEqual(offsets.slice(0, 3), [1, 2, 3].map((n) => n * 2 ** 20));
  const { data } = await mara.page.evaluate(async (id) => (await fetch(`../api/v1/uploads/${id}/tus`)).json(), upload);
  assert.equal(data.length, 1);
  assert.equal(data[0].path, 'runs/7/film.raw');
  assert.ok(data[0].offset >= 3 * 2 ** 20 && data[0].offset < size, `${data[0].offset} bytes are there`);
});

resume.step('the tab is opened again and the file goes on', async () => {
  const again = await mara.context.newPage();
  await mara.page.close();
  await again.goto(resume.oasis.gui);
  await again.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
  const { offsets } = await send(again);
  assert.ok(offsets[0] > 3 * 2 ** 20, `began again at ${offsets[0]}`);
  assert.equal(offsets.at(-1), size);
  const stored = await again.evaluate(async (id) => {
    const answer = await fetch(`../api/v1/uploads/${id}/raw/runs/7/film.raw`);
    return { status: answer.status, bytes: [...new Uint8Array(await crypto.subtle.digest('SHA-256', await answer.arrayBuffer()))] };
  }, upload);
  assert.equal(stored.status, 200);
  assert.equal(Buffer.from(stored.bytes).toString('hex'), createHash('sha256').update(content()).digest('hex'));
  assert.deepEqual(await again.evaluate(async (id) => (await (await fetch(`../api/v1/uploads/${id}/tus`)).json()).data, upload), []);
});
