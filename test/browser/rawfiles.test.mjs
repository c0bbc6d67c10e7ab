// Files of users are saved, never run: a page or a picture with a script in it has
// no rights here, even in a browser that would show it.
import assert from 'node:assert/strict';
import { journey } from './lib/journey.mjs';
import { signIn } from './lib/session.mjs';

const password = 'a sentence is fine';
const call = "new Image().src = '/nomad-oasis/ran-' + encodeURIComponent(document.cookie || 'none')";
const files = {
  'evil.html': `<!doctype html><title>evil</title><script>${call}</script><body onload="${call}">`,
  'evil.svg': `<svg xmlns="http://www.w3.org/2000/svg" onload="${call}"><script>${call}</script></svg>`,
  'evil.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><head><script>${call}</script></head><body>x</body></html>`,
  'evil.txt': `<script>${call}</script>`,
};

const raw = await journey('rawfiles', {
  prepare: async (oasis) => {
    await oasis.addUser('mara', password, '--admin');
  },
});
let mara;
let at;

raw.step('somebody stores files with scripts in them', async () => {
  mara = await raw.person();
  await signIn(mara.page, raw.oasis, 'mara', password);
  const id = await mara.page.evaluate(async (files) => {
    const json = { Accept: 'application/json' };
    const made = await (await fetch('/nomad-oasis/api/v1/uploads?upload_name=evil', { method: 'POST', headers: json })).json();
    for (const [name, text] of Object.entries(files)) {
      const answer = await fetch(`/nomad-oasis/api/v1/uploads/${made.upload_id}/raw/?file_name=${name}`, { method: 'PUT', headers: json, body: text });
      if (!answer.ok) throw new Error(await answer.text());
    }
    return made.upload_id;
  }, files);
  at = `${raw.oasis.url}/api/v1/uploads/${id}/raw/`;
});

raw.step('opening them saves them', async () => {
  for (const name of Object.keys(files)) {
    const saved = mara.page.waitForEvent('download');
    await mara.page.goto(at + name).catch((error) => assert.match(String(error), /Download is starting|ERR_ABORTED/));
    assert.equal((await saved).suggestedFilename(), name);
  }
});

raw.step('a browser that shows them all the same runs nothing of them', async () => {
  const { page, context } = mara;
  mara.expect(/sandbox|Content Security Policy|favicon/i);
  // Without the header that says to save, and, to see that the test would notice, without any protection.
  for (const guarded of [true, false]) {
    for (const name of ['evil.html', 'evil.svg', 'evil.xhtml']) {
      const calls = [];
      const notice = (request) => request.url().includes('/ran-') && calls.push(request.url());
      context.on('request', notice);
      await page.route(at + name, async (route) => {
        const response = await route.fetch();
        const headers = response.headers();
        delete headers['content-disposition'];
        if (!guarded) delete headers['content-security-policy'];
        if (name === 'evil.xhtml') headers['content-type'] = 'application/xhtml+xml';
        await route.fulfill({ response, headers });
      });
      await page.goto(at + name, { waitUntil: 'load' });
      await page.goto('about:blank');
      await page.unroute(at + name);
      context.off('request', notice);
      if (guarded) assert.deepEqual(calls, [], `${name} ran`);
      else assert.notEqual(calls.length, 0, `${name} would never run: the test shows nothing`);
    }
  }
  mara.expect(/404/); // what the unguarded ones asked for
});
