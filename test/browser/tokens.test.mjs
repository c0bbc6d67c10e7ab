// A token for a script: tried, made, copied, used outside of the browser by the very
// lines the page gives, seen as used, narrowed to what it needed, rotated, revoked and dead.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { signIn } from './lib/session.mjs';

const password = 'a sentence is fine';
const name = 'Titan nightly';

const tokens = await journey('tokens', { prepare: (oasis) => oasis.addUser('mara', password, '--admin') });
const home = await mkdtemp(join(tmpdir(), 'oasis-script-'));
after(() => rm(home, { recursive: true, force: true }));
let mara;
let first;
let second;

/** The status of the answer to somebody who comes with a token. */
const statusWith = async (token, path = 'uploads', init = {}) => (await fetch(`${tokens.oasis.url}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` }, ...init })).status;

/** Waits until the files of an upload were read: until then it takes no others. */
async function processed(id) {
  const running = async () => (await (await fetch(`${tokens.oasis.url}/api/v1/uploads/${id}`, { headers: { Authorization: `Bearer ${first}` } })).json()).data.process_running;
  while (await running()) await new Promise((done) => setTimeout(done, 50));
}

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** Runs lines in a shell as a person would, who pastes `input` when asked. */
async function shell(lines, input) {
  const run = spawn('bash', ['-e', '-c', lines], { cwd: home, env: { PATH: process.env.PATH, HOME: home }, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  run.stdin.end(`${input}\n`);
  const [code] = await once(run, 'close');
  assert.equal(code, 0, output);
  return output;
}

tokens.step('the form says in words what the token will be able to do', async () => {
  mara = await tokens.person({ permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = mara;
  await signIn(page, tokens.oasis, 'mara', password);
  await page.evaluate(() => fetch('../api/v1/uploads?upload_name=Old%20films', { method: 'POST', headers: { Accept: 'application/json' } }));
  await page.getByRole('link', { name: 'Access tokens' }).click();
  await page.getByRole('link', { name: 'New token' }).click();
  await page.getByRole('heading', { level: 1, name: 'New token' }).waitFor();
  await page.getByText('Give it a name first.').waitFor();
  await look(page, 'token-new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('radio', { name: 'Only read' }).check();
  const words = page.getByRole('region', { name: 'In words' });
  await words.getByText('cannot add or delete files').waitFor();
  await page.getByRole('radio', { name: 'Only add files' }).check();
  assert.equal(await page.getByRole('checkbox', { name: 'Only add', exact: true }).isChecked(), true);
  await words.getByText(/It cannot see, change or delete anything/).waitFor();
  await page.getByRole('checkbox', { name: /\(uploads:read\)$/ }).check();
  assert.equal(await page.getByRole('radio', { name: 'Choose myself' }).isChecked(), true);
  await words.getByRole('button', { name: 'Switch it off' }).click();
  await words.getByText(/may (make and change uploads|read uploads)/).waitFor();
  assert.equal(await page.getByRole('checkbox', { name: /\(tokens:create\)$/ }).isDisabled(), true);
  await page.getByRole('button', { name: /guard nothing yet/ }).click();
  await page.getByLabel('Ends', { exact: true }).selectOption({ label: 'in 7 days' });
});

tokens.step('its limits, and what the server would let it do, are there before it is made', async () => {
  const { page } = mara;
  await page.getByRole('checkbox', { name: 'Only from these networks' }).check();
  const field = page.getByRole('textbox', { name: 'Only from these networks' });
  await field.fill('192.0.2.0/24');
  await field.press('Enter');
  await page.getByText('You are now at 127.0.0.1, which is outside: you could not use it from here.').waitFor();
  await page.getByRole('button', { name: 'Put in my address' }).click();
  await page.getByText('You are now at 127.0.0.1, which is inside.').waitFor();
  assert.equal(await field.inputValue(), '192.0.2.0/24, 127.0.0.1');
  const tried = page.getByRole('region', { name: 'Try this token' });
  await tried.getByText(/^The server would let it call \d+ operations and refuse \d+ others\.$/).waitFor();
  await tried.getByText('It was not given the right to read entries').click();
  await tried.getByText('Search entries', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'Only these uploads' }).check();
  await page.getByText('Choose at least one upload, or switch that limit off.').waitFor();
  await page.getByRole('button', { name: 'Add Old films' }).click();
  await page.getByText(/Only in 1 upload; it cannot create new ones\./).waitFor();
  await page.getByText('The same as a command').click();
  await page.getByText(/--network 192\.0\.2\.0\/24/).waitFor();
  await look(page, 'token-new-filled');
  await page.getByRole('checkbox', { name: 'Only these uploads' }).uncheck();
});

tokens.step('the token is shown once and copied', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('heading', { level: 1, name: `“${name}” is ready` }).waitFor();
  await page.getByText('This is the only time the token is shown.').waitFor();
  await page.getByText('Waiting for its first use…').waitFor();
  await look(page, 'token-reveal');
  await page.getByRole('button', { name: 'Copy the token' }).click();
  first = await clipboard(page);
  assert.match(first, /^nomad_pat_/);
  assert.equal(await page.evaluate((token) => JSON.stringify([localStorage, sessionStorage, location.href]).includes(token), first), false, 'the token is kept in the browser');
});

tokens.step('the lines beside it work in a shell, and the page sees it', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'Copy the curl lines' }).click();
  const lines = await clipboard(page);
  assert.ok(!lines.includes(first), 'the token stands on the command line');
  await writeFile(join(home, 'scan.csv'), 'angle,counts\n25.3,1200\n');
  const answer = await shell(lines.replaceAll('FILE', 'scan.csv'), first);
  assert.match(answer, /Thanks for uploading/);
  await page.getByText(/^Worked: .* from 127\.0\.0\.1\.$/).waitFor();
  const uploads = await (await fetch(`${tokens.oasis.url}/api/v1/uploads`, { headers: { Authorization: `Bearer ${first}` } })).json();
  assert.equal(uploads.data.length, 2);
  await look(page, 'token-used');
});

tokens.step('it can do nothing more than what was chosen', async () => {
  assert.equal(await statusWith(first, 'uploads'), 200);
  assert.equal(await statusWith(first, 'entries'), 403);
  const answer = await fetch(`${tokens.oasis.url}/api/v1/auth/pats`, { headers: { Authorization: `Bearer ${first}` } });
  assert.equal(answer.status, 403);
});

tokens.step('the list tells when and from where it was last used, and when it ends', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'I have saved it' }).click();
  const row = page.getByRole('row', { name: new RegExp(name) });
  await row.getByText('from 127.0.0.1', { exact: true }).waitFor();
  await row.getByText('ends in 6 days').waitFor();
  await row.getByText('only from 192.0.2.0/24').waitFor();
  assert.equal(await page.getByText(first).count(), 0);
  await look(page, 'tokens');
});

tokens.step('the details tell what it was used for, and fill in a narrower one', async () => {
  const { page } = mara;
  await fetch(`${tokens.oasis.url}/api/v1/users/me`, { headers: { Authorization: `Bearer ${first}` } });
  await page.getByRole('button', { name: `Details of ${name}` }).click();
  const dialog = page.getByRole('dialog', { name });
  await dialog.getByText('uploads:write', { exact: true }).waitFor();
  await look(page, 'token-details');
  await dialog.getByRole('link', { name: 'Make one like it' }).click();
  await page.getByRole('heading', { level: 1, name: 'New token' }).waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), name);
  assert.equal(await page.getByRole('textbox', { name: 'Only from these networks' }).inputValue(), '192.0.2.0/24, 127.0.0.1');
  await page.goBack();
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

tokens.step('a token that may only add does just that, and only in its upload', async () => {
  const { page } = mara;
  const uploads = await (await fetch(`${tokens.oasis.url}/api/v1/uploads`, { headers: { Authorization: `Bearer ${first}` } })).json();
  const old = uploads.data.find((upload) => upload.upload_name === 'Old films').upload_id;
  const other = uploads.data.find((upload) => upload.upload_id !== old).upload_id;
  await page.goto(`${tokens.oasis.gui}account/tokens/new?name=Camera&scope=uploads:write&append_only=1&upload=${old}`);
  await page.getByRole('button', { name: 'Remove Old films' }).waitFor();
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('button', { name: 'Copy the token' }).click();
  const camera = await clipboard(page);
  const put = (upload, file) => statusWith(camera, `uploads/${upload}/raw/?file_name=${file}`, { method: 'PUT', headers: { Authorization: `Bearer ${camera}` }, body: 'x' });
  await page.getByRole('button', { name: 'Copy the curl lines' }).click();
  const lines = await clipboard(page);
  await writeFile(join(home, 'frame.csv'), 'x,y\n1,2\n');
  await shell(lines.replaceAll('FILE', 'frame.csv'), camera);
  await processed(old);
  assert.equal(await put(old, 'frame.csv'), 409);
  assert.equal(await put(other, 'frame.csv'), 403);
  assert.equal(await statusWith(camera, `uploads/${old}`), 403);
  await page.getByRole('button', { name: 'I have saved it' }).click();
  await page.getByRole('button', { name: 'Revoke Camera' }).click();
  await page.getByRole('button', { name: 'Revoke the token' }).click();
  await page.getByRole('row', { name: /Camera/ }).waitFor({ state: 'detached' });
});

tokens.step('rotating it gives a new one and ends the old one at once', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: `Rotate ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Rotate “${name}”?` });
  await dialog.waitFor();
  await look(page, 'token-rotate');
  await dialog.getByRole('button', { name: 'Rotate the token' }).click();
  await page.getByRole('heading', { level: 1, name: `“${name}” is ready` }).waitFor();
  await page.getByRole('button', { name: 'Copy the token' }).click();
  second = await clipboard(page);
  assert.notEqual(second, first);
  assert.equal(await statusWith(first), 401);
  assert.equal(await statusWith(second), 200);
});

tokens.step('leaving a token that was not copied asks first', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'I have saved it' }).click();
  await page.getByRole('button', { name: `Rotate ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate the token' }).click();
  await page.getByRole('heading', { level: 1, name: `“${name}” is ready` }).waitFor();
  second = await page.getByTestId('raw-token').textContent();
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.message());
    void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
  });
  await page.getByRole('button', { name: 'I have saved it' }).click();
  assert.equal(asked.length, 1);
  await page.getByRole('heading', { level: 1, name: `“${name}” is ready` }).waitFor();
  await page.getByRole('button', { name: 'I have saved it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor();
  assert.equal(asked.length, 2);
});

tokens.step('a revoked token is dead, and stands under Ended', async () => {
  const { page } = mara;
  assert.equal(await statusWith(second), 200);
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Revoke “${name}”?` });
  await dialog.getByText(/It stops working at once/).waitFor();
  await look(page, 'token-revoke');
  await dialog.getByRole('button', { name: 'Revoke the token' }).click();
  await page.getByText('No tokens yet.').waitFor();
  assert.equal(await statusWith(second), 401);
  await page.getByText('Ended', { exact: true }).click();
  await page.getByRole('row', { name: new RegExp(name) }).first().getByText('Revoked', { exact: true }).waitFor();
  await page.getByRole('row', { name: new RegExp(name) }).last().getByText('Replaced').waitFor();
  await look(page, 'tokens-ended');
});
